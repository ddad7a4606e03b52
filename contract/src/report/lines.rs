//! A report as JSON lines: one object a case, and one for the whole run at the end.

use serde_json::{Value, json};

use super::member::put;
use super::{Report, causes};
use crate::failure::{Failure, Severity};
use crate::verdict::{CaseOutcome, Verdict};

/// Returns the report as JSON lines.
pub fn lines(report: &Report<'_>) -> String {
    let mut text = String::new();
    for verdict in &report.verdicts {
        text.push_str(&line(report, verdict).to_string());
        text.push('\n');
    }
    let causes = causes(report);
    let of = |severity| {
        let all = causes.iter().filter(|it| it.failure.severity == severity);
        all.filter(|it| !report.known.contains_key(&it.id)).count()
    };
    let untested: Vec<Value> = report
        .untested()
        .into_iter()
        .map(|(operation, reason)| json!({"operation": report.operation(operation), "reason": reason}))
        .collect();
    let last = json!({
        "summary": {
            "cases": report.counts().total(),
            "errors": of(Severity::Error),
            "warnings": of(Severity::Warning),
            "known": causes.iter().filter(|it| report.known.contains_key(&it.id)).count(),
            "operations": report.selected.len(),
            "untested": untested,
            "stopped": report.stopped,
        }
    });
    text.push_str(&format!("{last}\n"));
    text
}

fn line(report: &Report<'_>, verdict: &Verdict) -> Value {
    let case = &verdict.case;
    let operation = report.api.operations.get(case.operation);
    let millis = u64::try_from(verdict.elapsed.as_millis()).unwrap_or(u64::MAX);
    let mut line = json!({
        "operation": report.operation(case.operation),
        "kind": case.kind.as_str(),
        "name": case.name,
        "id": operation.map(|operation| case.id(operation)),
        "ms": millis,
    });
    match &verdict.outcome {
        CaseOutcome::Kept(status) => {
            put(&mut line, "outcome", "kept");
            put(&mut line, "status", *status);
        }
        CaseOutcome::Skipped(reason) => {
            put(&mut line, "outcome", "skipped");
            put(&mut line, "reason", reason.as_str());
        }
        CaseOutcome::Broken { broken, exchanges } => {
            put(&mut line, "outcome", "broken");
            put(&mut line, "status", exchanges.last().map(crate::exchange::Exchange::status));
            put(&mut line, "failures", broken.iter().map(failure).collect::<Vec<_>>());
        }
    }
    line
}

fn failure(failure: &Failure) -> Value {
    json!({
        "severity": failure.severity.as_str(),
        "check": failure.check.to_string(),
        "message": failure.message,
    })
}

//! A report as SARIF 2.1.0 (OASIS), for code scanning: a result for each cause.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::member::put;
use super::{Cause, Report, causes};

/// Returns the report as SARIF; what a check is called is the rule.
pub fn sarif(report: &Report<'_>) -> String {
    let causes = causes(report);
    let rules: BTreeSet<String> = causes.iter().map(rule).collect();
    let results: Vec<Value> = causes.iter().map(|cause| result(report, cause)).collect();
    let value = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "descant test",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|id| json!({"id": id})).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{value:#}\n")
}

/// The check and the kind of case: `status-body`.
fn rule(cause: &Cause<'_>) -> String {
    format!("{}-{}", cause.failure.check, cause.verdict.case.kind.as_str()).replace(' ', "-")
}

fn result(report: &Report<'_>, cause: &Cause<'_>) -> Value {
    let known = report.known.get(&cause.id);
    let level = if known.is_some() { "note" } else { cause.failure.severity.as_str() };
    let case = &cause.verdict.case;
    let title = format!("{} – {}: {}", report.operation(case.operation), case.kind.as_str(), case.name);
    let mut result = json!({
        "ruleId": rule(cause),
        "level": level,
        "message": {"text": format!("{title}: {}", cause.failure)},
        "partialFingerprints": {"cause/v1": cause.id},
    });
    if let Some(reason) = known {
        put(&mut result, "suppressions", json!([{"kind": "external", "justification": reason}]));
    }
    if let Some(origin) = cause.place(report) {
        let mut location = json!({"logicalLocations": [{"fullyQualifiedName": &*origin.pointer}]});
        if let Some(place) = report.place(origin) {
            put(
                &mut location,
                "physicalLocation",
                json!({
                    "artifactLocation": {"uri": uri(&place.file)},
                    "region": {"startLine": place.line, "startColumn": place.column},
                }),
            );
        }
        put(&mut result, "locations", json!([location]));
    }
    result
}

/// A file's name as a relative reference (RFC 3986, 4.2).
fn uri(name: &str) -> String {
    let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let of = |byte: u8| if kept(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    name.bytes().map(of).collect()
}

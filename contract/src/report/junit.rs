//! A report as JUnit XML: a suite an operation, a case a test.

use std::collections::HashMap;
use std::fmt::Write;

use indexmap::IndexMap;

use super::curl::script;
use super::human::body;
use super::markup::escaped;
use super::{Counts, Report};
use crate::failure::{Failure, Severity};
use crate::verdict::{CaseOutcome, Verdict};

/// The report as JUnit XML.
pub fn junit(report: &Report<'_>) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let title = escaped(&report.api.info.title);
    let _ = writeln!(xml, "<testsuites name=\"{title}\" {}>", head(&report.counts()));
    let mut counts: IndexMap<usize, Counts> = IndexMap::new();
    for verdict in &report.verdicts {
        counts.entry(verdict.case.operation).or_default().add(verdict);
    }
    for left in &report.left_out {
        counts.entry(left.operation).or_default().skipped += 1;
    }
    for operation in &report.selected {
        suite(report, *operation, counts.get(operation).unwrap_or(&Counts::default()), &mut xml);
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn head(counts: &Counts) -> String {
    format!("tests=\"{}\" failures=\"{}\" skipped=\"{}\"", counts.total(), counts.broken, counts.skipped)
}

fn suite(report: &Report<'_>, operation: usize, counts: &Counts, xml: &mut String) {
    let name = escaped(&report.operation(operation));
    let _ = writeln!(xml, "  <testsuite name=\"{name}\" {}>", head(counts));
    let mut titles: HashMap<String, usize> = HashMap::new();
    // Names must differ: readers merge tests of one name.
    let mut unique = |title: String| {
        let count = titles.entry(title.clone()).or_default();
        *count += 1;
        if *count == 1 { title } else { format!("{title} ({count})") }
    };
    for verdict in report.verdicts.iter().filter(|verdict| verdict.case.operation == operation) {
        let title = unique(format!("{}: {}", verdict.case.kind.as_str(), verdict.case.name));
        let time = format!(" time=\"{:.3}\"", verdict.elapsed.as_secs_f64());
        test(&name, &title, &time, &inside(report, verdict), xml);
    }
    for left in report.left_out.iter().filter(|left| left.operation == operation) {
        test(&name, &unique(left.kind.as_str().to_owned()), "", &skipped(&left.reason), xml);
    }
    xml.push_str("  </testsuite>\n");
}

fn test(class: &str, title: &str, time: &str, inside: &str, xml: &mut String) {
    let title = escaped(title);
    let end = if inside.is_empty() { "/>".to_owned() } else { format!(">{inside}</testcase>") };
    let _ = writeln!(xml, "    <testcase classname=\"{class}\" name=\"{title}\"{time}{end}");
}

/// What stands in the element of a test case; warnings do not fail it.
fn inside(report: &Report<'_>, verdict: &Verdict) -> String {
    match &verdict.outcome {
        CaseOutcome::Kept(_) => String::new(),
        CaseOutcome::Skipped(reason) => skipped(reason),
        CaseOutcome::Broken { broken, exchanges } => {
            let line = |failure: &Failure| format!("{}: {failure}", failure.severity.as_str());
            let lines: Vec<String> = broken.iter().map(line).collect();
            let calls = script(report, &verdict.case.steps, exchanges);
            let text = lines.iter().cloned().chain(calls).collect::<Vec<_>>().join("\n");
            let errors = broken.iter().filter(|failure| failure.severity == Severity::Error);
            let failure = errors.take(1).map(|error| {
                format!("<failure message=\"{}\">{}</failure>", escaped(&error.to_string()), escaped(&text))
            });
            let answer = exchanges.last().and_then(|exchange| exchange.answer.as_ref().ok());
            let output = answer.map(|answer| {
                let shown = format!("{}\n{}", answer.status, body(answer));
                format!("<system-out>{}</system-out>", escaped(&shown))
            });
            failure.chain(output).collect()
        }
    }
}

fn skipped(reason: &str) -> String {
    format!("<skipped message=\"{}\"/>", escaped(reason))
}

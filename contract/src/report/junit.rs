//! A report as JUnit XML: a suite an operation, a case a test.

use std::fmt::Write;

use super::{Report, curl};
use crate::run::{Outcome, Verdict};

/// The report as JUnit XML.
pub fn junit(report: &Report<'_>) -> String {
    let counts = report.counts();
    let total = counts.kept + counts.broken + counts.skipped;
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let head = format!("tests=\"{total}\" failures=\"{}\" skipped=\"{}\"", counts.broken, counts.skipped);
    let _ = writeln!(xml, "<testsuites name=\"{}\" {head}>", escaped(&report.api.info.title));
    for operation in 0..report.api.operations.len() {
        suite(report, operation, &mut xml);
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn suite(report: &Report<'_>, operation: usize, xml: &mut String) {
    let counts = report.count(|o, _| o == operation);
    let total = counts.kept + counts.broken + counts.skipped;
    let name = escaped(&report.operation(operation));
    let head = format!("tests=\"{total}\" failures=\"{}\" skipped=\"{}\"", counts.broken, counts.skipped);
    let _ = writeln!(xml, "  <testsuite name=\"{name}\" {head}>");
    for verdict in report.verdicts.iter().filter(|verdict| verdict.case.operation == operation) {
        let title = format!("{}: {}", verdict.case.kind.as_str(), verdict.case.name);
        test(&name, &title, &inside(report, verdict), xml);
    }
    for left in report.left_out.iter().filter(|left| left.operation == operation) {
        test(&name, left.kind.as_str(), &skipped(&left.reason), xml);
    }
    xml.push_str("  </testsuite>\n");
}

fn test(class: &str, title: &str, inside: &str, xml: &mut String) {
    let title = escaped(title);
    let end = if inside.is_empty() { "/>".to_owned() } else { format!(">{inside}</testcase>") };
    let _ = writeln!(xml, "    <testcase classname=\"{class}\" name=\"{title}\"{end}");
}

/// What stands in the element of a test case.
fn inside(report: &Report<'_>, verdict: &Verdict) -> String {
    match &verdict.outcome {
        Outcome::Kept(_) => String::new(),
        Outcome::Skipped(reason) => skipped(reason),
        Outcome::Broken { broken, exchanges } => {
            let lines = broken.iter().map(|broken| format!("{}: {}", broken.check, broken.message));
            let lines: Vec<String> = lines.collect();
            let calls = verdict
                .case
                .steps
                .iter()
                .take(exchanges.len())
                .map(|step| curl(report, &step.call, exchanges));
            let text = lines.iter().cloned().chain(calls).collect::<Vec<_>>().join("\n");
            let message = lines.first().cloned().unwrap_or_default();
            format!("<failure message=\"{}\">{}</failure>", escaped(&message), escaped(&text))
        }
    }
}

fn skipped(reason: &str) -> String {
    format!("<skipped message=\"{}\"/>", escaped(reason))
}

/// Text for an element or an attribute; characters that XML 1.0 cannot hold become U+FFFD.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\u{9}' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => out.push(c),
            _ => out.push('\u{fffd}'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_xml_cannot_hold_is_replaced() {
        let check = |text: &str, expected: &str| assert_eq!(escaped(text), expected, "{text:?}");
        check("a<b> & \"c\"\n", "a&lt;b&gt; &amp; &quot;c&quot;&#10;");
        check("\u{0}\u{1b}[31m\u{fffe}é😀", "\u{fffd}\u{fffd}[31m\u{fffd}é😀");
    }
}

//! What GitHub shows of a run: annotations on the lines of the document, and the summary of a step.

use std::fmt::Write;

use super::{Cause, Report, causes};
use crate::failure::Severity;

/// The most annotations: GitHub shows ten of a kind in a step.
const MOST: usize = 50;

/// Returns workflow commands, one a cause.
pub fn annotations(report: &Report<'_>) -> String {
    let mut text = String::new();
    for cause in causes(report).iter().take(MOST) {
        let case = &cause.verdict.case;
        let level =
            if report.known.contains_key(&cause.id) { "notice" } else { cause.failure.severity.as_str() };
        let place = cause.place(report).and_then(|origin| report.place(origin));
        let place =
            place.map(|it| format!("file={},line={},col={},", property(&it.file), it.line, it.column));
        let title = format!("{} – {}", report.operation(case.operation), case.kind.as_str());
        let message = format!("{}: {}", case.name, cause.failure);
        let _ = writeln!(
            text,
            "::{level} {}title={}::{}",
            place.unwrap_or_default(),
            property(&title),
            escaped(&message)
        );
    }
    text
}

fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}

/// Returns the summary of a step as Markdown: the counts, the causes, and what was not tested.
pub fn summary(report: &Report<'_>) -> String {
    let causes = causes(report);
    let of =
        |severity| causes.iter().filter(|it| is_open(report, it) && it.failure.severity == severity).count();
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    let mut text = format!("## Contract tests of {}\n\n", cell(&report.api.info.title));
    let untested = report.untested();
    let _ = writeln!(
        text,
        "**{errors} errors, {warnings} warnings** in {} cases; {} of {} operations tested\n",
        report.counts().total(),
        report.selected.len().saturating_sub(untested.len()),
        report.selected.len()
    );
    if !causes.is_empty() {
        text.push_str("| | operation | case | found | cases |\n|---|---|---|---|---|\n");
    }
    for cause in causes.iter().take(MOST) {
        let case = &cause.verdict.case;
        let level = if is_open(report, cause) { cause.failure.severity.as_str() } else { "known" };
        let _ = writeln!(
            text,
            "| {level} | {} | {}: {} | {} | {} |",
            cell(&report.operation(case.operation)),
            case.kind.as_str(),
            cell(&case.name),
            cell(&cause.failure.to_string()),
            cause.cases
        );
    }
    if causes.len() > MOST {
        let _ = writeln!(text, "\nand {} more", causes.len() - MOST);
    }
    for (operation, reason) in untested.iter().take(MOST) {
        let _ = writeln!(text, "\n- not tested: {}: {}", cell(&report.operation(*operation)), cell(reason));
    }
    text
}

fn is_open(report: &Report<'_>, cause: &Cause<'_>) -> bool {
    !report.known.contains_key(&cause.id)
}

/// Text for a cell of a table.
fn cell(text: &str) -> String {
    let visible = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    visible.replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;").replace('`', "'")
}

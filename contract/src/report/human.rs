//! A report for people.

use std::fmt::Write;

use indexmap::IndexMap;

use super::curl::script;
use super::{Cause, Counts, Report, causes, table};
use crate::exchange::{Exchange, HttpResponse};
use crate::failure::Severity;

/// How many bytes of a body are shown.
const SHOWN: usize = 300;
/// How many operations of one cause are named.
const NAMED: usize = 5;
/// How many records are named that could not be deleted.
const LEFT: usize = 50;
/// Headers that say nothing about a failure, and differ from run to run.
const UNTOLD: [&str; 7] =
    ["date", "server", "connection", "content-length", "keep-alive", "transfer-encoding", "age"];

/// Returns the beginning of a text that is too long to read.
fn clipped(text: &str) -> String {
    let shown: String = text.chars().take(SHOWN).collect();
    let is_whole = shown.len() == text.len();
    if is_whole { shown } else { format!("{shown}… ({} characters)", text.chars().count()) }
}

impl Report<'_> {
    /// Returns the table of operation × case, then each cause with an example, what was expected, what came and how to see
    /// it again, then what was not tested and why, and the counts.
    pub fn human(&self) -> String {
        let mut text = table(self).to_string();
        let (known, causes): (Vec<Cause<'_>>, Vec<Cause<'_>>) =
            causes(self).into_iter().partition(|cause| self.known.contains_key(&cause.id));
        for (index, cause) in causes.iter().enumerate() {
            text.push_str(&self.cause(index + 1, cause));
        }
        for cause in &known {
            let reason = self.known.get(&cause.id).map_or("", String::as_str);
            let _ = writeln!(text, "\nknown, {} cases: {}: {reason}", cause.cases, cause.id);
        }
        text.push_str(&self.not_tested());
        text.push_str(&self.skips());
        for record in self.left_behind.iter().take(LEFT) {
            let _ = writeln!(text, "\nleft behind: {}", clipped(record));
        }
        if let Some(more @ 1..) = self.left_behind.len().checked_sub(LEFT) {
            let _ = writeln!(text, "\nleft behind: {more} more");
        }
        if let Some(reason) = &self.stopped {
            let _ = writeln!(text, "\nnot complete: {reason}");
        }
        let of = |severity| causes.iter().filter(|cause| cause.failure.severity == severity).count();
        let Counts { kept, broken, warned, skipped, .. } = self.counts();
        let total = self.counts().total();
        let _ = writeln!(
            text,
            "\n{total} cases: {kept} kept, {broken} broken, {warned} with warnings, {skipped} skipped\n{} errors, {} \
             warnings; {} of {} operations tested",
            of(Severity::Error),
            of(Severity::Warning),
            self.selected.len().saturating_sub(self.untested().len()),
            self.selected.len()
        );
        text
    }

    fn cause(&self, number: usize, cause: &Cause<'_>) -> String {
        let Cause { failure, verdict, exchanges, .. } = cause;
        let mut text = format!(
            "\n{number}. {}: {} – {}: {}\n   {failure}\n",
            failure.severity.as_str(),
            self.operation(verdict.case.operation),
            verdict.case.kind.as_str(),
            verdict.case.name
        );
        if cause.cases > 1 {
            let mut named: Vec<String> =
                cause.operations.iter().take(NAMED).map(|index| self.operation(*index)).collect();
            if cause.operations.len() > NAMED {
                named.push(format!("{} more operations", cause.operations.len() - NAMED));
            }
            let _ = writeln!(text, "   {} cases: {}", cause.cases, named.join(", "));
        }
        let operation = self.api.operations.get(verdict.case.operation);
        if let Some(origin) = cause.place(self) {
            let file = self.place(origin).map(|it| format!("{}:{}:{} ", it.file, it.line, it.column));
            let _ = writeln!(text, "   document: {}#{}", file.unwrap_or_default(), origin.pointer);
        }
        if let Some(answer) = exchanges.last() {
            text.push_str(&answered(answer));
        }
        for line in script(self, &verdict.case.steps, exchanges) {
            let _ = writeln!(text, "   {line}");
        }
        if let Some(operation) = operation {
            let _ =
                writeln!(text, "   again: --replay '{}'", verdict.case.id(operation).replace('\'', r"'\''"));
        }
        text
    }

    /// The operations without a success, by reason.
    fn not_tested(&self) -> String {
        let mut reasons: IndexMap<String, Vec<usize>> = IndexMap::new();
        for (operation, reason) in self.untested() {
            reasons.entry(reason).or_default().push(operation);
        }
        let line = |(reason, operations): (String, Vec<usize>)| {
            let names: Vec<String> = operations.iter().map(|index| self.operation(*index)).collect();
            format!("\nnot tested, {reason}: {}\n", names.join(", "))
        };
        reasons.into_iter().map(line).collect()
    }

    /// Each reason for which something was skipped, once, with how often.
    fn skips(&self) -> String {
        let mut reasons: IndexMap<String, usize> = IndexMap::new();
        let of_cases = self.verdicts.iter().filter_map(|verdict| match &verdict.outcome {
            super::CaseOutcome::Skipped(reason) => Some((verdict.case.operation, reason)),
            _ => None,
        });
        let is_told = |left: &&crate::derive::LeftOut| left.kind != crate::case::CaseKind::Example;
        let left_out = self.left_out.iter().filter(is_told).map(|left| (left.operation, &left.reason));
        for (operation, reason) in left_out.chain(of_cases) {
            *reasons.entry(format!("{}: {reason}", self.operation(operation))).or_default() += 1;
        }
        reasons.into_iter().map(|(reason, count)| format!("\nskipped, {count}: {reason}\n")).collect()
    }
}

/// The answer: its status, its headers and the start of its body.
fn answered(exchange: &Exchange) -> String {
    let Ok(answer) = &exchange.answer else { return String::new() };
    let mut text = format!("   answer: {}\n", answer.status);
    for (name, value) in &answer.headers {
        if !UNTOLD.contains(&name.as_str()) {
            let value = String::from_utf8_lossy(value.as_bytes());
            let _ = writeln!(text, "     {name}: {}", visible(&value));
        }
    }
    if !answer.body.is_empty() {
        let _ = writeln!(text, "     {}", body(answer));
    }
    text
}

/// The start of a body, on one line.
pub(super) fn body(answer: &HttpResponse) -> String {
    let start = answer.body.get(..SHOWN).unwrap_or(&answer.body);
    let text = visible(&String::from_utf8_lossy(start));
    match answer.body.len() > SHOWN {
        true => format!("{text}… ({} bytes)", answer.body.len()),
        false => text,
    }
}

fn visible(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

//! Formats findings, one module per format. Documents are hostile: their text must not control a terminal, forge
//! a log line, or be printed at unlimited length.

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{Sources, Span};

mod clean;
mod concise;
mod github;
mod human;
mod json;
mod junit;
mod sarif;
#[cfg(test)]
mod tests;

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// With a listing of the source and colours (ANSI escapes: print it through `anstream`).
    Human,
    /// `file:line:column: severity[code]: message`.
    Concise,
    /// One object; `diagnostics` is the list.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit's XML, a test case a finding.
    Junit,
    /// Workflow commands, which GitHub shows beside the lines.
    Github,
}

/// Writes findings; text ends with a line break, unless it is empty.
pub fn render(format: Format, diagnostics: &[Diagnostic], sources: &Sources) -> String {
    match format {
        Format::Human => human::render(diagnostics, sources),
        Format::Concise => concise::render(diagnostics, sources),
        Format::Json => json::render(diagnostics, sources),
        Format::Sarif => sarif::render(diagnostics, sources),
        Format::Junit => junit::render(diagnostics, sources),
        Format::Github => github::render(diagnostics, sources),
    }
}

impl Severity {
    /// `error`, `warning`, `note`.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// A span as people and tools name it; lines and columns are counted from 1, columns in characters.
struct Location<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

impl<'a> Location<'a> {
    fn new(span: Span, sources: &'a Sources) -> Self {
        let Some(file) = sources.get(span.file) else {
            return Location { file: "", line: 1, column: 1, end_line: 1, end_column: 1 };
        };
        let (line, column) = file.line_column(span.start);
        let (end_line, end_column) = file.line_column(span.end.max(span.start));
        Location { file: &file.name, line, column, end_line, end_column }
    }
}

/// `2 errors, 1 warning`; empty where there is nothing.
pub fn summary(diagnostics: &[Diagnostic]) -> String {
    let count = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
    let of = |severity: Severity| match count(severity) {
        0 => None,
        1 => Some(format!("1 {}", severity.as_str())),
        many => Some(format!("{many} {}s", severity.as_str())),
    };
    let counts: Vec<String> =
        [Severity::Error, Severity::Warning, Severity::Note].into_iter().filter_map(of).collect();
    counts.join(", ")
}

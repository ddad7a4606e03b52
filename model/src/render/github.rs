//! GitHub's workflow commands: annotations on the lines of a pull request.

use std::fmt::Write as _;

use super::Location;
use super::clean::clean;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Sources;

pub(super) fn render(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut out = String::new();
    for found in diagnostics {
        let at = Location::new(found.span, sources);
        let command = match found.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        // Columns say nothing where a span has several lines.
        let columns = match at.line == at.end_line {
            true => format!(",col={},endColumn={}", at.column, at.end_column),
            false => String::new(),
        };
        let help = found.help.as_deref().map(|help| format!(" (help: {help})")).unwrap_or_default();
        let message = escape(&clean(&format!("{}{help}", found.message)));
        // Writing to a string cannot fail.
        _ = writeln!(
            out,
            "::{command} file={},line={},endLine={}{columns},title={}::{message}",
            escape(&clean(at.file)).replace(':', "%3A").replace(',', "%2C"),
            at.line,
            at.end_line,
            found.code.as_str()
        );
    }
    out
}

/// Escapes the text after `::` like the runner's own toolkit; line breaks are already removed.
fn escape(text: &str) -> String {
    text.replace('%', "%25")
}

//! One line per finding in the form of compilers, for editors and `grep`.

use std::fmt::Write as _;

use super::Location;
use super::clean::clean;
use crate::diagnostic::Diagnostic;
use crate::source::Sources;

pub(super) fn render(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut out = String::new();
    for found in diagnostics {
        let Location { file, line, column, .. } = Location::new(found.span, sources);
        // Writing to a string cannot fail.
        _ = writeln!(
            out,
            "{}:{line}:{column}: {}[{}]: {}",
            clean(file),
            found.severity.as_str(),
            found.code.as_str(),
            clean(&found.message)
        );
    }
    out
}

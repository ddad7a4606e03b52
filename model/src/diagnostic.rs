//! Findings as data: code, severity, message, labelled positions and help. `render` formats them.

use std::sync::Arc;

use crate::codes::Code;
use crate::source::{Origin, Span};

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Information; `--deny warnings` ignores it.
    Note,
    /// The intent is clear, and processing continues.
    Warning,
    /// The enclosing object is left out; the exit code is 1.
    Error,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code.
    pub code: Code,
    /// The severity, by default that of the code.
    pub severity: Severity,
    /// One sentence, no full stop, names in backquotes.
    pub message: String,
    /// The position of the fault.
    pub span: Span,
    /// The JSON pointer of this position in its file.
    pub pointer: Arc<str>,
    /// The text at the position itself, under the caret.
    pub label: String,
    /// Related positions: the first of two duplicates, each link of a chain.
    pub related: Vec<(Span, String)>,
    /// The suggested correction.
    pub help: Option<String>,
}

impl Diagnostic {
    /// Returns a finding with the code's default severity at an origin.
    pub fn new(code: Code, message: impl Into<String>, origin: &Origin) -> Self {
        Self {
            code,
            severity: code.severity(),
            message: message.into(),
            span: origin.span,
            pointer: origin.pointer.clone(),
            label: String::new(),
            related: Vec::new(),
            help: None,
        }
    }

    /// Sets the label at the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Sets the suggested correction.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Returns the finding with an offset added to its file ids.
    #[must_use]
    pub fn renumbered(mut self, by: u32) -> Self {
        self.span.file.0 += by;
        self.related.iter_mut().for_each(|(span, _)| span.file.0 += by);
        self
    }

    /// Adds a related position.
    #[must_use]
    pub fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push((span, label.into()));
        self
    }
}

/// The maximum number of findings of one run. A hostile document has a fault per byte.
const MAX_FINDINGS: usize = 10_000;

/// The findings of one run, in the order of detection.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    /// The number of findings after the list was full.
    omitted: usize,
    has_errors: bool,
}

impl Diagnostics {
    /// Adds a finding; after ten thousand, further ones are only counted.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.has_errors |= diagnostic.severity == Severity::Error;
        if self.list.len() < MAX_FINDINGS {
            self.list.push(diagnostic);
        } else {
            self.omitted += 1;
        }
    }

    /// Adds other findings.
    pub fn extend(&mut self, other: Self) {
        self.omitted += other.omitted;
        self.has_errors |= other.has_errors;
        other.list.into_iter().for_each(|diagnostic| self.push(diagnostic));
    }

    /// The same findings where the ids of their files are greater by some.
    pub(crate) fn renumbered(mut self, by: u32) -> Self {
        self.list = self.list.into_iter().map(|finding| finding.renumbered(by)).collect();
        self
    }

    /// Returns the start of the last position of all findings.
    pub(crate) fn farthest(&self) -> u32 {
        self.list.iter().map(|d| d.span.start).max().unwrap_or(0)
    }

    /// Whether any finding is an error.
    pub fn has_errors(&self) -> bool {
        self.has_errors
    }

    /// Returns every finding.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }

    /// Returns the findings, sorted by position and without duplicates, followed by the number of omitted ones.
    pub fn into_sorted(self) -> Vec<Diagnostic> {
        let mut list = self.list;
        list.sort_by(|a, b| {
            (a.span, a.code.as_str(), &a.message).cmp(&(b.span, b.code.as_str(), &b.message))
        });
        list.dedup();
        if let (1.., Some(last)) = (self.omitted, list.last()) {
            let at = Origin { span: last.span, pointer: last.pointer.clone() };
            list.push(Diagnostic::new(
                Code::TooMany,
                format!("{} more findings are not listed", self.omitted),
                &at,
            ));
        }
        list
    }
}

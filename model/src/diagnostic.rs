//! What is wrong with a document, as data: code, severity, message, labelled places and help. Rendering is in `render`.

use std::sync::Arc;

use crate::codes::Code;
use crate::source::{Origin, Span};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; `--deny warnings` lets it pass.
    Note,
    /// What is meant is clear, and everything goes on.
    Warning,
    /// What it stands on is left out; the exit code is 1.
    Error,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub code: Code,
    pub severity: Severity,
    /// One sentence, no full stop, names in backquotes.
    pub message: String,
    /// The place that it is about.
    pub span: Span,
    /// JSON pointer of that place in its file.
    pub pointer: Arc<str>,
    /// What to say at the place itself, under the caret.
    pub label: String,
    /// Other places: the first of two duplicates, each link of a chain.
    pub related: Vec<(Span, String)>,
    /// What to write instead.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A finding of the code's own severity at an origin.
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

    /// Says at the caret what is wrong there.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Says what to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same finding where the ids of its files are greater by some.
    #[must_use]
    pub fn renumbered(mut self, by: u32) -> Self {
        self.span.file.0 += by;
        self.related.iter_mut().for_each(|(span, _)| span.file.0 += by);
        self
    }

    /// Points at another place.
    #[must_use]
    pub fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push((span, label.into()));
        self
    }
}

/// Findings that one run keeps. A hostile document has a fault a byte.
const MAX_FINDINGS: usize = 10_000;

/// The findings of one run, in the order in which they were made; a phase adds to it and goes on.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    /// Those that were found when the list was full.
    omitted: usize,
    has_errors: bool,
}

impl Diagnostics {
    /// Adds a finding; those past the ten-thousandth are only counted.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.has_errors |= diagnostic.severity == Severity::Error;
        if self.list.len() < MAX_FINDINGS {
            self.list.push(diagnostic);
        } else {
            self.omitted += 1;
        }
    }

    /// Adds the findings of another bag.
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

    /// Where the last place that any of them points at begins.
    pub(crate) fn farthest(&self) -> u32 {
        self.list.iter().map(|d| d.span.start).max().unwrap_or(0)
    }

    /// Whether any of them is an error.
    pub fn has_errors(&self) -> bool {
        self.has_errors
    }

    /// Every finding.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }

    /// The findings, sorted by place and without exact repetitions; where some were only counted, their number last.
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

//! Regular expressions of documents (ECMA-262), with a bound on the work that a match takes.
//!
//! Texts come from whoever calls, patterns from whoever wrote the document, so that no pair of them may take long. A
//! pattern without back-references is matched by a finite automaton, look-around included, in time that is linear in
//! the text (`scan`). Back-references need backtracking, which the feature `backtracking` adds; `fancy-regex` does that,
//! with a number of steps that shrinks as texts grow. Where the bound is met, the outcome is [`Found::Undecided`], and
//! whoever judges refuses the text.

#[cfg(feature = "pattern")]
mod engine;
#[cfg(feature = "pattern")]
mod program;
#[cfg(feature = "backtracking")]
mod referring;
#[cfg(feature = "pattern")]
mod scan;
#[cfg(feature = "pattern")]
mod syntax;
#[cfg(feature = "pattern")]
#[cfg(test)]
mod tests;

#[cfg(feature = "pattern")]
use std::borrow::Cow;
#[cfg(feature = "pattern")]
use std::sync::OnceLock;

#[cfg(feature = "pattern")]
use self::engine::Engine;
#[cfg(feature = "pattern")]
pub use self::engine::{Structure, structure};

/// A pattern, compiled when it is first matched.
#[derive(Debug)]
pub struct Pattern {
    #[cfg(feature = "pattern")]
    source: Cow<'static, str>,
    #[cfg(feature = "pattern")]
    engine: OnceLock<Option<Engine>>,
    #[cfg(not(feature = "pattern"))]
    source: &'static str,
}

/// What matching the texts of one value may cost together.
///
/// Each text adds to it in proportion to its length, so that a long value with usual patterns is decided, and one that
/// takes more than its share is not.
#[derive(Clone, Copy, Debug)]
pub struct Budget(usize);

/// Characters read and steps followed for one text: some tens of milliseconds.
const STEPS: usize = 8_000_000;
/// Further steps for each byte of a text.
const STEPS_PER_BYTE: usize = 16;

impl Default for Budget {
    fn default() -> Self {
        Self(STEPS)
    }
}

impl Budget {
    fn admit(&mut self, text: &str) {
        self.0 = self.0.saturating_add(text.len().saturating_mul(STEPS_PER_BYTE));
    }

    #[cfg(feature = "pattern")]
    fn spend(&mut self, steps: usize) -> Option<()> {
        let left = self.0.checked_sub(steps);
        self.0 = left.unwrap_or(0);
        left.map(|_| ())
    }
}

/// Whether a pattern is found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is found.
    Yes,
    /// It is not found.
    No,
    /// The matcher reached its step limit.
    Undecided,
}

#[cfg(feature = "pattern")]
impl Pattern {
    /// A pattern of generated code: a static, compiled once in the life of the process.
    pub const fn new(source: &'static str) -> Self {
        Self { source: Cow::Borrowed(source), engine: OnceLock::new() }
    }

    /// A pattern of a document; `None` where it is no regular expression, or too large to be run.
    pub fn parse(source: &str) -> Option<Self> {
        let engine = Engine::of(source)?;
        Some(Self { source: Cow::Owned(source.to_owned()), engine: OnceLock::from(Some(engine)) })
    }

    /// Returns the pattern as the document writes it.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether it is found anywhere in `text` (JSON Schema Validation §6.3.3). A pattern that is none, or needs the
    /// feature `backtracking` where that is off, constrains nothing.
    pub fn find(&self, text: &str) -> Found {
        self.find_within(text, &mut Budget::default())
    }

    /// As [`Pattern::find`], within what is left for a whole value.
    pub fn find_within(&self, text: &str, budget: &mut Budget) -> Found {
        budget.admit(text);
        self.engine().map_or(Found::Yes, |engine| engine.find(text, budget))
    }

    /// Whether it has back-references, and is matched only with the feature `backtracking`.
    pub fn needs_backtracking(&self) -> bool {
        self.engine().is_some_and(Engine::needs_backtracking)
    }

    fn engine(&self) -> Option<&Engine> {
        self.engine.get_or_init(|| Engine::of(&self.source)).as_ref()
    }
}

/// Without the feature `pattern` no pattern constrains anything.
#[cfg(not(feature = "pattern"))]
impl Pattern {
    /// A pattern of generated code.
    pub const fn new(source: &'static str) -> Self {
        Self { source }
    }

    /// Returns the pattern as the document writes it.
    pub fn source(&self) -> &str {
        self.source
    }

    /// Always found.
    pub fn find_within(&self, text: &str, budget: &mut Budget) -> Found {
        budget.admit(text);
        Found::Yes
    }

    /// Always found.
    pub fn find(&self, text: &str) -> Found {
        self.find_within(text, &mut Budget::default())
    }
}

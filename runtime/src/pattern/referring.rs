//! Patterns with back-references: by backtracking, in a number of steps that shrinks as texts grow.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use fancy_regex::{Regex, RegexBuilder};

use super::scan::Machine;
use super::{Budget, Found, STEPS, syntax};

/// Texts up to so many bytes, and the steps that they may take: each step may look at the whole text.
const LIMITS: [(usize, usize); 3] = [(1 << 10, 10_000), (1 << 15, 300), (1 << 20, 10)];
/// Bytes that one compiled pattern may take.
const SIZE_LIMIT: usize = 1 << 20;

#[derive(Debug)]
pub(super) struct Referring {
    translated: String,
    /// Finds nothing where the pattern is not found either.
    wider: Option<Box<Machine>>,
    /// One for each of [`LIMITS`].
    engines: [OnceLock<Option<Regex>>; LIMITS.len()],
}

impl Referring {
    pub(super) fn new(source: &str) -> Option<Self> {
        let translated = jsonschema_regex::to_rust_regex(source).ok()?.into_owned();
        let wider = syntax::without_references(source).and_then(|wider| syntax::parse(&wider));
        let wider = wider.as_ref().and_then(Machine::new).map(Box::new);
        let referring = Self { translated, wider, engines: Default::default() };
        referring.engine(0)?;
        Some(referring)
    }

    fn engine(&self, index: usize) -> Option<&Regex> {
        let (_, steps) = LIMITS.get(index)?;
        let build = || {
            let mut builder = RegexBuilder::new(&self.translated);
            builder.backtrack_limit(*steps).delegate_size_limit(SIZE_LIMIT).build().ok()
        };
        self.engines.get(index)?.get_or_init(build).as_ref()
    }

    pub(super) fn find(&self, text: &str, budget: &mut Budget) -> Found {
        if self.wider.as_ref().is_some_and(|wider| wider.find(text, budget) == Found::No) {
            return Found::No;
        }
        let fitting = LIMITS.iter().position(|(length, _)| text.len() <= *length);
        let engine = fitting.filter(|_| budget.0 > 0).and_then(|index| self.engine(index));
        let Some(engine) = engine else { return Found::Undecided };
        // `regex-automata` 0.4 panics on some patterns (rust-lang/regex#1344).
        match catch_unwind(AssertUnwindSafe(|| engine.is_match(text))) {
            Ok(Ok(true)) => Found::Yes,
            Ok(Ok(false)) => Found::No,
            Ok(Err(_)) | Err(_) => {
                budget.spend(STEPS / 2);
                Found::Undecided
            }
        }
    }
}

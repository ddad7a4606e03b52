//! Which engine matches a pattern: the automaton, or where it has back-references the backtracker.

use regex_syntax::hir::Hir;

#[cfg(feature = "backtracking")]
use super::referring::Referring;
use super::scan::Machine;
use super::{Budget, Found, syntax};

#[derive(Debug)]
pub(super) enum Engine {
    Linear(Box<Machine>),
    #[cfg(feature = "backtracking")]
    Referring(Box<Referring>),
    /// A pattern with back-references, which nothing can match here.
    #[cfg(not(feature = "backtracking"))]
    Referring,
}

impl Engine {
    /// The engine of a pattern; `None` where it is no regular expression, or too large to be run.
    pub(super) fn of(source: &str) -> Option<Self> {
        if let Some(machine) = syntax::parse(source).as_ref().and_then(Machine::new) {
            return Some(Self::Linear(Box::new(machine)));
        }
        if !syntax::has_references(source) {
            return None;
        }
        #[cfg(feature = "backtracking")]
        return Referring::new(source).map(Box::new).map(Self::Referring);
        #[cfg(not(feature = "backtracking"))]
        Some(Self::Referring)
    }

    pub(super) fn find(&self, text: &str, budget: &mut Budget) -> Found {
        match self {
            Self::Linear(machine) => machine.find(text, budget),
            #[cfg(feature = "backtracking")]
            Self::Referring(referring) => referring.find(text, budget),
            #[cfg(not(feature = "backtracking"))]
            Self::Referring => Found::Yes,
        }
    }

    pub(super) fn needs_backtracking(&self) -> bool {
        !matches!(self, Self::Linear(_))
    }
}

/// What texts for a pattern are made from.
#[derive(Debug)]
pub struct Structure {
    /// The pattern without its look-around, which over-approximates it.
    pub whole: Hir,
    /// The bodies of its positive look-aheads: a text that satisfies them holds a match of each.
    pub aheads: Vec<String>,
}

/// Returns the structure of a pattern; `None` where it has back-references, or is none.
pub fn structure(source: &str) -> Option<Structure> {
    let aheads = syntax::aheads(source).map(str::to_owned).collect();
    Some(Structure { whole: syntax::parse(source)?.whole, aheads })
}

//! Patterns of documents: matched by the runtime's engine, and taken apart to make texts from.

use std::sync::OnceLock;

use descant_runtime::pattern::{self, Budget, Found};
use regex_syntax::hir::Hir;

/// What texts for a pattern are made from.
#[derive(Debug)]
pub(crate) struct Structure {
    /// The pattern without its look-around, which over-approximates it: what is made from it is checked against the
    /// whole.
    pub(crate) whole: Hir,
    pub(crate) aheads: Vec<Ahead>,
}

/// A positive look-ahead.
#[derive(Debug)]
pub(crate) struct Ahead {
    /// Found in a text that satisfies it at the start.
    pub(crate) whole: Pattern,
    /// What must be found somewhere.
    pub(crate) core: Hir,
}

/// A pattern that can be matched, and from which texts can be made.
#[derive(Debug)]
pub(crate) struct Pattern {
    engine: pattern::Pattern,
    structure: OnceLock<Option<Structure>>,
}

impl Pattern {
    /// `None` where it is no regular expression, or too large to be run.
    pub(crate) fn new(source: &str) -> Option<Pattern> {
        Some(Pattern { engine: pattern::Pattern::parse(source)?, structure: OnceLock::new() })
    }

    /// As written in the document.
    pub(crate) fn source(&self) -> &str {
        self.engine.source()
    }

    /// Whether it is found anywhere in `text` (JSON Schema Validation §6.3.3).
    pub(crate) fn find_within(&self, text: &str, budget: &mut Budget) -> Found {
        self.engine.find_within(text, budget)
    }

    /// Whether it is found, where what is not decided counts as not found.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        self.engine.find(text) == Found::Yes
    }

    /// Its structure without look-around, to make texts from; `None` where it has back-references.
    pub(crate) fn structure(&self) -> Option<&Structure> {
        let parse = || {
            let pattern::Structure { whole, aheads } = pattern::structure(self.source())?;
            Some(Structure { whole, aheads: aheads.iter().filter_map(|body| Ahead::new(body)).collect() })
        };
        self.structure.get_or_init(parse).as_ref()
    }
}

impl Ahead {
    fn new(body: &str) -> Option<Ahead> {
        let core = body.trim_start_matches(".*?").trim_start_matches(".*");
        let core = core.trim_end_matches('$').trim_end_matches(".*");
        let whole = Pattern::new(&format!("^(?:{body})"))?;
        Some(Ahead { whole, core: pattern::structure(core)?.whole })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_made_from_what_is_not_look_around() {
        for (pattern, plain, aheads) in [
            (r"^(?=.*[A-Z])(?=.*\d).{8,}$", true, 2),
            (r"^(?!(a|b)).*$", true, 0),
            (r"a\(?=b[(?=]c", true, 0),
            ("(?<=x)y(?<name>z)", true, 0),
            (r"(a)\1", false, 0),
        ] {
            let pattern = Pattern::new(pattern).unwrap();
            assert_eq!(pattern.structure().is_some(), plain);
            assert_eq!(pattern.structure().map_or(0, |one| one.aheads.len()), aheads, "{}", pattern.source());
        }
        assert!(Pattern::new("(").is_none());
    }
}

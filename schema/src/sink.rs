//! Collects the faults of a value up to a limit, or only notices that there is one.

use std::ops::ControlFlow;

use descant_model::api::SchemaId;
use rustc_hash::FxHashSet;

use crate::fault::{Fault, Place};

/// Whether to go on.
pub(crate) type Flow = ControlFlow<()>;

/// Where faults go.
pub(crate) trait Sink {
    /// Whether each fault is asked for, or only whether there is one.
    const COLLECTS: bool;

    /// Takes a fault and says whether to look for more.
    fn fault(&mut self, place: &Place<'_>, keyword: &str, expected: impl FnOnce() -> String) -> Flow;

    /// Where the faults of one alternative go; `None` where nobody will read them.
    fn alternative(&self, place: &Place<'_>) -> Option<Faults>;

    /// Takes note that a definition's faults of a value are collected; false where they were before, and add nothing.
    fn is_new(&mut self, step: (SchemaId, usize)) -> bool;

    /// Takes what an alternative collected.
    fn adopt(&mut self, faults: Faults) -> Flow;
}

/// A sink that only learns that there is a fault.
pub(crate) struct Probe;

impl Sink for Probe {
    const COLLECTS: bool = false;

    fn fault(&mut self, _: &Place<'_>, _: &str, _: impl FnOnce() -> String) -> Flow {
        Flow::Break(())
    }

    fn alternative(&self, _: &Place<'_>) -> Option<Faults> {
        None
    }

    fn is_new(&mut self, _: (SchemaId, usize)) -> bool {
        true
    }

    fn adopt(&mut self, _: Faults) -> Flow {
        Flow::Break(())
    }
}

/// The distance of a value that is of another kind ([`Faults::distance`]).
pub(crate) const OTHER_KIND: usize = 4;

/// Faults as they are collected, up to a limit.
pub(crate) struct Faults {
    pub(crate) found: Vec<Fault>,
    limit: usize,
    /// How many alternatives deep these faults lie: beyond a few, nobody reads them.
    depth: usize,
    /// The length of the pointer to the value that is judged.
    base: usize,
    /// Definitions whose faults were collected, with the addresses of the values.
    collected: FxHashSet<(SchemaId, usize)>,
}

/// How deep alternatives within alternatives are told apart.
const MAX_ALTERNATIVES: usize = 4;
/// How many faults of an alternative are worth telling.
const ALTERNATIVE_FAULTS: usize = 16;

impl Faults {
    pub(crate) fn up_to(limit: usize) -> Faults {
        Faults { found: Vec::new(), limit, depth: 0, base: 0, collected: FxHashSet::default() }
    }

    /// How far an alternative is from holding: first whether the value is another kind of thing altogether (of another
    /// type, with another tag, or what must not be), then how many faults it has.
    pub(crate) fn distance(&self) -> (usize, usize) {
        let foreign = self.found.iter().map(|fault| match fault.keyword.as_str() {
            "type" | "false" if fault.pointer.len() == self.base => OTHER_KIND,
            "const" | "enum" => 3,
            "not" if fault.pointer.len() == self.base => 2,
            "type" => 1,
            _ => 0,
        });
        (foreign.max().unwrap_or(0), self.found.len())
    }

    fn flow(&self) -> Flow {
        if self.found.len() >= self.limit { Flow::Break(()) } else { Flow::Continue(()) }
    }
}

impl Sink for Faults {
    const COLLECTS: bool = true;

    fn fault(&mut self, place: &Place<'_>, keyword: &str, expected: impl FnOnce() -> String) -> Flow {
        let pointer = place.pointer();
        // Several schemas may ask for the same kind of value.
        let is_told = |known: &Fault| known.keyword == "type" && known.pointer == pointer;
        if keyword == "type" && self.found.iter().rev().take(2).any(is_told) {
            return self.flow();
        }
        self.found.push(Fault::new(pointer, keyword, expected()));
        self.flow()
    }

    fn alternative(&self, place: &Place<'_>) -> Option<Faults> {
        let (depth, base) = (self.depth + 1, place.pointer().len());
        (depth <= MAX_ALTERNATIVES).then_some(Faults {
            found: Vec::new(),
            limit: ALTERNATIVE_FAULTS,
            depth,
            base,
            collected: FxHashSet::default(),
        })
    }

    fn is_new(&mut self, step: (SchemaId, usize)) -> bool {
        self.collected.insert(step)
    }

    fn adopt(&mut self, faults: Faults) -> Flow {
        let room = self.limit.saturating_sub(self.found.len());
        self.found.extend(faults.found.into_iter().take(room));
        self.flow()
    }
}

/// The kinds that alternatives ask for, of which a value is none.
pub(crate) fn any_of(alternatives: &[Faults]) -> String {
    let mut kinds: Vec<&str> = Vec::new();
    for faults in alternatives {
        let of_kind = |fault: &&Fault| fault.keyword == "type" && fault.pointer.len() == faults.base;
        for fault in faults.found.iter().filter(of_kind) {
            if !kinds.contains(&fault.expected.as_str()) {
                kinds.push(&fault.expected);
            }
        }
    }
    kinds.join(" or ")
}

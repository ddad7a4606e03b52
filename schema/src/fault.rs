//! One broken constraint of a value, in words that say what was expected.

use std::fmt;

use descant_model::schema::Kinds;
use serde_json::Value;

use crate::{
    judge::{Flow, Sink},
    pointer,
};

/// One broken constraint of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where in the value (RFC 6901); the object itself where a property of it is missing.
    pub pointer: String,
    /// The keyword of JSON Schema that is broken; `readOnly` or `writeOnly` for a property that must not travel this
    /// way, `maxDepth` for a value that nests too deeply, `maxWork` for one that takes too long to judge, `false` where the schema admits nothing.
    pub keyword: String,
    /// What was expected there, with its numbers: "at least 3 characters".
    pub expected: String,
    /// A sentence for people. It never holds the value: that may be a secret.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "the value" } else { &self.pointer };
        write!(f, "{place}: {}", self.message)
    }
}

impl Fault {
    pub(crate) fn new(pointer: String, keyword: &str, expected: String) -> Fault {
        let message = format!("expected {expected}");
        Fault { pointer, keyword: keyword.to_owned(), expected, message }
    }
}

/// A place in a value, as a way back to the root: it becomes a pointer only when there is a fault to tell.
pub(crate) enum Place<'p> {
    Root,
    Member(&'p Place<'p>, &'p str),
    Item(&'p Place<'p>, usize),
}

impl Place<'_> {
    pub(crate) fn pointer(&self) -> String {
        match self {
            Place::Root => String::new(),
            Place::Member(outer, name) => pointer::join(&outer.pointer(), name),
            Place::Item(outer, index) => format!("{}/{index}", outer.pointer()),
        }
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
}

/// How deep alternatives within alternatives are told apart.
const MAX_ALTERNATIVES: usize = 4;
/// How many faults of an alternative are worth telling.
const ALTERNATIVE_FAULTS: usize = 16;

impl Faults {
    pub(crate) fn up_to(limit: usize) -> Faults {
        Faults { found: Vec::new(), limit, depth: 0, base: 0 }
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
        })
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

/// The kinds that `type` asks for.
pub(crate) fn kinds(kinds: Kinds) -> String {
    let article = |kind| match kind {
        "array" | "object" | "integer" => format!("an {kind}"),
        "null" => "null".to_owned(),
        _ => format!("a {kind}"),
    };
    kinds.names().map(article).collect::<Vec<_>>().join(" or ")
}

pub(crate) fn count(number: u64, thing: &str) -> String {
    match (number, thing) {
        (1, _) => format!("1 {thing}"),
        (_, "property") => format!("{number} properties"),
        _ => format!("{number} {thing}s"),
    }
}

/// The values of an `enum`, as many as a line holds.
pub(crate) fn one_of(options: &[Value]) -> String {
    const SHOWN: usize = 10;
    let shown = options.iter().take(SHOWN).map(brief).collect::<Vec<_>>().join(", ");
    match options.len().saturating_sub(SHOWN) {
        0 => format!("one of {shown}"),
        more => format!("one of {shown} and {more} more"),
    }
}

/// A value of the schema as JSON, cut where it is long.
pub(crate) fn brief(value: &Value) -> String {
    const LONGEST: usize = 60;
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

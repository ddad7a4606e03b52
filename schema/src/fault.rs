//! One broken constraint of a value, in words that say what was expected.

use std::fmt;

use descant_model::schema::Kinds;
use serde_json::Value;

use crate::pointer;

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

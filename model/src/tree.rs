//! The parsed text of one file: an arena of nodes with positions. An alias is the node that it names, so the
//! arena is an acyclic graph that stores shared parts once.

use std::borrow::Cow;

use compact_str::CompactString;
use serde_json::Number;

use crate::source::{FileId, Origin, Span};

/// Pointers are no longer than this, in bytes: a key may be as long as the document, and a pointer is kept for each
/// schema below it.
const LONGEST_POINTER: usize = 16_384;

/// Index into [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// A value of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The value.
    pub kind: NodeKind,
    /// The offset of the value, without its key.
    pub start: u32,
    /// The offset behind the value.
    pub end: u32,
}

/// The kind and content of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as written: `1.10` and long integers keep their text.
    Number(CompactString),
    /// A string, without escapes.
    String(CompactString),
    /// The items of an array.
    Array(Vec<NodeId>),
    /// The entries in the document's order; keys are unique (of duplicates, which are reported, the last one is kept).
    Object(Vec<Entry>),
}

/// A key with its position, and its value. A key that looks like a number or boolean is text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: CompactString,
    /// The offset of the key.
    pub start: u32,
    /// The offset behind the key.
    pub end: u32,
    /// The value.
    pub value: NodeId,
}

/// The nodes of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// The file.
    pub file: FileId,
    /// The nodes by [`NodeId`].
    pub nodes: Vec<Node>,
    /// The parent of each node and its index in it; the first parent of shared nodes.
    pub(crate) parents: Vec<Option<(NodeId, u32)>>,
    /// The root of the document.
    pub root: NodeId,
}

impl Tree {
    /// Returns the node of an id. Only `parse` creates ids; an unknown one is null.
    pub fn get(&self, id: NodeId) -> &Node {
        const NULL: Node = Node { kind: NodeKind::Null, start: 0, end: 0 };
        static NULL_NODE: Node = NULL;
        self.nodes.get(id.0 as usize).unwrap_or(&NULL_NODE)
    }

    /// Returns the value of a key of an object.
    pub fn field(&self, id: NodeId, key: &str) -> Option<NodeId> {
        self.entry(id, key).map(|e| e.value)
    }

    /// Returns the entry of a key of an object.
    pub fn entry(&self, id: NodeId, key: &str) -> Option<&Entry> {
        self.entries(id).iter().find(|e| &*e.key == key)
    }

    /// Returns the entries of an object; none for other values.
    pub fn entries(&self, id: NodeId) -> &[Entry] {
        match &self.get(id).kind {
            NodeKind::Object(entries) => entries,
            _ => &[],
        }
    }

    /// Returns the items of an array; none for other values.
    pub fn items(&self, id: NodeId) -> &[NodeId] {
        match &self.get(id).kind {
            NodeKind::Array(items) => items,
            _ => &[],
        }
    }

    /// Returns the text of a string.
    pub fn str(&self, id: NodeId) -> Option<&str> {
        match &self.get(id).kind {
            NodeKind::String(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the JSON pointer of a value (RFC 6901); for a shared value, that of its definition. One that would be longer
    /// than [`LONGEST_POINTER`] ends at the last value around it whose pointer is not.
    pub fn pointer(&self, id: NodeId) -> String {
        let mut tokens = Vec::new();
        let mut at = id;
        while let Some((parent, slot)) = self.parents.get(at.0 as usize).copied().flatten() {
            tokens.push(match &self.get(parent).kind {
                NodeKind::Object(entries) => {
                    entries.get(slot as usize).map_or("".into(), |e| escape_token(&e.key))
                }
                _ => Cow::Owned(slot.to_string()),
            });
            at = parent;
        }
        let mut pointer = String::new();
        for token in tokens.iter().rev() {
            if pointer.len() + token.len() >= LONGEST_POINTER {
                break;
            }
            pointer.push('/');
            pointer.push_str(token);
        }
        pointer
    }

    /// Returns the position of the key of a value; for a shared value, that of its definition.
    pub fn key_span(&self, id: NodeId) -> Option<Span> {
        let (parent, slot) = self.parents.get(id.0 as usize).copied().flatten()?;
        let entry = self.entries(parent).get(slot as usize)?;
        Some(Span { file: self.file, start: entry.start, end: entry.end })
    }

    /// Returns position and pointer of a value.
    pub fn origin(&self, id: NodeId) -> Origin {
        Origin { span: self.span(id), pointer: self.pointer(id).into() }
    }

    /// Returns the position of a value.
    pub fn span(&self, id: NodeId) -> Span {
        let node = self.get(id);
        Span { file: self.file, start: node.start, end: node.end }
    }
}

impl NodeKind {
    /// Returns the kind for messages: `null`, `a boolean`, `a number`, `a string`, `an array`, `an object`.
    pub fn describe(&self) -> &'static str {
        match self {
            NodeKind::Null => "null",
            NodeKind::Bool(_) => "a boolean",
            NodeKind::Number(_) => "a number",
            NodeKind::String(_) => "a string",
            NodeKind::Array(_) => "an array",
            NodeKind::Object(_) => "an object",
        }
    }
}

/// A number as written; the nearest one that can be held where it is an integer beyond 64 bits, or beyond a double.
pub(crate) fn number(text: &str) -> Result<Number, Number> {
    if let Ok(value) = text.parse::<i64>() {
        return Ok(value.into());
    }
    if let Ok(value) = text.parse::<u64>() {
        return Ok(value.into());
    }
    let value = text.parse::<f64>().unwrap_or(0.0).clamp(f64::MIN, f64::MAX);
    let number = Number::from_f64(value).unwrap_or_else(|| 0.into());
    let is_integer = text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let is_clamped = value.abs() == f64::MAX;
    if is_integer && text != "-0" || is_clamped { Err(number) } else { Ok(number) }
}

/// Escapes a key for a JSON pointer: `~` as `~0`, `/` as `~1` (RFC 6901, 3).
pub fn escape_token(key: &str) -> Cow<'_, str> {
    if key.contains(['~', '/']) { key.replace('~', "~0").replace('/', "~1").into() } else { key.into() }
}

/// Unescapes a token of a JSON pointer (RFC 6901, 4).
pub fn unescape_token(token: &str) -> Cow<'_, str> {
    if token.contains('~') { token.replace("~1", "/").replace("~0", "~").into() } else { token.into() }
}

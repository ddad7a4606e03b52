//! The parsed text of one file: an arena of nodes, each with its place. An alias is the node that it names, so the
//! arena is a graph without cycles in which shared parts stand once.

use std::borrow::Cow;

use compact_str::CompactString;

use crate::source::{FileId, Origin, Span};

/// Index into [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// A value of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub kind: Kind,
    /// Of the value itself, without its key.
    pub start: u32,
    pub end: u32,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Null,
    Bool(bool),
    /// As written: `1.10` and integers of any length keep their text.
    Number(CompactString),
    String(CompactString),
    Array(Vec<NodeId>),
    /// In the document's order; keys are unique (the last of two duplicates counts, and was reported).
    Object(Vec<Entry>),
}

/// A key with its place, and the value under it. A key that looks like a number or boolean is its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub key: CompactString,
    pub start: u32,
    pub end: u32,
    pub value: NodeId,
}

/// One file's nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    pub file: FileId,
    pub nodes: Vec<Node>,
    /// Of each node, the one that holds it and its number among that one's parts; the first, where several do.
    pub(crate) parents: Vec<Option<(NodeId, u32)>>,
    pub root: NodeId,
}

impl Tree {
    /// The node of an id. Ids are only made by `parse`; an unknown one reads as null.
    pub fn get(&self, id: NodeId) -> &Node {
        const NULL: Node = Node { kind: Kind::Null, start: 0, end: 0 };
        static NULL_NODE: Node = NULL;
        self.nodes.get(id.0 as usize).unwrap_or(&NULL_NODE)
    }

    /// The value under a key, where the node is an object that has it.
    pub fn field(&self, id: NodeId, key: &str) -> Option<NodeId> {
        self.entry(id, key).map(|e| e.value)
    }

    /// The entry of a key, where the node is an object that has it.
    pub fn entry(&self, id: NodeId, key: &str) -> Option<&Entry> {
        self.entries(id).iter().find(|e| &*e.key == key)
    }

    /// The entries of an object; none for anything else.
    pub fn entries(&self, id: NodeId) -> &[Entry] {
        match &self.get(id).kind {
            Kind::Object(entries) => entries,
            _ => &[],
        }
    }

    /// The items of an array; none for anything else.
    pub fn items(&self, id: NodeId) -> &[NodeId] {
        match &self.get(id).kind {
            Kind::Array(items) => items,
            _ => &[],
        }
    }

    /// The text of a string.
    pub fn str(&self, id: NodeId) -> Option<&str> {
        match &self.get(id).kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The JSON pointer of a value (RFC 6901); of a shared one, the place where it is written out.
    pub fn pointer(&self, id: NodeId) -> String {
        let mut tokens = Vec::new();
        let mut at = id;
        while let Some((parent, slot)) = self.parents.get(at.0 as usize).copied().flatten() {
            tokens.push(match &self.get(parent).kind {
                Kind::Object(entries) => {
                    entries.get(slot as usize).map_or("".into(), |e| escape_token(&e.key))
                }
                _ => Cow::Owned(slot.to_string()),
            });
            at = parent;
        }
        tokens.iter().rev().flat_map(|token| ["/", token]).collect()
    }

    /// The place of the key under which a value stands; of a shared one, where it is written out.
    pub fn key_span(&self, id: NodeId) -> Option<Span> {
        let (parent, slot) = self.parents.get(id.0 as usize).copied().flatten()?;
        let entry = self.entries(parent).get(slot as usize)?;
        Some(Span { file: self.file, start: entry.start, end: entry.end })
    }

    /// The place and pointer of a value.
    pub fn origin(&self, id: NodeId) -> Origin {
        Origin { span: self.span(id), pointer: self.pointer(id).into() }
    }

    /// The place of a value.
    pub fn span(&self, id: NodeId) -> Span {
        let node = self.get(id);
        Span { file: self.file, start: node.start, end: node.end }
    }
}

impl Kind {
    /// `null`, `a boolean`, `a number`, `a string`, `an array`, `an object`: for messages.
    pub fn describe(&self) -> &'static str {
        match self {
            Kind::Null => "null",
            Kind::Bool(_) => "a boolean",
            Kind::Number(_) => "a number",
            Kind::String(_) => "a string",
            Kind::Array(_) => "an array",
            Kind::Object(_) => "an object",
        }
    }
}

/// A key as it stands in a JSON pointer: `~` is `~0`, `/` is `~1` (RFC 6901, 3).
pub fn escape_token(key: &str) -> Cow<'_, str> {
    if key.contains(['~', '/']) { key.replace('~', "~0").replace('/', "~1").into() } else { key.into() }
}

/// The key that a token of a JSON pointer means (RFC 6901, 4).
pub fn unescape_token(token: &str) -> Cow<'_, str> {
    if token.contains('~') { token.replace("~1", "/").replace("~0", "~").into() } else { token.into() }
}

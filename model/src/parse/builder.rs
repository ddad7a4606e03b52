//! Builds the arena for both syntaxes: nesting, duplicate keys, shared nodes, merge keys, and the limits on all of them.
//!
//! A node gets its id when it is complete, so that children precede their parents and no node can contain itself.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use compact_str::CompactString;

use super::Stop;
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{FileId, Origin, Span};
use crate::tree::{Entry, Node, NodeId, NodeKind, Tree, escape_token};

/// The maximum nesting, with aliases expanded; published documents have at most 40 levels. Later recursion over
/// documents and values of the model is bounded by it.
pub const MAX_DEPTH: usize = 128;

/// The maximum number of nodes of one file, with aliases expanded.
pub const MAX_NODES: u64 = 4_000_000;

/// The minimum average of bytes per node in published documents.
const NODE_BYTES: usize = 16;

/// The place of a key or value, in bytes.
pub(super) type Range = std::ops::Range<u32>;

pub(super) struct Builder<'d> {
    file: FileId,
    nodes: Vec<Node>,
    parents: Vec<Option<(NodeId, u32)>>,
    stack: Vec<Frame>,
    /// The parts so far of every open container, those of the innermost last: so each container is allocated once, when
    /// it is closed.
    items: Vec<NodeId>,
    entries: Vec<Entry>,
    root: Option<NodeId>,
    /// The node of an anchor, once it is complete.
    anchors: HashMap<usize, Shared>,
    pub(super) diagnostics: &'d mut Diagnostics,
}

/// An array or object that is still open.
struct Frame {
    start: u32,
    anchor: usize,
    contents: Contents,
    size: Size,
}

/// `first` is where its parts begin.
enum Contents {
    Array { first: usize },
    Object { first: usize, key: Option<Key>, merges: HashSet<usize> },
}

struct Key {
    text: CompactString,
    range: Range,
    merge: bool,
}

/// The size of a node with all aliases expanded.
#[derive(Clone, Copy, Default)]
struct Size {
    nodes: u64,
    height: usize,
}

#[derive(Clone, Copy)]
struct Shared {
    node: NodeId,
    size: Size,
}

/// The next event of the parser.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Expect {
    Nothing,
    Item,
    Key,
    Value,
}

impl<'d> Builder<'d> {
    /// Returns a builder for a text of this size in bytes. It reserves memory for all nodes, which is free until used,
    /// whereas growing would move them.
    pub(super) fn new(file: FileId, bytes: usize, diagnostics: &'d mut Diagnostics) -> Self {
        let room = bytes / NODE_BYTES;
        let (nodes, parents) = (Vec::with_capacity(room), Vec::with_capacity(room));
        let (stack, items, entries, anchors) = Default::default();
        Self { file, nodes, parents, stack, items, entries, root: None, anchors, diagnostics }
    }

    /// The finished tree; `None` where there was no value.
    pub(super) fn finish(self) -> Option<Tree> {
        let root = self.root?;
        Some(Tree { file: self.file, nodes: self.nodes, parents: self.parents, root })
    }

    /// Whether there is no value yet.
    pub(super) fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    /// Returns the next expected part of the innermost open container, if one is open.
    pub(super) fn expects(&self) -> Expect {
        match self.stack.last().map(|frame| &frame.contents) {
            None => Expect::Nothing,
            Some(Contents::Array { .. }) => Expect::Item,
            Some(Contents::Object { key: None, .. }) => Expect::Key,
            Some(Contents::Object { key: Some(_), .. }) => Expect::Value,
        }
    }

    pub(super) fn open_array(&mut self, start: u32, anchor: usize) -> Result<(), Stop> {
        self.open(start, anchor, Contents::Array { first: self.items.len() })
    }

    pub(super) fn open_object(&mut self, start: u32, anchor: usize) -> Result<(), Stop> {
        let contents = Contents::Object { first: self.entries.len(), key: None, merges: HashSet::new() };
        self.open(start, anchor, contents)
    }

    fn open(&mut self, start: u32, anchor: usize, contents: Contents) -> Result<(), Stop> {
        if self.stack.len() >= MAX_DEPTH {
            return Err(self.too_deep(start..start + 1));
        }
        self.stack.push(Frame { start, anchor, contents, size: Size::default() });
        Ok(())
    }

    /// The key of the next value. `merge` marks YAML's `<<`.
    pub(super) fn key(&mut self, text: CompactString, range: Range, merge: bool) {
        if let Some(Frame { contents: Contents::Object { key, .. }, .. }) = self.stack.last_mut() {
            *key = Some(Key { text, range, merge });
        }
    }

    pub(super) fn scalar(&mut self, kind: NodeKind, range: Range, anchor: usize) -> Result<(), Stop> {
        self.complete(kind, range, anchor, Size { nodes: 1, height: 1 })
    }

    /// Inserts the node of an anchor again; returns false if the anchor is incomplete, so that the node would contain
    /// itself.
    pub(super) fn alias(&mut self, anchor: usize, range: Range) -> Result<bool, Stop> {
        let Some(shared) = self.anchors.get(&anchor).copied() else { return Ok(false) };
        if self.stack.len() + shared.size.height > MAX_DEPTH {
            return Err(self.too_deep(range));
        }
        self.place(shared, range)?;
        Ok(true)
    }

    /// The text of a scalar that an anchor names.
    pub(super) fn alias_text(&self, anchor: usize) -> Option<&str> {
        match &self.nodes.get(self.anchors.get(&anchor)?.node.0 as usize)?.kind {
            NodeKind::String(text) | NodeKind::Number(text) => Some(text),
            _ => None,
        }
    }

    /// Closes the innermost container. Without an `end` it ends with its last part.
    pub(super) fn close(&mut self, end: Option<u32>) -> Result<(), Stop> {
        let Some(frame) = self.stack.pop() else { return Ok(()) };
        let last = self.last_end(&frame.contents).unwrap_or(frame.start);
        let range = frame.start..end.unwrap_or(last).max(frame.start);
        let kind = match frame.contents {
            Contents::Array { first } => NodeKind::Array(self.items.drain(first..).collect()),
            Contents::Object { first, merges, .. } => {
                let entries: Vec<Entry> = self.entries.drain(first..).collect();
                NodeKind::Object(match merges.is_empty() && !has_duplicates(&entries) {
                    true => entries,
                    false => {
                        let entries = self.without_duplicates(entries, &merges);
                        self.merged(entries)
                    }
                })
            }
        };
        let size = Size { nodes: frame.size.nodes.saturating_add(1), height: frame.size.height + 1 };
        self.complete(kind, range, frame.anchor, size)
    }

    fn complete(&mut self, kind: NodeKind, range: Range, anchor: usize, size: Size) -> Result<(), Stop> {
        let node = NodeId(self.nodes.len() as u32);
        self.adopt(node, &kind);
        self.nodes.push(Node { kind, start: range.start, end: range.end });
        self.parents.push(None);
        let shared = Shared { node, size };
        if anchor > 0 {
            self.anchors.insert(anchor, shared);
        }
        self.place(shared, range)
    }

    /// Sets the parent of a node's parts; a shared part belongs to its first parent.
    fn adopt(&mut self, parent: NodeId, kind: &NodeKind) {
        let mut adopt = |child: NodeId, slot: usize| {
            if let Some(entry @ None) = self.parents.get_mut(child.0 as usize) {
                *entry = Some((parent, slot as u32));
            }
        };
        match kind {
            NodeKind::Array(items) => items.iter().enumerate().for_each(|(i, item)| adopt(*item, i)),
            NodeKind::Object(entries) => entries.iter().enumerate().for_each(|(i, e)| adopt(e.value, i)),
            _ => {}
        }
    }

    /// Inserts a node into its container.
    fn place(&mut self, shared: Shared, range: Range) -> Result<(), Stop> {
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(shared.node);
            return Ok(());
        };
        frame.size.nodes = frame.size.nodes.saturating_add(shared.size.nodes);
        frame.size.height = frame.size.height.max(shared.size.height);
        let nodes = frame.size.nodes;
        match &mut frame.contents {
            Contents::Array { .. } => self.items.push(shared.node),
            Contents::Object { first, key, merges } => {
                let Some(Key { text, range, merge }) = key.take() else { return Ok(()) };
                if merge {
                    merges.insert(self.entries.len().saturating_sub(*first));
                }
                self.entries.push(Entry {
                    key: text,
                    start: range.start,
                    end: range.end,
                    value: shared.node,
                });
            }
        }
        if nodes > MAX_NODES {
            let message = format!("the document expands to more than {MAX_NODES} values");
            return Err(self.stop(Code::TooLarge, message, range));
        }
        Ok(())
    }

    fn last_end(&self, contents: &Contents) -> Option<u32> {
        let (last, least) = match contents {
            Contents::Array { first } => (*self.items.get(*first..)?.last()?, 0),
            Contents::Object { first, .. } => self.entries.get(*first..)?.last().map(|e| (e.value, e.end))?,
        };
        Some(self.nodes.get(last.0 as usize)?.end.max(least))
    }

    /// Keeps the last of several equal keys, at its position, and reports both positions. Merge keys may repeat.
    fn without_duplicates(&mut self, entries: Vec<Entry>, merges: &HashSet<usize>) -> Vec<(Entry, bool)> {
        let mut seen: HashMap<&str, usize> = HashMap::with_capacity(entries.len());
        let mut dropped = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            if merges.contains(&index) {
                continue;
            }
            if let Some(first) = seen.insert(&entry.key, index) {
                dropped.push((first, index));
            }
        }
        for (first, second) in &dropped {
            if let (Some(first), Some(second)) = (entries.get(*first), entries.get(*second)) {
                self.diagnostics.push(self.duplicate(first, second));
            }
        }
        let dropped: HashSet<usize> = dropped.into_iter().map(|(first, _)| first).collect();
        let kept = entries.into_iter().enumerate().filter(|(index, _)| !dropped.contains(index));
        kept.map(|(index, entry)| (entry, merges.contains(&index))).collect()
    }

    fn duplicate(&self, first: &Entry, second: &Entry) -> Diagnostic {
        let mut origin = self.origin(second.start..second.end);
        origin.pointer = format!("{}/{}", origin.pointer, escape_token(&second.key)).into();
        let first = Span { file: self.file, start: first.start, end: first.end };
        Diagnostic::new(Code::DuplicateKey, format!("the key `{}` occurs twice", second.key), &origin)
            .label("this one applies")
            .related(first, "this one is ignored")
    }

    /// Inserts the entries of merged objects at `<<`. Explicit entries take precedence, then earlier merged objects
    /// (YAML 1.1 merge keys).
    fn merged(&self, entries: Vec<(Entry, bool)>) -> Vec<Entry> {
        if entries.iter().all(|(_, merge)| !merge) {
            return entries.into_iter().map(|(entry, _)| entry).collect();
        }
        let own = entries.iter().filter(|(_, merge)| !merge);
        let mut taken: HashSet<CompactString> = own.map(|(entry, _)| entry.key.clone()).collect();
        let mut result = Vec::new();
        for (entry, merge) in entries {
            match self.merge_sources(entry.value) {
                Some(sources) if merge => {
                    let entries = sources.into_iter().flatten();
                    result.extend(entries.filter(|e| taken.insert(e.key.clone())).cloned());
                }
                _ => result.push(entry),
            }
        }
        result
    }

    /// The objects that a merge key names: one, or a list of them; `None` for anything else.
    fn merge_sources(&self, node: NodeId) -> Option<Vec<&[Entry]>> {
        let kind = |node: NodeId| self.nodes.get(node.0 as usize).map(|node| &node.kind);
        match kind(node)? {
            NodeKind::Object(entries) => Some(vec![entries]),
            NodeKind::Array(items) => items
                .iter()
                .map(|item| match kind(*item)? {
                    NodeKind::Object(entries) => Some(entries.as_slice()),
                    _ => None,
                })
                .collect(),
            _ => None,
        }
    }

    fn too_deep(&mut self, range: Range) -> Stop {
        let message = format!("values are nested more than {MAX_DEPTH} levels deep");
        self.stop(Code::TooDeep, message, range)
    }

    /// Reports the fault that ends the parse.
    pub(super) fn stop(&mut self, code: Code, message: impl Into<String>, range: Range) -> Stop {
        self.diagnostics.push(Diagnostic::new(code, message, &self.origin(range)));
        Stop
    }

    /// A place in the container that is open now.
    pub(super) fn origin(&self, range: Range) -> Origin {
        let mut pointer = String::new();
        for (depth, frame) in self.stack.iter().enumerate() {
            match &frame.contents {
                Contents::Array { first } => {
                    // Its items end where those of the next array begin.
                    let inner = self.stack.iter().skip(depth + 1).find_map(|frame| match frame.contents {
                        Contents::Array { first } => Some(first),
                        Contents::Object { .. } => None,
                    });
                    let count = inner.unwrap_or(self.items.len()).saturating_sub(*first);
                    pointer.push_str(&format!("/{count}"));
                }
                Contents::Object { key: Some(key), .. } => {
                    pointer.push('/');
                    pointer.push_str(&escape_token(&key.text));
                }
                Contents::Object { key: None, .. } => {}
            }
        }
        let span = Span { file: self.file, start: range.start, end: range.end.max(range.start) };
        Origin { span, pointer: Arc::from(pointer) }
    }
}

/// Whether a key occurs twice. Most objects are so small that comparing is faster than hashing.
fn has_duplicates(entries: &[Entry]) -> bool {
    if entries.len() > 16 {
        let mut seen = HashSet::with_capacity(entries.len());
        return !entries.iter().all(|entry| seen.insert(&*entry.key));
    }
    let earlier = |index: usize| entries.iter().take(index);
    entries.iter().enumerate().any(|(index, entry)| earlier(index).any(|other| other.key == entry.key))
}

//! Reads the graph: fields by name, references resolved, faulty values absent.

use crate::references::{FileNode, Graph};
use crate::source::Origin;
use crate::tree::NodeKind;

/// A value of the graph, and the graph.
#[derive(Clone, Copy)]
pub(crate) struct View<'g> {
    pub(crate) graph: &'g Graph,
    pub(crate) place: FileNode,
}

impl<'g> View<'g> {
    pub(crate) fn kind(self) -> &'g NodeKind {
        self.graph.kind(self.place)
    }

    /// The value under a key, a reference there not followed; `None` where it is faulty or null.
    pub(crate) fn raw(self, key: &str) -> Option<Self> {
        let entry = self.graph.entries(self.place).iter().find(|entry| &*entry.key == key)?;
        self.child(entry.value)
    }

    /// The value under a key, at the end of its references.
    pub(crate) fn get(self, key: &str) -> Option<Self> {
        self.raw(key)?.resolved()
    }

    /// Resolves the references that begin here.
    pub(crate) fn resolved(self) -> Option<Self> {
        let place = self.graph.resolved(self.place)?;
        let view = Self { place, ..self };
        (!self.graph.is_faulty(place)).then_some(view)
    }

    /// The value under a key, null included: an example or a default may be null. A reference to a file's value is
    /// followed; any other object with a `$ref` is data.
    pub(crate) fn present(self, key: &str) -> Option<Self> {
        let place = self.graph.field(self.place, key)?;
        let view = Self { place: self.graph.target(place).unwrap_or(place), ..self };
        (!self.graph.is_faulty(view.place)).then_some(view)
    }

    fn child(self, node: crate::tree::NodeId) -> Option<Self> {
        let view = Self { place: FileNode { node, ..self.place }, ..self };
        (!self.graph.is_faulty(view.place) && !matches!(view.kind(), NodeKind::Null)).then_some(view)
    }

    /// The entries of an object that are sound, references not followed.
    pub(crate) fn entries(self) -> impl Iterator<Item = (&'g str, Self)> {
        let entries = self.graph.entries(self.place).iter();
        entries.filter_map(move |entry| Some((&*entry.key, self.child(entry.value)?)))
    }

    /// The entries of the object under a key, but extensions.
    pub(crate) fn map(self, key: &str) -> impl Iterator<Item = (&'g str, Self)> {
        self.get(key).into_iter().flat_map(Self::entries)
    }

    /// The items of the array under a key that are sound, references not followed.
    pub(crate) fn list(self, key: &str) -> impl Iterator<Item = Self> {
        let list = self.get(key);
        list.into_iter()
            .flat_map(|list| list.graph.items(list.place).iter().filter_map(move |item| list.child(*item)))
    }

    /// A string, or a scalar that is written where a string belongs.
    pub(crate) fn as_str(self) -> Option<&'g str> {
        match self.kind() {
            NodeKind::String(text) | NodeKind::Number(text) => Some(text),
            NodeKind::Bool(true) => Some("true"),
            NodeKind::Bool(false) => Some("false"),
            _ => None,
        }
    }

    /// The string under a key.
    pub(crate) fn str(self, key: &str) -> Option<&'g str> {
        self.get(key)?.as_str()
    }

    /// The string under a key, to keep.
    pub(crate) fn text(self, key: &str) -> Option<String> {
        self.str(key).map(str::to_owned)
    }

    /// The boolean under a key.
    pub(crate) fn flag(self, key: &str) -> Option<bool> {
        match self.get(key)?.kind() {
            NodeKind::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The strings of the list under a key.
    pub(crate) fn texts(self, key: &str) -> Vec<String> {
        self.list(key).filter_map(|item| item.as_str().map(str::to_owned)).collect()
    }

    pub(crate) fn origin(self) -> Origin {
        self.graph.origin(self.place)
    }

    /// Returns the origin with the position of the key, because a value may have many lines.
    pub(crate) fn head(self) -> Origin {
        let span = self.graph.tree(self.place.file).and_then(|tree| tree.key_span(self.place.node));
        let origin = self.origin();
        Origin { span: span.unwrap_or(origin.span), ..origin }
    }
}

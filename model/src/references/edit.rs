//! Adds nodes to the graph for values that `dialect` rewrites. Each has the origin of the node whose
//! meaning it has.

use compact_str::CompactString;

use super::{FileNode, Graph};
use crate::tree::{Entry, Node, NodeId, NodeKind};

impl Graph {
    /// Replaces the root of the document.
    pub(crate) fn set_root(&mut self, root: FileNode) {
        self.root = root;
    }

    /// Adds a node with the origin of an existing one.
    pub(crate) fn add(&mut self, of: FileNode, kind: NodeKind) -> FileNode {
        let Some(file) = self.files.get_mut(of.file.0 as usize).and_then(Option::as_mut) else { return of };
        let tree = &mut file.tree;
        let Node { start, end, .. } = *tree.get(of.node);
        let parent = tree.parents.get(of.node.0 as usize).copied().flatten();
        tree.nodes.push(Node { kind, start, end });
        tree.parents.push(parent);
        FileNode { file: of.file, node: NodeId(tree.nodes.len() as u32 - 1) }
    }

    /// Adds an object with the origin of an existing node.
    pub(crate) fn add_object(&mut self, of: FileNode, fields: Vec<(CompactString, FileNode)>) -> FileNode {
        let entries = fields.into_iter().map(|(key, value)| {
            let span = self.span(value);
            Entry { key, start: span.start, end: span.end, value: self.within(of, value) }
        });
        let entries = entries.collect();
        self.add(of, NodeKind::Object(entries))
    }

    /// Adds an array with the origin of an existing node.
    pub(crate) fn add_array(&mut self, of: FileNode, items: Vec<FileNode>) -> FileNode {
        let items = items.into_iter().map(|item| self.within(of, item)).collect();
        self.add(of, NodeKind::Array(items))
    }

    /// Adds a reference with the origin of an existing node.
    pub(crate) fn add_reference(&mut self, of: FileNode, to: FileNode) -> FileNode {
        let text = self.add(of, NodeKind::String("".into()));
        let entry = Entry { key: "$ref".into(), start: 0, end: 0, value: text.node };
        let reference = self.add(of, NodeKind::Object(vec![entry]));
        self.link(reference, to);
        reference
    }

    /// Returns a node of a file for a place: its own node, or a reference to it in another file.
    fn within(&mut self, of: FileNode, place: FileNode) -> NodeId {
        if place.file == of.file { place.node } else { self.add_reference(of, place).node }
    }
}

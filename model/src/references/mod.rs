//! Resolves references across files: every reachable `$ref` is resolved once, and becomes a link between two
//! positions of the graph. No later stage reads a file or parses a reference.

mod cycles;
mod edit;
mod files;
mod reference;
mod remote;
mod resolver;
mod root;
mod walk;

use std::path::{Path, PathBuf};

use crate::check::{Checked, ObjectType, Version};
use crate::diagnostic::Diagnostics;
use crate::source::{FileId, Origin, Sources, Span};
use crate::tree::{Entry, NodeId, NodeKind, Tree};

pub use reference::Reference;
pub use remote::{Answer, Fetch, Limits, Remote};
use rustc_hash::{FxHashMap, FxHashSet};
use url::Url;

/// A node of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileNode {
    /// The file.
    pub file: FileId,
    /// The node in this file.
    pub node: NodeId,
}

/// A map by node. Its numbers are small and consecutive, so a strong hash is not needed.
pub(crate) type FileNodeMap<T> = FxHashMap<FileNode, T>;

/// A set of nodes.
pub(crate) type FileNodeSet = FxHashSet<FileNode>;

/// What a document may lead to.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// The root folder of references. By default it is the document's repository (the nearest ancestor with a `.git`),
    /// else the working directory if the document is below it, else the document's folder.
    pub root: Option<PathBuf>,
    /// The permitted hosts; by default none.
    pub remote: Option<Remote>,
    /// The URL that the document itself came from, which its references are relative to; then nothing in it means a file of
    /// this machine.
    pub base: Option<Url>,
    /// Whether to resolve references in examples and in extensions, which are not part of the model.
    pub follow_data: bool,
}

/// The files that are reachable from a document, with references as links.
#[derive(Debug)]
pub struct Graph {
    /// The files by [`FileId`]; `None` if a file could not be parsed.
    files: Vec<Option<File>>,
    /// The targets of objects with a `$ref` and of strings that are references; a target may be a reference itself.
    /// Without cycles.
    links: FileNodeMap<FileNode>,
    root: FileNode,
}

/// A file that was parsed, and what the check knows of it.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) tree: Tree,
    pub(crate) checked: Checked,
    /// The file's name without its folder and its ending.
    pub(crate) stem: String,
}

/// Loads every reachable file, resolves every reference, and checks the targets. An unresolved reference is reported,
/// and has no link.
pub fn resolve(
    tree: Tree,
    checked: Checked,
    sources: &mut Sources,
    access: &Access,
    diagnostics: &mut Diagnostics,
) -> Graph {
    let root = FileNode { file: tree.file, node: tree.root };
    let mut files = Vec::new();
    files.resize_with(root.file.0 as usize, || None);
    files.push(Some(File { stem: stem(sources, tree.file), tree, checked }));
    let mut graph = Graph { files, links: FileNodeMap::default(), root };
    let files = files::Files::new(root.file, sources, access);
    let mut urls = remote::Urls::new(access.remote.clone());
    if let Some(base) = &access.base {
        urls.note(base.clone(), Ok(Some(root.file)));
        urls.add(root.file, base.clone());
    }
    let mut resolver = resolver::Resolver::new(&mut graph, files, urls, sources, diagnostics);
    check_older_webhooks(&mut resolver);
    walk::walk(&mut resolver);
    if access.follow_data {
        walk::data(&mut resolver);
    }
    resolver.finish();
    cycles::cut(&mut graph, diagnostics);
    graph
}

/// A file's name without its folder and its ending.
fn stem(sources: &Sources, file: FileId) -> String {
    let name = sources.get(file).map(|file| Path::new(&file.name));
    name.and_then(Path::file_stem).unwrap_or_default().to_string_lossy().into_owned()
}

/// `x-webhooks` is how documents before 3.1 say what `webhooks` does; the table of objects knows no extension. Some put
/// extensions into it.
fn check_older_webhooks(resolver: &mut resolver::Resolver<'_>) {
    let root = resolver.graph.root;
    let Some(webhooks) = resolver.graph.field(root, "x-webhooks") else { return };
    let items = resolver.graph.entries(webhooks).iter().filter(|entry| !entry.key.starts_with("x-"));
    let items: Vec<NodeId> = items.map(|entry| entry.value).collect();
    items.into_iter().for_each(|node| resolver.check(FileNode { node, ..root }, ObjectType::PATH_ITEM));
}

impl Graph {
    /// Returns the root of the document.
    pub fn root(&self) -> FileNode {
        self.root
    }

    /// Returns the tree of a file.
    pub fn tree(&self, file: FileId) -> Option<&Tree> {
        self.file(file).map(|file| &file.tree)
    }

    /// Returns every tree.
    pub fn trees(&self) -> impl Iterator<Item = &Tree> {
        self.files.iter().flatten().map(|file| &file.tree)
    }

    pub(crate) fn file(&self, file: FileId) -> Option<&File> {
        self.files.get(file.0 as usize)?.as_ref()
    }

    /// The items of the array at a place, as places.
    pub(crate) fn item_places(&self, place: FileNode) -> impl Iterator<Item = FileNode> {
        self.items(place).iter().map(move |node| FileNode { node: *node, ..place })
    }

    /// Returns the object as which a place was checked; `None` if it was not, as inside an example.
    pub(crate) fn shape(&self, place: FileNode) -> Option<ObjectType> {
        self.file(place.file)?.checked.shape(place.node)
    }

    /// Returns the name of a file without folder and extension.
    pub(crate) fn stem(&self, file: FileId) -> &str {
        self.file(file).map_or("", |file| &file.stem)
    }

    /// Returns the version of a file, by default that of the document.
    pub fn version(&self, file: FileId) -> Version {
        self.file(file).or_else(|| self.file(self.root.file)).map_or(Version::V31, |f| f.checked.version)
    }

    /// Returns the value at a place, recovered if the check corrected it.
    pub fn kind(&self, place: FileNode) -> &NodeKind {
        let Some(File { tree, checked, .. }) = self.file(place.file) else { return &NodeKind::Null };
        checked.read_as(place.node).unwrap_or_else(|| &tree.get(place.node).kind)
    }

    /// Whether the value at a place is left out because of a fault.
    pub fn is_faulty(&self, place: FileNode) -> bool {
        self.file(place.file).is_some_and(|file| file.checked.is_faulty(place.node))
    }

    /// Returns the value of a key of the object at a place, without resolving its `$ref`.
    pub fn field(&self, place: FileNode, key: &str) -> Option<FileNode> {
        let node = self.tree(place.file)?.field(place.node, key)?;
        Some(FileNode { file: place.file, node })
    }

    /// Returns the entries of the object at a place; none for other values.
    pub fn entries(&self, place: FileNode) -> &[Entry] {
        self.tree(place.file).map_or(&[], |tree| tree.entries(place.node))
    }

    /// Returns the items of the array at a place; none for other values.
    pub fn items(&self, place: FileNode) -> &[NodeId] {
        self.tree(place.file).map_or(&[], |tree| tree.items(place.node))
    }

    /// Returns the reference at a place, resolved or not: the `$ref` of an object, if it is a string.
    pub fn reference(&self, place: FileNode) -> Option<&str> {
        let tree = self.tree(place.file)?;
        tree.str(tree.field(place.node, "$ref")?)
    }

    /// Returns the direct target of the `$ref` at a place.
    pub fn target(&self, place: FileNode) -> Option<FileNode> {
        self.links.get(&place).copied()
    }

    /// Returns the final target of the references that begin at a place: the place itself if it has none, `None` if one
    /// is unresolved (which was reported).
    pub fn resolved(&self, place: FileNode) -> Option<FileNode> {
        let mut at = place;
        while self.reference(at).is_some() {
            at = self.target(at)?;
        }
        Some(at)
    }

    /// Returns every target of a reference.
    pub fn targets(&self) -> impl Iterator<Item = FileNode> {
        self.links.values().copied()
    }

    /// Returns every reference to a place.
    pub(crate) fn sites(&self, target: FileNode) -> impl Iterator<Item = FileNode> {
        self.links.iter().filter(move |(_, to)| **to == target).map(|(from, _)| *from)
    }

    /// Returns the position in the text.
    pub fn span(&self, place: FileNode) -> Span {
        self.tree(place.file).map_or(Span { file: place.file, start: 0, end: 0 }, |t| t.span(place.node))
    }

    /// Returns the position and the pointer of a place.
    pub fn origin(&self, place: FileNode) -> Origin {
        self.tree(place.file).map(|tree| tree.origin(place.node)).unwrap_or_default()
    }

    fn link(&mut self, from: FileNode, to: FileNode) {
        self.links.insert(from, to);
    }

    fn unlink(&mut self, from: FileNode) {
        self.links.remove(&from);
    }
}

//! Resolves the text of a `$ref` to a position: a file and a pointer (RFC 3986, RFC 6901, JSON Schema 8.2).

use std::cell::Cell;
use std::collections::HashMap;
use std::path::PathBuf;

use compact_str::CompactString;
use indexmap::{IndexMap, IndexSet};
use url::Url;

use super::files::{Files, Found};
use super::reference::{Fault, Reference};
use super::remote::Urls;
use super::{File, FileNode, FileNodeMap, FileNodeSet, Graph};
use crate::check::{self, Checked, ObjectType, Version};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::parse::Parsed;
use crate::source::{FileId, Sources};
use crate::tree::{NodeId, NodeKind, Tree, escape_token, unescape_token};

/// The maximum number of references inside a pointer: `a/b/c` where `a` and `a/b` are references themselves.
const MAX_HOPS: usize = 64;

/// The number of entries from which an object gets an index: a file may have a hundred thousand schemas.
const MANY: usize = 64;

/// Resolves references to links, and reads files on demand.
pub(super) struct Resolver<'a> {
    pub(super) graph: &'a mut Graph,
    files: Files,
    urls: Urls,
    sources: &'a mut Sources,
    pub(super) diagnostics: &'a mut Diagnostics,
    /// `$id`s as written, each with its place.
    ids: HashMap<String, FileNode>,
    /// The places that have an `$id`.
    resources: FileNodeSet,
    /// `$anchor`s and `$dynamicAnchor`s of each file.
    anchors: HashMap<(FileId, String), FileNode>,
    /// The targets of resolved pointers by base, since many references have the same target.
    pointers: FileNodeMap<HashMap<String, FileNode>>,
    /// The entries of objects that have many, by key.
    indexes: FileNodeMap<HashMap<CompactString, NodeId>>,
    /// The results by path as written in each file.
    tried: HashMap<(FileId, String), Option<FileId>>,
    /// Findings about unreachable files, one per cause, with the number of references.
    unreached: IndexMap<(Code, String), (Diagnostic, usize)>,
    /// How many more keys are compared with names that are missing, to suggest one.
    comparisons: Cell<usize>,
}

/// The most keys that are compared to suggest one: a document of missing references has as many findings, and few need one.
const MAX_COMPARISONS: usize = 200_000;

impl<'a> Resolver<'a> {
    pub(super) fn new(
        graph: &'a mut Graph,
        files: Files,
        urls: Urls,
        sources: &'a mut Sources,
        diagnostics: &'a mut Diagnostics,
    ) -> Self {
        let root = graph.root.file;
        let (ids, resources, anchors, pointers, indexes, tried, unreached) = Default::default();
        let mut resolver = Self {
            graph,
            files,
            urls,
            sources,
            diagnostics,
            ids,
            resources,
            anchors,
            pointers,
            indexes,
            tried,
            unreached,
            comparisons: Cell::new(MAX_COMPARISONS),
        };
        resolver.index(root);
        resolver
    }

    /// Resolves the `$ref` of an object by one step, and reports failures. Examples and descriptions are not essential,
    /// so processing continues without them.
    pub(super) fn follow(&mut self, place: FileNode, expected: ObjectType) -> Option<FileNode> {
        let text = self.graph.reference(place)?.to_owned();
        let at = self.graph.field(place, "$ref").unwrap_or(place);
        let result = self.find(place, &text, 0);
        let spare = expected == ObjectType::EXAMPLE || expected.is_text();
        self.reported(result, at, if spare { Severity::Warning } else { Severity::Error })
    }

    /// Resolves a string that is itself a reference, such as `operationRef`.
    pub(super) fn follow_text(&mut self, place: FileNode, worst: Severity) -> Option<FileNode> {
        let text = self.text(place)?;
        let result = self.find(place, &text, 0);
        self.reported(result, place, worst)
    }

    /// Resolves the `$ref` of an object that may be data: it is a reference if it is in another file or points to one.
    pub(super) fn follow_softly(&mut self, place: FileNode) {
        let Some(text) = self.graph.reference(place).map(str::to_owned) else { return };
        let reference = Reference::new(&text);
        let is_own = reference.file.is_empty() && place.file == self.graph.root.file;
        let is_remote =
            reference.is_remote() || !reference.file.is_empty() && self.urls.is_remote(place.file);
        if !is_own && !is_remote {
            // What cannot be found is data.
            let _ = self.find(place, &text, 0);
        }
    }

    /// Checks the target of a reference as the expected object.
    pub(super) fn check(&mut self, target: FileNode, expected: ObjectType) {
        if let Some(File { tree, checked, .. }) =
            self.graph.files.get_mut(target.file.0 as usize).and_then(Option::as_mut)
        {
            checked.part(tree, target.node, expected, self.diagnostics);
        }
    }

    /// Resolves a value of `discriminator.mapping`: a reference, or the name of a schema (OAS 4.8.25).
    pub(super) fn follow_mapping(&mut self, place: FileNode) -> Option<FileNode> {
        let text = self.text(place)?;
        for pointer in [["components", "schemas"].as_slice(), &["definitions"]] {
            let root = Some(self.graph.root);
            let map = pointer.iter().fold(root, |at, key| self.graph.field(at?, key));
            if let Some(found) = map.and_then(|map| self.child(map, &escape_token(&text))) {
                self.graph.link(place, found);
                return Some(found);
            }
        }
        let is_name = !text.contains(['/', '#']) && !text.ends_with("json") && !text.ends_with("yaml");
        let result = match is_name {
            true => Err(no_schema(&text)),
            false => self.find(place, &text, 0).map_err(|fault| Fault { code: Code::Discriminator, ..fault }),
        };
        self.reported(result, place, Severity::Error)
    }

    fn text(&self, place: FileNode) -> Option<String> {
        match self.graph.kind(place) {
            NodeKind::String(text) => Some(text.to_string()),
            _ => None,
        }
    }

    fn reported(
        &mut self,
        result: Result<Option<FileNode>, Fault>,
        at: FileNode,
        worst: Severity,
    ) -> Option<FileNode> {
        result.unwrap_or_else(|fault| {
            let mut finding = Diagnostic::new(fault.code, fault.message, &self.graph.origin(at));
            finding.severity = finding.severity.min(worst);
            finding.help = fault.help;
            match fault.cause {
                Some(cause) => self.note_unreached((fault.code, cause), finding),
                None => self.diagnostics.push(finding),
            }
            None
        })
    }

    fn note_unreached(&mut self, cause: (Code, String), finding: Diagnostic) {
        let severity = finding.severity;
        let (first, count) = self.unreached.entry(cause).or_insert((finding, 0));
        first.severity = first.severity.max(severity);
        *count += 1;
    }

    /// Reports each cause for which files are not reached once, at the first of its references.
    pub(super) fn finish(self) {
        for (mut finding, count) in self.unreached.into_values() {
            if count > 1 {
                finding.message = format!("{} ({count} references fail for this reason)", finding.message);
            }
            self.diagnostics.push(finding);
        }
    }

    /// `Ok(None)` where a file has a fault of its own, which was reported there.
    fn find(&mut self, place: FileNode, text: &str, hops: usize) -> Result<Option<FileNode>, Fault> {
        if let Some(known) = self.graph.target(place) {
            return Ok(Some(known));
        }
        let reference = Reference::new(text);
        let Some(base) = self.base(place, reference)? else { return Ok(None) };
        let found = match reference.fragment {
            "" => base,
            fragment if fragment.starts_with('/') => match self.pointer(base, fragment, hops)? {
                Some(found) => found,
                None => return Ok(None),
            },
            name => self.anchor(base, name, text)?,
        };
        self.graph.link(place, found);
        Ok(Some(found))
    }

    /// Resolves the file part of a reference; if it is empty, to the nearest schema with an `$id`, or the file.
    fn base(&mut self, place: FileNode, reference: Reference<'_>) -> Result<Option<FileNode>, Fault> {
        if reference.file.is_empty() {
            return Ok(Some(self.resource(place)));
        }
        if let Some(found) = self.ids.get(reference.file) {
            return Ok(Some(*found));
        }
        let file = match self.urls.meant(place.file, reference) {
            Some(url) => self.remote_file(url?)?,
            None => self.file(place.file, reference.file)?,
        };
        Ok(file.and_then(|file| self.whole(file)))
    }

    fn whole(&self, file: FileId) -> Option<FileNode> {
        self.graph.tree(file).map(|tree| FileNode { file, node: tree.root })
    }

    /// Returns the base of `#…` references at a place: the root of the file, or the enclosing schema with an `$id`.
    fn resource(&self, place: FileNode) -> FileNode {
        let whole = self.whole(place.file).unwrap_or(place);
        let Some(tree) = self.graph.tree(place.file).filter(|_| !self.ids.is_empty()) else { return whole };
        let parent =
            |node: NodeId| tree.parents.get(node.0 as usize).copied().flatten().map(|(node, _)| node);
        std::iter::successors(Some(place.node), |node| parent(*node))
            .map(|node| FileNode { file: place.file, node })
            .find(|place| self.resources.contains(place))
            .unwrap_or(whole)
    }

    /// Reads what the files from one on refer to, before each reference is followed: the more files at once, the better
    /// they are shared among threads. Gives the number of files that there are.
    pub(super) fn read_ahead(&mut self, first: usize) -> usize {
        let files = self.graph.files.iter().skip(first).flatten();
        let places = files.flat_map(|File { tree, checked, .. }| {
            checked.references().iter().map(|one| FileNode { file: tree.file, node: one.node })
        });
        let parts = places.filter_map(|at| Some((at.file, Reference::new(self.graph.reference(at)?))));
        let local = parts.filter(|(file, reference)| {
            let is_known = reference.file.is_empty() || self.ids.contains_key(reference.file);
            !is_known && self.urls.meant(*file, *reference).is_none()
        });
        let wanted: IndexSet<(FileId, &str)> =
            local.map(|(file, reference)| (file, reference.file)).collect();
        let wanted = wanted.into_iter().map(|(file, path)| (file, percent_decoded(path)));
        self.files.read_ahead(wanted, self.sources);
        self.graph.files.len()
    }

    /// The file that a path means, read and parsed at the first time.
    fn file(&mut self, from: FileId, path: &str) -> Result<Option<FileId>, Fault> {
        let key = (from, path.to_owned());
        if let Some(known) = self.tried.get(&key) {
            return Ok(*known);
        }
        let decoded = percent_decoded(path);
        let found = self.files.find(from, &decoded, self.sources)?;
        let file = match found {
            Found::Known(file) => Some(file),
            Found::New { path, name, parsed } => {
                let (file, is_sound) = self.add(Some(path.clone()), &name, parsed);
                self.files.add(path, file);
                is_sound.then_some(file)
            }
        };
        self.tried.insert(key, file);
        Ok(file)
    }

    /// The file at a URL, fetched and parsed at the first time.
    fn remote_file(&mut self, url: Url) -> Result<Option<FileId>, Fault> {
        if let Some(known) = self.urls.known(&url) {
            return known;
        }
        let found = self.urls.fetch(&url).map(|(base, bytes)| {
            let parsed = Parsed::new(url.as_str(), bytes);
            let (file, is_sound) = self.add(None, url.as_str(), parsed);
            self.urls.add(file, base);
            is_sound.then_some(file)
        });
        self.urls.note(url, found.clone());
        found
    }

    /// Adds a file; returns false if it is invalid, which was reported.
    fn add(&mut self, path: Option<PathBuf>, name: &str, parsed: Parsed) -> (FileId, bool) {
        let (file, tree) = parsed.add(self.sources, name, path, self.diagnostics);
        let is_sound = tree.is_some();
        // A part of a document states no version; that of the document holds.
        let stated = tree.as_ref().and_then(|tree| check::version(tree, &mut Diagnostics::default()));
        let version = stated.unwrap_or_else(|| self.graph.version(self.graph.root.file));
        let parsed_file = tree.map(|tree| File {
            checked: Checked::new(version),
            tree,
            stem: super::stem(self.sources, file),
        });
        self.graph.files.resize_with(file.0 as usize, || None);
        self.graph.files.push(parsed_file);
        self.index(file);
        (file, is_sound)
    }

    /// Indexes the `$id`s and anchors of a file, from 3.1 on.
    fn index(&mut self, file: FileId) {
        if self.graph.version(file) < Version::V31 {
            return;
        }
        let Some(tree) = self.graph.tree(file) else { return };
        for (index, node) in tree.nodes.iter().enumerate() {
            let NodeKind::Object(entries) = &node.kind else { continue };
            for entry in entries.iter().filter(|entry| entry.key.starts_with('$')) {
                let Some(text) = tree.str(entry.value) else { continue };
                let place = FileNode { file, node: NodeId(index as u32) };
                match &*entry.key {
                    "$id" => {
                        self.ids.entry(text.trim_end_matches('#').to_owned()).or_insert(place);
                        self.resources.insert(place);
                    }
                    "$anchor" | "$dynamicAnchor" => {
                        self.anchors.entry((file, text.to_owned())).or_insert(place);
                    }
                    _ => {}
                }
            }
        }
    }

    fn anchor(&self, base: FileNode, name: &str, text: &str) -> Result<FileNode, Fault> {
        let name = percent_decoded(name);
        self.anchors.get(&(base.file, name.clone())).copied().ok_or_else(|| {
            let help =
                format!("a pointer into a document begins with `#/`, such as `#/components/schemas/{name}`");
            missing(text, format!("no `$anchor` is `{name}`"), Some(help))
        })
    }

    /// Resolves a JSON pointer, through references on its path. If a schema with an `$id` has no such part, the pointer
    /// starts at the file's root, as most authors intend.
    fn pointer(&mut self, base: FileNode, pointer: &str, mut hops: usize) -> Result<Option<FileNode>, Fault> {
        if let Some(known) = self.pointers.get(&base).and_then(|known| known.get(pointer)) {
            return Ok(Some(*known));
        }
        let mut waiting = pointer.split('/').skip(1).peekable();
        let first = waiting.peek().and_then(|token| self.child(base, token));
        let mut at = if first.is_some() { base } else { self.whole(base.file).unwrap_or(base) };
        while let Some(token) = waiting.peek() {
            if let Some(next) = self.child(at, token) {
                at = next;
                waiting.next();
                continue;
            }
            let Some(text) = self.graph.reference(at).map(str::to_owned) else {
                return Err(self.nothing_there(at, token, pointer));
            };
            hops += 1;
            if hops > MAX_HOPS {
                let message = format!("`#{pointer}` passes through references that lead back to it");
                return Err(Fault { code: Code::RefCycle, message, help: None, cause: None });
            }
            match self.find(at, &text, hops)? {
                Some(target) => at = target,
                None => return Ok(None),
            }
        }
        self.pointers.entry(base).or_default().insert(pointer.to_owned(), at);
        Ok(Some(at))
    }

    /// Returns the part of a value for a token of a pointer, percent-decoded or literal.
    fn child(&mut self, at: FileNode, token: &str) -> Option<FileNode> {
        let tree = self.graph.tree(at.file)?;
        let entries = tree.entries(at.node);
        let index = (entries.len() > MANY).then(|| {
            let keyed = || entries.iter().map(|entry| (entry.key.clone(), entry.value)).collect();
            &*self.indexes.entry(at).or_insert_with(keyed)
        });
        let named = |token: &str| {
            let key = unescape_token(token);
            match (&tree.get(at.node).kind, index) {
                (NodeKind::Array(items), _) => items.get(key.parse::<usize>().ok()?).copied(),
                (_, Some(index)) => index.get(&*key).copied(),
                (_, None) => tree.field(at.node, &key),
            }
        };
        let node = named(&percent_decoded(token)).or_else(|| named(token))?;
        Some(FileNode { file: at.file, node })
    }

    fn nothing_there(&self, at: FileNode, token: &str, pointer: &str) -> Fault {
        let token = percent_decoded(token);
        let token = unescape_token(&token);
        let place = self.graph.origin(at).pointer;
        let place = if place.is_empty() { "the document".to_owned() } else { format!("`{place}`") };
        let help = self.graph.tree(at.file).and_then(|tree| self.nearest(tree, at.node, &token));
        missing(&format!("#{pointer}"), format!("{place} has no `{token}`"), help)
    }

    /// Suggests a similar key of an object, as long as keys may be compared.
    fn nearest(&self, tree: &Tree, node: NodeId, wanted: &str) -> Option<String> {
        let entries = tree.entries(node);
        self.comparisons.set(self.comparisons.get().checked_sub(entries.len())?);
        let keys = entries.iter().map(|entry| (strsim::jaro_winkler(&entry.key, wanted), &*entry.key));
        let (likeness, best) = keys.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
        (likeness > 0.85).then(|| format!("did you mean `{best}`?"))
    }
}

fn missing(reference: &str, why: String, help: Option<String>) -> Fault {
    Fault {
        code: Code::RefMissing,
        message: format!("`{reference}` points to nothing: {why}"),
        help,
        cause: None,
    }
}

/// The text with each `%XX` decoded, where the result is UTF-8; else as it is.
pub(super) fn percent_decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8().map_or_else(|_| text.to_owned(), Into::into)
}

/// A mapping to a name that is no schema's.
fn no_schema(name: &str) -> Fault {
    let message = format!("schema `{name}` does not exist");
    Fault {
        code: Code::Discriminator,
        message,
        help: Some("declare it, or remove it from the mapping".to_owned()),
        cause: None,
    }
}

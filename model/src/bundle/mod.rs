//! Bundles a document of several files into one. Values from other files become components, or are inlined
//! if there is no such kind of component. The content of the document itself keeps its form and order.

mod component_slots;
mod write;

use std::collections::HashSet;
use std::path::Path;

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::load::{self, Options, Reading};
use crate::parse::{MAX_DEPTH, MAX_NODES};
use crate::references::{FileNode, Graph};
use crate::source::Sources;
use crate::threads::on_own_stack;
use crate::tree::{Entry, NodeKind, escape_token};
use component_slots::ComponentSlots;
use write::Value;

/// The format of a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON.
    Json,
    /// YAML.
    Yaml,
}

/// The result for a document.
#[derive(Clone, Debug)]
pub struct Bundled {
    /// The bundle; `None` if the document cannot be read, or the bundle is too large.
    pub text: Option<String>,
    /// The findings, sorted by position. The bundle contains faulty values as written.
    pub diagnostics: Vec<Diagnostic>,
    /// Every file that was read.
    pub sources: Sources,
}

/// Bundles the document in a file, by default in the document's format.
pub fn bundle(path: &Path, format: Option<Format>, options: &Options) -> Bundled {
    let mut options = options.clone();
    options.access.follow_data = true;
    let result = on_own_stack(|| bundled(load::read(path, &options), format));
    result.unwrap_or_else(|why| bundled(load::unreadable(&path.to_string_lossy(), Some(path), &why), format))
}

fn bundled(reading: Reading, format: Option<Format>) -> Bundled {
    let Reading { graph, mut diagnostics, sources } = reading;
    let text = graph.and_then(|graph| {
        let own = sources.get(graph.root().file).map_or(Format::Yaml, |file| format_of(&file.text));
        let document = Bundler::new(&graph, &mut diagnostics).document()?;
        Some(write::text(&document, format.unwrap_or(own)))
    });
    Bundled { text, diagnostics: diagnostics.into_sorted(), sources }
}

fn format_of(text: &str) -> Format {
    if text.trim_start().starts_with(['{', '[']) { Format::Json } else { Format::Yaml }
}

struct Bundler<'g> {
    graph: &'g Graph,
    diagnostics: &'g mut Diagnostics,
    slots: ComponentSlots<'g>,
    /// The position of the current value in the bundle.
    pointer: Vec<String>,
    /// The targets that are being inlined, so that a recursive one ends.
    open: HashSet<FileNode>,
    written: u64,
}

/// The bundle would be too large, or too deep; which was reported.
struct TooMuch;

impl<'g> Bundler<'g> {
    fn new(graph: &'g Graph, diagnostics: &'g mut Diagnostics) -> Self {
        let slots = ComponentSlots::new(graph);
        Self { graph, diagnostics, slots, pointer: Vec::new(), open: HashSet::new(), written: 0 }
    }

    fn document(mut self) -> Option<Value> {
        let mut document = self.value(self.graph.root()).ok()?;
        for (section, name, place) in self.slots.components().to_vec() {
            self.pointer = section.iter().copied().map(str::to_owned).chain([name.clone()]).collect();
            let value = self.value(place).ok()?;
            document.insert_at(section, name, value);
        }
        Some(document)
    }

    fn value(&mut self, place: FileNode) -> Result<Value, TooMuch> {
        self.written += 1;
        if self.written > MAX_NODES || self.pointer.len() >= MAX_DEPTH {
            let message = format!("the bundle is larger than {MAX_NODES} values, or deeper than {MAX_DEPTH}");
            self.diagnostics.push(Diagnostic::new(Code::TooLarge, message, &self.graph.origin(place)));
            return Err(TooMuch);
        }
        let Some(tree) = self.graph.tree(place.file) else { return Ok(Value::Null) };
        match &tree.get(place.node).kind {
            NodeKind::Null => Ok(Value::Null),
            NodeKind::Bool(value) => Ok(Value::Bool(*value)),
            NodeKind::Number(text) => Ok(Value::Number(text.to_string())),
            NodeKind::String(text) => Ok(Value::String(self.string(place, text))),
            NodeKind::Array(items) => {
                let items = items.iter().enumerate();
                let items =
                    items.map(|(i, node)| self.child(i.to_string(), FileNode { node: *node, ..place }));
                Ok(Value::Array(items.collect::<Result<_, _>>()?))
            }
            NodeKind::Object(entries) => self.object(place, entries),
        }
    }

    fn child(&mut self, key: String, place: FileNode) -> Result<Value, TooMuch> {
        self.pointer.push(key);
        let value = self.value(place);
        self.pointer.pop();
        value
    }

    /// A string that is a reference itself is one into the bundle.
    fn string(&self, place: FileNode, text: &str) -> String {
        match self.graph.target(place).and_then(|target| self.reference(target)) {
            Some(reference) if !text.starts_with('#') || place.file != self.graph.root().file => reference,
            _ => text.to_owned(),
        }
    }

    fn object(&mut self, place: FileNode, entries: &'g [Entry]) -> Result<Value, TooMuch> {
        let target = self.graph.target(place);
        let Some(target) = target else { return self.fields(place, entries, None) };
        let stays = place.file == self.graph.root().file && target.file == place.file;
        let reference = if stays { self.graph.reference(place).map(str::to_owned) } else { None };
        let reference = reference.or_else(|| self.reference(target));
        let is_home = self.slots.home(target).is_some_and(|home| home == self.here());
        match reference {
            Some(reference) if !is_home => self.fields(place, entries, Some(reference)),
            _ => self.in_place(place, target, entries),
        }
    }

    /// `#/…` for a target, unless there is no place for it in the bundle but those where it is referred to.
    fn reference(&self, target: FileNode) -> Option<String> {
        if target.file != self.graph.root().file && self.slots.has_no_section(target) {
            return None;
        }
        Some(format!("#{}", component_slots::as_fragment(&self.slots.home(target)?)))
    }

    fn here(&self) -> String {
        self.pointer.iter().map(|token| format!("/{}", escape_token(token))).collect()
    }

    /// The object's own fields; `$ref` as given.
    fn fields(
        &mut self,
        place: FileNode,
        entries: &'g [Entry],
        reference: Option<String>,
    ) -> Result<Value, TooMuch> {
        let fields = entries.iter().map(|entry| {
            let value = match &reference {
                Some(reference) if &*entry.key == "$ref" => Value::String(reference.clone()),
                _ => self.child(entry.key.to_string(), FileNode { node: entry.value, ..place })?,
            };
            Ok((entry.key.to_string(), value))
        });
        Ok(Value::Object(fields.collect::<Result<_, _>>()?))
    }

    /// Inlines the target of a reference; fields beside the reference override those of the target.
    fn in_place(
        &mut self,
        place: FileNode,
        target: FileNode,
        entries: &'g [Entry],
    ) -> Result<Value, TooMuch> {
        if !self.open.insert(target) {
            let message = "the target contains this reference, and OpenAPI has no component for it";
            self.diagnostics.push(Diagnostic::new(Code::Unsupported, message, &self.graph.origin(place)));
            return self.fields(place, entries, None);
        }
        let value = self.value(target);
        self.open.remove(&target);
        let mut value = value?;
        for entry in entries.iter().filter(|entry| &*entry.key != "$ref") {
            let own = self.child(entry.key.to_string(), FileNode { node: entry.value, ..place })?;
            value.set(&entry.key, own);
        }
        Ok(value)
    }
}

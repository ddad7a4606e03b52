//! Converts a schema of any version to JSON Schema 2020-12. Invalid values of keywords are left out, so
//! that the result is always a schema.

use serde_json::Value;

use super::data::data;
use super::keywords::{is_annotation, is_dropped};
use super::legacy::{Legacy, set};
use super::nullable::{allow_null, null as null_schema};
use crate::api::SchemaId;
use crate::check::{Version, is_idle_discriminator};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::references::{FileNode, Graph};
use crate::schema::payload::{Payload, Reader};
use crate::schema::{Keyword, Schema};
use crate::tree::{Entry, NodeKind};
use crate::view::View;

/// The schemas that are definitions.
pub(crate) trait References {
    /// Returns the id of the schema at a place.
    fn reference(&mut self, target: FileNode) -> SchemaId;

    /// Returns whether something points at a place, so that its schema must be a definition.
    fn is_target(&self, place: FileNode) -> bool;
}

/// Whether a schema is equivalent to its `$ref`. In 3.0 and before, keywords beside a `$ref` have no effect (OAS 3.0.4,
/// 4.7.23); `nullable` still applies.
pub(crate) fn is_pure_reference(graph: &Graph, place: FileNode) -> bool {
    let legacy = graph.version(place.file) < Version::V31;
    let says_nothing = |entry: &Entry| match &*entry.key {
        "$ref" => true,
        "nullable" => !is_true(graph, FileNode { node: entry.value, ..place }),
        key => legacy || key == "description" || key == "summary" || key.starts_with("x-"),
    };
    graph.reference(place).is_some() && graph.entries(place).iter().all(says_nothing)
}

/// Returns the schema at a place, in the canonical form.
pub(crate) fn canonical(
    graph: &Graph,
    place: FileNode,
    references: &mut dyn References,
    diagnostics: &mut Diagnostics,
) -> Schema {
    Canonical { graph, references, diagnostics }.own(place)
}

struct Canonical<'a> {
    graph: &'a Graph,
    references: &'a mut dyn References,
    diagnostics: &'a mut Diagnostics,
}

impl Reader for Canonical<'_> {
    type Node = FileNode;

    fn data(&mut self, place: FileNode) -> Value {
        data(self.graph, place, self.diagnostics)
    }

    /// An integer as written, perhaps as `5.0`; the largest that can be held where it is larger.
    fn count(&mut self, place: FileNode) -> Option<u64> {
        let NodeKind::Number(text) = self.graph.kind(place) else { return None };
        let float = text.parse::<f64>().ok().filter(|n| *n >= 0.0 && n.fract() == 0.0)?;
        Some(text.parse().unwrap_or(float as u64))
    }

    fn items(&self, place: FileNode) -> Option<Vec<FileNode>> {
        let NodeKind::Array(items) = self.graph.kind(place) else { return None };
        Some(items.iter().map(|item| FileNode { node: *item, ..place }).collect())
    }

    /// A map may be a reference as a whole.
    fn entries(&self, place: FileNode) -> Option<Vec<(String, FileNode)>> {
        let place = self.graph.resolved(place)?;
        let NodeKind::Object(entries) = self.graph.kind(place) else { return None };
        Some(entries.iter().map(|e| (e.key.to_string(), FileNode { node: e.value, ..place })).collect())
    }

    fn field(&self, place: FileNode, key: &str) -> Option<FileNode> {
        self.graph.field(place, key)
    }

    fn schema(&mut self, place: FileNode) -> Option<Schema> {
        matches!(self.graph.kind(place), NodeKind::Object(_) | NodeKind::Bool(_)).then(|| self.inner(place))
    }

    /// A schema inside another one: a reference, where something else points at it too.
    fn inner(&mut self, place: FileNode) -> Schema {
        if self.references.is_target(place) && matches!(self.graph.kind(place), NodeKind::Object(_)) {
            return Schema::to(self.references.reference(place));
        }
        self.own(place)
    }

    fn target(&mut self, place: FileNode) -> Option<SchemaId> {
        let target = self.graph.target(place)?;
        Some(self.references.reference(target))
    }
}

impl Canonical<'_> {
    fn own(&mut self, place: FileNode) -> Schema {
        let entries = match self.graph.kind(place) {
            NodeKind::Object(entries) => entries,
            NodeKind::Bool(admits) => return Schema::Boolean(*admits),
            _ => return Schema::Boolean(true),
        };
        let legacy = self.graph.version(place.file) < Version::V31;
        let mut keywords = Vec::with_capacity(entries.len());
        // `$dynamicRef` is a string of its own; a `$ref` is the place of the object that has it.
        let dynamic = || self.graph.field(place, "$dynamicRef");
        let reference = self.graph.field(place, "$ref").map(|_| place).or_else(dynamic);
        if let Some(from) = reference {
            // One that leads nowhere was reported.
            let Some(target) = self.target(from) else { return Schema::Boolean(true) };
            keywords.push(Keyword::Ref(target));
        }
        let has_reference = !keywords.is_empty();
        let mut outdated = Legacy::default();
        for entry in entries {
            if !(legacy && has_reference) || is_annotation(&entry.key) {
                let at = FileNode { node: entry.value, ..place };
                self.keyword(&mut keywords, &mut outdated, &entry.key, at);
            }
        }
        if legacy && has_reference {
            self.note_siblings(place, entries);
        }
        self.example(&mut keywords, place);
        outdated.base64 = legacy && keywords.iter().any(|one| one.format().is_some_and(|it| it == "byte"));
        outdated.rewrite(&mut keywords);
        if self.is_nullable(place) {
            let stated = keywords.clone();
            keywords = allow_null(keywords);
            // From 3.1 on it is a mistake: null is taken, because senders mean it, and never made up.
            let hides = !legacy && keywords != stated;
            keywords.extend(hides.then_some(Keyword::Nullable(true)));
        }
        Schema::Keywords(keywords)
    }

    /// Reads one keyword. Invalid values, and keywords without a canonical form, are left out.
    fn keyword(&mut self, keywords: &mut Vec<Keyword>, outdated: &mut Legacy, key: &str, place: FileNode) {
        if is_dropped(key) || self.graph.is_faulty(place) || self.is_outdated(outdated, key, place) {
            return;
        }
        let place = match key {
            "discriminator" => match self.telling(place) {
                Some(place) => place,
                None => return,
            },
            _ => place,
        };
        match Keyword::read(self, key, place) {
            Ok(Keyword::MultipleOf(unit)) if unit.as_f64().is_none_or(|unit| unit <= 0.0) => {}
            Ok(keyword @ Keyword::Other(_)) => keywords.push(keyword),
            Ok(keyword) => set(keywords, self.with_null_branch(keyword, place)),
            Err(_) => {}
        }
    }

    /// Replaces branches of `anyOf` and `oneOf` that state only `nullable: true` by null, where another branch states more:
    /// so frameworks write an optional value in 3.0. By the letter such a branch admits every value.
    fn with_null_branch(&self, keyword: Keyword, place: FileNode) -> Keyword {
        let places = || self.graph.resolved(place).and_then(|place| self.items(place)).unwrap_or_default();
        match keyword {
            Keyword::AnyOf(branches) => Keyword::AnyOf(self.null_branches(branches, &places())),
            Keyword::OneOf(branches) => {
                Keyword::OneOf(self.null_branches(branches.to_vec(), &places()).into())
            }
            keyword => keyword,
        }
    }

    fn null_branches(&self, mut branches: Vec<Schema>, places: &[FileNode]) -> Vec<Schema> {
        let is_null: Vec<bool> = places.iter().map(|place| self.states_only_null(*place)).collect();
        if is_null.len() == branches.len() && is_null.contains(&false) {
            let null = branches.iter_mut().zip(is_null).filter(|(_, is_null)| *is_null);
            null.for_each(|(branch, _)| *branch = null_schema());
        }
        branches
    }

    /// Whether a schema of 2.0 or 3.0 states nothing but that it is nullable.
    fn states_only_null(&self, place: FileNode) -> bool {
        let NodeKind::Object(entries) = self.graph.kind(place) else { return false };
        let is_word = |key: &str| matches!(key, "nullable" | "x-nullable");
        self.graph.version(place.file) < Version::V31
            && self.is_nullable(place)
            && entries.iter().all(|entry| is_word(&entry.key) || is_annotation(&entry.key))
    }

    /// Returns the place of a discriminator; `None` if it distinguishes nothing, so that the branches are tried.
    fn telling(&self, place: FileNode) -> Option<FileNode> {
        let place = self.graph.resolved(place)?;
        (!is_idle_discriminator(View { graph: self.graph, place })).then_some(place)
    }

    /// Reads a keyword that 2020-12 does not have in this form; returns whether it was one.
    fn is_outdated(&mut self, outdated: &mut Legacy, key: &str, place: FileNode) -> bool {
        match (key, self.graph.kind(place)) {
            ("exclusiveMinimum", NodeKind::Bool(is_set)) => outdated.exclusive_minimum = *is_set,
            ("exclusiveMaximum", NodeKind::Bool(is_set)) => outdated.exclusive_maximum = *is_set,
            ("items", NodeKind::Array(_)) => outdated.tuple = Payload::read(self, place),
            ("additionalItems", _) => outdated.additional_items = self.schema(place),
            ("dependencies", _) => self.dependencies(outdated, place),
            ("type", NodeKind::String(name)) if **name == *"file" => outdated.file = true,
            _ => return false,
        }
        true
    }

    /// Splits `dependencies` into `dependentRequired` for names of properties and `dependentSchemas` for schemas.
    fn dependencies(&mut self, outdated: &mut Legacy, place: FileNode) {
        for (name, place) in self.entries(place).unwrap_or_default() {
            match self.graph.kind(place) {
                NodeKind::Array(_) => {
                    outdated.required.extend(Payload::read(self, place).map(|names| (name, names)))
                }
                _ => drop(outdated.schemas.insert(name, self.inner(place))),
            }
        }
    }

    /// `nullable`, which tools for 2.0 write as an extension. In 3.1 it is no keyword, which the check reports.
    fn is_nullable(&self, place: FileNode) -> bool {
        let word = if self.graph.version(place.file) == Version::V2 { "x-nullable" } else { "nullable" };
        self.graph.field(place, word).is_some_and(|at| is_true(self.graph, at))
    }

    /// `example` is the first of `examples`.
    fn example(&mut self, keywords: &mut Vec<Keyword>, place: FileNode) {
        let Some(at) = self.graph.field(place, "example") else { return };
        let example = self.data(self.graph.target(at).unwrap_or(at));
        let stated = keywords.iter_mut().find_map(|keyword| match keyword {
            Keyword::Examples(examples) => Some(examples),
            _ => None,
        });
        match stated {
            Some(examples) if !examples.contains(&example) => examples.insert(0, example),
            Some(_) => {}
            None => keywords.push(Keyword::Examples(vec![example])),
        }
    }

    /// Reports constraints beside a `$ref`, where they have no effect.
    fn note_siblings(&mut self, place: FileNode, entries: &[Entry]) {
        let idle =
            entries.iter().filter(|e| *e.key != *"$ref" && *e.key != *"nullable" && !is_annotation(&e.key));
        let names: Vec<String> = idle.map(|entry| format!("`{}`", entry.key)).collect();
        if !names.is_empty() {
            let message = format!("{} beside `$ref` has no effect before OpenAPI 3.1", names.join(", "));
            let finding = Diagnostic::new(Code::RefSiblings, message, &self.graph.origin(place));
            self.diagnostics.push(finding.help("move `$ref` into `allOf`; keywords beside `allOf` apply"));
        }
    }
}

fn is_true(graph: &Graph, place: FileNode) -> bool {
    matches!(graph.kind(place), NodeKind::Bool(true)) && !graph.is_faulty(place)
}

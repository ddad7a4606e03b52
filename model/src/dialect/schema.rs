//! A schema of any version, as JSON Schema 2020-12. What the check found to be no value of its keyword is left out, so
//! that the result is always a schema.

use serde_json::{Map, Value, json};

use super::data::data;
use super::keywords::{Holds, TYPES, holds, is_annotation};
use super::nullable::allow_null;
use super::older;
use crate::check::{Version, is_idle_discriminator};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::references::{Graph, Place};
use crate::tree::{Entry, Kind};
use crate::view::View;

/// Who knows what schemas are called.
pub(crate) trait References {
    /// `#/$defs/KEY` for the schema at a place.
    fn reference(&mut self, target: Place) -> String;

    /// Whether something points at a place, so that it must stand on its own.
    fn is_target(&self, place: Place) -> bool;
}

/// Whether a schema position says no more than what its `$ref` does. In 3.0 and before, what stands beside a `$ref` has
/// no effect (OAS 3.0.4, 4.7.23); `nullable` is honoured all the same.
pub(crate) fn is_pure_reference(graph: &Graph, place: Place) -> bool {
    let legacy = graph.version(place.file) < Version::V31;
    let says_nothing = |entry: &Entry| match &*entry.key {
        "$ref" => true,
        "nullable" => !is_true(graph, Place { node: entry.value, ..place }),
        key => legacy || key == "description" || key == "summary" || key.starts_with("x-"),
    };
    graph.reference(place).is_some() && graph.entries(place).iter().all(says_nothing)
}

/// The schema at a place, in the canonical form.
pub(crate) fn canonical(
    graph: &Graph,
    place: Place,
    references: &mut dyn References,
    diagnostics: &mut Diagnostics,
) -> Value {
    Canonical { graph, references, diagnostics }.own(place)
}

struct Canonical<'a> {
    graph: &'a Graph,
    references: &'a mut dyn References,
    diagnostics: &'a mut Diagnostics,
}

impl Canonical<'_> {
    /// A schema inside another one: a reference, where something else points at it too.
    fn inner(&mut self, place: Place) -> Value {
        if self.references.is_target(place) && matches!(self.graph.kind(place), Kind::Object(_)) {
            return json!({"$ref": self.references.reference(place)});
        }
        self.own(place)
    }

    fn own(&mut self, place: Place) -> Value {
        let entries = match self.graph.kind(place) {
            Kind::Object(entries) => entries,
            Kind::Bool(value) => return Value::Bool(*value),
            _ => return Value::Bool(true),
        };
        let legacy = self.graph.version(place.file) < Version::V31;
        let mut schema = Map::with_capacity(entries.len());
        if let Some(key) = ["$ref", "$dynamicRef"].iter().find(|key| self.graph.field(place, key).is_some()) {
            let Some(reference) = self.target(place, key) else { return Value::Bool(true) };
            schema.insert("$ref".to_owned(), reference.into());
        }
        let has_reference = !schema.is_empty();
        for entry in entries {
            if !(legacy && has_reference) || is_annotation(&entry.key) {
                self.keyword(&mut schema, &entry.key, Place { node: entry.value, ..place });
            }
        }
        if legacy && has_reference {
            self.note_siblings(place, entries);
        }
        self.example(&mut schema, place);
        older::rewrite(&mut schema, legacy);
        Value::Object(self.nullable(schema, place))
    }

    /// `None` where the reference leads nowhere, which was reported.
    fn target(&mut self, place: Place, key: &str) -> Option<String> {
        let from = if key == "$ref" { place } else { self.graph.field(place, key)? };
        let target = self.graph.target(from)?;
        Some(self.references.reference(target))
    }

    fn keyword(&mut self, schema: &mut Map<String, Value>, key: &str, place: Place) {
        if self.graph.is_faulty(place) {
            return;
        }
        if let Some(value) = self.value(holds(key), place) {
            schema.insert(key.to_owned(), value);
        }
    }

    /// `None` where the value is not what the keyword holds, or has no place in the canonical form.
    fn value(&mut self, holds: Holds, place: Place) -> Option<Value> {
        let graph = self.graph;
        // A map as a whole may stand elsewhere.
        let is_map = matches!(holds, Holds::NamedSchemas | Holds::Dependencies | Holds::Discriminator);
        let place = if is_map { graph.resolved(place)? } else { place };
        let child = |node| Place { node, ..place };
        Some(match (holds, graph.kind(place)) {
            (Holds::Nothing, _) => return None,
            (Holds::Schema | Holds::Items, Kind::Object(_) | Kind::Bool(_)) => self.inner(place),
            (Holds::Schemas | Holds::Items, Kind::Array(items)) if !items.is_empty() => {
                items.iter().map(|item| self.inner(child(*item))).collect()
            }
            (Holds::NamedSchemas, Kind::Object(entries)) => {
                let named = entries.iter().map(|e| (e.key.to_string(), self.inner(child(e.value))));
                Value::Object(named.collect())
            }
            (Holds::Dependencies, Kind::Object(entries)) => {
                let named = entries.iter().map(|e| (e.key.to_string(), self.dependency(child(e.value))));
                Value::Object(named.collect())
            }
            (Holds::Text, Kind::String(_)) | (Holds::Flag, Kind::Bool(_)) => self.data(place),
            (Holds::Number | Holds::Bound, Kind::Number(_)) => self.data(place),
            (Holds::Bound, Kind::Bool(_)) | (Holds::List, Kind::Array(_)) => self.data(place),
            (Holds::Positive, Kind::Number(text)) => {
                text.parse().is_ok_and(|n: f64| n > 0.0).then(|| self.data(place))?
            }
            (Holds::Count, Kind::Number(text)) => count(text)?.into(),
            (Holds::Names, Kind::Array(_)) => distinct_names(self.data(place), |_| true)?,
            (Holds::NameLists, Kind::Object(entries)) => {
                let lists = entries.iter().filter_map(|e| {
                    let names = distinct_names(self.data(child(e.value)), |_| true)?;
                    Some((e.key.to_string(), names))
                });
                Value::Object(lists.collect())
            }
            (Holds::Types, Kind::String(text)) if TYPES.contains(&&**text) || &**text == "file" => {
                Value::String(text.to_string())
            }
            (Holds::Types, Kind::Array(_)) => {
                let types = distinct_names(self.data(place), |name| TYPES.contains(&name))?;
                types.as_array().is_some_and(|types| !types.is_empty()).then_some(types)?
            }
            (Holds::Discriminator, kind) => self.discriminator(place, kind)?,
            (Holds::Data, _) => self.data(place),
            _ => return None,
        })
    }

    fn data(&mut self, place: Place) -> Value {
        data(self.graph, place, self.diagnostics)
    }

    /// A schema, or a list of names.
    fn dependency(&mut self, place: Place) -> Value {
        match self.graph.kind(place) {
            Kind::Array(_) => self.data(place),
            _ => self.inner(place),
        }
    }

    /// With its mapping's values as references to schemas; 2.0 has just the property's name. One that tells nothing
    /// apart is left out, so that the branches are told apart by themselves.
    fn discriminator(&mut self, place: Place, kind: &Kind) -> Option<Value> {
        if let Kind::String(name) = kind {
            return Some(json!({"propertyName": &**name}));
        }
        let graph = self.graph;
        if is_idle_discriminator(View { graph, place }) {
            return None;
        }
        let mut result = Map::new();
        for entry in graph.entries(place) {
            let value = Place { node: entry.value, ..place };
            let value = match &*entry.key {
                "mapping" => {
                    let named = graph.entries(value).iter();
                    let targets = named.filter_map(|e| {
                        let target = graph.target(Place { node: e.value, ..value })?;
                        Some((e.key.to_string(), self.references.reference(target).into()))
                    });
                    Value::Object(targets.collect())
                }
                "defaultMapping" => match graph.target(value) {
                    Some(target) => self.references.reference(target).into(),
                    None => continue,
                },
                _ => self.data(value),
            };
            result.insert(entry.key.to_string(), value);
        }
        result.get("propertyName").is_some_and(Value::is_string).then_some(Value::Object(result))
    }

    /// `nullable`, which tools for 2.0 write as an extension. In 3.1 it is no keyword, which the check reports.
    fn nullable(&self, schema: Map<String, Value>, place: Place) -> Map<String, Value> {
        let word = if self.graph.version(place.file) == Version::V2 { "x-nullable" } else { "nullable" };
        let stated = self.graph.field(place, word).is_some_and(|at| is_true(self.graph, at));
        if stated { allow_null(schema) } else { schema }
    }

    /// `example` is the first of `examples`.
    fn example(&mut self, schema: &mut Map<String, Value>, place: Place) {
        let Some(at) = self.graph.field(place, "example") else { return };
        let example = self.data(self.graph.target(at).unwrap_or(at));
        match schema.get_mut("examples") {
            Some(Value::Array(examples)) if !examples.contains(&example) => examples.insert(0, example),
            Some(_) => {}
            None => {
                schema.insert("examples".to_owned(), json!([example]));
            }
        }
    }

    /// Reports constraints beside a `$ref`, where they have no effect.
    fn note_siblings(&mut self, place: Place, entries: &[Entry]) {
        let idle =
            entries.iter().filter(|e| *e.key != *"$ref" && *e.key != *"nullable" && !is_annotation(&e.key));
        let names: Vec<String> = idle.map(|entry| format!("`{}`", entry.key)).collect();
        if !names.is_empty() {
            let message = format!("{} beside `$ref` has no effect before OpenAPI 3.1", names.join(", "));
            let finding = Diagnostic::new(Code::RefSiblings, message, &self.graph.origin(place));
            self.diagnostics.push(finding.help("put `$ref` into `allOf`, beside which other keywords act"));
        }
    }
}

fn is_true(graph: &Graph, place: Place) -> bool {
    matches!(graph.kind(place), Kind::Bool(true)) && !graph.is_faulty(place)
}

/// An integer as written, perhaps as `5.0`; the largest one that can be held where it is larger.
fn count(text: &str) -> Option<u64> {
    let float = text.parse::<f64>().ok().filter(|n| *n >= 0.0 && n.fract() == 0.0)?;
    Some(text.parse().unwrap_or(float as u64))
}

/// The strings of a list, each once.
fn distinct_names(list: Value, is_fine: impl Fn(&str) -> bool) -> Option<Value> {
    let Value::Array(list) = list else { return None };
    let mut seen = std::collections::HashSet::new();
    let names = list.into_iter().filter(|name| name.as_str().is_some_and(&is_fine));
    let names: Vec<Value> = names.filter(|name| seen.insert(name.clone())).collect();
    Some(Value::Array(names))
}

//! Reads plain values: examples, defaults, constants.

use serde_json::{Map, Value};

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::references::{FileNode, Graph};
use crate::tree::{NodeKind, number};

/// The value at a place, as JSON. Numbers beyond 64 bits become the nearest double, which is reported.
pub(crate) fn data(graph: &Graph, place: FileNode, diagnostics: &mut Diagnostics) -> Value {
    let child = |node| FileNode { node, ..place };
    match graph.kind(place) {
        NodeKind::Null => Value::Null,
        NodeKind::Bool(value) => Value::Bool(*value),
        NodeKind::String(text) => Value::String(text.to_string()),
        NodeKind::Number(text) => Value::Number(number(text).unwrap_or_else(|nearest| {
            let message = format!("`{text}` cannot be represented exactly in 64 bits; {nearest} is used");
            diagnostics.push(Diagnostic::new(Code::NumberInexact, message, &graph.origin(place)));
            nearest
        })),
        NodeKind::Array(items) => items.iter().map(|item| data(graph, child(*item), diagnostics)).collect(),
        NodeKind::Object(entries) => {
            let mut map = Map::with_capacity(entries.len());
            for entry in entries {
                map.insert(entry.key.to_string(), data(graph, child(entry.value), diagnostics));
            }
            Value::Object(map)
        }
    }
}

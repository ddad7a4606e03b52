//! Reads plain values: examples, defaults, constants.

use serde_json::{Map, Value};

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::references::{Graph, Place};
use crate::tree::{Kind, number};

/// The value at a place, as JSON. Numbers beyond 64 bits become the nearest double, which is reported.
pub(crate) fn data(graph: &Graph, place: Place, diagnostics: &mut Diagnostics) -> Value {
    let child = |node| Place { node, ..place };
    match graph.kind(place) {
        Kind::Null => Value::Null,
        Kind::Bool(value) => Value::Bool(*value),
        Kind::String(text) => Value::String(text.to_string()),
        Kind::Number(text) => Value::Number(number(text).unwrap_or_else(|nearest| {
            let message = format!("`{text}` cannot be represented exactly in 64 bits; {nearest} is used");
            diagnostics.push(Diagnostic::new(Code::NumberInexact, message, &graph.origin(place)));
            nearest
        })),
        Kind::Array(items) => items.iter().map(|item| data(graph, child(*item), diagnostics)).collect(),
        Kind::Object(entries) => {
            let mut map = Map::with_capacity(entries.len());
            for entry in entries {
                map.insert(entry.key.to_string(), data(graph, child(entry.value), diagnostics));
            }
            Value::Object(map)
        }
    }
}

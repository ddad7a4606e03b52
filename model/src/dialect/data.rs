//! Reads plain values: examples, defaults, constants.

use serde_json::{Map, Number, Value};

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::references::{Graph, Place};
use crate::tree::Kind;

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

/// A number as written; the nearest one that can be held where it is an integer beyond 64 bits, or beyond a double.
fn number(text: &str) -> Result<Number, Number> {
    if let Ok(value) = text.parse::<i64>() {
        return Ok(value.into());
    }
    if let Ok(value) = text.parse::<u64>() {
        return Ok(value.into());
    }
    let value = text.parse::<f64>().unwrap_or(0.0).clamp(f64::MIN, f64::MAX);
    let number = Number::from_f64(value).unwrap_or_else(|| 0.into());
    let is_integer = text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let is_clamped = value.abs() == f64::MAX;
    if is_integer && text != "-0" || is_clamped { Err(number) } else { Ok(number) }
}

//! Sequential bodies as lists: one JSON value per line, or one event per item.

use serde_json::Value;

use super::lines::{Event, Events, JsonLines};
use super::read_json;
use crate::param::Shape;
use crate::problem::Fault;

pub(super) fn decode_lines(body: &[u8]) -> Result<Value, Fault> {
    let mut lines = JsonLines::default();
    lines.push(body)?;
    let mut items: Vec<String> = std::iter::from_fn(|| lines.pop()).collect();
    items.extend(lines.finish());
    let read = |(at, text): (usize, &String)| read_json(text.as_bytes()).map_err(|fault| fault.below(at));
    items.iter().enumerate().map(read).collect::<Result<_, _>>().map(Value::Array)
}

/// One line an item; what is no list is one item. `application/json-seq` begins each with a record separator.
pub(super) fn encode_lines(media_type: &str, value: &Value) -> String {
    let before = if media_type.to_ascii_lowercase().contains("json-seq") { "\u{1e}" } else { "" };
    items(value).iter().map(|item| format!("{before}{item}\n")).collect()
}

/// Events are objects (OAS 3.2) where the shape of an item knows `data` or is not known; else each item is its
/// event's data, as documents before 3.2 mean it.
pub(super) fn decode_events(body: &[u8], shape: Option<&Shape>) -> Result<Value, Fault> {
    let mut events = Events::default();
    events.push(body)?;
    events.push(b"\n\n")?;
    let item = shape.map(|shape| shape.items.as_deref().unwrap_or(shape));
    let whole = item.is_none_or(|item| item.named().any(|(name, _)| name == "data"));
    let read = |(at, event): (usize, Event)| match whole {
        true => Ok(event.to_value()),
        false => read_data(&event.data, item).map_err(|fault| fault.below(at)),
    };
    std::iter::from_fn(|| events.pop()).enumerate().map(read).collect::<Result<_, _>>().map(Value::Array)
}

fn read_data(data: &str, shape: Option<&Shape>) -> Result<Value, Fault> {
    match shape {
        Some(shape) if !shape.kinds.is_empty() => Ok(shape.read(data.into())),
        _ => read_json(data.as_bytes()),
    }
}

/// One event an item: as the item says, if it is an event's object; else with the item for its data.
pub(super) fn encode_events(value: &Value) -> String {
    let event = |item: &Value| {
        Event::from_value(item).unwrap_or_else(|| match item {
            Value::String(text) => Event::of(text.as_str()),
            other => Event::of(other.to_string()),
        })
    };
    items(value).iter().map(|item| event(item).to_text()).collect()
}

fn items(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        one => std::slice::from_ref(one),
    }
}

//! Form bodies (WHATWG URL, 5; OAS 4.8.15): each property has its own encoding.

use serde_json::{Map, Value};

use super::MediaKind;
use crate::param::{self, Encoding, Query, Shape, Style};
use crate::problem::{Fault, escape_token};

static TEXT: Shape = Shape::STRING;

/// Reads a form. Properties that the shape does not name are text, or lists of it where they come more than once.
pub(super) fn decode(body: &[u8], shape: Option<&Shape>) -> Result<Value, Fault> {
    let text = std::str::from_utf8(body)
        .map_err(|_| Fault::new("encoding", "UTF-8 text", &String::from_utf8_lossy(body)))?;
    let query = Query::parse(text.trim_end_matches(['\r', '\n']));
    if let Some(name) = query.broken_name() {
        return Err(Fault::new("encoding", "names in percent-encoded UTF-8", name));
    }
    let mut map = Map::new();
    let named = || shape.iter().flat_map(|shape| shape.named());
    for (name, shape) in named() {
        let value = query.find(name, encoding(shape), shape).map_err(|fault| fault.below(name))?;
        map.extend(value.map(|value| (name.to_owned(), value)));
    }
    let taken = |pair: &str| named().any(|(name, shape)| takes(name, encoding(shape), shape, pair));
    let additional = shape.and_then(|shape| shape.additional.as_deref()).unwrap_or(&TEXT);
    for (name, own) in query.rest(|name| !taken(name)) {
        let value = other(&own, name, additional).map_err(|fault| fault.below(name))?;
        map.insert(name.to_owned(), value);
    }
    Ok(Value::Object(map))
}

/// Writes a form.
pub(super) fn encode(value: &Value, shape: Option<&Shape>) -> Result<String, Fault> {
    let Value::Object(map) = value else {
        return Err(Fault::new("type", "an object, as a form is", &value.to_string()));
    };
    let mut pairs = Vec::new();
    for (name, value) in map {
        let encoding = match shape.and_then(|shape| shape.known(name)) {
            Some(shape) => encoding(shape),
            None => by_value(value),
        };
        let pair = param::encode_query(name, value, encoding).map_err(|fault| fault.in_body().below(name))?;
        pairs.extend((!pair.is_empty()).then_some(pair));
    }
    Ok(pairs.join("&"))
}

/// Returns the value of a form with the lists that it lacks as empty ones: a list of no items leaves no trace in a form
/// (RFC 6570, 3.2.1), so that a required one may be absent. `faults` says of a value at which JSON pointers it is wrong; a list
/// that must not be empty stays absent. `None` where the media type is no form's, or nothing is lacking.
pub fn with_empty_lists(
    media_type: &str,
    value: &Value,
    shape: &Shape,
    faults: impl Fn(&Value) -> Vec<String>,
) -> Option<Value> {
    let (MediaKind::Form | MediaKind::Multipart) = MediaKind::of(media_type) else { return None };
    let mut members = value.as_object()?.clone();
    let lists = shape.named().filter(|(_, shape)| is_list(shape)).map(|(name, _)| name);
    let absent: Vec<&str> = lists.filter(|name| !members.contains_key(*name)).collect();
    if absent.is_empty() {
        return None;
    }
    members.extend(absent.iter().map(|name| ((*name).to_owned(), Value::Array(Vec::new()))));
    let filled = Value::Object(members);
    let wrong = faults(&filled);
    let Value::Object(mut members) = filled else { return None };
    members.retain(|name, _| {
        let pointer = format!("/{}", escape_token(name));
        !absent.contains(&name.as_str()) || !wrong.contains(&pointer)
    });
    Some(Value::Object(members))
}

/// Whether a shape is a list and nothing else that a form could have.
pub(crate) fn is_list(shape: &Shape) -> bool {
    shape.is_array() && shape.properties.is_none()
}

/// Returns the documented encoding, else JSON for an object and `form` for other values (OAS 4.8.15.1.1, 4.8.15.1.2).
fn encoding(shape: &Shape) -> Encoding {
    let only_object = shape.is_object() && shape.kinds.is_empty() && !shape.is_array();
    shape.encoding().unwrap_or(if only_object { param::JSON } else { param::FORM })
}

fn by_value(value: &Value) -> Encoding {
    if value.is_object() { param::JSON } else { param::FORM }
}

/// Whether a pair of this name is part of the property.
pub(super) fn takes(name: &str, encoding: Encoding, shape: &Shape, pair: &str) -> bool {
    pair == name
        || match encoding.style {
            Style::DeepObject => pair.strip_prefix(name).is_some_and(|rest| rest.starts_with('[')),
            Style::Json => false,
            _ => encoding.explode && shape.named().any(|(inner, _)| inner == pair),
        }
}

/// The value of a name that the shape does not know, from its own pairs.
fn other(query: &Query<'_>, name: &str, shape: &Shape) -> Result<Value, Fault> {
    let repeated = query.names().nth(1).is_some();
    let list = Shape { items: Some(shape.clone().into()), ..Shape::default() };
    let shape = if repeated && !shape.is_array() { &list } else { shape };
    Ok(query.find(name, encoding(shape), shape)?.unwrap_or_default())
}

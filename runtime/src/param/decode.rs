//! Decodes parameters to JSON values.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::{Encoding, Location, Shape, Style};
use crate::problem::Fault;

/// How characters are escaped where a text travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Text {
    /// `%XX`, and `+` for a space (WHATWG URL, 5.1).
    #[default]
    Form,
    /// `%XX`.
    Percent,
    /// None; surrounding spaces are removed (RFC 9110, 5.6.1).
    Verbatim,
    /// None; spaces are kept.
    Plain,
}

impl Text {
    /// The text that is meant.
    pub(crate) fn decode(self, raw: &str) -> Result<Cow<'_, str>, Fault> {
        let spaced;
        let decoded = match self {
            Self::Verbatim => return Ok(raw.trim_matches([' ', '\t']).into()),
            Self::Plain => return Ok(raw.into()),
            Self::Form if raw.contains('+') => {
                spaced = raw.replace('+', " ");
                percent_decode_str(&spaced).decode_utf8().map(|text| text.into_owned().into())
            }
            Self::Form | Self::Percent => percent_decode_str(raw).decode_utf8(),
        };
        decoded.map_err(|_| Fault::new("encoding", "percent-encoded UTF-8", raw))
    }

    pub(super) fn decode_lossy(self, raw: &str) -> String {
        match self {
            Self::Verbatim => raw.trim_matches([' ', '\t']).to_owned(),
            Self::Plain => raw.to_owned(),
            Self::Percent => percent_decode_str(raw).decode_utf8_lossy().into_owned(),
            Self::Form => percent_decode_str(&raw.replace('+', " ")).decode_utf8_lossy().into_owned(),
        }
    }
}

/// Decodes a path parameter from its raw text, as in [`crate::route::Found`].
///
/// # Errors
/// Returns an error if the text does not match the style and the shape.
pub fn decode_path(name: &str, raw: &str, encoding: Encoding, shape: &Shape) -> Result<Value, Fault> {
    let text = Text::Percent;
    let without = |prefix: char| {
        raw.strip_prefix(prefix)
            .ok_or_else(|| Fault::new("style", format!("text that begins with `{prefix}`"), raw))
    };
    let read = || match encoding.style {
        Style::Json => json(&text.decode(raw)?),
        Style::Text => Ok(shape.read(text.decode(raw)?)),
        Style::Label if encoding.explode => exploded(without('.')?, ".", text, shape),
        Style::Label => joined(without('.')?, ",", text, shape),
        Style::Matrix => matrix(name, without(';')?, encoding, shape),
        _ if encoding.explode => exploded(raw, ",", text, shape),
        _ => joined(raw, ",", text, shape),
    };
    read().map_err(|fault: Fault| fault.of(Location::Path, name))
}

/// Decodes a header; several lines must be joined by commas first (RFC 9110, 5.3).
///
/// # Errors
/// Returns an error if the text does not match the style and the shape.
pub fn decode_header(name: &str, raw: &str, encoding: Encoding, shape: &Shape) -> Result<Value, Fault> {
    let read = || match encoding.style {
        Style::Json => json(raw),
        Style::Text => Ok(shape.read(Text::Verbatim.decode(raw)?)),
        _ if encoding.explode => exploded(raw, ",", Text::Verbatim, shape),
        _ => joined(raw, ",", Text::Verbatim, shape),
    };
    read().map_err(|fault: Fault| fault.of(Location::Header, name))
}

pub(super) fn json(text: &str) -> Result<Value, Fault> {
    let wrong = |error| Fault::new("syntax", "JSON", text).detail(format!("not JSON: {error}"));
    serde_json::from_str(text).map_err(wrong)
}

/// `blue,black` or `R,100,G,200`, or a scalar.
pub(super) fn joined(raw: &str, delimiter: &str, text: Text, shape: &Shape) -> Result<Value, Fault> {
    if !(shape.is_array() || shape.is_object()) {
        return Ok(shape.read(text.decode(raw)?));
    }
    let parts: Vec<&str> = raw.split(delimiter).collect();
    if !shape.kinds.is_empty() && parts.len() == 1 {
        return Ok(shape.read(text.decode(raw)?));
    }
    if let Some(items) = &shape.items {
        return list(&parts, text, items);
    }
    let pairs = parts.chunks(2).map(|pair| match pair {
        [name, value] => Ok((*name, *value)),
        _ => Err(Fault::new("style", "names and values in turn", raw)),
    });
    object(pairs, text, shape)
}

/// `blue,black` or `R=100,G=200`, or a scalar.
fn exploded(raw: &str, delimiter: &str, text: Text, shape: &Shape) -> Result<Value, Fault> {
    if shape.is_array() || !shape.is_object() {
        return joined(raw, delimiter, text, shape);
    }
    let parts: Vec<&str> = raw.split(delimiter).collect();
    if !shape.kinds.is_empty() && parts.iter().any(|part| !part.contains('=')) {
        return Ok(shape.read(text.decode(raw)?));
    }
    let pairs = parts
        .iter()
        .map(|part| part.split_once('=').ok_or_else(|| Fault::new("style", "`name=value`", part)));
    object(pairs, text, shape)
}

/// `color=blue,black`, `color=blue;color=black` or `R=100;G=200`, the first `;` being gone.
fn matrix(name: &str, raw: &str, encoding: Encoding, shape: &Shape) -> Result<Value, Fault> {
    let text = Text::Percent;
    let pairs: Vec<(&str, &str)> =
        raw.split(';').map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect();
    let own: Vec<&str> =
        pairs.iter().filter(|(key, _)| text.decode_lossy(key) == name).map(|(_, value)| *value).collect();
    match (own.as_slice(), &shape.items) {
        (own, None)
            if encoding.explode && shape.is_object() && (own.is_empty() || shape.kinds.is_empty()) =>
        {
            object(pairs.into_iter().map(Ok), text, shape)
        }
        ([], _) => Err(Fault::new("style", format!("`;{name}=` and a value"), raw)),
        (many, Some(items)) if encoding.explode && (shape.kinds.is_empty() || many.len() > 1) => {
            list(many, text, items)
        }
        ([one], _) => joined(one, ",", text, shape),
        _ => Err(Fault::new("style", "the parameter once", raw)),
    }
}

fn list(parts: &[&str], text: Text, items: &Shape) -> Result<Value, Fault> {
    let read = |(at, part): (usize, &&str)| {
        text.decode(part).map(|text| items.read(text)).map_err(|fault| fault.below(at))
    };
    parts.iter().enumerate().map(read).collect::<Result<_, _>>().map(Value::Array)
}

fn object<'r>(
    pairs: impl Iterator<Item = Result<(&'r str, &'r str), Fault>>,
    text: Text,
    shape: &Shape,
) -> Result<Value, Fault> {
    let mut map = Map::new();
    for pair in pairs {
        let (name, value) = pair?;
        let name = text.decode(name)?.into_owned();
        let value = text.decode(value).map(|value| shape.property(&name).read(value));
        map.insert(name.clone(), value.map_err(|fault| fault.below(&name))?);
    }
    Ok(Value::Object(map))
}

//! Decodes bodies of each media type to JSON values, and encodes them: the codecs of generated code, the mock and the
//! contract tests.
//!
//! Binary bodies (`application/octet-stream`, images, …) become a string with one character per byte (U+0000 to
//! U+00FF), so that nothing is lost and `maxLength` counts bytes.

mod form;
mod kind;
mod lines;
mod multipart;
mod negotiate;
mod sequence;
mod xml;

pub(crate) use form::is_list;
pub use form::with_empty_lists;
pub use kind::{MediaKind, concrete, essence};
pub use lines::{Event, Events, JsonLines};
pub use multipart::{Part, read_parts, write_parts};
#[cfg(feature = "server")]
pub(crate) use multipart::{boundary_of, opened, unparted};
pub(crate) use multipart::{parts_of, property, stated as with_boundary, take};
pub use negotiate::{accepted, coding, matches, negotiate, offer, select};

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::param::{Kinds, Shape};
use crate::problem::Fault;

/// Hints from the schema for media types without types of values.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hints<'a> {
    /// The shape of the texts; `None`: text.
    pub shape: Option<&'a Shape>,
}

/// Decodes a body. A sequential body is the list of its items.
///
/// # Errors
/// Returns an error if the bytes do not match the media type or the shape.
pub fn decode(media_type: &str, body: &[u8], hints: Hints<'_>) -> Result<Value, Fault> {
    match MediaKind::of(media_type) {
        MediaKind::Json => read_json(body),
        MediaKind::Form => form::decode(body, hints.shape),
        MediaKind::Multipart => multipart::decode(media_type, body, hints.shape),
        MediaKind::Xml => xml::decode(body, hints.shape),
        MediaKind::JsonLines => sequence::decode_lines(body),
        MediaKind::EventStream => sequence::decode_events(body, hints.shape),
        MediaKind::Text => decode_text(media_type, body, hints),
        MediaKind::Binary => Ok(decode_binary(body, hints)),
    }
}

/// One character a byte. Where no text is wanted, JSON is read as such: [`encode`] writes it so, and documents say `*/*` of it.
fn decode_binary(body: &[u8], hints: Hints<'_>) -> Value {
    let wants_json =
        hints.shape.is_some_and(|shape| !shape.kinds.has(Kinds::STRING) && !shape.kinds.has(Kinds::ANY));
    let json = if wants_json { read_json(body).ok() } else { None };
    json.unwrap_or_else(|| Value::String(body.iter().map(|byte| char::from(*byte)).collect()))
}

/// Encodes a body. A list has the items of a sequential body; a text that is already encoded is unchanged.
///
/// # Errors
/// Returns an error if the media type cannot represent the value.
pub fn encode(media_type: &str, value: &Value, hints: Hints<'_>) -> Result<Bytes, Fault> {
    let kind = MediaKind::of(media_type);
    if let Some(text) = value.as_str().filter(|text| is_written(kind, text)) {
        return Ok(text.to_owned().into());
    }
    Ok(match (kind, value) {
        (MediaKind::Json, _) => write_json(value)?,
        (MediaKind::Form, _) => form::encode(value, hints.shape)?.into(),
        (MediaKind::Multipart, _) => multipart::encode(value, hints.shape)?,
        (MediaKind::Xml, _) => xml::encode(value, hints.shape)?.into(),
        (MediaKind::JsonLines, _) => sequence::encode_lines(media_type, value).into(),
        (MediaKind::EventStream, _) => sequence::encode_events(value).into(),
        (_, Value::String(text)) if kind == MediaKind::Binary || kind::is_latin1(media_type) => {
            encode_binary(text)
        }
        (_, Value::String(text)) => text.clone().into(),
        (_, other) => other.to_string().into(),
    })
}

/// Whether a text is already an encoded body, like examples of media types other than JSON.
fn is_written(kind: MediaKind, text: &str) -> bool {
    match kind {
        MediaKind::Xml => text.trim_start().starts_with('<'),
        MediaKind::Form => true,
        MediaKind::EventStream => text.starts_with(':') || text.contains("data:"),
        MediaKind::JsonLines => text.contains('\n'),
        _ => false,
    }
}

/// Returns the `Content-Type` of a body from [`encode`]: the media type, with the boundary of a multipart body.
pub fn content_type(media_type: &str, body: &[u8]) -> String {
    match MediaKind::of(media_type) {
        MediaKind::Multipart => multipart::with_boundary(media_type, body),
        _ => media_type.to_owned(),
    }
}

/// Reads JSON directly into a type.
///
/// # Errors
/// Returns an error if it is not JSON of the type.
pub fn read_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    crate::json::read(body).map_err(|error| json_fault(&error))
}

/// Writes JSON directly from a type.
///
/// # Errors
/// Returns an error if the value has no JSON form.
pub fn write_json<T: Serialize + ?Sized>(value: &T) -> Result<Bytes, Fault> {
    serde_json::to_vec(value).map(Bytes::from).map_err(|error| json_fault(&error))
}

fn json_fault(error: &serde_json::Error) -> Fault {
    match error.is_data() {
        true => Fault::new("type", "a value of the documented type", "").detail(error.to_string()),
        false => Fault::new("syntax", "JSON", "").detail(format!("not JSON: {error}")),
    }
}

fn decode_text(media_type: &str, body: &[u8], hints: Hints<'_>) -> Result<Value, Fault> {
    let text = match std::str::from_utf8(body) {
        Ok(text) => text.to_owned(),
        Err(_) if kind::is_latin1(media_type) => body.iter().map(|byte| char::from(*byte)).collect(),
        Err(_) => return Err(Fault::new("encoding", "UTF-8 text", &String::from_utf8_lossy(body))),
    };
    Ok(match hints.shape {
        Some(shape) => shape.read(text.into()),
        None => Value::String(text),
    })
}

/// One byte a character where that is possible, else UTF-8.
pub(crate) fn encode_binary(text: &str) -> Bytes {
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    bytes.map_or_else(|| Bytes::copy_from_slice(text.as_bytes()), Bytes::from)
}

#[cfg(test)]
mod tests;

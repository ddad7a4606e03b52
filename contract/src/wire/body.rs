//! Bodies by their media type, in both directions.

use bytes::Bytes;
use descant_model::api::{Api, MediaType, Operation};
use serde_json::Value;

use super::text;
use crate::media;

/// The `Content-Type` and the bytes of a value.
pub(super) fn write(
    _api: &Api,
    _operation: &Operation,
    media_type: &str,
    value: &Value,
) -> Result<(String, Bytes), String> {
    if media::is_json(media_type) {
        return Ok((media_type.to_owned(), text(&value.to_string())));
    }
    match value {
        Value::String(plain) => Ok((media_type.to_owned(), text(plain))),
        _ => Err(format!("{media_type} cannot be written yet")),
    }
}

/// The value of a body; `None` where its media type has no values, as bytes do not.
pub(crate) fn read(
    _api: &Api,
    _media: &MediaType,
    content_type: &str,
    bytes: &[u8],
) -> Result<Option<Value>, String> {
    if media::is_json(content_type) {
        return serde_json::from_slice(bytes).map(Some).map_err(|error| error.to_string());
    }
    if media::essence(content_type).starts_with("text/") {
        let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
        return Ok(Some(Value::String(text.to_owned())));
    }
    Ok(None)
}

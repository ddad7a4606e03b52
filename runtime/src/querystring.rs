//! Returns the whole query string as one value of a media type (OAS 3.2, `in: querystring`).

use percent_encoding::utf8_percent_encode;
use serde_json::Value;

use crate::media::{self, Hints, MediaKind};
use crate::param::{Shape, Text, UNRESERVED};
use crate::problem::Fault;

/// Writes a value as a query string.
///
/// # Errors
/// Returns an error if the media type cannot hold the value.
pub fn encode(media_type: &str, value: &Value, shape: &Shape) -> Result<String, Fault> {
    let body = media::encode(media_type, value, Hints { shape: Some(shape) })?;
    let text = String::from_utf8_lossy(&body);
    Ok(match MediaKind::of(media_type) {
        MediaKind::Form => text.into_owned(),
        _ => utf8_percent_encode(&text, UNRESERVED).to_string(),
    })
}

/// Reads a value from a query string.
///
/// # Errors
/// Returns an error if the query string is not of the media type, or the value not of the shape.
pub fn decode(media_type: &str, query: &str, shape: &Shape) -> Result<Value, Fault> {
    let hints = Hints { shape: Some(shape) };
    match MediaKind::of(media_type) {
        MediaKind::Form => media::decode(media_type, query.as_bytes(), hints),
        _ => media::decode(media_type, Text::Form.decode(query)?.as_bytes(), hints),
    }
}

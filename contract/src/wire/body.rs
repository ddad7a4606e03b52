//! Bodies by their media type, in both directions.

use bytes::Bytes;
use descant_model::api::{Api, MediaType, Operation};
use descant_runtime::media::{self, Hints, Kind};
use descant_runtime::param::Shape;
use serde_json::Value;

use crate::values::concrete;

/// The `Content-Type` and the bytes of a value.
pub(super) fn write(
    api: &Api,
    operation: &Operation,
    media_type: &str,
    value: &Value,
) -> Result<(String, Bytes), String> {
    let content = operation.request_body.iter().flat_map(|body| &body.content);
    let media = content.filter(|(key, _)| concrete(key) == media_type).map(|(_, media)| media).next();
    encode(api, media, media_type, value)
}

/// The `Content-Type` and the bytes of a value, written as a documented representation has it.
///
/// # Errors
/// Where the media type cannot hold the value.
pub fn encode(
    api: &Api,
    media: Option<&MediaType>,
    media_type: &str,
    value: &Value,
) -> Result<(String, Bytes), String> {
    let shape = media.and_then(|media| shape(api, media));
    let bytes = media::encode(media_type, value, Hints { shape: shape.as_ref() });
    let bytes = bytes.map_err(|fault| fault.detail.clone())?;
    Ok((media::content_type(media_type, &bytes), bytes))
}

/// The value of a body; `None` where its media type has no values, as bytes do not.
pub(crate) fn read(
    api: &Api,
    media: &MediaType,
    content_type: &str,
    bytes: &[u8],
) -> Result<Option<Value>, String> {
    if Kind::of(content_type) == Kind::Binary {
        return Ok(None);
    }
    let shape = shape(api, media);
    let value = media::decode(content_type, bytes, Hints { shape: shape.as_ref() });
    value.map(Some).map_err(|fault| fault.detail.clone())
}

fn shape(api: &Api, media: &MediaType) -> Option<Shape> {
    media.schema.map(|_| descant_wire::body(&api.schemas, media))
}

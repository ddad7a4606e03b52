//! Bodies by their media type.

use bytes::Bytes;
use descant_exchange::body_shape;
use descant_model::api::{Api, MediaType, Operation};
use descant_runtime::media::{self, Hints};
use serde_json::Value;

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
    let media = media.filter(|media| media.schema.is_some());
    let shape = media.map(|media| body_shape(&api.schemas, media));
    let bytes = media::encode(media_type, value, Hints { shape: shape.as_ref() });
    let bytes = bytes.map_err(|fault| fault.detail.clone())?;
    Ok((media::content_type(media_type, &bytes), bytes))
}

/// A media type that a range stands for.
pub fn concrete(key: &str) -> String {
    media::concrete(key, false).into_owned()
}

//! Bodies by their media type, in both directions.

use bytes::Bytes;
use descant_model::api::{Api, MediaType, Operation};
use descant_runtime::media::{self, Hints, Kind};
use serde_json::Value;

use crate::style;

/// The `Content-Type` and the bytes of a value.
pub(super) fn write(
    _api: &Api,
    _operation: &Operation,
    media_type: &str,
    value: &Value,
) -> Result<(String, Bytes), String> {
    let bytes = media::encode(media_type, value, Hints::default()).map_err(|fault| fault.detail.clone())?;
    Ok((media_type.to_owned(), bytes))
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
    let shape = media.schema.map(|id| style::shape(&descant_schema::shape(&api.schemas.standalone(id))));
    let value = media::decode(content_type, bytes, Hints { shape: shape.as_ref() });
    value.map(Some).map_err(|fault| fault.detail.clone())
}

//! Which contents of requests and responses are files, by their media type and schema.

use descant_model::api::{MediaType, Operation, Schemas, StatusPattern};
use descant_model::schema::Schema;
use descant_runtime::media::MediaKind;

/// Whether a body of this media type is a file: bytes, or what the schema says is bytes.
pub(crate) fn is_file(schemas: &Schemas, name: &str, content: &MediaType) -> bool {
    let schema = content.schema.and_then(|schema| schemas.resolve(schemas.schema(schema)?));
    match schema {
        Some(schema) if schema.is_binary() => true,
        // An SVG has the codec of XML, and is a picture.
        _ if name.starts_with("image/") => true,
        // `*/*` is the media type that some generators write for JSON.
        schema => MediaKind::of(name) == MediaKind::Binary && (!name.starts_with("*/") || schema.is_none()),
    }
}

/// Whether an operation has a response of success that is a file.
pub(crate) fn is_download(schemas: &Schemas, operation: &Operation) -> bool {
    let successes = operation.responses.iter().filter(|(pattern, _)| {
        matches!(pattern, StatusPattern::Code(200..=299) | StatusPattern::Range(2) | StatusPattern::Default)
    });
    let mut contents = successes.flat_map(|(_, response)| response.content.iter());
    contents.any(|(name, content)| is_file(schemas, name, content))
}

/// Whether a request of an operation may bring a file: as its body, or as a part of a form.
pub(crate) fn is_upload(schemas: &Schemas, operation: &Operation) -> bool {
    let body = operation.request_body.iter().filter(|_| operation.method != "GET");
    let mut contents = body.flat_map(|body| body.content.iter());
    contents.any(|(name, content)| match MediaKind::of(name) {
        MediaKind::Multipart => !file_fields(schemas, content).is_empty(),
        _ => is_file(schemas, name, content),
    })
}

/// Returns the names of the fields of a form that are files.
pub(crate) fn file_fields<'a>(schemas: &'a Schemas, content: &'a MediaType) -> Vec<&'a str> {
    let Some(schema) = content.schema.and_then(|schema| schemas.schema(schema)) else { return Vec::new() };
    let is_bytes = |schema: &Schema| schemas.resolve(schema).is_some_and(Schema::is_binary);
    let is_file = |schema: &Schema| {
        let items = schemas.resolve(schema).and_then(|schema| schema.items());
        is_bytes(schema) || items.is_some_and(|items| is_bytes(items))
    };
    let properties = schemas.properties(schema).into_iter();
    properties.filter(|(_, schema)| is_file(schema)).map(|(name, _)| name).collect()
}

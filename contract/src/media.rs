//! What a media type says about a body, and which of a response's media types an answer is of.

use descant_model::api::MediaType;
use descant_runtime::media::Kind;
use indexmap::IndexMap;

/// The type and subtype, lower case, without parameters.
pub(crate) fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// `application/json`, or a type with the `+json` suffix (RFC 6839).
pub(crate) fn is_json(media_type: &str) -> bool {
    Kind::of(media_type) == Kind::Json
}

/// The representation that a `Content-Type` is of: the exact one, else the narrowest range (OAS 4.8.17).
pub(crate) fn choose<'a>(
    content: &'a IndexMap<String, MediaType>,
    content_type: &str,
) -> Option<&'a MediaType> {
    let essence = essence(content_type);
    let kind = essence.split('/').next().unwrap_or_default();
    [essence.as_str(), &format!("{kind}/*"), "*/*"]
        .into_iter()
        .find_map(|wanted| content.iter().find(|(key, _)| self::essence(key) == wanted))
        .map(|(_, media)| media)
}

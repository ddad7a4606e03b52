//! Selects the codec of a media type.

use std::borrow::Cow;

use mediatype::{MediaType, names};

/// The codecs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaKind {
    /// `application/json`, `text/json` and every `+json` (RFC 6839, 3.1).
    Json,
    /// `application/jsonl`, `application/x-ndjson` and `application/json-seq` (RFC 7464): one JSON value after another.
    JsonLines,
    /// `text/event-stream` (WHATWG HTML, 9.2).
    EventStream,
    /// `application/x-www-form-urlencoded` (WHATWG URL, 5).
    Form,
    /// Any `multipart` (RFC 2046, 5.1), `multipart/form-data` above all (RFC 7578).
    Multipart,
    /// `application/xml`, `text/xml` and every `+xml` (RFC 7303).
    Xml,
    /// Other `text` types, and those `application` types that are text by another name.
    Text,
    /// Everything else, including ranges such as `image/*` and `*/*`.
    Binary,
}

impl MediaKind {
    /// Returns the codec of a media type, ignoring parameters. Invalid media types are [`MediaKind::Binary`].
    pub fn of(media_type: &str) -> Self {
        match essence(media_type).to_ascii_lowercase().as_str() {
            "application/json" | "text/json" => Self::Json,
            "application/jsonl" | "application/x-jsonl" | "application/jsonlines" => Self::JsonLines,
            "application/x-ndjson" | "application/ndjson" | "application/json-seq" => Self::JsonLines,
            "text/event-stream" => Self::EventStream,
            "application/text" | "application/sql" | "application/graphql" | "application/yaml" => Self::Text,
            "application/x-www-form-urlencoded" => Self::Form,
            "application/xml" | "text/xml" => Self::Xml,
            other if other.ends_with("+json") => Self::Json,
            other if other.ends_with("+xml") => Self::Xml,
            other if other.starts_with("multipart/") => Self::Multipart,
            other if other.starts_with("text/") => Self::Text,
            _ => Self::Binary,
        }
    }

    /// Whether a body is streamed: items, or bytes.
    pub(crate) fn streams(self) -> bool {
        matches!(self, Self::JsonLines | Self::EventStream | Self::Binary)
    }
}

/// Returns type and subtype of a media type or range, without parameters, in the case in which they are written (RFC 9110,
/// 8.3.1).
pub fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

/// Returns a media type in the place of a range, which is no type of a body (RFC 9110, 8.3): a usual one that it covers.
/// `is_text` says that the body is a string, which `*/*` leaves as it is. What is no range is returned.
pub fn concrete(range: &str, is_text: bool) -> Cow<'_, str> {
    let Some((kind, subtype)) = range.split_once('/').filter(|_| range.contains('*')) else {
        return range.into();
    };
    match kind {
        // `application/*+json`, which no RFC knows and documents write.
        _ if subtype.contains("+json") => "application/json".into(),
        _ if subtype.contains("+xml") => "application/xml".into(),
        "*" if is_text => "text/plain".into(),
        "application" | "*" => "application/json".into(),
        "text" => "text/plain".into(),
        "image" => "image/png".into(),
        "audio" => "audio/mpeg".into(),
        "video" => "video/mp4".into(),
        "font" => "font/woff2".into(),
        "multipart" => "multipart/form-data".into(),
        kind => format!("{kind}/octet-stream").into(),
    }
}

/// Whether the media type states a single-byte character set that agrees with ISO-8859-1.
pub(super) fn is_latin1(media_type: &str) -> bool {
    let parsed = MediaType::parse(media_type).ok();
    let charset = parsed.as_ref().and_then(|media_type| media_type.get_param_of(names::CHARSET));
    charset.is_some_and(|name| {
        ["iso-8859-1", "latin1", "us-ascii"].contains(&name.to_ascii_lowercase().as_str())
    })
}

/// One way to a parameter's unquoted text.
trait Parameter {
    fn get_param_of(&self, name: mediatype::Name<'_>) -> Option<String>;
}

impl Parameter for MediaType<'_> {
    fn get_param_of(&self, name: mediatype::Name<'_>) -> Option<String> {
        use mediatype::ReadParams;
        self.get_param(name).map(|value| value.unquoted_str().into_owned())
    }
}

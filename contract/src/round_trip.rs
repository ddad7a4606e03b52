//! What a parameter's value becomes on its way: written as its style says, and read again.

use descant_model::api::Location;
use descant_runtime::param::{self, Encoding, Shape};
use serde_json::Value;

/// What a value has become once it was written and read again.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum RoundTrip {
    /// It cannot be written, or is left out.
    Unsent,
    /// It cannot be read.
    Unreadable,
    /// It reads as this value: what is sent as `7` for a string is the string `7`.
    As(Value),
}

/// Writes a value as a parameter and reads it again.
pub(crate) fn round_trip(
    location: Location,
    name: &str,
    value: &Value,
    encoding: Encoding,
    shape: &Shape,
) -> RoundTrip {
    let written = match location {
        Location::Path => param::encode_path(name, value, encoding).map(Some),
        Location::Query => param::encode_query(name, value, encoding).map(Some),
        Location::Header => param::encode_header(name, value, encoding),
        Location::Cookie => param::encode_cookie(name, value, encoding).map(Some),
        Location::QueryString => return RoundTrip::Unsent,
    };
    let Ok(Some(text)) = written else { return RoundTrip::Unsent };
    let read = match location {
        Location::Path if matches!(text.as_str(), "." | "..") => return RoundTrip::Unsent,
        Location::Path => param::decode_path(name, &text, encoding, shape).map(Some),
        Location::Query | Location::QueryString => param::Query::parse(&text).decode(name, encoding, shape),
        Location::Header => param::decode_header(name, text.trim(), encoding, shape).map(Some),
        Location::Cookie => param::decode_cookie(name, &text, encoding, shape),
    };
    match read {
        Ok(Some(value)) => RoundTrip::As(value),
        Ok(None) => RoundTrip::Unsent,
        Err(_) => RoundTrip::Unreadable,
    }
}

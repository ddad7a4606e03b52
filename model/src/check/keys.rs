//! Checks the keys of maps: status codes, media types, component names, methods.

use crate::check::table::Keys;
use crate::codes::Code;

/// The fault of a key, and the correction.
pub(crate) struct BadKey {
    pub(crate) code: Code,
    pub(crate) what: &'static str,
    pub(crate) help: String,
}

/// Returns the fault of a key in a map of its kind. Path templates are checked separately.
pub(crate) fn check(keys: Keys, key: &str) -> Option<BadKey> {
    match keys {
        Keys::Status => status(key),
        Keys::Component if !is_component(key) => Some(BadKey {
            code: Code::ComponentName,
            what: "the name of a component may contain only ASCII letters, digits, `.`, `-` and `_`",
            help: "rename it, and every reference to it".into(),
        }),
        Keys::MediaType if !is_media_type(key) => Some(BadKey {
            code: Code::MediaType,
            what: "not a media type or range",
            help: "write `type/subtype`, such as `application/json`".into(),
        }),
        Keys::Method if !is_token(key) => Some(BadKey {
            code: Code::InvalidValue,
            what: "not an HTTP method",
            help: "write the method as it is sent, such as `PROPFIND`".into(),
        }),
        Keys::Header if !is_token(key) => Some(BadKey {
            code: Code::HeaderName,
            what: "not the name of a header",
            help: "use ASCII letters, digits and `-`, such as `X-Total` (RFC 9110, 5.1)".into(),
        }),
        _ => None,
    }
}

/// OAS 4.8.16: three digits from 100 to 599, `1XX` to `5XX`, or `default`.
fn status(key: &str) -> Option<BadKey> {
    let bad = |what, help: String| Some(BadKey { code: Code::StatusCode, what, help });
    let trimmed = key.trim();
    match key.as_bytes() {
        b"default" | [b'1'..=b'5', b'X', b'X'] => None,
        [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9'] => None,
        [b'1'..=b'5', b'x' | b'X', b'x' | b'X'] => {
            bad("a range is written in upper case", format!("write `{}`", key.to_ascii_uppercase()))
        }
        [_, b'0'..=b'9', b'0'..=b'9'] => {
            bad("not a status code", "status codes are from 100 to 599 (RFC 9110, 15)".into())
        }
        _ if trimmed != key && status(trimmed).is_none() => {
            bad("there is a space before or after the code", format!("write `{trimmed}`"))
        }
        _ if key.parse::<f64>().is_ok_and(|n| n.fract() == 0.0 && (100.0..600.0).contains(&n)) => bad(
            "the code is not written as an integer",
            format!("write `{}`", key.split('.').next().unwrap_or(key)),
        ),
        _ => bad(
            "not a status code",
            "write three digits such as `404`, a range such as `4XX`, or `default`".into(),
        ),
    }
}

/// OAS 4.8.7.1.
fn is_component(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

/// `type/subtype` with parameters or without, or a range (RFC 9110, 8.3.1 and 12.5.1).
pub(crate) fn is_media_type(key: &str) -> bool {
    let essence = key.split(';').next().unwrap_or(key).trim();
    match essence.split_once('/') {
        Some((kind, subtype)) => is_token(kind) && is_token(subtype),
        None => false,
    }
}

/// RFC 9110, 5.6.2.
pub(crate) fn is_token(text: &str) -> bool {
    let is_tchar = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !text.is_empty() && text.bytes().all(is_tchar)
}

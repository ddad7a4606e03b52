//! Reads the body of a request: its presence, its documented media type, and its value.

use http::{HeaderMap, HeaderName, header};
use serde_json::Value;

use crate::media::{self, Hints, MediaKind};
use crate::param::Shape;
use crate::problem::Fault;

/// Returns the `Content-Type` of a message.
pub fn content_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok())
}

/// Returns whether a message has a body. An empty body counts only if its `Content-Type` is text, binary or a form,
/// which may be empty, unlike JSON and XML.
pub fn is_present(content_type: Option<&str>, is_empty: bool) -> bool {
    !is_empty
        || content_type.is_some_and(|stated| {
            matches!(MediaKind::of(stated), MediaKind::Text | MediaKind::Binary | MediaKind::Form)
        })
}

/// Returns the fault of an absent body that is required (OAS 4.8.13).
pub fn missing() -> Fault {
    Fault::new("required", "a body", "").detail("a body is required, but none was sent")
}

/// The reason why a body is not read: 415 (RFC 9110, 15.5.16).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported {
    /// A sentence on the given and the supported media types.
    pub detail: String,
    /// The header with the supported values: `Accept`, or `Accept-Encoding` (RFC 9110, 12.5.1 and 12.5.3).
    pub header: HeaderName,
    /// Its value.
    pub taken: String,
}

/// Returns the documented media type or range that a body is of, as an index. A body that states no media type is of
/// none: a guess would take what a page of another origin may send unasked (Fetch, "CORS-safelisted request-header").
///
/// # Errors
/// Returns an error if the media type is not documented, or the body is encoded.
pub fn select(headers: &HeaderMap, documented: &[&str]) -> Result<usize, Unsupported> {
    if let Some(coding) = media::coding(headers) {
        let detail = format!("the body is encoded by `{coding}`, which is not decoded here");
        return Err(Unsupported { detail, header: header::ACCEPT_ENCODING, taken: "identity".to_owned() });
    }
    let stated = content_type(headers);
    if let Some(index) = stated.and_then(|stated| media::select(stated, documented)) {
        return Ok(index);
    }
    let taken = documented.join(", ");
    let detail = match stated {
        None => format!("the body states no Content-Type; documented: {taken}"),
        Some(other) => format!("the Content-Type `{other}` is not a documented one: {taken}"),
    };
    Err(Unsupported { detail, header: header::ACCEPT, taken })
}

/// Returns the value of a body of a documented media type.
///
/// # Errors
/// Every fault of the body.
pub fn read(
    content_type: &str,
    body: &[u8],
    shape: &Shape,
    validate: impl Fn(&Value) -> Vec<Fault>,
) -> Result<Value, Vec<Fault>> {
    let (value, faults) = value(content_type, body, shape, validate).map_err(|fault| vec![fault])?;
    if faults.is_empty() { Ok(value) } else { Err(faults) }
}

/// Returns the value of a body with what is wrong with it.
///
/// A form that `validate` refuses is tried again with the lists that it lacks, empty: a list of no items leaves no trace
/// in a form (RFC 6570, 3.2.1).
///
/// # Errors
/// Returns an error if it does not match its media type.
pub fn value(
    content_type: &str,
    body: &[u8],
    shape: &Shape,
    validate: impl Fn(&Value) -> Vec<Fault>,
) -> Result<(Value, Vec<Fault>), Fault> {
    let value = media::decode(content_type, body, Hints { shape: Some(shape) })?;
    let faults = validate(&value);
    if faults.is_empty() {
        return Ok((value, faults));
    }
    let pointers = |value: &Value| validate(value).iter().map(|fault| fault.pointer().to_owned()).collect();
    let filled = media::with_empty_lists(content_type, &value, shape, pointers);
    Ok(match filled.filter(|filled| validate(filled).is_empty()) {
        Some(filled) => (filled, Vec::new()),
        None => (value, faults),
    })
}

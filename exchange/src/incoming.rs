//! A request before it is read, and what refuses it.

use descant_runtime::exchange::body::Unsupported;
use descant_runtime::problem::{Fault, Place};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

/// A request to an operation.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'r> {
    /// The path's parameters by name, still percent-encoded.
    pub path: &'r [(&'r str, &'r str)],
    /// What stands behind `?`.
    pub query: Option<&'r str>,
    pub headers: &'r HeaderMap,
    pub body: &'r [u8],
}

/// Why a request is refused, and how.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub status: StatusCode,
    /// One sentence for people.
    pub detail: String,
    pub faults: Vec<Fault>,
    /// What the status asks for beside the body: `Accept` of 415 (RFC 9110, 15.5.16).
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

impl From<Unsupported> for Refusal {
    fn from(why: Unsupported) -> Self {
        let taken = HeaderValue::try_from(why.taken).ok();
        let headers = taken.map(|value| (why.header, value)).into_iter().collect();
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        Refusal { status, detail: why.detail, faults: Vec::new(), headers }
    }
}

/// A fault that a schema found, at its place in the body or parameter.
///
/// `texts` is the value where it was read from text: what is of the wrong kind there is shown as it was sent.
pub(crate) fn located(fault: descant_schema::Fault, texts: Option<&Value>) -> Fault {
    let texts = texts.filter(|_| fault.keyword == "type");
    let shown = match texts.and_then(|value| value.pointer(&fault.pointer)).and_then(Value::as_str) {
        Some(text) => Fault::new(&fault.keyword, fault.expected, text),
        None => Fault::new(&fault.keyword, fault.expected, "").detail(fault.message),
    };
    Fault { place: Place::Body(fault.pointer), ..shown }
}

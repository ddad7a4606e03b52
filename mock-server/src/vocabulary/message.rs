//! Requests and responses as the mock handles them, with the header fields that several layers read or write.

use http::{HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

/// A request with its whole body.
pub type Request = http::Request<bytes::Bytes>;
/// A response with its whole body.
pub type Response = http::Response<bytes::Bytes>;

/// Explains a response that differs from what the document or the caller asked for.
pub(crate) const NOTICE: HeaderName = HeaderName::from_static(descant_exchange::notice::HEADER);

/// The trace that a request belongs to (W3C Trace Context, 3.2).
pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Names the session that a request belongs to.
pub(crate) const SESSION: HeaderName = HeaderName::from_static("x-descant-session");

/// Encodes every character that is not unreserved (RFC 3986, 2.3).
pub(crate) const UNRESERVED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The path of the mock's own interface, below the prefix of a document.
pub(crate) const INTERFACE: &str = "/__descant";

/// The path of pictures, below that of the interface.
pub(crate) const PICTURES: &str = "/image/";

/// Returns the path and query of a request.
pub(crate) fn target(request: &Request) -> &str {
    request.uri().path_and_query().map_or("/", |target| target.as_str())
}

/// Returns the part of a path after the prefix of an API and `/__descant`; `None` where it is not for the interface.
pub(crate) fn interface_path<'r, B>(prefix: &str, request: &'r http::Request<B>) -> Option<&'r str> {
    let path = request.uri().path().strip_prefix(prefix)?.strip_prefix(INTERFACE)?;
    (path.is_empty() || path.starts_with('/')).then_some(path)
}

/// Adds a notice to a response; characters that no header value can hold become spaces.
pub(crate) fn notify(response: &mut Response, notice: Option<&str>) {
    let notice = notice
        .and_then(|text| HeaderValue::from_str(&text.replace(|c: char| !c.is_ascii_graphic(), " ")).ok());
    response.headers_mut().extend(notice.map(|notice| (NOTICE, notice)));
}

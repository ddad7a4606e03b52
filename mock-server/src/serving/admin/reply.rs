//! Responses of the interface, and how requests to it are read.

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderValue, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::vocabulary::message::{Request, Response};
use crate::vocabulary::problem::Problem;

/// What a page of the interface may load: its own files, and nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The security header fields of every response of the interface.
const FIELDS: [(HeaderName, &str); 6] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (CACHE_CONTROL, "no-store"),
];

/// Adds the security header fields.
pub(super) fn secured(mut response: Response) -> Response {
    let fields = FIELDS.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value)));
    response.headers_mut().extend(fields);
    response
}

/// Returns a body of a media type.
pub(super) fn body(media_type: &'static str, body: impl Into<Bytes>) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

/// Returns a value as JSON.
pub(super) fn json(value: &Value) -> Response {
    body("application/json", value.to_string())
}

/// Returns a status without a body.
pub(super) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

/// Parses the JSON body of a request.
pub(super) fn read<T: DeserializeOwned>(request: &Request) -> Result<T, Problem> {
    serde_json::from_slice(request.body()).map_err(|error| invalid(error.to_string()))
}

/// Returns the value of a query parameter.
pub(super) fn query(request: &Request, name: &str) -> Option<String> {
    let query = request.uri().query().unwrap_or_default();
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// Returns the number of a query parameter, or a default.
pub(super) fn number<T: std::str::FromStr>(request: &Request, name: &str, default: T) -> T {
    query(request, name).and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Returns the value of a query parameter that must be there.
pub(super) fn required(request: &Request, name: &str) -> Result<String, Problem> {
    query(request, name).ok_or_else(|| invalid(format!("the query parameter `{name}` is missing")))
}

/// Refuses a request with 400.
pub(super) fn invalid(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, detail)
}

/// Refuses a request with 404.
pub(super) fn missing(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, detail)
}

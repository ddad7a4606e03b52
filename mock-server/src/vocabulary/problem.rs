//! The body of a refusal: problem details (RFC 9457) that list every violation of a request with its place.

use bytes::Bytes;
use descant_exchange::Refusal;
use descant_runtime::problem::{self, Fault};
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

use super::message::Response;

/// Why a request is refused.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    /// One sentence for people.
    pub(crate) detail: String,
    pub(crate) violations: Vec<Fault>,
    /// The header fields that the status requires: `Allow`, `Accept`, `WWW-Authenticate`.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// Makes a problem without violations.
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), violations: Vec::new(), headers: Vec::new() }
    }

    /// Adds a header field, unless the text is no valid field value.
    #[must_use]
    pub(crate) fn header(mut self, name: HeaderName, value: &str) -> Self {
        self.headers.extend(HeaderValue::from_str(value).ok().map(|value| (name, value)));
        self
    }

    /// Returns the problem details as JSON.
    pub(crate) fn body(&self) -> Value {
        let violations = self.violations.iter().cloned();
        problem::Problem::new(self.status).detail(self.detail.as_str()).faults(violations).to_value()
    }

    /// Returns the response without [`Problem::headers`].
    pub(crate) fn response(&self) -> Response {
        let mut response = Response::new(Bytes::from(self.body().to_string()));
        *response.status_mut() = self.status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(problem::MEDIA_TYPE));
        response
    }

    /// Returns the whole response.
    pub(crate) fn into_response(self) -> Response {
        let mut response = self.response();
        for (name, value) in self.headers {
            response.headers_mut().append(name, value);
        }
        response
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let Refusal { status, detail, faults: violations, headers } = refusal;
        Self { status, detail, violations, headers }
    }
}

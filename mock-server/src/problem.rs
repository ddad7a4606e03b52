//! What the mock says when it refuses a request: problem details (RFC 9457) that name every fault with its place.

use bytes::Bytes;
use descant_runtime::problem::{self, Fault};
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

use crate::Response;

/// A refusal.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    /// One sentence for people.
    pub(crate) detail: String,
    pub(crate) faults: Vec<Fault>,
    /// `Allow`, `Accept`, `WWW-Authenticate`: what the status asks for beside the body.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A refusal without faults of its own.
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), faults: Vec::new(), headers: Vec::new() }
    }

    /// With a header; a value that no header can hold is left out.
    #[must_use]
    pub(crate) fn header(mut self, name: HeaderName, value: &str) -> Self {
        self.headers.extend(HeaderValue::from_str(value).ok().map(|value| (name, value)));
        self
    }

    /// The problem details.
    pub(crate) fn body(&self) -> Value {
        let faults = self.faults.iter().cloned();
        problem::Problem::new(self.status).detail(self.detail.as_str()).faults(faults).to_value()
    }

    /// The whole response, but for [`Problem::headers`].
    pub(crate) fn response(&self) -> Response {
        let mut response = Response::new(Bytes::from(self.body().to_string()));
        *response.status_mut() = self.status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(problem::MEDIA_TYPE));
        response
    }

    /// The whole response.
    pub(crate) fn into_response(self) -> Response {
        let mut response = self.response();
        for (name, value) in self.headers {
            response.headers_mut().append(name, value);
        }
        response
    }
}

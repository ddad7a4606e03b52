//! A request as it was sent and the answer as it came.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

/// A request as it goes over the wire, without the base URL.
#[derive(Clone, Default, PartialEq)]
pub struct HttpRequest {
    pub method: String,
    /// The path and, after `?`, the query; percent-encoded.
    pub target: String,
    /// In the order in which they are sent.
    pub headers: Vec<(String, String)>,
    pub body: Option<Bytes>,
    /// The values of the parameters by their location's name, for runtime expressions.
    pub values: Vec<(&'static str, String, Value)>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct HttpResponse {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// A request and what came of it.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub request: HttpRequest,
    /// `Err`: why there is no answer.
    pub answer: Result<HttpResponse, NoAnswer>,
    /// The time from the start of the request to the end of the answer.
    pub elapsed: Duration,
}

impl Exchange {
    /// Returns an exchange whose time is not known.
    pub fn new(request: HttpRequest, answer: Result<HttpResponse, NoAnswer>) -> Self {
        Self { request, answer, elapsed: Duration::ZERO }
    }

    /// Returns the status of the answer; 0 where there is none.
    pub fn status(&self) -> u16 {
        self.answer.as_ref().map_or(0, |answer| answer.status.as_u16())
    }

    /// Whether the answer is a success (2xx).
    pub fn is_success(&self) -> bool {
        matches!(self.status(), 200..=299)
    }
}

/// Why a request has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// Nobody listens there.
    Unreachable(String),
    /// The connection broke, or the answer is not HTTP, too late or too long.
    Broken(String),
}

/// Headers may hold secrets: only their names are shown.
impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("headers", &names)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoAnswer::Unreachable(reason) | NoAnswer::Broken(reason) => f.write_str(reason),
        }
    }
}

impl HttpResponse {
    /// A header's value, as far as it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// As the judge of responses takes it.
    pub fn view(&self) -> descant_exchange::ResponseView<'_> {
        descant_exchange::ResponseView {
            status: self.status.as_u16(),
            headers: &self.headers,
            body: &self.body,
        }
    }

    /// The body, where it is JSON.
    pub fn json(&self) -> Option<Value> {
        descant_runtime::media::read_json(&self.body).ok()
    }
}

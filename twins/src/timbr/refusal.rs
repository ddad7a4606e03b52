//! Refusals in Timbr's envelope, or as problem details where the caller prefers them.

use bytes::Bytes;
use descant_runtime::media;
use descant_runtime::server::{Context, HandlerResult, Rejection};
use http::header::{ACCEPT, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use serde_json::json;

use super::QueryError;

/// The media types of a refusal, the vendor's first.
const OFFERED: [&str; 2] = ["application/json", "application/problem+json"];

/// A request that is refused, with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: StatusCode,
    reason: String,
    /// The challenge of a 401.
    challenge: Option<&'static str>,
}

impl Refusal {
    /// A request that is not right.
    pub(crate) fn bad_request(reason: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, reason: reason.into(), challenge: None }
    }

    /// A credential that is not valid, with the challenge of its scheme.
    pub(crate) fn unauthorized(reason: impl Into<String>, challenge: &'static str) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, reason: reason.into(), challenge: Some(challenge) }
    }

    /// A known user without access.
    pub(crate) fn forbidden(reason: impl Into<String>) -> Self {
        Self { status: StatusCode::FORBIDDEN, reason: reason.into(), challenge: None }
    }

    /// A name that the environment does not know.
    pub(crate) fn unknown(what: &str, name: &str) -> Self {
        let reason = format!("There is no {what} with the name {name}.");
        Self { status: StatusCode::NOT_FOUND, reason, challenge: None }
    }

    /// Returns the response in the media type that the caller prefers.
    fn rejection(self, context: &Context) -> Rejection {
        let accept = context.parts.headers.get(ACCEPT).and_then(|value| value.to_str().ok());
        let (media_type, body) = match media::negotiate(accept, &OFFERED) {
            Some(1) => {
                let title = self.status.canonical_reason();
                let status = self.status.as_u16();
                ("application/problem+json", json!({"title": title, "status": status, "detail": self.reason}))
            }
            _ => ("application/json", json!({"data": self.reason, "status": "error"})),
        };
        let mut response = Response::new(Bytes::from(body.to_string()).into());
        *response.status_mut() = self.status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        if let Some(challenge) = self.challenge {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response.into()
    }
}

impl From<QueryError> for Refusal {
    fn from(error: QueryError) -> Self {
        Self::bad_request(error.0)
    }
}

/// Returns a result for the generated server.
pub(crate) fn answered<T>(context: &Context, result: Result<T, Refusal>) -> HandlerResult<T> {
    result.map_err(|refusal| refusal.rejection(context))
}

//! A response that a rule writes out: what was recorded of a service, or made up by hand.

use bytes::Bytes;
use descant_runtime::media::{self, Hints};
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, StatusCode};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Response;
use crate::mock::Mock;
use crate::respond::Accepted;

/// A response that is written out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Stated {
    /// By name; without a `content-type` the body is JSON.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub headers: IndexMap<String, String>,
    /// The value of the body, written as the content type asks; text of a type that has no values is the body itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

impl Stated {
    /// The response; a header that cannot be sent is left out.
    pub(crate) fn response(&self, mock: &Mock, accepted: &Accepted<'_>, status: StatusCode) -> Response {
        let headers = self.headers.iter();
        let headers: Vec<(HeaderName, HeaderValue)> =
            headers.filter_map(|(name, value)| Some((name.parse().ok()?, value.parse().ok()?))).collect();
        let stated = headers.iter().find(|(name, _)| *name == CONTENT_TYPE);
        let kind = stated.and_then(|(_, value)| value.to_str().ok()).unwrap_or("application/json");
        let mut response = Response::new(self.bytes(mock, accepted, status, kind));
        *response.status_mut() = status;
        if let Ok(kind) = HeaderValue::from_str(kind)
            && self.body.is_some()
        {
            response.headers_mut().insert(CONTENT_TYPE, kind);
        }
        for (name, value) in headers.into_iter().filter(|(name, _)| *name != CONTENT_TYPE) {
            response.headers_mut().append(name, value);
        }
        response
    }

    fn bytes(&self, mock: &Mock, accepted: &Accepted<'_>, status: StatusCode, kind: &str) -> Bytes {
        let Some(body) = &self.body else { return Bytes::new() };
        let contents = accepted.called.prepared.answer(status.as_u16()).map(|answer| &answer.contents);
        let names: Vec<_> = contents.into_iter().flatten().map(|content| content.name.as_str()).collect();
        let content = media::select(kind, &names).and_then(|at| contents?.get(at));
        let written = match content {
            Some(content) => content.encode(&mock.schemas, kind, body).ok(),
            None => media::encode(kind, body, Hints::default()).ok(),
        };
        written.unwrap_or_else(|| body.to_string().into())
    }
}

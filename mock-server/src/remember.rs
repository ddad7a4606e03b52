//! What the state of the mock answers, as a response: the items that earlier requests made.

use bytes::Bytes;
use descant_runtime::param::Location;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderValue, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::answer::{chosen, documented, seed};
use crate::content::Body;
use crate::mock::Mock;
use crate::problem::Problem;
use crate::respond::Accepted;
use crate::state::{Answer, Call, Patch, Refusal, StoreError};
use crate::{Request, Response};

/// Answers from the state; `None` where it has nothing to say.
///
/// # Errors
/// 404 where there is no such item, 406, 409 and 422 where it cannot be changed so, 503 where the store fails, 507 where
/// it is full.
pub(crate) fn answer(mock: &Mock, accepted: &Accepted<'_>) -> Result<Option<Response>, Problem> {
    let Some(state) = &mock.state else { return Ok(None) };
    let requests = &accepted.called.prepared.requests;
    let content_type = accepted.request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let call = Call {
        operation: accepted.called.index,
        path: &requests.values(&accepted.decoded, Location::Path),
        query: &requests.values(&accepted.decoded, Location::Query),
        body: accepted.decoded.body.as_ref(),
        patch: content_type.map(Patch::of).unwrap_or_default(),
        seed: seed(mock, accepted).value(),
    };
    match state.answer(&call).map_err(Problem::from)? {
        None => Ok(None),
        Some(Answer::NotFound) => {
            Err(Problem::new(StatusCode::NOT_FOUND, "there is no such item, or no longer"))
        }
        Some(Answer::Refused(Refusal { status, reason })) => {
            Err(Problem::new(StatusCode::from_u16(status).unwrap_or(StatusCode::CONFLICT), reason))
        }
        Some(Answer::Done { status, value, created }) => {
            let mut response = response(mock, accepted, status, value)?;
            // One that was made up leads nowhere.
            let is_stated = response.headers_mut().remove(LOCATION).is_some();
            // Where to find what was created is for a 201 to say (RFC 9110, 15.3.2), or as the document has it.
            let created = created.filter(|_| is_stated || status == StatusCode::CREATED);
            let location = created.and_then(|id| location(accepted.request, &id));
            response.headers_mut().extend(location.map(|location| (LOCATION, location)));
            Ok(Some(response))
        }
    }
}

fn response(
    mock: &Mock,
    accepted: &Accepted<'_>,
    status: u16,
    value: Option<Value>,
) -> Result<Response, Problem> {
    let answer = accepted.called.prepared.answer(status);
    let status = StatusCode::from_u16(status).unwrap_or_default();
    let mut response = match (value, answer) {
        (Some(value), Some(answer)) if !answer.contents.is_empty() => {
            let (content, name, content_type) = chosen(accepted.request, answer)?;
            let bytes = content.encode(&mock.schemas, &name, &value);
            let bytes = bytes.map_err(|reason| Problem::new(StatusCode::NOT_IMPLEMENTED, reason))?;
            Body { bytes, notice: None }.response(content_type)
        }
        // It shows no item: a message, say.
        (_, Some(answer)) => documented(mock, accepted, status, answer)?,
        (_, None) => Response::new(Bytes::new()),
    };
    *response.status_mut() = status;
    let headers = answer.map(|answer| answer.headers.iter().cloned());
    response.headers_mut().extend(headers.into_iter().flatten());
    Ok(response)
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let status = match error {
            StoreError::Failed(_) => StatusCode::SERVICE_UNAVAILABLE,
            StoreError::Full(_) => StatusCode::INSUFFICIENT_STORAGE,
        };
        Self::new(status, error.to_string())
    }
}

/// All but what is unreserved (RFC 3986, 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where a new item is: below the collection that it was sent to.
fn location(request: &Request, id: &str) -> Option<HeaderValue> {
    let collection = request.uri().path().trim_end_matches('/');
    HeaderValue::try_from(format!("{collection}/{}", utf8_percent_encode(id, RESERVED))).ok()
}

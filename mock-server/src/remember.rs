//! What the state of the mock answers, as a response: the items that earlier requests made.

use bytes::Bytes;
use descant_runtime::param::Location;
use http::header::{CONTENT_TYPE, LINK, LOCATION};
use http::{HeaderMap, HeaderValue, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::answer::{chosen, documented, is_told, notify, seed};
use crate::content::Body;
use crate::mock::Mock;
use crate::problem::Problem;
use crate::respond::Accepted;
use crate::state::{Answer, Call, Done, Listed, Patch, Refusal, StoreError, fold};
use crate::{Request, Response};

/// What the state says to a request.
pub(crate) enum Remembered {
    /// The response, which shows what is kept.
    Response(Response),
    /// Nothing: the document answers. `Some`: although the operation is part of a collection, for this reason.
    Nothing(Option<String>),
}

/// Answers from the state.
///
/// # Errors
/// 404 where there is no such item, 406, 409 and 422 where it cannot be changed so, 503 where the store fails, 507 where
/// it is full.
pub(crate) async fn answer(mock: &Mock, accepted: &Accepted<'_>) -> Result<Remembered, Problem> {
    let state = mock.state.as_ref().filter(|state| state.has(accepted.called.index));
    let Some(state) = state.filter(|_| !is_told(accepted)) else { return Ok(Remembered::Nothing(None)) };
    let requests = &accepted.called.prepared.requests;
    let content_type = accepted.request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let call = Call {
        operation: accepted.called.index,
        target: accepted.request.uri().path_and_query().map_or("/", |target| target.as_str()),
        path: &requests.values(&accepted.decoded, Location::Path),
        query: &requests.values(&accepted.decoded, Location::Query),
        body: accepted.decoded.body.as_ref(),
        patch: content_type.map(Patch::of).unwrap_or_default(),
        seed: seed(mock, accepted).value(),
    };
    match state.answer(&call).await? {
        None => Ok(Remembered::Nothing(None)),
        Some(Answer::Unserved(reason)) => {
            Ok(Remembered::Nothing(Some(format!("answered without the state: {reason}"))))
        }
        Some(Answer::NotFound) => {
            Err(Problem::new(StatusCode::NOT_FOUND, "there is no such item, or no longer"))
        }
        Some(Answer::Refused(Refusal { status, reason })) => {
            Err(Problem::new(StatusCode::from_u16(status).unwrap_or(StatusCode::CONFLICT), reason))
        }
        Some(Answer::Done(done)) => shown(mock, accepted, done).map(Remembered::Response),
    }
}

/// The response to a call that was carried out.
fn shown(mock: &Mock, accepted: &Accepted<'_>, done: Done) -> Result<Response, Problem> {
    let Done { status, value, created, listed, notice } = done;
    let mut response = response(mock, accepted, status, value)?;
    notify(&mut response, notice.as_deref());
    // One that was made up leads nowhere.
    let is_documented = response.headers_mut().remove(LOCATION).is_some();
    // Where to find what was created is for a 201 to say (RFC 9110, 15.3.2), or as the document has it.
    let created = created.filter(|_| is_documented || response.status() == StatusCode::CREATED);
    let location = created.and_then(|id| location(accepted.request, &id));
    response.headers_mut().extend(location.map(|location| (LOCATION, location)));
    listed.iter().for_each(|listed| count(response.headers_mut(), listed));
    Ok(response)
}

/// Sets the headers that the response has for what its list says of itself: `X-Total-Count` and the like, and `Link` (RFC
/// 8288). One that was made up goes where there is nothing to say.
fn count(headers: &mut HeaderMap, listed: &Listed) {
    for (name, value) in headers.iter_mut() {
        let folded = fold(name.as_str());
        let number = listed.number(folded.strip_prefix('x').unwrap_or(&folded));
        if let Some(number) = number {
            *value = HeaderValue::from(number);
        }
    }
    if headers.remove(LINK).is_some() {
        let link = |(relation, target): &(&str, String)| format!("<{target}>; rel=\"{relation}\"");
        let links: Vec<String> = listed.links.iter().map(link).collect();
        let value = Some(links.join(", ")).filter(|text| !text.is_empty());
        headers.extend(value.and_then(|text| HeaderValue::try_from(text).ok()).map(|value| (LINK, value)));
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
            StoreError::Failed(_) | StoreError::Contended => StatusCode::SERVICE_UNAVAILABLE,
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

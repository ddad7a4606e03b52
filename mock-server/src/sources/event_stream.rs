//! Event streams that a client resumes (WHATWG HTML, 9.2): events with ids, and those after the last one that it has seen.

use bytes::Bytes;
use descant_exchange::Schemas;
use descant_model::api::Operation;
use descant_runtime::media::{Event, Events, MediaKind};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderName};

use super::response_validation::violation;
use crate::vocabulary::message::{Request, Response};

/// The id of the last event that a client has seen.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Whether a response is an event stream.
pub(crate) fn is_one(response: &Response) -> bool {
    let media_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media_type.is_some_and(|name| MediaKind::of(name) == MediaKind::EventStream)
}

/// Numbers the events of a response without ids, unless that would make it invalid, and leaves out those that the client has
/// seen. If none is left the response is 204, which ends the attempts of a browser, unless the stream is `held` open.
pub(crate) fn resume(
    (schemas, operation): (&Schemas, &Operation),
    request: &Request,
    response: &mut Response,
    held: bool,
) {
    if response.status() != StatusCode::OK || !is_one(response) {
        return;
    }
    let Some(mut events) = read(response.body()) else { return };
    if number(&mut events) {
        let mut numbered = response.clone();
        *numbered.body_mut() = write(&events);
        if violation(schemas, operation, &numbered).is_some() {
            return;
        }
        *response = numbered;
    }
    let last = request.headers().get(LAST_EVENT_ID).and_then(|id| id.to_str().ok());
    let seen = last.and_then(|last| events.iter().position(|event| event.id.as_deref() == Some(last)));
    let Some(seen) = seen else { return };
    let left = events.split_off(seen + 1);
    *response.body_mut() = write(&left);
    if left.is_empty() && !held {
        *response.status_mut() = StatusCode::NO_CONTENT;
        response.headers_mut().remove(CONTENT_TYPE);
    }
}

fn read(body: &[u8]) -> Option<Vec<Event>> {
    let mut events = Events::default();
    events.push(body).ok()?;
    events.push(b"\n\n").ok()?;
    Some(std::iter::from_fn(|| events.pop()).collect())
}

fn write(events: &[Event]) -> Bytes {
    events.iter().map(Event::to_text).collect::<String>().into()
}

/// Numbers events from 1 if none has an id; false where one has.
fn number(events: &mut [Event]) -> bool {
    if events.iter().any(|event| event.id.is_some()) {
        return false;
    }
    for (event, number) in events.iter_mut().zip(1_u32..) {
        event.id = Some(number.to_string());
    }
    true
}

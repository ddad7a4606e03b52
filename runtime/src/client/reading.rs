//! Reads a response: by default what the body can be read as, in strict mode exactly what the document says.
//!
//! Services stray from their documents. By default an undocumented 2xx is read as the documented success, and a body of
//! an undocumented media type by its own; [`Response::is_documented`] says so. What cannot be read is an error that
//! keeps the response.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde_json::Value;

use super::exchange::{Timer, whole};
use super::{Error, Received, Request, Response};
use crate::body::Body;
use crate::media::MediaKind;
use crate::payload::Payload;
use crate::problem::Fault;
use crate::response::{self, Case, Pattern, Reply, Responses};

/// A way to read a response: as the case of a pattern.
type Attempt = (Pattern, Reply);

impl Request {
    /// Returns the call that sends the request: a [`Call`](super::Call) or one with optional parameters. It owns its
    /// data, so it can be spawned.
    pub fn send<C: From<Self>>(self) -> C {
        self.into()
    }

    /// Sends the request and returns the success.
    pub(super) async fn success<R: Responses>(self) -> Result<Response<R::Success>, Error> {
        let limit = self.core.inner.config.body_limit;
        let (received, attempts) = self.attempts(R::CASES, Wanted::Success).await?;
        match read(attempts, R::success) {
            Ok(value) => Ok(Response::new(received, value, limit)),
            Err(fault) => Err(Error::Decode { received: received.into(), fault: fault.into() }),
        }
    }

    /// Sends the request and returns any documented response.
    pub(super) async fn answer<R: Responses>(self) -> Result<R, Error> {
        let (received, attempts) = self.attempts(R::CASES, Wanted::Any).await?;
        let decode = |fault: Fault| Error::Decode { received: received.into(), fault: fault.into() };
        read(attempts, R::read).map_err(decode)
    }

    /// Sends the request and returns the response of any status, undecoded.
    pub(super) async fn raw(self, cases: &'static [Case]) -> Result<Response<Body>, Error> {
        let (operation, limit) = (self.operation, self.core.inner.config.body_limit);
        let timer = Timer::start(operation, self.timeout);
        let reply = timer.bound(self.exchange(&response::accept(cases))).await?;
        let documented = response::case_of(cases, reply.status).is_some();
        let (received, body) = received(operation, reply, documented);
        Ok(Response::new(received, body, limit))
    }

    /// Sends the request and returns a 2xx response, undecoded.
    pub(super) async fn ok(self, cases: &'static [Case]) -> Result<Response<Body>, Error> {
        let limit = self.core.inner.config.body_limit;
        let timer = Timer::start(self.operation, self.timeout);
        let response = self.raw(cases).await?;
        if response.status().is_success() {
            return Ok(response);
        }
        let (received, body) = response.into_parts();
        let received = timer.bound(whole(received, body, limit)).await?;
        Err(Error::Status(received.into()))
    }

    /// Sends the request, and returns how its response can be read. A streamed body has no time limit.
    async fn attempts(
        self,
        cases: &'static [Case],
        wanted: Wanted,
    ) -> Result<(Received, Vec<Attempt>), Error> {
        let config = &self.core.inner.config;
        let (operation, limit, strict) = (self.operation, config.body_limit, config.strict);
        let timer = Timer::start(operation, self.timeout);
        let reply = timer.bound(self.exchange(&response::accept(cases))).await?;
        let choice = Choice::of(cases, &reply, strict);
        let documented = choice.documented;
        let content_type = reply.payload.content_type().to_owned();
        let status = reply.status;
        let (mut received, body) = received(operation, reply, documented);
        let case = choice.case.filter(|case| wanted == Wanted::Any || case.is_success(status));
        let Some(case) = case else {
            let received = timer.bound(whole(received, body, limit)).await?;
            return Err(Error::Status(received.into()));
        };
        if case.streams.says(&content_type) && choice.readable(strict) {
            let payload = Payload { headers: received.headers.clone(), body, ..Payload::default() };
            return Ok((received, vec![(case.status, Reply { status, payload })]));
        }
        received = timer.bound(whole(received, body, limit)).await?;
        if !choice.readable(strict) {
            return Err(unreadable(received, case));
        }
        let attempts = choice.attempts(case, &received, strict);
        Ok((received, attempts))
    }
}

/// Which responses a call returns as a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Success,
    Any,
}

/// The case by which a response is read.
struct Choice {
    case: Option<&'static Case>,
    /// The case of the status by the document, if it is another.
    other: Option<&'static Case>,
    /// Whether the media type is one of the case's.
    listed: bool,
    /// Whether the document lists the status, and for it the media type.
    documented: bool,
    content_type: MediaKind,
}

impl Choice {
    fn of(cases: &'static [Case], reply: &Reply, strict: bool) -> Self {
        let exact = response::case_of(cases, reply.status);
        let named = exact.is_some_and(|case| case.status != Pattern::Default);
        let success = cases.iter().find(|case| case.success && case.status != Pattern::Default);
        let strays = !strict && !named && reply.status.is_success();
        let case = success.filter(|_| strays).or(exact);
        let content_type = reply.payload.content_type();
        let listed = case.is_some_and(|case| response::is_documented(content_type, case.media_types));
        let by_letter = case.map(|case| case.status) == exact.map(|case| case.status);
        Self {
            case,
            other: exact.filter(|_| !by_letter),
            listed,
            documented: by_letter && listed,
            content_type: MediaKind::of(content_type),
        }
    }

    /// Whether the body may be read as its case: by its media type if that is documented, else by what it is. Items of a
    /// stream have no other form.
    fn readable(&self, strict: bool) -> bool {
        let is_sequence = |media_type: &&str| {
            matches!(MediaKind::of(media_type), MediaKind::JsonLines | MediaKind::EventStream)
        };
        let media_types = self.case.map_or(&[][..], |case| case.media_types);
        self.listed || !strict && !media_types.iter().any(is_sequence)
    }

    /// The ways to read a body in memory, in order of preference.
    fn attempts(&self, case: &'static Case, received: &Received, strict: bool) -> Vec<Attempt> {
        let Received { status, headers, body, .. } = received;
        let reply = |body: Bytes| {
            let payload = Payload { headers: headers.clone(), body: body.into(), ..Payload::default() };
            Reply { status: *status, payload }
        };
        let mut attempts = vec![(case.status, reply(body.clone()))];
        let text =
            (!strict && !self.documented && self.content_type == MediaKind::Text).then(|| json_text(body));
        attempts.extend(text.flatten().map(|text| {
            let mut quoted = reply(text);
            quoted.payload.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            (case.status, quoted)
        }));
        attempts.extend(self.other.map(|other| (other.status, reply(body.clone()))));
        attempts
    }
}

/// A text as a JSON string, for a service that sends the text itself.
fn json_text(body: &Bytes) -> Option<Bytes> {
    let text = std::str::from_utf8(body).ok()?;
    serde_json::to_vec(&Value::from(text)).ok().map(Bytes::from)
}

/// Reads a response in the first way that succeeds, else returns the fault of the first.
fn read<T>(attempts: Vec<Attempt>, read: fn(Pattern, Reply) -> Result<T, Fault>) -> Result<T, Fault> {
    let mut first = None;
    for (pattern, reply) in attempts {
        match read(pattern, reply) {
            Ok(value) => return Ok(value),
            Err(fault) => first = first.or(Some(fault)),
        }
    }
    Err(first.unwrap_or_else(|| Fault::new("status", "a documented status", "")))
}

fn received(operation: &'static str, reply: Reply, documented: bool) -> (Received, Body) {
    let Reply { status, payload: Payload { headers, body, .. } } = reply;
    (Received { operation, status, headers, body: Bytes::new(), documented }, body)
}

fn unreadable(received: Received, case: &Case) -> Error {
    let stated = received.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let fault = Fault::new("content", format!("a body of {}", case.media_types.join(" or ")), stated);
    Error::Decode { received: received.into(), fault: fault.into() }
}

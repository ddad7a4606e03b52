//! A response before it is sent, with what the journal records of the exchange and how the response is delivered.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use descant_runtime::problem::Fault;
use futures_util::stream::BoxStream;
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Method};

use super::cors;
use super::delay::Delay;
use super::directive::{Directive, InjectedFailure};
use super::message::{NOTICE, Request, Response, TRACEPARENT};

/// What validation by the document found in an exchange.
#[derive(Clone, Debug, Default)]
pub(crate) struct Verdict {
    /// The key of the operation: `GET /pets/{petId}`.
    pub(crate) operation: Option<Arc<str>>,
    /// What the request violates, in one sentence.
    pub(crate) request: Option<String>,
    /// Each violation of the request, with its place.
    pub(crate) violations: Vec<Fault>,
    /// What the response violates, or what its notices say.
    pub(crate) response: Option<String>,
}

/// How a response is delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) delay: Duration,
    pub(crate) failure: Option<InjectedFailure>,
    /// The time between the events or lines of a stream.
    pub(crate) pace: Option<Delay>,
    /// Whether a stream of events stays open after its last event.
    pub(crate) is_held: bool,
}

/// The part of a response body that is still to come.
pub(crate) type Rest = BoxStream<'static, io::Result<Bytes>>;

/// A response before it is sent.
pub(crate) struct PendingResponse {
    pub(crate) response: Response,
    pub(crate) verdict: Verdict,
    /// `None` sends the response at once and whole.
    pub(crate) delivery: Option<Delivery>,
    /// Follows the body of `response`.
    pub(crate) rest: Option<Rest>,
    /// The webhook to send after the response.
    pub(crate) webhook: Option<Box<str>>,
}

impl PendingResponse {
    /// Makes a response without delivery directives.
    pub(crate) fn new(response: Response, verdict: Verdict) -> Self {
        Self { response, verdict, delivery: None, rest: None, webhook: None }
    }

    /// Makes a response of the mock's own; its notices become the verdict on the response.
    pub(crate) fn noticed(response: Response, operation: Arc<str>) -> Self {
        let notices = response.headers().get_all(NOTICE).iter();
        let notices: Vec<&str> = notices.filter_map(|notice| notice.to_str().ok()).collect();
        let notices = Some(notices.join("; ")).filter(|text| !text.is_empty());
        Self::new(response, Verdict { operation: Some(operation), response: notices, ..Verdict::default() })
    }

    /// Applies the delay, the pace, the injected failure and the webhook of a directive.
    #[must_use]
    pub(crate) fn delivered(self, directive: &Directive) -> Self {
        let delay = directive.delay.map(Delay::least).unwrap_or_default();
        let (failure, pace, is_held) = (directive.failure, directive.pace, directive.hold == Some(true));
        let delivery = Delivery { delay, failure, pace, is_held };
        let delivery = (delivery != Delivery::default()).then_some(delivery);
        Self { delivery, webhook: directive.webhook.as_deref().map(Into::into), ..self }
    }

    /// Applies what every response of the mock gets: CORS fields, the trace of the request, no body for HEAD.
    #[must_use]
    pub(crate) fn finish(mut self, request: &Request) -> Self {
        cors::share(request, &mut self.response);
        self.finish_unshared(request)
    }

    /// Applies what every response gets, without CORS fields.
    #[must_use]
    pub(crate) fn finish_unshared(mut self, request: &Request) -> Self {
        let response = &mut self.response;
        if let Some(trace) = request.headers().get(TRACEPARENT) {
            response.headers_mut().entry(TRACEPARENT).or_insert_with(|| trace.clone());
        }
        if request.method() == Method::HEAD && !response.body().is_empty() {
            let length = HeaderValue::from(response.body().len());
            response.headers_mut().entry(CONTENT_LENGTH).or_insert(length);
            *response.body_mut() = Bytes::new();
        }
        self
    }
}

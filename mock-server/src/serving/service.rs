//! A mock as a `tower` service, for other servers and for tests without a socket.

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::StatusCode;
use http::header::ORIGIN;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Body;
use tower_service::Service;

use super::limits::Limits;
use super::trace;
use crate::mock::Mock;
use crate::respond::pending_with;
use crate::sources::overlay::Overlay;
use crate::vocabulary::cors;
use crate::vocabulary::message::Response;
use crate::vocabulary::problem::Problem;

/// A mock as a service. A clone is another handle on the same mock. Delays and injected failures do not apply: they
/// concern a connection.
#[derive(Clone)]
pub struct MockService {
    mock: Arc<Mock>,
    overlay: Option<Arc<dyn Overlay>>,
    max_body: usize,
}

impl MockService {
    /// Makes a service of a mock, which reads bodies up to [`Limits::body_bytes`].
    pub fn new(mock: Arc<Mock>) -> Self {
        Self { mock, overlay: None, max_body: Limits::default().body_bytes }
    }

    /// Adds handlers that take precedence over the document.
    #[must_use]
    pub fn with_overlay(self, overlay: Arc<dyn Overlay>) -> Self {
        Self { overlay: Some(overlay), ..self }
    }

    /// Sets the greatest length of a request's body; a longer one is refused with 413.
    #[must_use]
    pub fn with_max_body(self, max_body: usize) -> Self {
        Self { max_body, ..self }
    }
}

impl<B> Service<http::Request<B>> for MockService
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Response = http::Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let response = match Limited::new(body, service.max_body).collect().await {
                Ok(body) => {
                    let request = http::Request::from_parts(parts, body.to_bytes());
                    let pending = pending_with(&service.mock, service.overlay.as_deref(), &request);
                    trace::exchange(&request, pending).await.response
                }
                Err(error) => {
                    let mut refusal = refuse(error.is::<LengthLimitError>());
                    let origin = parts.headers.get(ORIGIN);
                    origin.into_iter().for_each(|origin| cors::share_with(origin, &mut refusal));
                    refusal
                }
            };
            Ok(response.map(Full::new))
        })
    }
}

/// Refuses a request whose body is too long, or cannot be read.
fn refuse(is_too_long: bool) -> Response {
    let (status, detail) = match is_too_long {
        true => (StatusCode::PAYLOAD_TOO_LARGE, "the body is longer than the mock accepts"),
        false => (StatusCode::BAD_REQUEST, "the body cannot be read to its end"),
    };
    Problem::new(status, detail).into_response()
}

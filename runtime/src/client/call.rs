//! The return type of a generated client's methods: one named future, so that rustc does not have to check a coroutine
//! per method.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::{HeaderName, HeaderValue};

use super::{Error, Request};

type Answer<R> = BoxFuture<'static, Result<R, Error>>;

/// A call, which is sent when it is first polled and returns the documented response.
///
/// # Errors
/// See [`Error`].
#[must_use = "a call is sent when it is awaited"]
pub struct Call<R> {
    /// The request before it is sent; boxed, since a call is moved before.
    request: Option<Box<Request>>,
    send: fn(Request) -> Answer<R>,
    /// The future after it is sent.
    answer: Option<Answer<R>>,
}

impl<R> Call<R> {
    pub(super) fn new(request: Request, send: fn(Request) -> Answer<R>) -> Self {
        Self { request: Some(request.into()), send, answer: None }
    }

    /// Sets the time limit of this call, which overrides the client's configuration; `None`: no limit.
    pub fn timeout(self, timeout: Option<Duration>) -> Self {
        self.change(|request| request.timeout = timeout)
    }

    /// Sends a header with this call; it replaces a header of the document, such as `Accept`.
    pub fn header(self, name: HeaderName, value: HeaderValue) -> Self {
        self.change(|request| _ = request.payload.headers.insert(name, value))
    }

    fn change(mut self, change: impl FnOnce(&mut Request)) -> Self {
        if let Some(request) = &mut self.request {
            change(request);
        }
        self
    }
}

impl<R> Future for Call<R> {
    type Output = Result<R, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { request, send, answer } = &mut *self;
        if let Some(request) = request.take() {
            *answer = Some(send(*request));
        }
        match answer {
            Some(answer) => answer.as_mut().poll(context),
            None => Poll::Pending,
        }
    }
}

impl<R> fmt::Debug for Call<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").finish_non_exhaustive()
    }
}

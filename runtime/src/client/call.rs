//! The return type of a generated client's methods: one named future, so that rustc does not have to check a coroutine
//! per method.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use serde::de::DeserializeOwned;

use super::{CallError, Error, Request, Response};
use crate::body::Body;
use crate::response::Responses;

/// A call that is being sent.
pub type Sent<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;
/// A call that is being sent, and returns its success with the headers.
pub type Responded<R> = Sent<Response<<R as Responses>::Success>, CallError<R>>;

/// A call, which is sent when it is first polled and returns the value of the operation's success.
///
/// Every other outcome is an error with the response's status, headers, body and documented type ([`CallError`]).
/// [`Call::answer`] returns the enum of all documented responses instead, [`Call::response`] the success with its
/// headers, [`Call::raw`] the undecoded response.
#[must_use = "a call is sent when it is awaited"]
pub struct Call<R: Responses> {
    /// The request before it is sent; boxed, since a call is moved before.
    request: Option<Box<Request>>,
    /// The future after it is sent.
    sent: Option<Sent<R::Success, CallError<R>>>,
}

impl<R: Responses> From<Request> for Call<R> {
    fn from(request: Request) -> Self {
        Self { request: Some(request.into()), sent: None }
    }
}

impl<R: Responses> Call<R> {
    /// Sets the time limit of this call, which overrides the client's configuration; `None`: no limit.
    pub fn timeout(self, timeout: Option<Duration>) -> Self {
        self.change(|request| request.timeout = timeout)
    }

    /// Sends a header with this call; it replaces a header of the document, such as `Accept`.
    pub fn header(self, name: HeaderName, value: HeaderValue) -> Self {
        self.change(|request| _ = request.payload.headers.insert(name, value))
    }

    /// Returns the documented response, whether it is a success or an error.
    ///
    /// # Errors
    /// Returns an error if no response arrives, its status is not documented, or it is not as documented.
    pub fn answer(self) -> Sent<R, Error> {
        Box::pin(async move { self.unsent()?.answer().await })
    }

    /// Returns the success with its status, headers and undecoded body.
    ///
    /// # Errors
    /// As the call itself.
    pub fn response(self) -> Responded<R> {
        Box::pin(async move { Ok(self.unsent()?.success::<R>().await?) })
    }

    /// Returns the response of any status, undecoded.
    ///
    /// # Errors
    /// Returns an error if no response arrives.
    pub fn raw(self) -> Sent<Response<Body>, Error> {
        Box::pin(async move { self.unsent()?.raw(R::CASES).await })
    }

    /// Returns the JSON of any 2xx response as a type of the caller's.
    ///
    /// # Errors
    /// Returns an error for other statuses, and if the body does not match the type.
    pub fn json<T: DeserializeOwned + Send + 'static>(self) -> Sent<T, CallError<R>> {
        Box::pin(async move { Ok(self.unsent()?.ok(R::CASES).await?.json().await?) })
    }

    /// Sets a parameter of the request.
    pub fn set(mut self, set: impl FnOnce(Request) -> Request) -> Self {
        self.request = self.request.map(|request| set(*request).into());
        self
    }

    fn change(mut self, change: impl FnOnce(&mut Request)) -> Self {
        if let Some(request) = &mut self.request {
            change(request);
        }
        self
    }

    pub(super) fn unsent(self) -> Result<Request, Error> {
        let sent = || Error::Configuration("the call is already sent".to_owned());
        self.request.map(|request| *request).ok_or_else(sent)
    }
}

impl<R: Responses> Future for Call<R> {
    type Output = Result<R::Success, CallError<R>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { request, sent } = &mut *self;
        if let Some(request) = request.take() {
            *sent = Some(Box::pin(async move { Ok(request.success::<R>().await?.into_inner()) }));
        }
        match sent {
            Some(sent) => sent.as_mut().poll(context),
            None => Poll::Pending,
        }
    }
}

impl<R: Responses> fmt::Debug for Call<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").finish_non_exhaustive()
    }
}

//! Decides what a method of a generated client returns: one named future, so that no method is a coroutine of its own,
//! which rustc would have to check each.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;

use super::Error;

/// A call that is sent when it is first polled, and becomes the documented answer.
///
/// # Errors
/// See [`Error`].
#[must_use = "a call is sent when it is awaited"]
pub struct Call<R> {
    future: BoxFuture<'static, Result<R, Error>>,
}

impl<R> Call<R> {
    pub(super) fn new(future: impl Future<Output = Result<R, Error>> + Send + 'static) -> Self {
        Self { future: Box::pin(future) }
    }
}

impl<R> Future for Call<R> {
    type Output = Result<R, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.future.as_mut().poll(context)
    }
}

impl<R> fmt::Debug for Call<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").finish_non_exhaustive()
    }
}

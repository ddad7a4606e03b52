//! Delivers a response: at once or late, whole, a byte at a time, cut off, or not at all.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Response};
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Interval, interval};

use super::pace::paced;
use crate::vocabulary::directive::InjectedFailure;
use crate::vocabulary::pending::{Delivery, Rest};

/// The interval between bytes of [`InjectedFailure::Slow`].
const PACE: Duration = Duration::from_millis(20);

/// Delivers a response at once.
pub(crate) fn whole(response: Response<Bytes>, rest: Option<Rest>) -> Response<Outgoing> {
    response.map(|body| match rest {
        None => Outgoing::Whole(Some(body)),
        Some(rest) => Outgoing::Piped(Some(body), rest),
    })
}

/// Delivers a response with a delay, a pace, and an injected failure. A failure, or a stream that is held open, holds the
/// connection for at most `failure_timeout`.
///
/// # Errors
/// Where the failure closes the connection.
pub(crate) async fn deliver(
    mut response: Response<Bytes>,
    rest: Option<Rest>,
    delivery: Delivery,
    failure_timeout: Duration,
) -> io::Result<Response<Outgoing>> {
    let Delivery { delay, failure, .. } = delivery;
    tokio::time::sleep(delay).await;
    match failure {
        Some(InjectedFailure::Timeout) => tokio::time::sleep(failure_timeout).await,
        Some(InjectedFailure::Empty | InjectedFailure::Slow) => {
            let length = HeaderValue::from(response.body().len());
            response.headers_mut().insert(CONTENT_LENGTH, length);
        }
        Some(InjectedFailure::Malformed) => {
            let half = response.body().len() / 2;
            response.body_mut().truncate(half);
        }
        None | Some(InjectedFailure::Reset) => {}
    }
    match failure {
        Some(InjectedFailure::Reset | InjectedFailure::Timeout) => Err(io::ErrorKind::ConnectionReset.into()),
        Some(InjectedFailure::Empty) => Ok(response.map(|_| Outgoing::Cut { head_sent: false })),
        Some(InjectedFailure::Slow) => Ok(response.map(|body| Outgoing::Slow {
            rest: body,
            pace: interval(PACE),
            end: Instant::now() + failure_timeout,
        })),
        Some(InjectedFailure::Malformed) => Ok(response.map(|body| Outgoing::Whole(Some(body)))),
        None => {
            let rest = rest.or_else(|| paced(&mut response, delivery, failure_timeout));
            Ok(whole(response, rest))
        }
    }
}

/// The body of a response that is being sent.
pub(crate) enum Outgoing {
    /// All at once.
    Whole(Option<Bytes>),
    /// The received part, then the rest as it comes.
    Piped(Option<Bytes>, Rest),
    /// A byte at a time, cut off at `end`.
    Slow { rest: Bytes, pace: Interval, end: Instant },
    /// Ends before its first byte, after the head was sent.
    Cut { head_sent: bool },
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Ready(match &mut *self {
            Outgoing::Whole(body) => {
                body.take().filter(|body| !body.is_empty()).map(|body| Ok(Frame::data(body)))
            }
            Outgoing::Piped(first, rest) => match first.take().filter(|first| !first.is_empty()) {
                Some(first) => Some(Ok(Frame::data(first))),
                None => ready!(rest.poll_next_unpin(context)).map(|chunk| chunk.map(Frame::data)),
            },
            Outgoing::Slow { rest, .. } if rest.is_empty() => None,
            Outgoing::Slow { rest, pace, end } => match ready!(pace.poll_tick(context)) {
                now if now < *end => Some(Ok(Frame::data(rest.split_to(1)))),
                _ => Some(Err(io::ErrorKind::TimedOut.into())),
            },
            Outgoing::Cut { head_sent: head_sent @ false } => {
                *head_sent = true;
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Outgoing::Cut { head_sent: true } => Some(Err(io::ErrorKind::ConnectionReset.into())),
        })
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Outgoing::Whole(None))
            || matches!(self, Outgoing::Whole(Some(body)) if body.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Outgoing::Whole(Some(body)) => SizeHint::with_exact(body.len() as u64),
            Outgoing::Whole(None) => SizeHint::with_exact(0),
            Outgoing::Piped(..) | Outgoing::Slow { .. } | Outgoing::Cut { .. } => SizeHint::default(),
        }
    }
}

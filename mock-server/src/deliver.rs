//! How a response goes out: at once or late, whole, a byte at a time, broken, or not at all.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Response};
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Interval, interval};

use crate::prefer::Fault;

/// What is to be done to a response on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) delay: Duration,
    pub(crate) fault: Option<Fault>,
}

/// How long [`Fault::Timeout`] lasts: longer than any client waits.
const NEVER: Duration = Duration::from_secs(3600);
/// The pace of [`Fault::Slow`].
const PACE: Duration = Duration::from_millis(20);

/// Sends a response at once.
pub(crate) fn whole(response: Response<Bytes>, rest: Option<Rest>) -> Response<Outgoing> {
    response.map(|body| match rest {
        None => Outgoing::Whole(Some(body)),
        Some(rest) => Outgoing::Piped(Some(body), rest),
    })
}

/// Sends a response as its [`Delivery`] says.
///
/// # Errors
/// Where the connection is to be dropped.
pub(crate) async fn deliver(
    mut response: Response<Bytes>,
    rest: Option<Rest>,
    Delivery { delay, fault }: Delivery,
) -> io::Result<Response<Outgoing>> {
    tokio::time::sleep(delay).await;
    match fault {
        Some(Fault::Timeout) => tokio::time::sleep(NEVER).await,
        Some(Fault::Empty | Fault::Slow) => {
            let length = HeaderValue::from(response.body().len());
            response.headers_mut().insert(CONTENT_LENGTH, length);
        }
        Some(Fault::Malformed) => {
            let half = response.body().len() / 2;
            response.body_mut().truncate(half);
        }
        None | Some(Fault::Reset) => {}
    }
    match fault {
        Some(Fault::Reset | Fault::Timeout) => Err(io::ErrorKind::ConnectionReset.into()),
        Some(Fault::Empty) => Ok(response.map(|_| Outgoing::Cut { head_sent: false })),
        Some(Fault::Slow) => Ok(response.map(|body| Outgoing::Slow(body, interval(PACE)))),
        Some(Fault::Malformed) => Ok(response.map(|body| Outgoing::Whole(Some(body)))),
        None => Ok(whole(response, rest)),
    }
}

/// What follows the part of a body that is there already.
pub(crate) type Rest = BoxStream<'static, io::Result<Bytes>>;

/// The body of a response on its way.
pub(crate) enum Outgoing {
    /// All at once.
    Whole(Option<Bytes>),
    /// What is there, then what comes.
    Piped(Option<Bytes>, Rest),
    /// A byte at a time.
    Slow(Bytes, Interval),
    /// Breaks off before its first byte, once the head had its turn to go out.
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
            Outgoing::Slow(rest, _) if rest.is_empty() => None,
            Outgoing::Slow(rest, pace) => {
                ready!(pace.poll_tick(context));
                Some(Ok(Frame::data(rest.split_to(1))))
            }
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
            Outgoing::Piped(..) | Outgoing::Slow(..) | Outgoing::Cut { .. } => SizeHint::default(),
        }
    }
}

//! Captures the body of a response while it is passed on, so that it can be validated once it has ended.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use descant_exchange::Schemas;
use futures_util::{Stream, StreamExt};
use http::header::CONTENT_LENGTH;

use crate::sources::response_validation::violation;
use crate::tables::operation_table::OperationTable;
use crate::vocabulary::message::Response;
use crate::vocabulary::pending::{Rest, Verdict};

/// How a captured response ended.
pub(crate) struct CaptureEnd {
    /// The response with the captured body.
    response: Response,
    ending: Ending,
    max_bytes: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Whole,
    /// The body is longer than may be captured.
    TooLong,
    /// The service broke the body off.
    Broken,
    /// The reader left before the end.
    Abandoned,
}

impl CaptureEnd {
    /// Returns the captured response with the whole verdict on an exchange whose head was validated before.
    pub(crate) fn verdict(
        self,
        operations: &OperationTable,
        schemas: &Schemas,
        mut verdict: Verdict,
    ) -> (Response, Verdict) {
        let operation = verdict.operation.as_deref().and_then(|key| operations.named(key));
        verdict.response = verdict.response.or_else(|| match self.ending {
            Ending::Whole => violation(schemas, operation?.operation, &self.response),
            Ending::TooLong => {
                Some(format!("the body has more than {} bytes, and was not judged", self.max_bytes))
            }
            Ending::Broken => Some("the upstream's response broke off".to_owned()),
            Ending::Abandoned => None,
        });
        (self.response, verdict)
    }
}

/// Passes on the rest of a response; captures at most `max_bytes` of the body, and calls `on_end` once.
pub(crate) fn capture(
    rest: Rest,
    response: Response,
    max_bytes: usize,
    on_end: impl FnOnce(CaptureEnd) + Send + Unpin + 'static,
) -> Rest {
    let captured = BytesMut::from(&**response.body());
    let length = response.headers().get(CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse().ok());
    let is_too_long = captured.len() > max_bytes;
    Capture { rest, response, captured, max_bytes, length, is_too_long, on_end: Some(on_end) }.boxed()
}

struct Capture<F: FnOnce(CaptureEnd)> {
    rest: Rest,
    response: Response,
    captured: BytesMut,
    max_bytes: usize,
    /// The `Content-Length`.
    length: Option<usize>,
    is_too_long: bool,
    on_end: Option<F>,
}

impl<F: FnOnce(CaptureEnd)> Capture<F> {
    fn keep(&mut self, chunk: &[u8]) {
        self.is_too_long =
            self.is_too_long || self.captured.len().saturating_add(chunk.len()) > self.max_bytes;
        if !self.is_too_long {
            self.captured.extend_from_slice(chunk);
        }
    }

    fn end(&mut self, ending: Ending) {
        let ending = if self.is_too_long { Ending::TooLong } else { ending };
        if let Some(on_end) = self.on_end.take() {
            let mut response = std::mem::take(&mut self.response);
            *response.body_mut() = std::mem::take(&mut self.captured).freeze();
            on_end(CaptureEnd { response, ending, max_bytes: self.max_bytes });
        }
    }
}

impl<F: FnOnce(CaptureEnd) + Unpin> Stream for Capture<F> {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let next = ready!(self.rest.poll_next_unpin(context));
        match &next {
            Some(Ok(chunk)) => self.keep(chunk),
            Some(Err(_)) => self.end(Ending::Broken),
            None => self.end(Ending::Whole),
        }
        Poll::Ready(next)
    }
}

impl<F: FnOnce(CaptureEnd)> Drop for Capture<F> {
    fn drop(&mut self) {
        // A reader that knows the length does not wait for the end.
        let is_whole = self.length == Some(self.captured.len());
        self.end(if is_whole { Ending::Whole } else { Ending::Abandoned });
    }
}

//! Captures the body of a response while it is passed on, so that it can be validated once it has ended.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use descant_exchange::Schemas;
use futures_util::{Stream, StreamExt};
use http::header::CONTENT_LENGTH;

use super::memory::{ByteBudget, Reservation};
use crate::sources::response_validation::violation;
use crate::tables::operation_table::OperationTable;
use crate::vocabulary::message::Response;
use crate::vocabulary::pending::{Rest, Verdict};

/// How a captured response ended.
pub(crate) struct CaptureEnd {
    /// The response with the captured body.
    response: Response,
    ending: Ending,
}

enum Ending {
    Whole,
    /// The body was not captured, with the reason.
    Uncaptured(String),
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
            Ending::Uncaptured(reason) => Some(format!("{reason}, and was not judged")),
            Ending::Broken => Some("the upstream's response broke off".to_owned()),
            Ending::Abandoned => None,
        });
        (self.response, verdict)
    }
}

/// Passes on the rest of a response; captures at most `max_bytes` of the body within a budget, and calls `on_end` once.
pub(crate) fn capture(
    rest: Rest,
    response: Response,
    max_bytes: usize,
    budget: ByteBudget,
    on_end: impl FnOnce(CaptureEnd) + Send + Unpin + 'static,
) -> Rest {
    let length = response.headers().get(CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse().ok());
    let (head, body) = response.into_parts();
    let response = Response::from_parts(head, Bytes::new());
    let (captured, reservation) = (Ok(BytesMut::new()), Reservation::default());
    let mut capture =
        Capture { rest, response, captured, max_bytes, budget, reservation, length, on_end: Some(on_end) };
    capture.keep(&body);
    capture.boxed()
}

struct Capture<F: FnOnce(CaptureEnd)> {
    rest: Rest,
    response: Response,
    /// Fails for good, with the reason, once the body is too long.
    captured: Result<BytesMut, String>,
    max_bytes: usize,
    budget: ByteBudget,
    reservation: Reservation,
    /// The `Content-Length`.
    length: Option<usize>,
    on_end: Option<F>,
}

impl<F: FnOnce(CaptureEnd)> Capture<F> {
    fn keep(&mut self, chunk: &[u8]) {
        let Ok(captured) = &mut self.captured else { return };
        captured.extend_from_slice(chunk);
        let reason = if captured.len() > self.max_bytes {
            format!("the body has more than {} bytes", self.max_bytes)
        } else if !self.budget.try_extend(&mut self.reservation, captured.capacity()) {
            "the body came beside as many as may be buffered at once".to_owned()
        } else {
            return;
        };
        (self.captured, self.reservation) = (Err(reason), Reservation::default());
    }

    fn end(&mut self, ending: Ending) {
        if let Some(on_end) = self.on_end.take() {
            let mut response = std::mem::take(&mut self.response);
            let ending = match std::mem::replace(&mut self.captured, Ok(BytesMut::new())) {
                Ok(captured) => {
                    *response.body_mut() = captured.freeze();
                    ending
                }
                Err(reason) => Ending::Uncaptured(reason),
            };
            on_end(CaptureEnd { response, ending });
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
        let is_whole = self.captured.as_ref().is_ok_and(|captured| self.length == Some(captured.len()));
        self.end(if is_whole { Ending::Whole } else { Ending::Abandoned });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use futures_util::stream;

    use super::*;

    #[tokio::test]
    async fn a_body_beyond_limit_or_budget_is_passed_on_and_said_to_be_unjudged() {
        let check = async |max_bytes: usize, free: usize, expected: Option<&str>| {
            let budget = ByteBudget::new(200 * 1024);
            let mut others = Reservation::default();
            assert!(budget.try_extend(&mut others, (200 - free) * 1024));
            let ended = Arc::new(Mutex::new(None));
            let end = ended.clone();
            let rest = stream::iter((0..4).map(|_| Ok(Bytes::from(vec![b'x'; 20 * 1024])))).boxed();
            let first = Response::new(Bytes::from_static(b"x"));
            let on_end = move |ending: CaptureEnd| _ = end.lock().unwrap().insert(ending);
            let passed: Vec<_> = capture(rest, first, max_bytes, budget, on_end).collect().await;
            assert_eq!(passed.len(), 4);
            let CaptureEnd { response, ending } = ended.lock().unwrap().take().unwrap();
            match (ending, expected) {
                (Ending::Whole, None) => assert_eq!(response.body().len(), 80 * 1024 + 1),
                (Ending::Uncaptured(reason), Some(expected)) => {
                    assert!(reason.contains(expected), "{reason}")
                }
                _ => panic!("{max_bytes} {free}"),
            }
        };
        check(100 * 1024, 100, None).await;
        check(50 * 1024, 100, Some("more than 51200 bytes")).await;
        check(100 * 1024, 50, Some("beside as many")).await;
    }
}

//! A response that is passed on as it comes: what was seen of it is judged when it has ended, or when its reader is gone.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::SystemTime;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use http::header::CONTENT_LENGTH;

use crate::deliver::Rest;
use crate::journal::Verdict;
use crate::respond::Answered;
use crate::{Mock, Request, Response, Site, check};

/// An exchange whose response is still coming.
pub(crate) struct Exchange {
    site: Arc<Site>,
    mock: Arc<Mock>,
    request: Request,
    /// What is there of it.
    response: Response,
    verdict: Verdict,
    started: SystemTime,
}

impl Exchange {
    pub(crate) fn new(
        site: Arc<Site>,
        mock: Arc<Mock>,
        request: &Request,
        answered: &Answered,
        started: SystemTime,
    ) -> Self {
        let (response, verdict) = (answered.response.clone(), answered.verdict.clone());
        Self { site, mock, request: request.clone(), response, verdict, started }
    }

    /// Passes on what comes, and keeps so many bytes of it to be judged.
    pub(crate) fn follow(self, rest: Rest, most: usize) -> Rest {
        let kept = BytesMut::from(&**self.response.body());
        let length =
            self.response.headers().get(CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse().ok());
        let is_long = kept.len() > most;
        Tee { rest, kept, most, length, is_long, exchange: Some(self) }.boxed()
    }

    /// Judges the response, and notes the exchange down.
    fn end(mut self, body: Bytes, outcome: Outcome, most: usize) {
        *self.response.body_mut() = body;
        let mut verdict = self.verdict;
        let called = verdict.operation.as_deref().and_then(|key| self.mock.named(key));
        verdict.response = verdict.response.or_else(|| match outcome {
            Outcome::Whole => check::fault(&self.mock, called?, &self.response),
            Outcome::Long => Some(format!("the body has more than {most} bytes, and was not judged")),
            Outcome::Broken => Some("the upstream's response broke off".to_owned()),
            Outcome::Left => None,
        });
        let status = self.response.status();
        self.site.note(&self.mock, &self.request, status, verdict, self.started);
    }
}

/// How a stream ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Whole,
    /// It has more than can be kept.
    Long,
    /// The service broke it off.
    Broken,
    /// The reader was gone first.
    Left,
}

struct Tee {
    rest: Rest,
    kept: BytesMut,
    most: usize,
    /// How long the body says that it is.
    length: Option<usize>,
    /// Whether it has more than can be kept.
    is_long: bool,
    exchange: Option<Exchange>,
}

impl Tee {
    fn keep(&mut self, chunk: &[u8]) {
        self.is_long = self.is_long || self.kept.len().saturating_add(chunk.len()) > self.most;
        if !self.is_long {
            self.kept.extend_from_slice(chunk);
        }
    }

    fn end(&mut self, outcome: Outcome) {
        let outcome = if self.is_long { Outcome::Long } else { outcome };
        if let Some(exchange) = self.exchange.take() {
            exchange.end(std::mem::take(&mut self.kept).freeze(), outcome, self.most);
        }
    }
}

impl Stream for Tee {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let next = ready!(self.rest.poll_next_unpin(context));
        match &next {
            Some(Ok(chunk)) => self.keep(chunk),
            Some(Err(_)) => self.end(Outcome::Broken),
            None => self.end(Outcome::Whole),
        }
        Poll::Ready(next)
    }
}

impl Drop for Tee {
    fn drop(&mut self) {
        // A reader that knows the length does not wait for the end.
        let is_whole = self.length == Some(self.kept.len());
        self.end(if is_whole { Outcome::Whole } else { Outcome::Left });
    }
}

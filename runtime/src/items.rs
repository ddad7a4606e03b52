//! Streams of typed items in sequential bodies: server-sent events and JSON lines.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use serde::{Serialize, de::DeserializeOwned};

use crate::body::{Body, BoxError};
use crate::media::{self, Event, Events, JsonLines};
use crate::problem::Fault;

/// The reason why an item is unavailable. After a failed stream there are no more items; after an invalid item there
/// may be.
#[derive(Debug)]
pub enum ItemError {
    /// The stream ended early.
    Broken(BoxError),
    /// The item does not match its type.
    Item(Fault),
}

impl fmt::Display for ItemError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(error) => write!(formatter, "the stream broke off: {error}"),
            Self::Item(fault) => write!(formatter, "an item is not as documented: {fault}"),
        }
    }
}

impl std::error::Error for ItemError {}

/// A stream of items.
pub struct Items<T>(BoxStream<'static, Result<T, ItemError>>);

impl<T: Send + 'static> Items<T> {
    /// Items to send.
    pub fn new(items: impl Stream<Item = T> + Send + 'static) -> Self {
        Self(items.map(Ok).boxed())
    }
}

impl<T> Stream for Items<T> {
    type Item = Result<T, ItemError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(context)
    }
}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Items(a stream)")
    }
}

/// The framing of items in a body.
trait Framing: Default + Send + 'static {
    fn push(&mut self, bytes: &[u8]) -> Result<(), Fault>;
    fn pop(&mut self) -> Option<String>;
    fn finish(&mut self) -> Option<String>;
}

impl Framing for JsonLines {
    fn push(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        Self::push(self, bytes)
    }

    fn pop(&mut self) -> Option<String> {
        Self::pop(self)
    }

    fn finish(&mut self) -> Option<String> {
        Self::finish(self)
    }
}

/// Each item is the data of an event.
#[derive(Default)]
struct Data(Events);

impl Framing for Data {
    fn push(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.0.push(bytes)
    }

    fn pop(&mut self) -> Option<String> {
        self.0.pop().map(|event| event.data)
    }

    fn finish(&mut self) -> Option<String> {
        None
    }
}

/// Each item is an event, as an object.
#[derive(Default)]
struct Whole(Events);

impl Framing for Whole {
    fn push(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.0.push(bytes)
    }

    fn pop(&mut self) -> Option<String> {
        self.0.pop().map(|event| event.to_value().to_string())
    }

    fn finish(&mut self) -> Option<String> {
        None
    }
}

/// The texts of a body's items. This is the part that does not depend on their type.
fn texts<F: Framing>(body: Body) -> BoxStream<'static, Result<String, ItemError>> {
    let state = (body, F::default(), VecDeque::new(), false);
    let next = |(mut body, mut framing, mut ready, mut ended): (Body, F, VecDeque<String>, bool)| async move {
        loop {
            if let Some(text) = ready.pop_front() {
                return Some((Ok(text), (body, framing, ready, ended)));
            }
            if ended {
                return None;
            }
            let pushed = match body.next().await {
                Some(Ok(bytes)) => framing.push(&bytes).map_err(ItemError::Item),
                Some(Err(error)) => Err(ItemError::Broken(error)),
                None => {
                    ended = true;
                    ready.extend(framing.finish());
                    Ok(())
                }
            };
            if let Err(error) = pushed {
                return Some((Err(error), (Body::default(), framing, ready, true)));
            }
            ready.extend(std::iter::from_fn(|| framing.pop()));
        }
    };
    stream::unfold(state, next).boxed()
}

fn typed<T: DeserializeOwned + Send + 'static>(
    texts: BoxStream<'static, Result<String, ItemError>>,
) -> Items<T> {
    Items(texts.map(|text| text.and_then(|text| item(&text))).boxed())
}

fn item<T: DeserializeOwned>(text: &str) -> Result<T, ItemError> {
    media::read_json(text.as_bytes()).map_err(ItemError::Item)
}

/// Reads data: data that is not JSON may still be a string.
fn datum<T: DeserializeOwned>(text: &str) -> Result<T, ItemError> {
    item(text).or_else(|error| serde_json::from_value(text.into()).map_err(|_| error))
}

impl<T: DeserializeOwned + Send + 'static> Items<T> {
    /// A JSON value a line.
    pub(crate) fn from_lines(body: Body) -> Self {
        typed(texts::<JsonLines>(body))
    }

    /// JSON in the data of each event.
    pub(crate) fn from_data(body: Body) -> Self {
        Self(texts::<Data>(body).map(|text| text.and_then(|text| datum(&text))).boxed())
    }

    /// Events as objects with `data`, `event`, `id` and `retry` (OAS 3.2).
    pub(crate) fn from_events(body: Body) -> Self {
        typed(texts::<Whole>(body))
    }
}

impl<T: Serialize + Send + 'static> Items<T> {
    /// A body of which each item's text makes a piece.
    pub(crate) fn into_body(self, frame: fn(&serde_json::Value) -> String) -> Body {
        let piece = move |item: Result<T, ItemError>| -> Result<bytes::Bytes, BoxError> {
            Ok(frame(&serde_json::to_value(item?)?).into())
        };
        Body::stream(self.0.map(piece))
    }
}

/// An item as a line.
pub(crate) fn line(value: &serde_json::Value) -> String {
    format!("{value}\n")
}

/// An item as a record of a JSON text sequence (RFC 7464, 2.2).
pub(crate) fn record(value: &serde_json::Value) -> String {
    format!("\u{1e}{value}\n")
}

/// An item as the data of an event.
pub(crate) fn data(value: &serde_json::Value) -> String {
    Event::of(value.to_string()).to_text()
}

/// An item that is an event's object.
pub(crate) fn event(value: &serde_json::Value) -> String {
    Event::from_value(value).unwrap_or_else(|| Event::of(value.to_string())).to_text()
}

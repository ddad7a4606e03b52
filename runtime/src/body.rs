//! Bodies of messages: bytes in memory, or a stream.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures_util::stream::{BoxStream, Stream, StreamExt};

/// The reason why a stream ended early.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A body; as a [`Stream`] it yields its bytes in pieces.
pub struct Body(Inner);

enum Inner {
    Full(Bytes),
    Stream(BoxStream<'static, Result<Bytes, BoxError>>),
}

/// The reason why a body could not be read.
#[derive(Debug)]
pub enum ReadError {
    /// The body exceeds this number of bytes.
    TooLong(usize),
    /// The connection failed.
    Broken(BoxError),
}

impl fmt::Display for ReadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(limit) => write!(formatter, "the body is longer than {limit} bytes"),
            Self::Broken(error) => write!(formatter, "the body broke off: {error}"),
        }
    }
}

impl std::error::Error for ReadError {}

impl Body {
    /// Returns a body that is streamed.
    pub fn stream<S, E>(stream: S) -> Self
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<BoxError>,
    {
        Self(Inner::Stream(stream.map(|piece| piece.map_err(Into::into)).boxed()))
    }

    /// Returns the bytes, if they are in memory.
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match &self.0 {
            Inner::Full(bytes) => Some(bytes),
            Inner::Stream(_) => None,
        }
    }

    /// Reads the whole body, up to `limit` bytes.
    ///
    /// # Errors
    /// Returns an error if the body is longer, or the stream ends early.
    pub async fn read(self, limit: usize) -> Result<Bytes, ReadError> {
        let mut stream = match self.0 {
            Inner::Full(bytes) if bytes.len() > limit => return Err(ReadError::TooLong(limit)),
            Inner::Full(bytes) => return Ok(bytes),
            Inner::Stream(stream) => stream,
        };
        let mut all = BytesMut::new();
        while let Some(piece) = stream.next().await {
            let piece = piece.map_err(ReadError::Broken)?;
            if piece.len() > limit.saturating_sub(all.len()) {
                return Err(ReadError::TooLong(limit));
            }
            all.extend_from_slice(&piece);
        }
        Ok(all.freeze())
    }
}

impl Stream for Body {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match &mut self.0 {
            Inner::Full(bytes) if bytes.is_empty() => Poll::Ready(None),
            Inner::Full(bytes) => Poll::Ready(Some(Ok(std::mem::take(bytes)))),
            Inner::Stream(stream) => stream.poll_next_unpin(context),
        }
    }
}

impl Default for Body {
    fn default() -> Self {
        Self(Inner::Full(Bytes::new()))
    }
}

impl<B: Into<Bytes>> From<B> for Body {
    fn from(bytes: B) -> Self {
        Self(Inner::Full(bytes.into()))
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Inner::Full(bytes) => write!(formatter, "Body({} bytes)", bytes.len()),
            Inner::Stream(_) => formatter.write_str("Body(a stream)"),
        }
    }
}

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

#[cfg(any(feature = "client", feature = "server"))]
impl Body {
    /// Opens a file, which is streamed.
    ///
    /// # Errors
    /// Returns an error if the file cannot be opened.
    pub async fn open(path: impl AsRef<std::path::Path>) -> std::io::Result<Self> {
        use tokio::io::AsyncReadExt;
        const PIECE: usize = 64 << 10;
        let file = tokio::fs::File::open(path).await?;
        Ok(Self::stream(futures_util::stream::try_unfold(file, |mut file| async move {
            let mut piece = BytesMut::with_capacity(PIECE);
            let read = file.read_buf(&mut piece).await?;
            Ok::<_, std::io::Error>((read > 0).then(|| (piece.freeze(), file)))
        })))
    }

    /// Writes the body to a file, replacing its content; returns its length. A body that breaks off leaves what had
    /// arrived.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written, or the stream ends early.
    pub async fn save(self, path: impl AsRef<std::path::Path>) -> std::io::Result<u64> {
        let mut file = tokio::fs::File::create(path).await?;
        self.write_to(&mut file).await
    }

    /// Writes the body to a writer, and flushes it; returns its length.
    ///
    /// # Errors
    /// As [`Body::save`].
    pub async fn write_to(
        mut self,
        writer: &mut (impl tokio::io::AsyncWrite + Unpin),
    ) -> std::io::Result<u64> {
        use tokio::io::AsyncWriteExt;
        let mut length = 0;
        while let Some(piece) = self.next().await {
            let piece = piece.map_err(std::io::Error::other)?;
            writer.write_all(&piece).await?;
            length += u64::try_from(piece.len()).unwrap_or(u64::MAX);
        }
        writer.flush().await?;
        Ok(length)
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

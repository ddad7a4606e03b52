//! A response with its value, or with its body as a stream.

use std::ops::Deref;
use std::path::Path;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use super::{Error, Received};
use crate::body::Body;

/// A response with its decoded value, to which it dereferences.
#[derive(Debug)]
#[must_use = "the response holds the value and its headers"]
pub struct Response<T> {
    received: Received,
    value: T,
    /// The maximum size of a body in memory.
    limit: usize,
}

impl<T> Response<T> {
    pub(super) fn new(received: Received, value: T, limit: usize) -> Self {
        Self { received, value, limit }
    }

    /// Returns the status.
    pub fn status(&self) -> StatusCode {
        self.received.status
    }

    /// Returns all headers, also those that the document does not list.
    pub fn headers(&self) -> &HeaderMap {
        &self.received.headers
    }

    /// Returns the text of a header; `None` if it is absent or not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.received.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Returns the undecoded body; empty if it is a stream.
    pub fn body(&self) -> &Bytes {
        &self.received.body
    }

    /// Whether the document lists the status and the media type. If not, the body was read as the documented success.
    pub fn is_documented(&self) -> bool {
        self.received.documented
    }

    /// Returns the value.
    pub fn into_inner(self) -> T {
        self.value
    }

    pub(super) fn into_parts(self) -> (Received, T) {
        (self.received, self.value)
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl Response<Body> {
    /// Reads the body, up to the configured limit.
    ///
    /// # Errors
    /// Returns an error if the body is longer, or the connection fails.
    pub async fn bytes(self) -> Result<Bytes, Error> {
        let Self { received, value, limit } = self;
        value.read(limit).await.map_err(|error| Error::Body { received: received.into(), error })
    }

    /// Reads the body as JSON of any type.
    ///
    /// # Errors
    /// Returns an error if the body cannot be read, or does not match the type.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T, Error> {
        let received = self.received.clone();
        let body = self.bytes().await?;
        crate::media::read_json(&body).map_err(|fault| Error::Decode {
            received: Received { body, ..received }.into(),
            fault: fault.into(),
        })
    }

    /// Writes the body to a file, replacing its content; returns its length.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written, or the connection fails.
    pub async fn save(self, path: impl AsRef<Path>) -> std::io::Result<u64> {
        self.value.save(path).await
    }
}

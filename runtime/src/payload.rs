//! A body with what is said of it: its media type, its headers, its parts.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};

use crate::body::Body;
use crate::media::Part;
use crate::problem::Fault;

/// A body whose media type the document leaves open, such as `image/*`.
#[derive(Debug)]
pub struct Content {
    /// The media type of the body: `image/png`.
    pub media_type: String,
    /// The body.
    pub body: Body,
}

impl Content {
    /// Returns a body of a media type.
    pub fn new(media_type: impl Into<String>, body: impl Into<Body>) -> Self {
        Self { media_type: media_type.into(), body: body.into() }
    }
}

/// A body with its headers: part of a request or a response.
#[derive(Debug, Default)]
pub struct Payload {
    /// The headers, including `Content-Type`.
    pub headers: HeaderMap,
    /// The body.
    pub body: Body,
    /// The parts of the body, where they were read before it.
    pub(crate) parts: Option<Result<Vec<Part>, Fault>>,
    /// The violations of the body beside the one that its codec returned.
    #[cfg_attr(not(feature = "server"), allow(dead_code, reason = "a client needs one violation"))]
    pub(crate) faults: Vec<Fault>,
}

impl Payload {
    /// Returns the `Content-Type`, or `""`.
    pub fn content_type(&self) -> &str {
        self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Sets the body with its media type.
    ///
    /// # Errors
    /// Returns an error if the media type cannot be in a header.
    pub fn set(&mut self, media_type: &str, body: impl Into<Body>) -> Result<(), Fault> {
        let value = HeaderValue::try_from(media_type);
        let value =
            value.map_err(|_| Fault::new("content", "a media type that a header can hold", media_type))?;
        self.headers.insert(CONTENT_TYPE, value);
        self.body = body.into();
        Ok(())
    }
}

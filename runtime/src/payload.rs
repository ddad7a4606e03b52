//! A body with what is said of it: its media type, its headers, its parts.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};

use crate::body::Body;
use crate::media::Part;
use crate::problem::Fault;

/// A body of a media type that the document leaves open, `image/*` say.
#[derive(Debug)]
pub struct Content {
    /// What the body is: `image/png`.
    pub media_type: String,
    /// The body.
    pub body: Body,
}

impl Content {
    /// A body that is this.
    pub fn new(media_type: impl Into<String>, body: impl Into<Body>) -> Self {
        Self { media_type: media_type.into(), body: body.into() }
    }
}

/// A body with the headers that go with it: half a request, or half a response.
#[derive(Debug, Default)]
pub struct Payload {
    /// The headers, `Content-Type` among them.
    pub headers: HeaderMap,
    /// The body.
    pub body: Body,
    /// The parts of the body, where they were read before it.
    pub(crate) parts: Option<Result<Vec<Part>, Fault>>,
}

impl Payload {
    /// The stated media type, or `""`.
    pub fn content_type(&self) -> &str {
        self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Sets the body with its media type.
    ///
    /// # Errors
    /// Where the media type cannot stand in a header.
    pub fn set(&mut self, media_type: &str, body: impl Into<Body>) -> Result<(), Fault> {
        let value = HeaderValue::try_from(media_type);
        let value =
            value.map_err(|_| Fault::new("content", "a media type that a header can hold", media_type))?;
        self.headers.insert(CONTENT_TYPE, value);
        self.body = body.into();
        Ok(())
    }
}

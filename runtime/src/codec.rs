//! Codecs of typed bodies, one module per codec, named as in tables.

use ::bytes::Bytes;
use http::{HeaderValue, header};

use crate::body::Body;
use crate::media::MediaKind;
use crate::param::Shape;
use crate::payload::Payload;
use crate::problem::Fault;

/// Whether a body is streamed instead of buffered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Streams {
    /// It is buffered.
    Never,
    /// It is streamed.
    Always,
    /// It depends on the media type.
    ByMediaType,
}

impl Streams {
    /// Whether a body of this media type is streamed; without a media type it is buffered if that matters.
    pub fn says(self, content_type: &str) -> bool {
        match self {
            Self::Never => false,
            Self::Always => true,
            Self::ByMediaType => !content_type.is_empty() && MediaKind::of(content_type).streams(),
        }
    }

    /// Returns the combination of two codecs of one body.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        match self {
            Self::Never => other,
            known => known,
        }
    }
}

/// The bytes of a body that was read whole.
fn whole(payload: &Payload) -> Result<&Bytes, Fault> {
    payload.body.as_bytes().ok_or_else(|| Fault::new("body", "a body that was read whole", ""))
}

/// The codec of tables with `as`: any codec of [`media`](crate::media), with the shape of its values.
pub mod shaped {
    use super::{Fault, Payload, Shape, whole};
    use crate::check;
    use crate::exchange::body;
    use crate::media::{self, Hints};
    use crate::param::{typed, untyped};

    /// Reads the body. Whether it keeps the schema is not asked, as long as the type can hold it.
    pub fn read<T: serde::de::DeserializeOwned>(payload: &mut Payload, shape: &Shape) -> Result<T, Fault> {
        let validate = |value: &_| check::check(value, shape);
        let (value, _) = body::value(payload.content_type(), whole(payload)?, shape, validate)?;
        typed(Some(value))
    }

    /// Writes the body.
    pub fn write<T: serde::Serialize>(
        body: T,
        media_type: &'static str,
        payload: &mut Payload,
        shape: &Shape,
    ) -> Result<(), Fault> {
        let value = untyped(&body)?;
        let media_type = media::concrete(media_type, value.is_string());
        let body = media::encode(&media_type, &value, Hints { shape: Some(shape) })?;
        payload.set(&media::content_type(&media_type, &body), body)
    }
}

/// Puts a body into a payload. In the place of a range, which is no type of a body (RFC 9110, 8.3), stands what is usual.
fn put(payload: &mut Payload, media_type: &'static str, usual: &'static str, body: impl Into<Body>) {
    let media_type = if media_type.contains('*') { usual } else { media_type };
    payload.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    payload.body = body.into();
}

/// `json`: any type that implements serde's traits.
pub mod json {
    use super::{Fault, Payload, Streams, put, whole};

    /// The body is buffered.
    pub const STREAMS: Streams = Streams::Never;

    /// Reads the body.
    pub fn read<T: serde::de::DeserializeOwned>(payload: &mut Payload) -> Result<T, Fault> {
        let bytes = whole(payload)?;
        // A response without content and Content-Type stands for null.
        match bytes.is_empty() && payload.content_type().is_empty() {
            true => crate::param::typed(Some(serde_json::Value::Null)),
            false => crate::media::read_json(bytes),
        }
    }

    /// Writes the body.
    pub fn write<T: serde::Serialize>(
        body: T,
        media_type: &'static str,
        payload: &mut Payload,
    ) -> Result<(), Fault> {
        put(payload, media_type, "application/json", crate::media::write_json(&body)?);
        Ok(())
    }
}

/// `text`: a `String`.
pub mod text {
    use super::{Fault, Payload, Streams, put, whole};

    /// The body is buffered.
    pub const STREAMS: Streams = Streams::Never;

    /// Reads the body.
    pub fn read(payload: &mut Payload) -> Result<String, Fault> {
        let bytes = whole(payload)?;
        let value = crate::media::decode(payload.content_type(), bytes, crate::media::Hints::default())?;
        // A body of another media type is the text that it is.
        let text = || String::from_utf8_lossy(bytes).into_owned();
        Ok(value.as_str().map_or_else(text, str::to_owned))
    }

    /// Writes the body.
    pub fn write(
        body: impl Into<String>,
        media_type: &'static str,
        payload: &mut Payload,
    ) -> Result<(), Fault> {
        put(payload, media_type, "text/plain", body.into());
        Ok(())
    }
}

/// `stream`: a [`Body`] that is streamed.
pub mod stream {
    use super::{Body, Fault, Payload, Streams, put};

    /// The body is streamed.
    pub const STREAMS: Streams = Streams::Always;

    /// Returns the body.
    pub fn read(payload: &mut Payload) -> Result<Body, Fault> {
        Ok(std::mem::take(&mut payload.body))
    }

    /// Sets the body.
    pub fn write(
        body: impl Into<Body>,
        media_type: &'static str,
        payload: &mut Payload,
    ) -> Result<(), Fault> {
        put(payload, media_type, "application/octet-stream", body);
        Ok(())
    }
}

/// `content`: a [`Content`] that is streamed, with its media type.
pub mod content {
    use super::{Fault, Payload, Streams};
    use crate::payload::Content;

    /// The body is streamed.
    pub const STREAMS: Streams = Streams::Always;

    /// Returns the body.
    pub fn read(payload: &mut Payload) -> Result<Content, Fault> {
        let media_type = payload.content_type().to_owned();
        Ok(Content { media_type, body: std::mem::take(&mut payload.body) })
    }

    /// Sets the body with its own media type.
    pub fn write(body: Content, _: &'static str, payload: &mut Payload) -> Result<(), Fault> {
        payload.set(&body.media_type, body.body)
    }
}

/// `choice`: an enum over representations, by [`choice!`](crate::choice).
pub mod choice {
    use super::{Fault, Payload, Streams};
    use crate::choice::Choice;

    /// Some representations are streamed, others are buffered.
    pub const STREAMS: Streams = Streams::ByMediaType;

    /// Reads the body by its media type.
    pub fn read<T: Choice>(payload: &mut Payload) -> Result<T, Fault> {
        T::read(payload)
    }

    /// Writes the body with the media type of the variant.
    pub fn write<T: Choice>(body: T, _: &'static str, payload: &mut Payload) -> Result<(), Fault> {
        body.write(payload)
    }
}

/// `multipart`: a [`Form`](crate::multipart::Form).
pub mod multipart {
    use super::{Fault, Payload, Streams};
    use crate::multipart::{self, Form};

    /// The form is not a stream, though its files may be.
    pub const STREAMS: Streams = Streams::Never;

    /// Reads the body.
    pub fn read<T: Form>(payload: &mut Payload) -> Result<T, Fault> {
        multipart::read(payload)
    }

    /// Writes the body.
    pub fn write<T: Form>(body: T, media_type: &'static str, payload: &mut Payload) -> Result<(), Fault> {
        let (media_type, body) = multipart::write(body, media_type)?;
        payload.set(&media_type, body)
    }
}

/// `lines`: [`Items`](crate::Items), with one line of JSON each.
pub mod lines {
    use super::{Fault, Payload, Streams, put};
    use crate::items::{self, Items};

    /// The items are streamed.
    pub const STREAMS: Streams = Streams::Always;

    /// Returns the items.
    pub fn read<T>(payload: &mut Payload) -> Result<Items<T>, Fault>
    where
        T: serde::de::DeserializeOwned + Send + 'static,
    {
        Ok(Items::from_lines(std::mem::take(&mut payload.body)))
    }

    /// Sets the items.
    pub fn write<T>(body: Items<T>, media_type: &'static str, payload: &mut Payload) -> Result<(), Fault>
    where
        T: serde::Serialize + Send + 'static,
    {
        let frame = if media_type.contains("json-seq") { items::record } else { items::line };
        put(payload, media_type, "application/jsonl", body.into_body(frame));
        Ok(())
    }
}

/// `data`: [`Items`](crate::Items), each JSON in the data of a server-sent event.
pub mod data {
    use super::{Fault, Payload, Streams, put};
    use crate::items::{self, Items};

    /// The items are streamed.
    pub const STREAMS: Streams = Streams::Always;

    /// Returns the items.
    pub fn read<T>(payload: &mut Payload) -> Result<Items<T>, Fault>
    where
        T: serde::de::DeserializeOwned + Send + 'static,
    {
        Ok(Items::from_data(std::mem::take(&mut payload.body)))
    }

    /// Sets the items.
    pub fn write<T>(body: Items<T>, media_type: &'static str, payload: &mut Payload) -> Result<(), Fault>
    where
        T: serde::Serialize + Send + 'static,
    {
        put(payload, media_type, "text/event-stream", body.into_body(items::data));
        Ok(())
    }
}

/// `events`: [`Items`](crate::Items), each a server-sent event as an object (OAS 3.2).
pub mod events {
    use super::{Fault, Payload, Streams, put};
    use crate::items::{self, Items};

    /// The items are streamed.
    pub const STREAMS: Streams = Streams::Always;

    /// Returns the items.
    pub fn read<T>(payload: &mut Payload) -> Result<Items<T>, Fault>
    where
        T: serde::de::DeserializeOwned + Send + 'static,
    {
        Ok(Items::from_events(std::mem::take(&mut payload.body)))
    }

    /// Sets the items.
    pub fn write<T>(body: Items<T>, media_type: &'static str, payload: &mut Payload) -> Result<(), Fault>
    where
        T: serde::Serialize + Send + 'static,
    {
        put(payload, media_type, "text/event-stream", body.into_body(items::event));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::shape;

    static FORM: Shape = shape!({ "name": string, "ids": ([integer], MaxItems(1)), "most": ([string], MinItems(1)) }, Required(&["ids"]));

    fn read(media_type: &str, body: &'static str) -> Result<Value, Fault> {
        let mut payload = Payload::default();
        payload.set(media_type, body).unwrap();
        shaped::read(&mut payload, &FORM)
    }

    #[test]
    fn an_absent_list_of_a_form_is_an_empty_one_where_that_makes_it_right() {
        let form = "application/x-www-form-urlencoded";
        assert_eq!(
            read(form, "name=a&most=b").unwrap(),
            serde_json::json!({"name": "a", "most": ["b"], "ids": []})
        );
        assert_eq!(read(form, "name=a&ids=1").unwrap(), serde_json::json!({"name": "a", "ids": [1]}));
        // A list that must not be empty stays absent.
        assert_eq!(read(form, "name=a").unwrap(), serde_json::json!({"name": "a", "ids": []}));
        // What is wrong for another reason stays as it was sent.
        assert_eq!(read(form, "name=a&most=b&ids=x").unwrap()["ids"], serde_json::json!(["x"]));
        assert_eq!(read("application/json", "{}").unwrap(), serde_json::json!({}));
    }

    #[test]
    fn no_body_has_a_range_for_its_type() {
        for (range, value, media_type) in [
            ("*/*", Value::from("a"), "text/plain"),
            ("*/*", Value::from(1), "application/json"),
            ("text/*", Value::from("a"), "text/plain"),
            ("application/*", Value::from("a"), "application/json"),
            ("application/*+xml", serde_json::json!({}), "application/xml"),
        ] {
            let mut payload = Payload::default();
            shaped::write(value, range, &mut payload, &Shape::STRING).unwrap();
            assert_eq!(payload.content_type(), media_type, "for {range}");
        }
    }
}

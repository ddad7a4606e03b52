//! An operation ready to be called: what its requests must follow and what its responses send, each made once.

use std::borrow::Cow;
use std::sync::Arc;

use descant_exchange::{RequestPlan, Schemas, TextCodec};
use descant_model::api::{ExampleValue, Header, Operation, Response, StatusPattern, When};
use descant_runtime::response::put_header;
use http::header::{
    CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, DATE, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use crate::content::Content;
use crate::mock::Settings;
use crate::negotiate;
use crate::sample::Seed;

/// An operation ready to be called.
pub(crate) struct Prepared {
    pub(crate) requests: RequestPlan,
    pub(crate) answers: Vec<Answer>,
}

/// One documented response.
pub(crate) struct Answer {
    pub(crate) pattern: StatusPattern,
    /// The calls that it is for; `None`: any.
    pub(crate) when: Option<Arc<When>>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) contents: Vec<Content>,
}

impl Prepared {
    pub(crate) fn new(schemas: &Schemas, operation: &Operation, settings: &Settings) -> Self {
        let seed = Seed::new(settings.seed).with(&operation.key());
        let answers = operation.responses.iter();
        Self {
            requests: RequestPlan::new(schemas, operation),
            answers: answers
                .map(|(pattern, response)| Answer::new(schemas, *pattern, response, seed))
                .collect(),
        }
    }

    /// The response for a status: by its code, its range, or `default` (OAS 4.8.16).
    pub(crate) fn answer(&self, status: u16) -> Option<&Answer> {
        let covering = self.answers.iter().filter(|answer| answer.pattern.covers(status));
        covering.min_by_key(|answer| answer.pattern)
    }
}

impl Answer {
    fn new(schemas: &Schemas, pattern: StatusPattern, response: &Arc<Response>, seed: Seed) -> Self {
        let headers = response.headers.iter().filter(|(name, _)| !is_framing(name));
        let mut written = HeaderMap::new();
        for (name, header) in headers {
            let Some(value) = header_value(schemas, header, seed.with(name)) else { continue };
            // What no header can say is left out.
            let _ = put_header(&mut written, name, TextCodec::of_header(header).encoding(), &value);
        }
        let headers = written.iter().map(|(name, value)| (name.clone(), value.clone()));
        let when = response.when.clone();
        Self { pattern, when, headers: headers.collect(), contents: Content::all(schemas, response) }
    }
}

impl Answer {
    /// The representation that a caller likes best, and the media type to send it as.
    pub(crate) fn choose(&self, accept: Option<&str>) -> Option<(&Content, Cow<'_, str>)> {
        let (index, name) = negotiate::choose(
            accept,
            self.contents.iter().map(|content| (content.name.as_str(), content.usual.as_str())),
        )?;
        Some((self.contents.get(index)?, name))
    }
}

/// Headers that the server itself sets, or that say how the body is framed.
fn is_framing(name: &str) -> bool {
    const FRAMING: [HeaderName; 7] =
        [CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, DATE, TRANSFER_ENCODING, UPGRADE];
    FRAMING.iter().any(|known| name.eq_ignore_ascii_case(known.as_str()))
}

/// The value of a response header: its example, else a sampled one.
fn header_value(schemas: &Schemas, header: &Header, seed: Seed) -> Option<Value> {
    let example = header.examples.iter().find_map(|example| match &example.value {
        ExampleValue::Data(value) => Some(Value::clone(value)),
        ExampleValue::Serialized(text) => Some(Value::from(text.to_string())),
        ExampleValue::External(_) => None,
    });
    example.or_else(|| schemas.sample(header.schema?, seed.value()))
}

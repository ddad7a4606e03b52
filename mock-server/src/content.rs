//! One representation of a response: its examples as bytes, each judged by the schema once, and the sampler behind them.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use descant_model::api::{Example, ExampleValue, MediaType, Response, SchemaId};
use descant_runtime::media::{self, Hints, Kind};
use descant_schema::{Sampler, Validator};
use http::HeaderValue;
use serde_json::Value;

use crate::mock::Examples;
use crate::sample::Seed;
use crate::schemas::Schemas;

/// One representation of a response.
pub(crate) struct Content {
    /// The media type or range, as the document writes it.
    pub(crate) name: String,
    pub(crate) content_type: HeaderValue,
    response: Arc<Response>,
    index: usize,
    ready: OnceLock<Ready>,
}

/// What is made when a representation is first sent.
struct Ready {
    examples: Vec<Written>,
    /// `None`: the document states none, so that any value follows it.
    schema: Option<SchemaId>,
}

/// An example as bytes.
struct Written {
    name: Option<String>,
    body: Bytes,
    /// What its schema has against it.
    fault: Option<String>,
}

/// A body to send, and what is to be said of it.
pub(crate) struct Body {
    pub(crate) bytes: Bytes,
    /// Why it is not what the document or the caller had in mind.
    pub(crate) notice: Option<String>,
}

/// Which body the caller wants.
pub(crate) struct Choice<'a> {
    pub(crate) example: Option<&'a str>,
    pub(crate) dynamic: bool,
    pub(crate) examples: Examples,
    pub(crate) seed: Seed,
}

impl Content {
    /// Every representation of a response; a key that is no media type was diagnosed and is passed over.
    pub(crate) fn all(response: &Arc<Response>) -> Vec<Self> {
        let contents = response.content.keys().enumerate().filter_map(|(index, name)| {
            Some(Self {
                name: name.clone(),
                content_type: HeaderValue::from_str(name).ok().filter(|_| name.contains('/'))?,
                response: response.clone(),
                index,
                ready: OnceLock::new(),
            })
        });
        contents.collect()
    }

    /// The body to send as `media`, which is this representation's own type or one of its range.
    ///
    /// # Errors
    /// Why there is none: no example of that name, or a schema that no value follows.
    pub(crate) fn body(&self, schemas: &Schemas, media: &str, choice: &Choice<'_>) -> Result<Body, String> {
        let ready = self.ready.get_or_init(|| self.ready(schemas));
        if let Some(name) = choice.example {
            return ready.named(name);
        }
        let sends = |example: &&Written| example.fault.is_none() || choice.examples == Examples::Verbatim;
        if let (Some(example), false) = (ready.examples.iter().find(sends), choice.dynamic) {
            return Ok(Body { bytes: example.body.clone(), notice: None });
        }
        let fault =
            ready.examples.first().filter(|_| !choice.dynamic).and_then(|example| example.fault.clone());
        let notice =
            fault.map(|fault| format!("sampled, for the document's example breaks its schema: {fault}"));
        match ready.sample(schemas, choice.seed) {
            Ok(value) => Ok(Body { bytes: encode(media, &value)?, notice }),
            Err(reason) => ready.last_resort(reason),
        }
    }

    /// Whether a value follows the schema of this representation.
    pub(crate) fn admits(&self, schemas: &Schemas, value: &Value) -> bool {
        let schema = self.model().and_then(|model| model.schema);
        schema.is_none_or(|schema| schemas.is_valid(schema, value))
    }

    fn model(&self) -> Option<&MediaType> {
        self.response.content.get_index(self.index).map(|(_, model)| model)
    }

    fn ready(&self, schemas: &Schemas) -> Ready {
        let Some(model) = self.model() else { return Ready { examples: Vec::new(), schema: None } };
        let sampler = model.schema.and_then(|schema| schemas.response(schema).ok());
        let validator = sampler.map(Sampler::validator);
        let examples = model.examples.iter().filter_map(|example| self.written(example, validator)).collect();
        Ready { examples, schema: model.schema }
    }

    /// An example's value as bytes. A text under a media type of other structure is the body itself (OAS 4.8.14).
    fn example(&self, value: &Value) -> Result<Bytes, String> {
        use Kind::{EventStream, Form, JsonLines, Multipart, Xml};
        match (Kind::of(&self.name), value) {
            (EventStream | Form | JsonLines | Multipart | Xml, Value::String(text)) => {
                Ok(text.clone().into())
            }
            _ => encode(&self.name, value),
        }
    }

    /// An example as bytes. An external one is never fetched, and was diagnosed.
    fn written(&self, example: &Example, validator: Option<&Validator>) -> Option<Written> {
        let (body, fault) = match &example.value {
            ExampleValue::Data(value) => {
                let judge = validator.filter(|it| !it.is_valid(value));
                let fault = judge.and_then(|it| it.faults(value).into_iter().next());
                (self.example(value).ok()?, fault.map(|fault| fault.to_string()))
            }
            ExampleValue::Serialized(text) => (Bytes::copy_from_slice(text.as_bytes()), None),
            ExampleValue::External(_) => return None,
        };
        Some(Written { name: example.name.clone(), body, fault })
    }
}

/// Writes a value in a media type.
pub(crate) fn encode(media: &str, value: &Value) -> Result<Bytes, String> {
    media::encode(media, value, Hints::default()).map_err(|fault| fault.to_string())
}

impl Ready {
    /// The example of a name, whatever its schema has against it: it was asked for.
    fn named(&self, name: &str) -> Result<Body, String> {
        let Some(example) = self.examples.iter().find(|example| example.name.as_deref() == Some(name)) else {
            let names: Vec<_> = self.examples.iter().filter_map(|example| example.name.as_deref()).collect();
            let known = if names.is_empty() { "none has a name".to_owned() } else { names.join(", ") };
            return Err(format!("no example is named `{name}`; those of this response: {known}"));
        };
        let notice = example.fault.as_ref().map(|fault| format!("the example breaks its schema: {fault}"));
        Ok(Body { bytes: example.body.clone(), notice })
    }

    fn sample(&self, schemas: &Schemas, seed: Seed) -> Result<Value, String> {
        let Some(schema) = self.schema else { return Ok(Value::Object(Default::default())) };
        schemas.response(schema)?.sample(seed.value()).map_err(|error| error.to_string())
    }

    /// Where no value follows the schema: an example in spite of its fault.
    fn last_resort(&self, reason: String) -> Result<Body, String> {
        let Some(example) = self.examples.first() else { return Err(reason) };
        let notice = format!("the example breaks its schema, and no other value was found: {reason}");
        Ok(Body { bytes: example.body.clone(), notice: Some(notice) })
    }
}

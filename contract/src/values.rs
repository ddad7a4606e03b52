//! Where the values of calls come from: the document's examples as far as they follow their schema, else samples.

use descant_exchange::Schemas;
use descant_model::api::{Api, Example, ExampleValue, MediaType, Parameter, SchemaId};
use descant_runtime::media::{self, Kind};
use descant_schema::{Boundary, Direction, SamplerOptions};
use serde_json::Value;

use crate::case::{Body, Input};

/// How many edges of one schema are tried: more are left out, and said to be.
pub(crate) const MAX_BOUNDARIES: usize = 200;

/// The examples, samples and edges of a document's schemas.
pub(crate) struct Values {
    seed: u64,
    schemas: Schemas,
}

impl Values {
    pub(crate) fn new(api: &Api, seed: u64) -> Self {
        Self { seed, schemas: Schemas::new(api) }
    }

    /// The schemas of the document.
    pub(crate) fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    /// The value of a parameter, from its example of this name, its first one, or a sample.
    pub(crate) fn parameter(&self, parameter: &Parameter, example: Option<&str>) -> Result<Input, String> {
        for example in chosen(&parameter.examples, example) {
            match &example.value {
                ExampleValue::Data(value) if self.accepts(parameter.schema, value) => {
                    return Ok(Input::Value((**value).clone()));
                }
                ExampleValue::Serialized(text) => return Ok(Input::Raw(text.clone())),
                _ => {}
            }
        }
        self.sample(parameter.schema).map(Input::Value)
    }

    /// A body of a media type, from its example of this name, its first one, or a sample.
    pub(crate) fn body(&self, key: &str, media: &MediaType, example: Option<&str>) -> Result<Body, String> {
        let media_type = concrete(key);
        for example in chosen(&media.examples, example) {
            match &example.value {
                ExampleValue::Data(value) if self.accepts(media.schema, value) => {
                    return Ok(Body::Value { media_type, value: (**value).clone() });
                }
                ExampleValue::Serialized(text) => {
                    return Ok(Body::Raw { media_type, bytes: text.clone().into_bytes().into() });
                }
                _ => {}
            }
        }
        self.sampled_body(key, media)
    }

    /// A body of a media type, from a sample.
    pub(crate) fn sampled_body(&self, key: &str, media: &MediaType) -> Result<Body, String> {
        Ok(Body::Value { media_type: concrete(key), value: self.sample(media.schema)? })
    }

    /// Whether a schema admits a value that a client sends; without a schema everything goes.
    pub(crate) fn accepts(&self, schema: Option<SchemaId>, value: &Value) -> bool {
        let validator = schema.and_then(|id| self.schemas.request(id));
        validator.is_none_or(|validator| validator.is_valid(value))
    }

    /// The edges of a schema, each judged as what a client sends.
    pub(crate) fn boundaries(&self, schema: SchemaId) -> Vec<Boundary> {
        let edges = self.schemas.set().boundaries(schema);
        let judged =
            edges.into_iter().map(|edge| Boundary { valid: self.accepts(Some(schema), &edge.value), ..edge });
        judged.take(MAX_BOUNDARIES).collect()
    }

    /// A value that a client may send; a text where there is no schema.
    pub(crate) fn sample(&self, schema: Option<SchemaId>) -> Result<Value, String> {
        self.drawn(schema, self.seed, SamplerOptions::default())
    }

    /// A value of another seed, and none of the schema's own examples.
    pub(crate) fn other(&self, schema: Option<SchemaId>, seed: u64) -> Result<Value, String> {
        let options = SamplerOptions { examples_first: false, ..SamplerOptions::default() };
        self.drawn(schema, self.seed.wrapping_add(seed), options)
    }

    fn drawn(&self, schema: Option<SchemaId>, seed: u64, options: SamplerOptions) -> Result<Value, String> {
        let Some(id) = schema else { return Ok(Value::String("sample".to_owned())) };
        let sampler = self.schemas.set().sampler(id, Direction::Request, options);
        let sampler = sampler.map_err(|error| format!("its schema cannot be used: {error}"))?;
        sampler.sample(seed).map_err(|error| format!("no value satisfies its schema: {error}"))
    }
}

/// The example of a name, or all of them in the document's order.
fn chosen<'e>(examples: &'e [Example], name: Option<&str>) -> impl Iterator<Item = &'e Example> {
    let named = name.and_then(|name| examples.iter().find(|e| e.name.as_deref() == Some(name)));
    named.into_iter().chain(examples)
}

/// A media type that a range stands for.
pub fn concrete(key: &str) -> String {
    media::concrete(key, false).into_owned()
}

/// Whether a media type is `application/json`, or has the `+json` suffix (RFC 6839).
pub(crate) fn is_json(media_type: &str) -> bool {
    Kind::of(media_type) == Kind::Json
}

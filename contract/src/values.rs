//! Where the values of calls come from: the document's examples as far as they follow their schema, else samples.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use descant_exchange::Schemas;
use descant_model::api::{Api, Example, ExampleValue, MediaType, Operation, Parameter, SchemaId};
use descant_runtime::media::MediaKind;
use descant_schema::{Boundary, Direction, SamplerOptions};
use indexmap::IndexMap;
use serde_json::{Map, Value};

use crate::case::{Body, Input};
use crate::settings::Assumptions;
use crate::wire::{self, concrete};

mod fresh;
mod lists;

pub(crate) use lists::scalar_order;

/// How many edges of one schema are tried: more are left out, and said to be.
pub(crate) const MAX_BOUNDARIES: usize = 200;

/// How much of what its schema describes a body has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    Whole,
    AsItIs,
    Least,
    /// No more than what is required, with names of letters, digits and hyphens: many services take no others, and do
    /// not say so.
    Plain,
}

/// The examples, samples and edges of a document's schemas.
pub(crate) struct Values {
    seed: u64,
    schemas: Schemas,
    /// Values of parameters by name, which override those of the document.
    fixed: IndexMap<String, Value>,
    /// The edges of the schemas that were asked for last: those of an operation are asked for several times.
    edges: Mutex<VecDeque<(SchemaId, Arc<[Boundary]>)>>,
}

/// The number of schemas whose edges are kept.
const KEPT: usize = 16;

impl Values {
    pub(crate) fn new(api: &Api, assume: &Assumptions) -> Self {
        let (schemas, fixed) = (Schemas::new(api), assume.fixed.clone());
        Self { seed: assume.seed, schemas, fixed, edges: Mutex::default() }
    }

    /// The schemas of the document.
    pub(crate) fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    /// The value of a parameter, from its example of this name, its first one, or a sample.
    pub(crate) fn parameter(&self, parameter: &Parameter, example: Option<&str>) -> Result<Input, String> {
        if let Some(value) = self.fixed.get(&parameter.name) {
            return Ok(Input::Value(value.clone()));
        }
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

    /// Returns the number of faults of a value that a client sends.
    pub(crate) fn faults(&self, schema: SchemaId, value: &Value) -> usize {
        self.schemas.request(schema).map_or(0, |validator| validator.faults(value).len())
    }

    /// Whether the user stated the value of a parameter.
    pub(crate) fn is_fixed(&self, parameter: &Parameter) -> bool {
        self.fixed.contains_key(&parameter.name)
    }

    /// Returns a valid identifier that no record has, in all likelihood; another for each number.
    pub(crate) fn unlikely(&self, parameter: &Parameter, number: u64) -> Option<Value> {
        let whole = |start: u64| Value::from(start.saturating_sub(number));
        let uuid = format!("d15ea5e0-0000-4000-8000-{:012x}", 0xde5c_a000_0000_u64.wrapping_add(number));
        let candidates = [
            Value::from(uuid),
            Value::from(format!("descant-none-{number}")),
            whole(1_999_999_937),
            whole(9_937),
        ];
        let is_usable = |value: &Value| {
            self.accepts(parameter.schema, value)
                && wire::is_writable(parameter, value)
                && wire::round_trip(&self.schemas, parameter, value)
                    == crate::round_trip::RoundTrip::As(value.clone())
        };
        let sampled = (1..=8).filter_map(|seed| self.other(parameter.schema, number * 8 + seed).ok());
        candidates.into_iter().chain(sampled).find(is_usable)
    }

    /// Returns a body of new values: names and keys differ for each number.
    pub(crate) fn fresh_body(&self, operation: &Operation, body: Body, number: u64, extent: Extent) -> Body {
        let Body::Value { media_type, value } = body else { return body };
        let content = operation.request_body.iter().flat_map(|body| &body.content);
        let mut schemas =
            content.filter(|(key, _)| concrete(key) == media_type).filter_map(|(_, media)| media.schema);
        let Some(schema) = schemas.next() else { return Body::Value { media_type, value } };
        let value = match extent {
            Extent::Whole => self.whole(schema, value, number),
            Extent::AsItIs => value,
            Extent::Least => self.least(schema, value),
            Extent::Plain => {
                let value = self.least(schema, value);
                return Body::Value { media_type, value: self.plain(schema, value, number) };
            }
        };
        Body::Value { media_type, value: self.fresh(schema, value, number, "") }
    }

    /// Returns the members that a schema requires, and the others.
    pub(crate) fn split(
        &self,
        schema: SchemaId,
        whole: &Map<String, Value>,
    ) -> (Map<String, Value>, Map<String, Value>) {
        let least = self.least(schema, Value::Object(whole.clone())).as_object().cloned().unwrap_or_default();
        let others = whole.iter().filter(|(name, _)| !least.contains_key(name.as_str()));
        let others = others.map(|(name, value)| (name.clone(), value.clone())).collect();
        (least, others)
    }

    /// Returns a value without what its schema does not require.
    fn least(&self, schema: SchemaId, value: Value) -> Value {
        let mut least = value;
        for name in
            least.as_object().map(|members| members.keys().cloned().collect::<Vec<_>>()).unwrap_or_default()
        {
            let mut less = least.clone();
            less.as_object_mut().and_then(|members| members.shift_remove(&name));
            if self.accepts(Some(schema), &less) {
                least = less;
            }
        }
        least
    }

    /// Returns a value with every member that the schema describes; those of `base` come first.
    fn whole(&self, schema: SchemaId, base: Value, number: u64) -> Value {
        let Ok(Value::Object(mut members)) = self.other(Some(schema), number) else { return base };
        if let Value::Object(base) = &base {
            members.extend(base.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        let whole = self.with_telling_lists(schema, Value::Object(members), &base, number);
        if self.accepts(Some(schema), &whole) { whole } else { base }
    }

    /// The edges of a schema, each judged as what a client sends.
    pub(crate) fn boundaries(&self, schema: SchemaId) -> Vec<Boundary> {
        let kept = || self.edges.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, edges)) = kept().iter().find(|(id, _)| *id == schema) {
            return edges.to_vec();
        }
        let edges = self.schemas.set().boundaries(schema);
        let judged =
            edges.into_iter().map(|edge| Boundary { valid: self.accepts(Some(schema), &edge.value), ..edge });
        let edges: Vec<Boundary> = judged.take(MAX_BOUNDARIES).collect();
        let mut kept = kept();
        kept.truncate(KEPT - 1);
        kept.push_front((schema, edges.as_slice().into()));
        edges
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

/// Whether a media type is `application/json`, or has the `+json` suffix (RFC 6839).
pub(crate) fn is_json(media_type: &str) -> bool {
    MediaKind::of(media_type) == MediaKind::Json
}

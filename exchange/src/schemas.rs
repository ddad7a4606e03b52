//! The document's schemas, each compiled when it is first needed and then shared by every position that refers to it.

use std::sync::{Arc, OnceLock};

use descant_model::api::{self, Api, MediaType, SchemaId};
use descant_runtime::param::Shape;
use descant_schema::{Direction, Sampler, SamplerOptions, SchemaSet, Validator, ValidatorOptions};
use serde_json::Value;

use crate::shape;

/// Every schema of a document, by its id.
pub struct Schemas {
    model: Arc<api::Schemas>,
    set: SchemaSet,
    /// What requests must follow. `None` inside: it cannot be compiled, and lets everything pass.
    requests: Vec<OnceLock<Option<Box<Validator>>>>,
    /// What responses follow, and what they are made by.
    responses: Vec<OnceLock<Result<Box<Sampler>, String>>>,
    /// What text may stand for by each schema.
    shapes: Vec<OnceLock<Shape>>,
    sampling: SamplerOptions,
}

impl Schemas {
    /// Takes the schemas of a document; compiles none.
    pub fn new(api: &Api) -> Self {
        let model = api.schemas.clone();
        let set = SchemaSet::new(&model);
        let count = model.entries.len();
        let requests = (0..count).map(|_| OnceLock::new()).collect();
        let responses = (0..count).map(|_| OnceLock::new()).collect();
        let shapes = (0..count).map(|_| OnceLock::new()).collect();
        Self { model, set, requests, responses, shapes, sampling: SamplerOptions::default() }
    }

    /// Sets the time that dates of sampled values lie near, in seconds since 1970.
    #[must_use]
    pub fn with_now(mut self, now: i64) -> Self {
        self.sampling.now = now;
        self
    }

    /// Returns the time that dates of sampled values lie near, in seconds since 1970.
    pub fn now(&self) -> i64 {
        self.sampling.now
    }

    /// Returns the schemas as the document has them.
    pub fn model(&self) -> &api::Schemas {
        &self.model
    }

    /// Returns the set that validators and samplers with other options are made from.
    pub fn set(&self) -> &SchemaSet {
        &self.set
    }

    /// Returns what validates a value of a request; `None` where the schema cannot be compiled.
    pub fn request(&self, id: SchemaId) -> Option<&Validator> {
        let compiled = self.requests.get(id.0 as usize)?;
        let validator = || self.set.validator(id, Direction::Request, ValidatorOptions::default());
        compiled.get_or_init(|| validator().ok().map(Box::new)).as_deref()
    }

    /// Returns what makes and validates a value of a response.
    ///
    /// # Errors
    /// Why the schema cannot be compiled.
    pub fn response(&self, id: SchemaId) -> Result<&Sampler, &str> {
        let slot = self.responses.get(id.0 as usize).ok_or("there is no such schema")?;
        let sampler = || self.set.sampler(id, Direction::Response, self.sampling);
        let compiled = slot.get_or_init(|| sampler().map(Box::new).map_err(|error| error.to_string()));
        compiled.as_deref().map_err(String::as_str)
    }

    /// Returns what validates a value of a response; `None` where the schema cannot be compiled.
    pub(crate) fn answered(&self, id: SchemaId) -> Option<&Validator> {
        self.response(id).ok().map(Sampler::validator)
    }

    /// Returns what text may stand for by a schema; any text where there is none.
    pub fn shape(&self, id: Option<SchemaId>) -> Shape {
        let slot = id.and_then(|id| self.shapes.get(id.0 as usize));
        let made = || shape::shape(&self.model, id);
        slot.map_or_else(made, |slot| slot.get_or_init(made).clone())
    }

    /// Returns what a body may stand for.
    pub fn body(&self, media: &MediaType) -> Shape {
        match media.schema {
            Some(schema) if media.encoding.is_empty() => self.shape(Some(schema)),
            _ => shape::body_shape(&self.model, media),
        }
    }

    /// Returns a valid value of a response; the same seed gives the same one.
    pub fn sample(&self, id: SchemaId, seed: u64) -> Option<Value> {
        self.response(id).ok()?.sample(seed).ok()
    }

    /// Returns a value as a response may hold it: without what is `writeOnly`.
    ///
    /// # Errors
    /// What the schema has against it.
    pub fn shown(&self, id: SchemaId, mut value: Value) -> Result<Value, String> {
        let validator = self.response(id).map_err(str::to_owned)?.validator();
        if validator.is_valid(&value) {
            return Ok(value);
        }
        validator.remove_hidden(&mut value);
        match validator.faults(&value).first() {
            None => Ok(value),
            Some(fault) => Err(fault.to_string()),
        }
    }

    /// Returns whether a response may hold this value.
    pub fn is_valid(&self, id: SchemaId, value: &Value) -> bool {
        self.response(id).is_ok_and(|sampler| sampler.validator().is_valid(value))
    }
}

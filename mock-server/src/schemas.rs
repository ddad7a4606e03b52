//! The document's schemas, each compiled when it is first needed and then shared by every position that refers to it.

use std::sync::{Arc, OnceLock};

use descant_model::api::{Api, MediaType, SchemaId};
use descant_runtime::param::Shape;
use descant_schema::{Direction, Sampler, SamplerOptions, SchemaSet, Validator, ValidatorOptions};
use serde_json::Value;

use crate::state::{Place, find_named};

/// Every schema of a document, by its id.
pub(crate) struct Schemas {
    api: Arc<Api>,
    set: SchemaSet,
    /// What requests must follow. `None` inside: it cannot be compiled, and lets everything pass.
    requests: Vec<OnceLock<Option<Box<Validator>>>>,
    /// What responses follow, and what they are made by.
    responses: Vec<OnceLock<Result<Box<Sampler>, String>>>,
}

impl Schemas {
    /// Knows the schemas of a document; compiles none.
    pub(crate) fn new(api: Arc<Api>) -> Self {
        let set = SchemaSet::new(&api.schemas);
        let count = api.schemas.entries.len();
        let requests = (0..count).map(|_| OnceLock::new()).collect();
        let responses = (0..count).map(|_| OnceLock::new()).collect();
        Self { api, set, requests, responses }
    }

    /// What judges a value of a request.
    pub(crate) fn request(&self, id: SchemaId) -> Option<&Validator> {
        let compiled = self.requests.get(id.0 as usize)?.get_or_init(|| {
            let validator = self.set.validator(id, Direction::Request, ValidatorOptions::default());
            validator.ok().map(Box::new)
        });
        compiled.as_deref()
    }

    /// What text may stand for by a schema; any text where there is none.
    pub(crate) fn shape(&self, id: Option<SchemaId>) -> Shape {
        descant_wire::shape(&self.api.schemas, id)
    }

    /// What a body may stand for.
    pub(crate) fn body(&self, media: &MediaType) -> Shape {
        descant_wire::body(&self.api.schemas, media)
    }

    /// What makes and judges a value of a response.
    ///
    /// # Errors
    /// Why the schema cannot be compiled.
    pub(crate) fn response(&self, id: SchemaId) -> Result<&Sampler, &str> {
        let slot = self.responses.get(id.0 as usize).ok_or("there is no such schema")?;
        let compiled = slot.get_or_init(|| {
            let sampler = self.set.sampler(id, Direction::Response, SamplerOptions::default());
            sampler.map(Box::new).map_err(|error| error.to_string())
        });
        compiled.as_deref().map_err(String::as_str)
    }

    /// Where in a response the property stands that a parameter of the path names.
    pub(crate) fn named(&self, id: SchemaId, parameter: &str) -> Option<Place> {
        let (mut place, property) = find_named(&self.api.schemas, id, parameter)?;
        place.push(property);
        Some(place)
    }

    /// A valid value of a response; the same seed gives the same one.
    pub(crate) fn sample(&self, id: SchemaId, seed: u64) -> Option<Value> {
        self.response(id).ok()?.sample(seed).ok()
    }

    /// Whether a response may hold this value.
    pub(crate) fn is_valid(&self, id: SchemaId, value: &Value) -> bool {
        self.response(id).is_ok_and(|sampler| sampler.validator().is_valid(value))
    }
}

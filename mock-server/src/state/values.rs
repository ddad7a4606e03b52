//! Sampling and judging by the id of a schema; each schema is compiled once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use descant_model::api::{Api, SchemaId};
use descant_schema::{Direction, Sampler};
use serde_json::Value;

/// The schemas of answers, ready to draw from and to judge by.
pub(super) struct Values {
    api: Arc<Api>,
    /// `None`: a schema that cannot be compiled.
    samplers: Mutex<HashMap<SchemaId, Option<Arc<Sampler>>>>,
}

impl Values {
    pub(super) fn new(api: Arc<Api>) -> Self {
        Self { api, samplers: Mutex::default() }
    }

    /// A valid value; the same seed gives the same one.
    pub(super) fn sample(&self, schema: SchemaId, seed: u64) -> Option<Value> {
        self.sampler(schema)?.sample(seed).ok()
    }

    /// Whether an answer may hold this value.
    pub(super) fn is_valid(&self, schema: SchemaId, value: &Value) -> bool {
        self.sampler(schema).is_some_and(|sampler| sampler.validator().is_valid(value))
    }

    fn sampler(&self, schema: SchemaId) -> Option<Arc<Sampler>> {
        let mut samplers = self.samplers.lock().unwrap_or_else(PoisonError::into_inner);
        let make =
            || Sampler::new(&self.api.schemas.standalone(schema), Direction::Response).ok().map(Arc::new);
        samplers.entry(schema).or_insert_with(make).clone()
    }
}

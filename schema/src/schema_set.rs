//! The schemas of a document, from which validators, samplers and boundaries are made.

use std::sync::Arc;

use descant_model::api::{SchemaId, Schemas};

use crate::{Direction, Sampler, SamplerOptions, SchemaError, Validator, ValidatorOptions, set::Set};

/// The schemas of a document. Clones share compiled schemas.
///
/// A schema and the schemas that it refers to are compiled on first use, once for all validators and samplers in both
/// directions.
#[derive(Clone, Debug)]
pub struct SchemaSet(pub(crate) Arc<Set>);

impl SchemaSet {
    /// Returns the set of a document's schemas.
    pub fn new(schemas: &Schemas) -> SchemaSet {
        SchemaSet(Arc::new(Set::new(schemas, Vec::new())))
    }

    /// Returns the validator of a schema.
    ///
    /// # Errors
    /// Returns an error if there is no such schema.
    pub fn validator(
        &self,
        id: SchemaId,
        direction: Direction,
        options: ValidatorOptions,
    ) -> Result<Validator, SchemaError> {
        Ok(Validator::of(self.0.clone(), self.known(id)?, direction, options))
    }

    /// Returns the sampler of a schema.
    ///
    /// # Errors
    /// Returns an error if there is no such schema.
    pub fn sampler(
        &self,
        id: SchemaId,
        direction: Direction,
        options: SamplerOptions,
    ) -> Result<Sampler, SchemaError> {
        Ok(Sampler::of(self.0.clone(), self.known(id)?, direction, options))
    }

    fn known(&self, id: SchemaId) -> Result<SchemaId, SchemaError> {
        let missing = || SchemaError { reason: "there is no such schema".to_owned() };
        if self.0.has(id) { Ok(id) } else { Err(missing()) }
    }
}

//! A set of schemas that refer to each other, each compiled on first use and then shared.

use std::{
    collections::BTreeSet,
    sync::{Arc, OnceLock},
};

use descant_model::{
    api::{SchemaId, Schemas},
    schema::{Flaw, Schema, from_json},
};
use serde_json::Value;

use crate::{
    Direction, Sampler, SamplerOptions, SchemaError, Validator, ValidatorOptions,
    compile::{self, Def},
    node::{Node, Others},
};

/// The schemas of a document. Clones share compiled schemas.
///
/// A schema and the schemas that it refers to are compiled on first use, once for all validators and samplers in both
/// directions.
#[derive(Clone, Debug)]
pub struct SchemaSet(pub(crate) Arc<Set>);

#[derive(Debug)]
pub(crate) struct Set {
    sources: Vec<(String, Arc<Schema>)>,
    compiled: Vec<OnceLock<Def>>,
    /// What was left out of a raw schema before there was a set.
    flaws: Vec<Flaw>,
}

/// The root of a set that is made from a raw schema.
pub(crate) const ROOT: SchemaId = SchemaId(0);

impl SchemaSet {
    /// Returns the set of a document's schemas.
    pub fn new(schemas: &Schemas) -> SchemaSet {
        Self::with_flaws(schemas, Vec::new())
    }

    /// Makes a set of a raw root schema and its `$defs`; its `$ref`s are `#` or `#/$defs/KEY`.
    ///
    /// # Errors
    /// Returns an error if it is no schema. What makes no sense within it is left out (see [`Validator::flaws`]).
    pub(crate) fn of_root(root: &Value) -> Result<SchemaSet, SchemaError> {
        if !root.is_object() && !root.is_boolean() {
            return Err(SchemaError { reason: "not a schema".to_owned() });
        }
        let (schemas, flaws) = from_json(root);
        Ok(Self::with_flaws(&schemas, flaws))
    }

    fn with_flaws(schemas: &Schemas, flaws: Vec<Flaw>) -> SchemaSet {
        let sources = schemas.entries.iter().map(|one| (one.key.clone(), one.schema.clone()));
        let compiled = schemas.entries.iter().map(|_| OnceLock::new()).collect();
        SchemaSet(Arc::new(Set { sources: sources.collect(), compiled, flaws }))
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
        Ok(Validator::of(self.clone(), self.known(id)?, direction, options))
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
        Ok(Sampler::of(self.clone(), self.known(id)?, direction, options))
    }

    fn known(&self, id: SchemaId) -> Result<SchemaId, SchemaError> {
        let missing = || SchemaError { reason: "there is no such schema".to_owned() };
        self.0.sources.get(id.0 as usize).map(|_| id).ok_or_else(missing)
    }
}

impl Set {
    /// Returns a definition; `None` only for an id of another set.
    pub(crate) fn def(&self, id: SchemaId) -> Option<&Def> {
        Some(self.compiled.get(id.0 as usize)?.get_or_init(|| compile::compile(&self.sources, id)))
    }

    /// Returns for each alternative of a `oneOf` schemas of which each implies that it does not hold.
    pub(crate) fn others<'s>(&'s self, others: &'s Others) -> &'s [Vec<Node>] {
        let Some(source) = &others.source else { return &[] };
        others.aims.get_or_init(|| compile::rule_out(&self.sources, source))
    }

    /// Returns the key of a definition.
    pub(crate) fn key(&self, id: SchemaId) -> &str {
        self.sources.get(id.0 as usize).map(|(key, _)| key.as_str()).unwrap_or_default()
    }

    pub(crate) fn flaws(&self, root: SchemaId) -> Vec<Flaw> {
        let mut reached = BTreeSet::from([root]);
        let mut open = vec![root];
        let mut flaws = self.flaws.clone();
        while let Some(def) = open.pop().and_then(|id| self.def(id)) {
            flaws.extend(def.flaws.iter().cloned());
            open.extend(def.references.iter().copied().filter(|id| reached.insert(*id)));
        }
        flaws
    }
}

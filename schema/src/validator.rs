//! Whether a value keeps a schema, and where it does not.

use std::sync::Arc;

use jsonschema::{Draft, Keyword, PatternOptions, ValidationError};
use serde_json::Value;

use crate::{
    Direction, SchemaError, SchemaFlaw,
    fault::{self, Fault},
    format::{self, Range},
    pattern,
    prepare::{self, Prepared},
};

/// How strictly a [`Validator`] judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValidatorOptions {
    /// A property hidden in this direction (`readOnly` in a request, `writeOnly` in a response) must be absent. By
    /// default it may be there: OAS 4.8.24 says SHOULD NOT.
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

/// A compiled schema that judges values.
#[derive(Clone, Debug)]
pub struct Validator {
    compiled: Arc<jsonschema::Validator>,
    prepared: Arc<Prepared>,
    options: ValidatorOptions,
}

impl Validator {
    /// Compiles `schema`, a root whose `$ref`s are `#` or `#/$defs/KEY`.
    ///
    /// # Errors
    /// What makes it no schema, where that could not be left out with a flaw (see [`Validator::flaws`]).
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
        let prepared = prepare::prepare(schema, direction, options.forbid_hidden);
        let compiled = compile(&prepared.root)?;
        Ok(Validator { compiled: Arc::new(compiled), prepared: Arc::new(prepared), options })
    }

    /// Whether `value` keeps the schema.
    pub fn is_valid(&self, value: &Value) -> bool {
        !is_deeper(value, self.options.max_depth) && self.compiled.is_valid(value)
    }

    /// Every fault of `value`, at most [`ValidatorOptions::max_faults`], the same in every run.
    pub fn faults(&self, value: &Value) -> Vec<Fault> {
        if is_deeper(value, self.options.max_depth) {
            return vec![fault::too_deep(self.options.max_depth)];
        }
        fault::collect(self.compiled.iter_errors(value), &self.prepared.root, self.options.max_faults)
    }

    pub(crate) fn prepared(&self) -> &Prepared {
        &self.prepared
    }

    /// What was left out of the schema because it made no sense: malformed keywords, patterns that are none.
    pub fn flaws(&self) -> &[SchemaFlaw] {
        &self.prepared.flaws
    }
}

/// Compiles a prepared schema. Nothing is ever fetched: every `$ref` was seen to point into the root.
fn compile(root: &Value) -> Result<jsonschema::Validator, SchemaError> {
    let patterns = PatternOptions::fancy_regex()
        .backtrack_limit(pattern::BACKTRACK_LIMIT)
        .size_limit(pattern::SIZE_LIMIT);
    let mut options = jsonschema::options()
        .offline()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .with_pattern_options(patterns)
        .with_keyword(prepare::RANGE, |_, format, _| {
            let range = format.as_str().and_then(format::range);
            Ok(Box::new(InRange(range.unwrap_or(Range::Magnitude(f64::MAX)))))
        });
    for (name, check) in format::EXTRA {
        options = options.with_format(*name, *check);
    }
    options.build(root).map_err(|error| SchemaError {
        pointer: error.instance_path().as_str().to_owned(),
        reason: error.to_string(),
    })
}

/// The check behind a numeric format.
struct InRange(Range);

impl<'i> Keyword<'i> for InRange {
    fn validate(&self, value: &'i Value) -> Result<(), ValidationError<'i>> {
        match Keyword::is_valid(self, value) {
            true => Ok(()),
            false => Err(ValidationError::custom(self.0.expected())),
        }
    }

    fn is_valid(&self, value: &'i Value) -> bool {
        value.as_number().is_none_or(|number| self.0.admits(number))
    }
}

/// Whether `value` nests deeper than `limit`; never looks further than that.
fn is_deeper(value: &Value, limit: usize) -> bool {
    let Some(limit) = limit.checked_sub(1) else { return true };
    match value {
        Value::Array(items) => items.iter().any(|item| is_deeper(item, limit)),
        Value::Object(members) => members.values().any(|member| is_deeper(member, limit)),
        _ => false,
    }
}

//! Samples values that satisfy a schema.
//!
//! A value is sampled from the schemas that apply at one position: they are gathered (`gather`), alternatives are
//! chosen, and the remaining constraints are satisfied by construction (`objects`, `arrays`, `numbers`, `texts`). Where
//! construction cannot be exact, the value is validated and sampled again differently, within budgets; the whole value
//! is validated before it is returned.

mod around;
mod arrays;
mod draw;
mod height;
mod name_words;
mod names;
mod numbers;
mod objects;
mod pictures;
mod regex;
mod texts;

use std::{
    error::Error,
    fmt,
    sync::{Arc, OnceLock},
};

use descant_model::api::SchemaId;
use serde_json::Value;
use smallvec::SmallVec;

pub(crate) use self::draw::Drawer;
use self::height::Heights;
pub(crate) use self::names::Suit;
pub use self::pictures::{PICTURES, picture_size};
use crate::{
    Direction, Fault, SchemaError, Validator, ValidatorOptions,
    node::Node,
    set::{ROOT, Set},
};

/// What there are few of at one place, nearly always one.
type Few<T> = SmallVec<[T; 4]>;

/// The options of a [`Sampler`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SamplerOptions {
    /// Whether to prefer valid `examples`, `example` and `default` of the schema.
    pub examples_first: bool,
    /// The maximum number of JSON values of a sample.
    pub max_nodes: usize,
    /// The depth beyond which a sample omits optional values.
    pub max_depth: usize,
    /// The maximum number of characters of a string.
    pub max_length: u64,
    /// The maximum number of items of an array, or members of an object.
    pub max_items: u64,
    /// The time that dates lie near, in seconds since 1970.
    pub now: i64,
}

impl SamplerOptions {
    pub(crate) const DEFAULT: SamplerOptions = SamplerOptions {
        examples_first: true,
        max_nodes: 10_000,
        max_depth: 4,
        max_length: 65_536,
        max_items: 1_000,
        now: 1_767_225_600,
    };
}

impl Default for SamplerOptions {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// No value was found that satisfies the schema: there is none, or none within the limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsatisfiable {
    /// The position in the value (RFC 6901) at which the schema cannot be satisfied.
    pub pointer: String,
    /// The reason, as a message.
    pub reason: String,
}

impl fmt::Display for Unsatisfiable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "the value" } else { &self.pointer };
        write!(f, "no value found for {place}: {}", self.reason)
    }
}

impl Error for Unsatisfiable {}

impl Unsatisfiable {
    fn refused(fault: Fault) -> Unsatisfiable {
        let reason = format!("nothing tried kept `{}`: {}", fault.keyword, fault.message);
        Unsatisfiable { pointer: fault.pointer, reason }
    }
}

/// Samples values of a schema. Clones are cheap.
#[derive(Clone, Debug)]
pub struct Sampler {
    set: Arc<Set>,
    root: SchemaId,
    validator: Validator,
    options: SamplerOptions,
    /// How deep the definitions are at least: asked for only when a sample grows deep.
    heights: Arc<OnceLock<Heights>>,
}

impl Sampler {
    /// Returns a sampler of `schema`, a root whose `$ref`s are `#` or `#/$defs/KEY`.
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
        options: SamplerOptions,
    ) -> Result<Sampler, SchemaError> {
        Ok(Self::of(Arc::new(Set::of_root(schema)?), ROOT, direction, options))
    }

    pub(crate) fn of(
        set: Arc<Set>,
        root: SchemaId,
        direction: Direction,
        options: SamplerOptions,
    ) -> Sampler {
        let validator = Validator::of(set.clone(), root, direction, ValidatorOptions::default());
        Sampler { set, root, validator, options, heights: Arc::default() }
    }

    /// Returns a value that satisfies the schema; for one seed the same bytes on every machine.
    ///
    /// Properties hidden in the sampler's direction are absent.
    ///
    /// # Errors
    /// Returns an error if none was found within the limits.
    pub fn sample(&self, seed: u64) -> Result<Value, Unsatisfiable> {
        if let (Ok(value), true) = self.draft(seed, false) {
            return Ok(value);
        }
        let (value, is_valid) = self.draft(seed, true);
        let value = value?;
        match is_valid {
            true => Ok(value),
            false => Err(self.refused(&value)),
        }
    }

    /// Returns the same value with a change, if that satisfies the schema as well; it is validated once.
    ///
    /// # Errors
    /// As [`Sampler::sample`].
    pub fn sample_with(&self, seed: u64, change: impl Fn(Value) -> Value) -> Result<Value, Unsatisfiable> {
        let drawn = Drawer::new(self, false).root(self.root, seed).ok();
        if let Some(changed) = drawn.map(&change).filter(|changed| self.validator.is_strictly_valid(changed))
        {
            return Ok(changed);
        }
        let value = self.sample(seed)?;
        let changed = change(value.clone());
        Ok(if self.validator.is_valid(&changed) { changed } else { value })
    }

    /// If [`Sampler::sample`] fails because of the limits, returns a value whose arrays are cut to
    /// [`SamplerOptions::max_items`], and the first cut. `None` for other failures.
    pub fn sample_cut(&self, seed: u64) -> Option<(Value, Unsatisfiable)> {
        let mut drawer = Drawer::new(self, false);
        drawer.cuts = true;
        let value = drawer.root(self.root, seed).ok()?;
        Some((value, drawer.cut?))
    }

    /// Returns the validator of the same schema in the same direction. It is as lenient about hidden properties as
    /// [`Validator::new`]; samples are validated more strictly.
    pub fn validator(&self) -> &Validator {
        &self.validator
    }

    /// The schema itself.
    pub(crate) fn start(&self) -> Option<&Node> {
        self.set.def(self.root).map(|def| &def.node)
    }

    fn draft(&self, seed: u64, careful: bool) -> (Result<Value, Unsatisfiable>, bool) {
        let mut drawer = Drawer::new(self, careful);
        let value = drawer.root(self.root, seed).map_err(|failure| failure.reason);
        let is_valid = value.as_ref().is_ok_and(|value| self.validator.is_strictly_valid(value));
        (value, is_valid)
    }

    fn refused(&self, value: &Value) -> Unsatisfiable {
        let fault = self.validator.strict().faults(value).into_iter().next();
        let unknown =
            || Unsatisfiable { pointer: String::new(), reason: "nothing tried was valid".to_owned() };
        fault.map_or_else(unknown, Unsatisfiable::refused)
    }
}

//! What can be done with a JSON Schema 2020-12 value at run time: judge a value ([`Validator`]), make one
//! ([`Sampler`]), find the edges of its constraints ([`boundaries`]), tell which kinds it admits ([`shape`]).
//!
//! A schema is a root `serde_json::Value` whose `$ref`s are `#` or `#/$defs/KEY`. Annotations of OpenAPI may stand
//! in it. Nothing here knows HTTP, reads a file or opens a connection.

mod boundary;
mod compile;
mod decimal;
mod direction;
mod fault;
mod fields;
mod format;
mod judge;
mod node;
mod pattern;
mod pointer;
mod random;
mod sample;
mod set;
mod shape;
mod validator;
mod visible;
mod words;

use std::{error::Error, fmt};

pub use crate::{
    boundary::{Boundary, boundaries},
    direction::Direction,
    fault::Fault,
    sample::{Sampler, SamplerOptions, Unsatisfiable},
    set::SchemaSet,
    shape::{Kinds, Shape, kinds, shape},
    validator::{Validator, ValidatorOptions},
};

/// Why a schema cannot be compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaError {
    /// Where in the schema (RFC 6901).
    pub pointer: String,
    pub reason: String,
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", if self.pointer.is_empty() { "schema" } else { &self.pointer }, self.reason)
    }
}

impl Error for SchemaError {}

/// Something in a schema that makes no sense and was left out, the rest being kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaFlaw {
    /// Where in the schema (RFC 6901).
    pub pointer: String,
    pub reason: String,
}

//! Validates values ([`Validator`]), samples values ([`Sampler`]), and derives values at the bounds of constraints
//! ([`boundaries`]).
//!
//! Schemas are the model's typed schemas, [`SchemaSet::new`], or raw JSON Schema 2020-12 whose `$ref`s are `#` or
//! `#/$defs/KEY`, [`Validator::new`]. This crate knows no HTTP, reads no file and opens no connection.
//!
#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod boundary;
mod compile;
mod decimal;
mod fault;
mod fields;
mod format;
mod judge;
mod node;
mod pattern;
mod pointer;
mod random;
mod sample;
mod schema_set;
mod set;
mod shape;
mod sink;
mod validator;
mod visible;
mod words;

pub use descant_model::schema::Direction;

pub use crate::{
    boundary::{Boundary, boundaries},
    fault::Fault,
    sample::{PICTURES, Sampler, SamplerOptions, Unsatisfiable, picture_size},
    schema_set::SchemaSet,
    shape::{Shape, shape},
    validator::{Validator, ValidatorOptions},
};

/// The reason why a schema cannot be compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaError {
    /// The reason, as a message.
    pub reason: String,
}

impl std::fmt::Display for SchemaError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "schema: {}", self.reason)
    }
}

impl std::error::Error for SchemaError {}

//! What can be done with a schema at run time: validate a value ([`Validator`]), make one ([`Sampler`]), find the edges of
//! its constraints ([`boundaries`]), tell which kinds it admits ([`shape`]).
//!
//! Schemas are the model's typed ones, [`SchemaSet::new`]; a raw JSON Schema 2020-12 value whose `$ref`s are `#` or
//! `#/$defs/KEY` serves as well, [`Validator::new`]. Nothing here knows HTTP, reads a file or opens a connection.

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
mod set;
mod shape;
mod validator;
mod visible;
mod words;

pub use descant_model::schema::Direction;

pub use crate::{
    boundary::{Boundary, boundaries},
    fault::Fault,
    sample::{Sampler, SamplerOptions, Unsatisfiable},
    set::SchemaSet,
    shape::{Shape, shape},
    validator::{Validator, ValidatorOptions},
};

/// Why a schema cannot be compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaError {
    pub reason: String,
}

impl std::fmt::Display for SchemaError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "schema: {}", self.reason)
    }
}

impl std::error::Error for SchemaError {}

//! The steps of a request's way to an operation that a generated server and a document read at run time share: header
//! lines, parameters, bodies, and the status of a refusal.
//!
//! Who drives them states what an operation takes (tables of generated code, or a plan compiled from a document) and
//! how a value is validated. Everything else is decided here, so that the drivers cannot disagree.

pub mod body;
mod header;
mod parameter;
mod refusal;

pub use header::{accept, header_text, header_values};
pub use parameter::{Parameter, Source};
pub use refusal::{Cause, Refusals};

#[cfg(test)]
mod tests;

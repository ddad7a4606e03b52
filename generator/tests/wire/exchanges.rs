//! Tests of the scratch crate: for every operation what its client says and reads, and what its server reads and says.
//! The texts are what a right exchange is, written down by reading the document.

#![allow(unused_imports, reason = "one macro for many documents")]

#[macro_use]
mod peer;

mod calls;
mod media;
mod own;

mod answers;
mod bodies;
mod http;
mod parameters;
mod types;

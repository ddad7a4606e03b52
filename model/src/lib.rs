//! The front end: parses and checks a document, and lowers it to a version-neutral [`api::Api`].
//!
#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

pub mod api;
pub mod bundle;
pub mod check;
pub mod codes;
mod descant;
pub mod diagnostic;
mod dialect;
pub mod dump;
pub mod load;
mod lower;
pub mod parse;
pub mod references;
pub mod render;
pub mod schema;
pub mod source;
mod threads;
pub mod tree;
mod view;
pub mod written;

//! The front end: text to a checked document to a version-neutral [`api::Api`].

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

//! The front end: text to a checked document to a version-neutral [`api::Api`].

pub mod api;
pub mod check;
pub mod codes;
pub mod diagnostic;
pub mod parse;
pub mod source;
pub mod tree;

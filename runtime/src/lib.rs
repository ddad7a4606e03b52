//! The library of generated code, shared with the mock and the contract tests: JSON by
//! tables, routing, parameter styles, media types and problem details.

#![warn(missing_docs)]

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub mod body;
pub mod check;
pub mod choice;
#[cfg(feature = "client")]
pub mod client;
pub mod codec;
#[cfg(feature = "client")]
pub mod contract;
pub mod exchange;
#[cfg(feature = "format")]
pub mod format;
mod items;
pub mod json;
pub mod link;
pub mod media;
pub mod multipart;
pub mod param;
pub mod pattern;
pub mod payload;
pub mod problem;
pub mod querystring;
pub mod response;
pub mod route;
pub mod secret;
pub mod security;
#[cfg(feature = "server")]
pub mod server;

pub use body::Body;
pub use bytes::Bytes;
pub use http::{self, StatusCode};
pub use items::{ItemError, Items};
pub use json::{Base64, Map, Number};
pub use multipart::File;
pub use payload::Content;
pub use secret::{Basic, Secret};
pub use serde_json::Value;

//! What generated code calls, and what the mock and the contract tests share with it: the one place of JSON by
//! tables, routing, parameter styles, media types and problem details.

pub mod json;
pub mod media;
pub mod param;
pub mod problem;
pub mod route;

pub use json::{Base64, Map};
pub use serde_json::Value;

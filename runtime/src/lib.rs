//! What generated code calls: parameter styles, media codecs, constraint checks, problem details, JSON by tables.

pub mod json;

pub use json::Map;
pub use serde_json::Value;

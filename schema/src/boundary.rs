//! The edges of a schema's constraints: values just inside and just outside of each.

use serde_json::Value;

/// A value at the edge of one constraint.
#[derive(Clone, Debug, PartialEq)]
pub struct Boundary {
    /// Which part of the value is at the edge (RFC 6901 of the instance).
    pub pointer: String,
    /// The keyword whose edge it is.
    pub keyword: String,
    /// A whole value for the schema.
    pub value: Value,
    /// Whether the schema admits it, as the validator judged it.
    pub valid: bool,
}

/// Values just inside and just outside of each constraint of `schema`.
pub fn boundaries(_schema: &Value) -> Vec<Boundary> {
    Vec::new()
}

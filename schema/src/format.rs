//! What each `format` means: the one table that validator, sampler and boundaries share.
//!
//! Sources: JSON Schema Validation 2020-12 §7.3, the OpenAPI Format Registry. A format that is not in the table is
//! an annotation: it constrains nothing.

use base64::{Engine, engine::general_purpose};
use serde_json::Number;

/// The numbers that a numeric format admits, both ends included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Range {
    /// Whole numbers.
    Whole { min: i128, max: i128 },
    /// Any number up to this magnitude.
    Magnitude(f64),
}

/// What a numeric format admits; `None` for any other name.
pub(crate) fn range(format: &str) -> Option<Range> {
    let signed = |bits: u32| Range::Whole { min: -(1 << (bits - 1)), max: (1 << (bits - 1)) - 1 };
    let unsigned = |bits: u32| Range::Whole { min: 0, max: (1 << bits) - 1 };
    Some(match format {
        "int8" => signed(8),
        "int16" => signed(16),
        "int32" => signed(32),
        "int64" => signed(64),
        "uint8" => unsigned(8),
        "uint16" => unsigned(16),
        "uint32" => unsigned(32),
        "uint64" => unsigned(64),
        "double-int" => Range::Whole { min: -(1 << 53) + 1, max: (1 << 53) - 1 },
        "float" => Range::Magnitude(f64::from(f32::MAX)),
        _ => return None,
    })
}

pub(crate) fn is_numeric(format: &str) -> bool {
    range(format).is_some()
}

impl Range {
    /// Whether `number` lies in the range. A fraction within a whole range passes: `type` judges that.
    pub(crate) fn admits(self, number: &Number) -> bool {
        let whole = number.as_i64().map(i128::from).or(number.as_u64().map(i128::from));
        match (self, whole) {
            (Range::Whole { min, max }, Some(n)) => (min..=max).contains(&n),
            // An integer that JSON writes beyond 64 bits reaches us as a float: 2^63 must not pass for an int64.
            (Range::Whole { min, max }, None) => {
                number.as_f64().is_some_and(|n| n >= min as f64 && n < max as f64 + 1.0)
            }
            (Range::Magnitude(limit), _) => number.as_f64().is_some_and(|n| n.abs() <= limit),
        }
    }

    /// What a reader is told: "a 32-bit integer" reads worse than its bounds.
    pub(crate) fn expected(self) -> String {
        match self {
            Range::Whole { min, max } => format!("a number from {min} to {max}"),
            Range::Magnitude(limit) => format!("a number of magnitude at most {limit:e}"),
        }
    }
}

type Check = fn(&str) -> bool;

/// The formats that the `jsonschema` crate does not know, with their checks.
pub(crate) const EXTRA: &[(&str, Check)] =
    &[("byte", is_base64), ("base64url", is_base64url), ("char", |text| text.chars().count() == 1)];

/// RFC 4648 §4, padded.
fn is_base64(text: &str) -> bool {
    general_purpose::STANDARD.decode(text).is_ok()
}

/// RFC 4648 §5; padding may be left out (§3.2).
fn is_base64url(text: &str) -> bool {
    general_purpose::URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).is_ok()
}

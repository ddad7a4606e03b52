//! The formats of numbers, as ranges (OpenAPI Format Registry).

use serde_json::Number;

use crate::check::number;

/// The numbers that a numeric format admits, both ends included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Range {
    /// Whole numbers.
    Whole {
        /// The least.
        min: i128,
        /// The greatest.
        max: i128,
    },
    /// Any number up to this magnitude.
    Magnitude(f64),
}

/// Returns what a numeric format admits; `None` for any other name.
pub fn range(format: &str) -> Option<Range> {
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

impl Range {
    /// Returns whether `number` lies in the range. A fraction within a whole range passes: `type` judges that.
    pub fn admits(self, number: &Number) -> bool {
        match (self, number::whole(number)) {
            (Range::Whole { min, max }, Some(n)) => (min..=max).contains(&n),
            // JSON beyond 64 bits reaches us as a float, rounded: neither 2^63 nor what is below -2^63 may pass for an
            // int64, and -2^63 itself would have come as an integer.
            (Range::Whole { min, max }, None) => {
                number.as_f64().is_some_and(|n| n > min as f64 && n < max as f64 + 1.0)
            }
            (Range::Magnitude(limit), _) => number.as_f64().is_some_and(|n| n.abs() <= limit),
        }
    }

    /// Returns what it asks for, to follow "expected".
    pub fn expected(self) -> String {
        match self {
            Range::Whole { min, max } => format!("a number from {min} to {max}"),
            Range::Magnitude(limit) => format!("a number of magnitude at most {limit:e}"),
        }
    }
}

//! Accepts `1.0` as an integer (JSON Schema Core 2020-12, 4.2.3), which serde's integers refuse. This path is taken
//! only if a value did not match.

use serde::de::DeserializeOwned;
use serde_json::{Error, Value};

/// A byte order mark in UTF-8. JSON must not begin with one; a parser may ignore it (RFC 8259, 8.1), as documents are read.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A text as its type.
pub(crate) fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, Error> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let error: Error = match serde_json::from_slice(text) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let Ok(value) = serde_json::from_slice::<Value>(text) else { return Err(error) };
    // What was rounded must not pass for what was sent.
    let is_exact = std::str::from_utf8(text).is_ok_and(|text| super::rounded(text).is_none());
    if is_exact && let Some(typed) = again(value) {
        return Ok(typed);
    }
    // It is JSON; to an integer of 128 bits `1.0` is a fault of the syntax.
    Err(if error.is_data() { error } else { serde::de::Error::custom(error) })
}

/// A value as its type.
pub(crate) fn typed<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    T::deserialize(&value).or_else(|error| again(value).ok_or(error))
}

/// Tries again with whole numbers as integers, if there are any.
fn again<T: DeserializeOwned>(mut value: Value) -> Option<T> {
    settle(&mut value).then(|| serde_json::from_value(value).ok()).flatten()
}

/// Converts whole numbers to integers, and returns whether there were any. The reader bounds the depth of a `Value`.
fn settle(value: &mut Value) -> bool {
    match value {
        Value::Number(number) => {
            let float = number.as_f64().filter(|float| number.is_f64() && is_whole(*float));
            float.map(|float| *value = Value::from(float as i64)).is_some()
        }
        Value::Array(items) => items.iter_mut().fold(false, |any, item| settle(item) | any),
        Value::Object(entries) => entries.values_mut().fold(false, |any, entry| settle(entry) | any),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

/// Whether a number is an integer of 64 bits.
fn is_whole(number: f64) -> bool {
    number.fract() == 0.0 && number.abs() < (1_u64 << 63) as f64
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn whole_numbers_are_integers() {
        assert_eq!(super::read::<Vec<i32>>(b"[1.0, 2e1, -3]").unwrap(), [1, 20, -3]);
        assert_eq!(super::read::<Vec<f64>>(b"[1.0, 2]").unwrap(), [1.0, 2.0]);
        assert_eq!(super::read::<Vec<f64>>(b"\xEF\xBB\xBF[1.0, 2]").unwrap(), [1.0, 2.0]);
        assert!(super::read::<Vec<f64>>(b"\xEF\xBB\xBF\xEF\xBB\xBF[1.0, 2]").is_err());
        assert_eq!(super::typed::<(u64, String)>(json!([1e3, "1.0"])).unwrap(), (1000, "1.0".to_owned()));
        assert_eq!(super::read::<Vec<i128>>(b"[1.0, 2e1, 18446744073709551616]").ok(), None);
        assert_eq!(super::read::<Vec<i128>>(b"[1.0, 2e1]").unwrap(), [1, 20]);
        assert_eq!(super::read::<Vec<i64>>(b"[1e18]").unwrap(), [1_000_000_000_000_000_000]);
        assert!(super::read::<Vec<i64>>(b"[9007199254740993.0]").is_err());
        for (text, fault) in [
            ("[1.5]", "invalid type: floating point `1.5`, expected i32 at line 1 column 4"),
            ("[1e10]", "invalid type: floating point `10000000000.0`, expected i32 at line 1 column 5"),
            ("[1.0, true]", "invalid type: floating point `1.0`, expected i32 at line 1 column 4"),
        ] {
            assert_eq!(super::read::<Vec<i32>>(text.as_bytes()).unwrap_err().to_string(), fault);
        }
    }
}

//! Numbers that keep their digits: [`Number`] has any length, all other types have 64 bits.

use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;

/// The name with which serde_json returns the raw text of a value.
const RAW: &str = "$serde_json::private::RawValue";

/// A JSON number with its digits as written, `0.10` or `1e-30`: for numbers that a double would round.
///
/// It is exact in the JSON of a struct. Inside a branch of a union it has the precision of a double, since the branch
/// is selected after the value was read.
///
/// ```
/// use descant_runtime::Number;
///
/// let number: Number = serde_json::from_str("0.1000000000000000000001").unwrap();
/// assert_eq!(number.as_str(), "0.1000000000000000000001");
/// assert!("1.".parse::<Number>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number(Box<str>);

impl Number {
    /// Returns the digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the nearest double.
    pub fn as_f64(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Number {
    type Err = serde_json::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // White space is part of no number, though JSON allows it round one.
        let is_bare = !text.contains(|c: char| c.is_ascii_whitespace());
        let number = serde_json::from_str::<serde_json::Number>(text)?;
        if is_bare { Ok(Self(text.into())) } else { Err(Error::custom(format!("no bare number: {number}"))) }
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Self(number.to_string().into())
    }
}

impl From<u64> for Number {
    fn from(number: u64) -> Self {
        Self(number.to_string().into())
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(RAW, NumberVisitor)
    }
}

struct NumberVisitor;

impl<'de> Visitor<'de> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a number")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Number, A::Error> {
        let (_, text): (String, String) =
            map.next_entry()?.ok_or_else(|| Error::custom("a number was expected"))?;
        text.parse().map_err(|_| Error::custom(format_args!("invalid type: `{text}`, expected a number")))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Number, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_i64<E>(self, number: i64) -> Result<Number, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Number, E> {
        Ok(number.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Number, E> {
        serde_json::Number::from_f64(number)
            .map(|number| Number(number.to_string().into()))
            .ok_or_else(|| Error::custom("a number was expected"))
    }
}

/// The first number in a JSON text that a [`serde_json::Value`] would round.
pub(crate) fn rounded(json: &str) -> Option<&str> {
    let mut rest = json;
    loop {
        let at = rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit())?;
        let (_, from) = rest.split_at(at);
        rest = match from.strip_prefix('"') {
            Some(text) => after_string(text),
            None => {
                let end = from.find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'));
                let (number, rest) = from.split_at(end.unwrap_or(from.len()));
                if !is_kept(number) {
                    return Some(number);
                }
                rest
            }
        };
    }
}

/// Returns the text after the end of a string.
fn after_string(text: &str) -> &str {
    let mut escaped = false;
    let end = text.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    end.and_then(|end| text.get(end + 1..)).unwrap_or_default()
}

/// Whether 64 bits represent a number exactly: as an integer, or as a double whose shortest digits are those of the
/// text.
pub(crate) fn is_kept(number: &str) -> bool {
    const SURE: usize = 15;
    let few = number.len() <= SURE && !number.contains(['e', 'E']);
    few || serde_json::from_str::<serde_json::Number>(number)
        .is_ok_and(|read| digits(number) == digits(&read.to_string()))
}

/// A number as its sign, its digits without zeros round them, and the power of ten of the last.
fn digits(number: &str) -> (bool, String, i64) {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{}{fraction}", whole.trim_start_matches('-'));
    let kept = all.trim_start_matches('0').trim_end_matches('0');
    if kept.is_empty() {
        return (false, String::new(), 0);
    }
    let dropped = all.len() - all.trim_end_matches('0').len();
    let shift =
        i64::try_from(dropped).unwrap_or(i64::MAX) - i64::try_from(fraction.len()).unwrap_or(i64::MAX);
    (
        number.starts_with('-'),
        kept.to_owned(),
        exponent.parse::<i64>().unwrap_or(i64::MAX).saturating_add(shift),
    )
}

#[cfg(test)]
mod tests {
    use super::{Number, is_kept, rounded};

    #[test]
    fn what_a_double_rounds_is_found() {
        for kept in [
            "0",
            "-0.0",
            "0.1",
            "19.990",
            "1e300",
            "1E+2",
            "18446744073709551615",
            "-9223372036854775808",
            "0.30000000000000004",
            "1.5e-7",
        ] {
            assert!(is_kept(kept), "{kept}");
        }
        for lost in [
            "18446744073709551617",
            "36893488147419103232",
            "-9223372036854775809",
            "0.1000000000000000000001",
            "9007199254740993.0",
            "1267650600228229401496703205377",
            "1e400",
            "1e-400",
        ] {
            assert!(!is_kept(lost), "{lost}");
            assert_eq!(rounded(&format!(r#"{{"a\"1{lost}": [1, "{lost}\\", {lost}]}}"#)), Some(lost));
        }
        assert_eq!(rounded(r#"{"a": "18446744073709551617"}"#), None);
    }

    #[test]
    fn numbers_keep_their_digits_in_json() {
        for text in ["0.10", "-1", "1e-30", "340282366920938463463374607431768211456"] {
            let number: Number = serde_json::from_str(text).unwrap();
            assert_eq!(
                (number.as_str(), serde_json::to_string(&[&number]).unwrap()),
                (text, format!("[{text}]"))
            );
            assert_eq!(
                serde_json::from_str::<Vec<Option<Number>>>(&format!("[{text}, null]")).unwrap()[0],
                Some(number)
            );
        }
        for wrong in ["\"1\"", "true", "{}", "[1]", "null"] {
            assert!(serde_json::from_str::<Number>(wrong).is_err(), "{wrong}");
            assert!(wrong.parse::<Number>().is_err(), "{wrong}");
        }
        assert!(" 1".parse::<Number>().is_err());
    }
}

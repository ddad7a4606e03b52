//! What JSON text must not have and readers pass over: a byte order mark (RFC 8259, 8.1) and names that occur twice (4).

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

macro_rules! scalars {
    ($value:expr, $($visit:ident: $type:ty),*) => {
        $(fn $visit<E>(self, _: $type) -> Result<Self::Value, E> {
            Ok($value)
        })*
    };
}

/// Returns what is wrong with the text that was read as a JSON value.
pub(crate) fn flaw(text: &[u8], value: &Value) -> Option<String> {
    if text.starts_with("\u{feff}".as_bytes()) {
        return Some("it begins with a byte order mark (RFC 8259, 8.1)".to_owned());
    }
    // The value has one member for each name: as many as the text has, or names occur twice.
    if serde_json::from_slice::<Count>(text).ok()?.0 == members(value) {
        return None;
    }
    let name = serde_json::from_slice::<Twice>(text).ok()?.0?;
    let name: String = name.chars().take(60).collect();
    Some(format!("the name {name:?} occurs twice in an object (RFC 8259, 4)"))
}

/// Returns the number of members of all objects in a value.
fn members(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(members).sum(),
        Value::Object(object) => object.len() + object.values().map(members).sum::<usize>(),
        _ => 0,
    }
}

/// The number of members of all objects in a text.
struct Count(usize);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Counter)
    }
}

struct Counter;

impl<'de> Visitor<'de> for Counter {
    type Value = Count;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    scalars!(Count(0), visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn visit_unit<E>(self) -> Result<Count, E> {
        Ok(Count(0))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Count, A::Error> {
        let mut count = 0;
        while let Some(Count(item)) = items.next_element()? {
            count += item;
        }
        Ok(Count(count))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Count, A::Error> {
        let mut count = 0;
        while members.next_key::<IgnoredAny>()?.is_some() {
            count += 1 + members.next_value::<Count>()?.0;
        }
        Ok(Count(count))
    }
}

/// The first name that occurs twice in one object.
struct Twice(Option<String>);

impl<'de> Deserialize<'de> for Twice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Seeker)
    }
}

struct Seeker;

impl<'de> Visitor<'de> for Seeker {
    type Value = Twice;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    scalars!(Twice(None), visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn visit_unit<E>(self) -> Result<Twice, E> {
        Ok(Twice(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Twice, A::Error> {
        while let Some(item) = items.next_element::<Twice>()? {
            if item.0.is_some() {
                while items.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(item);
            }
        }
        Ok(Twice(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Twice, A::Error> {
        let mut names: HashSet<String> = HashSet::new();
        let mut found = None;
        while let Some(name) = members.next_key::<String>()? {
            if found.is_some() {
                members.next_value::<IgnoredAny>()?;
                continue;
            }
            found = members.next_value::<Twice>()?.0;
            if !names.insert(name.clone()) {
                found = Some(name);
            }
        }
        Ok(Twice(found))
    }
}

#[cfg(test)]
mod tests {
    use super::flaw;

    #[test]
    fn names_that_occur_twice_are_found_at_any_depth() {
        let check = |text: &str, expected: Option<&str>| {
            let value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
            assert_eq!(flaw(text.as_bytes(), &value).as_deref(), expected, "{text}");
        };
        check(r#"{"a": 1, "b": [null, 2.5, "x", true, {"a": -1}]}"#, None);
        check(r#"{"a": 1, "a": 2}"#, Some("the name \"a\" occurs twice in an object (RFC 8259, 4)"));
        check(
            r#"[{"x": {"b": 1, "b": 2, "c": 3}}, 4]"#,
            Some("the name \"b\" occurs twice in an object (RFC 8259, 4)"),
        );
        check("\u{feff}{}", Some("it begins with a byte order mark (RFC 8259, 8.1)"));
        check(r#"["a", "a", {"b": {}, "c": [{}, {"b": {}}]}]"#, None);
    }
}

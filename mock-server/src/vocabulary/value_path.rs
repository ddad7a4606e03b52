//! Paths of member names into JSON values, as from a response to the item in its envelope.

pub(crate) use descant_exchange::names::fold;
use serde_json::{Map, Value};

/// The names of the members from a value to a part of it; empty for the value itself.
pub(crate) type ValuePath = Vec<String>;

/// Returns the value at a path.
pub(crate) fn at<'a>(value: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, name| value.get(name))
}

/// Replaces the value at a path; objects are created where the path has none.
pub(crate) fn put(mut value: Value, path: &[String], inner: Value) -> Value {
    let Some((name, rest)) = path.split_first() else { return inner };
    if !value.is_object() {
        value = Value::Object(Map::new());
    }
    if let Some(object) = value.as_object_mut() {
        let below = object.get_mut(name).map(Value::take).unwrap_or_default();
        object.insert(name.clone(), put(below, rest, inner));
    }
    value
}

/// Returns a value as text: a string without quotes, anything else as JSON.
pub(crate) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_put_where_it_is_found() {
        let check = |value: Value, path: &[&str], expected: Value| {
            let path: ValuePath = path.iter().map(|name| (*name).to_owned()).collect();
            let found = put(value, &path, json!(1));
            assert_eq!(found, expected, "at {path:?}");
            assert_eq!(at(&found, &path), Some(&json!(1)), "at {path:?}");
        };
        check(json!({"a": 2}), &[], json!(1));
        check(json!({"a": 2, "b": 3}), &["a"], json!({"a": 1, "b": 3}));
        check(json!("text"), &["a", "b"], json!({"a": {"b": 1}}));
        check(json!({"a": {"c": 2}}), &["a", "b"], json!({"a": {"c": 2, "b": 1}}));
    }
}

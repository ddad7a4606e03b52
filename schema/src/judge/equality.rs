//! Equality of JSON values (JSON Schema Core §4.2.2): numbers by value, objects without order.

use std::{
    cmp::Ordering,
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    ops::Deref,
    sync::OnceLock,
};

use rustc_hash::FxHashMap;
use serde_json::Value;

use crate::decimal;

pub(crate) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || decimal::compare(a, b) == Ordering::Equal,
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| equal(a, b)))
        }
        _ => a == b,
    }
}

/// Whether no two of `items` are equal; in about as many steps as there are items.
pub(crate) fn are_distinct(items: &[Value]) -> bool {
    let Some((last, rest)) = items.split_last() else { return true };
    if items.len() <= 8 {
        return !rest.iter().any(|item| equal(item, last)) && are_distinct(rest);
    }
    let mut seen: HashMap<u64, Vec<&Value>> = HashMap::with_capacity(items.len());
    items.iter().all(|item| {
        let alike = seen.entry(digest(item)).or_default();
        let is_new = !alike.iter().any(|known| equal(known, item));
        alike.push(item);
        is_new
    })
}

/// Values of which one is sought: an `enum` may list tens of thousands.
#[derive(Debug, Default)]
pub(crate) struct List {
    values: Vec<Value>,
    /// The positions of values by their hash, found when they are first needed.
    places: OnceLock<FxHashMap<u64, Vec<u32>>>,
}

/// Lists up to this length are read from the start.
const SHORT: usize = 16;

impl From<Vec<Value>> for List {
    fn from(values: Vec<Value>) -> List {
        List { values, places: OnceLock::new() }
    }
}

impl Deref for List {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.values
    }
}

impl List {
    /// Whether one of them equals `value`.
    pub(crate) fn holds(&self, value: &Value) -> bool {
        if self.values.len() <= SHORT {
            return self.values.iter().any(|known| equal(known, value));
        }
        let places = self.places.get_or_init(|| {
            let mut places: FxHashMap<u64, Vec<u32>> = FxHashMap::default();
            for (place, value) in (0..).zip(&self.values) {
                places.entry(digest(value)).or_default().push(place);
            }
            places
        });
        let alike = places.get(&digest(value)).into_iter().flatten();
        alike.filter_map(|place| self.values.get(*place as usize)).any(|known| equal(known, value))
    }
}

/// A hash that equal values share.
fn digest(value: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    match value {
        Value::Null => 0_u8.hash(&mut hasher),
        Value::Bool(value) => (1_u8, value).hash(&mut hasher),
        Value::Number(number) => match decimal::whole(number) {
            Some(whole) => (2_u8, whole).hash(&mut hasher),
            None => (3_u8, number.as_f64().map(f64::to_bits)).hash(&mut hasher),
        },
        Value::String(text) => (4_u8, text).hash(&mut hasher),
        Value::Array(items) => {
            5_u8.hash(&mut hasher);
            items.iter().for_each(|item| digest(item).hash(&mut hasher));
        }
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                let mut hasher = DefaultHasher::new();
                (name, digest(value)).hash(&mut hasher);
                hasher.finish()
            };
            (6_u8, members.iter().map(member).fold(0, u64::wrapping_add)).hash(&mut hasher);
        }
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn equality_is_by_worth() {
        for (a, b, are_equal) in [
            (json!(1), json!(1.0), true),
            (json!({"a": 1, "b": [2.0]}), json!({"b": [2], "a": 1.0}), true),
            (json!(9_007_199_254_740_993_u64), json!(9_007_199_254_740_992.0), false),
            (json!(0), json!(false), false),
            (json!([1, 2]), json!([2, 1]), false),
        ] {
            assert_eq!(equal(&a, &b), are_equal, "{a} {b}");
            let many =
                |last: &Value| (10..30).map(Value::from).chain([a.clone(), last.clone()]).collect::<Vec<_>>();
            assert_eq!(are_distinct(&many(&b)), !are_equal, "{a} {b} among many");
            assert_eq!(List::from(many(&a)).holds(&b), are_equal, "{b} in a list of {a}");
            assert_eq!(are_distinct(&[a, b]), !are_equal);
        }
    }
}

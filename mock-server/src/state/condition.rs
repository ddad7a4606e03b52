//! Conditions on the items of a list beside equality: a text that occurs in them, and bounds of a property, by the
//! customary names of query parameters.

use std::cmp::Ordering;

use serde_json::Value;

use crate::vocabulary::value_path::{fold, plain};

/// The names of parameters that search.
const SEARCHES: &[&str] =
    &["q", "query", "search", "searchquery", "searchterm", "term", "keyword", "keywords"];
/// Beginnings and ends of the names of bounds, without case and separators.
const STARTS: &[(&str, Bound)] = &[
    ("minimum", Bound::AtLeast),
    ("maximum", Bound::AtMost),
    ("min", Bound::AtLeast),
    ("max", Bound::AtMost),
];
const ENDS: &[(&str, Bound)] = &[
    ("gte", Bound::AtLeast),
    ("lte", Bound::AtMost),
    ("gt", Bound::Above),
    ("lt", Bound::Below),
    ("min", Bound::AtLeast),
    ("max", Bound::AtMost),
    ("from", Bound::AtLeast),
    ("since", Bound::AtLeast),
    ("after", Bound::Above),
    ("to", Bound::AtMost),
    ("until", Bound::AtMost),
    ("before", Bound::Below),
];
/// What the property may have that the name of its bound has not: `createdAfter` bounds `createdAt`.
const TAILS: &[&str] = &["", "at", "on", "date", "time"];
/// The values of one item that are searched.
const MOST: usize = 1_000;

/// A bound of a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// At least the value.
    AtLeast,
    /// More than the value.
    Above,
    /// At most the value.
    AtMost,
    /// Less than the value.
    Below,
}

/// A condition on the items of a list.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// A text of the item contains this one, in any case.
    Contains(String),
    /// A property is within a bound.
    Within {
        /// The name of the property.
        property: String,
        /// The bound.
        bound: Bound,
        /// Its value.
        value: Value,
    },
}

/// Whether a parameter searches.
pub(super) fn is_search(parameter: &str) -> bool {
    SEARCHES.contains(&fold(parameter).as_str())
}

/// Returns the property that a parameter bounds, `minPrice` or `created_before`; `None` where it bounds none of them.
pub(super) fn bounded(parameter: &str, properties: &[&str]) -> Option<(String, Bound)> {
    let folded = fold(parameter);
    let starts = STARTS.iter().filter_map(|(start, bound)| Some((folded.strip_prefix(start)?, bound)));
    let ends = ENDS.iter().filter_map(|(end, bound)| Some((folded.strip_suffix(end)?, bound)));
    let mut candidates = starts.chain(ends).filter(|(stem, _)| !stem.is_empty());
    candidates.find_map(|(stem, bound)| {
        let is_it =
            |property: &&&str| fold(property).strip_prefix(stem).is_some_and(|tail| TAILS.contains(&tail));
        properties.iter().find(is_it).map(|property| ((*property).to_owned(), *bound))
    })
}

impl Condition {
    /// Whether an item meets the condition. An item without the property does not.
    pub(super) fn admits(&self, item: &Value) -> bool {
        match self {
            Self::Contains(text) => contains(item, &text.to_lowercase()),
            Self::Within { property, bound, value } => item.get(property).is_some_and(|has| {
                compared(has, value).is_some_and(|order| match bound {
                    Bound::AtLeast => order != Ordering::Less,
                    Bound::Above => order == Ordering::Greater,
                    Bound::AtMost => order != Ordering::Greater,
                    Bound::Below => order == Ordering::Less,
                })
            }),
        }
    }
}

fn contains(item: &Value, text: &str) -> bool {
    let mut open = vec![item];
    let mut seen = 0;
    while let Some(value) = open.pop().filter(|_| seen < MOST) {
        seen += 1;
        match value {
            Value::String(has) if has.to_lowercase().contains(text) => return true,
            Value::Array(items) => open.extend(items),
            Value::Object(members) => open.extend(members.values()),
            _ => {}
        }
    }
    false
}

/// Compares numbers, or texts such as dates; a date that is shorter than a time of that day is compared as the day.
fn compared(has: &Value, wanted: &Value) -> Option<Ordering> {
    if let Some(has) = has.as_f64() {
        let wanted = wanted.as_f64().or_else(|| plain(wanted).parse().ok())?;
        return has.partial_cmp(&wanted);
    }
    let (has, wanted) = (has.as_str()?, plain(wanted));
    let is_day = wanted.len() == 10 && has.as_bytes().get(10).is_some_and(|byte| matches!(byte, b'T' | b' '));
    let has = has.get(..wanted.len()).filter(|_| is_day).unwrap_or(has);
    Some(has.cmp(&wanted))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_bound_properties() {
        let check = |parameter: &str, expected: Option<(&str, Bound)>| {
            let properties = ["price", "createdAt", "minAge", "total_max"];
            let found = bounded(parameter, &properties);
            assert_eq!(found, expected.map(|(name, bound)| (name.to_owned(), bound)), "{parameter}");
        };
        check("minPrice", Some(("price", Bound::AtLeast)));
        check("price_lte", Some(("price", Bound::AtMost)));
        check("price[gt]", Some(("price", Bound::Above)));
        check("created_before", Some(("createdAt", Bound::Below)));
        check("createdAfter", Some(("createdAt", Bound::Above)));
        check("max", None);
        check("after", None);
        check("maxAge", None);
        check("maxResults", None);
    }

    #[test]
    fn items_meet_conditions() {
        let item =
            json!({"price": 9.5, "createdAt": "2026-03-04T10:00:00Z", "tags": [{"name": "Blue Lamp"}]});
        let within = |property: &str, bound: Bound, value: Value| {
            Condition::Within { property: property.to_owned(), bound, value }.admits(&item)
        };
        assert!(within("price", Bound::AtLeast, json!(9.5)) && within("price", Bound::AtMost, json!("9.5")));
        assert!(!within("price", Bound::Above, json!(9.5)) && !within("price", Bound::Below, json!(9)));
        assert!(!within("weight", Bound::AtLeast, json!(0)) && !within("price", Bound::AtLeast, json!("x")));
        assert!(within("createdAt", Bound::AtMost, json!("2026-03-04")));
        assert!(!within("createdAt", Bound::Below, json!("2026-03-04")));
        assert!(within("createdAt", Bound::Above, json!("2026-03-04T09:59:59Z")));
        assert!(Condition::Contains("LAMP".to_owned()).admits(&item));
        assert!(!Condition::Contains("chair".to_owned()).admits(&item));
    }
}

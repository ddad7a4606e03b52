//! The sample feeds, and their filters.

use std::cmp::Ordering;

use serde_json::{Map, Value};

/// The filterable fields: those of the feed, and two that responses do not contain.
const KEPT: [&str; 2] = ["sync_to_website", "type"];
/// A comparable value.
const FIELDS: [&str; 5] = ["name", "slug", "description", "sync_to_website", "type"];

/// An invalid filter, with a message for the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FilterError(pub(crate) String);

/// Returns the feeds that match `field:operator:value`.
pub(crate) fn find(
    feeds: &[Value],
    filter: Option<&str>,
    with_items: bool,
) -> Result<Vec<Value>, FilterError> {
    let mut found = Vec::new();
    for feed in feeds.iter().filter_map(Value::as_object) {
        if filter.map_or(Ok(true), |filter| meets(feed, filter))? {
            let shown = |name: &str| !KEPT.contains(&name) && (with_items || name != "items");
            let shown = feed
                .iter()
                .filter(|(name, _)| shown(name))
                .map(|(name, value)| (name.clone(), value.clone()));
            found.push(Value::Object(shown.collect()));
        }
    }
    Ok(found)
}

fn meets(feed: &Map<String, Value>, filter: &str) -> Result<bool, FilterError> {
    let mut parts = filter.splitn(3, ':');
    let (field, operator) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let wanted = parts.next().unwrap_or_default();
    if !FIELDS.contains(&field) {
        return Err(FilterError(format!("The field {field} cannot be filtered by.")));
    }
    let order = match feed.get(field) {
        Some(Value::Number(number)) => {
            number.as_f64().zip(wanted.parse().ok()).and_then(|(a, b): (f64, f64)| a.partial_cmp(&b))
        }
        Some(Value::String(text)) => Some(text.as_str().cmp(wanted)),
        _ => None,
    };
    match operator {
        "eq" => Ok(order == Some(Ordering::Equal)),
        "ne" | "neq" => Ok(order != Some(Ordering::Equal)),
        "gt" => Ok(order == Some(Ordering::Greater)),
        "gte" => Ok(matches!(order, Some(Ordering::Greater | Ordering::Equal))),
        "lt" => Ok(order == Some(Ordering::Less)),
        "lte" => Ok(matches!(order, Some(Ordering::Less | Ordering::Equal))),
        _ => Err(FilterError(format!("There is no operator {operator}."))),
    }
}

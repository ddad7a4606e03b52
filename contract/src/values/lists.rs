//! Lists whose order tells: neither sorted nor, read backwards, sorted.

use std::cmp::Ordering;

use descant_model::api::SchemaId;
use serde_json::{Map, Value};

use super::Values;
use crate::resource::plain_text;

/// How many samples the items of lists are taken from.
const SAMPLES: u64 = 6;
/// The fewest items of a list whose order tells.
const ITEMS: usize = 3;

impl Values {
    /// Puts other items into the lists of scalars that `base` does not state, so that their order tells, where the schema
    /// admits them.
    pub(super) fn with_telling_lists(
        &self,
        schema: SchemaId,
        value: Value,
        base: &Value,
        number: u64,
    ) -> Value {
        let lists = value.as_object().into_iter().flatten().filter(|(_, value)| value.is_array());
        let names: Vec<String> =
            lists.map(|(name, _)| name.clone()).filter(|name| base.get(name).is_none()).collect();
        if names.is_empty() {
            return value;
        }
        let samples: Vec<Value> =
            (0..SAMPLES).filter_map(|more| self.other(Some(schema), number + more).ok()).collect();
        let mut telling = value;
        for name in names {
            let Some(items) = items(samples.iter().filter_map(Value::as_object), &name) else { continue };
            let mut changed = telling.clone();
            let Some(member) = changed.get_mut(&name) else { continue };
            *member = Value::Array(items);
            if self.accepts(Some(schema), &changed) {
                telling = changed;
            }
        }
        telling
    }
}

/// The middle one, the last one and the first one of the scalars of a list.
fn items<'s>(samples: impl Iterator<Item = &'s Map<String, Value>>, name: &str) -> Option<Vec<Value>> {
    let lists = samples.filter_map(|sample| sample.get(name)?.as_array());
    let mut items: Vec<Value> =
        lists.flatten().filter(|it| it.is_string() || it.is_number()).cloned().collect();
    items.sort_by(scalar_order);
    items.dedup_by(|a, b| scalar_order(a, b).is_eq());
    items.truncate(ITEMS);
    if items.len() < ITEMS {
        return None;
    }
    items.rotate_left(1);
    Some(items)
}

/// The order of two scalars: of numbers by their value, of others by their text, whatever its case.
pub(crate) fn scalar_order(a: &Value, b: &Value) -> Ordering {
    match a.as_f64().zip(b.as_f64()) {
        Some((a, b)) => a.total_cmp(&b),
        None => plain_text(a).to_lowercase().cmp(&plain_text(b).to_lowercase()),
    }
}

//! Which properties `readOnly` and `writeOnly` hide, and in which direction (OAS 4.8.24).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Sources;
use crate::{node::Hidden, pointer};

/// How many schemas are looked at for the properties of one: enough for real hierarchies, little for a hostile one.
const REACH: usize = 256;

/// The properties that are hidden in some direction, among those that apply to an instance of `schema` in place:
/// its own, and those of `allOf`, `oneOf`, `anyOf` and `$ref`.
pub(super) fn hidden<'a>(schema: &'a Map<String, Value>, sources: &'a Sources) -> BTreeMap<&'a str, Hidden> {
    let mut names = BTreeMap::new();
    for schema in family(schema, sources, &["allOf", "oneOf", "anyOf"]) {
        let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        let marked = properties.map(|(name, property)| (name.as_str(), marks(property, sources)));
        names.extend(marked.filter(|(_, hidden)| *hidden != Hidden::default()));
    }
    names
}

/// In which directions a property is hidden: its schema says so, itself or by `$ref` or `allOf`.
pub(super) fn marks(property: &Value, sources: &Sources) -> Hidden {
    let Some(schema) = property.as_object() else { return Hidden::default() };
    let is_marked = |keyword| {
        let marked = |schema: &Map<String, Value>| schema.get(keyword) == Some(&Value::Bool(true));
        marked(schema) || family(schema, sources, &["allOf"]).into_iter().any(marked)
    };
    Hidden { in_request: is_marked("readOnly"), in_response: is_marked("writeOnly") }
}

/// A schema and those that judge the same value by the named applicators or `$ref`, at most [`REACH`] of them.
fn family<'a>(
    schema: &'a Map<String, Value>,
    sources: &'a Sources,
    applicators: &[&str],
) -> Vec<&'a Map<String, Value>> {
    let mut members = vec![schema];
    let mut next = 0;
    while let Some(schema) = members.get(next).copied() {
        next += 1;
        let listed = applicators.iter().filter_map(|keyword| schema.get(*keyword)?.as_array()).flatten();
        let target = schema.get("$ref").and_then(Value::as_str).and_then(pointer::definition);
        let referred = target.and_then(|key| sources.get(&key)).map(|source| &**source);
        for member in listed.chain(referred).filter_map(Value::as_object) {
            if members.len() < REACH && !members.iter().any(|known| std::ptr::eq(*known, member)) {
                members.push(member);
            }
        }
    }
    members
}

//! Which way a value travels, and what `readOnly` and `writeOnly` then make of a property (OAS 4.8.24).

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Which way a value travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// From client to server: `readOnly` properties are not required.
    Request,
    /// From server to client: `writeOnly` properties are not required.
    #[default]
    Response,
}

impl Direction {
    /// The annotation that hides a property in this direction.
    pub(crate) fn hides(self) -> &'static str {
        match self {
            Direction::Request => "readOnly",
            Direction::Response => "writeOnly",
        }
    }
}

/// How many schemas are looked at for the properties of one: enough for real hierarchies, little for a hostile one.
const REACH: usize = 256;

/// The names of the properties that are hidden in `direction`, among those that apply to an instance of `schema`
/// in place: its own, and those of `allOf`, `oneOf`, `anyOf` and `$ref`.
pub(crate) fn hidden<'a>(
    schema: &'a Map<String, Value>,
    defs: &'a Map<String, Value>,
    direction: Direction,
) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::new();
    for schema in family(schema, defs, &["allOf", "oneOf", "anyOf"]) {
        let Some(Value::Object(properties)) = schema.get("properties") else { continue };
        let hidden = properties.iter().filter(|(_, property)| is_hidden(property, defs, direction));
        names.extend(hidden.map(|(name, _)| name.as_str()));
    }
    names
}

/// Whether a property's schema carries the annotation, itself or by `$ref` or `allOf`.
pub(crate) fn is_hidden(property: &Value, defs: &Map<String, Value>, direction: Direction) -> bool {
    let Some(schema) = property.as_object() else { return false };
    let marked = |schema: &Map<String, Value>| schema.get(direction.hides()) == Some(&Value::Bool(true));
    marked(schema) || family(schema, defs, &["allOf"]).into_iter().any(marked)
}

/// A schema and those that judge the same instance by the named applicators or `$ref`, at most [`REACH`] of them.
fn family<'a>(
    schema: &'a Map<String, Value>,
    defs: &'a Map<String, Value>,
    applicators: &[&str],
) -> Vec<&'a Map<String, Value>> {
    let mut members = vec![schema];
    let mut next = 0;
    while let Some(schema) = members.get(next).copied() {
        next += 1;
        let listed = applicators.iter().filter_map(|keyword| schema.get(*keyword)?.as_array()).flatten();
        let target = schema.get("$ref").and_then(Value::as_str).and_then(crate::pointer::definition);
        let referred = target.and_then(|key| defs.get(&key));
        for member in listed.chain(referred).filter_map(Value::as_object) {
            if members.len() < REACH && !members.iter().any(|known| std::ptr::eq(*known, member)) {
                members.push(member);
            }
        }
    }
    members
}

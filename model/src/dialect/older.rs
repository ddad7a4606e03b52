//! Keywords of 2.0, 3.0 and older drafts in the words of 2020-12, where that takes more than one of them.

use serde_json::{Map, Value};

/// Rewrites what older versions say otherwise. `legacy`: the schema is of 3.0 or before.
pub(super) fn rewrite(schema: &mut Map<String, Value>, legacy: bool) {
    bounds(schema);
    tuples(schema);
    dependencies(schema);
    binary(schema, legacy);
}

/// `exclusiveMinimum: true` beside `minimum` is `exclusiveMinimum` with a number.
fn bounds(schema: &mut Map<String, Value>) {
    for (exclusive, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        if let Some(Value::Bool(is_exclusive)) = schema.get(exclusive).cloned() {
            schema.shift_remove(exclusive);
            let bound = if is_exclusive { schema.shift_remove(bound) } else { None };
            schema.extend(bound.map(|bound| (exclusive.to_owned(), bound)));
        }
    }
}

/// A list of `items` is `prefixItems`, and `additionalItems` are its `items`.
fn tuples(schema: &mut Map<String, Value>) {
    let rest = schema.shift_remove("additionalItems");
    if let Some(Value::Array(_)) = schema.get("items") {
        let items = schema.shift_remove("items").unwrap_or_default();
        schema.insert("prefixItems".to_owned(), items);
        schema.extend(rest.map(|rest| ("items".to_owned(), rest)));
    }
}

/// `dependencies` is `dependentRequired` where it names properties, `dependentSchemas` where it holds schemas.
fn dependencies(schema: &mut Map<String, Value>) {
    let Some(Value::Object(dependencies)) = schema.shift_remove("dependencies") else { return };
    let (names, schemas): (Map<_, _>, Map<_, _>) =
        dependencies.into_iter().partition(|(_, value)| value.is_array());
    for (keyword, map) in [("dependentRequired", names), ("dependentSchemas", schemas)] {
        if !map.is_empty() {
            schema.insert(keyword.to_owned(), Value::Object(map));
        }
    }
}

/// 2.0's `type: file` and 3.0's `format: byte`, which 2020-12 says by its content keywords.
fn binary(schema: &mut Map<String, Value>, legacy: bool) {
    if schema.get("type").is_some_and(|kind| kind == "file") {
        schema.insert("type".to_owned(), "string".into());
        schema.insert("format".to_owned(), "binary".into());
    }
    if legacy && schema.get("format").is_some_and(|format| format == "byte") {
        schema.insert("contentEncoding".to_owned(), "base64".into());
    }
}

//! `nullable: true` in the words of 2020-12. OpenAPI 3.0.3 lets it act on `type` alone; documents mean more by it, and
//! what they mean is clear: whatever else the schema says, null is fine too.

use serde_json::{Map, Value, json};

use super::keywords::is_annotation;

/// Lets a schema, whose other keywords are canonical already, take null too.
pub(super) fn allow_null(schema: Map<String, Value>) -> Map<String, Value> {
    const WHOLE: &[&str] = &["$ref", "allOf", "not", "if", "const"];
    let choices = ["oneOf", "anyOf"].iter().filter(|keyword| schema.contains_key(**keyword)).count();
    if choices > 1 || WHOLE.iter().any(|keyword| schema.contains_key(*keyword)) {
        return beside_null(schema);
    }
    let mut schema = schema;
    if let Some(types) = schema.get_mut("type") {
        *types = with_null_type(types.take());
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        with(values, Value::Null);
    }
    for keyword in ["oneOf", "anyOf"] {
        if let Some(Value::Array(branches)) = schema.get_mut(keyword) {
            with(branches, json!({"type": "null"}));
        }
    }
    schema
}

/// `anyOf` the schema and null; annotations stay outside.
fn beside_null(schema: Map<String, Value>) -> Map<String, Value> {
    let (mut outside, inside): (Map<_, _>, Map<_, _>) =
        schema.into_iter().partition(|(keyword, _)| is_annotation(keyword));
    outside.insert("anyOf".to_owned(), json!([inside, {"type": "null"}]));
    outside
}

fn with_null_type(types: Value) -> Value {
    let mut list = match types {
        Value::Array(list) => list,
        single => vec![single],
    };
    with(&mut list, "null".into());
    Value::Array(list)
}

fn with(list: &mut Vec<Value>, value: Value) {
    if !list.contains(&value) {
        list.push(value);
    }
}

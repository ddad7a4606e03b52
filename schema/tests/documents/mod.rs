//! The schemas of real OpenAPI documents, as a front end would hand them over: a small reader for tests alone.

use std::path::{Path, PathBuf};

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value, json};

/// `components.schemas` of a document of the corpus in the 2020-12 dialect, or `None` where the corpus is missing.
pub(crate) fn schemas(file: &str) -> Option<Map<String, Value>> {
    let shared = std::env::var_os("DESCANT_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"));
    let Ok(text) = std::fs::read_to_string(shared.join("corpus/dev").join(file)) else {
        eprintln!("skipped: {file} is not there");
        return None;
    };
    let document = if file.ends_with("json") { serde_json::from_str(&text).unwrap() } else { yaml(&text) };
    let old = document["openapi"].as_str().is_some_and(|version| version.starts_with("3.0"));
    let schemas = document["components"]["schemas"].as_object().cloned().unwrap_or_default();
    Some(schemas.into_iter().map(|(key, schema)| (key, dialect(schema, old))).collect())
}

/// What 3.0 says otherwise than 2020-12: `nullable`, boolean exclusive bounds, nothing beside `$ref`.
fn dialect(schema: Value, old: bool) -> Value {
    let mut members = match schema {
        Value::Object(members) => members,
        Value::Array(items) => return items.into_iter().map(|item| dialect(item, old)).collect(),
        other => return other,
    };
    if let Some(Value::String(target)) = members.get("$ref") {
        let target = target.replace("#/components/schemas/", "#/$defs/");
        if old {
            return json!({"$ref": target});
        }
        members.insert("$ref".to_owned(), target.into());
    }
    let nullable = members.get("nullable") == Some(&Value::Bool(true));
    for (exclusive, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        if members.get(exclusive).is_some_and(Value::is_boolean)
            && members.shift_remove(exclusive) == Some(Value::Bool(true))
        {
            members.shift_remove(bound).map(|bound| members.insert(exclusive.to_owned(), bound));
        }
    }
    let plain = ["example", "examples", "default", "enum", "const", "required"];
    let rewritten = members.into_iter().map(|(name, value)| {
        let value = if plain.contains(&name.as_str()) { value } else { dialect(value, old) };
        (name, value)
    });
    let rewritten = Value::Object(rewritten.collect());
    if old && nullable { json!({"anyOf": [rewritten, {"type": "null"}]}) } else { rewritten }
}

/// Enough of YAML for documents: no merge keys, no tags.
fn yaml(text: &str) -> Value {
    let mut open: Vec<(Value, Option<String>)> = vec![(Value::Null, None)];
    for event in Parser::new_from_str(text) {
        let finished = match event.unwrap().0 {
            Event::MappingStart(..) => {
                open.push((json!({}), None));
                continue;
            }
            Event::SequenceStart(..) => {
                open.push((json!([]), None));
                continue;
            }
            Event::MappingEnd | Event::SequenceEnd => open.pop().unwrap().0,
            Event::Scalar(text, style, ..) => scalar(&text, style),
            _ => continue,
        };
        let (parent, key) = open.last_mut().unwrap();
        match (parent, key.take()) {
            (Value::Array(items), _) => items.push(finished),
            (Value::Object(members), Some(name)) => drop(members.insert(name, finished)),
            (Value::Object(_), None) => {
                *key = Some(finished.as_str().map(str::to_owned).unwrap_or_else(|| finished.to_string()));
            }
            (parent, _) => *parent = finished,
        }
    }
    open.pop().unwrap().0
}

fn scalar(text: &str, style: ScalarStyle) -> Value {
    match (style, text) {
        (ScalarStyle::Plain, "" | "~" | "null") => Value::Null,
        (ScalarStyle::Plain, "true" | "false") => Value::Bool(text == "true"),
        (ScalarStyle::Plain, _) => match serde_json::from_str(text) {
            Ok(Value::Number(number)) => Value::Number(number),
            _ => text.into(),
        },
        _ => text.into(),
    }
}

//! The value that an example call gives a parameter: the document's own, as Rust would write it.

use serde_json::Value;

use descant_model::api::{ExampleValue, Parameter, Schemas};

/// Texts longer than this would hide the call that they are to show.
const MAX_LENGTH: usize = 40;

/// A Rust literal of the parameter's first example, else of its schema's; `None` where there is none, or it is no
/// short scalar.
pub(super) fn literal(schemas: &Schemas, parameter: &Parameter) -> Option<String> {
    let own = parameter.examples.iter().find_map(|example| match &example.value {
        ExampleValue::Data(value) => Some(&**value),
        ExampleValue::Serialized(_) | ExampleValue::External(_) => None,
    });
    let schema = parameter.schema.and_then(|id| schemas.schema(id));
    let of_schema = || schema?.examples()?.first();
    match own.or_else(of_schema)? {
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(value) => Some(value.to_string()),
        Value::String(text) if text.len() <= MAX_LENGTH && text.chars().all(plain) => {
            Some(format!("{text:?}"))
        }
        _ => None,
    }
}

fn plain(c: char) -> bool {
    c == ' ' || c.is_ascii_graphic()
}

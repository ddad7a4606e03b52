//! What text stands for: the value of the narrowest kind that its schema admits (ARCHITECTURE.md, "Schemas").

#![allow(clippy::unwrap_used, reason = "a test may")]

use descant_model::api::SchemaId;
use descant_model::schema::from_json;
use serde_json::{Value, json};

/// `read` are texts with the values that they stand for.
#[track_caller]
fn check(schema: Value, read: &[(&str, Value)]) {
    let (schemas, flaws) = from_json(&schema);
    assert_eq!(flaws, [], "{schema}");
    let shape = descant_wire::shape(&schemas, Some(SchemaId(0)));
    for (text, value) in read {
        assert_eq!(shape.read((*text).into()), *value, "`{text}` by {schema}");
    }
}

#[test]
fn text_without_a_type_is_what_it_looks_like() {
    let read = [
        ("12", json!(12)),
        ("1.5", json!(1.5)),
        ("true", json!(true)),
        ("null", json!(null)),
        ("a", json!("a")),
    ];
    check(json!({}), &read);
    check(json!({"description": "Nothing else."}), &read);
}

#[test]
fn text_of_a_union_is_of_its_narrowest_kind() {
    check(
        json!({"type": ["string", "integer"]}),
        &[("12", json!(12)), ("1.5", json!("1.5")), ("true", json!("true"))],
    );
    let union = json!({"oneOf": [{"type": "string"}, {"type": "number"}]});
    check(union, &[("1.5", json!(1.5)), ("1.5.0", json!("1.5.0"))]);
    check(
        json!({"anyOf": [{"type": "string"}, {"type": "boolean"}]}),
        &[("true", json!(true)), ("1", json!("1"))],
    );
}

#[test]
fn listed_values_say_the_kinds() {
    check(json!({"enum": ["1", "a"]}), &[("1", json!("1"))]);
    check(json!({"enum": [1, "a"]}), &[("1", json!(1)), ("a", json!("a"))]);
    check(json!({"const": 1}), &[("1", json!(1))]);
}

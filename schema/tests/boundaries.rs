//! Which edges are found, and that each is judged to fact.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may")]

use descant_schema::boundaries;
use serde_json::{Value, json};

/// `edges` are "keyword value" with `+` before what is valid and `-` before what is not; all of them must be found.
#[track_caller]
fn check(schema: Value, edges: &[&str]) {
    let found = boundaries(&schema);
    let lines: Vec<_> = found
        .iter()
        .map(|edge| format!("{} {} {}", if edge.valid { '+' } else { '-' }, edge.keyword, edge.value))
        .collect();
    let missing: Vec<_> = edges.iter().filter(|edge| !lines.iter().any(|line| line == **edge)).collect();
    assert!(missing.is_empty(), "not found: {missing:#?}\nin {lines:#?}");
    let referee = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    for edge in &found {
        assert_eq!(edge.valid, referee.is_valid(&edge.value), "{edge:?}");
    }
}

#[test]
fn numbers() {
    check(
        json!({"type": "integer", "minimum": 3, "exclusiveMaximum": 9}),
        &[
            "+ minimum 3",
            "- minimum 2",
            "- exclusiveMaximum 9",
            "+ exclusiveMaximum 8",
            "- type 7.5",
            "- type null",
        ],
    );
    check(
        json!({"type": "number", "maximum": 0.5, "example": 0.25}),
        &["+ maximum 0.5", "- maximum 0.51", "- type \"text\""],
    );
    check(json!({"multipleOf": 0.1, "example": 0.3}), &["- multipleOf 0.35"]);
    check(json!({"const": 4}), &["- const 1000007"]);
}

#[test]
fn strings() {
    check(
        json!({"type": "string", "minLength": 2, "maxLength": 3, "example": "ab"}),
        &["- minLength \"a\"", "+ maxLength \"abx\"", "- maxLength \"abxa\""],
    );
    check(json!({"pattern": "^a+$", "example": "a"}), &["- pattern \"\""]);
    check(json!({"type": "string", "format": "uuid"}), &["- type 7"]);
    check(json!({"enum": ["a", "b"]}), &["- enum \"bx\""]);
}

#[test]
fn arrays() {
    check(
        json!({"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 2, "uniqueItems": true, "example": [5]}),
        &["- minItems []", "- uniqueItems [5,5]", "- type [null]", "- type {}"],
    );
}

#[test]
fn objects() {
    check(
        json!({
            "type": "object",
            "required": ["a"],
            "properties": {"a": {"type": "integer", "maximum": 1}, "b": {"type": "string"}},
            "additionalProperties": false,
            "example": {"a": 1, "b": "c"},
        }),
        &[
            "- required {\"b\":\"c\"}",
            "+ properties {\"a\":1}",
            "- additionalProperties {\"a\":1,\"b\":\"c\",\"xDescantUnknown\":\"text\"}",
            "- maximum {\"a\":2,\"b\":\"c\"}",
            "- type {\"a\":1,\"b\":7}",
        ],
    );
}

#[test]
fn alternatives_and_references() {
    check(
        json!({
            "type": "object",
            "properties": {"pet": {"oneOf": [{"$ref": "#/$defs/Cat"}, {"type": "null"}]}},
            "required": ["pet"],
            "example": {"pet": {"lives": 9}},
            "$defs": {"Cat": {"type": "object", "required": ["lives"], "properties": {"lives": {"type": "integer", "maximum": 9}}}},
        }),
        &["- maximum {\"pet\":{\"lives\":10}}", "- required {\"pet\":{}}", "- required {}"],
    );
}

#[test]
fn a_schema_without_values_has_no_edges() {
    assert_eq!(boundaries(&json!(false)), []);
    assert_eq!(boundaries(&json!(3)), []);
}

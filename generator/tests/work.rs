//! What generating costs where schemas share others: the output grows with the document, and a finding says what is not
//! spelled out.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use descant_generator::{Generated, Parts, Settings, generate};
use descant_model::load::{Options, load_text};
use serde_json::{Map, Value, json};

fn at(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// Generates everything for schemas, of which `N` is taken and answered.
fn made(schemas: Map<String, Value>) -> Generated {
    let content = json!({"application/json": {"schema": at("N")}});
    let answer = json!({"description": "d", "content": content});
    let post = json!({"operationId": "a", "requestBody": {"content": content}, "responses": {"200": answer}});
    let document = json!({
        "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"post": post}}, "components": {"schemas": schemas},
    });
    let loaded = load_text("doc.json", document.to_string(), &Options::default());
    let settings = Settings { name: "doc".to_owned(), parts: Parts::USUAL, ..Settings::default() };
    generate(&loaded.api.unwrap(), &settings)
}

fn chain(levels: usize, link: impl Fn(usize, Value) -> Value) -> Map<String, Value> {
    let first = json!({"type": "object", "properties": {"x": {"type": "integer"}}});
    let mut schemas = Map::from_iter([("N0".to_owned(), first)]);
    for level in 1..=levels {
        let name = if level == levels { "N".to_owned() } else { format!("N{level}") };
        schemas.insert(name, link(level, at(&format!("N{}", level - 1))));
    }
    schemas
}

/// How many lines there are, and whether a finding says that not all is spelled out.
fn outcome(schemas: Map<String, Value>) -> (usize, bool) {
    let generated = made(schemas);
    let lines = generated.files.iter().map(|file| file.text.lines().count()).sum();
    let is_cut = generated.diagnostics.iter().any(|found| found.message.contains("more ways than"));
    (lines, is_cut)
}

#[test]
fn products_of_unions_are_cut_with_a_finding() {
    let either = |level: usize, before: Value| {
        let part = |name: &str| json!({"allOf": [before, {"required": [format!("{name}{level}")]}]});
        json!({"anyOf": [part("a"), part("b")]})
    };
    let both = |level: usize, before: Value| {
        let one = |name: &str| json!({"oneOf": [before, {"required": [format!("{name}{level}")]}]});
        json!({"allOf": [one("a"), one("b")]})
    };
    let (lines, is_cut) = outcome(chain(24, either));
    assert!(is_cut && lines < 120_000, "{lines} lines");
    let (lines, is_cut) = outcome(chain(24, both));
    assert!(is_cut && lines < 120_000, "{lines} lines");
    let (lines, is_cut) = outcome(chain(3, either));
    assert!(!is_cut && lines < 3_000, "{lines} lines");
}

#[test]
fn a_long_line_of_heirs_is_cut_with_a_finding() {
    let heir = |level: usize, before: Value| {
        let own: Map<_, _> = (0..20).map(|i| (format!("p{level}x{i}"), json!({"type": "string"}))).collect();
        json!({"allOf": [before, {"properties": own}]})
    };
    assert!(!outcome(chain(20, heir)).1);
    assert!(outcome(chain(170, heir)).1);
}

#[test]
fn thousands_of_equal_names_are_numbered() {
    let name = |i: usize| format!("na{}me", "-".repeat(i));
    let mut schemas: Map<_, _> = (1..1_500).map(|i| (name(i), json!({"type": "object"}))).collect();
    let fields: Map<_, _> = schemas.keys().map(|name| (name.clone(), at(name))).collect();
    schemas.insert("N".to_owned(), json!({"type": "object", "properties": fields}));
    assert!(!outcome(schemas).1);
}

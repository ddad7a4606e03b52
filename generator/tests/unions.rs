//! How unions tell their branches apart, and what they are made from.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use descant_generator::{Parts, Settings, generate};
use descant_model::load::{Options, load_text};

/// Compares the table of the union `U`, which is one line or more, with what is expected of it.
fn check(union: &str, others: &[&str], expected: &str) {
    let others: String = others.iter().map(|schema| format!("    {schema}\n")).collect();
    let text = format!(
        "openapi: 3.2.0\ninfo: {{title: T, version: '1'}}\npaths: {{}}\ncomponents:\n  schemas:\n    U: {union}\n{others}"
    );
    let loaded = load_text("doc.yaml", text, &Options::default());
    let settings = Settings {
        name: "doc".to_owned(),
        source: "doc.yaml".to_owned(),
        parts: Parts::USUAL,
        ..Settings::default()
    };
    let generated = generate(&loaded.api.unwrap(), &settings);
    let types = &generated.files.iter().find(|file| file.path == "types.rs").unwrap().text;
    let table = types.split("rt::union! {").nth(1).and_then(|rest| rest.split("\n}\n").next()).unwrap();
    assert_eq!(table.split_whitespace().collect::<Vec<_>>().join(" "), expected);
}

const A: &str = "A: {type: object, required: [a], properties: {kind: {const: a}, a: {type: string}}}";
const B: &str = "B: {type: object, properties: {kind: {type: string}}}";

#[test]
fn a_default_branch_takes_what_has_no_known_tag() {
    let union = |default: &str| {
        format!(
            "{{oneOf: [{{$ref: '#/components/schemas/A'}}, {{$ref: '#/components/schemas/B'}}],
               discriminator: {{propertyName: kind{default}}}}}"
        )
    };
    let rest = r#"tag "kind" { "a" => A, "B" => B } kinds { object => "#;
    check(&union(""), &[A, B], &format!("U {{ A, B }} {rest}A | B }} from {{ A: A, B: B }}"));
    let with_default = union(", defaultMapping: B");
    check(&with_default, &[A, B], &format!("U {{ A, B }} {rest}B | A }} from {{ A: A, B: B }}"));
}

#[test]
fn a_union_is_made_from_branches_of_different_types() {
    check(
        "{oneOf: [{$ref: '#/components/schemas/A'}, {type: string}, {type: array, items: {type: string}}, {type: integer}]}",
        &[A],
        "U { A, Text, List, Integer } \
         kinds { integer => Integer, string => Text, array => List, object => A } \
         from { A: A, Text: String, List: Vec<String>, Integer: i64 }",
    );
    // Two names of one type, and a list of the union itself.
    check(
        "{oneOf: [{$ref: '#/components/schemas/X'}, {$ref: '#/components/schemas/Y'}, {type: array, items: {$ref: '#/components/schemas/U'}}, {type: boolean}]}",
        &[
            "X: {type: array, maxItems: 2, items: {type: string}}",
            "Y: {type: array, minItems: 3, items: {type: string}}",
        ],
        "U { X, Y, List, Boolean } kinds { boolean => Boolean, array => X | Y | List } from { List: Vec<U>, Boolean: bool }",
    );
}

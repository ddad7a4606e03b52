//! What is large stands in a box, so that a value is never of hundreds of kilobytes.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use descant_generator::{Parts, Settings, generate};
use descant_model::load::{Options, load_text};

/// The types of a document with objects of so many texts.
fn types(objects: &[(&str, usize)], more: &str) -> String {
    let mut schemas = String::new();
    for (name, texts) in objects {
        let texts: Vec<String> = (0..*texts).map(|n| format!("t{n}: {{type: string}}")).collect();
        schemas += &format!("    {name}: {{type: object, properties: {{{}}}}}\n", texts.join(", "));
    }
    let text =
        format!("openapi: 3.1.0\ninfo: {{title: T, version: '1'}}\ncomponents:\n  schemas:\n{schemas}{more}");
    let loaded = load_text("doc.yaml", text, &Options::default());
    let settings = Settings {
        name: "doc".to_owned(),
        parts: Parts { types: true, ..Parts::USUAL },
        ..Settings::default()
    };
    let files = generate(&loaded.api.unwrap(), &settings).files;
    files.into_iter().find(|file| file.path == "types.rs").unwrap().text
}

#[track_caller]
fn check(types: &str, lines: &[&str]) {
    for line in lines {
        assert!(types.lines().any(|found| found.trim() == *line), "no `{line}` in:\n{types}");
    }
}

#[test]
fn large_branches_of_unions_are_boxed() {
    let types = types(
        &[("Small", 5), ("Large", 10)],
        "    Either: {oneOf: [{$ref: '#/components/schemas/Small'}, {$ref: '#/components/schemas/Large'}, {type: string}]}\n",
    );
    check(&types, &["Small(Small),", "Large(Box<Large>),", "Text(String),"]);
}

#[test]
fn large_fields_are_boxed_within_what_may_be_null() {
    let types = types(
        &[("Large", 10), ("Huge", 45)],
        "    Holder:
      type: object
      required: [huge]
      properties:
        large: {$ref: '#/components/schemas/Large'}
        huge: {$ref: '#/components/schemas/Huge'}
        spare: {anyOf: [{$ref: '#/components/schemas/Huge'}, {type: 'null'}]}\n",
    );
    check(
        &types,
        &["pub large: Option<Large>,", "pub huge: Box<Huge>,", "pub spare: Option<Option<Box<Huge>>>,"],
    );
}

#[test]
fn an_object_of_many_large_fields_boxes_the_largest() {
    let properties = |count: usize, of: &str| {
        let list: Vec<_> =
            (0..count).map(|n| format!("{of}{n}: {{$ref: '#/components/schemas/{of}'}}")).collect();
        list.join(", ")
    };
    let holder = format!(
        "    Holder: {{type: object, properties: {{{}, {}}}}}\n",
        properties(4, "Large"),
        properties(4, "Larger")
    );
    let types = types(&[("Large", 10), ("Larger", 40)], &holder);
    check(
        &types,
        &["pub larger0: Option<Box<Larger>>,", "pub larger3: Option<Larger>,", "pub large3: Option<Large>,"],
    );
}

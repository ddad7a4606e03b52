//! What null is where a document says `nullable`: a kind of value before 3.1, and from 3.1 on, where it is no keyword,
//! something that is taken and kept, but never made up.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may")]

use descant_model::load::{Options, load_text};
use descant_schema::{Direction, SamplerOptions, SchemaSet, ValidatorOptions};
use serde_json::{Value, json};

const SCHEMAS: [&str; 5] = [
    "{type: string, nullable: true}",
    "{type: string, enum: [a, null], nullable: true}",
    "{oneOf: [{type: integer}, {type: string}], nullable: true}",
    "{allOf: [{$ref: '#/components/schemas/T'}], nullable: true}",
    "{anyOf: [{type: integer}], nullable: true}",
];

/// Returns the schemas of a document of a version of which one has these keywords.
fn set(version: &str, schema: &str) -> SchemaSet {
    let text = format!(
        "openapi: {version}\ninfo: {{title: t, version: '1'}}\npaths: {{}}\ncomponents: {{schemas: {{S: {schema}, T: {{type: object}}}}}}\n"
    );
    SchemaSet::new(&load_text("test.yaml", text, &Options::default()).api.unwrap().schemas)
}

/// Returns a hundred samples of the first schema.
fn samples(set: &SchemaSet) -> Vec<Value> {
    let root = descant_model::api::SchemaId(0);
    let sampler = set.sampler(root, Direction::Response, SamplerOptions::default()).unwrap();
    (0..100).map(|seed| sampler.sample(seed).unwrap()).collect()
}

#[test]
fn null_is_taken_wherever_nullable_is_stated() {
    for (version, schema) in ["3.0.3", "3.1.0"].into_iter().flat_map(|it| SCHEMAS.map(|schema| (it, schema)))
    {
        for direction in [Direction::Request, Direction::Response] {
            let root = descant_model::api::SchemaId(0);
            let validator = set(version, schema).validator(root, direction, ValidatorOptions::default());
            assert!(validator.unwrap().is_valid(&json!(null)), "{version} {schema}");
        }
    }
}

#[test]
fn null_is_never_made_up_where_nullable_is_no_keyword() {
    for schema in SCHEMAS {
        let found = samples(&set("3.1.0", schema));
        assert!(found.iter().all(|value| !value.is_null()), "{schema}");
    }
    assert!(samples(&set("3.0.3", SCHEMAS[0])).contains(&json!(null)), "3.0 has the keyword");
}

#[test]
fn examples_that_are_null_are_kept() {
    let found = samples(&set("3.1.0", "{type: string, nullable: true, examples: [null]}"));
    assert!(found.iter().all(Value::is_null), "{found:?}");
}

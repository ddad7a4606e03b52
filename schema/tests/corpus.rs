//! The schemas of real documents: each is sampled, and each sample judged by us and by the `jsonschema` crate.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may")]

mod documents;

use std::{sync::Arc, time::Instant};

use descant_schema::{Direction, SamplerOptions, SchemaSet};
use serde_json::{Map, Value, json};

/// Judges `{key: value}` by the schema `key`: one compiled validator for a whole document.
fn referee(schemas: &Map<String, Value>) -> jsonschema::Validator {
    let reference =
        |key: &String| json!({"$ref": format!("#/$defs/{}", key.replace('~', "~0").replace('/', "~1"))});
    let properties: Map<_, _> = schemas.keys().map(|key| (key.clone(), reference(key))).collect();
    let root = json!({"properties": properties, "$defs": schemas});
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .offline()
        .build(&root)
        .unwrap()
}

/// Samples every schema of a document, with examples and without; `unsatisfiable` are those for which that fails.
#[track_caller]
fn check(file: &str, unsatisfiable: &[&str]) {
    let Some(schemas) = documents::schemas(file) else { return };
    let set = SchemaSet::new(schemas.iter().map(|(key, schema)| (key.clone(), Arc::new(schema.clone()))));
    let referee = referee(&schemas);
    let (start, mut sampled, mut failed) = (Instant::now(), 0, Vec::new());
    for key in schemas.keys() {
        for examples_first in [true, false] {
            let options = SamplerOptions { examples_first, ..SamplerOptions::default() };
            let sampler = set.sampler(key, Direction::Response, options).unwrap();
            match sampler.sample(7) {
                Ok(value) => {
                    sampled += 1;
                    if let Err(error) = referee.validate(&json!({key: value})) {
                        panic!("{file} {key}: {error} at {} in {value}", error.instance_path());
                    }
                }
                Err(reason) => failed.push(format!("{key}: {reason}")),
            }
        }
    }
    println!("{file}: {sampled} samples, {} failures, {:?}", failed.len(), start.elapsed());
    failed.retain(|line| !unsatisfiable.iter().any(|key| line.starts_with(key)));
    assert!(failed.is_empty(), "{file}:\n{failed:#?}");
}

#[test]
fn petstore() {
    check("petstore.yaml", &[]);
}

#[test]
fn r#box() {
    check("box.json", &[]);
}

#[test]
fn github() {
    check("github.json", &[]);
}

#[test]
fn stripe() {
    check("stripe.yaml", &[]);
}

#[test]
fn figma() {
    check("figma.yaml", &[]);
}

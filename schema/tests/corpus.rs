//! The schemas of real documents: each is sampled, and each sample judged by us and by the `jsonschema` crate.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may")]

use std::{path::PathBuf, sync::Arc, time::Instant};

use descant_model::{
    api::{SchemaId, Schemas},
    load::{Options, load},
};
use descant_schema::{Direction, SamplerOptions, SchemaSet};
use serde_json::{Map, Value, json};

/// The schemas of a document of the corpus.
fn schemas(file: &str) -> Arc<Schemas> {
    let shared = std::env::var_os("DESCANT_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"));
    load(&shared.join("corpus/dev").join(file), &Options::default()).api.unwrap().schemas
}

/// Judges `{key: value}` by the schema `key`: one compiled validator for a whole document.
fn referee(schemas: &Schemas) -> jsonschema::Validator {
    let properties: Map<_, _> = schemas
        .by_key
        .iter()
        .map(|(key, id)| (key.clone(), json!({"$ref": schemas.reference(*id)})))
        .collect();
    let defs: Map<String, Value> =
        schemas.entries.iter().map(|one| (one.key.clone(), one.schema.to_json(schemas))).collect();
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .offline()
        .build(&json!({"properties": properties, "$defs": defs}))
        .unwrap()
}

/// Samples every component of a document, with examples and without.
#[track_caller]
fn check(file: &str) {
    let schemas = schemas(file);
    let (set, referee) = (SchemaSet::new(&schemas), referee(&schemas));
    let (start, mut sampled, mut failed) = (Instant::now(), 0, Vec::new());
    for (index, definition) in schemas.entries.iter().enumerate() {
        let key = &definition.key;
        for examples_first in [true, false] {
            let options = SamplerOptions { examples_first, ..SamplerOptions::default() };
            let sampler = set.sampler(SchemaId(index as u32), Direction::Response, options).unwrap();
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
    assert!(failed.is_empty(), "{file}:\n{failed:#?}");
}

#[test]
#[ignore = "needs the corpus beside the repository"]
fn petstore() {
    check("petstore.yaml");
}

#[test]
#[ignore = "needs the corpus beside the repository"]
fn r#box() {
    check("box.json");
}

#[test]
#[ignore = "needs the corpus beside the repository"]
fn github() {
    check("github.json");
}

#[test]
#[ignore = "needs the corpus beside the repository"]
fn stripe() {
    check("stripe.yaml");
}

#[test]
#[ignore = "needs the corpus beside the repository"]
fn figma() {
    check("figma.yaml");
}

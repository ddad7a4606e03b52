//! The JSON Schema Test Suite (draft 2020-12), where `DESCANT_JSON_SCHEMA_SUITE` names its `tests/draft2020-12`.
//!
//! Left out are groups whose references are not of the form that the front end writes (`#`, `#/$defs/KEY`).

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may")]

use descant_schema::{Direction, Validator};
use serde_json::Value;

fn is_ours(value: &Value, depth: usize) -> bool {
    match value {
        Value::Object(members) => members.iter().all(|(name, value)| match name.as_str() {
            "$id" | "$anchor" | "$schema" if depth > 0 => !value.is_string(),
            "$id" | "$dynamicRef" | "$dynamicAnchor" => !value.is_string(),
            "$defs" if depth > 0 => false,
            "$ref" if value.is_string() => {
                let text = value.as_str().unwrap();
                text == "#" || text.strip_prefix("#/$defs/").is_some_and(|key| !key.contains('/'))
            }
            _ => is_ours(value, depth + 1),
        }),
        Value::Array(items) => items.iter().all(|item| is_ours(item, depth + 1)),
        _ => true,
    }
}

#[test]
#[ignore = "needs DESCANT_JSON_SCHEMA_SUITE, the folder of the suite"]
fn the_suite_holds() {
    let folder =
        std::env::var_os("DESCANT_JSON_SCHEMA_SUITE").expect("DESCANT_JSON_SCHEMA_SUITE names the folder");
    let folder = std::path::PathBuf::from(folder);
    let (mut held, mut skipped, mut failed) = (0, 0, Vec::new());
    for folder in [folder.clone(), folder.join("optional/format")] {
        let mut files: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "json"))
        {
            let groups: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
            // In the main folder formats are annotations, here they are assertions; of international host names only
            // the outline is judged.
            let is_known = ["format.json", "idn-hostname.json"].iter().any(|name| file.ends_with(name));
            for group in groups.iter().filter(|_| !is_known) {
                if !is_ours(&group["schema"], 0) {
                    skipped += 1;
                    continue;
                }
                let validator = Validator::new(&group["schema"], Direction::Response).unwrap();
                for test in group["tests"].as_array().unwrap() {
                    let valid = validator.is_valid(&test["data"]);
                    assert_eq!(valid, validator.faults(&test["data"]).is_empty(), "{group} {test}");
                    match valid == test["valid"] {
                        true => held += 1,
                        false => failed.push(format!(
                            "{}: {}: {}: {}",
                            file.file_name().unwrap().display(),
                            group["description"],
                            test["description"],
                            test["data"]
                        )),
                    }
                }
            }
        }
    }
    println!("{held} tests held, {skipped} groups left out");
    assert!(failed.is_empty(), "{} failed:\n{}", failed.len(), failed.join("\n"));
}

//! The `openapiv3` crate as an independent reader: of what it can read, 3.0 in JSON, the HTTP half of the model must say
//! the same.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use descant_model::api::{Api, StatusPattern};
use descant_model::load::{Options, load};
use openapiv3::{OpenAPI, ReferenceOr, StatusCode};

/// What both readers can say of an operation: its id, whether it has a body, its statuses.
type Summary = (Option<String>, bool, Vec<String>);

#[test]
#[ignore = "needs the corpus beside the repository"]
fn openapiv3_reads_the_same_operations() {
    let shared = std::env::var_os("DESCANT_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"));
    let folder = std::fs::read_dir(shared.join("corpus/dev")).unwrap();
    let mut compared = 0;
    for path in folder.flatten().map(|entry| entry.path()) {
        let small = std::fs::metadata(&path).is_ok_and(|metadata| metadata.len() < 1_000_000);
        if path.extension().is_some_and(|ending| ending == "json") && small {
            compared += usize::from(compare(&path));
        }
    }
    assert!(compared >= 20, "only {compared} documents could be compared");
}

/// Compares the two readings of a document; false where the crate cannot read it, or it is not 3.0.
fn compare(path: &Path) -> bool {
    let text = std::fs::read_to_string(path).unwrap();
    let Ok(theirs) = serde_json::from_str::<OpenAPI>(&text) else { return false };
    if !theirs.openapi.starts_with("3.0") {
        return false;
    }
    let ours = load(path, &Options::default()).api.expect("a document that openapiv3 reads");
    assert_eq!(summaries(&ours), their_summaries(&theirs), "{}", path.display());
    true
}

fn summaries(api: &Api) -> BTreeMap<String, Summary> {
    let summary = |operation: &descant_model::api::Operation| {
        let mut statuses: Vec<_> = operation.responses.iter().map(|(pattern, _)| written(*pattern)).collect();
        statuses.sort();
        (operation.key(), (operation.id.clone(), operation.request_body.is_some(), statuses))
    };
    api.operations.iter().map(summary).collect()
}

fn written(pattern: StatusPattern) -> String {
    match pattern {
        StatusPattern::Code(code) => code.to_string(),
        StatusPattern::Range(digit) => format!("{digit}XX"),
        StatusPattern::Default => "default".to_owned(),
    }
}

fn their_summaries(document: &OpenAPI) -> BTreeMap<String, Summary> {
    let mut summaries = BTreeMap::new();
    for (path, item) in &document.paths.paths {
        let ReferenceOr::Item(item) = item else { continue };
        for (method, operation) in item.iter() {
            let codes = operation.responses.responses.keys().map(|code| match code {
                StatusCode::Code(code) => code.to_string(),
                StatusCode::Range(digit) => format!("{digit}XX"),
            });
            let default = operation.responses.default.iter().map(|_| "default".to_owned());
            let mut statuses: Vec<_> = codes.chain(default).collect();
            statuses.sort();
            let summary = (operation.operation_id.clone(), operation.request_body.is_some(), statuses);
            summaries.insert(format!("{} {path}", method.to_uppercase()), summary);
        }
    }
    summaries
}

//! The three mocks keep what their documents promise: to the generated clients, and case by case on the wire.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may")]

use descant_contract::{Assumptions, CaseOutcome, Credentials, Settings};
use descant_model::load::{Options, load_text};

#[path = "../examples/contract/run.rs"]
mod run;

fn check(name: &str) {
    let twin = descant_twins::registry().into_iter().find(|twin| twin.name == name).unwrap();
    let api = twin.load().api.unwrap();
    let credentials = Credentials::of_document(&api);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let report = runtime.block_on(run::run(&twin, &api, &credentials)).unwrap();
    let counts = report.counts();
    assert_eq!(counts.broken, 0, "{}", report.human());
    assert!(counts.kept > 0, "nothing was tried");
}

#[test]
fn timbr() {
    check("timbr");
}

#[test]
fn cognitive3d() {
    check("cognitive3d");
}

#[test]
fn timbre() {
    check("timbre");
}

#[test]
fn every_twin_has_a_test() {
    let names = descant_twins::registry().map(|twin| twin.name);
    assert_eq!(names, ["timbr", "cognitive3d", "timbre"], "add a test here, and a client in `run::Client`");
}

/// A document that deviates from the mock is reported with the operation.
#[test]
fn a_changed_document_breaks_where_it_was_changed() {
    let twin = descant_twins::registry().into_iter().find(|twin| twin.name == "timbre").unwrap();
    let check = |from: &str, to: &str, operation: &str| {
        assert!(twin.document.contains(from), "the document has no {from:?}");
        let text = twin.document.replace(from, to);
        let api = load_text(twin.file, text, &Options::default()).api.unwrap();
        let credentials = Credentials::of_document(&api);
        let mock = twin.start().unwrap();
        let assume =
            Assumptions { examples_exist: true, strict: true, destructive: true, ..Default::default() };
        let settings = Settings { assume, ..Settings::default() };
        let url = mock.url();
        let run = descant_contract::test(&api, &url, &credentials, &settings);
        let report = tokio::runtime::Runtime::new().unwrap().block_on(run).unwrap();
        let broken =
            report.verdicts.iter().filter(|verdict| matches!(verdict.outcome, CaseOutcome::Broken { .. }));
        let named: Vec<String> = broken.map(|verdict| api.operations[verdict.case.operation].key()).collect();
        assert!(named.iter().any(|name| name == operation), "{from:?}: {named:?}");
    };
    check("'201':", "'202':", "POST /mock/users/{user_id}/tokens");
    check("required: [id, api_access]", "required: [id, api_permission]", "GET /mock/users");
}

//! The three mocks keep what their documents promise: to the generated clients, and case by case on the wire.

#![allow(clippy::unwrap_used, reason = "a test may")]

use descant_contract::Credentials;

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

//! Contract tests derived from a document: which cases it implies, and whether a service's answers keep its promise.
//!
//! ```text
//! Api ─ derive ─▶ cases ─ send ─▶ exchanges ─ judge ─▶ verdicts ─▶ report
//! ```
//!
#![doc = include_str!("../README.md")]

pub mod case;
mod credentials;
mod derive;
mod exchange;
mod expect;
mod expression;
mod failure;
mod handler;
mod head;
mod judge;
mod progress;
mod records;
pub mod report;
mod request_builder;
mod resource;
mod round_trip;
mod run;
mod safety;
mod send;
mod session;
mod settings;
mod state;
mod tokens;
mod values;
mod verdict;
mod wire;

use std::error::Error;
use std::fmt;
use std::path::Path;

use descant_model::api::Api;
use descant_model::load::{Loaded, Options, load};

pub use credentials::{Credentials, variable};
pub use derive::{LeftOut, TestPlan, derive};
pub use descant_exchange::{Cause, Check, Schemas, Violation, judge_content};
pub use exchange::{Exchange, HttpRequest, HttpResponse, NoAnswer};
pub use expect::{Expect, Statuses};
pub use failure::{Failure, Severity};
pub use handler::InProcessService;
pub use judge::judge;
pub use progress::Progress;
pub use report::{Counts, Report};
pub use request_builder::{Completeness, RequestBuilder};
pub use resource::Resource;
pub use send::{Sender, TargetError};
pub use settings::{Assumptions, Client, Selection, Settings};
pub use verdict::{CaseOutcome, Verdict};
pub use wire::{concrete, encode, encode_body};

/// Calls every operation of a document at a base URL and judges the answers.
///
/// # Errors
/// Where the URL is not one that can be called. A service that does not answer is in the report ([`Report::untestable`]).
pub async fn test<'a>(
    api: &'a Api,
    base: &str,
    credentials: &'a Credentials,
    settings: &Settings,
) -> Result<Report<'a>, TargetError> {
    test_until(api, base, credentials, settings, std::future::pending).await
}

/// Does the same until `stop()` is ready: then what the run created is deleted, until `stop()` is ready once more, and the
/// report has what was tried and what stays.
///
/// # Errors
/// As [`test`].
pub async fn test_until<'a>(
    api: &'a Api,
    base: &str,
    credentials: &'a Credentials,
    settings: &Settings,
    stop: impl AsyncFnMut(),
) -> Result<Report<'a>, TargetError> {
    Ok(tested(api, Sender::new(base, settings)?, credentials, settings, stop).await)
}

/// Calls every operation of a document on a service in this process, without a socket, and judges the answers.
pub async fn test_service<'a>(
    api: &'a Api,
    service: impl InProcessService,
    credentials: &'a Credentials,
    settings: &Settings,
) -> Report<'a> {
    let sender = Sender::in_process(service, settings);
    tested(api, sender, credentials, settings, std::future::pending).await
}

/// Tests a service in this process, an axum `Router` for example, in one line of a test. `credentials` are pairs of a
/// security scheme and its credential; those of the document's `x-descant` need not be given.
///
/// ```
/// # use axum::{Router, routing::get};
/// # fn app() -> Router {
/// #     let path = std::env::temp_dir().join("descant-verify.json");
/// #     let text = r#"{"openapi": "3.1.0", "info": {"title": "Pets", "version": "1"}, "paths": {"/pets": {"get": {"responses":
/// #         {"200": {"description": "OK", "content": {"application/json": {"schema": {"type": "array"}}}}}}}}}"#;
/// #     std::fs::write(path, text).unwrap();
/// #     Router::new().route("/pets", get(|| async { ([("content-type", "application/json")], "[]") }))
/// # }
/// # fn main() -> Result<(), descant_contract::Unkept> {
/// # let (app, document) = (app(), std::env::temp_dir().join("descant-verify.json"));
/// // #[test] fn keeps_its_contract() -> Result<(), descant_contract::Unkept> {
/// descant_contract::verify(document, app, &[])
/// // }
/// # }
/// ```
///
/// # Errors
/// Where the document cannot be read, an operation breaks its promise, or nothing was tested; the error shows the report.
pub fn verify(
    document: impl AsRef<Path>,
    service: impl InProcessService,
    credentials: &[(&str, &str)],
) -> Result<(), Unkept> {
    let loaded = read(document.as_ref())?;
    let api = loaded.api.as_ref().ok_or_else(|| unreadable(document.as_ref()))?;
    let credentials = given(api, credentials);
    let settings = Settings::default();
    let mut report = runtime()?.block_on(test_service(api, service, &credentials, &settings));
    report.sources = Some(&loaded.sources);
    match report.proves_nothing() {
        Some(reason) => Err(Unkept(reason)),
        None => kept(&report),
    }
}

/// Makes the calls of one case again on a service at a base URL: the case of `--replay` and of the tests that
/// `descant test --emit-rust` writes.
///
/// # Errors
/// Where the document cannot be read, the URL cannot be called, the document has no such case, or the service still breaks
/// its promise; the error shows the report.
pub fn replay(
    document: impl AsRef<Path>,
    base: &str,
    credentials: &[(&str, &str)],
    case: &str,
) -> Result<(), Unkept> {
    let loaded = read(document.as_ref())?;
    let api = loaded.api.as_ref().ok_or_else(|| unreadable(document.as_ref()))?;
    let credentials = given(api, credentials);
    let select = Selection { case: Some(case.to_owned()), ..Selection::default() };
    let settings = Settings { select, ..Settings::default() };
    let report = runtime()?.block_on(test(api, base, &credentials, &settings));
    let mut report = report.map_err(|error| Unkept(error.to_string()))?;
    report.sources = Some(&loaded.sources);
    match &report.untestable {
        Some(reason) => Err(Unkept(reason.clone())),
        None if report.verdicts.is_empty() => Err(Unkept(format!("no case is called `{case}`"))),
        None => kept(&report),
    }
}

fn read(document: &Path) -> Result<Loaded, Unkept> {
    if !document.exists() {
        return Err(Unkept(format!("{}: no such file", document.display())));
    }
    Ok(load(document, &Options::default()))
}

fn unreadable(document: &Path) -> Unkept {
    Unkept(format!("{} is not an OpenAPI document", document.display()))
}

fn given(api: &Api, credentials: &[(&str, &str)]) -> Credentials {
    let mut given = Credentials::of_document(api);
    credentials.iter().for_each(|(scheme, credential)| given.give(*scheme, *credential));
    given
}

fn runtime() -> Result<tokio::runtime::Runtime, Unkept> {
    tokio::runtime::Runtime::new().map_err(|error| Unkept(error.to_string()))
}

fn kept(report: &Report<'_>) -> Result<(), Unkept> {
    let has_error = report::causes(report).iter().any(|it| it.failure.severity == Severity::Error);
    if has_error { Err(Unkept(report.human())) } else { Ok(()) }
}

/// A promise of a document that a service does not keep: the report.
pub struct Unkept(String);

/// What a test prints that returns it.
impl fmt::Debug for Unkept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for Unkept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Unkept {}

async fn tested<'a>(
    api: &'a Api,
    sender: Sender,
    credentials: &'a Credentials,
    settings: &Settings,
    stop: impl AsyncFnMut(),
) -> Report<'a> {
    let plan = plan(api, credentials, settings);
    let session = session::Session::new(api, sender, credentials, settings, &plan);
    let mut report = Report {
        api,
        base: session.sender.base().to_owned(),
        credentials,
        verdicts: Vec::new(),
        selected: (0..api.operations.len()).filter(|index| settings.select.has(api, *index)).collect(),
        left_out: plan.left_out,
        untestable: run::smoke(&session).await,
        stopped: None,
        left_behind: Vec::new(),
        sources: None,
        known: indexmap::IndexMap::new(),
    };
    if report.untestable.is_none() {
        let ran = run::Runner::new(&session).run(plan.cases, stop).await;
        report.verdicts = ran.verdicts;
        report.stopped = ran.stopped;
        report.left_behind = ran.left_behind;
        report.settle();
    }
    report
}

/// Returns the cases of a document that the settings select.
pub fn plan(api: &Api, credentials: &Credentials, settings: &Settings) -> TestPlan {
    let mut plan = derive(api, credentials, &settings.assume);
    let select = &settings.select;
    plan.cases.retain(|case| {
        let operation = api.operations.get(case.operation);
        operation.is_some_and(|it| select.has_operation(case.operation, it) && select.has_case(case, it))
    });
    plan.left_out.retain(|left| select.has(api, left.operation) && select.has_kind(left.kind));
    plan
}

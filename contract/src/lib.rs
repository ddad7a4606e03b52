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
mod json_text;
mod judge;
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

use descant_model::api::Api;

pub use credentials::{Credentials, variable};
pub use derive::{LeftOut, Plan, derive};
pub use descant_exchange::{Cause, Check, Schemas, Violation, judge_content};
pub use exchange::{Exchange, HttpRequest, HttpResponse, NoAnswer};
pub use expect::{Expect, Statuses};
pub use failure::{Failure, Severity};
pub use judge::judge;
pub use report::{Counts, Report};
pub use request_builder::{Completeness, RequestBuilder};
pub use resource::Resource;
pub use send::{Sender, TargetError};
pub use settings::{Assumptions, Selection, Settings};
pub use verdict::{Outcome, Verdict};
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
    test_until(api, base, credentials, settings, std::future::pending()).await
}

/// Does the same until `stop` is ready: then what the run created is deleted, and the report has what was tried.
///
/// # Errors
/// As [`test`].
pub async fn test_until<'a>(
    api: &'a Api,
    base: &str,
    credentials: &'a Credentials,
    settings: &Settings,
    stop: impl Future<Output = ()>,
) -> Result<Report<'a>, TargetError> {
    let sender = Sender::new(base, settings)?;
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
    Ok(report)
}

/// Returns the cases of a document that the settings select.
pub fn plan(api: &Api, credentials: &Credentials, settings: &Settings) -> Plan {
    let mut plan = derive(api, credentials, &settings.assume);
    let select = &settings.select;
    plan.cases.retain(|case| {
        let operation = api.operations.get(case.operation);
        operation.is_some_and(|it| select.has_operation(case.operation, it) && select.has_case(case, it))
    });
    plan.left_out.retain(|left| select.has(api, left.operation) && select.has_kind(left.kind));
    plan
}

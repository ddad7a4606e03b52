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
mod judge;
pub mod report;
mod request_builder;
mod round_trip;
mod run;
mod send;
mod tokens;
mod values;
mod wire;

use descant_model::api::Api;

pub use credentials::{Credentials, variable};
pub use derive::{Assumptions, LeftOut, Plan, derive};
pub use descant_exchange::{Cause, Check, Schemas, Violation, judge_content};
pub use exchange::{Exchange, HttpRequest, HttpResponse, NoAnswer};
pub use expect::{Expect, Statuses};
pub use judge::judge;
pub use report::{Counts, Report};
pub use request_builder::{Completeness, RequestBuilder};
pub use run::{Outcome, Runner, Verdict, unreachable};
pub use send::{Sender, TargetError};
pub use values::concrete;
pub use wire::{encode, encode_body};

/// Calls every operation of a document at a base URL and judges the answers.
///
/// # Errors
/// Where the URL is not one that can be called. A service that does not answer is in the report ([`unreachable`]).
pub async fn test<'a>(
    api: &'a Api,
    base: &str,
    credentials: &'a Credentials,
    assume: &Assumptions,
    concurrency: usize,
) -> Result<Report<'a>, TargetError> {
    let sender = Sender::new(base)?;
    let base = sender.base().to_owned();
    let plan = derive(api, credentials, assume);
    let left_out = plan.left_out.clone();
    let schemas = Schemas::new(api);
    let verdicts = Runner { api, schemas, sender, credentials, concurrency }.run(plan).await;
    Ok(Report { api, base, credentials, verdicts, left_out })
}

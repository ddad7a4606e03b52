//! What the exchanges of a document mean, for everyone who reads the document when it runs: mock, proxy, recorder,
//! contract tests and lint; the generator writes the same decisions into tables.
//!
//! ```text
//! Operation ─▶ TextCodec, RequestPlan ─▶ Decoded or Refusal      a request
//! Operation + ResponseView ─▶ judge ─▶ Violations                  a response
//! Operation + Cause ─▶ the statuses that may refuse          a refusal
//! ```
//!
//! Nothing beside this crate (and, for the steps that generated servers share, `descant_runtime::exchange`) chooses a
//! response for a status, a content for a media type, a value for header lines, or a status for a fault.
//!
#![doc = include_str!("../README.md")]

mod body;
pub mod codec;
mod incoming;
mod json_text;
pub mod names;
pub mod notice;
mod pages;
mod request;
mod response;
mod schemas;
mod shape;

pub use codec::{TextCodec, Unsupported};
pub use descant_runtime::exchange::{Cause, Refusals, accept};
pub use incoming::{Incoming, Refusal};
pub use pages::{Next, Pages, pointer};
pub use request::{Decoded, RequestPlan};
pub use response::{Check, ResponseView, Violation, content, is_bodiless, judge, judge_content, judge_head};
pub use schemas::Schemas;
pub use shape::body_shape;

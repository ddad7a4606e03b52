//! A mock server for any OpenAPI document: [`respond`] is the whole of it, [`Server`] puts it on a socket.

mod admin;
mod answer;
mod auth;
mod check;
mod content;
mod deliver;
mod errors;
mod journal;
mod mock;
mod negotiate;
mod oauth;
mod overlay;
mod placeholder;
mod prefer;
mod prepared;
mod problem;
mod record;
mod remember;
mod repair;
mod respond;
mod rules;
mod sample;
mod serve;
mod site;
mod start;
pub mod state;
mod stated;
mod tee;
mod timer;
mod upstream;

pub use auth::{Credentials, Grant, Principal};
pub use descant_model::api::When;
pub use journal::{Coverage, Entry, Journal};
pub use mock::{Examples, Live, Mock, Settings};
pub use overlay::{OperationKey, Overlay};
pub use prefer::{Errors, Fault, Prefer};
pub use record::Recorder;
pub use respond::{respond, respond_with};
pub use rules::{Limit, Rule, Rules};
pub use serve::{Encrypted, Io, Limits, Server};
pub use site::{Observer, Site};
pub use start::{Running, start, start_with};
pub use stated::Stated;
pub use upstream::{Forwarding, Upstream};

/// A request with its whole body.
pub type Request = http::Request<bytes::Bytes>;
/// A response with its whole body.
pub type Response = http::Response<bytes::Bytes>;

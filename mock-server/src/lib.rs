//! A mock server for any OpenAPI document: [`respond`] answers a request, [`Server`] listens on a socket, and [`start`]
//! does both inside a test.
//!
//! The folders are layers, each of which uses those before it: `vocabulary`, `auth` and `tables` (what is compiled from
//! the document), `state`, `oauth`, `sources` (what makes a response), then [`Mock`] and the pipeline in `respond`, and
//! `serving` (upstream, journal, admin interface, listener).

#![warn(missing_docs)]

mod admission;
mod auth;
mod mock;
#[cfg(feature = "oauth")]
mod oauth;
#[cfg(not(feature = "oauth"))]
#[path = "oauth/disabled.rs"]
mod oauth;
mod respond;
mod serving;
mod sources;
pub mod state;
mod tables;
mod vocabulary;

pub use auth::{Credentials, Grant, Principal};
pub use descant_model::api::When;
pub use mock::{InvalidDocument, Mock};
pub use respond::{respond, respond_with};
pub use serving::admin::RequestMaker;
pub use serving::journal::{Coverage, Journal, JournalEntry};
pub use serving::limits::Limits;
pub use serving::live::Live;
pub use serving::mounted_api::MountedApi;
pub use serving::recorder::Recorder;
pub use serving::recording::Observer;
pub use serving::server::{Connection, Server, TlsHandshake};
pub use serving::service::MockService;
pub use serving::start::{Running, start, start_with};
pub use serving::upstream::{Upstream, UpstreamConfig, UpstreamError};
pub use sources::overlay::{OperationKey, Overlay};
pub use tables::rules::{RateLimit, Rule, Rules};
pub use vocabulary::delay::{Delay, InvalidDelay};
pub use vocabulary::directive::{CannedResponse, Directive, InjectedFailure};
pub use vocabulary::message::{Request, Response};
pub use vocabulary::settings::{ErrorFormat, ExamplePolicy, ServerUrls, Settings};

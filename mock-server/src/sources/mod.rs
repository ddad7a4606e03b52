//! The sources of a response: a rule's canned response, an overlay, the state, the document, a refusal.

pub(crate) mod admitted;
pub(crate) mod canned;
pub(crate) mod context;
pub(crate) mod document;
pub(crate) mod documented_error;
mod error_members;
pub(crate) mod event_stream;
mod files;
pub(crate) mod overlay;
pub(crate) mod pictures;
pub(crate) mod refusal;
pub(crate) mod response_validation;
pub(crate) mod server_urls;
pub(crate) mod state_response;
pub(crate) mod unrouted;

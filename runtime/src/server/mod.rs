//! Generated servers: routes, request decoding, typed responses and refusals, and the fallback service for axum.

mod guard;
mod handler;
mod refusal;
mod request;
mod router;
mod service;
mod spool;
mod upload;

pub use handler::Handler;
pub use refusal::{HandlerResult, Rejection, Unimplemented};
pub use request::{Context, FromRequest, Request};
pub use service::{Builder, Service};

/// A response to be sent.
pub type Response = http::Response<crate::Body>;

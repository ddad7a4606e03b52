//! Decides how a generated server answers: routes, request decoding, typed answers and refusals, and the one fallback
//! service that axum mounts.

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

/// A response on its way out.
pub type Response = http::Response<crate::Body>;

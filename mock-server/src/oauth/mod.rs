//! The authorization server that the document's OAuth 2 and OpenID Connect schemes name, on the mock's own address. It
//! grants what the schemes can grant, with the responses and errors of the protocol.

mod authority;
mod authorize;
mod endpoints;
mod error;
mod form;
mod grant_store;
mod id_token;
mod metadata;
mod schemes;
mod token;

pub(crate) use authority::Authority;

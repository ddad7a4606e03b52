//! The authorization server that the document's OAuth 2 and OpenID Connect schemes name, on the mock's own address. It
//! grants what the schemes can grant, with the responses and errors of the protocol.

mod authority;
mod authorize;
mod claims;
mod end_session;
mod endpoints;
mod error;
mod form;
mod grant_store;
mod id_token;
mod login_page;
mod metadata;
mod schemes;
mod token;
mod user_info;

pub(crate) use authority::Authority;

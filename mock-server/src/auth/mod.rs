//! Authorization: which requests may call an operation, by the document's security requirements.

mod guard;
mod principal;
mod scheme;
mod store;
#[cfg(test)]
mod tests;
mod verify;

pub(crate) use guard::{Guard, Requirement};
pub use principal::{Grant, Principal};
pub use store::Credentials;

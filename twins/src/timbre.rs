//! Timbre: feeds with filters, and the way to a token: plan, permission, token, shown once.

mod feeds;
mod service;
mod state;

pub(crate) use service::Service;

#[cfg(test)]
mod tests;

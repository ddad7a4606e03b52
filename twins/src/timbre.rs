//! Timbre: feeds with filters, and the steps to a token: plan, permission, token, which is shown only once.

mod feeds;
mod service;
mod state;

pub(crate) use service::Service;

#[cfg(test)]
mod tests;

//! Serving mocks: the upstream behind them, the journal, the admin interface, the listener.

pub(crate) mod admin;
pub(crate) mod delivery;
pub(crate) mod journal;
pub(crate) mod live;
pub(crate) mod mounted_api;
pub(crate) mod recorder;
pub(crate) mod response_capture;
pub(crate) mod reusable_timer;
pub(crate) mod server;
pub(crate) mod service;
pub(crate) mod start;
mod trace;
pub(crate) mod upstream;

//! Serving mocks: the upstream behind them, the journal, the admin interface, the listener.

pub(crate) mod admin;
pub(crate) mod delivery;
mod forwarding;
pub(crate) mod heavy;
pub(crate) mod journal;
pub(crate) mod limits;
pub(crate) mod live;
pub(crate) mod memory;
pub(crate) mod mounted_api;
mod notifications;
mod notifier;
mod pace;
pub(crate) mod receive;
pub(crate) mod recorder;
pub(crate) mod recording;
pub(crate) mod response_capture;
pub(crate) mod reusable_timer;
pub(crate) mod server;
pub(crate) mod service;
pub(crate) mod sessions;
pub(crate) mod start;
mod trace;
pub(crate) mod upstream;
pub(crate) mod write_timeout;

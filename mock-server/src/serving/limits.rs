//! The limits of connections, messages and memory.

use std::time::Duration;

/// The limits of connections, messages and memory.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// The timeout of the whole head of a request, and of an idle connection.
    pub header_timeout: Duration,
    /// The timeout of the whole body of a request.
    pub body_timeout: Duration,
    /// The time in which a client has to send, or to read, the next 64 KiB of a large body.
    pub stall_timeout: Duration,
    /// The longest time that an injected failure holds a connection.
    pub failure_timeout: Duration,
    /// The bytes of a request's target; at most 65,534.
    pub target_bytes: usize,
    /// The bytes of a head.
    pub header_bytes: usize,
    /// The number of header fields.
    pub headers: usize,
    /// The bytes of a body.
    pub body_bytes: usize,
    /// The bytes of a response's body.
    pub response_bytes: usize,
    /// The bytes of all bodies that are being received, and the same for all that are being sent. Bodies of at most
    /// 16 KiB are not counted.
    pub buffer_bytes: usize,
    /// The number of connections; further ones wait.
    pub connections: usize,
    /// The number of sessions of each document.
    pub sessions: usize,
    /// The time that open exchanges have to finish on shutdown.
    pub grace: Duration,
}

/// The number of header fields that hyper has by default.
pub(super) const DEFAULT_HEADERS: usize = 100;

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(60),
            stall_timeout: Duration::from_secs(8),
            failure_timeout: Duration::from_secs(120),
            target_bytes: 65_534,
            header_bytes: 64 * 1024,
            headers: DEFAULT_HEADERS,
            body_bytes: 16 * 1024 * 1024,
            response_bytes: 64 * 1024 * 1024,
            buffer_bytes: 32 * 1024 * 1024,
            connections: 4096,
            sessions: 1000,
            grace: Duration::from_secs(5),
        }
    }
}

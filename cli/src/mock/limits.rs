//! The flags for the limits of clients.

use std::time::Duration;

use descant_mock::Limits;

#[derive(clap::Args)]
#[group(id = "client-limits")]
#[command(next_help_heading = "Limits")]
pub(crate) struct Args {
    /// The time limit of a request's head, and of an idle connection [default: 30]
    #[arg(long, value_name = "SECONDS")]
    header_timeout: Option<u64>,
    /// The time limit of a request's body [default: 60]
    #[arg(long, value_name = "SECONDS")]
    body_timeout: Option<u64>,
    /// The time limit for the next 64 KiB of a large body, received or sent [default: 8]
    #[arg(long, value_name = "SECONDS")]
    stall_timeout: Option<u64>,
    /// The longest time that an injected failure or a held stream keeps a connection open [default: 120]
    #[arg(long, value_name = "SECONDS")]
    failure_timeout: Option<u64>,
    /// The maximum size of a request's target, its path with the query; at most 65534 [default: 65534]
    #[arg(long, value_name = "BYTES")]
    max_target_bytes: Option<usize>,
    /// The maximum size of a request's head [default: 65536]
    #[arg(long, value_name = "BYTES")]
    max_header_bytes: Option<usize>,
    /// The maximum number of header fields of a request [default: 100]
    #[arg(long, value_name = "N")]
    max_headers: Option<usize>,
    /// The maximum size of a request's body [default: 16777216]
    #[arg(long, value_name = "BYTES")]
    max_body_bytes: Option<usize>,
    /// The maximum size of a response's body [default: 67108864]
    #[arg(long, value_name = "BYTES")]
    max_response_bytes: Option<usize>,
    /// The maximum size of all bodies that are received at once, and of all that are sent [default: 33554432]
    #[arg(long, value_name = "BYTES")]
    max_buffer_bytes: Option<usize>,
    /// The maximum number of open connections; further ones wait [default: 4096]
    #[arg(long, value_name = "N")]
    max_connections: Option<u16>,
    /// The maximum number of sessions of a document (X-Descant-Session) [default: 1000]
    #[arg(long, value_name = "N")]
    max_sessions: Option<usize>,
    /// The time that open exchanges have to finish at shutdown [default: 5]
    #[arg(long, value_name = "SECONDS")]
    grace: Option<u64>,
}

impl Args {
    /// Returns the limits; those that are not set have the library's defaults.
    pub(super) fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        let set = |limit: &mut Duration, seconds: Option<u64>| {
            *limit = seconds.map_or(*limit, Duration::from_secs);
        };
        set(&mut limits.header_timeout, self.header_timeout);
        set(&mut limits.body_timeout, self.body_timeout);
        set(&mut limits.stall_timeout, self.stall_timeout);
        set(&mut limits.failure_timeout, self.failure_timeout);
        set(&mut limits.grace, self.grace);
        let set = |limit: &mut usize, number: Option<usize>| *limit = number.unwrap_or(*limit);
        set(&mut limits.target_bytes, self.max_target_bytes);
        set(&mut limits.header_bytes, self.max_header_bytes);
        set(&mut limits.headers, self.max_headers);
        set(&mut limits.body_bytes, self.max_body_bytes);
        set(&mut limits.response_bytes, self.max_response_bytes);
        set(&mut limits.buffer_bytes, self.max_buffer_bytes);
        set(&mut limits.connections, self.max_connections.map(usize::from));
        set(&mut limits.sessions, self.max_sessions);
        limits
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        limits: Args,
    }

    #[test]
    fn the_defaults_that_the_help_states_are_those_of_the_library() {
        let usual = Limits::default();
        let stated = [
            ("header_timeout", usual.header_timeout.as_secs()),
            ("body_timeout", usual.body_timeout.as_secs()),
            ("stall_timeout", usual.stall_timeout.as_secs()),
            ("failure_timeout", usual.failure_timeout.as_secs()),
            ("max_target_bytes", usual.target_bytes as u64),
            ("max_header_bytes", usual.header_bytes as u64),
            ("max_headers", usual.headers as u64),
            ("max_body_bytes", usual.body_bytes as u64),
            ("max_response_bytes", usual.response_bytes as u64),
            ("max_buffer_bytes", usual.buffer_bytes as u64),
            ("max_connections", usual.connections as u64),
            ("max_sessions", usual.sessions as u64),
            ("grace", usual.grace.as_secs()),
        ];
        let line = Line::command();
        for (name, value) in stated {
            let flag = line.get_arguments().find(|flag| flag.get_id() == name).unwrap();
            let help = flag.get_help().unwrap().to_string();
            assert!(help.ends_with(&format!("[default: {value}]")), "{name}: {help}");
        }
    }

    #[test]
    fn what_is_set_counts() {
        let line = Line::parse_from(["mock", "--max-body-bytes", "10", "--grace", "0"]);
        let limits = line.limits.limits();
        assert_eq!((limits.body_bytes, limits.grace), (10, Duration::ZERO));
        assert_eq!(limits.headers, Limits::default().headers);
    }
}

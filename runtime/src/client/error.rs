//! Decides what can go wrong with a call, and how much of it is shown: never a credential, never a URL's query.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::body::ReadError;
use crate::problem::Fault;

/// Why a call came to no documented answer.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The configuration is no good: a base URL that is none, say.
    Configuration(String),
    /// An argument cannot be sent; nothing was.
    InvalidRequest(Vec<Fault>),
    /// The operation asks for a credential that the client does not hold; nothing was sent.
    MissingCredential {
        /// `GET /pets`.
        operation: &'static str,
        /// The schemes that would do: any of these, each together.
        alternatives: super::Security,
    },
    /// The exchange failed: no connection, or a broken one.
    Transport(reqwest::Error),
    /// The answer was not there within this time; of one whose body is a stream, its beginning.
    Timeout(Duration),
    /// The body of the response could not be read whole.
    Body {
        /// The response's status.
        status: StatusCode,
        /// Why.
        error: ReadError,
    },
    /// The response is not what the document says of its status.
    Decode {
        /// The response's status.
        status: StatusCode,
        /// What is wrong, and where.
        fault: Box<Fault>,
        /// The body as it came.
        body: Bytes,
    },
    /// The document does not name the status.
    UndocumentedStatus {
        /// The status.
        status: StatusCode,
        /// The headers that came with it.
        headers: Box<HeaderMap>,
        /// The body as it came.
        body: Bytes,
    },
    /// A middleware gave up.
    Middleware(crate::body::BoxError),
}

impl Error {
    /// The status of the response, where there was one.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Body { status, .. }
            | Self::Decode { status, .. }
            | Self::UndocumentedStatus { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Whether the call took longer than it may.
    pub fn is_timeout(&self) -> bool {
        match self {
            Self::Timeout(_) => true,
            Self::Transport(error) => error.is_timeout(),
            _ => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configuration(what) => formatter.write_str(what),
            Self::InvalidRequest(faults) => {
                let faults: Vec<String> = faults.iter().map(Fault::to_string).collect();
                write!(formatter, "the request cannot be sent: {}", faults.join("; "))
            }
            Self::MissingCredential { operation, alternatives } => {
                let alternatives: Vec<String> = alternatives.iter().map(|all| all.join(" and ")).collect();
                write!(formatter, "`{operation}` needs a credential: {}", alternatives.join(", or "))
            }
            Self::Transport(error) => write!(formatter, "the exchange failed: {error}"),
            Self::Timeout(limit) => write!(formatter, "there was no answer within {limit:?}"),
            Self::Body { status, error } => write!(formatter, "{status}: {error}"),
            Self::Decode { status, fault, .. } => write!(formatter, "{status}: not as documented: {fault}"),
            Self::UndocumentedStatus { status, .. } => write!(formatter, "{status}: an undocumented status"),
            Self::Middleware(error) => write!(formatter, "the middleware gave up: {error}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Transport(error) => Some(error),
            Self::Body { error, .. } => Some(error),
            Self::Decode { fault, .. } => Some(fault.as_ref()),
            Self::Middleware(error) => Some(error.as_ref()),
            _ => None,
        }
    }
}

impl From<reqwest::Error> for Error {
    /// The URL is taken off: its query may hold a credential.
    fn from(error: reqwest::Error) -> Self {
        Self::Transport(error.without_url())
    }
}

//! Errors of calls. They contain no credential and no query of a URL.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::body::ReadError;
use crate::problem::Fault;

/// The reason why a call has no documented response.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The configuration is invalid, such as the base URL.
    Configuration(String),
    /// An argument cannot be sent; no request was sent.
    InvalidRequest(Vec<Fault>),
    /// The client lacks a credential that the operation requires; no request was sent.
    MissingCredential {
        /// `GET /pets`.
        operation: &'static str,
        /// The schemes that would do: any of these, each together.
        alternatives: super::Security,
    },
    /// The connection failed.
    Transport(reqwest::Error),
    /// The response, or the head of a streamed response, did not arrive within this time.
    Timeout(Duration),
    /// The body of the response could not be read.
    Body {
        /// The response's status.
        status: StatusCode,
        /// Why.
        error: ReadError,
    },
    /// The response does not match the document.
    Decode {
        /// The response's status.
        status: StatusCode,
        /// What is wrong, and where.
        fault: Box<Fault>,
        /// The body as it came.
        body: Bytes,
    },
    /// The document does not list the status.
    UndocumentedStatus {
        /// The status.
        status: StatusCode,
        /// The headers that came with it.
        headers: Box<HeaderMap>,
        /// The body as it came.
        body: Bytes,
    },
    /// A middleware failed.
    Middleware(crate::body::BoxError),
}

impl Error {
    /// Returns the status of the response, if there is one.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Body { status, .. }
            | Self::Decode { status, .. }
            | Self::UndocumentedStatus { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Whether the call exceeded its time limit.
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
    /// Removes the URL, since its query may contain a credential.
    fn from(error: reqwest::Error) -> Self {
        Self::Transport(error.without_url())
    }
}

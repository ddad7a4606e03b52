//! Errors of calls. They contain no credential and no query of a URL.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::Received;
use crate::body::{BoxError, ReadError};
use crate::payload::Payload;
use crate::problem::Fault;
use crate::response::{self, Reply, Responses};

/// The reason why a call has no success value.
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
    /// The credentials could not be fetched; no request was sent.
    Credentials {
        /// `GET /pets`.
        operation: &'static str,
        /// Why.
        error: BoxError,
    },
    /// The connection failed.
    Transport {
        /// `GET /pets`.
        operation: &'static str,
        /// Why.
        error: reqwest::Error,
    },
    /// The response, or the head of a streamed response, did not arrive within this time.
    Timeout {
        /// `GET /pets`.
        operation: &'static str,
        /// The time limit.
        limit: Duration,
    },
    /// The status is not the operation's success: a documented error, another documented success, or undocumented.
    Status(Box<Received>),
    /// The body of the response could not be read.
    Body {
        /// The response without its body.
        received: Box<Received>,
        /// Why.
        error: ReadError,
    },
    /// The body or a header of the response does not match the document.
    Decode {
        /// The response.
        received: Box<Received>,
        /// What is wrong, and where.
        fault: Box<Fault>,
    },
    /// A middleware failed.
    Middleware(BoxError),
}

impl Error {
    /// Returns the response, if there is one.
    pub fn received(&self) -> Option<&Received> {
        match self {
            Self::Status(received) | Self::Body { received, .. } | Self::Decode { received, .. } => {
                Some(received)
            }
            _ => None,
        }
    }

    /// Returns the status of the response, if there is one.
    pub fn status(&self) -> Option<StatusCode> {
        self.received().map(|received| received.status)
    }

    /// Returns the headers of the response, if there is one.
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.received().map(|received| &received.headers)
    }

    /// Returns the undecoded body of the response, if there is one.
    pub fn body(&self) -> Option<&Bytes> {
        self.received().map(|received| &received.body)
    }

    /// Whether the call exceeded its time limit.
    pub fn is_timeout(&self) -> bool {
        match self {
            Self::Timeout { .. } => true,
            Self::Transport { error, .. } => error.is_timeout(),
            _ => false,
        }
    }

    /// Returns the variant as a word, for traces.
    #[cfg(feature = "tracing")]
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Configuration(_) => "configuration",
            Self::InvalidRequest(_) => "invalid-request",
            Self::MissingCredential { .. } => "missing-credential",
            Self::Credentials { .. } => "credentials",
            Self::Transport { .. } => "transport",
            Self::Timeout { .. } => "timeout",
            Self::Status(_) => "status",
            Self::Body { .. } => "body",
            Self::Decode { .. } => "decode",
            Self::Middleware(_) => "middleware",
        }
    }

    /// Removes the URL, since its query may contain a credential.
    pub(super) fn transport(operation: &'static str, error: reqwest::Error) -> Self {
        Self::Transport { operation, error: error.without_url() }
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
            Self::Credentials { operation, error } => {
                write!(formatter, "{operation}: no credentials: {error}")
            }
            Self::Transport { operation, error } => {
                let cause = innermost(error).to_string();
                write!(formatter, "{operation}: {cause}")?;
                // What hyper says of https without TLS.
                let plain = cfg!(not(feature = "tls")) && cause == "invalid URL, scheme is not http";
                formatter.write_str(if plain {
                    ": HTTPS needs the feature `tls` of descant-runtime"
                } else {
                    ""
                })
            }
            Self::Timeout { operation, limit } => {
                write!(formatter, "{operation}: there was no answer within {limit:?}")
            }
            Self::Status(received) => received.fmt(formatter),
            Self::Body { received, error } => {
                write!(formatter, "{}: {}: {error}", received.operation, received.status)
            }
            Self::Decode { received, fault } => {
                write!(formatter, "{}: {}: not as documented: {fault}", received.operation, received.status)
            }
            Self::Middleware(error) => write!(formatter, "the middleware gave up: {error}"),
        }
    }
}

/// Returns the cause that has no cause: the outer ones only say that something failed.
pub(super) fn innermost(error: &reqwest::Error) -> &dyn std::error::Error {
    let mut inner: &dyn std::error::Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Transport { error, .. } => Some(error),
            Self::Body { error, .. } => Some(error),
            Self::Decode { fault, .. } => Some(fault.as_ref()),
            Self::Middleware(error) | Self::Credentials { error, .. } => Some(error.as_ref()),
            _ => None,
        }
    }
}

/// An [`Error`] of a call with the documented responses `R`; it dereferences to the [`Error`], and `?` converts it.
pub struct CallError<R> {
    error: Error,
    responses: PhantomData<fn() -> R>,
}

impl<R: Responses> CallError<R> {
    /// Returns the documented response of the status, decoded; `None` if there was no response, its status is not
    /// documented, or its body is not as documented.
    ///
    /// ```ignore
    /// match client.get_pet(7).await {
    ///     Ok(pet) => println!("{}", pet.name),
    ///     Err(error) => match error.answer() {
    ///         Some(GetPetResponse::NotFound(problem)) => println!("{problem:?}"),
    ///         _ => return Err(error.into()),
    ///     },
    /// }
    /// ```
    pub fn answer(&self) -> Option<R> {
        let Error::Status(received) = &self.error else { return None };
        let Received { status, headers, body, .. } = &**received;
        let case = response::case_of(R::CASES, *status)?;
        let payload = Payload { headers: headers.clone(), body: body.clone().into(), ..Payload::default() };
        R::read(case.status, Reply { status: *status, payload }).ok()
    }
}

impl<R> CallError<R> {
    /// Returns the error without the type of the documented responses.
    pub fn into_inner(self) -> Error {
        self.error
    }
}

impl<R> Deref for CallError<R> {
    type Target = Error;

    fn deref(&self) -> &Error {
        &self.error
    }
}

impl<R> From<Error> for CallError<R> {
    fn from(error: Error) -> Self {
        Self { error, responses: PhantomData }
    }
}

impl<R> From<CallError<R>> for Error {
    fn from(error: CallError<R>) -> Self {
        error.error
    }
}

impl<R> fmt::Debug for CallError<R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(formatter)
    }
}

impl<R> fmt::Display for CallError<R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(formatter)
    }
}

impl<R> std::error::Error for CallError<R> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.error)
    }
}

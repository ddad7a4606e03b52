//! Decides which of an operation's documented answers a response is, and what each is on the wire: one table of
//! cases an operation, read by the client and written by the server.

mod headers;
mod table;

pub use headers::{Headers, header_value, put_header, read_header, write_header};

use http::StatusCode;

use crate::codec::Streams;
#[cfg(feature = "server")]
use crate::exchange::Refusals;
use crate::media::{self, MediaKind};
use crate::payload::Payload;
use crate::problem::Fault;

/// The documented answers of an operation, as a client reads them. Implemented by [`responses!`](crate::responses),
/// never by hand.
pub trait Responses: Sized + 'static {
    /// The body of a success.
    type Success: 'static;
    /// Each documented status.
    const CASES: &'static [Case];
    /// Reads the body of one of the cases that are a success.
    ///
    /// # Errors
    /// Returns an error if the case is none, or the body is not what the document says.
    fn success(case: Pattern, reply: Reply) -> Result<Self::Success, Fault>;
    /// The answer of one of the cases.
    ///
    /// # Errors
    /// Returns an error if a header or the body is not what the document says.
    fn read(case: Pattern, reply: Reply) -> Result<Self, Fault>;
}

/// Documented answers as a server writes them. Implemented by [`responses!`](crate::responses), never by hand.
pub trait Answers: Responses {
    /// The status that this answer has.
    fn status(&self) -> StatusCode;
    /// The answer on the wire.
    ///
    /// # Errors
    /// Returns an error if a status is none of its case's, or a header or body cannot be written.
    fn write(self) -> Result<Reply, Fault>;
}

/// One documented status with what it carries.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// The statuses that it is for.
    pub status: Pattern,
    /// The documented media types or ranges; empty where there is no body.
    pub media_types: &'static [&'static str],
    /// Whether the body is handed over unread.
    pub streams: Streams,
    /// Whether it is a success: its body is the value of a call.
    pub success: bool,
}

impl Case {
    /// Whether a response of this status, which is the case's, is a success.
    pub fn is_success(&self, status: StatusCode) -> bool {
        self.success && (self.status != Pattern::Default || status.is_success())
    }
}

/// Which statuses a case is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// One.
    Code(u16),
    /// A hundred, by its first digit.
    Range(u16),
    /// All that no other case is for.
    Default,
}

impl Pattern {
    fn covers(self, status: StatusCode) -> bool {
        match self {
            Self::Code(code) => status.as_u16() == code,
            Self::Range(digit) => status.as_u16() / 100 == digit,
            Self::Default => true,
        }
    }

    /// The status, if it is one of the pattern's.
    ///
    /// # Errors
    /// If it is not, so that no server sends what its document does not say.
    pub fn admit(self, status: StatusCode) -> Result<StatusCode, Fault> {
        match self.covers(status) {
            true => Ok(status),
            false => Err(Fault::new("status", format!("a status of {self:?}"), status.as_str())),
        }
    }
}

/// A response: what a case is read from and written as.
#[derive(Debug, Default)]
pub struct Reply {
    /// Its status.
    pub status: StatusCode,
    /// The rest of it; the body is read whole before a case that does not stream sees it.
    pub payload: Payload,
}

/// The case of a status: its own, else its range's, else the default one.
pub fn case_of(cases: &'static [Case], status: StatusCode) -> Option<&'static Case> {
    let rank = |case: &&Case| match case.status {
        Pattern::Code(_) => 0,
        Pattern::Range(_) => 1,
        Pattern::Default => 2,
    };
    cases.iter().filter(|case| case.status.covers(status)).min_by_key(rank)
}

/// Whether a body of this media type can be read as one of the documented ones: one of them covers it, or has the
/// same codec. A response without a `Content-Type` is taken at the document's word.
pub fn is_documented(content_type: &str, media_types: &[&str]) -> bool {
    media_types.is_empty()
        || content_type.is_empty()
        || media::select(content_type, media_types).is_some()
        || media_types.iter().any(|one| MediaKind::of(one) == MediaKind::of(content_type))
}

/// A case that an operation does not have.
///
/// # Errors
/// Always.
pub fn unknown<R>(case: Pattern) -> Result<R, Fault> {
    Err(Fault::new("status", "a documented status", &format!("{case:?}")))
}

/// The status of a code that a table states.
pub fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or_default()
}

/// The statuses that an operation with these cases refuses an invalid request with.
#[cfg(feature = "server")]
pub(crate) fn refusals(cases: &[Case]) -> Refusals {
    Refusals::new(|code| cases.iter().any(|case| case.status == Pattern::Code(code)))
}

/// The media types of good answers: those of 2xx, else of any status; none where a good answer is the change to another
/// protocol (101, RFC 9110, 15.2.2).
pub fn media_types(cases: &[Case]) -> Vec<&'static str> {
    let good = |case: &&Case| matches!(case.status, Pattern::Code(101 | 200..300) | Pattern::Range(2));
    let some_good = cases.iter().any(|case| good(&case));
    let is_switch = |case: &&Case| case.status == Pattern::Code(101);
    let counts = |case: &&Case| !is_switch(case) && (!some_good || good(case));
    cases.iter().filter(counts).flat_map(|case| case.media_types).copied().collect()
}

/// What a client asks for: every documented media type, each once, in the document's order.
pub fn accept(cases: &[Case]) -> String {
    let mut seen: Vec<&str> = Vec::new();
    for media_type in cases.iter().flat_map(|case| case.media_types) {
        if !seen.contains(media_type) {
            seen.push(media_type);
        }
    }
    if seen.is_empty() { "*/*".to_owned() } else { seen.join(", ") }
}

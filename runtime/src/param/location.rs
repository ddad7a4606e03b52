//! The places of a request in which a parameter travels.

use std::fmt;

/// The part of a message that contains a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Location {
    /// In the path template.
    Path,
    /// After the question mark.
    Query,
    /// A header of the request or the response.
    Header,
    /// The `Cookie` header.
    Cookie,
}

impl Location {
    /// Returns the value of `in`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

//! What an exchange gets wrong, and how much that weighs.

use std::fmt;

use descant_exchange::{Check, Violation};

/// How much a failure weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The service differs from the document without a broken promise: an undocumented refusal, 404 before validation.
    Warning,
    /// A broken promise: an invalid request accepted, a crash, a response that is not the documented one, a lost write.
    Error,
}

impl Severity {
    /// Returns the word that reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// Something that an exchange gets wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub severity: Severity,
    pub check: Check,
    /// One sentence without a full stop: what was expected and what was found.
    pub message: String,
}

impl Failure {
    /// Returns an error.
    pub fn error(check: Check, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, check, message: message.into() }
    }

    /// Returns a warning.
    pub fn warning(check: Check, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, check, message: message.into() }
    }
}

impl From<Violation> for Failure {
    fn from(violation: Violation) -> Self {
        Failure::error(violation.check, violation.message)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.check, self.message)
    }
}

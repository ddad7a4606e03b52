//! Which statuses keep the promise, for each thing that can be tried.

pub(crate) use descant_exchange::Cause;
use descant_model::api::Operation;
use descant_runtime::param::Location;

use crate::failure::Severity;

/// The answer that keeps the promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expect {
    /// Statuses that are right for what is tried.
    pub statuses: Statuses,
    /// Whether a status that the document does not state for the operation is a broken promise even so.
    pub documented: bool,
    /// Whether the answer must say in `Allow` which methods there are (RFC 9110, 15.5.6).
    pub allow: bool,
}

/// A set of statuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statuses {
    /// Any of these.
    Of(Vec<u16>),
    /// Any of these, or any 2xx.
    OrSuccess(Vec<u16>),
    /// What a valid call may be answered: a success or redirect, or a refusal that its values alone do not explain.
    Accepted,
    /// Any 2xx.
    Success,
    /// A success or a refusal of any kind, but no failure of the service.
    NoFailure,
}

impl Expect {
    /// The answers that a call which must be refused may get ([`Cause::statuses`]). `may_be_unknown`: the call names
    /// something that might not exist, so that 404 may come first.
    pub fn refusal(operation: &Operation, cause: Cause, may_be_unknown: bool) -> Self {
        let mut statuses = cause.statuses(|status| operation.documents(status));
        // A path that no value can be names nothing, whatever else is documented.
        let others: &[u16] = match cause {
            Cause::Parameter(Location::Path) => &[400, 404, 422],
            Cause::Body | Cause::Parameter(_) | Cause::MediaType if may_be_unknown => &[404],
            _ => &[],
        };
        statuses
            .extend(others.iter().filter(|status| !statuses.contains(status)).copied().collect::<Vec<_>>());
        Self { statuses: Statuses::Of(statuses), documented: false, allow: cause == Cause::Method }
    }

    /// The same, or a success: for what a service may take as it is.
    #[must_use]
    pub fn or_success(mut self) -> Self {
        if let Statuses::Of(list) = self.statuses {
            self.statuses = Statuses::OrSuccess(list);
        }
        self
    }

    /// The answers that a valid call may get.
    pub fn accepted() -> Self {
        Self { statuses: Statuses::Accepted, documented: true, allow: false }
    }

    /// The answers that a call may get which some services accept and some refuse.
    pub fn no_failure() -> Self {
        Self { statuses: Statuses::NoFailure, documented: false, allow: false }
    }

    /// The answers that a call which must succeed may get.
    pub fn success() -> Self {
        Self { statuses: Statuses::Success, documented: true, allow: false }
    }
}

impl Expect {
    /// Returns how much a status weighs that is not among the expected ones. Another refusal of a request that must be
    /// refused is a refusal all the same.
    pub(crate) fn severity(&self, status: u16) -> Severity {
        match (&self.statuses, status) {
            (Statuses::Of(_) | Statuses::OrSuccess(_), 300..=499 | 501 | 503) => Severity::Warning,
            _ => Severity::Error,
        }
    }

    /// Whether the request may be refused or accepted.
    pub(crate) fn may_succeed(&self) -> bool {
        matches!(self.statuses, Statuses::OrSuccess(_) | Statuses::NoFailure)
    }

    /// Whether the request is valid, so that a success proves that the operation was tested.
    pub(crate) fn is_valid(&self) -> bool {
        matches!(self.statuses, Statuses::Accepted | Statuses::Success)
    }
}

impl Statuses {
    /// Whether a status is among them.
    pub fn contains(&self, status: u16) -> bool {
        match self {
            Statuses::Of(list) => list.contains(&status),
            Statuses::OrSuccess(list) => list.contains(&status) || matches!(status, 200..=299),
            // 401: the credential was right; 400 and 422: the values were; 405 to 415: so was the rest.
            Statuses::Accepted => {
                matches!(status, 200..=399 | 402..=404 | 409 | 410 | 412 | 423 | 425 | 429 | 451)
            }
            Statuses::Success => matches!(status, 200..=299),
            Statuses::NoFailure => matches!(status, 200..=499 | 501),
        }
    }

    /// As a report says it: `400 or 422`.
    pub fn describe(&self) -> String {
        match self {
            Statuses::Of(list) => list.iter().map(u16::to_string).collect::<Vec<_>>().join(" or "),
            Statuses::OrSuccess(list) => format!("{} or a success", Statuses::Of(list.clone()).describe()),
            Statuses::Accepted => "an answer to a valid call".to_owned(),
            Statuses::Success => "a success (2xx)".to_owned(),
            Statuses::NoFailure => "a success or a refusal".to_owned(),
        }
    }
}

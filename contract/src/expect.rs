//! Which statuses keep the promise, for each thing that can be tried: the one table, each row with its reason.

use descant_model::api::{Location, Operation, StatusPattern};

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
}

/// What is wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    NoCredential,
    WrongCredential,
    /// A parameter at this location that is missing or that its schema does not allow.
    Parameter(Location),
    /// A body that is missing or that its schema does not allow.
    Body,
    /// A body of a media type that the operation does not take.
    MediaType,
    /// A method that the path does not declare.
    Method,
    /// What the call asks for was deleted.
    Gone,
}

/// The statuses that fit a fault, and why no other does: those of the first row that the operation documents, all of
/// them where it documents none.
fn fitting(fault: Fault) -> &'static [&'static [u16]] {
    match fault {
        // RFC 9110, 15.5.2; some answer 403, and 404 where the existence of a resource is a secret (15.5.4).
        Fault::NoCredential | Fault::WrongCredential => &[&[401], &[403], &[404]],
        // A value that cannot be in a path names nothing.
        Fault::Parameter(Location::Path) => &[&[400, 422, 404]],
        // 400 is RFC 9110, 15.5.1; 422 (15.5.21) is what frameworks that read first and validate after answer.
        Fault::Parameter(_) | Fault::Body => &[&[400, 422]],
        // Some read the body before they look at what it claims to be.
        Fault::MediaType => &[&[415], &[400, 422]],
        // 501 is for a method that the whole server does not know (RFC 9110, 15.6.2).
        Fault::Method => &[&[405, 501]],
        Fault::Gone => &[&[404, 410]],
    }
}

impl Expect {
    /// The answers that a call with a fault may get: those that fit the fault and that the operation documents, or
    /// any that fits where it documents none of them. `may_be_unknown`: the call names something that might not
    /// exist, so that a documented 404 may come first.
    pub fn refusal(operation: &Operation, fault: Fault, may_be_unknown: bool) -> Self {
        let rows = fitting(fault);
        let documented =
            |row: &&[u16]| row.iter().copied().filter(|s| documents(operation, *s)).collect::<Vec<_>>();
        // What a document states for its own methods says nothing about those that it does not declare.
        let first = rows.iter().map(documented).find(|row| !row.is_empty() && fault != Fault::Method);
        let mut statuses = first.unwrap_or_else(|| rows.concat());
        // What frameworks answer before the operation is asked (RFC 9110, 15.5.16), and few operations document.
        if fault == Fault::MediaType && !statuses.contains(&415) {
            statuses.push(415);
        }
        if may_be_unknown && fault == Fault::Body && states(operation, 404) {
            statuses.push(404);
        }
        Self { statuses: Statuses::Of(statuses), documented: false, allow: fault == Fault::Method }
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

    /// The answers that a call which must succeed may get.
    pub fn success() -> Self {
        Self { statuses: Statuses::Success, documented: true, allow: false }
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
        }
    }

    /// As a report says it: `400 or 422`.
    pub fn describe(&self) -> String {
        match self {
            Statuses::Of(list) => list.iter().map(u16::to_string).collect::<Vec<_>>().join(" or "),
            Statuses::OrSuccess(list) => format!("{} or a success", Statuses::Of(list.clone()).describe()),
            Statuses::Accepted => "an answer to a valid call".to_owned(),
            Statuses::Success => "a success (2xx)".to_owned(),
        }
    }
}

/// Whether an operation documents a status, by code, range or default.
fn documents(operation: &Operation, status: u16) -> bool {
    operation.responses.iter().any(|(pattern, _)| match pattern {
        StatusPattern::Code(code) => *code == status,
        StatusPattern::Range(digit) => *digit == status / 100,
        StatusPattern::Default => true,
    })
}

/// Whether an operation states a status by its code.
fn states(operation: &Operation, status: u16) -> bool {
    operation.responses.iter().any(|(pattern, _)| *pattern == StatusPattern::Code(status))
}

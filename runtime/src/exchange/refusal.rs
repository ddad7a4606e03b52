//! Selects the status of a refusal, with one table for the whole product.

use http::StatusCode;

use crate::param::Location;
use crate::problem::Fault;

/// The cause of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The request has no valid credential.
    Unauthenticated,
    /// A parameter at this location is missing, cannot be decoded, or violates its schema.
    Parameter(Location),
    /// The body is missing, cannot be decoded, or violates its schema.
    Body,
    /// The operation does not support the media type of the body.
    MediaType,
    /// The path has no such method.
    Method,
    /// The requested resource was deleted.
    Gone,
}

impl Cause {
    /// Returns the statuses that may refuse for this cause, given which statuses an operation documents: those that fit
    /// the cause and are documented, and all that fit where none of them is.
    pub fn statuses(self, documents: impl Fn(u16) -> bool) -> Vec<u16> {
        let (always, fitting) = self.fitting();
        let documented: Vec<u16> = fitting.iter().copied().filter(|status| documents(*status)).collect();
        let fitting = if documented.is_empty() { fitting.to_vec() } else { documented };
        let others = always.iter().copied().filter(|status| !fitting.contains(status)).collect::<Vec<_>>();
        others.into_iter().chain(fitting).collect()
    }

    /// The statuses that HTTP itself gives for a cause, documented or not, and those that services give beside them.
    fn fitting(self) -> (&'static [u16], &'static [u16]) {
        match self {
            // RFC 9110, 15.5.2. Some answer 403, and 404 where the existence of a resource is a secret (15.5.4).
            Cause::Unauthenticated => (&[401], &[401, 403, 404]),
            // A value that cannot be in a path names nothing.
            Cause::Parameter(Location::Path) => (&[], &[400, 422, 404]),
            // 400 is RFC 9110, 15.5.1. Frameworks that read first and validate after answer 422 (15.5.21).
            Cause::Parameter(_) | Cause::Body => (&[], &[400, 422]),
            // What frameworks answer before an operation is asked (RFC 9110, 15.5.16), and few operations document. Some
            // read the body before they look at what it claims to be.
            Cause::MediaType => (&[415], &[415, 400, 422]),
            // 501 is for a method that the whole server does not know (RFC 9110, 15.6.2).
            Cause::Method => (&[405, 501], &[]),
            Cause::Gone => (&[], &[404, 410]),
        }
    }
}

/// The statuses with which an operation refuses an invalid request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusals {
    /// For a request that cannot be read.
    malformed: StatusCode,
    /// For one that breaks its schemas.
    invalid: StatusCode,
}

impl Refusals {
    /// Chooses the statuses of an operation, given which codes it documents: 400 for what cannot be read and 422 for what
    /// breaks a schema where it documents both, else the one that it documents, else 400.
    pub fn new(documents: impl Fn(u16) -> bool) -> Self {
        let pick = |unprocessable: bool| {
            if unprocessable { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::BAD_REQUEST }
        };
        let (bad, unprocessable) = (documents(400), documents(422));
        Self { malformed: pick(unprocessable && !bad), invalid: pick(unprocessable) }
    }

    /// Returns the status that refuses a request with these faults.
    pub fn status(self, faults: &[Fault]) -> StatusCode {
        let is_malformed = |fault: &Fault| matches!(&*fault.keyword, "syntax" | "encoding");
        if faults.iter().any(is_malformed) { self.malformed } else { self.invalid }
    }
}

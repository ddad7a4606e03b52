//! Responses of a server other than documented ones.

use http::{HeaderValue, Response, StatusCode, header};

use crate::body::Body;
use crate::exchange::{Refusals, body::Unsupported};
use crate::problem::{self, Fault, Problem};

/// The result of a method of a generated trait: a documented response, or a rejection.
pub type HandlerResult<R> = Result<R, Rejection>;

/// Rejects a request to an operation without a handler: a fallback may respond in its place, else the response is 501.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unimplemented;

/// The reason why there is no documented response.
#[derive(Debug)]
pub struct Rejection(Box<Reason>);

#[derive(Debug)]
pub(super) enum Reason {
    Unimplemented,
    /// The request is invalid; its operation selects the status.
    Faults(Vec<Fault>),
    Response(Response<Body>),
}

/// What a request came to.
pub(super) enum Outcome {
    Answered(Response<Body>),
    Unimplemented,
    NotFound,
    /// The methods of the path for `Allow`.
    MethodNotAllowed(String),
    /// OPTIONS on a path that does not document it, with the same.
    Options(String),
}

impl Rejection {
    /// Refuses an invalid request with every fault: 400 or 422, as its operation documents.
    pub fn faults(faults: Vec<Fault>) -> Self {
        Self(Box::new(Reason::Faults(faults)))
    }

    /// Refuses a request that lacks an argument without a fault.
    pub fn unread() -> Self {
        Self::faults(Vec::new())
    }

    pub(super) fn into_reason(self) -> Reason {
        *self.0
    }
}

impl From<Unimplemented> for Rejection {
    fn from(_: Unimplemented) -> Self {
        Self(Box::new(Reason::Unimplemented))
    }
}

impl From<Problem> for Rejection {
    fn from(problem: Problem) -> Self {
        response(&problem).into()
    }
}

impl From<Response<Body>> for Rejection {
    fn from(response: Response<Body>) -> Self {
        Self(Box::new(Reason::Response(response)))
    }
}

/// The response to a request that is not what its document says.
pub(super) fn invalid(refusals: Refusals, faults: Vec<Fault>) -> Response<Body> {
    let detail = match faults.as_slice() {
        [one] => one.to_string(),
        many => format!("the request has {} faults", many.len()),
    };
    response(&Problem::new(refusals.status(&faults)).detail(detail).faults(faults))
}

/// 415 with what is taken (RFC 9110, 15.5.16).
pub(super) fn unsupported(why: &Unsupported) -> Rejection {
    let mut response = response(&Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE).detail(&why.detail));
    let taken = HeaderValue::try_from(&why.taken).ok();
    response.headers_mut().extend(taken.map(|value| (why.header.clone(), value)));
    response.into()
}

/// A problem as a response (RFC 9457, 3).
pub(super) fn response(problem: &Problem) -> Response<Body> {
    let mut response = Response::new(Body::from(problem.to_value().to_string()));
    *response.status_mut() = problem.status();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(problem::MEDIA_TYPE));
    // For a service that describes problems in its own schema.
    response.extensions_mut().insert(problem.clone());
    response
}

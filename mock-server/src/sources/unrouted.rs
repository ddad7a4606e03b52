//! Responses to requests that no operation takes: OPTIONS, CORS preflights, the authorization server, 404 and 405.

use bytes::Bytes;
use descant_runtime::route;
use http::header::ALLOW;
use http::{HeaderValue, StatusCode};

use super::pictures;
use crate::auth::Credentials;
use crate::oauth::Authority;
use crate::tables::router::{Router, Unrouted};
use crate::vocabulary::message::{Request, Response, target};
use crate::vocabulary::pending::{PendingResponse, Verdict};
use crate::vocabulary::problem::Problem;

/// The parts of a mock that respond to requests without an operation.
#[derive(Clone, Copy)]
pub(crate) struct Fallback<'m> {
    pub(crate) router: &'m Router,
    pub(crate) authority: &'m Authority,
    pub(crate) credentials: &'m Credentials,
    /// The mock's seed of now.
    pub(crate) seed: u64,
}

/// Returns the response to a request that was not routed.
pub(crate) fn respond_unrouted(
    by: Fallback<'_>,
    request: &Request,
    unrouted: Unrouted<'_>,
) -> PendingResponse {
    match unrouted {
        Unrouted::Preflight(methods) => {
            let targets = by.router.targets(target(request));
            let own = targets.flat_map(|target| by.authority.methods(target));
            allow(methods.into_iter().chain(own).collect())
        }
        Unrouted::Options(methods) => allow(methods),
        Unrouted::MethodNotAllowed(methods) => refuse(not_allowed(request, methods)),
        Unrouted::NotFound => {
            if let Some(picture) = pictures::respond(by.router.prefix(), request) {
                return PendingResponse::new(picture, Verdict::default());
            }
            let mut targets = by.router.targets(target(request));
            let granted =
                targets.find_map(|target| by.authority.answer(by.credentials, by.seed, request, target));
            let granted = granted.map(|response| PendingResponse::new(response, Verdict::default()));
            granted.unwrap_or_else(|| refuse(by.router.not_found(request, target(request))))
        }
    }
}

/// Returns 204 with the methods of a path (RFC 9110, 9.3.7).
fn allow(methods: Vec<&str>) -> PendingResponse {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    if let Ok(methods) = HeaderValue::from_str(&route::allow(methods)) {
        response.headers_mut().insert(ALLOW, methods);
    }
    PendingResponse::new(response, Verdict::default())
}

/// Refuses a request that is for no operation.
fn refuse(problem: Problem) -> PendingResponse {
    let verdict = Verdict { request: Some(problem.detail.clone()), ..Verdict::default() };
    PendingResponse::new(problem.into_response(), verdict)
}

fn not_allowed(request: &Request, allowed: Vec<&str>) -> Problem {
    let (method, allowed) = (request.method(), route::allow(allowed));
    let detail = format!("the document has no {method} on this path; it has {allowed}");
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail).header(ALLOW, &allowed)
}

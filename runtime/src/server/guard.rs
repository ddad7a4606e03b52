//! Guards operations: a request must have the credentials of one alternative, and the server's own check must accept
//! them.

use std::marker::PhantomData;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};

use super::handler::Handler;
use super::refusal::{self, HandlerResult, Outcome, Reason, Rejection};
use super::request::Carried;
use super::{Context, Response};
use crate::exchange::Refusals;
use crate::problem::Problem;
use crate::security::{self, Credential, Credentials, Security};

/// Finds and verifies the credentials of a request.
pub(super) trait Guard: Send + Sync {
    fn presented(&self, parts: &Parts) -> Vec<(&'static str, Credential)>;
    fn challenges(&self) -> &'static [(&'static str, &'static str)];
    fn check<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, HandlerResult<Carried>>;
}

/// Of a server that knows no credentials.
pub(super) struct Nobody;

impl Guard for Nobody {
    fn presented(&self, _: &Parts) -> Vec<(&'static str, Credential)> {
        Vec::new()
    }

    fn challenges(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    fn check<'a>(&'a self, _: &'a Context) -> BoxFuture<'a, HandlerResult<Carried>> {
        Box::pin(async { Ok(Box::new(()) as Carried) })
    }
}

/// A method of the server that checks credentials of a type, and returns the principal.
pub(super) struct Checked<A, C, P, H> {
    pub(super) api: Arc<A>,
    pub(super) check: H,
    pub(super) types: PhantomData<fn(C) -> P>,
}

impl<A, C, P, H> Guard for Checked<A, C, P, H>
where
    A: Send + Sync + 'static,
    C: Credentials,
    P: Send + Sync + 'static,
    H: for<'a> Handler<'a, A, (), C, P>,
{
    fn presented(&self, parts: &Parts) -> Vec<(&'static str, Credential)> {
        C::presented(parts).held()
    }

    fn challenges(&self) -> &'static [(&'static str, &'static str)] {
        C::CHALLENGES
    }

    fn check<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, HandlerResult<Carried>> {
        let checked = self.check.call(&self.api, context.credentials(), context);
        Box::pin(async move { Ok(Box::new(checked.await?) as Carried) })
    }
}

/// Lets a request pass that meets a requirement: the context then names it. One of the alternatives is enough (OAS
/// 4.8.30), so one whose credentials are no good leaves the others, and no credential at all where that is one of them.
pub(super) async fn admit(
    guard: &dyn Guard,
    security: Security,
    mut context: Context,
) -> Result<Context<Carried>, Outcome> {
    if security.is_empty() {
        return Ok(context.of(None));
    }
    let mut refused: Option<Response> = None;
    for met in security::met(security, &guard.presented(&context.parts)) {
        context.requirement = met;
        if met.is_empty() {
            return Ok(context.of(None));
        }
        match guard.check(&context).await.map_err(Rejection::into_reason) {
            Ok(principal) => return Ok(context.of(Some(principal))),
            Err(Reason::Unimplemented) => return Err(Outcome::Unimplemented),
            Err(Reason::Faults(faults)) => {
                return Err(Outcome::Answered(refusal::invalid(Refusals::new(|_| false), faults)));
            }
            // A credential that is known, but not enough, says more than one that is not.
            Err(Reason::Response(response)) => match &refused {
                Some(known) if known.status() != StatusCode::UNAUTHORIZED => {}
                _ => refused = Some(response),
            },
        }
    }
    Err(Outcome::Answered(refused.unwrap_or_else(|| unauthorized(security))))
}

/// 401, which [`challenge`] completes.
fn unauthorized(security: Security) -> Response {
    let alternatives: Vec<String> = security.iter().map(|all| all.join(" and ")).collect();
    let detail = format!("a credential is needed: {}", alternatives.join(", or "));
    refusal::response(&Problem::new(StatusCode::UNAUTHORIZED).detail(detail))
}

/// Adds the challenge of each scheme that an operation asks for to a 401 without one, whoever made it: 401 must have one
/// (RFC 9110, 15.5.2).
pub(super) fn challenge(guard: &dyn Guard, security: Security, response: &mut Response) {
    if response.status() != StatusCode::UNAUTHORIZED
        || response.headers().contains_key(header::WWW_AUTHENTICATE)
    {
        return;
    }
    let mut told = Vec::new();
    for scheme in security.iter().copied().flatten() {
        let challenge = guard.challenges().iter().find(|(name, _)| name == scheme);
        let value = challenge.and_then(|(_, text)| HeaderValue::from_str(text).ok());
        told.extend(value.filter(|value| !told.contains(value)));
    }
    for value in told {
        response.headers_mut().append(header::WWW_AUTHENTICATE, value);
    }
}

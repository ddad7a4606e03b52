//! The pipeline of a mock: route ▸ admit (authorize ▸ decode ▸ validate ▸ apply rules) ▸ canned response, overlay, state or
//! document ▸ finish.

use descant_exchange::Schemas;
use futures_util::FutureExt;
use http::StatusCode;

use crate::admission::admit;
use crate::mock::Mock;
use crate::sources::admitted::AdmittedRequest;
use crate::sources::overlay::{self, Overlay};
use crate::sources::refusal::refuse;
use crate::sources::state_response::{self, StateResponse};
use crate::sources::unrouted::respond_unrouted;
use crate::sources::{canned, document, event_stream, response_validation};
use crate::tables::router::Unrouted;
use crate::vocabulary::byte_range;
use crate::vocabulary::message::{Request, Response, notify};
use crate::vocabulary::pending::PendingResponse;
use crate::vocabulary::problem::Problem;

/// Responds to a request at once. Pure but for the state that the mock keeps.
///
/// A mock whose state is not in [`Memory`](crate::state::Memory) may have to wait for it: then this returns 503, and
/// [`respond_with`] the response.
pub fn respond(mock: &Mock, request: &Request) -> Response {
    let waiting = || {
        let detail = "the state is kept where an answer takes time";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail).into_response()
    };
    respond_with(mock, None, request).now_or_never().unwrap_or_else(waiting)
}

/// Responds to a request; an overlay comes before state and document.
pub async fn respond_with(mock: &Mock, overlay: Option<&dyn Overlay>, request: &Request) -> Response {
    pending_with(mock, overlay, request).await.response
}

/// Responds by a mock without state and overlay, which never waits.
pub(crate) fn pending(mock: &Mock, request: &Request) -> PendingResponse {
    let pending = match accept(mock, request) {
        Ok(admitted) => completed(mock, &admitted, by_document(mock, &admitted, None)),
        Err(refused) => *refused,
    };
    pending.finish(request)
}

/// Responds by overlay, state and document.
pub(crate) async fn pending_with(
    mock: &Mock,
    overlay: Option<&dyn Overlay>,
    request: &Request,
) -> PendingResponse {
    let pending = match accept(mock, request) {
        Ok(admitted) => answer(mock, overlay, &admitted).await,
        Err(refused) => *refused,
    };
    pending.finish(request)
}

/// Routes a request, and admits it to the first operation that takes it.
///
/// # Errors
/// The response without an operation: a refusal, or that to OPTIONS, a CORS preflight or the authorization server.
pub(crate) fn accept<'m>(
    mock: &'m Mock,
    request: &'m Request,
) -> Result<AdmittedRequest<'m>, Box<PendingResponse>> {
    let routed = match mock.router.find_operations(request) {
        Ok(routed) => routed,
        Err(unrouted) => return Err(Box::new(respond_unrouted(mock.fallback(), request, unrouted))),
    };
    let mut refused = None;
    for operation in routed.candidates().filter_map(|index| mock.operations.get(index)) {
        match admit(mock.admission(), request, operation, &routed) {
            Ok(admitted) => return Ok(admitted),
            Err(problem) => _ = refused.get_or_insert((operation, problem)),
        }
    }
    Err(Box::new(match refused {
        Some((operation, problem)) => refuse(mock.context(), request, operation, problem),
        None => respond_unrouted(mock.fallback(), request, Unrouted::NotFound),
    }))
}

/// Responds to an admitted request: by an overlay, unless the caller or a rule chooses a response; then by the state; then
/// by the document.
pub(crate) async fn answer(
    mock: &Mock,
    overlay: Option<&dyn Overlay>,
    admitted: &AdmittedRequest<'_>,
) -> PendingResponse {
    let pending = by_source(mock, overlay, admitted).await;
    completed(mock, admitted, pending)
}

async fn by_source(
    mock: &Mock,
    overlay: Option<&dyn Overlay>,
    admitted: &AdmittedRequest<'_>,
) -> PendingResponse {
    if let Some(overlay) = overlay.filter(|_| !admitted.directive.chooses())
        && let Some(response) = overlay.call(overlay::request(mock.credentials(), admitted)).await
    {
        return validated(&mock.schemas, admitted, response);
    }
    match state_response::respond(mock.context(), mock.state(), admitted).await {
        Ok(StateResponse::Response(response)) => {
            let mut pending = PendingResponse::noticed(response, admitted.operation.key.clone());
            tell_ignored(mock, admitted, &mut pending.response);
            pending.delivered(&admitted.directive)
        }
        Ok(StateResponse::Declined(reason)) => by_document(mock, admitted, reason.as_deref()),
        Err(problem) => {
            let refused = refuse(mock.context(), admitted.request, admitted.operation, problem);
            refused.delivered(&admitted.directive)
        }
    }
}

/// Responds to an admitted request by a canned response or the document, with a notice where the state declined.
fn by_document(mock: &Mock, admitted: &AdmittedRequest<'_>, notice: Option<&str>) -> PendingResponse {
    let directive = &admitted.directive;
    if let Some(canned) = &directive.response {
        let (operation, status) = (admitted.operation.compiled, directive.code.unwrap_or_default());
        let response = canned::respond(&mock.schemas, operation, canned, status);
        return validated(&mock.schemas, admitted, response);
    }
    let from_stock = match (mock.state(), notice) {
        (None, None) => state_response::respond_from_stock(mock.context(), &mock.stock, admitted),
        _ => Ok(None),
    };
    let responded = match from_stock {
        Ok(Some(response)) => Ok(response),
        Ok(None) => document::respond(mock.context(), admitted),
        Err(problem) => Err(problem),
    };
    let pending = match responded {
        Ok(mut response) => {
            notify(&mut response, notice);
            let mut pending = PendingResponse::noticed(response, admitted.operation.key.clone());
            tell_ignored(mock, admitted, &mut pending.response);
            pending
        }
        Err(problem) => refuse(mock.context(), admitted.request, admitted.operation, problem),
    };
    pending.delivered(directive)
}

/// Notes which query parameters had no effect on a list: no violation, as a service may ignore them as well.
fn tell_ignored(mock: &Mock, admitted: &AdmittedRequest<'_>, response: &mut Response) {
    let query = admitted.request.uri().query().filter(|query| !query.is_empty());
    let query = query.filter(|_| response.status().is_success() && !admitted.directive.decides());
    let notice = query.and_then(|query| mock.stock.ignored(admitted.operation.index, query));
    notify(response, notice.as_deref());
}

/// Applies what the responses to every operation get: the mock's own address, and a notice where the path is inexact.
fn completed(mock: &Mock, admitted: &AdmittedRequest<'_>, mut pending: PendingResponse) -> PendingResponse {
    let operation = (&*mock.schemas, admitted.operation.operation);
    let urls = (mock.settings.urls, mock.prefix());
    mock.addresses.localize(urls, operation, admitted.request, &mut pending.response);
    byte_range::apply(admitted.request, &mut pending.response);
    let is_held = admitted.directive.hold == Some(true);
    event_stream::resume(operation, admitted.request, &mut pending.response, is_held);
    let of_operation = || admitted.operation.operation.descant.trailing_slash;
    if admitted.is_beside_slash && of_operation().or(mock.api.descant.trailing_slash).is_none() {
        let notice = format!("the path of the document is `{}`", admitted.operation.operation.path.raw);
        notify(&mut pending.response, Some(&notice));
    }
    pending
}

/// Validates a response that is not the document's own.
fn validated(schemas: &Schemas, admitted: &AdmittedRequest<'_>, response: Response) -> PendingResponse {
    let violation = response_validation::violation(schemas, admitted.operation.operation, &response);
    PendingResponse::new(response, admitted.operation.verdict(violation)).delivered(&admitted.directive)
}

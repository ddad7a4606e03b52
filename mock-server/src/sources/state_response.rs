//! Responses by the state: the items that earlier requests created, in the document's representations.

use bytes::Bytes;
use descant_exchange::accept;
use descant_runtime::param::Location;
use http::header::{CONTENT_TYPE, LINK, LOCATION};
use http::{HeaderMap, HeaderValue, StatusCode};
use indexmap::IndexMap;
use percent_encoding::utf8_percent_encode;
use serde_json::Value;

use super::admitted::AdmittedRequest;
use super::context::ResponseContext;
use super::{document, files};
use crate::state::call::{Call, Done, StateAnswer};
use crate::state::collections::Role;
use crate::state::paging::Listed;
use crate::state::patch::{Conflict, Patch};
use crate::state::stock::Stock;
use crate::state::{State, StoreError};
use crate::tables::operation::Negotiated;
use crate::tables::representation::EncodedBody;
use crate::vocabulary::message::{Request, Response, UNRESERVED, notify, target};
use crate::vocabulary::problem::Problem;
use crate::vocabulary::seed::Seed;
use crate::vocabulary::value_path::fold;

/// The response by the state to a request.
pub(crate) enum StateResponse {
    /// The response, which shows what is stored.
    Response(Response),
    /// None: the document responds. With the reason, where the operation takes part in a collection.
    Declined(Option<String>),
}

/// Returns the response by the state.
///
/// # Errors
/// 404 where the item does not exist, 406, 409 and 422 where it cannot be changed so, 503 where the store fails, 507
/// where it is full.
pub(crate) async fn respond(
    context: ResponseContext<'_>,
    state: Option<&State>,
    admitted: &AdmittedRequest<'_>,
) -> Result<StateResponse, Problem> {
    let Some(state) = state.filter(|_| !admitted.directive.decides()) else {
        return Ok(StateResponse::Declined(None));
    };
    let values = CallValues::of(admitted);
    let call = values.call(admitted, context.seed_of(admitted));
    if let Some(response) = files::download(context, state, admitted, &call).await? {
        return Ok(StateResponse::Response(response));
    }
    let answer = match files::upload(context, state, admitted) {
        Some(upload) => upload.answer(state, call).await?,
        None => state.answer(&call).await?,
    };
    match answer {
        None => Ok(StateResponse::Declined(None)),
        Some(StateAnswer::Unserved(reason)) => {
            Ok(StateResponse::Declined(Some(format!("answered without the state: {reason}"))))
        }
        Some(StateAnswer::NotFound) => {
            Err(Problem::new(StatusCode::NOT_FOUND, "there is no such item, or no longer"))
        }
        Some(StateAnswer::Refused(Conflict { status, reason })) => {
            Err(Problem::new(StatusCode::from_u16(status).unwrap_or(StatusCode::CONFLICT), reason))
        }
        Some(StateAnswer::Done(done)) => render(context, admitted, done).map(StateResponse::Response),
    }
}

/// Returns the response by the stock of a mock without state, to a request that reads a collection. Examples of the response come
/// first, unless the request pages, sorts or filters a list, or the stock has the requested item.
///
/// # Errors
/// 406 where no representation is accepted.
pub(crate) fn respond_from_stock(
    context: ResponseContext<'_>,
    stock: &Stock,
    admitted: &AdmittedRequest<'_>,
) -> Result<Option<Response>, Problem> {
    let Some(part) = stock.part(admitted.operation.index) else { return Ok(None) };
    let is_read = matches!(part.role, Role::List | Role::Read | Role::Own) && part.response.is_some();
    if !is_read || admitted.directive.decides() {
        return Ok(None);
    }
    let accept = accept(admitted.request.headers()).unwrap_or_default();
    // Links of a page begin with the path as it was requested, which may have a prefix.
    let path = admitted.request.uri().path();
    let key = context.seed_of(admitted).with(path).with(&accept).value();
    if let Some(response) = admitted.operation.compiled.stocked(key) {
        return Ok(Some(response));
    }
    let values = CallValues::of(admitted);
    let seed = Seed::new(context.seed).with(admitted.operation.key);
    let call = values.call(admitted, seed);
    if !context.settings.dynamic && stock.leaves_to_example(&call) {
        return Ok(None);
    }
    let Some(StateAnswer::Done(done)) = stock.answer(&call) else { return Ok(None) };
    let response = render(context, admitted, done)?;
    admitted.operation.compiled.keep_stocked(key, &response);
    Ok(Some(response))
}

/// The decoded values of a call.
struct CallValues {
    path: IndexMap<String, Value>,
    query: IndexMap<String, Value>,
}

impl CallValues {
    fn of(admitted: &AdmittedRequest<'_>) -> Self {
        let values = |location| admitted.operation.compiled.requests.values(&admitted.decoded, location);
        Self { path: values(Location::Path), query: values(Location::Query) }
    }

    fn call<'a>(&'a self, admitted: &'a AdmittedRequest<'_>, seed: Seed) -> Call<'a> {
        let content_type = admitted.request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        Call {
            operation: admitted.operation.index,
            target: target(admitted.request),
            path: &self.path,
            query: &self.query,
            body: admitted.body(),
            patch: content_type.map(Patch::of).unwrap_or_default(),
            seed: seed.value(),
        }
    }
}

/// Renders the result of a call that was carried out.
fn render(
    context: ResponseContext<'_>,
    admitted: &AdmittedRequest<'_>,
    done: Done,
) -> Result<Response, Problem> {
    let Done { status, value, created, listed, notice } = done;
    let mut response = represent(context, admitted, status, value)?;
    notify(&mut response, notice.as_deref());
    // A sampled `Location` points at nothing.
    let is_documented = response.headers_mut().remove(LOCATION).is_some();
    // A 201 has the location of what was created (RFC 9110, 15.3.2); other responses where the document describes it.
    let is_located = is_documented || response.status() == StatusCode::CREATED;
    let created = created.filter(|created| created.is_below && is_located);
    let location = created.and_then(|created| location(admitted.request, &created.id));
    response.headers_mut().extend(location.map(|location| (LOCATION, location)));
    listed.iter().for_each(|listed| describe_page(response.headers_mut(), listed));
    Ok(response)
}

/// Sets the header fields that describe the page of a list: `X-Total-Count` and the like, and `Link` (RFC 8288). A sampled
/// `Link` is removed where there are no other pages.
fn describe_page(headers: &mut HeaderMap, listed: &Listed) {
    for (name, value) in headers.iter_mut() {
        let folded = fold(name.as_str());
        let number = listed.number(folded.strip_prefix('x').unwrap_or(&folded));
        if let Some(number) = number {
            *value = HeaderValue::from(number);
        }
    }
    if headers.remove(LINK).is_some() {
        let link = |(relation, target): &(&str, String)| format!("<{target}>; rel=\"{relation}\"");
        let links: Vec<String> = listed.links.iter().map(link).collect();
        let value = Some(links.join(", ")).filter(|text| !text.is_empty());
        headers.extend(value.and_then(|text| HeaderValue::try_from(text).ok()).map(|value| (LINK, value)));
    }
}

fn represent(
    context: ResponseContext<'_>,
    admitted: &AdmittedRequest<'_>,
    status: u16,
    value: Option<Value>,
) -> Result<Response, Problem> {
    let documented = admitted.operation.compiled.response(status);
    let status = StatusCode::from_u16(status).unwrap_or_default();
    let mut response = match (value, documented) {
        (Some(value), Some(documented)) if !documented.representations.is_empty() => {
            let Negotiated { representation, media_type, content_type } =
                documented.negotiate(admitted.request.headers())?;
            let bytes = representation.encode(context.schemas, &media_type, &value);
            let bytes = bytes.map_err(|reason| Problem::new(StatusCode::NOT_IMPLEMENTED, reason))?;
            EncodedBody { bytes, notice: None }.into_response(content_type)
        }
        // The response shows no item: a message, say.
        (_, Some(documented)) => document::render(context, admitted, status, documented)?,
        (_, None) => Response::new(Bytes::new()),
    };
    *response.status_mut() = status;
    let headers = documented.map(|documented| documented.headers.iter().cloned());
    response.headers_mut().extend(headers.into_iter().flatten());
    document::mark_deprecated(admitted, &mut response);
    Ok(response)
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let status = match error {
            StoreError::Failed(_) | StoreError::Contended => StatusCode::SERVICE_UNAVAILABLE,
            StoreError::Full(_) => StatusCode::INSUFFICIENT_STORAGE,
        };
        Self::new(status, error.to_string())
    }
}

/// Returns the location of a new item: below the collection that it was sent to.
fn location(request: &Request, id: &str) -> Option<HeaderValue> {
    let collection = request.uri().path().trim_end_matches('/');
    HeaderValue::try_from(format!("{collection}/{}", utf8_percent_encode(id, UNRESERVED))).ok()
}

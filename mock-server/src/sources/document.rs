//! Responses by the document alone: status, representation, header fields, and an example or a sampled value as body.

use bytes::Bytes;
use descant_exchange::is_bodiless;
use descant_model::api::StatusPattern;
use descant_runtime::media::MediaKind;
use descant_runtime::param::Location;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value};

use super::admitted::AdmittedRequest;
use super::context::ResponseContext;
use super::pictures;
use crate::tables::operation::{CompiledOperation, CompiledResponse, Negotiated, is_total};
use crate::tables::representation::BodySelection;
use crate::vocabulary::byte_range;
use crate::vocabulary::message::{Response, notify};
use crate::vocabulary::problem::Problem;

/// As in the draft before RFC 9745: the document does not state since when an operation is deprecated.
const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");

/// Returns the documented response to an admitted request.
///
/// # Errors
/// 400 where a directive names no example, 406 where no representation is accepted, 501 where no value follows the
/// schema.
pub(crate) fn respond(
    context: ResponseContext<'_>,
    admitted: &AdmittedRequest<'_>,
) -> Result<Response, Problem> {
    let code = admitted.directive.code;
    if code.is_none() && is_switch(admitted.operation.compiled) {
        let detail =
            "the document states no answer but a change to another protocol, which the mock does not speak";
        return Err(Problem::new(StatusCode::NOT_IMPLEMENTED, detail));
    }
    let Some((status, documented)) = choose(admitted) else {
        return Ok(undocumented(code));
    };
    let mut response = render(context, admitted, status, documented)?;
    response.headers_mut().extend(documented.headers.iter().cloned());
    count_items(documented, &mut response);
    offer_ranges(&mut response);
    if code.is_none() && documented.when.is_none() && status.as_u16() >= 400 {
        notify(&mut response, Some("the document states no response of success"));
    }
    mark_deprecated(admitted, &mut response);
    Ok(response)
}

/// Offers ranges of a response that is a file.
fn offer_ranges(response: &mut Response) {
    let media_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if media_type.is_some_and(|name| name.starts_with("image/") || MediaKind::of(name) == MediaKind::Binary) {
        byte_range::offer(response);
    }
}

/// Sets the header fields that count the items of a list to what its body says: a total, else the number of its items.
fn count_items(documented: &CompiledResponse, response: &mut Response) {
    if documented.counts.is_empty() {
        return;
    }
    let Ok(body) = serde_json::from_slice::<Value>(response.body()) else { return };
    let Some(total) = stated_total(&body).or_else(|| listed(&body)) else { return };
    for name in &documented.counts {
        response.headers_mut().insert(name, HeaderValue::from(total));
    }
}

/// Returns the total that an envelope, or an object in it, states.
fn stated_total(body: &Value) -> Option<u64> {
    let own = |members: &Map<String, Value>| {
        members.iter().find_map(|(name, value)| value.as_u64().filter(|_| is_total(name)))
    };
    let members = body.as_object()?;
    own(members).or_else(|| members.values().filter_map(Value::as_object).find_map(own))
}

/// Returns the number of items of the first list.
fn listed(body: &Value) -> Option<u64> {
    let list = body.as_array().or_else(|| body.as_object()?.values().find_map(Value::as_array))?;
    u64::try_from(list.len()).ok()
}

/// Marks the response of a deprecated operation.
pub(crate) fn mark_deprecated(admitted: &AdmittedRequest<'_>, response: &mut Response) {
    if admitted.operation.operation.deprecated {
        response.headers_mut().insert(DEPRECATION, HeaderValue::from_static("true"));
    }
}

/// Renders a documented response without its header fields.
///
/// # Errors
/// As [`respond`].
pub(crate) fn render(
    context: ResponseContext<'_>,
    admitted: &AdmittedRequest<'_>,
    status: StatusCode,
    documented: &CompiledResponse,
) -> Result<Response, Problem> {
    let directive = &admitted.directive;
    let path = if status.is_success() { admitted.path_values() } else { Vec::new() };
    let selection = BodySelection {
        example: directive.example.as_deref(),
        request: Some(admitted),
        dynamic: directive.dynamic.unwrap_or(context.settings.dynamic),
        policy: context.settings.examples,
        seed: &|| context.seed_of(admitted),
        path: &path,
        names_item: admitted.names_item(),
        picture_size: &|| pictures::size_for(admitted),
    };
    let mut response = match documented.representations.is_empty() || is_bodiless(status.as_u16()) {
        true => Response::new(Bytes::new()),
        false => represent(context, admitted, documented, &selection)?,
    };
    *response.status_mut() = status;
    Ok(response)
}

/// Chooses the response and its status: that of the directive, else the one whose condition the request meets, else the
/// nearest to success among those without a condition, else among all.
fn choose<'m>(admitted: &AdmittedRequest<'m>) -> Option<(StatusCode, &'m CompiledResponse)> {
    let CompiledOperation { responses, .. } = admitted.operation.compiled;
    if let Some(status) = admitted.directive.code {
        return Some((status, admitted.operation.compiled.response(status.as_u16())?));
    }
    let conditional = admitted.directive.documented.and_then(|index| responses.get(index));
    let usual = || responses.iter().min_by_key(|one| (one.when.is_some(), one.preference()));
    let response = conditional.or_else(usual)?;
    let code = match response.pattern {
        // 1xx is no final status (RFC 9110, 15.2).
        StatusPattern::Code(code @ 200..) => code,
        StatusPattern::Range(digit @ 2..=5) => digit * 100,
        _ => 200,
    };
    Some((StatusCode::from_u16(code).ok()?, response))
}

/// Whether an operation only changes the protocol, 101 (RFC 9110, 15.2.2): its other responses are errors.
fn is_switch(operation: &CompiledOperation) -> bool {
    const SWITCH: StatusPattern = StatusPattern::Code(101);
    let mut patterns = operation.responses.iter().map(|response| response.pattern);
    let is_error = |pattern| matches!(pattern, StatusPattern::Code(400..) | StatusPattern::Range(4..));
    patterns.clone().any(|pattern| pattern == SWITCH)
        && patterns.all(|pattern| pattern == SWITCH || is_error(pattern))
}

/// Returns the response where the document has none, or none for the status of the directive.
fn undocumented(wanted: Option<StatusCode>) -> Response {
    let Some(status) = wanted else { return Response::new(Bytes::new()) };
    let notice = format!("the document states no response for {}", status.as_u16());
    let mut response = match is_bodiless(status.as_u16()) || status.is_success() {
        true => Response::new(Bytes::new()),
        false => Problem::new(status, notice.clone()).response(),
    };
    *response.status_mut() = status;
    notify(&mut response, Some(&notice));
    response
}

/// Renders the representation that the caller prefers.
fn represent(
    context: ResponseContext<'_>,
    admitted: &AdmittedRequest<'_>,
    documented: &CompiledResponse,
    selection: &BodySelection<'_>,
) -> Result<Response, Problem> {
    let stream = documented.event_stream().filter(|_| asks_for_stream(admitted));
    let Negotiated { representation, media_type, content_type } = match stream {
        Some(stream) => stream,
        None => documented.negotiate(admitted.request.headers())?,
    };
    let body = representation.body(context.schemas, &media_type, selection).map_err(|reason| {
        let status =
            if selection.example.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::NOT_IMPLEMENTED };
        Problem::new(status, reason)
    })?;
    Ok(body.into_response(content_type))
}

/// Whether the request asks for a stream by its member or query parameter `stream`, whatever it accepts.
fn asks_for_stream(admitted: &AdmittedRequest<'_>) -> bool {
    let member = admitted.body().and_then(|body| body.get("stream"));
    let stream = member.or_else(|| admitted.parameter(Location::Query, "stream"));
    stream == Some(&Value::Bool(true))
}

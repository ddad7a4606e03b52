//! Refusals: problem details, or the response that the document describes for the status.

use descant_exchange::accept;
use descant_runtime::media;
use descant_runtime::problem::MEDIA_TYPE;

use super::context::ResponseContext;
use super::documented_error;
use crate::tables::operation::CompiledResponse;
use crate::tables::operation_table::RoutedOperation;
use crate::tables::representation::{BodySelection, Representation};
use crate::vocabulary::directive::Directive;
use crate::vocabulary::message::{Request, Response};
use crate::vocabulary::negotiate;
use crate::vocabulary::pending::{PendingResponse, Verdict};
use crate::vocabulary::problem::Problem;
use crate::vocabulary::seed::Seed;
use crate::vocabulary::settings::ErrorFormat;

/// Refuses a request to an operation.
pub(crate) fn refuse(
    context: ResponseContext<'_>,
    request: &Request,
    operation: RoutedOperation<'_>,
    problem: Problem,
) -> PendingResponse {
    let documented = operation.compiled.response(problem.status.as_u16());
    let asked = Directive::of_request(request).ok().and_then(|directive| directive.errors);
    let format = asked.or_else(|| asks_for_problems(request)).unwrap_or(context.settings.errors);
    let documented = documented.and_then(|documented| match format {
        ErrorFormat::Document => documented_error::render(context, request, documented, &problem),
        ErrorFormat::Problem => readable(context, request, documented, &problem),
    });
    let mut response = documented.unwrap_or_else(|| problem.response());
    *response.status_mut() = problem.status;
    for (name, value) in &problem.headers {
        response.headers_mut().append(name, value.clone());
    }
    let Problem { detail, violations, .. } = problem;
    PendingResponse::new(response, Verdict { request: Some(detail), violations, ..operation.verdict(None) })
}

/// Returns the format of problem details, where the caller accepts their type by name.
fn asks_for_problems(request: &Request) -> Option<ErrorFormat> {
    let accept = accept(request.headers())?;
    let is_asked = media::accepted(&accept).any(|name| name.eq_ignore_ascii_case(MEDIA_TYPE));
    is_asked.then_some(ErrorFormat::Problem)
}

/// Returns the documented response for a problem, where the caller cannot read problem details: it names types without a
/// wildcard, as a typed client does, and the document has one of them for the status.
fn readable(
    context: ResponseContext<'_>,
    request: &Request,
    documented: &CompiledResponse,
    problem: &Problem,
) -> Option<Response> {
    let accept = accept(request.headers());
    let is_problem = |one: &&Representation| one.name.eq_ignore_ascii_case(MEDIA_TYPE);
    let representation = match accept.as_deref().filter(|accept| negotiate::is_particular(accept)) {
        Some(accept) => documented.choose(Some(accept))?.0,
        None => documented.representations.iter().find(is_problem)?,
    };
    if is_problem(&representation) && representation.admits(context.schemas, &problem.body()) {
        return None;
    }
    let seed = Seed::new(context.seed).with(problem.status.as_str());
    let policy = context.settings.examples;
    let selection = BodySelection {
        example: None,
        request: None,
        dynamic: false,
        policy,
        seed: &|| seed,
        path: &[],
        names_item: false,
        picture_size: &|| (1, 1),
    };
    let body = representation.body(context.schemas, &representation.usual, &selection).ok()?;
    let mut response = body.into_response(representation.content_type.clone());
    let is_own = |name| problem.headers.iter().any(|(known, _)| known == name);
    response.headers_mut().extend(documented.headers.iter().filter(|(name, _)| !is_own(name)).cloned());
    Some(response)
}

//! Validates responses that the mock did not make from the document: those of overlays, canned ones, an upstream's.

use descant_exchange::{ResponseView, Schemas, Violation, judge, judge_head};
use descant_model::api::Operation;

use crate::vocabulary::message::Response;

/// Returns the first violation of a response; `None` where it is valid.
pub(crate) fn violation(schemas: &Schemas, operation: &Operation, response: &Response) -> Option<String> {
    first(judge(schemas, operation, &answer(response)))
}

/// Returns the first violation of status, header fields and media type: the body may be absent, or still to come.
pub(crate) fn head_violation(
    schemas: &Schemas,
    operation: &Operation,
    response: &Response,
) -> Option<String> {
    first(judge_head(schemas, operation, &answer(response)))
}

fn answer(response: &Response) -> ResponseView<'_> {
    ResponseView { status: response.status().as_u16(), headers: response.headers(), body: response.body() }
}

fn first(violations: Vec<Violation>) -> Option<String> {
    violations.into_iter().next().map(|violation| violation.to_string())
}

//! Whether a response that the mock did not make itself is one that the document describes: an overlay's, an upstream's.

use descant_exchange::{Answer, Violation, judge, judge_head};

use crate::Response;
use crate::mock::{Called, Mock};

/// Returns what the document has against a response; `None` where it is as described.
pub(crate) fn fault(mock: &Mock, called: Called<'_>, response: &Response) -> Option<String> {
    first(judge(&mock.schemas, called.operation, &answer(response)))
}

/// Returns what it has against status, headers and media type: the body may be still to come, or left out for HEAD.
pub(crate) fn head_fault(mock: &Mock, called: Called<'_>, response: &Response) -> Option<String> {
    first(judge_head(&mock.schemas, called.operation, &answer(response)))
}

fn answer(response: &Response) -> Answer<'_> {
    Answer { status: response.status().as_u16(), headers: response.headers(), body: response.body() }
}

fn first(violations: Vec<Violation>) -> Option<String> {
    violations.into_iter().next().map(|violation| violation.to_string())
}

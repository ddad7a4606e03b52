//! Whether an exchange keeps the document's promise: the status that a call expects, what HTTP asks, and what the document
//! says of the response ([`descant_exchange::judge`]).

use descant_exchange::{Check, Schemas, Violation};
use descant_model::api::{Api, Operation};

use crate::case::Step;
use crate::exchange::{Exchange, HttpResponse, NoAnswer};
use crate::failure::{Failure, Severity};

/// Returns everything that an exchange gets wrong.
pub fn judge(api: &Api, schemas: &Schemas, step: &Step, exchange: &Exchange) -> Vec<Failure> {
    let Some(operation) = step.call.operation(api) else { return Vec::new() };
    let answer = match &exchange.answer {
        Ok(answer) => answer,
        Err(NoAnswer::Unreachable(reason) | NoAnswer::Broken(reason)) => {
            return vec![Failure::error(Check::Answer, format!("there is none: {reason}"))];
        }
    };
    let mut found = Vec::new();
    let status = answer.status.as_u16();
    let expected = step.expect.statuses.contains(status);
    if !expected {
        let server = if status >= 500 && status != 501 { " (server error)" } else { "" };
        let message = format!("{} was expected, {status} came{server}", step.expect.statuses.describe());
        found.push(Failure { severity: step.expect.severity(status), check: Check::Status, message });
    }
    allow(operation, step, answer, &mut found);
    // What an invalid request that was accepted is answered follows from that.
    if !expected && !step.expect.is_valid() && matches!(status, 200..=299) {
        return found;
    }
    // What a document says of its own methods says nothing of those that it does not declare.
    if step.call.method.is_none() {
        let judged = match operation.method.as_str() {
            "HEAD" => descant_exchange::judge_head(schemas, operation, &answer.view()),
            _ => descant_exchange::judge(schemas, operation, &answer.view()),
        };
        let is_asked = |it: &Violation| it.check != Check::Status || expected && step.expect.documented;
        found.extend(judged.into_iter().filter(is_asked).map(|it| weighed(operation, answer, it)));
    }
    found
}

/// Weighs what a response breaks: a refusal or a body that the document does not describe breaks no promise, and a refusal
/// may be problem details (RFC 9457), which say what they are.
fn weighed(operation: &Operation, answer: &HttpResponse, violation: Violation) -> Failure {
    let status = answer.status.as_u16();
    let described = operation.response(status);
    let is_problem = answer.header("content-type").is_some_and(|it| it.starts_with("application/problem+"));
    let is_warning = match violation.check {
        Check::Status => !matches!(status, 200..=299 | 500..),
        Check::Body => described.is_none_or(|(_, response)| response.content.is_empty()),
        Check::ContentType => status >= 400 && is_problem,
        Check::Answer | Check::Header => false,
    };
    let severity = if is_warning { Severity::Warning } else { Severity::Error };
    Failure { severity, ..Failure::from(violation) }
}

/// What HTTP asks of an answer to a method that the path lacks.
fn allow(operation: &Operation, step: &Step, answer: &HttpResponse, found: &mut Vec<Failure>) {
    if answer.status == 405 && step.expect.allow {
        match answer.header("allow") {
            None => found.push(Failure::error(Check::Header, "405 without `Allow` (RFC 9110, 15.5.6)")),
            Some(list) if !list.split(',').any(|m| m.trim() == operation.method) => {
                let message =
                    format!("`Allow: {list}` does not name {} (RFC 9110, 10.2.1)", operation.method);
                found.push(Failure::error(Check::Header, message));
            }
            Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use descant_model::load::{Options, load_text};

    #[test]
    fn no_body_is_asked_for_where_the_status_has_none() {
        let text = "{openapi: 3.0.3, info: {title: t, version: '1'}, paths: {/a: {put: {responses: {
            '204': {description: d, content: {application/json: {schema: {type: object}}}},
            '200': {description: d, content: {application/json: {schema: {type: object}}}}}}}}}";
        let api = load_text("doc.yaml", text.to_owned(), &Options::default()).api.unwrap();
        let schemas = Schemas::new(&api);
        let judged = |status: u16| {
            let status = http::StatusCode::from_u16(status).unwrap();
            let answer = HttpResponse { status, headers: http::HeaderMap::new(), body: Default::default() };
            descant_exchange::judge(&schemas, &api.operations[0], &answer.view()).len()
        };
        assert_eq!((judged(204), judged(200)), (0, 1));
    }
}

//! Whether an exchange keeps the document's promise: status, content type, headers and body of the answer.

use std::fmt;

use descant_model::api::{Api, Header, MediaType, Operation, Response, SchemaId, StatusPattern};
use descant_schema::{Direction, SchemaSet, ValidatorOptions};
use serde_json::Value;

use crate::case::Step;
use crate::exchange::{Answer, Exchange, NoAnswer};
use crate::media;
use crate::wire;

/// A broken promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    pub check: Check,
    /// One sentence without a full stop: what was promised and what came.
    pub message: String,
}

/// What was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// There is an answer.
    Answer,
    /// Its status is one that fits the call and that the document states.
    Status,
    /// Its media type is one that the document states for the status.
    ContentType,
    /// Its headers are there and follow their schemas.
    Header,
    /// Its body follows the schema.
    Body,
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Check::Answer => "answer",
            Check::Status => "status",
            Check::ContentType => "content type",
            Check::Header => "header",
            Check::Body => "body",
        })
    }
}

/// How many faults of one body are told.
const MAX_FAULTS: usize = 5;

/// Every promise that an exchange breaks; none where it keeps them all.
pub fn judge(api: &Api, step: &Step, exchange: &Exchange) -> Vec<Broken> {
    let Some(operation) = step.call.operation(api) else { return Vec::new() };
    let answer = match &exchange.answer {
        Ok(answer) => answer,
        Err(NoAnswer::Unreachable(reason) | NoAnswer::Broken(reason)) => {
            return vec![broken(Check::Answer, format!("there is none: {reason}"))];
        }
    };
    let mut found = Vec::new();
    let status = answer.status.as_u16();
    let response = response(operation, status).filter(|_| step.call.method.is_none());
    if !step.expect.statuses.contains(status) {
        found.push(broken(
            Check::Status,
            format!("{} was expected, {status} came", step.expect.statuses.describe()),
        ));
    } else if step.expect.documented && response.is_none() && promises(operation) {
        found.push(broken(Check::Status, format!("{status} is not one that the document states")));
    }
    protocol(api, operation, step, answer, &mut found);
    if let Some(response) = response {
        headers(api, response, answer, &mut found);
        if operation.method != "HEAD" {
            content(api, response, answer, &mut found);
        }
    }
    found
}

fn broken(check: Check, message: String) -> Broken {
    Broken { check, message }
}

/// What HTTP itself asks of an answer.
fn protocol(api: &Api, operation: &Operation, step: &Step, answer: &Answer, found: &mut Vec<Broken>) {
    if answer.status == 405 && step.expect.allow {
        match answer.header("allow") {
            None => found.push(broken(Check::Header, "405 without `Allow` (RFC 9110, 15.5.6)".to_owned())),
            Some(list) if !list.split(',').any(|m| m.trim() == operation.method) => {
                let message =
                    format!("`Allow: {list}` does not name {} (RFC 9110, 10.2.1)", operation.method);
                found.push(broken(Check::Header, message));
            }
            Some(_) => {}
        }
    }
    if answer.status == 401
        && wire::has_challenge(api, operation)
        && answer.header("www-authenticate").is_none()
    {
        found.push(broken(Check::Header, "401 without `WWW-Authenticate` (RFC 9110, 15.5.2)".to_owned()));
    }
}

/// What the document states for a status: by its code, else its range, else `default`.
pub(crate) fn response(operation: &Operation, status: u16) -> Option<&Response> {
    let find = |wanted: StatusPattern| operation.responses.iter().find(|(pattern, _)| *pattern == wanted);
    let stated = find(StatusPattern::Code(status)).or_else(|| find(StatusPattern::Range(status / 100)));
    stated.or_else(|| find(StatusPattern::Default)).map(|(_, response)| &**response)
}

fn headers(api: &Api, response: &Response, answer: &Answer, found: &mut Vec<Broken>) {
    for (name, header) in &response.headers {
        // `Content-Type` is told by the content (OAS 4.8.17).
        if name.eq_ignore_ascii_case("content-type") {
            continue;
        }
        match answer.header(name) {
            None if header.required => found.push(broken(Check::Header, format!("`{name}` is missing"))),
            None => {}
            Some(text) => found.extend(header_faults(api, name, header, text)),
        }
    }
}

fn header_faults(api: &Api, name: &str, header: &Header, text: &str) -> Vec<Broken> {
    let Some(schema) = header.schema else { return Vec::new() };
    match wire::read_header(api, header, text) {
        Ok(value) => faults(api, schema, &value, Check::Header, &format!("`{name}`")),
        Err(reason) => vec![broken(Check::Header, format!("`{name}` cannot be read: {reason}"))],
    }
}

/// What a body breaks that is of a status and a content type, wherever it comes from.
pub fn judge_body(api: &Api, operation: &Operation, answer: &Answer) -> Vec<Broken> {
    let mut found = Vec::new();
    match response(operation, answer.status.as_u16()) {
        Some(response) => content(api, response, answer, &mut found),
        None if promises(operation) => found
            .push(broken(Check::Status, format!("{} is not one that the document states", answer.status))),
        None => {}
    }
    found
}

/// Whether an operation states any response: `responses` may be absent (OAS 3.1, 4.8.10), and then none is wrong.
fn promises(operation: &Operation) -> bool {
    !operation.responses.is_empty()
}

fn content(api: &Api, response: &Response, answer: &Answer, found: &mut Vec<Broken>) {
    let content_type = answer.header("content-type");
    // 204, 205 and 304 have no body, whatever the document states of one (RFC 9110, 15.3.5, 15.3.6 and 15.4.5).
    if matches!(answer.status.as_u16(), 204 | 205 | 304) && answer.body.is_empty() {
        return;
    }
    if response.content.is_empty() {
        if !answer.body.is_empty() {
            let length = answer.body.len();
            found.push(broken(Check::Body, format!("{length} bytes came where the document states no body")));
        }
        return;
    }
    let Some(content_type) = content_type else {
        found.push(broken(Check::ContentType, "`Content-Type` is missing".to_owned()));
        return;
    };
    match media::choose(&response.content, content_type) {
        Some(media) => body(api, media, content_type, answer, found),
        None => {
            let stated = response.content.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            found.push(broken(
                Check::ContentType,
                format!("{content_type} came, the document states {stated}"),
            ));
        }
    }
}

fn body(api: &Api, media: &MediaType, content_type: &str, answer: &Answer, found: &mut Vec<Broken>) {
    let Some(schema) = media.schema else { return };
    match wire::read_body(api, media, content_type, &answer.body) {
        Ok(Some(value)) => found.extend(faults(api, schema, &value, Check::Body, "")),
        Ok(None) => {}
        Err(reason) => found.push(broken(Check::Body, format!("it is not {content_type}: {reason}"))),
    }
}

/// What a schema has against a value that a server sent.
fn faults(api: &Api, schema: SchemaId, value: &Value, check: Check, subject: &str) -> Vec<Broken> {
    let set = SchemaSet::new(&api.schemas);
    let Ok(validator) = set.validator(schema, Direction::Response, ValidatorOptions::default()) else {
        return Vec::new();
    };
    let tell = |fault: descant_schema::Fault| {
        let place = [subject, &fault.pointer]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        let message = if place.is_empty() { fault.to_string() } else { format!("{place}: {fault}") };
        broken(check, message)
    };
    validator.faults(value).into_iter().take(MAX_FAULTS).map(tell).collect()
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
        let judged = |status: u16| {
            let status = http::StatusCode::from_u16(status).unwrap();
            let answer = Answer { status, headers: http::HeaderMap::new(), body: Default::default() };
            judge_body(&api, &api.operations[0], &answer).len()
        };
        assert_eq!((judged(204), judged(200)), (0, 1));
    }
}

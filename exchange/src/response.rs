//! Whether a response is one that the document describes: the one judge of proxy, recorder and contract tests.

use std::fmt;

use descant_model::api::{Header, MediaType, Operation, Response, SchemaId, StatusPattern};
use descant_runtime::exchange::{body::content_type, header_values};
use descant_runtime::media::{self, Hints, MediaKind};
use descant_runtime::param::{Kinds, Shape};
use descant_schema::Validator;
use http::{HeaderMap, header};
use indexmap::IndexMap;
use serde_json::Value;

use crate::codec::TextCodec;
use crate::json_text;
use crate::schemas::Schemas;

/// A response as it came.
#[derive(Clone, Copy, Debug)]
pub struct ResponseView<'a> {
    pub status: u16,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

/// Something that a response breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pub check: Check,
    /// One sentence without a full stop: what was promised and what came.
    pub message: String,
}

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Check {
    /// There is an answer.
    Answer,
    /// Its status is one that fits the call and that the document describes.
    Status,
    /// Its media type is one that the document describes for the status.
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

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.check, self.message)
    }
}

impl Violation {
    /// A violation of what is looked at.
    pub fn new(check: Check, message: impl Into<String>) -> Self {
        Self { check, message: message.into() }
    }
}

/// How many faults of one value are reported.
const MAX_FAULTS: usize = 5;

/// Returns whether a status has no body (RFC 9110, 15.3.5, 15.3.6 and 15.4.5).
pub fn is_bodiless(status: u16) -> bool {
    matches!(status, 204 | 205 | 304)
}

/// Returns the documented content that a media type is of: the most specific, its parameters counted (OAS 4.8.17).
pub fn content<'a>(
    documented: &'a IndexMap<String, MediaType>,
    media_type: &str,
) -> Option<(&'a str, &'a MediaType)> {
    let names: Vec<_> = documented.keys().map(String::as_str).collect();
    let (name, media) = documented.get_index(media::select(media_type, &names)?)?;
    Some((name, media))
}

/// Returns everything that a response breaks: status, headers, media type and body.
pub fn judge(schemas: &Schemas, operation: &Operation, answer: &ResponseView<'_>) -> Vec<Violation> {
    let mut found = unchallenged(operation, answer);
    found.extend(documented(operation, answer, |stated| {
        let mut found = headers(schemas, stated.response, answer.headers);
        found.extend(body(schemas, stated, answer));
        found
    }));
    found
}

/// Returns what the head of a response breaks, where its body is still to come or left out (RFC 9110, 9.3.2).
pub fn judge_head(schemas: &Schemas, operation: &Operation, answer: &ResponseView<'_>) -> Vec<Violation> {
    let mut found = unchallenged(operation, answer);
    found.extend(documented(operation, answer, |Stated { response, .. }| {
        let mut found = headers(schemas, response, answer.headers);
        let stated = content_type(answer.headers).filter(|_| !response.content.is_empty());
        found.extend(stated.and_then(|stated| undocumented(response, answer.status, stated)));
        found
    }));
    found
}

/// Returns what the status, media type and body of a response break, whatever its headers are.
pub fn judge_content(schemas: &Schemas, operation: &Operation, answer: &ResponseView<'_>) -> Vec<Violation> {
    documented(operation, answer, |stated| body(schemas, stated, answer))
}

/// A documented response, and its status pattern.
#[derive(Clone, Copy)]
struct Stated<'o> {
    pattern: StatusPattern,
    response: &'o Response,
}

/// Returns what `judge` finds of the documented response; nothing where the operation documents none at all, so that
/// nothing is promised (OAS 3.1, 4.8.10).
fn documented<'o>(
    operation: &'o Operation,
    answer: &ResponseView<'_>,
    judge: impl FnOnce(Stated<'o>) -> Vec<Violation>,
) -> Vec<Violation> {
    let status = answer.status;
    match operation.response(status) {
        Some((pattern, response)) => judge(Stated { pattern, response }),
        None if operation.responses.is_empty() => Vec::new(),
        None => {
            vec![Violation::new(Check::Status, format!("the document describes no response for {status}"))]
        }
    }
}

/// The requirements of HTTP for a 401, documented or not.
fn unchallenged(operation: &Operation, answer: &ResponseView<'_>) -> Vec<Violation> {
    let lacks = answer.status == 401
        && operation.security.has_challenge
        && !answer.headers.contains_key(header::WWW_AUTHENTICATE);
    let message = "401 without `WWW-Authenticate` (RFC 9110, 15.5.2)";
    lacks.then(|| Violation::new(Check::Header, message)).into_iter().collect()
}

/// `Content-Type` is none of the headers that a document describes (OAS 4.8.17).
fn headers(schemas: &Schemas, response: &Response, headers: &HeaderMap) -> Vec<Violation> {
    let described = response.headers.iter();
    let described = described.filter(|(name, _)| !name.eq_ignore_ascii_case(header::CONTENT_TYPE.as_str()));
    described.flat_map(|(name, described)| header(schemas, headers, name, described)).collect()
}

fn header(schemas: &Schemas, headers: &HeaderMap, name: &str, described: &Header) -> Vec<Violation> {
    let violation = |message: String| Violation::new(Check::Header, format!("`{name}` {message}"));
    if !headers.contains_key(name) {
        return described
            .required
            .then(|| violation("is required, but absent".to_owned()))
            .into_iter()
            .collect();
    }
    let codec = TextCodec::of_header(described);
    let Some(schema) = described.schema.filter(|_| codec.is_supported()) else { return Vec::new() };
    let values = match header_values(headers, name, codec.encoding(), &schemas.shape(Some(schema))) {
        Ok(values) => values,
        Err(fault) => return vec![violation(format!("cannot be read: {}", fault.detail))],
    };
    let Some(validator) = schemas.answered(schema) else { return Vec::new() };
    // Of several cookies that are set, the document describes one.
    if values.iter().any(|value| validator.is_valid(value)) {
        return Vec::new();
    }
    let tell = |fault: descant_schema::Fault| violation(format!("is not valid: {}", sentence(fault)));
    let found = values.first().map(|value| validator.faults(value)).unwrap_or_default();
    found.into_iter().take(MAX_FAULTS).map(tell).collect()
}

fn undocumented(response: &Response, status: u16, stated: &str) -> Option<Violation> {
    if content(&response.content, stated).is_some() {
        return None;
    }
    let names = response.content.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    let message = format!("`{stated}` is not a documented media type of {status}; documented: {names}");
    Some(Violation::new(Check::ContentType, message))
}

fn body(schemas: &Schemas, stated: Stated<'_>, answer: &ResponseView<'_>) -> Vec<Violation> {
    let Stated { pattern, response } = stated;
    let ResponseView { status, headers, body } = *answer;
    if is_bodiless(status) && body.is_empty() {
        // What a document states for one such status says nothing, as it has no body. What it states for all statuses of a
        // range holds for this one, too: nobody could read it as what is described.
        let is_promised = !matches!(pattern, StatusPattern::Code(_)) && !response.content.is_empty();
        return if is_promised { absent(schemas, response, status) } else { Vec::new() };
    }
    if response.content.is_empty() {
        let length = body.len();
        let message = format!("{length} bytes came where the document describes no body for {status}");
        return (length > 0).then(|| Violation::new(Check::Body, message)).into_iter().collect();
    }
    match content_type(headers) {
        Some(stated) => match content(&response.content, stated) {
            Some((_, media)) => value(schemas, media, stated, body),
            None => undocumented(response, status, stated).into_iter().collect(),
        },
        None if body.is_empty() => absent(schemas, response, status),
        None => vec![Violation::new(Check::ContentType, "`Content-Type` is absent (RFC 9110, 8.3)")],
    }
}

/// What the absence of a body breaks: in a media type of values it stands for null.
fn absent(schemas: &Schemas, response: &Response, status: u16) -> Vec<Violation> {
    let Some((name, media)) = response.content.first() else { return Vec::new() };
    let name = media::concrete(name, schemas.body(media).is_text());
    if MediaKind::of(&name) != MediaKind::Json {
        return value(schemas, media, &name, b"");
    }
    let admits = |schema| schemas.answered(schema).is_none_or(|validator| validator.is_valid(&Value::Null));
    let message = || format!("no body came where the document describes one for {status}");
    let is_missing = media.schema.is_some_and(|schema| !admits(schema));
    is_missing.then(|| Violation::new(Check::Body, message())).into_iter().collect()
}

fn value(schemas: &Schemas, media: &MediaType, stated: &str, bytes: &[u8]) -> Vec<Violation> {
    let shape = schemas.body(media);
    let is_opaque = |shape: &Shape| !shape.kinds.has(Kinds::STRING) && !shape.kinds.has(Kinds::ANY);
    // Bytes have no values but themselves: a schema of anything else says nothing of them.
    if MediaKind::of(stated) == MediaKind::Binary && is_opaque(&shape) {
        return Vec::new();
    }
    let value = match media::decode(stated, bytes, Hints { shape: Some(&shape) }) {
        Ok(value) => value,
        Err(fault) => {
            let message = format!("it is not {stated}: {}", fault.detail);
            return vec![Violation::new(Check::Body, message)];
        }
    };
    let faults = |schema: SchemaId, value: &Value| {
        let faults = schemas.answered(schema).map(|validator| invalid(validator, value));
        faults.unwrap_or_default()
    };
    let each = |schema, items: &[Value]| items.iter().flat_map(|item| faults(schema, item)).collect();
    let mut found: Vec<Violation> = match (media.schema, value.as_array()) {
        (Some(schema), Some(items)) if describes_items(stated, &shape) => each(schema, items),
        (Some(schema), _) => faults(schema, &value),
        (None, _) => Vec::new(),
    };
    if let (Some(item), Some(items)) = (media.item_schema, value.as_array()) {
        found.extend(items.iter().flat_map(|value| faults(item, value)));
    }
    if MediaKind::of(stated) == MediaKind::Json {
        found.extend(json_text::flaw(bytes, &value).map(|flaw| Violation::new(Check::Body, flaw)));
    }
    found.truncate(MAX_FAULTS);
    found
}

/// Whether the schema of a sequential media type describes each item, as documents before 3.2 have it, and not the list.
fn describes_items(media_type: &str, shape: &Shape) -> bool {
    let is_sequential = matches!(MediaKind::of(media_type), MediaKind::EventStream | MediaKind::JsonLines);
    is_sequential && shape.items.is_none() && !shape.kinds.has(Kinds::ANY)
}

fn invalid(validator: &Validator, value: &Value) -> Vec<Violation> {
    if validator.is_valid(value) {
        return Vec::new();
    }
    validator.faults(value).into_iter().map(|fault| Violation::new(Check::Body, sentence(fault))).collect()
}

fn sentence(fault: descant_schema::Fault) -> String {
    if fault.pointer.is_empty() { fault.message } else { fault.to_string() }
}

//! Calls whose body is missing, malformed, of another media type, or not what the schema allows.

use bytes::Bytes;
use descant_model::api::{MediaType, RequestBody};
use serde_json::{Value, json};

use super::{Context, Subject};
use crate::case::{Body, Case, CaseKind};
use crate::expect::{Cause, Expect};
use crate::values::is_json;
use crate::wire::concrete;

/// Media types in which no service that does not declare them takes JSON.
const OTHERS: [&str; 4] =
    ["application/x-descant-unknown", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"];

/// One case for each way in which the body can be broken; the edges of its schema too.
pub(super) fn derive(context: &mut Context<'_>, subject: &Subject<'_>) {
    let Some(body) = &subject.operation.request_body else { return };
    if body.required {
        broken(context, subject, "missing".to_owned(), Cause::Body, None);
    }
    if let Some(Body::Value { value, .. }) = &subject.base.body
        && !body.content.keys().any(|key| key.contains('*'))
    {
        let undeclared = |it: &&str| !body.content.keys().any(|key| key.starts_with(it));
        for media_type in OTHERS.into_iter().filter(undeclared) {
            let bytes = Bytes::from(value.to_string());
            let other = Body::Raw { media_type: media_type.to_owned(), bytes };
            let name = format!("undeclared media type ({media_type})");
            broken(context, subject, name, Cause::MediaType, Some(other));
        }
    }
    for (key, content) in body.content.iter().filter(|(key, _)| is_json(key)) {
        json(context, subject, body, key, content);
    }
}

/// What a JSON body can have wrong.
fn json(
    context: &mut Context<'_>,
    subject: &Subject<'_>,
    body: &RequestBody,
    key: &str,
    content: &MediaType,
) {
    let prefix = if body.content.len() > 1 { format!("{key}: ") } else { String::new() };
    let raw = Body::Raw { media_type: concrete(key), bytes: Bytes::from_static(b"{\"unfinished\": ") };
    broken(context, subject, format!("{prefix}malformed"), Cause::Body, Some(raw));
    let Some(schema) = content.schema else { return };
    let send = |value| Some(Body::Value { media_type: concrete(key), value });
    let mut tried: Vec<Value> = Vec::new();
    if let Some(value) = wrong_kind(|value| context.values.accepts(Some(schema), value)) {
        broken(context, subject, format!("{prefix}wrong kind"), Cause::Body, send(value.clone()));
        tried.push(value);
    }
    let edges = context.values.boundaries(schema).into_iter().filter(|edge| !edge.valid);
    // Some readers take null for a body that may be left out.
    for edge in edges.filter(|edge| body.required || !edge.value.is_null()) {
        if !tried.contains(&edge.value) {
            tried.push(edge.value.clone());
            let name = format!("{prefix}{}", edge_name(&edge.keyword, &edge.pointer));
            let value = context.fresh(subject.operation, schema, edge.value, &edge.pointer);
            broken(context, subject, name, Cause::Body, send(value));
        }
    }
}

/// `maxLength of /name`.
pub(super) fn edge_name(keyword: &str, pointer: &str) -> String {
    if pointer.is_empty() { keyword.to_owned() } else { format!("{keyword} of {pointer}") }
}

/// A value of a kind that the schema does not allow.
fn wrong_kind(accepts: impl Fn(&Value) -> bool) -> Option<Value> {
    [json!("descant"), json!(7), json!(true), json!([]), json!({}), Value::Null]
        .into_iter()
        .find(|v| !accepts(v))
}

fn broken(context: &mut Context<'_>, subject: &Subject<'_>, name: String, cause: Cause, body: Option<Body>) {
    let names_something = !context.assume.examples_exist && subject.operation.path.raw.contains('{');
    let expect = Expect::refusal(subject.operation, cause, names_something);
    context.add(Case::single(CaseKind::Body, name, subject.base.clone().body(body), expect));
}

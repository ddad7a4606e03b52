//! Compares what was sent with what is read back.

use std::cmp::Ordering;

use descant_exchange::Check;
use descant_model::api::{Operation, Schemas};
use descant_model::schema::Schema;
use serde_json::{Map, Value};

use crate::case::{Body, Call};
use crate::exchange::Exchange;
use crate::failure::{Failure, Severity};
use crate::resource::{Resource, plain};
use crate::session::Session;
use crate::values::scalar_order;

/// How deep a schema is searched for a property.
const MAX_DEPTH: usize = 16;
/// Parts of the names of properties that services set themselves, or never show.
const MANAGED: [&str; 18] = [
    "password",
    "secret",
    "token",
    "credential",
    "created",
    "updated",
    "modified",
    "version",
    "revision",
    "etag",
    "priority",
    "position",
    "rank",
    "sequence",
    "status",
    "state",
    "href",
    "url",
];

/// Returns the object that a call sends.
pub(super) fn sent(call: &Call) -> Option<Map<String, Value>> {
    match call.body.as_ref()? {
        Body::Value { value, .. } => value.as_object().cloned(),
        Body::Raw { .. } => None,
    }
}

/// Returns what an answer does not hold of what was sent.
pub(super) fn reflects(
    session: &Session<'_>,
    resource: &Resource,
    sent: &Map<String, Value>,
    exchange: &Exchange,
    call: Option<&Call>,
) -> Option<Failure> {
    let operation = call?.operation(session.api)?;
    let body = exchange.answer.as_ref().ok()?.json()?;
    let got = record(resource, &body)?;
    let declares = |name: &str| declares(session.schemas().model(), operation, name);
    let difference = difference(sent, got, resource.parameter(), declares)?;
    Some(Failure::error(Check::Body, difference))
}

/// Returns the record in a body: the object itself, or the only one within it that has the record's name.
pub(super) fn record<'v>(resource: &Resource, body: &'v Value) -> Option<&'v Map<String, Value>> {
    match resource.identity_in(body) {
        Some((pointer, _)) => body.pointer(pointer.rsplit_once('/')?.0)?.as_object(),
        None => body.as_object(),
    }
}

/// Returns the first member that was sent and is read back as another value, or is lost although the response declares it.
///
/// `identity` is the member that names the record: services choose it.
pub(super) fn difference(
    sent: &Map<String, Value>,
    got: &Map<String, Value>,
    identity: &str,
    declares: impl Fn(&str) -> bool,
) -> Option<String> {
    sent.iter().filter(|(name, _)| is_compared(name, identity)).find_map(|(name, sent)| match got.get(name) {
        None if sent.is_null() || !declares(name) => None,
        None => Some(format!("`{name}` was sent as {}, and is absent", short(sent))),
        Some(got) if is_same(sent, got) || !is_comparable(sent, got) => None,
        Some(got) => Some(format!("`{name}` was sent as {}, and is {}", short(sent), short(got))),
    })
}

/// Returns the first list of scalars that is read back in another order than it was sent in. A list that is reversed is an error;
/// one that is sorted, or in any other order, may be meant as a set.
pub(super) fn reordered(
    session: &Session<'_>,
    resource: &Resource,
    sent: &Map<String, Value>,
    exchange: &Exchange,
) -> Option<Failure> {
    let body = exchange.answer.as_ref().ok()?.json()?;
    let got = record(resource, &body)?;
    let operations = [resource.create, resource.replace, resource.modify, resource.read];
    let is_set = |name: &str| {
        let mut described =
            operations.into_iter().flatten().filter_map(|index| session.api.operations.get(index));
        described.any(|operation| is_set(session.schemas().model(), operation, name))
    };
    let compared = sent.iter().filter(|(name, _)| is_compared(name, resource.parameter()));
    let mut changed = compared.filter_map(|(name, before)| {
        let severity = order_changed(before.as_array()?, got.get(name)?.as_array()?)?;
        let message = format!("`{name}` was sent as {}, and is {}", short(before), short(got.get(name)?));
        (!is_set(name)).then_some(Failure { severity, check: Check::Body, message })
    });
    changed.next()
}

/// Returns how much it weighs that a list has the scalars of another one in another order.
fn order_changed(sent: &[Value], got: &[Value]) -> Option<Severity> {
    let are_alike = |pair: (&Value, &Value)| is_same(pair.0, pair.1);
    if sent.len() != got.len() || sent.iter().zip(got).all(are_alike) || !are_same(sent, got) {
        return None;
    }
    let is_reversed = sent.iter().rev().zip(got).all(are_alike);
    let is_sorted = got.is_sorted_by(|a, b| scalar_order(a, b).is_le())
        || got.is_sorted_by(|a, b| scalar_order(a, b).is_ge());
    Some(if is_reversed && !is_sorted { Severity::Error } else { Severity::Warning })
}

/// Whether a client decides about a member: services choose identifiers, and manage some members themselves.
fn is_compared(name: &str, identity: &str) -> bool {
    let name = plain(name);
    name != plain(identity)
        && !matches!(name.as_str(), "id" | "uid" | "uuid")
        && !MANAGED.iter().any(|part| name.contains(part))
}

/// Returns the first member of a record that a replacement does not hold and that is kept even so, although the service
/// need not have it.
pub(super) fn kept<'m>(
    before: &'m Map<String, Value>,
    replacement: &Map<String, Value>,
    got: &Map<String, Value>,
    identity: &str,
    is_needed: impl Fn(&str) -> bool,
) -> Option<(&'m String, &'m Value)> {
    let is_kept = |name: &str, old: &Value| {
        let is_free = !replacement.contains_key(name) && is_compared(name, identity) && !is_needed(name);
        is_free && !old.is_null() && got.get(name).is_some_and(|new| is_same(old, new))
    };
    before.iter().find(|(name, old)| is_kept(name, old))
}

/// Whether two values are the same to a client: `3` and `3.0` are, and the order of scalars in a list does not count.
fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            a == b
                || a.as_f64().zip(b.as_f64()).is_some_and(|(a, b)| (a - b).abs() <= 1e-9 * a.abs().max(1.0))
        }
        (Value::String(a), Value::String(b)) => a == b || instant(a).is_some_and(|it| Some(it) == instant(b)),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && are_same(a, b),
        (Value::Object(a), Value::Object(b)) => {
            // Services add members: what was sent must be there.
            let is_own = |name: &str| is_compared(name, "id") && !plain(name).ends_with("id");
            let mut compared = a.iter().filter(|(name, _)| is_own(name));
            compared.all(|(name, a)| b.get(name).map_or(a.is_null(), |b| is_same(a, b)))
        }
        _ => a == b,
    }
}

fn are_same(a: &[Value], b: &[Value]) -> bool {
    if a.iter().zip(b).all(|(a, b)| is_same(a, b)) {
        return true;
    }
    let sorted = |list: &[Value]| {
        let mut texts: Vec<String> = list.iter().map(Value::to_string).collect();
        texts.sort();
        texts
    };
    a.iter().all(|value| !value.is_object() && !value.is_array())
        && sorted(a).cmp(&sorted(b)) == Ordering::Equal
}

/// A date and time without its zone's spelling and fraction: `2020-01-01T00:00:00Z` and `…00+00:00` are one.
fn instant(text: &str) -> Option<&str> {
    let is_date =
        text.len() >= 19 && text.as_bytes().get(10).is_some_and(|c| matches!(c, b'T' | b't' | b' '));
    text.get(..19).filter(|_| is_date && text.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether a difference says anything: an identifier may be read back as the object that it names.
fn is_comparable(sent: &Value, got: &Value) -> bool {
    std::mem::discriminant(sent) == std::mem::discriminant(got) || got.is_null()
}

/// A value as a message shows it.
fn short(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 60 { text } else { text.chars().take(60).chain("…".chars()).collect() }
}

/// Whether the successful responses of an operation declare a property, in whatever object they hold.
fn declares(schemas: &Schemas, operation: &Operation, name: &str) -> bool {
    let declares = |schema: &Schema| {
        let own = schema.properties().and_then(|all| all.iter().find(|(key, _)| key.as_str() == name));
        own.is_some_and(|(_, property)| property.write_only() != Some(&true))
    };
    answers(schemas, operation, &declares)
}

/// Whether the successful responses of an operation require a property.
pub(super) fn requires(schemas: &Schemas, operation: &Operation, name: &str) -> bool {
    answers(schemas, operation, &|schema| {
        schema.required().is_some_and(|all| all.iter().any(|it| it == name))
    })
}

/// Whether the body of an operation has a property that has a value if none is sent.
pub(super) fn has_default(schemas: &Schemas, operation: &Operation, name: &str) -> bool {
    let has = |schema: &Schema| {
        let own = schema.properties().and_then(|all| all.iter().find(|(key, _)| key.as_str() == name));
        own.is_some_and(|(_, property)| property.default_value().is_some())
    };
    body(schemas, operation, &has)
}

/// Whether a property of what an operation takes or answers is a list whose items differ from each other (`uniqueItems`).
fn is_set(schemas: &Schemas, operation: &Operation, name: &str) -> bool {
    let is_unique = |schema: &Schema| schema.unique_items() == Some(&true);
    let has = |schema: &Schema| {
        let own = schema.properties().and_then(|all| all.iter().find(|(key, _)| key.as_str() == name));
        own.is_some_and(|(_, property)| within(schemas, property, &is_unique, MAX_DEPTH))
    };
    body(schemas, operation, &has) || answers(schemas, operation, &has)
}

/// Whether a schema of a request body, or one that it is made of, has a property.
fn body(schemas: &Schemas, operation: &Operation, has: &impl Fn(&Schema) -> bool) -> bool {
    let content = operation.request_body.iter().flat_map(|body| body.content.values());
    let mut found = content.filter_map(|media| schemas.schema(media.schema?));
    found.any(|schema| within(schemas, schema, has, MAX_DEPTH))
}

/// Whether a schema of a successful response, or one that it is made of, has a property.
fn answers(schemas: &Schemas, operation: &Operation, has: &impl Fn(&Schema) -> bool) -> bool {
    let success =
        operation.responses.iter().filter(|(pattern, _)| (200..=299).any(|status| pattern.covers(status)));
    let contents = success.flat_map(|(_, response)| response.content.values());
    let mut found = contents.filter_map(|media| schemas.schema(media.schema?));
    found.any(|schema| within(schemas, schema, has, MAX_DEPTH))
}

fn within(schemas: &Schemas, schema: &Schema, has: &impl Fn(&Schema) -> bool, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let target = schema.reference().and_then(|id| schemas.schema(*id));
    has(schema)
        || target.is_some_and(|target| within(schemas, target, has, depth))
        || schema.parts().iter().any(|part| within(schemas, part, has, depth))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_reversed_list_is_an_error_and_a_sorted_one_a_warning() {
        let check = |sent: Value, got: Value, expected: Option<Severity>| {
            let (sent, got) = (sent.as_array().unwrap(), got.as_array().unwrap());
            assert_eq!(order_changed(sent, got), expected, "{sent:?} {got:?}");
        };
        check(json!(["b", "c", "a"]), json!(["b", "c", "a"]), None);
        check(json!(["b", "c", "a"]), json!(["a", "c", "b"]), Some(Severity::Error));
        check(json!(["b", "c", "a"]), json!(["a", "b", "c"]), Some(Severity::Warning));
        check(json!(["b", "c", "a"]), json!(["c", "b", "a"]), Some(Severity::Warning));
        check(json!([10, 9]), json!([9, 10]), Some(Severity::Warning));
        check(json!(["b", "c", "a"]), json!(["c", "a", "b"]), Some(Severity::Warning));
        check(json!(["b", "a"]), json!(["a"]), None);
        check(json!(["b", "a"]), json!(["a", "c"]), None);
        check(json!([{}, 1]), json!([1, {}]), None);
    }

    #[test]
    fn what_was_sent_is_what_is_read() {
        let check = |sent: Value, got: Value, expected: Option<&str>| {
            let (sent, got) = (sent.as_object().unwrap().clone(), got.as_object().unwrap().clone());
            assert_eq!(difference(&sent, &got, "petId", |_| true).as_deref(), expected);
        };
        check(json!({"a": 1, "id": 3}), json!({"a": 1.0, "id": 4, "more": 1}), None);
        check(json!({"a": "x"}), json!({"a": "X"}), Some("`a` was sent as \"x\", and is \"X\""));
        check(json!({"a": "x"}), json!({}), Some("`a` was sent as \"x\", and is absent"));
        check(json!({"a": [1, 2]}), json!({"a": [2, 1]}), None);
        check(json!({"a": [1, 2]}), json!({"a": [1]}), Some("`a` was sent as [1,2], and is [1]"));
        check(json!({"owner": "x"}), json!({"owner": {"name": "x"}}), None);
        check(json!({"at": "2020-01-01T00:00:00Z"}), json!({"at": "2020-01-01T00:00:00.000+00:00"}), None);
        check(json!({"password": "x"}), json!({}), None);
    }
}

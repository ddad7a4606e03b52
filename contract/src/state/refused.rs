//! What is refused changes nothing: writes without a credential, invalid ones, those of somebody else, and those to a
//! record that is gone. HEAD and OPTIONS change nothing, either.

use descant_exchange::Check;
use serde_json::{Map, Value};

use super::compare::sent;
use super::lists;
use super::scenario::{Record, Scenario};
use crate::case::{Body, Call, Presented, Step};
use crate::exchange::Exchange;
use crate::expect::{Cause, Expect};
use crate::failure::Failure;
use crate::values::is_json;

/// Methods that change nothing, whatever they are answered (RFC 9110, 9.2.1), each followed by a look at the record;
/// returns whether it is as it was.
pub(super) async fn safe(scenario: &mut Scenario<'_, '_>, read: usize, of: &Record) -> bool {
    for method in ["HEAD", "OPTIONS"] {
        let Some(call) = scenario.session.addressed(read, &of.inputs) else { return true };
        let call = Call { method: Some(method.to_owned()), ..call };
        let step = Step { call, expect: Expect::no_failure() };
        scenario.send(method, step, |_| None).await;
        let unchanged = scenario.read(&format!("read after {method}"), read, of, &of.sent).await;
        if unchanged == Some(false) {
            return false;
        }
    }
    true
}

/// Writes to a record that must be refused, each followed by a look at the record, as long as it is there.
pub(super) async fn writes(scenario: &mut Scenario<'_, '_>, of: &Record) {
    let Some(read) = scenario.resource.read else { return };
    let mut calls: Vec<(&str, Call, Cause)> = Vec::new();
    if let Some(call) = scenario.session.addressed(read, &of.inputs)
        && scenario.is_protected(read)
        && scenario.session.credentials.has_others()
    {
        calls.push(("read another's record", Call { credential: Presented::Other, ..call }, Cause::Gone));
    }
    for (index, without, other) in [
        (scenario.resource.replace, "replace without a credential", "replace another's record"),
        (scenario.resource.modify, "modify without a credential", "modify another's record"),
        (scenario.resource.delete, "delete without a credential", "delete another's record"),
    ] {
        let Some(call) = index.and_then(|index| scenario.session.addressed(index, &of.inputs)) else {
            continue;
        };
        if scenario.is_protected(call.operation) {
            calls.push((
                without,
                Call { credential: Presented::Nothing, ..call.clone() },
                Cause::Unauthenticated,
            ));
            if scenario.session.credentials.has_others() {
                calls.push((other, Call { credential: Presented::Other, ..call }, Cause::Gone));
            }
        }
    }
    let replace = scenario.resource.replace;
    let invalid = replace.map(|replace| invalid(scenario, replace, of)).unwrap_or_default();
    let invalid = invalid.into_iter().map(|(call, _)| ("replace by an invalid record", call, Cause::Body));
    calls.extend(invalid);
    for (name, call, cause) in calls {
        let Some(operation) = scenario.operation(call.operation) else { continue };
        let mut expect = Expect::refusal(operation, cause, true);
        if let (Cause::Gone, crate::expect::Statuses::Of(statuses)) = (cause, &mut expect.statuses) {
            statuses.extend([401, 403, 404]);
        }
        let is_read = operation.method == "GET";
        let Some(exchange) = scenario.send(name, Step { call, expect }, |_| None).await else { continue };
        // What follows from a write that was accepted says nothing.
        if exchange.is_success() && !is_read {
            return;
        }
        if !exchange.is_success() && !is_read {
            let unchanged = scenario.read(&format!("read after: {name}"), read, of, &of.sent).await;
            if unchanged == Some(false) && !scenario.is_alive(of).await {
                return;
            }
        }
    }
}

/// Creations that are refused leave nothing in the list.
pub(super) async fn creation(scenario: &mut Scenario<'_, '_>, like: &Record) {
    let Some((create, operation)) =
        scenario.resource.create.and_then(|create| Some((create, scenario.operation(create)?)))
    else {
        return;
    };
    for (call, body) in invalid(scenario, create, like) {
        let step = Step { call, expect: Expect::refusal(operation, Cause::Body, true) };
        let sent = scenario.send("create an invalid record", step, |_| None).await;
        if sent.is_some_and(|exchange| !exchange.is_success()) {
            lists::has_none(scenario, &body).await;
        }
    }
}

/// How many members are made invalid, one at a time.
const INVALID: usize = 4;

/// Calls whose bodies break a constraint of one member each, and these bodies; their names are of one call alone.
fn invalid(
    scenario: &mut Scenario<'_, '_>,
    operation: usize,
    of: &Record,
) -> Vec<(Call, Map<String, Value>)> {
    let content = scenario.operation(operation).and_then(|it| it.request_body.as_ref()).map(|it| &it.content);
    let mut schemas = content.into_iter().flatten().filter(|(key, _)| is_json(key));
    let Some(schema) = schemas.find_map(|(_, media)| media.schema) else { return Vec::new() };
    let mut tried: Vec<String> = Vec::new();
    let mut calls = Vec::new();
    for edge in scenario.session.values.boundaries(schema) {
        let is_new = !edge.valid && edge.keyword == "type" && edge.pointer.len() > 1;
        if !is_new || tried.contains(&edge.pointer) || tried.len() >= INVALID {
            continue;
        }
        let number = scenario.next();
        let value = scenario.session.values.fresh(schema, edge.value, number, &edge.pointer);
        let Some(body) = value.as_object().filter(|it| lists::telling(it).is_some()).cloned() else {
            continue;
        };
        let inputs = if scenario.resource.create == Some(operation) { scenario.before() } else { &of.inputs };
        let Some(mut call) = scenario.session.addressed(operation, inputs) else { continue };
        let Some(Body::Value { value: sent, .. }) = &mut call.body else { continue };
        *sent = value;
        tried.push(edge.pointer);
        calls.push((call, body));
    }
    calls
}

/// Calls that name a record that is gone: it is not there to be replaced, nor to be deleted once more; another one may be
/// created from the same body.
pub(super) async fn gone(scenario: &mut Scenario<'_, '_>, deleted: &Record, is_gone: bool) {
    let resource = scenario.resource;
    if let Some(delete) = resource.delete {
        let expect = Expect { documented: true, ..Expect::accepted() };
        let again = scenario.call("delete what was deleted", delete, deleted, expect, |_| None).await;
        // A service may answer any DELETE with a success; one that knows what never was also knows what is gone.
        if again.is_some_and(|it| it.is_success()) && scenario.refuses_unknown(delete).await {
            let message = "a success came for a record that is gone, and a refusal for one that never was";
            scenario.fail(Failure::error(Check::Status, message));
        }
    }
    if let Some(replace) = resource.replace.filter(|_| is_gone && resource.create.is_some()) {
        let unmade = |exchange: &Exchange| {
            let message = "PUT of a record that does not exist is answered 201 or refused (RFC 9110, 9.3.4)";
            (!matches!(exchange.status(), 201 | 202)).then(|| Failure::error(Check::Status, message))
        };
        let replaced =
            scenario.call("replace what was deleted", replace, deleted, Expect::accepted(), unmade).await;
        if replaced.is_some_and(|it| it.status() == 201) {
            return;
        }
    }
    if let Some(create) = resource.create {
        let mut calls = vec![deleted.creation.clone()];
        // What has a name in common with the record that is created first may be refused.
        let original = Record { sent: sent(&deleted.creation).unwrap_or_default(), ..deleted.clone() };
        if !scenario.shares_text(&original, deleted) {
            calls.extend(last_form(scenario, create, deleted));
        }
        for call in calls {
            let refused = scenario.recreate(Step { call, expect: Expect::accepted() }).await;
            if let Some(status @ (400 | 409 | 422)) = refused {
                let message = format!("{status} came for a body that a record had, which is deleted");
                return scenario.fail(Failure::error(Check::Status, message));
            }
        }
    }
}

/// The call that creates a record as it was when it was deleted, if that is not what it was created from.
fn last_form(scenario: &Scenario<'_, '_>, create: usize, deleted: &Record) -> Option<Call> {
    let content = &scenario.operation(create)?.request_body.as_ref()?.content;
    let schema = content.iter().filter(|(key, _)| is_json(key)).find_map(|(_, media)| media.schema);
    let mut call = deleted.creation.clone();
    let Some(Body::Value { value, .. }) = &mut call.body else { return None };
    let last = Value::Object(deleted.sent.clone());
    if *value == last || !scenario.session.values.accepts(schema, &last) {
        return None;
    }
    *value = last;
    Some(call)
}

//! What a list holds: the records that were created, no more than it was asked for, and none that was deleted.

use descant_exchange::Check;
use descant_model::api::Location;
use serde_json::{Map, Value};

use super::compare::difference;
use super::scenario::{Record, Scenario};
use crate::case::{Call, Input, Step};
use crate::exchange::Exchange;
use crate::expect::Expect;
use crate::failure::Failure;
use crate::resource::{Resource, plain, plain_text};

/// A list of fewer items is not a page of more.
const SMALLEST_PAGE: usize = 10;
/// The names of parameters that bound the number of items.
const LIMITS: [&str; 9] =
    ["limit", "perpage", "pagesize", "size", "top", "maxresults", "count", "first", "max"];

/// Lists two records that were created, and no more than one of them where one is asked for.
pub(super) async fn both(scenario: &mut Scenario<'_, '_>, first: &Record, second: &Record) {
    let Some(call) = call(scenario) else { return };
    // Nobody knows whether what the path leads through exists.
    let expect = if scenario.before().is_empty() { Expect::success() } else { Expect::accepted() };
    let step = |call: Call| Step { call, expect: expect.clone() };
    let missing = |exchange: &Exchange| {
        let body = exchange.answer.as_ref().ok()?.json()?;
        let items = items(&body)?;
        let lost = [first, second].into_iter().find(|record| !holds(items, &record.id))?;
        let message = format!("the list lacks the record {} that was created", lost.id);
        (items.len() < SMALLEST_PAGE).then(|| Failure::error(Check::Body, message))
    };
    let resource = scenario.resource;
    let wrong = |exchange: &Exchange| {
        missing(exchange)
            .or_else(|| [first, second].into_iter().find_map(|it| misshown(resource, exchange, it)))
    };
    scenario.send("list what was created", step(call), wrong).await;
}

/// Asks for one record, where there are more than two: a service that gives more than one, but not all, counts wrongly.
pub(super) async fn bounded(scenario: &mut Scenario<'_, '_>) {
    let Some(call) = call(scenario) else { return };
    let Some(one) = limited(scenario, call.clone(), 1) else { return };
    let step = |call: Call| Step { call, expect: Expect::accepted() };
    let Ok(all) = scenario.session.exchange(&step(call), &[]).await else { return };
    let Some(all) = count(&all) else { return };
    // No document states what its parameters mean: a service may ignore one.
    let is_strict = scenario.session.settings.assume.strict;
    let too_many = |exchange: &Exchange| {
        let count = count(exchange)?;
        let message = format!("{count} items came, and at most 1 was asked for");
        (count > 1 && (is_strict || count < all)).then(|| Failure::error(Check::Body, message))
    };
    scenario.send("list one record", step(one), too_many).await;
}

/// Lists a record that was replaced: it is there once, as it was sent.
pub(super) async fn updated(scenario: &mut Scenario<'_, '_>, record: &Record) {
    let Some(call) = call(scenario) else { return };
    let expect = if scenario.before().is_empty() { Expect::success() } else { Expect::accepted() };
    let resource = scenario.resource;
    let wrong = |exchange: &Exchange| misshown(resource, exchange, record);
    scenario.send("list after an update", Step { call, expect }, wrong).await;
}

/// Lists after a refused creation: no item has the text of its body that is of this body alone.
pub(super) async fn has_none(scenario: &mut Scenario<'_, '_>, body: &Map<String, Value>) {
    let Some(call) = call(scenario) else { return };
    let expect = if scenario.before().is_empty() { Expect::success() } else { Expect::accepted() };
    let (Some(name), resource) = (telling(body).cloned(), scenario.resource) else { return };
    let wrong = |exchange: &Exchange| {
        let body = exchange.answer.as_ref().ok()?.json()?;
        let mut items = items(&body)?.iter().filter(|item| resource.identity_in(item).is_some());
        let has = |item: &Value| item.as_object().is_some_and(|it| it.values().any(|value| *value == name));
        let message = format!("the list has a record with {name}, whose creation was refused");
        items.any(has).then(|| Failure::error(Check::Body, message))
    };
    scenario.send("list after a refused creation", Step { call, expect }, wrong).await;
}

/// A text that no other body has: it holds a number.
pub(super) fn telling(body: &Map<String, Value>) -> Option<&Value> {
    body.values().find(|value| value.as_str().is_some_and(|it| it.bytes().any(|b| b.is_ascii_digit())))
}

/// What a list shows wrong of a record: it is there twice, or other than it was sent.
fn misshown(resource: &Resource, exchange: &Exchange, record: &Record) -> Option<Failure> {
    let body = exchange.answer.as_ref().ok()?.json()?;
    let id = plain_text(&record.id);
    let is_it = |item: &&Value| resource.identity_in(item).is_some_and(|(_, found)| plain_text(&found) == id);
    let found: Vec<&Value> = items(&body)?.iter().filter(is_it).collect();
    let text = telling(&record.sent);
    let is_like = |item: &&Value| {
        !is_it(item) && item.as_object().is_some_and(|it| it.values().any(|value| Some(value) == text))
    };
    if let Some(item) = items(&body)?.iter().find(is_like).filter(|_| text.is_some() && !found.is_empty()) {
        let (_, other) = resource.identity_in(item)?;
        let message = format!(
            "the list has {} twice: as {} and as {other}",
            Value::Object(record.sent.clone()),
            record.id
        );
        return Some(Failure::error(Check::Body, message));
    }
    let message = match found.as_slice() {
        [] => return None,
        [item] => {
            let difference = difference(&record.sent, item.as_object()?, resource.parameter(), |_| false)?;
            format!("the list shows the record {}: {difference}", record.id)
        }
        _ => format!("the list has the record {} {} times", record.id, found.len()),
    };
    Some(Failure::error(Check::Body, message))
}

fn count(exchange: &Exchange) -> Option<usize> {
    Some(items(&exchange.answer.as_ref().ok()?.json()?)?.len())
}

/// Lists after a deletion.
pub(super) async fn lacks(scenario: &mut Scenario<'_, '_>, deleted: &Record, other: &Record) {
    let Some(call) = call(scenario) else { return };
    let wrong = |exchange: &Exchange| {
        let body = exchange.answer.as_ref().ok()?.json()?;
        let items = items(&body)?;
        if holds(items, &deleted.id) && deleted.id != other.id {
            let message = format!("the list still has the record {} that was deleted", deleted.id);
            return Some(Failure::error(Check::Body, message));
        }
        let message = format!("the list lacks the record {}, and another one was deleted", other.id);
        (items.len() < SMALLEST_PAGE && !holds(items, &other.id))
            .then(|| Failure::error(Check::Body, message))
    };
    let expect = if scenario.before().is_empty() { Expect::success() } else { Expect::accepted() };
    scenario.send("list after a deletion", Step { call, expect }, wrong).await;
}

/// Takes a record from the list, where none can be created: requests that read may name it.
pub(super) async fn adopt(scenario: &mut Scenario<'_, '_>) {
    let Some(call) = call(scenario) else { return };
    let Some(exchange) = scenario.send("list", Step { call, expect: Expect::accepted() }, |_| None).await
    else {
        return;
    };
    let body = exchange.answer.ok().and_then(|answer| answer.json());
    let first = body.as_ref().and_then(items).and_then(|items| items.first());
    let id = first.and_then(|item| match item {
        Value::String(_) | Value::Number(_) => Some(item.clone()),
        _ => scenario.resource.identity_in(item).map(|(_, id)| id),
    });
    let Some(id) = id else { return };
    scenario.adopt(id.clone());
    let Some(read) = scenario.resource.read else { return };
    let inputs: Vec<Input> = scenario.before().iter().cloned().chain([Input::Value(id)]).collect();
    if let Some(call) = scenario.session.addressed(read, &inputs) {
        scenario.send("read what is listed", Step { call, expect: Expect::success() }, |_| None).await;
    }
}

/// The call that lists as much as it may.
fn call(scenario: &Scenario<'_, '_>) -> Option<Call> {
    let call = scenario.session.addressed(scenario.resource.list?, scenario.before())?;
    Some(limited(scenario, call.clone(), 100).unwrap_or(call))
}

/// A call with a bound of the number of items, where it has a parameter for that which admits it.
fn limited(scenario: &Scenario<'_, '_>, call: Call, most: u64) -> Option<Call> {
    let operation = scenario.operation(call.operation)?;
    let value = Value::from(most);
    let is_limit = |name: &str| LIMITS.contains(&plain(name).as_str());
    let mut parameters =
        operation.parameters.iter().filter(|it| it.location == Location::Query && is_limit(&it.name));
    let admits = |schema| scenario.session.values.accepts(schema, &value);
    let parameter = parameters.find(|it| it.schema.is_some() && admits(it.schema))?;
    Some(call.with(Location::Query, &parameter.name, Input::Value(value)))
}

/// The items of a list: the array itself, or the first one in the object around it.
fn items(body: &Value) -> Option<&Vec<Value>> {
    match body {
        Value::Array(items) => Some(items),
        Value::Object(members) => members.values().find_map(Value::as_array).or_else(|| {
            members
                .values()
                .filter_map(Value::as_object)
                .find_map(|inner| inner.values().find_map(Value::as_array))
        }),
        _ => None,
    }
}

/// Whether an item has the name of a record in any of its members.
fn holds(items: &[Value], id: &Value) -> bool {
    let id = plain_text(id);
    let is_it = |value: &Value| !value.is_object() && !value.is_array() && plain_text(value) == id;
    items.iter().any(|item| match item {
        Value::Object(members) => members
            .values()
            .any(|value| is_it(value) || value.as_object().is_some_and(|inner| inner.values().any(is_it))),
        item => is_it(item),
    })
}

//! Creates records and follows them: what is created can be read, is listed, is what was sent, changes when it is updated,
//! and is gone when it is deleted; other records stay as they are.

use descant_exchange::Check;
use descant_model::api::Location;

use crate::case::{Call, Case, CaseKind, Input, Step};
use crate::exchange::Exchange;
use crate::expect::{Cause, Expect};
use crate::failure::Failure;
use crate::resource::{Resource, path_parameters};
use crate::session::Session;
use crate::values::Extent;
use crate::verdict::Verdict;

mod claims;
mod compare;
mod lists;
mod refused;
mod scenario;

use compare::{reflects, sent};
use scenario::{Record, Scenario};

/// The most verdicts of one resource.
pub(crate) const MAX_VERDICTS: usize = 100;

/// Follows the records of a resource, and leaves one that other cases may use.
pub(crate) async fn run(session: &Session<'_>, index: usize) -> Vec<Verdict> {
    let Some(resource) = session.resources.get(index) else { return Vec::new() };
    let select = &session.settings.select;
    let operations =
        [resource.create, resource.list, resource.read, resource.replace, resource.modify, resource.delete];
    let is_selected =
        |at: usize| session.api.operations.get(at).is_some_and(|it| select.has_operation(at, it));
    if !operations.into_iter().flatten().any(is_selected) {
        return Vec::new();
    }
    let mut scenario = Scenario::new(session, index, resource);
    if scenario.parents().await.is_ok() {
        follow(&mut scenario).await;
    }
    let mut verdicts = scenario.verdicts;
    verdicts.truncate(MAX_VERDICTS);
    verdicts.retain(|verdict| select.has_kind(CaseKind::State) && is_selected(verdict.case.operation));
    if let Some(id) = &select.case {
        let of = |verdict: &Verdict| session.api.operations.get(verdict.case.operation);
        verdicts.retain(|verdict| of(verdict).is_some_and(|operation| verdict.case.id(operation) == *id));
    }
    verdicts
}

async fn follow(scenario: &mut Scenario<'_, '_>) {
    let invents = scenario.invents_records().await;
    let mut first = match scenario.make("create").await {
        Ok(first) => first,
        Err(reason) => {
            scenario.skip(&reason);
            return lists::adopt(scenario).await;
        }
    };
    let second = match scenario.make("create another").await {
        Ok(second) => second,
        Err(reason) => return scenario.skip(&reason),
    };
    let has_read = scenario.resource.read.is_some();
    if second.id == first.id {
        // A client that chooses the identifier may choose one twice.
        let is_chosen =
            first.sent.values().any(|value| *value == first.id) || scenario.shares_text(&first, &second);
        match has_read && !invents && !is_chosen {
            true => scenario.fail(Failure::error(
                Check::Body,
                format!("two records were created under one identifier, {}", first.id),
            )),
            false => scenario.skip("the service keeps no records: two have one identifier"),
        }
        return;
    }
    if !lived(scenario, &mut first, &second, invents).await {
        return scenario.skip("the service keeps no records: it answers any identifier");
    }
    delete(scenario, first, &second).await;
    // A service that lost it answers 404 to whoever names it.
    if scenario.is_alive(&second).await {
        scenario.share(&second);
    }
}

/// Reads, lists and updates two records; returns whether the service keeps them, or loses them: then it does not answer
/// any identifier.
async fn lived(scenario: &mut Scenario<'_, '_>, first: &mut Record, second: &Record, invents: bool) -> bool {
    let resource = scenario.resource;
    let Some(read) = resource.read else {
        // Nothing but a list tells whether they are kept.
        lists::both(scenario, first, second).await;
        return true;
    };
    let is_kept = if invents {
        // What it answers to any identifier must at least hold what was sent under this one.
        first.differs(second) && scenario.holds(read, first).await && scenario.holds(read, second).await
    } else {
        true
    };
    if !is_kept {
        return false;
    }
    let is_read = scenario.read("read what was created", read, first, &first.sent).await;
    if invents {
        let message = "an identifier that no record has was answered with a success";
        scenario.fail(Failure::error(Check::Status, message));
    }
    scenario.settle();
    if is_read == Some(true) {
        scenario.session.records.keeps(scenario.index);
    }
    lists::both(scenario, first, second).await;
    if let Some(operation) = resource.replace {
        let whole = scenario.update("replace", operation, first, Extent::Whole).await;
        let less = scenario.update("replace by less", operation, first, Extent::Least).await;
        if let Some((whole, less)) = whole.as_ref().zip(less.as_ref()) {
            scenario.merged(whole, less);
        }
        if let Some(sent) = less.or(whole) {
            first.sent = sent;
            lists::updated(scenario, first).await;
        }
    }
    if let Some(operation) = resource.modify
        && let Some(sent) = scenario.update("modify", operation, first, Extent::Whole).await
    {
        first.sent.extend(sent);
    }
    if resource.replace.or(resource.modify).is_some() {
        scenario.read("read the other record after an update", read, second, &second.sent).await;
    }
    if is_read == Some(true) {
        if let Ok(less) = scenario.make_least("create with less").await
            && scenario.read("read what was created with less", read, &less, &less.sent).await == Some(true)
        {
            scenario.leaked(&less, second);
            if refused::safe(scenario, read, &less).await {
                refused::writes(scenario, &less).await;
            }
        }
        lists::bounded(scenario).await;
        refused::creation(scenario, second).await;
    }
    true
}

/// Deletes the first record: it is gone, and the second one is not.
async fn delete(scenario: &mut Scenario<'_, '_>, first: Record, second: &Record) {
    let Some(operation) = scenario.resource.delete else { return };
    let Some(exchange) = scenario.call("delete", operation, &first, Expect::accepted(), |_| None).await
    else {
        return;
    };
    // What is accepted for later (202) may still be there.
    if !exchange.is_success() || exchange.status() == 202 {
        return;
    }
    let mut is_gone = false;
    if let Some((read, known)) =
        scenario.resource.read.and_then(|read| Some((read, scenario.operation(read)?)))
    {
        let gone = Expect::refusal(known, Cause::Gone, false);
        let read_again = scenario.call("read what was deleted", read, &first, gone, |_| None).await;
        is_gone = read_again.is_some_and(|it| matches!(it.status(), 404 | 410));
        scenario.read("read the other record after a deletion", read, second, &second.sent).await;
    }
    lists::lacks(scenario, &first, second).await;
    refused::gone(scenario, &first, is_gone).await;
}

/// Follows a write at the edge of a schema that was accepted: the answer and the record hold what was sent. The read is
/// added to the case.
pub(crate) fn boundary(session: &Session<'_>, case: &mut Case, exchanges: &[Exchange]) -> Vec<Failure> {
    let Some((first, exchange)) = case.steps.first().zip(exchanges.last()) else { return Vec::new() };
    let operation = first.call.operation;
    let found = session.resources.iter().enumerate().find(|(index, resource)| {
        (resource.create == Some(operation) || resource.replace == Some(operation))
            && session.records.is_kept(*index)
    });
    let number = exchanges.len().saturating_sub(1);
    let is_followed = matches!(case.kind, CaseKind::Boundary | CaseKind::Robustness)
        && (first.expect.is_valid() || first.expect.may_succeed())
        && exchange.is_success()
        && exchange.status() != 202;
    let Some((_, resource)) = found.filter(|_| is_followed) else { return Vec::new() };
    let Some(sent) = sent(&first.call) else { return Vec::new() };
    let failures =
        reflects(session, resource, &sent, exchange, case.steps.get(number).map(|step| &step.call));
    if number == 0
        && failures.is_none()
        && let Some(step) = read_back(session, resource, &first.call, exchange)
    {
        case.steps.push(step);
    }
    failures.into_iter().collect()
}

fn read_back(session: &Session<'_>, resource: &Resource, call: &Call, exchange: &Exchange) -> Option<Step> {
    let names = path_parameters(&call.operation(session.api)?.path.raw);
    let input = |name: &&str| {
        let mut all = call.parameters.iter();
        all.find(|(at, known, _)| *at == Location::Path && known == name).map(|(_, _, input)| input.clone())
    };
    let mut inputs: Vec<Input> = names.iter().filter_map(input).collect();
    if resource.create == Some(call.operation) {
        let (expression, _) = resource.identity(exchange)?;
        inputs.push(Input::Link { step: 0, expression });
    }
    Some(Step { call: session.addressed(resource.read?, &inputs)?, expect: Expect::success() })
}

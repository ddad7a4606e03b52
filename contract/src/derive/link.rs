//! Calls that follow the links of a response, and that ask for what was deleted.

use descant_model::api::{Link, Location, Operation, Response, StatusPattern};
use serde_json::Value;

use super::{Context, Subject};
use crate::case::{Call, Case, CaseKind, Input, Step};
use crate::expect::{Cause, Expect};
use crate::safety;

/// One case a link, and one a pair of links of which the first deletes what the second reads.
pub(super) fn derive(context: &mut Context<'_>, subject: &Subject<'_>) {
    let mut links = Vec::new();
    for (_, response) in subject.operation.responses.iter().filter(|(pattern, _)| is_success(*pattern)) {
        links.extend(targets(context, subject.index, response));
    }
    for (name, operation, call) in &links {
        let first = Step { call: subject.base.clone(), expect: Expect::accepted() };
        let second = Step { call: call.clone(), expect: Expect::success() };
        add(context, subject, (*name).clone(), vec![first.clone(), second.clone()]);
        if operation.method == "DELETE" {
            for (_, reader, read) in links.iter().filter(|(_, other, _)| reads(other, operation)) {
                let third = Step { call: read.clone(), expect: Expect::refusal(reader, Cause::Gone, false) };
                let steps = vec![first.clone(), second.clone(), third];
                add(context, subject, format!("{} after {name}", reader.method), steps);
            }
        }
    }
}

fn add(context: &mut Context<'_>, subject: &Subject<'_>, name: String, steps: Vec<Step>) {
    context.add(Case { operation: subject.index, kind: CaseKind::Link, name, steps });
}

/// The calls that a response's links make, the values that they name taken from the first exchange.
fn targets<'a>(
    context: &mut Context<'a>,
    index: usize,
    response: &Response,
) -> Vec<(String, &'a Operation, Call)> {
    let api = context.api;
    let mut calls = Vec::new();
    for (name, link) in &response.links {
        // Links to what is not of this document are lowered to none.
        let Some(target) = link.operation else { continue };
        let Some(operation) = api.operations.get(target) else { continue };
        let schemes = |schemes| format!("no credential for {schemes}");
        let base = context.credentials.choose(operation).map_err(schemes);
        let allowed = safety::left_out(api, operation, context.assume).map_or(Ok(()), Err);
        match base.and(allowed).and_then(|()| context.base(target, operation)) {
            Ok(base) => calls.push((name.clone(), operation, linked(base, operation, link))),
            Err(reason) => context.leave_out(index, CaseKind::Link, format!("{name}: {reason}")),
        }
    }
    calls
}

/// A call with the parameters that a link sets.
fn linked(base: Call, operation: &Operation, link: &Link) -> Call {
    let names = |key: &str, location: Location, name: &str| {
        key == name
            || key.split_once('.').is_some_and(|(place, rest)| place == location.as_str() && rest == name)
    };
    link.parameters.iter().fold(base, |call, (key, value)| {
        let Some(parameter) = operation.parameters.iter().find(|p| names(key, p.location, &p.name)) else {
            return call;
        };
        let input = match value {
            Value::String(text) if text.starts_with('$') => Input::Link { step: 0, expression: text.clone() },
            constant => Input::Value(constant.clone()),
        };
        call.with(parameter.location, &parameter.name, input)
    })
}

fn reads(reader: &Operation, deleter: &Operation) -> bool {
    reader.method == "GET" && reader.path == deleter.path
}

fn is_success(pattern: StatusPattern) -> bool {
    matches!(pattern, StatusPattern::Code(200..=299) | StatusPattern::Range(2))
}

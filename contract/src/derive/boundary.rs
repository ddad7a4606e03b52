//! Calls with values at the edge of what the schemas allow: they must be taken.

use descant_model::api::{Location, Operation};

use super::body::edge_name;
use super::{Context, Subject};
use crate::case::{Body, Call, Case, CaseKind, Input};
use crate::expect::Expect;
use crate::safety::writes;
use crate::values::is_json;
use crate::wire::concrete;

/// One case an edge of a parameter's or a JSON body's schema.
pub(super) fn derive(context: &mut Context<'_>, subject: &Subject<'_>) {
    let mut tried = vec![subject.base.clone()];
    let mut calls = parameters(context, subject);
    calls.extend(bodies(context, subject));
    for (name, call) in calls {
        if !tried.contains(&call) {
            tried.push(call.clone());
            context.add(Case::single(CaseKind::Boundary, name, call, Expect::accepted()));
        }
    }
}

fn parameters(context: &Context<'_>, subject: &Subject<'_>) -> Vec<(String, Call)> {
    let mut calls = Vec::new();
    for parameter in &subject.operation.parameters {
        let Some(schema) = parameter.schema else { continue };
        // A valid identifier at the edge of its schema may be that of a record that the run did not create.
        if parameter.location == Location::Path && writes(subject.operation) && !context.is_free() {
            continue;
        }
        let edges = context.values.boundaries(schema).into_iter();
        for edge in edges.filter(|edge| edge.valid && context.survives(parameter, &edge.value)) {
            let what = format!(
                "{} {}: {}",
                parameter.location.as_str(),
                parameter.name,
                edge_name(&edge.keyword, &edge.pointer)
            );
            calls.push((
                what,
                subject.base.clone().with(parameter.location, &parameter.name, Input::Value(edge.value)),
            ));
        }
    }
    calls
}

fn bodies(context: &mut Context<'_>, subject: &Subject<'_>) -> Vec<(String, Call)> {
    let Some((key, schema)) = json(subject.operation) else { return Vec::new() };
    let edges = context.values.boundaries(schema).into_iter().filter(|edge| edge.valid);
    let mut calls = Vec::new();
    for edge in edges {
        let value = context.fresh(subject.operation, schema, edge.value, &edge.pointer);
        let body = Body::Value { media_type: concrete(key), value };
        let name = format!("body {}", edge_name(&edge.keyword, &edge.pointer));
        calls.push((name, subject.base.clone().body(Some(body))));
    }
    calls
}

/// The first JSON representation of an operation's body that has a schema.
fn json(operation: &Operation) -> Option<(&String, descant_model::api::SchemaId)> {
    let body = operation.request_body.as_ref()?;
    body.content.iter().filter(|(key, _)| is_json(key)).find_map(|(key, media)| Some((key, media.schema?)))
}

//! Calls with a parameter that is missing, or of a value that its schema does not allow.

use descant_model::api::{Location, Parameter};
use serde_json::Value;

use super::body::edge_name;
use super::{Context, Subject};
use crate::case::{Call, Case, Input, Kind};
use crate::expect::{Expect, Fault};
use crate::style;

/// Text that is no number, boolean, array of them, or object in any style.
const NOT_A_NUMBER: &str = "descant";

/// One case for each way in which a parameter can be broken; the edges of its schema too.
pub(super) fn derive(context: &mut Context<'_>, subject: &Subject<'_>) {
    for parameter in &subject.operation.parameters {
        if parameter.required && parameter.location != Location::Path {
            let call = subject.base.clone().without(parameter.location, &parameter.name);
            broken(context, subject, parameter, "missing", call);
        }
        let mut tried = Vec::new();
        for (name, input) in values(context, parameter) {
            if !tried.contains(&input) {
                tried.push(input.clone());
                let call = subject.base.clone().with(parameter.location, &parameter.name, input);
                broken(context, subject, parameter, &name, call);
            }
        }
    }
}

/// Values that the schema does not allow and that stay so on the wire, where everything is text.
fn values(context: &Context<'_>, parameter: &Parameter) -> Vec<(String, Input)> {
    let Some(schema) = parameter.schema else { return Vec::new() };
    let word = Value::from(NOT_A_NUMBER);
    let word = context.stays_broken(parameter, &word).then(|| ("wrong kind".to_owned(), Input::Value(word)));
    let edges = context.values.boundaries(schema).into_iter();
    let edges = edges.filter(|edge| !edge.valid && context.stays_broken(parameter, &edge.value));
    let named = edges.map(|edge| (edge_name(&edge.keyword, &edge.pointer), Input::Value(edge.value)));
    word.into_iter().chain(named).collect()
}

fn broken(context: &mut Context<'_>, subject: &Subject<'_>, parameter: &Parameter, name: &str, call: Call) {
    let expect = Expect::refusal(subject.operation, Fault::Parameter(parameter.location), false);
    let name = format!("{} {}: {name}", style::location(parameter.location), parameter.name);
    context.add(Case::single(Kind::Parameter, name, call, expect));
}

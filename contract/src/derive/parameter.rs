//! Calls with a parameter that is missing, or of a value that its schema does not allow.

use descant_exchange::codec;
use descant_model::api::{Location, Parameter};
use serde_json::Value;

use super::body::edge_name;
use super::{Context, Subject};
use crate::case::{Call, Case, CaseKind, Input};
use crate::expect::{Cause, Expect};
use crate::round_trip::RoundTrip;
use crate::wire;

/// Text that is no number, boolean, array of them, or object in any style.
const NOT_A_NUMBER: &str = "descant";

/// One case for each way in which a parameter can be broken; the edges of its schema too.
pub(super) fn derive(context: &mut Context<'_>, subject: &Subject<'_>) {
    for parameter in &subject.operation.parameters {
        let refusal =
            Expect::refusal(subject.operation, Cause::Parameter(codec::location(parameter.location)), false);
        if parameter.required && parameter.location != Location::Path {
            let call = subject.base.clone().without(parameter.location, &parameter.name);
            broken(context, parameter, "missing", call, refusal.clone());
        }
        let mut tried = Vec::new();
        for (keyword, pointer, value) in values(context, parameter) {
            if !tried.contains(&value) {
                tried.push(value.clone());
                let lenient = !context.assume.strict && is_filter(context, parameter, &keyword, &value);
                let expect = if lenient { refusal.clone().or_success() } else { refusal.clone() };
                let call =
                    subject.base.clone().with(parameter.location, &parameter.name, Input::Value(value));
                broken(context, parameter, &edge_name(&keyword, &pointer), call, expect);
            }
        }
    }
}

/// Values that the schema does not allow and that stay so on the wire, where everything is text; each with the keyword
/// that it breaks, and where.
fn values(context: &Context<'_>, parameter: &Parameter) -> Vec<(String, String, Value)> {
    let Some(schema) = parameter.schema else { return Vec::new() };
    let word = ("wrong kind".to_owned(), String::new(), Value::from(NOT_A_NUMBER));
    let edges = context.values.boundaries(schema).into_iter().filter(|edge| !edge.valid);
    let edges = edges.map(|edge| (edge.keyword, edge.pointer, edge.value));
    let all = std::iter::once(word).chain(edges);
    all.filter(|(_, _, value)| context.stays_broken(parameter, value)).collect()
}

/// Whether a value is text in an optional query parameter, which a service may take for a filter that nothing meets.
fn is_filter(context: &Context<'_>, parameter: &Parameter, keyword: &str, value: &Value) -> bool {
    let is_text = matches!(
        wire::round_trip(context.values.schemas(), parameter, value),
        RoundTrip::As(Value::String(_))
    );
    is_text
        && parameter.location == Location::Query
        && !parameter.required
        && !matches!(keyword, "enum" | "const")
}

fn broken(context: &mut Context<'_>, parameter: &Parameter, name: &str, call: Call, expect: Expect) {
    let name = format!("{} {}: {name}", parameter.location.as_str(), parameter.name);
    context.add(Case::single(CaseKind::Parameter, name, call, expect));
}

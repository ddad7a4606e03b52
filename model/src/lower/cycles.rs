//! Schemas that include each other without end: `A` is all of `B` and `B` is all of `A`, so that judging a value by one
//! never ends. They are reported with the whole chain, and the reference that closes the cycle is cut.
//!
//! Recursion through properties or items is fine: it ends with the value.

use std::sync::Arc;

use serde_json::Value;

use crate::api::{Definition, SchemaId, Schemas};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};

/// A reference that applies to the same value as the schema that holds it.
#[derive(Clone, Debug)]
struct Edge {
    to: SchemaId,
    /// Of the object that holds `$ref`, in the schema's value.
    pointer: String,
}

/// How far a schema has been looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    Done,
}

/// Cuts every cycle.
pub(super) fn cut(schemas: &mut Schemas, diagnostics: &mut Diagnostics) {
    let mut states = vec![State::New; schemas.entries.len()];
    for start in 0..schemas.entries.len() {
        let mut path = vec![Step::new(schemas, &mut states, SchemaId(start as u32))];
        while let Some(Some(step)) = path.last_mut() {
            let Some(edge) = step.edges.pop() else {
                set(&mut states, step.id, State::Done);
                path.pop();
                continue;
            };
            let from = step.id;
            match states.get(edge.to.0 as usize) {
                Some(State::New) => path.push(Step::new(schemas, &mut states, edge.to)),
                Some(State::Open) => {
                    let open = path.iter().flatten().map(|step| step.id);
                    let chain: Vec<SchemaId> = open.skip_while(|id| *id != edge.to).collect();
                    diagnostics.extend(report(schemas, &chain));
                    remove(schemas, from, &edge.pointer);
                }
                _ => {}
            }
        }
    }
}

struct Step {
    id: SchemaId,
    /// Those still to follow, the first one last.
    edges: Vec<Edge>,
}

impl Step {
    /// `None` where the schema has been looked at before.
    fn new(schemas: &Schemas, states: &mut [State], id: SchemaId) -> Option<Self> {
        if states.get(id.0 as usize) != Some(&State::New) {
            return None;
        }
        set(states, id, State::Open);
        let mut edges = Vec::new();
        collect(schemas, &schemas.get(id)?.value, "", &mut edges);
        edges.reverse();
        Some(Self { id, edges })
    }
}

fn set(states: &mut [State], id: SchemaId, state: State) {
    if let Some(slot) = states.get_mut(id.0 as usize) {
        *slot = state;
    }
}

/// The references by which a schema includes others (JSON Schema Core 8.2.3.1, 10.2).
fn collect(schemas: &Schemas, schema: &Value, pointer: &str, edges: &mut Vec<Edge>) {
    let target = schema.get("$ref").and_then(Value::as_str).and_then(|reference| schemas.target(reference));
    edges.extend(target.map(|(to, _)| Edge { to, pointer: pointer.to_owned() }));
    for keyword in ["allOf", "anyOf", "oneOf"] {
        let branches = schema.get(keyword).and_then(Value::as_array).into_iter().flatten().enumerate();
        branches.for_each(|(i, branch)| collect(schemas, branch, &format!("{pointer}/{keyword}/{i}"), edges));
    }
    for keyword in ["not", "if", "then", "else"] {
        let inner = schema.get(keyword).into_iter();
        inner.for_each(|inner| collect(schemas, inner, &format!("{pointer}/{keyword}"), edges));
    }
    let dependent = schema.get("dependentSchemas").and_then(Value::as_object).into_iter().flatten();
    for (property, inner) in dependent {
        let property = crate::tree::escape_token(property);
        collect(schemas, inner, &format!("{pointer}/dependentSchemas/{property}"), edges);
    }
}

fn report(schemas: &Schemas, chain: &[SchemaId]) -> Diagnostics {
    let members: Vec<&Definition> = chain.iter().filter_map(|id| schemas.get(*id)).collect();
    let mut diagnostics = Diagnostics::default();
    let Some(first) = members.first() else { return diagnostics };
    let names = members.iter().chain([first]).map(|schema| format!("`{}`", schema.key));
    let names: Vec<String> = names.collect();
    let message = format!("schemas include each other without end: {}", names.join(" → "));
    let finding = Diagnostic::new(Code::SchemaCycle, message, &first.origin).label("includes itself");
    let others = members.iter().skip(1);
    diagnostics.push(
        others.fold(finding, |finding, schema| finding.related(schema.origin.span, "by way of this one")),
    );
    diagnostics
}

/// Takes a `$ref` out of a schema; what stands beside it stays.
fn remove(schemas: &mut Schemas, id: SchemaId, pointer: &str) {
    let Some(schema) = schemas.entries.get_mut(id.0 as usize) else { return };
    if let Some(Value::Object(holder)) = Arc::make_mut(&mut schema.value).pointer_mut(pointer) {
        holder.shift_remove("$ref");
    }
}

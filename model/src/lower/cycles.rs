//! Finds schemas that include each other in a cycle: `A` is `allOf` `B` and `B` is `allOf` `A`, so that validation would
//! not terminate. They are reported with the whole chain, and the reference that closes the cycle is removed.
//!
//! Recursion through properties or items is valid: it ends with the value.

use std::sync::Arc;

use crate::api::{Definition, SchemaId, Schemas};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::schema::{Role, Schema};

/// The progress of the search in a schema.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    Done,
}

/// Removes every cycle.
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
            match states.get(edge.0 as usize) {
                Some(State::New) => path.push(Step::new(schemas, &mut states, edge)),
                Some(State::Open) => {
                    let open = path.iter().flatten().map(|step| step.id);
                    let chain: Vec<SchemaId> = open.skip_while(|id| *id != edge).collect();
                    diagnostics.extend(report(schemas, &chain));
                    if let Some(definition) = schemas.entries.get_mut(from.0 as usize) {
                        remove(Arc::make_mut(&mut definition.schema), edge);
                    }
                }
                _ => {}
            }
        }
    }
}

struct Step {
    id: SchemaId,
    /// The references to the same value still to follow, the first one last.
    edges: Vec<SchemaId>,
}

impl Step {
    /// Returns `None` if the schema was visited before.
    fn new(schemas: &Schemas, states: &mut [State], id: SchemaId) -> Option<Self> {
        if states.get(id.0 as usize) != Some(&State::New) {
            return None;
        }
        set(states, id, State::Open);
        let mut edges = Vec::new();
        collect(schemas.schema(id)?, &mut edges);
        edges.reverse();
        Some(Self { id, edges })
    }
}

fn set(states: &mut [State], id: SchemaId, state: State) {
    if let Some(slot) = states.get_mut(id.0 as usize) {
        *slot = state;
    }
}

/// Collects the references by which a schema includes others (JSON Schema Core 8.2.3.1, 10.2).
fn collect(schema: &Schema, edges: &mut Vec<SchemaId>) {
    edges.extend(schema.reference());
    let in_place = schema.keywords().iter().filter(|keyword| keyword.role() == Role::InPlace);
    in_place.flat_map(|keyword| keyword.subschemas().iter()).for_each(|inner| collect(inner, edges));
}

fn report(schemas: &Schemas, chain: &[SchemaId]) -> Diagnostics {
    let members: Vec<&Definition> = chain.iter().filter_map(|id| schemas.get(*id)).collect();
    let mut diagnostics = Diagnostics::default();
    let Some(first) = members.first() else { return diagnostics };
    let names = members.iter().chain([first]).map(|schema| format!("`{}`", schema.key));
    let names: Vec<String> = names.collect();
    let message = format!("schemas include each other in a cycle: {}", names.join(" → "));
    let finding = Diagnostic::new(Code::SchemaCycle, message, &first.origin).label("includes itself");
    let others = members.iter().skip(1);
    diagnostics.push(
        others.fold(finding, |finding, schema| finding.related(schema.origin.span, "through this one")),
    );
    diagnostics
}

/// Removes the references to a schema that applies to the same value; other keywords stay.
fn remove(schema: &mut Schema, target: SchemaId) {
    let Schema::Keywords(keywords) = schema else { return };
    keywords.retain(|keyword| keyword.reference() != Some(&target));
    let in_place = keywords.iter_mut().filter(|keyword| keyword.role() == Role::InPlace);
    in_place.flat_map(|keyword| keyword.subschemas_mut().iter()).for_each(|inner| remove(inner, target));
}

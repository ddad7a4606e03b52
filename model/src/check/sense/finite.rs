//! Schemas that no finite value satisfies, because each value needs another one inside of it. A client compiles, but a
//! mock has nothing to show.

use std::collections::{HashMap, HashSet};

use super::every;
use crate::check::Shape;
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::references::{Graph, Place};
use crate::tree::Kind;
use crate::view::View;

/// Reports the objects and arrays that no finite value satisfies.
pub(super) fn check(graph: &Graph, out: &mut Diagnostics) {
    let mut open: HashMap<Place, Needs> = HashMap::new();
    for view in every(graph, Shape::SCHEMA) {
        let needs = Needs::of(view);
        if !needs.is_empty() {
            open.insert(view.place, needs);
        }
    }
    settle(&mut open);
    let mut endless: Vec<Place> = open.keys().copied().collect();
    endless.sort();
    for view in endless.into_iter().map(|place| View { graph, place }) {
        let needed = Needs::inside(view);
        let Some((name, _)) = needed.iter().find(|(_, place)| open.contains_key(place)) else { continue };
        let message = "no finite value satisfies the schema: each one needs another inside";
        out.push(
            Diagnostic::new(Code::SchemaUnsatisfiable, message, &view.head())
                .label(format!("{name} must hold such a value again"))
                .help("make it optional, nullable, or an array that may be empty"),
        );
    }
}

/// Takes out every schema of which a finite value is found, until nothing changes.
fn settle(open: &mut HashMap<Place, Needs>) {
    let mut waiting: HashMap<Place, Vec<Place>> = HashMap::new();
    for (place, needs) in &*open {
        needs.places().for_each(|needed| waiting.entry(needed).or_default().push(*place));
    }
    let mut next: Vec<Place> = open.keys().copied().collect();
    while let Some(place) = next.pop() {
        let is_finite =
            open.get(&place).is_some_and(|needs| needs.are_met(|needed| !open.contains_key(&needed)));
        if is_finite {
            open.remove(&place);
            next.extend(waiting.remove(&place).unwrap_or_default());
        }
    }
}

/// Of which other schemas there must be a finite value, so that there is one of this.
struct Needs {
    all: HashSet<Place>,
    /// One of each list.
    any: Vec<Vec<Place>>,
}

impl Needs {
    fn of(schema: View<'_>) -> Self {
        let graph = schema.graph;
        let mut needs = Needs { all: HashSet::new(), any: Vec::new() };
        if schema.flag("nullable") == Some(true)
            || schema.raw("enum").is_some()
            || schema.raw("const").is_some()
        {
            return needs;
        }
        needs.all.extend(graph.target(schema.place));
        needs.all.extend(schema.list("allOf").map(|part| part.place));
        needs.all.extend(Self::inside(schema).into_iter().map(|(_, place)| place));
        for key in ["oneOf", "anyOf"] {
            let branches: Vec<Place> = schema.list(key).map(|branch| branch.place).collect();
            if !branches.is_empty() {
                needs.any.push(branches);
            }
        }
        needs
    }

    /// What a value must have inside: required properties, and items where there must be some.
    fn inside(schema: View<'_>) -> Vec<(String, Place)> {
        match schema.raw("type").and_then(View::as_str) {
            Some("object") => {
                let Some(properties) = schema.raw("properties") else { return Vec::new() };
                let required = schema.list("required").filter_map(View::as_str);
                required.filter_map(|name| Some((format!("`{name}`"), properties.raw(name)?.place))).collect()
            }
            Some("array") if at_least_one(schema) => {
                schema.raw("items").map(|items| ("an item".to_owned(), items.place)).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    fn is_empty(&self) -> bool {
        self.all.is_empty() && self.any.is_empty()
    }

    fn places(&self) -> impl Iterator<Item = Place> {
        self.all.iter().chain(self.any.iter().flatten()).copied()
    }

    fn are_met(&self, is_finite: impl Fn(Place) -> bool) -> bool {
        self.all.iter().all(|place| is_finite(*place))
            && self.any.iter().all(|branches| branches.iter().any(|place| is_finite(*place)))
    }
}

fn at_least_one(array: View<'_>) -> bool {
    let least = array.raw("minItems").map(View::kind);
    matches!(least, Some(Kind::Number(text)) if text.parse::<f64>().is_ok_and(|least| least >= 1.0))
}

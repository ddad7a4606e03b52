//! Derives boundary values: whole values, each changed at one position to lie just inside or just outside of one
//! constraint. The validator decides whether a value is inside, not the construction.

mod containers;
mod scalars;

use std::collections::HashSet;

use descant_model::api::SchemaId;
use serde_json::Value;

use crate::{Direction, Sampler, SamplerOptions, SchemaSet, Validator, node::Node, pointer, sample::Drawer};

/// A value at the bound of one constraint.
#[derive(Clone, Debug, PartialEq)]
pub struct Boundary {
    /// The position of the changed part in the value (RFC 6901).
    pub pointer: String,
    /// The keyword of the constraint.
    pub keyword: String,
    /// The whole value.
    pub value: Value,
    /// Whether the value is valid, according to the validator.
    pub valid: bool,
}

/// The most boundaries of one schema.
const MOST: usize = 400;
/// How deep in a value edges are sought.
const MAX_DEPTH: usize = 6;
/// How many items of an array are looked into.
const ITEMS: usize = 1;

/// Small samples: each edge is a copy of one.
const OPTIONS: SamplerOptions = SamplerOptions { max_depth: 3, max_nodes: 2_000, ..SamplerOptions::DEFAULT };

impl SchemaSet {
    /// Returns values just inside and just outside of each constraint of a schema, in the request direction; none if
    /// the schema admits no value.
    pub fn boundaries(&self, id: SchemaId) -> Vec<Boundary> {
        self.sampler(id, Direction::Request, OPTIONS).map(|sampler| of(&sampler)).unwrap_or_default()
    }
}

/// Returns the boundaries of a raw schema, as [`SchemaSet::boundaries`] does.
pub fn boundaries(schema: &Value) -> Vec<Boundary> {
    Sampler::with(schema, Direction::Request, OPTIONS).map(|sampler| of(&sampler)).unwrap_or_default()
}

/// The edges of a sampler's schema.
pub(crate) fn of(sampler: &Sampler) -> Vec<Boundary> {
    let Ok(base) = sampler.sample(0) else { return Vec::new() };
    let Some(def) = sampler.start() else { return Vec::new() };
    let mut finder = Finder {
        drawer: Drawer::new(sampler, false),
        validator: sampler.validator(),
        base: &base,
        path: Vec::new(),
        found: Vec::new(),
        known: HashSet::new(),
    };
    finder.visit(&[def], &base);
    finder.found
}

struct Finder<'s, 'v> {
    drawer: Drawer<'s>,
    validator: &'s Validator,
    base: &'v Value,
    /// The way to the place that is changed.
    path: Vec<Step<'v>>,
    found: Vec<Boundary>,
    /// The texts of the values that were found: comparing each with all others would be quadratic.
    known: HashSet<String>,
}

#[derive(Clone, Copy)]
enum Step<'v> {
    Member(&'v str),
    Item(usize),
}

impl<'s, 'v> Finder<'s, 'v> {
    /// Looks for the edges of the schemas that hold for `value`, and of those below.
    fn visit(&mut self, nodes: &[&'s Node], value: &'v Value) {
        if self.path.len() > MAX_DEPTH || self.found.len() >= MOST {
            return;
        }
        let nodes = self.drawer.holding(nodes, value);
        self.kinds(&nodes);
        self.listed(&nodes, value);
        match value {
            Value::Number(number) => self.numbers(&nodes, number),
            Value::String(text) => self.texts(&nodes, text),
            Value::Array(items) => self.arrays(&nodes, items),
            Value::Object(members) => self.objects(&nodes, members),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn below(&mut self, step: Step<'v>, nodes: &[&'s Node], value: &'v Value) {
        self.path.push(step);
        self.visit(nodes, value);
        self.path.pop();
    }

    /// Adds the whole value with `changed` at this place, unless it is there already.
    fn add(&mut self, keyword: &str, changed: Value) {
        if self.found.len() >= MOST {
            return;
        }
        let mut value = self.base.clone();
        let place = self.path.iter().try_fold(&mut value, |place, step| match step {
            Step::Member(name) => place.get_mut(*name),
            Step::Item(index) => place.get_mut(*index),
        });
        let Some(place) = place else { return };
        *place = changed;
        let pointer = self.pointer();
        if value == *self.base || !self.known.insert(value.to_string()) {
            return;
        }
        let valid = self.validator.is_valid(&value);
        self.found.push(Boundary { pointer, keyword: keyword.to_owned(), value, valid });
    }

    fn pointer(&self) -> String {
        self.path.iter().fold(String::new(), |at, step| match step {
            Step::Member(name) => pointer::join(&at, name),
            Step::Item(index) => format!("{at}/{index}"),
        })
    }
}

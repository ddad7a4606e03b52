//! Validates a value: one walk over value and schema, which either stops at the first fault or collects them.
//!
//! The walk is bounded: in depth, by [`MAX_LEVELS`]; in work, by memoising results once a schema applies the same
//! definition to the same value repeatedly; in faults, by its sink.

mod arrays;
mod equality;
mod logic;
mod objects;
mod scalars;
mod unevaluated;

use descant_model::api::SchemaId;
use descant_model::schema::Kinds;
use descant_runtime::pattern::Budget;
pub(crate) use equality::{List, are_distinct, equal};
use rustc_hash::FxHashMap;
use serde_json::Value;

use crate::{
    Direction,
    fault::{Fault, Place},
    node::Node,
    set::Set,
    sink::{Flow, Probe, Sink},
};

/// How deep schemas and values may lead into each other: a value 128 deep under schemas of a few levels each.
const MAX_LEVELS: usize = 640;
/// References followed before results are remembered: below, remembering costs more than it saves.
const REMEMBER_AFTER: usize = 512;
/// Schemas put to values in one judgement, at least, and for each value that a value is made of: definitions may refer to
/// each other in more ways than can be followed.
const WORK: usize = 300_000;
const WORK_PER_VALUE: usize = 2_000;
/// The most schemas put to values in one judgement.
const MOST_WORK: usize = 10_000_000;
/// Alternatives that are searched for their faults, in all: which came nearest is a courtesy.
const MAX_SEARCHES: usize = 2_000;

/// How to judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rules {
    pub(crate) direction: Direction,
    /// A property that is hidden in the direction must be absent.
    pub(crate) forbid_hidden: bool,
}

/// One judgement in progress.
pub(crate) struct Judge<'s> {
    set: &'s Set,
    rules: Rules,
    level: usize,
    /// The references being followed, with the values that they judge: a pair that comes again adds nothing.
    chain: Vec<(SchemaId, usize)>,
    followed: usize,
    known: FxHashMap<(SchemaId, usize), bool>,
    searches: usize,
    effort: Effort,
}

/// What a judgement may still cost, and what came of a bound that was met.
#[derive(Debug)]
pub(crate) struct Effort {
    /// Schemas that may still be put to values.
    work: usize,
    /// Steps that patterns may still take.
    patterns: Budget,
    /// Why the judgement was given up. This is a fault of the value even where the schema is behind `not`.
    pub(crate) given_up: Option<Fault>,
}

impl Effort {
    /// Whether no schema may be put to a value any more.
    pub(crate) fn is_spent(&self) -> bool {
        self.work == 0
    }
}

impl Default for Effort {
    fn default() -> Self {
        Effort::of(1)
    }
}

impl Effort {
    /// The effort for a value that is made of so many values.
    pub(crate) fn of(values: usize) -> Effort {
        let work = WORK.saturating_add(values.saturating_mul(WORK_PER_VALUE)).min(MOST_WORK);
        Effort { work, patterns: Budget::default(), given_up: None }
    }
}

impl<'s> Judge<'s> {
    pub(crate) fn new(set: &'s Set, rules: Rules, effort: Effort) -> Self {
        let known = FxHashMap::default();
        Judge { set, rules, level: 0, chain: Vec::new(), followed: 0, known, searches: 0, effort }
    }

    /// A judgement that begins below these definitions.
    pub(crate) fn on(set: &'s Set, rules: Rules, path: &[SchemaId], effort: Effort) -> Self {
        Judge { chain: path.iter().map(|id| (*id, 0)).collect(), ..Judge::new(set, rules, effort) }
    }

    /// What is left of the effort, and why the judgement was given up, if it was.
    pub(crate) fn finish(self) -> Effort {
        self.effort
    }

    /// Whether `value` keeps what `node` itself says, other schemas on the same value apart.
    pub(crate) fn own(&mut self, node: &'s Node, value: &Value) -> bool {
        self.assertions(&mut Probe, node, value, &Place::Root).is_continue()
    }

    /// Whether `value` keeps `node`.
    pub(crate) fn holds(&mut self, node: &'s Node, value: &Value) -> bool {
        self.node(&mut Probe, node, value, &Place::Root).is_continue()
    }

    pub(crate) fn node<S: Sink>(
        &mut self,
        sink: &mut S,
        node: &'s Node,
        value: &Value,
        place: &Place<'_>,
    ) -> Flow {
        if self.level >= MAX_LEVELS {
            return sink.fault(place, "maxDepth", || "less nesting".to_owned());
        }
        self.spend(place)?;
        self.level += 1;
        let flow = self.keywords(sink, node, value, place);
        self.level -= 1;
        flow
    }

    /// Takes one step of the work there is; where there is none, the judgement ends.
    fn spend(&mut self, place: &Place<'_>) -> Flow {
        if let Some(left) = self.effort.work.checked_sub(1) {
            self.effort.work = left;
            return Flow::Continue(());
        }
        let schema = self.chain.last().map(|(id, _)| self.set.key(*id)).unwrap_or_default();
        let expected = || format!("a value that the schema `{schema}` can be put to in fewer steps");
        self.effort.given_up.get_or_insert_with(|| Fault::new(place.pointer(), "maxWork", expected()));
        Flow::Break(())
    }

    fn assertions<S: Sink>(
        &mut self,
        sink: &mut S,
        node: &'s Node,
        value: &Value,
        place: &Place<'_>,
    ) -> Flow {
        scalars::kind(sink, node, value, place)?;
        match value {
            Value::Number(number) => scalars::number(sink, node, number, place),
            Value::String(text) => self.text(sink, node, text, place),
            Value::Array(items) => self.items(sink, node, items, place),
            Value::Object(members) => self.members(sink, node, members, place),
            Value::Null | Value::Bool(_) => Flow::Continue(()),
        }
    }

    fn keywords<S: Sink>(&mut self, sink: &mut S, node: &'s Node, value: &Value, place: &Place<'_>) -> Flow {
        self.assertions(sink, node, value, place)?;
        if let Some(logic) = &node.logic {
            let discriminator = node.notes.as_ref().and_then(|notes| notes.discriminator.as_ref());
            self.logic(sink, logic, discriminator, value, place)?;
        }
        match value {
            Value::Array(items) => self.unevaluated_items(sink, node, items, value, place),
            Value::Object(members) => self.unevaluated_members(sink, node, members, value, place),
            _ => Flow::Continue(()),
        }
    }

    /// What a `$ref` points at.
    pub(crate) fn definition<S: Sink>(
        &mut self,
        sink: &mut S,
        id: SchemaId,
        value: &Value,
        place: &Place<'_>,
    ) -> Flow {
        let step = (id, std::ptr::from_ref(value) as usize);
        let mut on_this_value = self.chain.iter().rev().take_while(|(_, known)| *known == step.1);
        let is_back = on_this_value.any(|known| *known == step);
        let Some(def) = self.set.def(id).filter(|_| !is_back) else { return Flow::Continue(()) };
        self.followed += 1;
        let remember = self.followed > REMEMBER_AFTER;
        if remember {
            match self.remembers(step, &def.node, value) {
                true => return Flow::Continue(()),
                false if !S::COLLECTS => return Flow::Break(()),
                false if !sink.is_new(step) => return Flow::Continue(()),
                false => {}
            }
        }
        self.chain.push(step);
        let flow = self.node(sink, &def.node, value, place);
        self.chain.pop();
        flow
    }

    /// Whether a definition is known to hold for a value, finding out if need be.
    fn remembers(&mut self, step: (SchemaId, usize), node: &'s Node, value: &Value) -> bool {
        if let Some(known) = self.known.get(&step) {
            return *known;
        }
        self.chain.push(step);
        let holds = self.holds(node, value);
        self.chain.pop();
        self.known.insert(step, holds);
        holds
    }

    /// The definition that a `$dynamicRef` means: the outermost in force that has the anchor (JSON Schema Core
    /// §8.2.3.2), each definition counting as a resource.
    fn dynamic_target(&self, anchor: &str) -> Option<&'s Node> {
        let scopes = self.chain.iter().filter_map(|(id, _)| self.set.def(*id));
        let mut anchors = scopes.flat_map(|def| &def.anchors);
        anchors.find(|(name, _)| **name == *anchor).map(|(_, node)| node)
    }
}

/// A value's kind among the kinds of a schema.
fn admits(kinds: Kinds, value: &Value) -> bool {
    kinds == Kinds::ANY || kinds.contains(Kinds::of(value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::set::ROOT;

    #[test]
    fn a_judgement_that_is_given_up_names_the_schema_even_behind_not() {
        let schema = json!({
            "not": {"$ref": "#/$defs/Large"},
            "$defs": {"Large": {"allOf": [{}, {}, {}, {}, {}, {}, {}, {}, {"minimum": 1}]}},
        });
        let set = Set::of_root(&schema).unwrap();
        let rules = Rules { direction: Direction::Request, forbid_hidden: false };
        for (work, is_given_up) in [(6, true), (100, false)] {
            let effort = Effort { work, patterns: Budget::default(), given_up: None };
            let mut judge = Judge::new(&set, rules, effort);
            let _ = judge.definition(&mut Probe, ROOT, &json!(2), &Place::Root);
            let given_up = judge.finish().given_up;
            assert_eq!(given_up.is_some(), is_given_up, "{given_up:?}");
            assert!(given_up.is_none_or(|fault| fault.expected.contains("`Large`")));
        }
    }
}

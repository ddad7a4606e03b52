//! Validates `unevaluatedItems` and `unevaluatedProperties` (JSON Schema Core §11).

use descant_model::api::SchemaId;
use rustc_hash::FxHashSet;
use serde_json::{Map, Value};

use super::{Flow, Judge, Sink};
use crate::{
    fault::Place,
    node::{Logic, Node},
};

/// Which members or items of a value were evaluated, by position.
struct Marks {
    positions: Vec<bool>,
    /// The definitions that were asked: a second time they would mark nothing else.
    asked: FxHashSet<SchemaId>,
}

impl Marks {
    fn none(count: usize) -> Marks {
        Marks { positions: vec![false; count], asked: FxHashSet::default() }
    }

    fn set(&mut self, position: usize) {
        if let Some(mark) = self.positions.get_mut(position) {
            *mark = true;
        }
    }

    fn set_all(&mut self) {
        self.positions.fill(true);
    }

    fn is_full(&self) -> bool {
        self.positions.iter().all(|mark| *mark)
    }

    fn missing<T>(self, all: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
        all.zip(self.positions).filter(|(_, mark)| !mark).map(|(item, _)| item)
    }
}

impl<'s> Judge<'s> {
    pub(super) fn unevaluated_items<S: Sink>(
        &mut self,
        sink: &mut S,
        node: &'s Node,
        items: &[Value],
        value: &Value,
        place: &Place<'_>,
    ) -> Flow {
        let unevaluated = node.arrays.as_ref().and_then(|arrays| arrays.unevaluated.as_ref());
        let Some(unevaluated) = unevaluated else { return Flow::Continue(()) };
        let mut marks = Marks::none(items.len());
        self.mark(node, value, &mut marks, true);
        for (i, item) in marks.missing(items.iter().enumerate()) {
            let here = Place::Item(place, i);
            match unevaluated.is_false() {
                true => sink.fault(&here, "unevaluatedItems", || "no further item".to_owned())?,
                false => self.node(sink, unevaluated, item, &here)?,
            }
        }
        Flow::Continue(())
    }

    pub(super) fn unevaluated_members<S: Sink>(
        &mut self,
        sink: &mut S,
        node: &'s Node,
        members: &Map<String, Value>,
        value: &Value,
        place: &Place<'_>,
    ) -> Flow {
        let unevaluated = node.objects.as_ref().and_then(|objects| objects.unevaluated.as_ref());
        let Some(unevaluated) = unevaluated else { return Flow::Continue(()) };
        let mut marks = Marks::none(members.len());
        self.mark(node, value, &mut marks, true);
        for (name, member) in marks.missing(members.iter()) {
            let here = Place::Member(place, name);
            match unevaluated.is_false() {
                true => {
                    sink.fault(&here, "unevaluatedProperties", || "no property of this name".to_owned())?
                }
                false => self.node(sink, unevaluated, member, &here)?,
            }
        }
        Flow::Continue(())
    }

    /// Marks what `node`, which holds for `value`, evaluates. The schema that asks is `outermost`: its own
    /// `unevaluated…` does not count.
    fn mark(&mut self, node: &'s Node, value: &Value, marks: &mut Marks, outermost: bool) {
        if marks.is_full() || self.level >= super::MAX_LEVELS || self.spend(&Place::Root).is_break() {
            return;
        }
        self.level += 1;
        match value {
            Value::Array(items) => self.mark_items(node, items, marks, outermost),
            Value::Object(members) => mark_members(node, members, marks, outermost),
            _ => {}
        }
        if let Some(logic) = &node.logic {
            self.mark_in_place(logic, value, marks);
        }
        self.level -= 1;
    }

    fn mark_items(&mut self, node: &'s Node, items: &[Value], marks: &mut Marks, outermost: bool) {
        let Some(arrays) = &node.arrays else { return };
        (0..arrays.prefix.len()).for_each(|i| marks.set(i));
        if arrays.items.is_some() || (!outermost && arrays.unevaluated.is_some()) {
            marks.set_all();
        }
        if let Some(contains) = &arrays.contains {
            for (i, item) in items.iter().enumerate() {
                if self.holds(&contains.node, item) {
                    marks.set(i);
                }
            }
        }
    }

    fn mark_in_place(&mut self, logic: &'s Logic, value: &Value, marks: &mut Marks) {
        let referred = logic.reference.and_then(|id| Some((id, &self.set.def(id)?.node)));
        if let Some((id, node)) = referred.filter(|(id, _)| marks.asked.insert(*id)) {
            self.chain.push((id, std::ptr::from_ref(value) as usize));
            self.mark(node, value, marks, false);
            self.chain.pop();
        }
        let dynamic = logic.dynamic.as_deref().and_then(|anchor| self.dynamic_target(anchor));
        for node in dynamic.into_iter().chain(&logic.all) {
            self.mark(node, value, marks, false);
        }
        for node in logic.any.iter().chain(&logic.one) {
            if self.holds(node, value) {
                self.mark(node, value, marks, false);
            }
        }
        if let Some(condition) = &logic.condition {
            let holds = self.holds(&condition.test.node, value);
            let outcome = if holds { &condition.then } else { &condition.otherwise };
            let test = holds.then_some(&condition.test.node);
            for node in test.into_iter().chain(outcome) {
                self.mark(node, value, marks, false);
            }
        }
        for (_, node) in logic.dependent.iter().filter(|(name, _)| value.get(name).is_some()) {
            self.mark(node, value, marks, false);
        }
    }
}

fn mark_members(node: &Node, members: &Map<String, Value>, marks: &mut Marks, outermost: bool) {
    let Some(objects) = &node.objects else { return };
    if objects.additional.is_some() || (!outermost && objects.unevaluated.is_some()) {
        return marks.set_all();
    }
    for (i, name) in members.keys().enumerate() {
        if objects.fields.get(name).is_some()
            || objects.patterns.iter().any(|(pattern, _)| pattern.is_match(name))
        {
            marks.set(i);
        }
    }
}

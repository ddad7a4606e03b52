//! Validates keywords that apply other schemas to the same value.

use serde_json::Value;

use super::{Flow, Judge, MAX_SEARCHES, Sink};
use crate::{
    Direction,
    fault::{Faults, Place},
    node::{Discriminator, Logic, Node},
};

impl<'s> Judge<'s> {
    pub(super) fn logic<S: Sink>(
        &mut self,
        sink: &mut S,
        logic: &'s Logic,
        discriminator: Option<&Discriminator>,
        value: &Value,
        place: &Place<'_>,
    ) -> Flow {
        if let Some(id) = logic.reference {
            self.definition(sink, id, value, place)?;
        }
        if let Some(target) = logic.dynamic.as_deref().and_then(|anchor| self.dynamic_target(anchor)) {
            self.node(sink, target, value, place)?;
        }
        for node in &logic.all {
            self.node(sink, node, value, place)?;
        }
        self.any(sink, &logic.any, value, place)?;
        self.one(sink, &logic.one, discriminator, value, place)?;
        if logic.not.as_ref().is_some_and(|not| self.holds(&not.node, value)) {
            sink.fault(place, "not", || "a value that `not` does not describe".to_owned())?;
        }
        self.conditions(sink, logic, value, place)
    }

    /// `if`, and `dependentSchemas`.
    fn conditions<S: Sink>(
        &mut self,
        sink: &mut S,
        logic: &'s Logic,
        value: &Value,
        place: &Place<'_>,
    ) -> Flow {
        if let Some(condition) = &logic.condition {
            let outcome = match self.holds(&condition.test.node, value) {
                true => &condition.then,
                false => &condition.otherwise,
            };
            if let Some(node) = outcome {
                self.node(sink, node, value, place)?;
            }
        }
        for (_, node) in logic.dependent.iter().filter(|(name, _)| value.get(name).is_some()) {
            self.node(sink, node, value, place)?;
        }
        Flow::Continue(())
    }

    fn any<S: Sink>(&mut self, sink: &mut S, nodes: &'s [Node], value: &Value, place: &Place<'_>) -> Flow {
        if nodes.is_empty() || nodes.iter().any(|node| self.holds(node, value)) {
            return Flow::Continue(());
        }
        self.nearest(sink, "anyOf", nodes, value, place)
    }

    fn one<S: Sink>(
        &mut self,
        sink: &mut S,
        nodes: &'s [Node],
        discriminator: Option<&Discriminator>,
        value: &Value,
        place: &Place<'_>,
    ) -> Flow {
        if nodes.is_empty() {
            return Flow::Continue(());
        }
        let mut holding =
            nodes.iter().enumerate().filter(|(_, node)| self.holds(node, value)).map(|(i, _)| i);
        match (holding.next(), holding.next()) {
            (Some(_), None) => Flow::Continue(()),
            (Some(_), Some(_)) if self.is_named(nodes, discriminator, value) => Flow::Continue(()),
            (Some(first), Some(second)) => sink.fault(place, "oneOf", || {
                let names = [first, second].map(|i| self.name_of(nodes, i));
                format!("exactly one of {} alternatives, not both {}", nodes.len(), names.join(" and "))
            }),
            (None, _) => self.nearest(sink, "oneOf", nodes, value, place),
        }
    }

    /// Whether a request keeps the alternative that its discriminator names. By the letter it must not keep another beside
    /// it (OAS 4.8.25: a discriminator changes no outcome), but documents whose alternatives differ in the name alone
    /// are many, and their services take what is named. What is answered keeps to the letter.
    fn is_named(&mut self, nodes: &'s [Node], discriminator: Option<&Discriminator>, value: &Value) -> bool {
        let Some(discriminator) = discriminator.filter(|_| self.rules.direction == Direction::Request) else {
            return false;
        };
        let Some(tag) = value.get(&*discriminator.property).and_then(Value::as_str) else { return false };
        let mapped = discriminator.mapping.iter().find(|(_, value)| value == tag).map(|(id, _)| *id);
        let is_it = |node: &&Node| {
            let id = node.logic.as_ref().and_then(|logic| logic.reference);
            id.is_some_and(|id| mapped.map_or_else(|| self.set.key(id) == tag, |named| named == id))
        };
        let named = nodes.iter().find(is_it);
        named.is_some_and(|node| self.holds(node, value))
    }

    /// No alternative holds: says which came nearest, and what is wrong by its measure.
    fn nearest<S: Sink>(
        &mut self,
        sink: &mut S,
        keyword: &str,
        nodes: &'s [Node],
        value: &Value,
        place: &Place<'_>,
    ) -> Flow {
        let mut nearest: Option<(usize, Faults)> = None;
        for (i, node) in nodes.iter().enumerate() {
            let Some(mut faults) = sink.alternative(place).filter(|_| self.searches < MAX_SEARCHES) else {
                break;
            };
            self.searches += 1;
            let _ = self.node(&mut faults, node, value, place);
            if nearest.as_ref().is_none_or(|(_, best)| faults.distance() < best.distance()) {
                nearest = Some((i, faults));
            }
        }
        let quantity = if keyword == "oneOf" { "exactly one" } else { "at least one" };
        let count = nodes.len();
        match nearest {
            None => sink.fault(place, keyword, || format!("{quantity} of {count} alternatives")),
            Some((i, faults)) => {
                let name = self.name_of(nodes, i);
                let expected = || format!("{quantity} of {count} alternatives; {name} comes nearest");
                sink.fault(place, keyword, expected)?;
                sink.adopt(faults)
            }
        }
    }

    /// What an alternative is called: the definition that it refers to, its title, or its number.
    fn name_of(&self, nodes: &[Node], index: usize) -> String {
        let node = nodes.get(index);
        let reference = node.and_then(|node| node.logic.as_ref()?.reference);
        let title = node.and_then(|node| node.notes.as_ref()?.title.as_deref());
        match reference.map(|id| self.set.key(id)).filter(|key| !key.is_empty()).or(title) {
            Some(name) => format!("`{name}`"),
            None => format!("number {}", index + 1),
        }
    }
}

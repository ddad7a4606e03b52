//! Gathers the schemas that apply at one position, and the choices among their alternatives.

use descant_model::api::SchemaId;
use serde_json::Value;

use crate::node::{Condition, Discriminator, Node, Others};

use super::Drawer;
use crate::sample::Few;

/// Definitions that are entered at one place, each within the one before at worst: what is left out of more is found by
/// the judge.
const MAX_ENTERED: usize = 400;

/// What must hold at one place.
#[derive(Clone, Default)]
pub(in crate::sample) struct Gathered<'s> {
    /// Schemas whose own keywords hold; what they say in place is gathered as well.
    pub(in crate::sample) nodes: Few<&'s Node>,
    pub(in crate::sample) choices: Vec<Choice<'s>>,
    /// The definitions that were entered on the way, outermost first.
    pub(in crate::sample) entered: Few<SchemaId>,
    /// Properties whose value tells which alternative was taken (OAS 4.8.25).
    pub(in crate::sample) tags: Vec<(&'s str, &'s str)>,
}

/// A place where one of several ways must be taken.
#[derive(Clone, Copy)]
pub(in crate::sample) enum Choice<'s> {
    /// One of these alternatives, and for `oneOf` the conditions that exclude the others.
    Among(&'s [Node], Option<&'s Discriminator>, Option<&'s Others>),
    /// One of the schemas that exclude another.
    Aim(&'s [Node]),
    /// The test and `then`, or the negated test and `else`.
    If(&'s Condition),
}

impl<'s> Choice<'s> {
    pub(in crate::sample) fn count(&self) -> usize {
        match self {
            Choice::Among(nodes, ..) | Choice::Aim(nodes) => nodes.len(),
            Choice::If(condition) => 1 + condition.test.aims.len(),
        }
    }

    /// The schemas that hold on one of the ways.
    pub(in crate::sample) fn way(&self, index: usize) -> impl Iterator<Item = &'s Node> {
        let (first, second) = match self {
            Choice::Among(nodes, ..) | Choice::Aim(nodes) => (nodes.get(index), None),
            Choice::If(condition) => match index.checked_sub(1) {
                None => (Some(&condition.test.node), condition.then.as_ref()),
                Some(aim) => (condition.test.aims.get(aim), condition.otherwise.as_ref()),
            },
        };
        first.into_iter().chain(second)
    }
}

impl<'s> Drawer<'s> {
    /// The schemas whose own keywords hold for a value that keeps `nodes`: theirs, and those of the alternatives that it
    /// keeps.
    pub(crate) fn holding(&self, nodes: &[&'s Node], value: &Value) -> Vec<&'s Node> {
        let mut gathered = self.gather(nodes);
        let mut next = 0;
        while let Some(choice) = gathered.choices.get(next).copied().filter(|_| next < 64) {
            next += 1;
            let Choice::Among(alternatives, ..) = choice else { continue };
            if let Some(kept) = alternatives.iter().find(|node| self.keeps(&[*node], value)) {
                self.enter(&mut gathered, kept);
            }
        }
        gathered.nodes.into_vec()
    }

    pub(in crate::sample) fn gather(&self, nodes: &[&'s Node]) -> Gathered<'s> {
        let mut gathered = Gathered::default();
        nodes.iter().for_each(|node| self.enter(&mut gathered, node));
        gathered
    }

    /// Adds a schema and what it puts to the same value.
    pub(in crate::sample) fn enter(&self, gathered: &mut Gathered<'s>, node: &'s Node) {
        gathered.nodes.push(node);
        let discriminator = node.notes.as_ref().and_then(|notes| notes.discriminator.as_ref());
        let Some(logic) = &node.logic else { return self.tag_by_inheritance(gathered, discriminator) };
        if let Some(id) = logic.reference
            && gathered.entered.len() < MAX_ENTERED
            && !gathered.entered.contains(&id)
            && let Some(def) = self.set.def(id)
        {
            gathered.entered.push(id);
            self.enter(gathered, &def.node);
        }
        let dynamic =
            logic.dynamic.as_deref().and_then(|anchor| self.dynamic_target(anchor, &gathered.entered));
        for node in dynamic.into_iter().chain(&logic.all) {
            if !gathered.nodes.iter().any(|known| std::ptr::eq(*known, node)) {
                self.enter(gathered, node);
            }
        }
        for (nodes, others) in [(&logic.one, Some(&logic.others)), (&logic.any, None)] {
            if !nodes.is_empty() {
                gathered.choices.push(Choice::Among(nodes, discriminator, others));
            }
        }
        gathered.choices.extend(logic.not.iter().map(|not| Choice::Aim(&not.aims)));
        gathered.choices.extend(logic.condition.iter().map(Choice::If));
        if logic.one.is_empty() && logic.any.is_empty() {
            self.tag_by_inheritance(gathered, discriminator);
        }
    }

    /// The tag of an alternative that a discriminator tells apart: by its mapping, else by its name.
    pub(in crate::sample) fn tag(
        &self,
        gathered: &mut Gathered<'s>,
        discriminator: &'s Discriminator,
        node: &'s Node,
    ) {
        if let Some(id) = node.logic.as_ref().and_then(|logic| logic.reference) {
            gathered.tags.push((&discriminator.property, self.tag_of(discriminator, id)));
        }
    }

    /// A base schema with a discriminator, entered by way of another that extends it, is tagged with that one's name.
    fn tag_by_inheritance(&self, gathered: &mut Gathered<'s>, discriminator: Option<&'s Discriminator>) {
        let Some(discriminator) = discriminator else { return };
        let mapped = |id: &&SchemaId| discriminator.mapping.iter().any(|(known, _)| known == *id);
        if let Some(id) = gathered.entered.iter().find(mapped).or(gathered.entered.first()) {
            gathered.tags.push((&discriminator.property, self.tag_of(discriminator, *id)));
        }
    }

    fn tag_of(&self, discriminator: &'s Discriminator, id: SchemaId) -> &'s str {
        let mapped = discriminator.mapping.iter().find(|(known, _)| *known == id);
        mapped.map_or_else(|| self.set.key(id), |(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use crate::{Direction, Sampler};

    /// A schema that leads through so many others, each by `link`.
    fn chain(count: usize, link: fn(Value) -> Value) -> Value {
        let next = |index: usize| link(json!({"$ref": format!("#/$defs/a{index}")}));
        let mut defs: Map<String, Value> = (0..count).map(|n| (format!("a{n}"), next(n + 1))).collect();
        defs.insert(format!("a{count}"), json!({"type": "object"}));
        json!({"$ref": "#/$defs/a0", "$defs": defs})
    }

    #[test]
    fn no_chain_of_schemas_overflows_the_stack() {
        let links: [fn(Value) -> Value; 3] = [
            |next| next,
            |next| json!({"allOf": [next]}),
            |next| json!({"type": "object", "required": ["a"], "properties": {"a": next}}),
        ];
        for link in links {
            let sample = move |count| {
                let sampler = Sampler::new(&chain(count, link), Direction::Response).unwrap();
                sampler.sample(1).is_ok()
            };
            // As much as a thread of tokio's has.
            let tried = move || (sample(20), sample(5_000));
            let tried = std::thread::Builder::new().stack_size(2 << 20).spawn(tried).unwrap().join().unwrap();
            assert_eq!(tried, (true, false));
        }
    }
}

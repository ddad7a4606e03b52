//! Removes the properties that a direction hides: `readOnly` ones of a request, `writeOnly` ones of a response.

use descant_model::api::SchemaId;
use serde_json::{Map, Value};

use crate::{
    judge::{Effort, Judge, Rules},
    node::{Node, Objects},
    set::Set,
};

/// How deep schemas and values may lead into each other.
const MAX_LEVELS: usize = 256;

/// Schemas put to values in one walk at most: definitions may refer to each other in more ways than can be followed.
const MAX_STEPS: usize = 1_000_000;

/// One walk over a value and the schemas that apply to it.
pub(crate) struct Hider<'s> {
    set: &'s Set,
    rules: Rules,
    steps: usize,
    /// For what has to be judged on the way.
    effort: Effort,
}

impl<'s> Hider<'s> {
    pub(crate) fn new(set: &'s Set, rules: Rules, effort: Effort) -> Self {
        Self { set, rules, steps: 0, effort }
    }

    /// Removes what a definition hides. `chain`: the definitions that were followed for this very value: once more
    /// they would hide nothing else.
    pub(crate) fn definition(
        &mut self,
        id: SchemaId,
        value: &mut Value,
        level: usize,
        chain: &mut Vec<SchemaId>,
    ) {
        if chain.contains(&id) {
            return;
        }
        let Some(def) = self.set.def(id) else { return };
        chain.push(id);
        self.node(&def.node, value, level, chain);
    }

    fn node(&mut self, node: &Node, value: &mut Value, level: usize, chain: &mut Vec<SchemaId>) {
        self.steps += 1;
        if level >= MAX_LEVELS || self.steps > MAX_STEPS {
            // What could not be searched may hold what is hidden: it does not leave.
            *value = Value::Null;
            return;
        }
        self.logic(node, value, level + 1, chain);
        match value {
            Value::Array(items) => {
                let Some(arrays) = &node.arrays else { return };
                for (at, item) in items.iter_mut().enumerate() {
                    if let Some(node) = arrays.prefix.get(at).or(arrays.items.as_ref()) {
                        self.node(node, item, level + 1, &mut Vec::new());
                    }
                }
            }
            Value::Object(members) => {
                if let Some(objects) = &node.objects {
                    self.members(objects, members, level + 1);
                }
            }
            _ => {}
        }
    }

    fn members(&mut self, objects: &Objects, members: &mut Map<String, Value>, level: usize) {
        members.retain(|name, _| {
            objects.fields.get(name).is_none_or(|field| !field.hidden.is_in(self.rules.direction))
        });
        for (name, member) in members.iter_mut() {
            let field = objects.fields.get(name).map(|field| &field.node);
            let patterns = objects.patterns.iter().filter(|(pattern, _)| pattern.is_match(name));
            let mut nodes: Vec<&Node> = field.into_iter().chain(patterns.map(|(_, node)| node)).collect();
            if nodes.is_empty() {
                nodes.extend(&objects.additional);
            }
            nodes.iter().for_each(|node| self.node(node, member, level, &mut Vec::new()));
        }
    }

    /// What other schemas hide of the same value.
    fn logic(&mut self, node: &Node, value: &mut Value, level: usize, chain: &mut Vec<SchemaId>) {
        let Some(logic) = &node.logic else { return };
        if let Some(id) = logic.reference {
            self.definition(id, value, level, chain);
        }
        for branches in [&logic.any, &logic.one] {
            // A branch that does not hold says nothing of the value; where none holds, each may be meant.
            let mut held = Vec::new();
            for branch in branches {
                held.extend(self.holds(branch, value).then_some(branch));
            }
            let all = if held.is_empty() { branches.iter().collect() } else { held };
            all.iter().for_each(|branch| self.node(branch, value, level, chain));
        }
        let conditional = logic.condition.iter().flat_map(|it| it.then.iter().chain(&it.otherwise));
        let dependent = logic.dependent.iter().map(|(_, node)| node);
        for node in logic.all.iter().chain(conditional).chain(dependent) {
            self.node(node, value, level, chain);
        }
    }

    fn holds(&mut self, node: &Node, value: &Value) -> bool {
        let rules = Rules { forbid_hidden: false, ..self.rules };
        let mut judge = Judge::new(self.set, rules, std::mem::take(&mut self.effort));
        let holds = judge.holds(node, value);
        self.effort = judge.finish();
        holds
    }
}

//! The minimum depth of the values of each definition, which leads out of a recursive schema.

use std::collections::{HashMap, HashSet};

use descant_model::api::SchemaId;

use descant_model::schema::Kinds;

use crate::{
    node::{Logic, Node},
    set::Set,
};

/// A depth; [`ENDLESS`] where no finite value was found.
pub(super) type Height = u32;
const ENDLESS: Height = Height::MAX;

/// Rounds in which heights are lowered: each settles one more way round of a recursion.
const MAX_ROUNDS: usize = 100;

/// The heights of the definitions that a root leads to.
#[derive(Debug)]
pub(super) struct Heights(HashMap<SchemaId, Height>);

impl Heights {
    /// Raises nothing, lowers each height as long as one can be: what stays endless requires itself.
    pub(super) fn from(set: &Set, root: SchemaId) -> Heights {
        let reached = reached(set, root);
        let mut heights = Heights(reached.iter().map(|id| (*id, ENDLESS)).collect());
        for _ in 0..MAX_ROUNDS {
            let mut changed = false;
            for id in &reached {
                let Some(def) = set.def(*id) else { continue };
                let height = heights.of(&def.node);
                changed |= heights.0.insert(*id, height) != Some(height);
            }
            if !changed {
                break;
            }
        }
        heights
    }

    /// Whether no finite value keeps `node`: it requires itself.
    pub(super) fn is_endless(&self, node: &Node) -> bool {
        self.of(node) == ENDLESS
    }

    /// The height of the shallowest value that keeps `node`, as far as presence goes.
    pub(super) fn of(&self, node: &Node) -> Height {
        let own = match node
            .values
            .as_ref()
            .is_some_and(|values| values.constant.is_some() || values.options.is_some())
        {
            true => 0,
            false => self.own(node),
        };
        let in_place = node.logic.as_ref().map_or(0, |logic| self.logic(logic));
        own.max(in_place)
    }

    fn own(&self, node: &Node) -> Height {
        if node.drawn().intersects(Kinds::ANY.without(Kinds::ARRAY.or(Kinds::OBJECT))) {
            return 0;
        }
        let array = node.kinds.intersects(Kinds::ARRAY).then(|| self.array(node));
        let object = node.kinds.intersects(Kinds::OBJECT).then(|| self.object(node));
        array.into_iter().chain(object).min().unwrap_or(0)
    }

    fn array(&self, node: &Node) -> Height {
        let Some(arrays) = node.arrays.as_ref().filter(|arrays| arrays.min > 0) else { return 0 };
        let needed = usize::try_from(arrays.min).unwrap_or(usize::MAX);
        let prefix = arrays.prefix.iter().take(needed);
        let items = arrays.items.iter().filter(|_| arrays.prefix.len() < needed);
        self.above(prefix.chain(items))
    }

    fn object(&self, node: &Node) -> Height {
        let Some(objects) = &node.objects else { return 0 };
        let required = objects.required.iter().filter_map(|required| objects.fields.get(&required.name));
        self.above(required.map(|field| &field.node))
    }

    fn logic(&self, logic: &Logic) -> Height {
        let reference = logic.reference.and_then(|id| self.0.get(&id).copied()).unwrap_or(0);
        let all = logic.all.iter().map(|node| self.of(node)).max().unwrap_or(0);
        let lowest = |nodes: &[Node]| nodes.iter().map(|node| self.of(node)).min().unwrap_or(0);
        reference.max(all).max(lowest(&logic.any)).max(lowest(&logic.one))
    }

    fn above<'n>(&self, nodes: impl Iterator<Item = &'n Node>) -> Height {
        nodes.map(|node| self.of(node).saturating_add(1)).max().unwrap_or(0)
    }
}

/// The definitions that a root leads to, each after those that it refers to: so that one round settles all that is not
/// recursive.
fn reached(set: &Set, root: SchemaId) -> Vec<SchemaId> {
    let mut order = Vec::new();
    let mut seen = HashSet::new();
    // Each with whether what it refers to stands in the order.
    let mut open = vec![(root, false)];
    while let Some((id, is_done)) = open.pop() {
        if is_done {
            order.push(id);
            continue;
        }
        if !seen.insert(id) {
            continue;
        }
        open.push((id, true));
        let references = set.def(id).into_iter().flat_map(|def| &def.references);
        open.extend(references.map(|id| (*id, false)));
    }
    order
}

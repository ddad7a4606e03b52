//! Whether a schema admits null.

use std::collections::HashSet;

use descant_model::api::Schemas;
use descant_model::schema::{Kinds, Schema};

use super::node::Node;

/// Unions in unions deeper than this are not asked whether they admit null.
const MAX_DEPTH_OF_NULL: usize = 8;

/// Whether `null` is among the values: by `type`, by `enum`, or as a branch of its own.
pub(super) fn nullable(schemas: &Schemas, node: &Node<'_>) -> bool {
    let by_type = node.kinds != Kinds::ANY && node.kinds.intersects(Kinds::NULL);
    let by_value = node.values.as_ref().is_some_and(|values| values.iter().any(|value| value.is_null()));
    let mut seen = HashSet::new();
    let by_branch = node.kinds.intersects(Kinds::NULL)
        && node
            .groups
            .iter()
            .any(|group| group.branches.iter().any(|branch| admits_null(schemas, branch, 0, &mut seen)));
    by_type || by_value || by_branch
}

/// Whether a branch, or one within it, admits null; those that were `seen` do not.
fn admits_null(schemas: &Schemas, branch: &Schema, depth: usize, seen: &mut HashSet<*const Schema>) -> bool {
    if depth > MAX_DEPTH_OF_NULL || !seen.insert(branch) {
        return false;
    }
    let node = Node::read(schemas, &[branch.into()]);
    let mut branches = node.groups.iter().flat_map(|group| group.branches);
    let by_branch = branches.any(|branch| admits_null(schemas, branch, depth + 1, seen));
    let by_type = node.kinds != Kinds::ANY && node.kinds.intersects(Kinds::NULL);
    by_type || by_branch || node.values.is_some_and(|values| values.iter().any(|value| value.is_null()))
}

//! Where a type would hold itself: a `Box` on just enough fields and branches, a newtype for an alias that names itself.

use std::collections::HashMap;

use super::items::{ItemId, ItemKind, Type};
use super::types::Draft;

/// Breaks every cycle.
pub(super) fn break_all(drafts: &mut [Draft]) {
    name_aliases(drafts);
    let mut inside: HashMap<ItemId, Vec<ItemId>> = HashMap::new();
    // An alias stays what it names; a union is boxed last.
    let rank = |kind: &ItemKind| match kind {
        ItemKind::Alias(_) => 0,
        ItemKind::Union(_) => 2,
        _ => 1,
    };
    for wanted in 0..=2 {
        for index in 0..drafts.len() {
            let Some(draft) = drafts.get_mut(index) else { continue };
            if rank(&draft.kind) == wanted {
                let id = ItemId(index);
                each_held(&mut draft.kind, &mut |ty| box_cycles(ty, id, &mut inside));
            }
        }
    }
}

/// Boxes what leads back to `from`, and notes all else as held by it.
fn box_cycles(ty: &mut Type, from: ItemId, inside: &mut HashMap<ItemId, Vec<ItemId>>) {
    match ty {
        Type::Item(to) if reaches(*to, from, inside) => *ty = Type::Boxed(Type::Item(*to).into()),
        Type::Item(to) => {
            let held = inside.entry(from).or_default();
            if !held.contains(to) {
                held.push(*to);
            }
        }
        Type::Option(inner) => box_cycles(inner, from, inside),
        Type::Tuple(parts) => parts.iter_mut().for_each(|part| box_cycles(part, from, inside)),
        _ => {}
    }
}

fn reaches(start: ItemId, goal: ItemId, inside: &HashMap<ItemId, Vec<ItemId>>) -> bool {
    let mut seen = std::collections::HashSet::new();
    let mut open = vec![start];
    while let Some(id) = open.pop() {
        if id == goal {
            return true;
        }
        if seen.insert(id) {
            open.extend(inside.get(&id).into_iter().flatten());
        }
    }
    false
}

/// `type Tree = Vec<Tree>` is no type: one alias of such a cycle becomes a newtype.
fn name_aliases(drafts: &mut [Draft]) {
    let mut names: HashMap<ItemId, Vec<ItemId>> = HashMap::new();
    for index in 0..drafts.len() {
        let Some(Draft { kind: ItemKind::Alias(ty), .. }) = drafts.get(index) else { continue };
        let mut targets = Vec::new();
        ty.mentions(&mut targets);
        let id = ItemId(index);
        if targets.iter().any(|target| reaches(*target, id, &names)) {
            let kind = match ty {
                Type::Item(_) => ItemKind::Alias(Type::Any),
                ty => ItemKind::Newtype(ty.clone()),
            };
            if let Some(draft) = drafts.get_mut(index) {
                draft.kind = kind;
            }
        } else {
            names.insert(id, targets);
        }
    }
}

/// The types that are inside a value; those of a map are on the heap.
fn each_held(kind: &mut ItemKind, visit: &mut impl FnMut(&mut Type)) {
    match kind {
        ItemKind::Struct(object) => object.fields.iter_mut().for_each(|field| visit(&mut field.ty)),
        other => other.each_mut(visit),
    }
}

//! Where a value would be large: a `Box` round what makes it so. Without them each level of what may be expanded in place
//! multiplies with the next: an answer of Stripe's would be of 180 kB, on the stack and in every item of a list.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::items::{Field, ItemId, ItemKind, Presence, Type};
use super::types::Draft;

/// Bytes above which the branch of a union is boxed: clippy's own bound (`large_enum_variant`).
const LARGE_BRANCH: usize = 200;

/// Bytes above which a field is boxed: forty texts.
const LARGE_FIELD: usize = 1_000;

/// Bytes above which an object boxes its largest fields.
const LARGE_STRUCT: usize = 4_000;

/// Boxes what is large. Cycles must have been broken before.
pub(super) fn bound(drafts: &mut [Draft]) {
    let mut sizes = Sizes::default();
    for id in inside_out(drafts) {
        let Some(draft) = drafts.get_mut(id.0) else { continue };
        let size = sizes.settle(&mut draft.kind);
        sizes.of.insert(id, size);
    }
}

/// Every item, after those that it holds in place.
fn inside_out(drafts: &[Draft]) -> Vec<ItemId> {
    let mut order = Vec::with_capacity(drafts.len());
    let mut seen = vec![false; drafts.len()];
    // Each with whether what it holds has been looked at.
    let mut open: Vec<(ItemId, bool)> = (0..drafts.len()).rev().map(|index| (ItemId(index), false)).collect();
    while let Some((id, is_done)) = open.pop() {
        if is_done {
            order.push(id);
            continue;
        }
        let (Some(draft), Some(seen)) = (drafts.get(id.0), seen.get_mut(id.0)) else { continue };
        if std::mem::replace(seen, true) {
            continue;
        }
        open.push((id, true));
        let mut held = Vec::new();
        match &draft.kind {
            ItemKind::Struct(object) => object.fields.iter().for_each(|field| hold(&field.ty, &mut held)),
            ItemKind::Union(union) => union.branches.iter().for_each(|branch| hold(&branch.ty, &mut held)),
            ItemKind::Alias(ty) | ItemKind::Newtype(ty) => hold(ty, &mut held),
            ItemKind::Strings(_) | ItemKind::Integers(_) => {}
        }
        open.extend(held.into_iter().map(|id| (id, false)));
    }
    order
}

/// The items that a type holds in place.
fn hold(ty: &Type, held: &mut Vec<ItemId>) {
    match ty {
        Type::Item(id) => held.push(*id),
        Type::Option(inner) => hold(inner, held),
        Type::Tuple(parts) => parts.iter().for_each(|part| hold(part, held)),
        _ => {}
    }
}

/// About how many bytes items take.
#[derive(Default)]
struct Sizes {
    of: HashMap<ItemId, usize>,
}

impl Sizes {
    /// Boxes what is large in an item, and says how large the item is then.
    fn settle(&self, kind: &mut ItemKind) -> usize {
        match kind {
            ItemKind::Struct(object) => {
                let extra = object.extra.as_ref().map_or(0, |(_, ty)| self.of(&Type::Map(ty.clone().into())));
                let fields: Vec<usize> =
                    object.fields.iter_mut().map(|field| self.field(field, LARGE_FIELD)).collect();
                let mut total = extra + fields.iter().sum::<usize>();
                let mut largest_first: Vec<_> = object.fields.iter_mut().zip(fields).collect();
                largest_first.sort_by_key(|(_, size)| Reverse(*size));
                for (field, size) in largest_first.into_iter().take_while(|(_, size)| *size > LARGE_BRANCH) {
                    if total > LARGE_STRUCT {
                        total = total - size + self.field(field, LARGE_BRANCH);
                    }
                }
                total
            }
            ItemKind::Union(union) => {
                let branches = union.branches.iter_mut();
                WORD + branches.map(|branch| self.within(&mut branch.ty, LARGE_BRANCH)).max().unwrap_or(0)
            }
            ItemKind::Alias(ty) | ItemKind::Newtype(ty) => self.of(ty),
            ItemKind::Strings(_) => TEXT,
            ItemKind::Integers(_) => 2 * WORD,
        }
    }

    fn field(&self, field: &mut Field, bound: usize) -> usize {
        let size = self.within(&mut field.ty, bound);
        if field.presence == Presence::Required { size } else { optional(&field.ty, size) }
    }

    /// The size of a type, which is boxed where that is above a bound: what may be null as a value.
    fn within(&self, ty: &mut Type, bound: usize) -> usize {
        if let Type::Option(inner) = ty {
            self.within(inner, bound);
        } else if self.of(ty) > bound {
            *ty = Type::Boxed(ty.clone().into());
        }
        self.of(ty)
    }

    /// As on a machine of 64 bits, rounded up to words.
    fn of(&self, ty: &Type) -> usize {
        match ty {
            Type::Null => 0,
            Type::Bool | Type::I32 | Type::U32 | Type::I64 | Type::U64 | Type::F64 => WORD,
            Type::I128 | Type::U128 => 2 * WORD,
            Type::Ipv4 | Type::Ipv6 | Type::Boxed(_) => WORD,
            Type::String | Type::Number | Type::Base64 | Type::List(_) | Type::Foreign(_) => TEXT,
            Type::Any | Type::Map(_) => MAP,
            Type::Body | Type::Content | Type::Items(_) | Type::Form(_) => MAP,
            Type::Item(id) => self.of.get(id).copied().unwrap_or(0),
            Type::Option(inner) => optional(inner, self.of(inner)),
            Type::Tuple(parts) => parts.iter().map(|part| self.of(part)).sum(),
        }
    }
}

/// A number has no value to spare for its absence.
fn optional(ty: &Type, size: usize) -> usize {
    let spares = !matches!(ty, Type::I64 | Type::U64 | Type::F64 | Type::I128 | Type::U128);
    if spares { size } else { size + WORD }
}

const WORD: usize = 8;
const TEXT: usize = 3 * WORD;
const MAP: usize = 9 * WORD;

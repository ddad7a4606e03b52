//! Conjunctions that hold themselves: an `allOf` of a component and more, somewhere in that component. They are recognised by
//! what they are made of, so that the way into them ends, and is gone once.

use std::collections::HashMap;

use descant_model::codes::Code;
use descant_model::diagnostic::Diagnostic;
use descant_model::schema::{Direction, Schema};

use super::{DraftName, Place, Types};
use crate::plan::items::{ItemId, ItemKind, Type};
use crate::plan::node::{Member, Node};
use crate::plan::prose::docs;

/// Conjunctions that are nested deeper than this are remembered: each may stand in many others, and those in each other.
const DEEP: usize = 2;

/// The members, each by its address, and whether without its branches; and who writes it, where that matters.
type Conjunction = (Vec<(*const Schema, bool)>, Option<Direction>);

/// What is known of conjunctions.
#[derive(Default)]
pub(in crate::plan) struct Conjunctions {
    /// Those that are being looked into; with an item, where one was met again inside of itself.
    open: HashMap<Conjunction, Option<ItemId>>,
    /// Those that have been.
    done: HashMap<Conjunction, Type>,
}

impl<'a> Types<'a> {
    /// The type of a conjunction, null aside. One that is met inside of itself, by way of a component that it includes,
    /// becomes an item, which has its id before it is known.
    pub(in crate::plan) fn looked_into(
        &mut self,
        node: &Node<'a>,
        members: &[Member<'a>],
        place: &Place,
    ) -> Type {
        let key = (members.iter().map(|m| (std::ptr::from_ref(m.schema), m.bare)).collect(), place.writer());
        if let Some(item) = self.conjunctions.open.get(&key) {
            let item = item.unwrap_or_else(|| {
                let name = DraftName::Place(place.words.clone());
                self.draft(name, place, docs(node), ItemKind::Alias(Type::Any))
            });
            self.conjunctions.open.insert(key, Some(item));
            return Type::Item(item);
        }
        let known = self.conjunctions.done.get(&key).cloned();
        if let Some(known) = known.as_ref().filter(|_| place.depth > DEEP) {
            self.also_at(known, place);
            return known.clone();
        }
        self.conjunctions.open.insert(key.clone(), None);
        let kind = self.shape(node, members, place);
        let ty = match (kind, self.conjunctions.open.remove(&key).flatten()) {
            (Ok(kind), None) => self.intern_again(kind, docs(node), place, known.as_ref()),
            (Err(ty), None) => ty,
            (kind, Some(item)) => {
                self.settle(item, kind, place);
                Type::Item(item)
            }
        };
        self.conjunctions.done.insert(key, ty.clone());
        ty
    }

    /// Says what an item is that had its id before. A list of itself could not be written down.
    fn settle(&mut self, item: ItemId, kind: Result<ItemKind, Type>, place: &Place) {
        let kind = kind.unwrap_or_else(|_| {
            let message = "A schema is a list or a map of itself; it is any JSON value";
            self.diagnostics.push(Diagnostic::new(Code::Unsupported, message, &place.origin));
            ItemKind::Alias(Type::Any)
        });
        if let Some(draft) = self.drafts.get_mut(item.0) {
            draft.kind = kind;
        }
    }
}

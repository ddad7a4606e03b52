//! Inline schemas: which of them are one item, and which are names of one.

use super::{Draft, DraftName, OF_REQUESTS, Place, Types};
use crate::plan::docs::Docs;
use crate::plan::items::{ItemKind, Type};

impl Types<'_> {
    /// The item of an inline schema. One that equals another is an alias, so that each place has its own name: the schemas
    /// may differ one day.
    pub(in crate::plan) fn intern(&mut self, kind: ItemKind, docs: Docs, place: &Place) -> Type {
        self.intern_again(kind, docs, place, None)
    }

    /// The same for a schema that had a type at another place.
    pub(in crate::plan) fn intern_again(
        &mut self,
        kind: ItemKind,
        docs: Docs,
        place: &Place,
        before: Option<&Type>,
    ) -> Type {
        let name = DraftName::Place(place.words.clone());
        let mut plain = kind.clone();
        self.without_aliases(&mut plain);
        let Some(known) = self.by_kind.get(&plain).copied() else {
            let item = self.draft(name, place, docs, kind);
            self.by_kind.insert(plain, item);
            return Type::Item(item);
        };
        if let Some(before) = before.filter(|before| self.plain(before) == Type::Item(known)) {
            self.also_at(before, place);
            return before.clone();
        }
        if let Some(draft) = self.drafts.get_mut(known.0).filter(|draft| draft.is_at(place)) {
            draft.add_key(place.lock_key());
            return Type::Item(known);
        }
        let key = (known, place.key.clone());
        if let Some(alias) = self.by_place.get(&key) {
            return Type::Item(*alias);
        }
        let alias = self.draft(name, place, Docs::default(), ItemKind::Alias(Type::Item(known)));
        self.equal.insert(alias, known);
        self.by_place.insert(key, alias);
        Type::Item(alias)
    }

    /// Notes one more place of a schema, which is called after the shortest.
    pub(in crate::plan) fn also_at(&mut self, ty: &Type, place: &Place) {
        let Type::Item(id) = ty else { return };
        let Some(draft) = self.drafts.get_mut(id.0) else { return };
        let name = DraftName::Place(place.words.clone());
        if matches!(draft.name, DraftName::Component(_)) {
            return;
        }
        draft.add_key(place.lock_key());
        if length(&name) < length(&draft.name) {
            draft.name = name;
        }
    }

    /// Puts what they are in place of the aliases of equal schemas.
    fn without_aliases(&self, kind: &mut ItemKind) {
        kind.each_mut(&mut |ty| *ty = self.plain(ty));
    }

    /// A type without the aliases of equal schemas.
    pub(in crate::plan) fn plain(&self, ty: &Type) -> Type {
        let mut ty = ty.clone();
        ty.each_item_mut(&mut |id| *id = self.equal.get(id).copied().unwrap_or(*id));
        ty
    }
}

impl Draft {
    /// Whether it stands at a place, for either side.
    fn is_at(&self, place: &Place) -> bool {
        self.keys.iter().any(|key| key.strip_suffix(OF_REQUESTS).unwrap_or(key) == place.key)
    }

    fn add_key(&mut self, key: String) {
        if !self.keys.contains(&key) {
            self.keys.push(key);
        }
    }
}

fn length(name: &DraftName) -> (usize, &DraftName) {
    match name {
        DraftName::Component(_) => (0, name),
        DraftName::Place(words) => (words.iter().map(String::len).sum(), name),
    }
}

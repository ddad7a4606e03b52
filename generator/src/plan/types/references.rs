//! Conjunctions of one `$ref`: they keep the type of the component.

use descant_model::api::{Definition, SchemaId};
use descant_model::schema::{Keyword, Kinds};

use super::{Place, Types};
use crate::plan::items::Type;
use crate::plan::node::{Member, Node};
use crate::plan::nullable::nullable;

impl<'a> Types<'a> {
    /// A conjunction of one schema that is a `$ref` and prose, or an `allOf` of one such.
    pub(super) fn pure_reference(&mut self, members: &[Member<'a>], place: &Place) -> Option<Type> {
        let [Member { schema, bare: false }] = members else { return None };
        let says_type = |keyword: &Keyword| {
            !matches!(keyword, Keyword::Ref(_) | Keyword::AllOf(_)) && !keyword.is_prose()
        };
        if schema.keywords().iter().any(says_type) {
            return None;
        }
        match (schema.reference(), schema.parts()) {
            (Some(id), []) => Some(self.reference(*id, place.side)),
            (None, [only]) => self.pure_reference(&[only.into()], place),
            _ => None,
        }
    }

    /// The component of a conjunction of one `$ref` and keywords that change no Rust type: null beside it, the same `type`
    /// again, a number of properties.
    pub(in crate::plan) fn only_reference(&self, members: &[Member<'a>]) -> Option<SchemaId> {
        let [Member { schema, bare: false }] = members else { return None };
        let mut says_type = false;
        for keyword in schema.keywords() {
            match keyword {
                Keyword::Type(_) => says_type = true,
                Keyword::Ref(_) | Keyword::AllOf(_) | Keyword::Nullable(_) => {}
                Keyword::MinProperties(_) | Keyword::MaxProperties(_) => {}
                other if other.is_prose() => {}
                _ => return None,
            }
        }
        let id = match (schema.reference(), schema.parts()) {
            (Some(id), []) => *id,
            (None, [only]) => self.only_reference(&[only.into()])?,
            _ => return None,
        };
        let kinds =
            |members: &[Member<'a>]| Node::read(self.schemas, members).effective_kinds().without(Kinds::NULL);
        let of_target = |target: &'a Definition| kinds(&[Member::from(&*target.schema)]);
        let same =
            !says_type || self.schemas.get(id).is_some_and(|target| of_target(target) == kinds(members));
        same.then_some(id)
    }

    /// The type of a component, or null, where nothing else is said.
    pub(super) fn component(&mut self, members: &[Member<'a>], place: &Place) -> Option<Type> {
        let id = self.only_reference(members)?;
        let ty = self.reference(id, place.side);
        let is_null = nullable(self.schemas, &Node::read(self.schemas, members));
        let is_optional = matches!(ty, Type::Any | Type::Null | Type::Option(_));
        Some(if is_null && !is_optional { Type::Option(ty.into()) } else { ty })
    }
}

//! What becomes of each keyword that bounds a value: noted where the plan makes something of it, so that what is reported
//! and what is done cannot part.

use std::collections::{HashMap, HashSet};

use descant_model::api::SchemaId;
use descant_model::schema::Keyword;

use super::items::{ItemKind, Type};
use super::node::Node;
use super::prose;

/// What generated code makes of a constraint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kept {
    /// Its types or documentation say it; a value that breaks it is let through.
    Documented,
    /// A value that breaks it is refused.
    Checked,
}

/// By the address of a keyword: schemas stay where they are while a plan is made.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    kept: HashMap<usize, Kept>,
    /// The schemas that what is made leads to.
    reached: HashSet<SchemaId>,
}

impl Accounts {
    /// What was made of a keyword.
    pub(crate) fn of(&self, keyword: &Keyword) -> Option<Kept> {
        self.kept.get(&address(keyword)).copied()
    }

    /// Whether anything that is made leads to a schema.
    pub(crate) fn reaches(&self, id: SchemaId) -> bool {
        self.reached.contains(&id)
    }

    /// Notes a schema and those that it points to, directly or not.
    pub(super) fn reach(&mut self, id: SchemaId, links: &[Vec<SchemaId>]) {
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            if self.reached.insert(id) {
                open.extend(links.get(id.0 as usize).into_iter().flatten());
            }
        }
    }

    pub(super) fn note(&mut self, keyword: &Keyword, kept: Kept) {
        let known = self.kept.entry(address(keyword)).or_insert(kept);
        *known = kept.max(*known);
    }

    /// What the documentation of a property, parameter or item tells.
    pub(super) fn told(&mut self, node: &Node<'_>) {
        prose::told(node).for_each(|keyword| self.note(keyword, Kept::Documented));
    }

    /// What the type that was made of a node says.
    pub(super) fn typed(&mut self, node: &Node<'_>, made: &Result<ItemKind, Type>) {
        for keyword in &node.bounds {
            if let Some(kept) = kept(keyword, made) {
                self.note(keyword, kept);
            }
        }
    }
}

fn address(keyword: &Keyword) -> usize {
    std::ptr::from_ref(keyword).addr()
}

/// What a type makes of a keyword.
fn kept(keyword: &Keyword, made: &Result<ItemKind, Type>) -> Option<Kept> {
    let ty = match made {
        Ok(ItemKind::Alias(ty) | ItemKind::Newtype(ty)) | Err(ty) => Some(ty),
        Ok(_) => None,
    };
    if ty == Some(&Type::Any) {
        return None;
    }
    let object = match made {
        Ok(ItemKind::Struct(object)) => Some(object),
        _ => None,
    };
    let checked = Some(Kept::Checked);
    match keyword {
        Keyword::Type(_) => checked,
        Keyword::Enum(_) | Keyword::Const(_) => {
            let named = matches!(made, Ok(ItemKind::Strings(_) | ItemKind::Integers(_) | ItemKind::Union(_)));
            named.then_some(Kept::Documented)
        }
        Keyword::Required(_) => object.and(checked),
        Keyword::OneOf(_) | Keyword::AnyOf(_) if object.is_none() => checked,
        Keyword::Format(format) => match (ty?, format.as_str()) {
            (
                Type::Base64 | Type::Ipv4 | Type::Ipv6 | Type::U32 | Type::U64 | Type::U128 | Type::Number,
                _,
            ) => checked,
            (Type::I32, "int32")
            | (Type::I64, "int64")
            | (Type::I128, "int128")
            | (Type::F64, "double" | "float") => checked,
            _ => None,
        },
        Keyword::AdditionalProperties(_) => match object {
            Some(object) if object.extra.is_some() => checked,
            // There is no field for what is not named: it cannot be written, and is passed over when read.
            Some(_) => Some(Kept::Documented),
            None => matches!(ty, Some(Type::Map(_))).then_some(Kept::Checked),
        },
        Keyword::PrefixItems(_) | Keyword::Items(_) => {
            matches!(ty, Some(Type::Tuple(_) | Type::List(_))).then_some(Kept::Checked)
        }
        Keyword::MaxItems(_) | Keyword::MinItems(_) => {
            matches!(ty, Some(Type::Tuple(_))).then_some(Kept::Checked)
        }
        _ => None,
    }
}

//! What `plan` hands to `emit`: types and the items that define them, every name settled.

use proc_macro2::Ident;

use super::docs::Docs;

/// Index of a group in its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct GroupId(pub(super) usize);

/// Index of an item in its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ItemId(pub(crate) usize);

/// A Rust type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Type {
    /// Any JSON value.
    Any,
    /// `null` alone.
    Null,
    Bool,
    I32,
    I64,
    U32,
    U64,
    I128,
    U128,
    F64,
    /// A number by its digits.
    Number,
    String,
    /// Bytes as base64 (`format: byte`).
    Base64,
    /// A body as it comes.
    Body,
    /// One that says what it is.
    Content,
    /// A stream of items.
    Items(Box<Type>),
    /// A multipart body: index into [`super::Plan::forms`].
    Form(usize),
    Ipv4,
    Ipv6,
    /// A type that the settings name, by its path.
    Foreign(String),
    Item(ItemId),
    /// A value or `null`.
    Option(Box<Type>),
    List(Box<Type>),
    Map(Box<Type>),
    Tuple(Vec<Type>),
    Boxed(Box<Type>),
}

impl Type {
    /// Whether it is a text or a number as Rust has them.
    pub(crate) fn is_plain(&self) -> bool {
        use Type::{F64, I32, I64, I128, String, U32, U64, U128};
        matches!(self, String | I32 | I64 | I128 | U32 | U64 | U128 | F64)
    }

    /// Looks at the type and all types in it.
    pub(crate) fn each<'t>(&'t self, visit: &mut impl FnMut(&'t Type)) {
        visit(self);
        match self {
            Type::Option(inner)
            | Type::List(inner)
            | Type::Map(inner)
            | Type::Boxed(inner)
            | Type::Items(inner) => inner.each(visit),
            Type::Tuple(parts) => parts.iter().for_each(|part| part.each(visit)),
            _ => {}
        }
    }

    /// The types that it is directly made of.
    pub(super) fn parts_mut(&mut self) -> &mut [Type] {
        match self {
            Type::Option(inner)
            | Type::List(inner)
            | Type::Map(inner)
            | Type::Boxed(inner)
            | Type::Items(inner) => std::slice::from_mut(inner),
            Type::Tuple(parts) => parts,
            _ => &mut [],
        }
    }

    /// Changes the items in it.
    pub(super) fn each_item_mut(&mut self, visit: &mut impl FnMut(&mut ItemId)) {
        if let Type::Item(id) = self {
            visit(id);
        }
        self.parts_mut().iter_mut().for_each(|part| part.each_item_mut(visit));
    }

    /// Adds the items that it names.
    pub(crate) fn mentions(&self, found: &mut Vec<ItemId>) {
        self.each(&mut |ty| {
            if let Type::Item(id) = ty {
                found.push(*id);
            }
        });
    }
}

/// A type definition.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) name: Ident,
    pub(crate) docs: Docs,
    pub(crate) kind: ItemKind,
    /// The only group that leads to it.
    pub(crate) group: Option<GroupId>,
    /// Whether values of it are made by hand: for a client's requests, for a server's answers.
    pub(crate) built: bool,
}

impl Item {
    /// The types that its definition names.
    pub(crate) fn types(&self) -> Vec<&Type> {
        match &self.kind {
            ItemKind::Struct(object) => {
                let extra = object.extra.iter().map(|(_, ty)| ty);
                object.fields.iter().map(|field| &field.ty).chain(extra).collect()
            }
            ItemKind::Union(union) => union.branches.iter().map(|branch| &branch.ty).collect(),
            ItemKind::Alias(ty) | ItemKind::Newtype(ty) => vec![ty],
            ItemKind::Strings(_) | ItemKind::Integers(_) => Vec::new(),
        }
    }

    /// What its constructor takes: where values of it are made by hand, and there is something that they may leave out.
    pub(crate) fn constructor(&self) -> Option<Vec<&Field>> {
        let ItemKind::Struct(object) = &self.kind else { return None };
        let required = |field: &&Field| field.presence == Presence::Required;
        let taken: Vec<&Field> = object.fields.iter().filter(required).collect();
        let all = taken.len() == object.fields.len() && object.extra.is_none();
        (self.built && !taken.is_empty() && !all).then_some(taken)
    }

    /// The items that its definition names.
    pub(crate) fn mentions(&self) -> Vec<ItemId> {
        let mut found = Vec::new();
        self.types().into_iter().for_each(|ty| ty.mentions(&mut found));
        found
    }
}

/// What an item is; equal kinds of inline schemas are one item.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ItemKind {
    Struct(Struct),
    Strings(Enum<String>),
    Integers(Enum<i64>),
    Union(Union),
    Alias(Type),
    /// A named text or number, or an alias that would otherwise name itself.
    Newtype(Type),
}

impl ItemKind {
    /// Changes the types that it names.
    pub(super) fn each_mut(&mut self, visit: &mut impl FnMut(&mut Type)) {
        match self {
            ItemKind::Struct(object) => {
                object.fields.iter_mut().for_each(|field| visit(&mut field.ty));
                object.extra.iter_mut().for_each(|(_, ty)| visit(ty));
            }
            ItemKind::Union(union) => union.branches.iter_mut().for_each(|branch| visit(&mut branch.ty)),
            ItemKind::Alias(ty) | ItemKind::Newtype(ty) => visit(ty),
            ItemKind::Strings(_) | ItemKind::Integers(_) => {}
        }
    }
}

/// A JSON object with properties.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Struct {
    pub(crate) fields: Vec<Field>,
    /// The field of all other keys, and the type of their values.
    pub(crate) extra: Option<(Ident, Type)>,
}

/// A property.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Field {
    pub(crate) name: Ident,
    /// As on the wire.
    pub(crate) key: String,
    pub(crate) docs: Docs,
    /// Of the value that is present; the `Option` of `presence` comes on top.
    pub(crate) ty: Type,
    pub(crate) presence: Presence,
}

/// Whether a property has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Presence {
    Required,
    /// `null` reads as absent.
    Optional,
    /// `null` is a value.
    Tristate,
}

/// An open enum of strings or integers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Enum<T> {
    pub(crate) variants: Vec<(Ident, T, Docs)>,
    /// The variant of all other values.
    pub(crate) other: Ident,
}

/// A `oneOf` or `anyOf`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Union {
    pub(crate) branches: Vec<Branch>,
    pub(crate) dispatch: Dispatch,
}

/// One of the types of a union.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Branch {
    pub(crate) name: Ident,
    pub(crate) docs: Docs,
    pub(crate) ty: Type,
}

/// What tells the branches of a union apart (`descant_runtime::json::Dispatch`); a branch is its index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Dispatch {
    /// A property and the branches that its values stand for.
    pub(crate) tag: Option<(String, Vec<(String, usize)>)>,
    /// Properties that only one branch has.
    pub(crate) keys: Vec<(String, usize)>,
    /// For a kind of value, by its name in the runtime's plan, the branches to try in turn.
    pub(crate) kinds: Vec<(&'static str, Vec<usize>)>,
}

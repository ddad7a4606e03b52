//! The types of schemas: a definition with its documentation, and the table that reads and writes it.

use proc_macro2::{Delimiter, Group, Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use crate::plan::Plan;
use crate::plan::http::{Body, Content};
use crate::plan::items::GroupId;
use crate::plan::items::{Branch, Dispatch, Enum, Field, Item, ItemKind, Presence, Struct, Type, Union};

use super::doc;

/// Every type of a group, in the order of the alphabet; further names of types stand together behind them.
pub(crate) fn types(plan: &Plan, group: Option<GroupId>) -> Vec<TokenStream> {
    let mut items: Vec<&Item> = plan.items.iter().filter(|item| item.group == group).collect();
    items.sort_by(|a, b| a.name.cmp(&b.name));
    let is_name = |item: &&Item| {
        matches!(item.kind, ItemKind::Alias(Type::Item(_))) && item.docs.lines().next().is_none()
    };
    let (names, items): (Vec<&Item>, Vec<&Item>) = items.into_iter().partition(is_name);
    let names = names.into_iter().map(|item| define(plan, item)).collect::<TokenStream>();
    let items = items.into_iter().map(|item| define(plan, item));
    items.chain((!names.is_empty()).then_some(names)).collect()
}

/// What the types of a group take from the module around theirs.
pub(crate) fn borrowed(plan: &Plan, group: Option<GroupId>) -> Vec<Ident> {
    let own = plan.items.iter().filter(|item| group.is_some() && item.group == group);
    let named = own.flat_map(Item::mentions).filter_map(|id| plan.item(id));
    let mut names: Vec<Ident> =
        named.filter(|item| item.group != group).map(|item| item.name.clone()).collect();
    names.sort();
    names.dedup();
    names
}

fn define(plan: &Plan, item: &Item) -> TokenStream {
    match &item.kind {
        ItemKind::Struct(object) => define_struct(plan, item, object),
        ItemKind::Strings(values) => {
            define_enum(item, values, &quote!(String), &quote!(string_enum), |text| Literal::string(text))
        }
        ItemKind::Integers(values) => define_enum(item, values, &quote!(i64), &quote!(int_enum), |number| {
            Literal::i64_unsuffixed(*number)
        }),
        ItemKind::Union(union) => define_union(plan, item, union),
        ItemKind::Alias(ty) => define_alias(plan, item, ty),
        ItemKind::Newtype(ty) => define_newtype(plan, item, ty),
    }
}

fn define_struct(plan: &Plan, item: &Item, object: &Struct) -> TokenStream {
    let Item { name, docs, .. } = item;
    let docs = doc(docs);
    let default = object.fields.iter().all(|field| field.presence != Presence::Required);
    let derives = derives(plan, default);
    let fields = object.fields.iter().map(|field| field_definition(plan, field));
    let extra = object.extra.iter().map(|(name, ty)| {
        let ty = path(plan, ty);
        quote! {
            /// All other properties.
            pub #name: rt::Map<#ty>,
        }
    });
    let table = object_table(plan, object, item.constructor().is_some());
    quote! {
        #docs
        #derives
        pub struct #name {
            #(#fields)*
            #(#extra)*
        }
        rt::object! { #name #table }
    }
}

/// What a type can do beside travelling. Comparing is a seventh of what rustc spends on types, and few clients do.
pub(super) fn derives(plan: &Plan, default: bool) -> TokenStream {
    let default = default.then(|| quote!(, Default));
    let compared = plan.compared.then(|| quote!(, PartialEq));
    quote!(#[derive(Clone, Debug #default #compared)])
}

fn field_definition(plan: &Plan, field: &Field) -> TokenStream {
    let Field { name, docs, ty, presence, .. } = field;
    let docs = plan.docs_of(docs, ty).map(doc);
    let ty = path(plan, ty);
    let ty = if *presence == Presence::Required { ty } else { quote!(Option<#ty>) };
    quote! {
        #docs
        pub #name: #ty,
    }
}

/// The fields by what their absence means; those that a constructor takes with their types.
fn object_table(plan: &Plan, object: &Struct, constructed: bool) -> TokenStream {
    let of = |wanted: Presence| {
        let fields = object.fields.iter().filter(move |field| absence(plan, field) == wanted);
        let typed = constructed && wanted == Presence::Required;
        fields.map(|field| field_row(field, typed.then(|| argument(plan, &field.ty)))).collect::<Vec<_>>()
    };
    let required = of(Presence::Required);
    let [optional, tristate] = [Presence::Optional, Presence::Tristate].map(of);
    let optional = (!optional.is_empty()).then(|| quote!(optional { #(#optional),* }));
    let tristate = (!tristate.is_empty()).then(|| quote!(tristate { #(#tristate),* }));
    let extra = object.extra.iter().map(|(name, _)| quote!(..#name));
    quote!({ #(#required),* } #optional #tristate #(#extra)*)
}

/// What its absence means: to any value `null` is one.
fn absence(plan: &Plan, field: &Field) -> Presence {
    match field.presence {
        Presence::Optional if plan.is_any(&field.ty) => Presence::Tristate,
        presence => presence,
    }
}

fn field_row(field: &Field, argument: Option<TokenStream>) -> TokenStream {
    let Field { name, key, .. } = field;
    let argument = argument.map(|ty| quote!(: #ty));
    if name == key { quote!(#name #argument) } else { quote!(#name #argument = #key) }
}

/// What a constructor takes for a field: literals for texts.
fn argument(plan: &Plan, ty: &Type) -> TokenStream {
    match plan.resolved(ty) {
        Type::String => taken(quote!(impl Into<String>)),
        Type::Boxed(inner) => argument(plan, inner),
        _ if plan.newtype_of(ty).is_some() => {
            let ty = path(plan, ty);
            taken(quote!(impl Into<#ty>))
        }
        _ => taken(path(plan, ty)),
    }
}

/// A type in a group, which keeps it together in a table.
pub(super) fn taken(ty: TokenStream) -> TokenStream {
    let ty = Group::new(Delimiter::None, ty);
    quote!(#ty)
}

fn define_enum<T>(
    item: &Item,
    values: &Enum<T>,
    payload: &TokenStream,
    table: &TokenStream,
    literal: impl Fn(&T) -> Literal,
) -> TokenStream {
    let Item { name, docs, .. } = item;
    let docs = doc(docs);
    let Enum { variants, other } = values;
    let names = variants.iter().map(|(name, _, docs)| {
        let docs = doc(docs);
        quote!(#docs #name)
    });
    let rows = variants.iter().map(|(name, value, _)| {
        let value = literal(value);
        quote!(#name = #value)
    });
    quote! {
        #docs
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum #name {
            #(#names,)*
            /// A value that the document does not name.
            #other(#payload),
        }
        rt::#table! { #name { #(#rows,)* ..#other } }
    }
}

fn define_union(plan: &Plan, item: &Item, union: &Union) -> TokenStream {
    let Item { name, docs, .. } = item;
    let docs = doc(docs);
    let Union { branches, dispatch } = union;
    let definitions = branches.iter().map(|branch| {
        let Branch { name, docs, ty } = branch;
        let docs = plan.docs_of(docs, ty).map(doc);
        let ty = path(plan, ty);
        quote! {
            #docs
            #name(#ty),
        }
    });
    let names: Vec<&Ident> = branches.iter().map(|branch| &branch.name).collect();
    let rows = dispatch_rows(dispatch, &names);
    let from = converted(plan, item, union);
    let derives = derives(plan, false);
    quote! {
        #docs
        #derives
        pub enum #name {
            #(#definitions)*
        }
        rt::union! { #name { #(#names),* } #rows #from }
    }
}

/// The branches that a union is made from by `From`: those of a type that no other branch has. A type of the settings may be
/// another by an alias, and one that is null or the union itself has a `From` already.
fn converted(plan: &Plan, item: &Item, union: &Union) -> Option<TokenStream> {
    let own = &item.name;
    let types = union.branches.iter().map(|branch| {
        let inner = if let Type::Boxed(inner) = &branch.ty { inner } else { &branch.ty };
        let plain = plan.expanded(inner)?;
        let mut known = !matches!(plain, Type::Option(_) | Type::Null | Type::Any);
        plain.each(&mut |ty| known &= !matches!(ty, Type::Foreign(_)));
        let plain = path(plan, &plain);
        (known && *own != plain.to_string()).then_some((plain, inner, branch))
    });
    let types: Vec<_> = types.collect();
    let text = |one: &(TokenStream, _, _)| one.0.to_string();
    let texts: Vec<String> = types.iter().flatten().map(text).collect();
    let is_unique = |one: &&(TokenStream, &Type, &Branch)| {
        texts.iter().filter(|other| **other == one.0.to_string()).count() == 1
    };
    let rows = types.iter().flatten().filter(is_unique).map(|(_, ty, Branch { name, .. })| {
        let ty = taken(path(plan, ty));
        quote!(#name: #ty)
    });
    let rows: Vec<TokenStream> = rows.collect();
    (!rows.is_empty()).then(|| quote!(from { #(#rows),* }))
}

fn dispatch_rows(dispatch: &Dispatch, names: &[&Ident]) -> TokenStream {
    let row = |(value, branch): &(String, usize)| {
        let branch = names.get(*branch);
        quote!(#value => #branch)
    };
    let tag = dispatch.tag.iter().map(|(tag, values)| {
        let rows = values.iter().map(row);
        quote!(tag #tag { #(#rows),* })
    });
    let keys = (!dispatch.keys.is_empty()).then(|| {
        let rows = dispatch.keys.iter().map(row);
        quote!(keys { #(#rows),* })
    });
    let kinds = (!dispatch.kinds.is_empty()).then(|| {
        let rows = dispatch.kinds.iter().map(|(kind, branches)| {
            let kind = format_ident!("{kind}");
            let branches = branches.iter().map(|branch| names.get(*branch));
            quote!(#kind => #(#branches)|*)
        });
        quote!(kinds { #(#rows),* })
    });
    quote!(#(#tag)* #keys #kinds)
}

fn define_alias(plan: &Plan, item: &Item, ty: &Type) -> TokenStream {
    let Item { name, docs, .. } = item;
    let docs = doc(docs);
    let ty = path(plan, ty);
    quote! {
        #docs
        pub type #name = #ty;
    }
}

fn define_newtype(plan: &Plan, item: &Item, ty: &Type) -> TokenStream {
    let Item { name, docs, .. } = item;
    let docs = doc(docs);
    let held = path(plan, ty);
    let (derives, inner) = match ty {
        Type::F64 => (quote!(#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]), Some(&held)),
        Type::String => (quote!(#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]), Some(&held)),
        ty if ty.is_plain() => {
            (quote!(#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]), Some(&held))
        }
        _ => (derives(plan, false), None),
    };
    let inner = inner.map(|inner| quote!((#inner)));
    quote! {
        #docs
        #derives
        pub struct #name(pub #held);
        rt::newtype! { #name #inner }
    }
}

/// A type as it is written inside the module of types.
pub(crate) fn path(plan: &Plan, ty: &Type) -> TokenStream {
    write(plan, ty, &TokenStream::new())
}

/// A type as it is written in another module, items being behind `prefix`.
pub(crate) fn write(plan: &Plan, ty: &Type, prefix: &TokenStream) -> TokenStream {
    match ty {
        Type::Any => quote!(rt::Value),
        Type::Null => quote!(()),
        Type::Bool => quote!(bool),
        Type::I32 => quote!(i32),
        Type::I64 => quote!(i64),
        Type::U32 => quote!(u32),
        Type::U64 => quote!(u64),
        Type::I128 => quote!(i128),
        Type::U128 => quote!(u128),
        Type::F64 => quote!(f64),
        Type::Number => quote!(rt::Number),
        Type::String => quote!(String),
        Type::Base64 => quote!(rt::Base64),
        Type::Body => quote!(rt::Body),
        Type::Content => quote!(rt::Content),
        Type::Items(item) => {
            let item = write(plan, item, prefix);
            quote!(rt::Items<#item>)
        }
        Type::Form(index) => {
            let name = plan.forms.get(*index).map(|form| &form.name);
            quote!(#name)
        }
        Type::Ipv4 => quote!(std::net::Ipv4Addr),
        Type::Ipv6 => quote!(std::net::Ipv6Addr),
        Type::Foreign(path) => path.parse().unwrap_or_default(),
        Type::Item(id) => {
            let name = plan.item(*id).map(|item| &item.name);
            quote!(#prefix #name)
        }
        Type::Option(inner) => {
            let inner = write(plan, inner, prefix);
            quote!(Option<#inner>)
        }
        Type::List(inner) => {
            let inner = write(plan, inner, prefix);
            quote!(Vec<#inner>)
        }
        Type::Map(inner) => {
            let inner = write(plan, inner, prefix);
            quote!(rt::Map<#inner>)
        }
        Type::Tuple(parts) => {
            let parts = parts.iter().map(|part| write(plan, part, prefix));
            quote!((#(#parts,)*))
        }
        Type::Boxed(inner) => {
            let inner = write(plan, inner, prefix);
            quote!(Box<#inner>)
        }
    }
}

/// A type as the modules of operations write it.
pub(super) fn foreign(plan: &Plan, ty: &Type) -> TokenStream {
    write(plan, ty, &quote!(types::))
}

/// The type of a body: that of its only representation, or the enum over them.
pub(super) fn body_type(plan: &Plan, body: &Body) -> TokenStream {
    match &body.content {
        Content::One(media) => foreign(plan, &media.ty),
        Content::Choice(index) => {
            let name = plan.choices.get(*index).map(|choice| &choice.name);
            quote!(#name)
        }
    }
}

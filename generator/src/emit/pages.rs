//! The streams of a list's pages and items.

use proc_macro2::TokenStream;
use quote::quote;

use descant_exchange::{Next, Pages, pointer};

use crate::plan::Plan;
use crate::plan::http::Operation;
use crate::plan::items::{Field, ItemKind, Presence, Type};

use super::success;
use super::types::foreign;

/// The streams of a call whose list has pages; without that of items, where no fields lead to the list.
pub(super) fn pages(plan: &Plan, operation: &Operation) -> Option<TokenStream> {
    let Operation { call, response, pages, .. } = operation;
    let Pages { next, items, more } = pages.as_ref()?;
    let next = way(next);
    let position = pointer(items);
    let more = more.as_ref().map(|more| pointer(more)).map(|more| quote!(, more = #more));
    let each = success::value(plan, operation).and_then(|page| each(plan, page, items));
    let each = each.map(|(item, path)| quote!(, each(#path): #item));
    Some(quote!(rt::pages! { #call -> #response { next = #next, items = #position #more #each } }))
}

/// The way to the next page, in the words of the runtime's `NextPage`.
fn way(next: &Next) -> TokenStream {
    match next {
        Next::Cursor { parameter, at } => {
            let at = pointer(at);
            quote!(Cursor(#parameter, #at))
        }
        Next::Last { parameter, at } => {
            let at = pointer(at);
            quote!(Last(#parameter, #at))
        }
        Next::Offset { parameter } => quote!(Offset(#parameter)),
        Next::Page { parameter, first } => {
            let first = proc_macro2::Literal::u64_unsuffixed(*first);
            quote!(Page(#parameter, #first))
        }
        Next::LinkHeader => quote!(LinkHeader),
        Next::Url { at } => {
            let at = pointer(at);
            quote!(Url(#at))
        }
    }
}

/// The type of an item, and the fields that lead from a page to the list; `None` where no fields lead to a list.
fn each(plan: &Plan, page: &Type, items: &[String]) -> Option<(TokenStream, TokenStream)> {
    let mut ty = page;
    let mut path = unwrapped(&mut ty);
    for name in items {
        let Type::Item(id) = plan.resolved(ty) else { return None };
        let ItemKind::Struct(object) = &plan.item(*id)?.kind else { return None };
        let Field { name, presence, ty: inner, .. } =
            object.fields.iter().find(|field| field.key == *name)?;
        let present = (*presence != Presence::Required).then(|| quote!(?));
        ty = inner;
        let value = unwrapped(&mut ty);
        path = quote!(#path . #name #present #value);
    }
    let Type::List(item) = plan.resolved(ty) else { return None };
    Some((foreign(plan, item), path))
}

/// Removes the `Option`s and boxes around a type; returns a `?` for each `Option`.
fn unwrapped(ty: &mut &Type) -> TokenStream {
    let mut unwrapped = TokenStream::new();
    loop {
        match *ty {
            Type::Option(inner) => {
                unwrapped.extend(quote!(?));
                *ty = inner;
            }
            Type::Boxed(inner) => *ty = inner,
            _ => return unwrapped,
        }
    }
}

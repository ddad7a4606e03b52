//! Types as arguments of the client's methods.

use proc_macro2::TokenStream;
use quote::quote;

use crate::plan::Plan;
use crate::plan::http::{Body, Codec, Content, Media};
use crate::plan::items::Type;

use super::types::foreign;

/// A type as an argument: borrowed where it is no plain value.
pub(super) fn argument(plan: &Plan, ty: &Type) -> TokenStream {
    let named = ty;
    let ty = plan.resolved(ty);
    // An alias of a type of the document stays: it may become a type of its own.
    let written = foreign(plan, if matches!(ty, Type::Item(_)) { named } else { ty });
    match ty {
        Type::String => quote!(&str),
        Type::List(item) => {
            let item = foreign(plan, item);
            quote!(&[#item])
        }
        ty if is_copy(plan, ty) => written,
        _ => quote!(&#written),
    }
}

pub(super) fn body_argument(plan: &Plan, body: &Body) -> TokenStream {
    let ty = match &body.content {
        Content::One(Media { codec: Codec::Stream, .. }) => quote!(impl Into<rt::Body>),
        Content::One(media) if media.streams() => foreign(plan, &media.ty),
        Content::One(Media { ty, .. }) if is_copy(plan, ty) => {
            let ty = foreign(plan, ty);
            quote!(&#ty)
        }
        Content::One(Media { ty, .. }) => argument(plan, ty),
        Content::Choice(index) => {
            let name = plan.choices.get(*index).map(|choice| &choice.name);
            if body.required { quote!(impl Into<#name>) } else { quote!(#name) }
        }
    };
    if body.required { ty } else { quote!(Option<#ty>) }
}

pub(super) fn is_copy(plan: &Plan, ty: &Type) -> bool {
    use Type::{Bool, F64, I32, I64, I128, Ipv4, Ipv6, Null, U32, U64, U128};
    let ty = plan.newtype_of(ty).unwrap_or_else(|| plan.resolved(ty));
    matches!(ty, Null | Bool | I32 | I64 | I128 | U32 | U64 | U128 | F64 | Ipv4 | Ipv6)
}

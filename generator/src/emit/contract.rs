//! Calls by name, with values in place of typed arguments: what contract tests feed with examples.

use proc_macro2::TokenStream;
use quote::quote;

use descant_model::api::Location;

use crate::plan::Plan;
use crate::plan::http::{Body, Codec, Content, Media, Operation, Parameter};
use crate::plan::items::GroupId;
use crate::plan::items::Type;

use super::arguments::is_copy;
use super::types::foreign;

/// The dispatch by name.
pub(crate) fn contract(plan: &Plan) -> Vec<TokenStream> {
    let arms = plan.operations.iter().map(|Operation { name, key, group, .. }| {
        let module = group.and_then(|group| plan.group(group)).map(|group| &group.module);
        // Never the name alone: an operation may be called `client`.
        let module = module.map_or_else(|| quote!(self), |module| quote!(#module));
        quote!(#key => #module::#name(client, input),)
    });
    vec![quote! {
        /// Calls an operation by its method and path: `GET /pets`.
        ///
        /// # Errors
        /// Where the call fails, or the client has no such operation.
        pub async fn call(client: &Client, operation: &str, input: &Input) -> Result<Outcome, Error> {
            let calling = match operation {
                #(#arms)*
                _ => return Outcome::unknown(operation),
            };
            calling.await
        }
    }]
}

/// The calls of a group.
pub(crate) fn calls(plan: &Plan, group: Option<GroupId>) -> Vec<TokenStream> {
    plan.operations_of(group).map(|operation| call(plan, operation)).collect()
}

fn call(plan: &Plan, operation: &Operation) -> TokenStream {
    let name = &operation.name;
    let (required, optional): (Vec<&Parameter>, Vec<&Parameter>) =
        operation.parameters.iter().partition(|parameter| parameter.required);
    let set = optional.iter().map(|parameter| {
        let name = &parameter.name;
        let ty = foreign(plan, &parameter.ty);
        let value = value(parameter, Some(&quote!(Option<#ty>)));
        quote!(.#name(#value))
    });
    let body = operation.body.iter().map(|body| {
        let value = body_value(plan, body);
        quote!(let body = #value;)
    });
    let arguments = required.iter().map(|parameter| {
        let ty = foreign(plan, &parameter.ty);
        let value = value(parameter, Some(&ty));
        if is_copy(plan, &parameter.ty) { value } else { quote!(&#value) }
    });
    let body_argument = operation.body.iter().map(|body| passed(plan, body));
    let arguments = arguments.chain(body_argument);
    let takes_none = operation.parameters.is_empty() && operation.body.is_none();
    let input = if takes_none { quote!(_) } else { quote!(input) };
    let deprecated =
        operation.deprecated.then(|| quote!(#[allow(deprecated, reason = "it is still a promise")]));
    let visible = operation.group.map(|_| quote!(pub(super)));
    quote! {
        #deprecated
        #visible fn #name<'a>(client: &'a Client, #input: &'a Input) -> Calling<'a> {
            Box::pin(async move {
                #(#body)*
                Outcome::of(client.#name(#(#arguments),*) #(#set)* .answer().await?).await
            })
        }
    }
}

/// A parameter's value, read from the input.
fn value(parameter: &Parameter, ty: Option<&TokenStream>) -> TokenStream {
    let key = &parameter.key;
    let ty = ty.map(|ty| quote!(::<#ty>));
    match parameter.location {
        Location::Path => quote!(input.path #ty(#key)?),
        Location::Query | Location::QueryString => quote!(input.query #ty(#key)?),
        Location::Header => quote!(input.header #ty(#key)?),
        Location::Cookie => quote!(input.cookie #ty(#key)?),
    }
}

fn body_value(plan: &Plan, body: &Body) -> TokenStream {
    match &body.content {
        Content::One(media) if body.required => media_value(plan, media),
        Content::One(media) if media.streams() => {
            let value = media_value(plan, media);
            quote!(if input.body.is_some() { Some(#value) } else { None })
        }
        Content::One(media) => {
            let ty = foreign(plan, &media.ty);
            quote!(input.body::<Option<#ty>>()?)
        }
        Content::Choice(index) => {
            let choice = choice_value(plan, *index);
            if body.required {
                choice
            } else {
                quote!(if input.body.is_some() { Some(#choice) } else { None })
            }
        }
    }
}

fn media_value(plan: &Plan, media: &Media) -> TokenStream {
    match media.codec {
        Codec::Stream => quote!(input.stream()?),
        Codec::Content => quote!(input.content()?),
        Codec::Multipart => quote!(input.form()?),
        Codec::Lines | Codec::Data | Codec::Events => quote!(input.items()?),
        Codec::Json | Codec::Shaped | Codec::Text => {
            let ty = foreign(plan, &media.ty);
            quote!(input.body::<#ty>()?)
        }
    }
}

/// The representation that the input names, or the first.
fn choice_value(plan: &Plan, index: usize) -> TokenStream {
    let Some(choice) = plan.choices.get(index) else { return TokenStream::new() };
    let name = &choice.name;
    let mut arms: Vec<TokenStream> = choice
        .branches
        .iter()
        .skip(1)
        .map(|(variant, media)| {
            let media_types = &media.media_types;
            let value = media_value(plan, media);
            quote!(Some(#(#media_types)|*) => #name::#variant(#value),)
        })
        .collect();
    arms.extend(choice.branches.first().map(|(variant, media)| {
        let value = media_value(plan, media);
        quote!(_ => #name::#variant(#value),)
    }));
    quote!(match input.media_type.as_deref() { #(#arms)* })
}

/// The body as the client's method takes it.
fn passed(plan: &Plan, body: &Body) -> TokenStream {
    match &body.content {
        Content::One(media) if media.streams() => quote!(body),
        Content::Choice(_) => quote!(body),
        Content::One(media) if !body.required => match plan.resolved(&media.ty) {
            Type::String | Type::List(_) => quote!(body.as_deref()),
            _ => quote!(body.as_ref()),
        },
        _ => quote!(&body),
    }
}

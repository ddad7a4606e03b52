//! Links as methods of the client, and the URLs of callbacks as methods of requests.

use proc_macro2::TokenStream;
use quote::quote;

use descant_model::api::StatusPattern;

use crate::plan::Plan;
use crate::plan::http::{Answer, Body, CallbackUrl, Content, Operation, Parameter, UrlPiece};
use crate::plan::items::Type;
use crate::plan::links::{Argument, Given, Link, Place};

use super::arguments::{argument, body_argument, is_copy};
use super::doc;
use super::types::foreign;

/// The method that follows a link.
pub(super) fn follow(plan: &Plan, link: &Link) -> Option<TokenStream> {
    let asked = plan.operations.get(link.of.0)?;
    let target = plan.operations.get(link.target)?;
    let docs = doc(&link.docs);
    let deprecated = target.deprecated.then(|| {
        quote! {
            #[deprecated]
            #[allow(deprecated, reason = "it leads to what is")]
        }
    });
    let arguments = link.arguments.iter().map(|(name, of)| {
        let ty = argument_type(plan, asked, target, *of);
        quote!(#name: #ty,)
    });
    let parameters = || target.parameters.iter().zip(&link.parameters);
    let required = parameters().filter(|(parameter, _)| parameter.required);
    let required = required.map(|(parameter, given)| required_parameter(plan, parameter, given));
    let body = target.body.as_ref().map(|body| given_body(plan, body, &link.body));
    let optional = parameters().filter(|(parameter, _)| !parameter.required);
    let set = optional.filter_map(|(parameter, given)| option(plan, parameter, given));
    let binding = binding(link, asked, asked.answers.get(link.of.1)?);
    let (name, to) = (&link.name, &target.name);
    let (response, next) = (&asked.response, &target.response);
    let next = target.call.as_ref().map_or_else(|| quote!(Call<#next>), |call| quote!(#call));
    Some(quote! {
        #docs
        #deprecated
        pub fn #name(&self, answer: &#response, #(#arguments)*) -> Option<#next> {
            #binding
            Some(self.#to(#(#required)* #body) #(#set)*)
        }
    })
}

/// The statement that takes the answer apart.
fn binding(link: &Link, asked: &Operation, answer: &Answer) -> TokenStream {
    let places = link.parameters.iter().chain([&link.body]);
    let places: Vec<&Place> = places
        .filter_map(|given| if let Given::At(place) = given { Some(place.parts()) } else { None })
        .flatten()
        .collect();
    let named = |is_it: fn(&Place) -> bool, name: TokenStream| {
        places.iter().any(|place| is_it(place)).then_some(name)
    };
    let status = named(|place| matches!(place, Place::Status), quote!(status));
    let body = named(|place| matches!(place, Place::Body(_)), quote!(body));
    let headers = named(|place| matches!(place, Place::Header(_)), quote!(headers));
    let (response, variant) = (&asked.response, &answer.variant);
    let fields = if answer.headers.is_some() || status.is_none() && body.is_none() {
        let names = status.into_iter().chain(body).chain(headers);
        quote!({ #(#names,)* .. })
    } else {
        let has_status = !matches!(answer.status, StatusPattern::Code(_));
        let status = has_status.then(|| status.unwrap_or_else(|| quote!(_)));
        let body = answer.body.as_ref().map(|_| body.unwrap_or_else(|| quote!(_)));
        let names = status.into_iter().chain(body);
        quote!((#(#names),*))
    };
    match asked.answers.len() {
        1 => quote!(let #response::#variant #fields = answer;),
        _ => quote!(let #response::#variant #fields = answer else { return None };),
    }
}

fn argument_type(plan: &Plan, asked: &Operation, target: &Operation, of: Argument) -> Option<TokenStream> {
    let parameter = |parameter: &Parameter| {
        let ty = argument(plan, &parameter.ty);
        if parameter.required { ty } else { quote!(Option<#ty>) }
    };
    match of {
        Argument::Asked(index) => asked.parameters.get(index).map(parameter),
        Argument::Parameter(index) => target.parameters.get(index).map(parameter),
        Argument::AskedBody => asked.body.as_ref().map(|body| body_argument(plan, body)),
        Argument::AskedUrl => Some(quote!(&str)),
        Argument::Body => target.body.as_ref().map(|body| body_argument(plan, body)),
    }
}

/// The value at a place: an `Option` of the type, if what it is given to does not say it.
fn value(place: &Place, ty: Option<TokenStream>) -> TokenStream {
    let ty = ty.map(|ty| quote!(::<#ty>));
    match place {
        Place::Constant(json) => quote!(rt::link::constant #ty(#json)),
        Place::Body(pointer) => quote!(rt::link::at #ty(body, #pointer)),
        Place::Header(field) => quote!(rt::link::at #ty(&headers.#field, "")),
        Place::Argument(name, pointer) => quote!(rt::link::at #ty(#name, #pointer)),
        Place::Status => quote!(rt::link::at #ty(status.as_u16(), "")),
        Place::Text(places) => {
            let pieces = places.iter().map(|place| value(place, None));
            quote!(rt::link::text #ty([#(#pieces),*]))
        }
    }
}

/// The value at a place as an argument: borrowed, unless it is copied.
fn at(plan: &Plan, place: &Place, ty: &Type, copied: bool) -> TokenStream {
    if copied && plan.newtype_of(ty).is_none() {
        let value = value(place, None);
        return quote!(#value?);
    }
    let value = value(place, Some(foreign(plan, plan.resolved(ty))));
    quote!(&#value?)
}

fn required_parameter(plan: &Plan, parameter: &Parameter, given: &Given) -> TokenStream {
    match given {
        Given::Argument(name) => quote!(#name,),
        Given::At(place) => {
            let value = at(plan, place, &parameter.ty, is_copy(plan, &parameter.ty));
            quote!(#value,)
        }
        Given::Nothing => TokenStream::new(),
    }
}

fn option(plan: &Plan, parameter: &Parameter, given: &Given) -> Option<TokenStream> {
    let name = &parameter.name;
    match given {
        Given::At(place) => {
            let value = value(place, Some(foreign(plan, &parameter.ty)));
            Some(quote!(.#name(#value)))
        }
        Given::Argument(_) | Given::Nothing => None,
    }
}

fn given_body(plan: &Plan, body: &Body, given: &Given) -> TokenStream {
    match (given, &body.content) {
        (Given::Argument(name), _) => quote!(#name,),
        (Given::At(place), Content::One(media)) => {
            let value = at(plan, place, &media.ty, false);
            if body.required { quote!(#value,) } else { quote!(Some(#value),) }
        }
        _ => quote!(None,),
    }
}

/// The methods of a request that say where its callbacks are sent.
pub(super) fn callback_urls(operation: &Operation) -> Option<TokenStream> {
    let Operation { request, callback_urls, .. } = operation;
    let methods = callback_urls.iter().map(|CallbackUrl { name, docs, pieces }| {
        let docs = doc(docs);
        let pieces = pieces.iter().map(|piece| match piece {
            UrlPiece::Text(text) => quote!(#text.to_owned()),
            UrlPiece::Field(field, pointer) => quote!(rt::link::at::<String>(&self.#field, #pointer)?),
        });
        quote! {
            #docs
            pub fn #name(&self) -> Option<String> {
                Some([#(#pieces),*].concat())
            }
        }
    });
    (!callback_urls.is_empty()).then(|| quote!(impl #request { #(#methods)* }))
}

//! The server: what each method gets, the trait, and the routes.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use descant_exchange::TextCodec;

use crate::plan::Plan;
use crate::plan::docs::Docs;
use crate::plan::groups::Group;
use crate::plan::http::{Body, Codec, Content, Operation, Parameter};
use crate::plan::items::GroupId;

use super::links::callback_urls;
use super::operations::{
    body_codec, derives, encoding_switches, encoding_word, field, location_word, shape, shape_of,
    shape_static,
};
use super::types::body_type;
use super::{doc, line};

/// The whole API's trait and routes: its own, or those of the groups put together.
pub(crate) fn root(plan: &Plan) -> Vec<TokenStream> {
    let Plan { service: name, implementor, .. } = plan;
    let guard = plan.any_asks(&plan.operations).then(|| quote!(.guarded_by(#implementor::check_credentials)));
    let (definition, routes) = if plan.groups.is_empty() {
        let asks = plan.any_asks(&plan.operations);
        let check = asks.then(check_credentials);
        let methods = plan.operations.iter().map(|operation| method(operation, asks));
        let definition = quote! {
            /// The API. Write the operations that matter; the others answer 501, or are left to a fallback.
            pub trait #name: Send + Sync + 'static {
                #check
                #(#methods)*
            }
        };
        let routes = routes(plan, None);
        (definition, quote!(Service::builder(api) #guard #routes.build()))
    } else {
        (whole(plan), added(plan, &guard))
    };
    vec![
        definition,
        quote! {
            /// The routes of the API. A request that it answers with `None` is not routed, or not written yet.
            pub fn service<#implementor: #name>(api: #implementor) -> Service {
                #routes
            }
        },
        quote! {
            /// The API as an axum router.
            pub fn router<#implementor: #name>(api: #implementor) -> axum::Router {
                service(api).into_router()
            }
        },
    ]
}

/// A trait over those of the groups.
fn whole(plan: &Plan) -> TokenStream {
    let Plan { service: name, implementor, .. } = plan;
    let guard = plan.any_asks(&plan.operations).then(|| {
        let check = check_credentials();
        quote! {
            /// Checks who may call the API.
            pub trait CheckCredentials: Send + Sync + 'static {
                #check
            }
        }
    });
    let checks = plan.any_asks(&plan.operations).then(|| quote!(CheckCredentials)).into_iter();
    let services: Vec<TokenStream> =
        checks.chain(plan.groups.iter().map(|group| group.service.to_token_stream())).collect();
    quote! {
        #guard

        /// The API: whatever has all of its parts.
        pub trait #name: #(#services)+* {}

        impl<#implementor: #(#services)+*> #name for #implementor {}
    }
}

/// The routes of all groups, one after the other.
fn added(plan: &Plan, guard: &Option<TokenStream>) -> TokenStream {
    let parts = plan.groups.iter().map(|Group { routes, .. }| quote!(let builder = #routes(builder);));
    quote! {
        let builder = Service::builder(api) #guard;
        #(#parts)*
        builder.build()
    }
}

/// What operations get; before it, for a group, its trait and what adds its routes.
pub(crate) fn server(plan: &Plan, group: Option<GroupId>) -> Vec<TokenStream> {
    let part = group.and_then(|group| plan.group(group)).map(|group| part(plan, group));
    let requests = plan.operations_of(group).map(|operation| request(plan, operation));
    part.into_iter().flatten().chain(requests).collect()
}

fn part(plan: &Plan, group: &Group) -> [TokenStream; 2] {
    let Group { service, routes: add, title, .. } = group;
    let implementor = &plan.implementor;
    let docs = doc(&Docs::new(title));
    let asks = plan.any_asks(&plan.operations);
    let methods = plan.operations_of(Some(group.id)).map(|operation| method(operation, asks));
    let checks = asks.then(|| quote!(CheckCredentials+));
    let line = line(&format!("Adds the routes of [`{service}`]."));
    let routes = routes(plan, Some(group.id));
    [
        quote! {
            #docs
            ///
            /// Write the operations that matter; the others answer 501, or are left to a fallback.
            pub trait #service: #checks Send + Sync + 'static {
                #(#methods)*
            }
        },
        quote! {
            #line
            pub fn #add<#implementor: #service>(builder: Builder<#implementor>) -> Builder<#implementor> {
                builder #routes
            }
        },
    ]
}

pub(super) fn check_credentials() -> TokenStream {
    quote! {
        /// Who calls: methods find it in `context.principal`.
        type Principal: Send + Sync + 'static;

        /// Returns the principal of a request's credentials, or refuses them: called before each operation that requires
        /// a credential, unless the request is anonymous and may be. `context` names the operation and the satisfied
        /// requirement.
        fn check_credentials(
            &self,
            credentials: Credentials,
            context: &Context,
        ) -> impl Future<Output = HandlerResult<Self::Principal>> + Send;
    }
}

/// A method of a trait, whose requests may have a principal.
pub(super) fn method(operation: &Operation, asks: bool) -> TokenStream {
    let Operation { name, docs, request, response, .. } = operation;
    let docs = doc(docs);
    let principal = asks.then(|| quote!(<Self::Principal>));
    quote! {
        #docs
        fn #name(
            &self,
            request: #request,
            context: &Context #principal,
        ) -> impl Future<Output = HandlerResult<#response>> + Send {
            let _ = (request, context);
            async { Err(Unimplemented.into()) }
        }
    }
}

/// The calls that add the routes of a group; before and after them slashes at the end count.
fn routes(plan: &Plan, group: Option<GroupId>) -> TokenStream {
    let mut strict = false;
    let mut calls = TokenStream::new();
    let mut switch = |to: bool| {
        let policy = if to { quote!(Strict) } else { quote!(Either) };
        let call = quote!(.trailing_slash(rt::route::TrailingSlash::#policy));
        (std::mem::replace(&mut strict, to) != to).then_some(call)
    };
    let implementor = &plan.implementor;
    for operation in plan.operations_of(group) {
        let Operation { name, key, strict_slash, .. } = operation;
        let switched = switch(*strict_slash);
        let requires = plan.asks(operation).map(|security| quote!(.requires(#security)));
        calls.extend(quote!(#switched.route(#key, #implementor::#name) #requires));
    }
    calls.extend(group.and_then(|_| switch(false)));
    calls
}

/// The struct of all that a method gets.
pub(super) fn request(plan: &Plan, operation: &Operation) -> TokenStream {
    let Operation { request, key, parameters, body, .. } = operation;
    let line = line(&format!("What `{key}` is given."));
    let fields = parameters.iter().map(|parameter| field(plan, parameter));
    let rows = parameters.iter().map(row);
    let body_field = body.iter().map(|body| {
        let docs = doc(&body.docs);
        let ty = body_type(plan, body);
        let ty = if body.required { ty } else { quote!(Option<#ty>) };
        quote! {
            #docs
            pub body: #ty,
        }
    });
    let body_row = body.iter().map(|body| {
        let codec = body_codec(plan, body);
        if body.required { quote!(body = body(#codec)) } else { quote!(body = optional_body(#codec)) }
    });
    let checks: Vec<TokenStream> = body
        .iter()
        .flat_map(|body| &body.checks)
        .filter_map(|(media_type, index)| plan.checks.get(*index).map(|check| (media_type, &check.name)))
        .map(|(media_type, name)| quote!(#media_type => checks::#name))
        .chain(body.iter().flat_map(|body| shaped_of_choice(plan, body)))
        .collect();
    let checks = (!checks.is_empty()).then(|| quote!(checks { #(#checks),* }));
    let derives = derives(plan, body.iter().any(|body| plan.streams(body)));
    let urls = callback_urls(operation);
    quote! {
        #line
        #derives
        pub struct #request {
            #(#fields)*
            #(#body_field)*
        }
        rt::request! { #request { #(#rows,)* #(#body_row)* } #checks }
        #urls
    }
}

/// The representations of a choice that are checked by the shapes which they are decoded by.
fn shaped_of_choice<'p>(plan: &'p Plan, body: &'p Body) -> impl Iterator<Item = TokenStream> + 'p {
    let choice = match body.content {
        Content::Choice(index) => plan.choices.get(index),
        Content::One(_) => None,
    };
    let media = choice.into_iter().flat_map(|choice| choice.branches.iter().map(|(_, media)| media));
    media.filter(|media| media.codec == Codec::Shaped).flat_map(|media| {
        let shape = shape_of(plan, media);
        media.media_types.iter().filter_map(move |media_type| {
            let shape = shape.as_ref()?;
            Some(quote!(#media_type => #shape))
        })
    })
}

fn row(parameter: &Parameter) -> TokenStream {
    let Parameter { name, key, location, codec, shape: kinds, .. } = parameter;
    let kinds = shape(kinds);
    if let TextCodec::QueryString(media_type) = codec {
        return quote!(#name = query_string(#key, #media_type, #kinds));
    }
    let place = location_word(*location);
    let word = encoding_word(codec.encoding());
    let switches = encoding_switches(codec.encoding());
    quote!(#name = #place(#key, #word #switches, #kinds))
}

/// What is checked of JSON bodies before their types are read.
pub(crate) fn checks(plan: &Plan, group: Option<GroupId>) -> Vec<TokenStream> {
    plan.checks.iter().filter(|_| group.is_none()).map(shape_static).collect()
}

//! The server: what each method gets, the trait, and the routes.

use proc_macro2::TokenStream;
use quote::quote;

use descant_model::api::Location;

use crate::plan::Plan;
use crate::plan::http::{Operation, Parameter};

use super::doc;
use super::operations::{body_codec, body_type, encoding_switches, encoding_word, field, shape};

/// The whole module.
pub(crate) fn server(plan: &Plan) -> Vec<TokenStream> {
    let mut items = vec![contract(plan)];
    items.extend(routes(plan));
    items.extend(plan.operations.iter().map(|operation| request(plan, operation)));
    items
}

fn contract(plan: &Plan) -> TokenStream {
    let name = &plan.service;
    let methods = plan.operations.iter().map(method);
    quote! {
        /// The API. Write the operations that matter; the others answer 501, or are left to a fallback.
        pub trait #name: Send + Sync + 'static {
            #(#methods)*
        }
    }
}

fn method(operation: &Operation) -> TokenStream {
    let Operation { name, docs, request, response, .. } = operation;
    let docs = doc(docs);
    quote! {
        #docs
        fn #name(
            &self,
            request: #request,
            context: &Context,
        ) -> impl Future<Output = Handled<#response>> + Send {
            let _ = (request, context);
            async { Err(NotWritten.into()) }
        }
    }
}

fn routes(plan: &Plan) -> Vec<TokenStream> {
    let service = &plan.service;
    let mut either = false;
    let routes = plan.operations.iter().map(|operation| {
        let Operation { name, key, either_slash, .. } = operation;
        let switch = (*either_slash != either).then(|| {
            either = *either_slash;
            let policy = if either { quote!(Either) } else { quote!(Strict) };
            quote!(.trailing_slash(rt::route::TrailingSlash::#policy))
        });
        quote!(#switch.route(#key, A::#name))
    });
    let routes: Vec<TokenStream> = routes.collect();
    vec![
        quote! {
            /// The routes of the API. A request that it answers with `None` is not routed, or not written yet.
            pub fn service<A: #service>(api: A) -> Service {
                Service::builder(api) #(#routes)* .build()
            }
        },
        quote! {
            /// The API as an axum router.
            pub fn router<A: #service>(api: A) -> axum::Router {
                service(api).into_router()
            }
        },
    ]
}

/// The struct of all that a method gets.
fn request(plan: &Plan, operation: &Operation) -> TokenStream {
    let Operation { request, key, parameters, body, .. } = operation;
    let line = format!(" What `{key}` is given.");
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
    quote! {
        #[doc = #line]
        #[derive(Clone, Debug, PartialEq)]
        pub struct #request {
            #(#fields)*
            #(#body_field)*
        }
        rt::request! { #request { #(#rows,)* #(#body_row)* } }
    }
}

fn row(parameter: &Parameter) -> TokenStream {
    let Parameter { name, key, location, encoding, shape: kinds, .. } = parameter;
    let place = match location {
        Location::Path => quote!(path),
        Location::Query | Location::QueryString => quote!(query),
        Location::Header => quote!(header),
        Location::Cookie => quote!(cookie),
    };
    let word = encoding_word(encoding);
    let switches = encoding_switches(encoding);
    let kinds = shape(kinds);
    quote!(#name = #place(#key, #word #switches, #kinds))
}

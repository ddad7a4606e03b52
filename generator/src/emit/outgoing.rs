//! Webhooks and callbacks: a sender, and the trait and routes of a receiver, for what the API's server sends.

use proc_macro2::TokenStream;
use quote::quote;

use crate::plan::Plan;
use crate::plan::http::Operation;

use super::operations::own;
use super::{client, line, server};

/// The types of what is sent and answered.
pub(super) fn types(plan: &Plan, operations: &[Operation]) -> Vec<TokenStream> {
    operations.iter().flat_map(|operation| own(plan, operation)).collect()
}

/// The sender's module.
pub(super) fn sender(plan: &Plan, operations: &[Operation]) -> Vec<TokenStream> {
    let new = match plan.any_asks(operations) {
        true => quote! {
            /// A sender with timeouts, headers and middleware of your own. What it presents goes only to what asks for it.
            ///
            /// # Errors
            /// Where the configuration is no good.
            pub fn new(config: Config, credentials: &Credentials) -> Result<Self, Error> {
                Ok(Self { core: Core::new(config, credentials)? })
            }
        },
        false => quote! {
            /// A sender with timeouts, headers and middleware of your own.
            ///
            /// # Errors
            /// Where the configuration is no good.
            pub fn new(config: Config) -> Result<Self, Error> {
                Ok(Self { core: Core::new(config, &())? })
            }
        },
    };
    let methods = operations.iter().map(|operation| client::method(plan, operation));
    vec![quote! {
        /// Sends to the URLs that receivers have named. Look at a URL before you send to it: it is somebody else's input.
        #[derive(Clone, Debug)]
        pub struct Sender {
            core: Core,
        }

        impl Sender {
            #new
            #(#methods)*
        }
    }]
}

/// The receiver's module.
pub(super) fn receiver(plan: &Plan, operations: &[Operation]) -> Vec<TokenStream> {
    let asks = plan.any_asks(operations);
    let check = asks.then(server::check_credentials);
    let guard = asks.then(|| quote!(.guarded_by(A::check_credentials)));
    let methods = operations.iter().map(|operation| server::method(operation, asks));
    let routes = operations.iter().map(|operation| {
        let Operation { name, key, .. } = operation;
        let requires = plan.asks(operation).map(|security| quote!(.requires(#security)));
        quote!(.at(&paths.#name).route(#key, A::#name) #requires)
    });
    let mut items = vec![
        quote! {
            /// What is received. Write what matters; the others answer 501.
            pub trait Receiver: Send + Sync + 'static {
                #check
                #(#methods)*
            }
        },
        paths(operations),
        quote! {
            /// The routes of a receiver.
            pub fn service<A: Receiver>(receiver: A, paths: &Paths) -> Service {
                Service::builder(receiver) #guard #(#routes)* .build()
            }
        },
        quote! {
            /// A receiver as an axum router.
            pub fn router<A: Receiver>(receiver: A, paths: &Paths) -> axum::Router {
                service(receiver, paths).into_router()
            }
        },
    ];
    items.extend(operations.iter().map(|operation| server::request(plan, operation)));
    items
}

/// The struct of paths: no document says where a receiver listens.
fn paths(operations: &[Operation]) -> TokenStream {
    let fields = operations.iter().map(|Operation { name, key, .. }| {
        let line = line(&format!("Of `{key}`."));
        quote! {
            #line
            pub #name: String,
        }
    });
    let defaults = operations.iter().map(|Operation { name, .. }| {
        let path = format!("/{}", name.to_string().trim_start_matches("r#"));
        quote!(#name: #path.to_owned(),)
    });
    quote! {
        /// The paths at which a receiver listens: its own choice. If nothing is said, each has the name of its method.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Paths {
            #(#fields)*
        }

        impl Default for Paths {
            fn default() -> Self {
                Self { #(#defaults)* }
            }
        }
    }
}

//! A server whose answers come from elsewhere, in the operations' own types, and a client for it: both ends of the
//! closed loop.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::plan::Plan;
use crate::plan::http::Operation;
use crate::plan::items::GroupId;

/// The whole module; it has no parts.
pub(crate) fn stub(plan: &Plan) -> Vec<TokenStream> {
    let connect = match plan.schemes.is_empty() {
        true => quote!(let _ = request; Client::with(config)),
        false => quote!(Client::with(config, &rt::security::Credentials::presented(request))),
    };
    let mut items = vec![quote! {
        /// A client that presents the credentials of a request.
        ///
        /// # Errors
        /// Where the configuration is no good.
        pub fn connect(config: rt::client::Config, request: &rt::http::request::Parts) -> Result<Client, Error> {
            #connect
        }
    }];
    let groups: Vec<(Option<GroupId>, &Ident)> = match plan.groups.is_empty() {
        true => vec![(None, &plan.service)],
        false => plan.groups.iter().map(|group| (Some(group.id), &group.service)).collect(),
    };
    let check = plan.any_asks(&plan.operations).then(|| {
        quote! {
            type Principal = ();

            async fn check_credentials(&self, credentials: Credentials, context: &Context) -> HandlerResult<()> {
                self.check(&credentials, context)
            }
        }
    });
    let divided = check.iter().filter(|_| !plan.groups.is_empty());
    items.extend(divided.map(|check| implementation(&quote!(CheckCredentials), check)));
    let undivided = check.iter().filter(|_| plan.groups.is_empty());
    let undivided = quote!(#(#undivided)*);
    items.extend(groups.into_iter().map(|(group, service)| {
        let methods = plan.operations_of(group).map(method);
        implementation(&quote!(#service), &quote!(#undivided #(#methods)*))
    }));
    items
}

fn implementation(service: &TokenStream, methods: &TokenStream) -> TokenStream {
    quote! {
        impl server::#service for rt::contract::Stub {
            #methods
        }
    }
}

fn method(operation: &Operation) -> TokenStream {
    let Operation { name, key, request, response, .. } = operation;
    quote! {
        async fn #name(&self, _: server::#request, _: &Context) -> HandlerResult<#response> {
            self.answer(#key)
        }
    }
}

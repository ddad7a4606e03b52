//! A server that answers what it is told, in the operations' own types: the other end of the closed loop.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::plan::Plan;
use crate::plan::groups::GroupId;
use crate::plan::http::Operation;

/// The whole module; it has no parts.
pub(crate) fn stub(plan: &Plan) -> Vec<TokenStream> {
    let connect = match plan.schemes.is_empty() {
        true => quote!(let _ = request; Client::new(base_url)),
        false => quote!(Client::new(base_url, &rt::security::Credentials::presented(request))),
    };
    let mut items = vec![
        quote! {
            /// A client of the server at this URL, which presents what a request presents.
            ///
            /// # Errors
            /// Where it is no `http` or `https` URL.
            pub fn connect(base_url: &str, request: &rt::http::request::Parts) -> Result<Client, Error> {
                #connect
            }
        },
        quote! {
            /// Answers an operation, by its method and path, with what the function says.
            #[derive(Clone, Debug)]
            pub struct Stub<F>(pub F);
        },
    ];
    let groups: Vec<(Option<GroupId>, &Ident)> = match plan.groups.is_empty() {
        true => vec![(None, &plan.service)],
        false => plan.groups.iter().map(|group| (Some(group.id), &group.service)).collect(),
    };
    let check = plan.any_asks(&plan.operations).then(|| {
        quote! {
            async fn check_credentials(&self, _: Credentials, _: &Context) -> Handled<()> {
                Ok(())
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
        impl<F: Fn(&'static str) -> rt::contract::Response + Send + Sync + 'static> server::#service for Stub<F> {
            #methods
        }
    }
}

fn method(operation: &Operation) -> TokenStream {
    let Operation { name, key, request, response, .. } = operation;
    quote! {
        async fn #name(&self, _: server::#request, _: &Context) -> Handled<#response> {
            rt::contract::answer((self.0)(#key))
        }
    }
}

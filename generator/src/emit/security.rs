//! What client and server share of security: the struct of credentials, and what operations ask for.

use proc_macro2::TokenStream;
use quote::quote;

use descant_model::api::{Location, SchemeKind};

use crate::plan::Plan;
use crate::plan::http::{Scheme, Security, TokenUrl};

use super::doc;

/// The whole module.
pub(crate) fn security(plan: &Plan) -> Vec<TokenStream> {
    let credentials = (!plan.schemes.is_empty()).then(|| credentials(&plan.schemes));
    let token_urls = plan.schemes.iter().flat_map(|scheme| &scheme.token_urls).map(token_url);
    credentials.into_iter().chain(securities(&plan.securities)).chain(token_urls).collect()
}

fn token_url(TokenUrl { name, docs, url }: &TokenUrl) -> TokenStream {
    let docs = doc(docs);
    quote! {
        #docs
        pub const #name: &str = #url;
    }
}

/// The constants of what operations ask for.
fn securities(securities: &[Security]) -> Vec<TokenStream> {
    let securities = securities.iter().map(|Security { name, alternatives }| {
        let schemes = |all: &Vec<String>| match all.is_empty() {
            true => "anyone".to_owned(),
            false => format!("`{}`", all.join("` and `")),
        };
        let line = match alternatives.is_empty() {
            true => "Nothing is asked for.".to_owned(),
            false => format!("{}.", alternatives.iter().map(schemes).collect::<Vec<_>>().join(", or ")),
        };
        let line = super::line(&line);
        let alternatives = alternatives.iter().map(|schemes| quote!(&[#(#schemes),*]));
        quote! {
            #line
            pub const #name: Security = &[#(#alternatives),*];
        }
    });
    securities.collect()
}

/// The struct of credentials, a field for each scheme.
fn credentials(schemes: &[Scheme]) -> TokenStream {
    let schemes: Vec<(&Scheme, TokenStream, TokenStream)> = schemes
        .iter()
        .filter_map(|scheme| credential(&scheme.kind).map(|(ty, place)| (scheme, ty, place)))
        .collect();
    let fields = schemes.iter().map(|(Scheme { name, docs, .. }, ty, _)| {
        let docs = doc(docs);
        quote! {
            #docs
            pub #name: Option<#ty>,
        }
    });
    let rows = schemes.iter().map(|(Scheme { name, key, .. }, _, place)| quote!(#name = #key #place));
    let challenges =
        schemes.iter().filter_map(|(Scheme { key, challenge, .. }, ..)| Some((key, challenge.as_ref()?)));
    let challenges: Vec<TokenStream> = challenges.map(|(key, text)| quote!(#key => #text)).collect();
    let challenges = (!challenges.is_empty()).then(|| quote!(challenges { #(#challenges),* }));
    quote! {
        /// What a client may present, of which each call takes what its operation asks for and nothing else; and what a
        /// server finds in a request.
        #[derive(Clone, Debug, Default)]
        pub struct Credentials {
            #(#fields)*
        }
        rt::credentials! { Credentials { #(#rows),* } #challenges }
    }
}

/// The type of a credential and where it goes; `None` for a certificate, which the HTTP client presents.
fn credential(kind: &SchemeKind) -> Option<(TokenStream, TokenStream)> {
    let secret = quote!(rt::Secret);
    Some(match kind {
        SchemeKind::ApiKey { location: Location::Query, name } => (secret, quote!(Query(#name))),
        SchemeKind::ApiKey { location: Location::Cookie, name } => (secret, quote!(Cookie(#name))),
        SchemeKind::ApiKey { name, .. } => (secret, quote!(Header(#name))),
        SchemeKind::Basic => (quote!(rt::Basic), quote!(Basic)),
        SchemeKind::Bearer { .. } | SchemeKind::OAuth2 { .. } | SchemeKind::OpenIdConnect { .. } => {
            (secret, quote!(Bearer))
        }
        SchemeKind::Http { scheme } => (secret, quote!(Scheme(#scheme))),
        SchemeKind::MutualTls => return None,
    })
}

//! The client: one method an operation, each of them one call of the runtime.

use proc_macro2::TokenStream;
use quote::quote;

use descant_exchange::TextCodec;
use descant_model::api::ServerVariable;

use crate::plan::Plan;
use crate::plan::docs::Docs;
use crate::plan::http::{Codec, Content, Media, Operation, Parameter, Servers};
use crate::plan::items::GroupId;

use super::arguments::{argument, body_argument, is_copy};
use super::doc;
use super::links::follow;
use super::operations::{encoding_switches, encoding_word, location_word, shape_of};
use super::types::foreign;
use super::usage::with_usage;

/// Everything but the methods.
pub(crate) fn client(plan: &Plan) -> Vec<TokenStream> {
    let mut items: Vec<TokenStream> = Vec::new();
    items.extend((!plan.schemes.is_empty()).then(|| {
        quote!(
            pub use super::security::Credentials;
        )
    }));
    items.extend(plan.servers.iter().enumerate().map(servers));
    items.push(quote! {
        /// Calls the API. Cloning it shares connections.
        #[derive(Clone, Debug)]
        pub struct Client {
            core: Core,
        }
    });
    let new = if plan.schemes.is_empty() { new_for_anyone() } else { new_with_credentials() };
    items.push(quote!(impl Client { #new }));
    items
}

/// The methods of a group.
pub(crate) fn methods(plan: &Plan, group: Option<GroupId>) -> Vec<TokenStream> {
    let docs = group.and_then(|group| plan.group(group)).map(|group| doc(&Docs::new(&group.title)));
    let links = plan.links.iter().filter(|link| plan.stands_in(link, group));
    let links = links.filter_map(|link| follow(plan, link));
    let methods = plan.operations_of(group).map(|operation| method(plan, operation));
    let methods: Vec<TokenStream> = methods.chain(links).collect();
    let block = quote! {
        #docs
        impl Client {
            #(#methods)*
        }
    };
    if methods.is_empty() { Vec::new() } else { vec![block] }
}

/// A constant of servers; the first is the document's own.
fn servers((index, Servers { name, servers }): (usize, &Servers)) -> TokenStream {
    let servers = servers.iter().map(|server| {
        let url = &server.url;
        let variables = server.variables.iter().map(|(name, variable)| {
            let ServerVariable { default, values, .. } = variable;
            quote!(rt::client::Variable { name: #name, default: #default, values: &[#(#values),*] })
        });
        quote!(Server { url: #url, variables: &[#(#variables),*] })
    });
    let prose = match index {
        0 => " The servers that the document names.",
        _ => {
            " The servers of operations that have their own: a client of one of [`SERVERS`] calls them there."
        }
    };
    quote! {
        #[doc = #prose]
        pub const #name: &[Server] = &[#(#servers),*];
    }
}

fn new_with_credentials() -> TokenStream {
    quote! {
        /// A client of the server at this URL.
        ///
        /// # Errors
        /// Where it is no `http` or `https` URL.
        pub fn new(base_url: &str, credentials: &Credentials) -> Result<Self, Error> {
            Self::with(Config::new(base_url), credentials)
        }

        /// A client with timeouts, headers and middleware of your own.
        ///
        /// # Errors
        /// Where the configuration is no good.
        pub fn with(config: Config, credentials: impl Into<CredentialSource<Credentials>>) -> Result<Self, Error> {
            Ok(Self { core: Core::new(config, credentials)? })
        }
    }
}

fn new_for_anyone() -> TokenStream {
    quote! {
        /// A client of the server at this URL.
        ///
        /// # Errors
        /// Where it is no `http` or `https` URL.
        pub fn new(base_url: &str) -> Result<Self, Error> {
            Self::with(Config::new(base_url))
        }

        /// A client with timeouts, headers and middleware of your own.
        ///
        /// # Errors
        /// Where the configuration is no good.
        pub fn with(config: Config) -> Result<Self, Error> {
            Ok(Self { core: Core::new(config, &())? })
        }
    }
}

pub(super) fn method(plan: &Plan, operation: &Operation) -> TokenStream {
    let Operation { name, response, .. } = operation;
    let docs = doc(&with_usage(plan, operation));
    let deprecated = operation.deprecated.then(|| quote!(#[deprecated]));
    let required = operation.parameters.iter().filter(|parameter| parameter.required);
    let arguments = required.map(|parameter| {
        let name = &parameter.name;
        let ty = match plan.newtype_of(&parameter.ty) {
            Some(_) => {
                let ty = foreign(plan, &parameter.ty);
                quote!(impl Into<#ty>)
            }
            None => argument(plan, &parameter.ty),
        };
        quote!(#name: #ty,)
    });
    let body = operation.body.iter().map(|body| {
        let ty = body_argument(plan, body);
        quote!(body: #ty,)
    });
    let returned = operation.call.as_ref().map_or_else(|| quote!(Call<#response>), |call| quote!(#call));
    let url = operation.outgoing.then(|| quote!(url: &str,));
    let call = call(plan, operation);
    quote! {
        #docs
        #deprecated
        pub fn #name(&self, #url #(#arguments)* #(#body)*) -> #returned {
            #call
        }
    }
}

fn call(plan: &Plan, operation: &Operation) -> TokenStream {
    let key = &operation.key;
    let security = plan.securities.get(operation.security).map(|security| &security.name);
    let required = operation.parameters.iter().filter(|parameter| parameter.required);
    let parameters = required.map(|parameter| set(plan, parameter));
    let at = operation.outgoing.then(|| quote!(.at(url)));
    let own = operation.servers.and_then(|index| plan.servers.get(index)).map(|servers| &servers.name);
    let own = own.map(|name| quote!(.servers(SERVERS, #name)));
    let request = quote!(self.core.request(#key, #security) #at #own #(#parameters)*);
    let Some(body) = &operation.body else { return quote!(#request.send()) };
    let put = match &body.content {
        Content::One(media) => put(plan, media),
        Content::Choice(_) if body.required => quote!(.choice(body.into())),
        Content::Choice(_) => quote!(.choice(body)),
    };
    if body.required {
        return quote!(#request #put.send());
    }
    quote! {
        let call = #request;
        let call = match body {
            Some(body) => call #put,
            None => call,
        };
        call.send()
    }
}

/// The call that puts a body of a media type into a request.
fn put(plan: &Plan, media: &Media) -> TokenStream {
    let media_type = media.media_types.first();
    match media.codec {
        Codec::Json => quote!(.json(#media_type, body)),
        Codec::Shaped => {
            let shape = shape_of(plan, media);
            quote!(.shaped(#media_type, body, &#shape))
        }
        Codec::Text => quote!(.text(#media_type, body)),
        Codec::Stream => quote!(.body(#media_type, body)),
        Codec::Content => quote!(.content(body)),
        Codec::Multipart => quote!(.multipart(#media_type, body)),
        Codec::Lines => quote!(.lines(#media_type, body)),
        Codec::Data => quote!(.data(#media_type, body)),
        Codec::Events => quote!(.events(#media_type, body)),
    }
}

/// The call that sets a required parameter.
fn set(plan: &Plan, parameter: &Parameter) -> TokenStream {
    let Parameter { name, key, ty, codec, .. } = parameter;
    let word = encoding_word(codec.encoding());
    let switches = encoding_switches(codec.encoding());
    let named = plan.newtype_of(ty).map(|_| foreign(plan, ty));
    let value = match &named {
        Some(_) => quote!(&#name.into()),
        None if is_copy(plan, ty) => quote!(&#name),
        None => quote!(#name),
    };
    let of = named.map(|ty| quote!(::<#ty>));
    if let TextCodec::QueryString(media_type) = codec {
        return quote!(.query_string #of(#media_type, #value, &rt::param::Shape::STRING));
    }
    let method = location_word(parameter.location);
    quote!(.#method #of(#key, rt::param::#word #switches, #value))
}

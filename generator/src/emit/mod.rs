//! A plan as Rust source. Nothing here can fail, and every identifier comes from the plan.

mod client;
mod operations;
mod package;
mod server;
mod types;

use proc_macro2::TokenStream;
use quote::quote;

use crate::plan::docs::Docs;

use crate::plan::Plan;

pub(crate) use package::{lib_file, manifest};

/// `types.rs`: the types of schemas.
pub(crate) fn types_file(plan: &Plan) -> String {
    let head = quote! {
        //! The types of the document's schemas.

        use descant_runtime as rt;
    };
    print(head, types::types(plan))
}

/// `operations.rs`: what operations take and answer.
pub(crate) fn operations_file(plan: &Plan) -> String {
    let head = quote! {
        //! What the operations may be given, and what they answer.

        use descant_runtime as rt;
        use super::types;
    };
    print(head, operations::operations(plan))
}

/// `client.rs`: the client.
pub(crate) fn client_file(plan: &Plan) -> String {
    let head = quote! {
        //! The client: a method an operation.

        use descant_runtime as rt;
        use rt::client::{Config, Core, Error, Security};
        use super::operations::*;
        use super::types;
    };
    print(head, client::client(plan))
}

/// `server.rs`: the server.
pub(crate) fn server_file(plan: &Plan) -> String {
    let head = quote! {
        //! The server: a trait with a method an operation, and the routes to it.

        use descant_runtime as rt;
        use rt::server::{Context, Handled, NotWritten, Service};
        use super::operations::*;
        use super::types;
    };
    print(head, server::server(plan))
}

/// Doc attributes, a line each.
fn doc(docs: &Docs) -> TokenStream {
    let lines = docs.lines().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    quote!(#(#[doc = #lines])*)
}

/// Inner doc attributes of a file.
pub(crate) fn file_doc(docs: &Docs) -> TokenStream {
    let lines = docs.lines().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    quote!(#(#![doc = #lines])*)
}

/// A file: its head, then its items with a blank line between them.
fn print(head: TokenStream, items: Vec<TokenStream>) -> String {
    let parts = std::iter::once(head).chain(items).map(format);
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

/// What `emit` makes always parses; were it not so, the tokens themselves would show where.
fn format(tokens: TokenStream) -> String {
    match syn::parse2::<syn::File>(tokens.clone()) {
        Ok(file) => spaced(&prettyplease::unparse(&file)),
        Err(_) => tokens.to_string(),
    }
}

/// Blank lines where a person puts them: between methods, and below the prose of a file.
fn spaced(text: &str) -> String {
    const MEMBERS: [&str; 4] = ["    ///", "    pub ", "    fn ", "    #["];
    let mut spaced = String::with_capacity(text.len() + text.len() / 40);
    let mut before = "";
    for line in text.lines() {
        let below_prose = before.starts_with("//!") && !line.starts_with("//!");
        let between_methods = before == "    }" && MEMBERS.iter().any(|start| line.starts_with(start));
        if !line.is_empty() && (below_prose || between_methods) {
            spaced.push('\n');
        }
        spaced.push_str(line);
        spaced.push('\n');
        before = line;
    }
    spaced
}

//! A plan as Rust source. Nothing here can fail, and every identifier comes from the plan.

mod types;

use proc_macro2::TokenStream;
use quote::quote;

use crate::plan::docs::Docs;

use crate::plan::Plan;

/// `types.rs`: the types of schemas.
pub(crate) fn types_file(plan: &Plan) -> String {
    let head = quote! {
        //! The types of the document's schemas.

        use descant_runtime as rt;
    };
    print(head, types::types(plan))
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
        Ok(file) => prettyplease::unparse(&file),
        Err(_) => tokens.to_string(),
    }
}

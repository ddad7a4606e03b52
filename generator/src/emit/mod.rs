//! A plan as Rust source. Nothing here can fail, and every identifier comes from the plan.

mod types;

use proc_macro2::TokenStream;
use quote::quote;

use crate::plan::Plan;
use crate::plan::docs::Docs;

pub(crate) use types::types;

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

/// Formats a file. What `emit` makes always parses; were it not so, the tokens themselves would show where.
pub(crate) fn print(tokens: TokenStream) -> String {
    match syn::parse2::<syn::File>(tokens.clone()) {
        Ok(file) => prettyplease::unparse(&file),
        Err(_) => tokens.to_string(),
    }
}

/// A sentence on each type of a plan, for tests.
#[cfg(test)]
pub(crate) fn print_types(plan: &Plan) -> String {
    print(types(plan))
}

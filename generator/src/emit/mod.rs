//! A plan as Rust source. Nothing here can fail, and every identifier comes from the plan.

mod client;
mod contract;
mod operations;
mod package;
mod server;
mod types;

use std::collections::HashSet;

use proc_macro2::{Spacing, TokenStream, TokenTree};
use quote::quote;

use crate::plan::docs::Docs;

use crate::plan::Plan;

pub(crate) use package::manifest;

use crate::{Layout, Settings};

/// Every module by its name, the root among them.
pub(crate) fn modules(plan: &Plan, settings: &Settings) -> Vec<(&'static str, String)> {
    let parts = plan.parts(settings);
    let root = if settings.layout == Layout::Module { "mod" } else { "lib" };
    let mut modules = vec![(root, package::root(plan, settings)), ("types", types_file(plan))];
    if !plan.operations.is_empty() {
        modules.push(("operations", operations_file(plan)));
    }
    for (wanted, name, write) in [
        (parts.client, "client", client_file as fn(&Plan) -> String),
        (parts.contract, "contract", contract_file),
        (parts.server, "server", server_file),
    ] {
        if wanted {
            modules.push((name, write(plan)));
        }
    }
    modules
}

fn types_file(plan: &Plan) -> String {
    file("The types of the document's schemas.", &[Import::Runtime], types::types(plan))
}

fn operations_file(plan: &Plan) -> String {
    let prose = "What the operations may be given, and what they answer.";
    file(prose, &[Import::Runtime, Import::Types], operations::operations(plan))
}

fn client_file(plan: &Plan) -> String {
    let runtime = Import::From(quote!(rt::client), &["Call", "Config", "Core", "Error", "Security"]);
    let imports = [Import::Runtime, runtime, Import::operations(plan), Import::Types];
    file("The client: a method an operation.", &imports, client::client(plan))
}

fn contract_file(plan: &Plan) -> String {
    let imports = [
        Import::Runtime,
        Import::From(quote!(rt::client), &["Error"]),
        Import::From(quote!(rt::contract), &["Input", "Outcome"]),
        Import::From(quote!(super::client), &["Client"]),
        Import::operations(plan),
        Import::Types,
    ];
    let prose = "Calls an operation by its name, with values in place of typed arguments.";
    file(prose, &imports, contract::contract(plan))
}

fn server_file(plan: &Plan) -> String {
    let runtime = Import::From(quote!(rt::server), &["Context", "Handled", "NotWritten", "Service"]);
    let imports = [Import::Runtime, runtime, Import::operations(plan), Import::Types];
    let prose = "The server: a trait with a method an operation, and the routes to it.";
    file(prose, &imports, server::server(plan))
}

/// What a file imports; a name that it does not use is left out.
enum Import {
    /// The runtime, as `rt`.
    Runtime,
    /// Some names of a module.
    From(TokenStream, &'static [&'static str]),
    /// The types of operations, by these names.
    Operations(Vec<String>),
    /// The module of schemas' types.
    Types,
}

impl Import {
    fn operations(plan: &Plan) -> Import {
        let own = plan.operations.iter().flat_map(|one| one.options.iter().chain([&one.response]));
        let shared = plan.choices.iter().map(|one| &one.name).chain(plan.headers.iter().map(|one| &one.name));
        Import::Operations(own.chain(shared).map(ToString::to_string).collect())
    }

    fn write(&self, used: &HashSet<String>) -> Option<TokenStream> {
        match self {
            Import::Runtime => used.contains("rt::").then(|| {
                quote!(
                    use descant_runtime as rt;
                )
            }),
            Import::From(module, names) => {
                let names: Vec<_> = names.iter().filter(|name| used.contains(**name)).collect();
                let names = names.iter().map(|name| quote::format_ident!("{name}"));
                (names.len() > 0).then(|| quote!(use #module::{#(#names),*};))
            }
            Import::Operations(names) => {
                let any = names.iter().any(|name| used.contains(name));
                any.then(|| {
                    quote!(
                        use super::operations::*;
                    )
                })
            }
            Import::Types => used.contains("types::").then(|| {
                quote!(
                    use super::types;
                )
            }),
        }
    }
}

/// A file of a crate: what it is about, its imports and its items.
fn file(prose: &str, imports: &[Import], items: Vec<TokenStream>) -> String {
    let mut used = HashSet::new();
    items.iter().for_each(|item| identifiers(item.clone(), &mut used));
    // What is imported of the runtime is a use of the runtime: the first import is written last.
    let mut written: Vec<TokenStream> = Vec::new();
    for import in imports.iter().rev() {
        let import = import.write(&used);
        import.iter().for_each(|import| identifiers(import.clone(), &mut used));
        written.extend(import);
    }
    let prose = format!(" {prose}");
    let imports = written.iter().rev();
    print(quote!(#![doc = #prose] #(#imports)*), items)
}

/// Every identifier; one that a path begins with has `::` behind it.
fn identifiers(tokens: TokenStream, found: &mut HashSet<String>) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(name) => {
                let begins_path = matches!(tokens.peek(), Some(TokenTree::Punct(next)) if next.as_char() == ':' && next.spacing() == Spacing::Joint);
                found.extend(begins_path.then(|| format!("{name}::")));
                found.insert(name.to_string());
            }
            TokenTree::Group(group) => identifiers(group.stream(), found),
            _ => {}
        }
    }
}

/// Doc attributes, a line each.
fn doc(docs: &Docs) -> TokenStream {
    let lines = docs.lines().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    quote!(#(#[doc = #lines])*)
}

/// Inner doc attributes of a file.
fn file_doc(docs: &Docs) -> TokenStream {
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

//! A file of the output: what it is about, what it imports, its items, and how they are printed.

use std::collections::HashSet;

use proc_macro2::{Ident, Spacing, TokenStream, TokenTree};
use quote::{format_ident, quote};

use crate::plan::docs::Docs;
use crate::plan::items::GroupId;

use super::table;

/// A file on its way.
pub(super) struct Page {
    pub(super) docs: Docs,
    pub(super) imports: Vec<Import>,
    pub(super) items: Vec<TokenStream>,
}

/// What a file imports.
pub(super) enum Import {
    /// The runtime, as `rt`, where it is used.
    Runtime,
    /// Those of some names of a module that are used.
    Used(TokenStream, &'static [&'static str]),
    /// Those of some names of a module that are used, the names being the plan's.
    Planned(TokenStream, Vec<Ident>),
    /// Names of a module.
    Names(TokenStream, Vec<Ident>),
    /// All of a module where any of these names is used.
    Any(TokenStream, Vec<Ident>),
    /// A module itself, where a path begins with its name.
    Module(TokenStream, &'static str),
}

/// The path from a file to a module that stands beside its half.
pub(super) fn beside(group: Option<GroupId>, module: &str) -> TokenStream {
    let module = format_ident!("{module}");
    match group {
        None => quote!(super::#module),
        Some(_) => quote!(super::super::#module),
    }
}

impl Import {
    fn write(&self, used: &HashSet<String>) -> Option<TokenStream> {
        match self {
            Import::Runtime => used.contains("rt::").then(|| {
                quote!(
                    use descant_runtime as rt;
                )
            }),
            Import::Used(module, names) => {
                let names: Vec<_> = names.iter().filter(|name| used.contains(**name)).collect();
                let names = names.iter().map(|name| format_ident!("{name}"));
                (names.len() > 0).then(|| quote!(use #module::{#(#names),*};))
            }
            Import::Planned(module, names) => {
                let names: Vec<_> = names.iter().filter(|name| used.contains(&name.to_string())).collect();
                (!names.is_empty()).then(|| quote!(use #module::{#(#names),*};))
            }
            Import::Names(module, names) => (!names.is_empty()).then(|| quote!(use #module::{#(#names),*};)),
            Import::Any(module, names) => {
                names.iter().any(|name| used.contains(&name.to_string())).then(|| quote!(use #module::*;))
            }
            Import::Module(path, name) => used.contains(&format!("{name}::")).then(|| quote!(use #path;)),
        }
    }
}

impl Page {
    /// The file's text.
    pub(super) fn print(self) -> String {
        let mut used = HashSet::new();
        self.items.iter().for_each(|item| identifiers(item.clone(), &mut used));
        // What is imported of the runtime is a use of the runtime: the first import is written last.
        let mut written: Vec<TokenStream> = Vec::new();
        for import in self.imports.iter().rev() {
            let import = import.write(&used);
            import.iter().for_each(|import| identifiers(import.clone(), &mut used));
            written.extend(import);
        }
        let prose = file_doc(&self.docs);
        let imports = written.iter().rev();
        print(quote!(#prose #(#imports)*), self.items)
    }
}

/// Collects the identifiers that no path leads to, which an import may mean; one that a path begins with has `::` behind it.
fn identifiers(tokens: TokenStream, found: &mut HashSet<String>) {
    let mut tokens = tokens.into_iter().peekable();
    let mut colons = 0;
    while let Some(token) = tokens.next() {
        let is_qualified = colons == 2;
        colons =
            if matches!(&token, TokenTree::Punct(sign) if sign.as_char() == ':') { colons + 1 } else { 0 };
        match token {
            TokenTree::Ident(_) if is_qualified => {}
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
pub(super) fn doc(docs: &Docs) -> TokenStream {
    let lines = docs.lines().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    quote!(#(#[doc = #lines])*)
}

/// Documentation of one sentence, in which a text of the document may stand.
pub(super) fn line(text: &str) -> TokenStream {
    doc(&Docs::new(text))
}

/// Inner doc attributes of a file.
pub(super) fn file_doc(docs: &Docs) -> TokenStream {
    let lines = docs.lines().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    quote!(#(#![doc = #lines])*)
}

/// A file: its head, then its items with a blank line between them.
pub(super) fn print(head: TokenStream, items: Vec<TokenStream>) -> String {
    let parts = std::iter::once(head).chain(items).map(format);
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

/// What `emit` makes always parses; were it not so, the tokens themselves would show where.
fn format(tokens: TokenStream) -> String {
    match syn::parse2::<syn::File>(tokens.clone()) {
        Ok(file) => printed(file),
        Err(_) => tokens.to_string(),
    }
}

/// Items as rustfmt would have them, which leaves the tables of macros alone.
fn printed(file: syn::File) -> String {
    let syn::File { attrs, items, .. } = file;
    let mut text = String::new();
    let mut run = blank(attrs);
    for item in items {
        match item {
            syn::Item::Macro(syn::ItemMacro { mac, .. }) => {
                text.push_str(&spaced(&prettyplease::unparse(&run)));
                run = blank(Vec::new());
                let path: Vec<String> = mac.path.segments.iter().map(|part| part.ident.to_string()).collect();
                text.push_str(&table::print(&path.join("::"), mac.tokens));
            }
            item => run.items.push(item),
        }
    }
    text.push_str(&spaced(&prettyplease::unparse(&run)));
    text
}

fn blank(attrs: Vec<syn::Attribute>) -> syn::File {
    syn::File { shebang: None, frontmatter: None, attrs, items: Vec::new() }
}

/// Blank lines where a person puts them: between methods, and below the prose of a file.
fn spaced(text: &str) -> String {
    const MEMBERS: [&str; 4] = ["    ///", "    pub ", "    fn ", "    #["];
    let mut spaced = String::with_capacity(text.len() + text.len() / 40);
    let mut before = "";
    for line in text.lines() {
        let below_prose = before.starts_with("//!") && !line.starts_with("//!");
        let ends_method = before == "    }" || before.starts_with("    )") && before.ends_with(';');
        let between_methods = ends_method && MEMBERS.iter().any(|start| line.starts_with(start));
        if !line.is_empty() && (below_prose || between_methods) {
            spaced.push('\n');
        }
        spaced.push_str(line);
        spaced.push('\n');
        before = line;
    }
    spaced
}

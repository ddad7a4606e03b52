//! What holds the modules together: a crate's manifest, and the root.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::plan::Plan;
use crate::{Layout, Parts, Runtime, Settings, Versions};

use super::{file_doc, print};

/// `Cargo.toml`. A package's name is made of letters, digits and `-`, so that it needs no escaping.
pub(crate) fn manifest(package: &str, versions: &Versions, parts: Parts) -> String {
    let fields = match versions {
        Versions::Workspace => {
            "version.workspace = true\nedition.workspace = true\nrust-version.workspace = true\nlicense.workspace = true"
        }
        Versions::Own(_) => "version = \"0.1.0\"\nedition = \"2024\"\nrust-version = \"1.89\"",
    };
    let mut features: Vec<(&str, &str, &str)> = Vec::new();
    if parts.client {
        features.push(("client", "\"descant-runtime/client\"", "The client."));
    }
    if parts.server {
        features.push((
            "server",
            "\"descant-runtime/server\", \"dep:axum\"",
            "The server's trait and routes.",
        ));
    }
    let default: Vec<String> = features.iter().map(|(name, ..)| format!("\"{name}\"")).collect();
    if parts.contract {
        features.push(("contract", "\"client\"", "Calls by name, for contract tests."));
    }
    if parts.stub {
        features.push(("stub", "\"contract\", \"server\"", "A server that answers what it is told."));
    }
    let lines: String =
        features.iter().map(|(name, of, why)| format!("# {why}\n{name} = [{of}]\n")).collect();
    format!(
        "[package]\nname = \"{package}\"\npublish = false\n{fields}\n\n\
         # Documentation is the document's prose: none of it is a test.\n[lib]\ndoctest = false\n\n\
         [dependencies]\n{}\n[features]\ndefault = [{}]\n{lines}",
        dependencies(versions, parts),
        default.join(", "),
    )
}

fn dependencies(versions: &Versions, parts: Parts) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let (axum, runtime) = match versions {
        Versions::Workspace => ("workspace = true, ", "workspace = true".to_owned()),
        Versions::Own(runtime) => {
            let runtime = match runtime {
                Runtime::Registry => format!("version = \"{version}\""),
                Runtime::Path(path) => format!("path = {}", toml::Value::String(path.clone())),
                Runtime::Git(url) => format!("git = {}", toml::Value::String(url.clone())),
            };
            ("version = \"0.8.9\", default-features = false, ", runtime)
        }
    };
    let axum = if parts.server { format!("axum = {{ {axum}optional = true }}\n") } else { String::new() };
    format!("{axum}descant-runtime = {{ {runtime} }}\n")
}

/// `lib.rs` or `mod.rs`: what the API is, and the modules.
pub(crate) fn root(plan: &Plan, settings: &Settings) -> String {
    let docs = file_doc(&plan.docs);
    let skip =
        matches!(settings.layout, Layout::Crate { .. }).then(|| quote!(#![cfg_attr(rustfmt, rustfmt_skip)]));
    let head = quote! {
        #docs
        #skip
        #![allow(
            rustdoc::all,
            clippy::doc_lazy_continuation,
            clippy::doc_nested_refdefs,
            clippy::doc_overindented_list_items,
            reason = "the prose is the document's"
        )]
        #![allow(clippy::large_enum_variant, reason = "an answer is taken apart at once; a box would stand in the way")]
        #![allow(clippy::too_many_arguments, reason = "what is required is an argument")]
    };
    let parts = plan.parts(settings);
    let called = !plan.operations.is_empty();
    let any = called || !plan.webhooks.is_empty();
    let modules = [
        (!plan.callbacks.is_empty(), "callbacks", false),
        (called && parts.client, "client", true),
        (parts.contract, "contract", true),
        (any, "operations", false),
        (any, "security", false),
        (called && parts.server, "server", true),
        (parts.stub, "stub", true),
        (true, "types", false),
        (!plan.webhooks.is_empty(), "webhooks", false),
    ];
    let modules = modules.iter().filter(|(wanted, ..)| *wanted);
    let modules = modules.map(|(_, name, optional)| module(settings, name, *optional));
    print(head, vec![modules.collect()])
}

/// A module's declaration. In a crate each half is a feature; a module cannot add features to its crate.
fn module(settings: &Settings, name: &str, optional: bool) -> TokenStream {
    let feature = (optional && settings.layout != Layout::Module).then(|| quote!(#[cfg(feature = #name)]));
    let name = format_ident!("{name}");
    quote! {
        #feature
        #[rustfmt::skip]
        pub mod #name;
    }
}

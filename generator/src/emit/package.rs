//! What holds the modules together: a crate's manifest, and the root.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::plan::Plan;
use crate::{Layout, Parts, Runtime, Settings, Versions};

use super::{file_doc, print};

/// `Cargo.toml`. A package's name is made of letters, digits and `-`, so that it needs no escaping.
pub(crate) fn manifest(
    package: &str,
    versions: &Versions,
    parts: Parts,
    (tls, backtracks): (bool, bool),
    needed: &[(String, String)],
) -> String {
    let fields = match versions {
        Versions::Workspace => {
            "version.workspace = true\nedition.workspace = true\nrust-version.workspace = true\nlicense.workspace = true"
        }
        Versions::Own => "version = \"0.1.0\"\nedition = \"2024\"\nrust-version = \"1.89\"",
    };
    let mut features: Vec<(&str, &str, &str)> = Vec::new();
    if parts.client {
        features.push(("client", "\"descant-runtime/client\"", "The client."));
    }
    if parts.server {
        features.push((
            "server",
            match backtracks {
                true => "\"descant-runtime/server\", \"descant-runtime/backtracking\", \"dep:axum\"",
                false => "\"descant-runtime/server\", \"dep:axum\"",
            },
            "The server's trait and routes.",
        ));
    }
    let mut default: Vec<String> = features.iter().map(|(name, ..)| format!("\"{name}\"")).collect();
    default.extend((parts.client && tls).then(|| "\"tls\"".to_owned()));
    if parts.client {
        features.push(("tls", "\"client\", \"descant-runtime/tls\"", "HTTPS for the client, by rustls."));
        features.push(("blocking", "\"client\", \"descant-runtime/blocking\"", "Calls without async."));
    }
    if parts.client || parts.server {
        let why = "Spans of calls, and events for faults of the server's own responses.";
        features.push(("tracing", "\"descant-runtime/tracing\"", why));
    }
    if parts.contract {
        features.push(("contract", "\"client\"", "Calls by name, for contract tests."));
    }
    if parts.stub {
        features.push(("stub", "\"contract\", \"server\"", "A server whose answers come from elsewhere."));
    }
    let lines: String =
        features.iter().map(|(name, of, why)| format!("# {why}\n{name} = [{of}]\n")).collect();
    format!(
        "[package]\nname = \"{package}\"\npublish = false\n{fields}\n\n\
         # Documentation is the document's prose: none of it is a test.\n[lib]\ndoctest = false\n\n\
         [dependencies]\n{}\n[features]\ndefault = [{}]\n{lines}",
        dependencies(versions, parts, needed),
        default.join(", "),
    )
}

fn dependencies(versions: &Versions, parts: Parts, needed: &[(String, String)]) -> String {
    let lines = needed.iter().map(|(name, requirement)| match (versions, name.as_str()) {
        (Versions::Workspace, "axum") => "axum = { workspace = true, optional = true }\n".to_owned(),
        (Versions::Workspace, name) => format!("{name} = {{ workspace = true }}\n"),
        (Versions::Own, "axum") if parts.server => {
            format!("axum = {}, optional = true }}\n", requirement.trim_end_matches(" }"))
        }
        (Versions::Own, name) => format!("{name} = {requirement}\n"),
    });
    lines.collect()
}

/// What the output depends on, each with what stands behind its name in a manifest. A crate of its own
/// has features that select those of the runtime; a module cannot add features to its crate.
pub(crate) fn needed(plan: &Plan, settings: &Settings) -> Vec<(String, String)> {
    let parts = plan.parts(settings);
    let mut needed = Vec::new();
    if parts.server {
        needed.push(("axum", "{ version = \"0.8.9\", default-features = false }".to_owned()));
    }
    let runtime = match &settings.runtime {
        Runtime::Registry => format!("version = \"{}\"", env!("CARGO_PKG_VERSION")),
        Runtime::Path(path) => format!("path = {}", toml::Value::String(path.clone())),
        Runtime::Git(url) => format!("git = {}", toml::Value::String(url.clone())),
        Runtime::Vendored => "path = \"runtime\"".to_owned(),
    };
    let halves = [
        (parts.client, "\"client\""),
        (parts.client && plan.needs_tls(), "\"tls\""),
        (parts.server, "\"server\""),
        (parts.server && plan.backtracks(), "\"backtracking\""),
    ];
    let halves: Vec<&str> = halves.into_iter().filter(|(wanted, _)| *wanted).map(|(_, half)| half).collect();
    let features = match settings.layout {
        Layout::Module if !halves.is_empty() => format!(", features = [{}]", halves.join(", ")),
        _ => String::new(),
    };
    needed.push(("descant-runtime", format!("{{ {runtime}{features} }}")));
    needed.extend(plan.dependencies().into_iter().map(|one| (one.name, one.requirement())));
    needed.sort();
    needed.into_iter().map(|(name, requirement)| (name.to_owned(), requirement)).collect()
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
        (!plan.callbacks.is_empty(), "callbacks", None),
        (parts.server && !plan.checks.is_empty(), "checks", Some("server")),
        (called && parts.client, "client", Some("client")),
        (parts.contract, "contract", Some("contract")),
        (any, "operations", None),
        (any, "security", None),
        (called && parts.server, "server", Some("server")),
        (!plan.shapes.is_empty(), "shapes", None),
        (parts.stub, "stub", Some("stub")),
        (true, "types", None),
        (!plan.webhooks.is_empty(), "webhooks", None),
    ];
    let modules = modules.iter().filter(|(wanted, ..)| *wanted);
    let modules = modules.map(|(_, name, feature)| module(settings, name, *feature));
    print(head, vec![modules.collect()])
}

/// A module's declaration. In a crate each half is a feature; a module cannot add features to its crate.
fn module(settings: &Settings, name: &str, feature: Option<&str>) -> TokenStream {
    let feature = feature.filter(|_| settings.layout != Layout::Module);
    let feature = feature.map(|feature| quote!(#[cfg(feature = #feature)]));
    let visible = (!matches!(name, "checks" | "shapes")).then(|| quote!(pub));
    let name = format_ident!("{name}");
    quote! {
        #feature
        #[rustfmt::skip]
        #visible mod #name;
    }
}

//! What makes a crate of the modules: its manifest and its root.

use quote::quote;

use crate::Settings;
use crate::plan::Plan;

use super::{file_doc, print};

/// `Cargo.toml`, as a member of a workspace that states the versions.
pub(crate) fn manifest(settings: &Settings) -> String {
    let Settings { package, client, server, .. } = settings;
    let mut features = Vec::new();
    let mut lines = String::new();
    if *client {
        features.push("\"client\"");
        lines.push_str("# The client.\nclient = [\"descant-runtime/client\"]\n");
        lines.push_str("# Calls by name, for contract tests.\ncontract = [\"client\"]\n");
    }
    if *server {
        features.push("\"server\"");
        lines.push_str(
            "# The server's trait and router.\nserver = [\"descant-runtime/server\", \"dep:axum\"]\n",
        );
    }
    let axum = if *server { "axum = { workspace = true, optional = true }\n" } else { "" };
    format!(
        "[package]\nname = \"{package}\"\npublish = false\nversion.workspace = true\nedition.workspace = true\n\
         rust-version.workspace = true\nlicense.workspace = true\n\n\
         # Documentation is the document's prose: none of it is a test.\n[lib]\ndoctest = false\n\n\
         [dependencies]\n{axum}descant-runtime.workspace = true\n\n\
         [features]\ndefault = [{}]\n{lines}",
        features.join(", ")
    )
}

/// `lib.rs`: what the crate is, and its modules.
pub(crate) fn lib_file(plan: &Plan, settings: &Settings) -> String {
    let docs = file_doc(&plan.docs);
    let any = !plan.operations.is_empty();
    let client = (any && settings.client).then(|| {
        quote! {
            #[cfg(feature = "client")]
            #[rustfmt::skip]
            pub mod client;
            #[cfg(feature = "contract")]
            #[rustfmt::skip]
            pub mod contract;
        }
    });
    let server = (any && settings.server).then(|| {
        quote! {
            #[cfg(feature = "server")]
            #[rustfmt::skip]
            pub mod server;
        }
    });
    let operations = any.then(|| {
        quote! {
            #[rustfmt::skip]
            pub mod operations;
        }
    });
    let head = quote! {
        #docs
        #![cfg_attr(rustfmt, rustfmt_skip)]
        #![allow(rustdoc::all, clippy::doc_lazy_continuation, clippy::doc_overindented_list_items, clippy::doc_nested_refdefs, reason = "the prose is the document's")]
        #![allow(clippy::large_enum_variant, reason = "an answer is taken apart at once; a box would stand in the way")]
        #![allow(clippy::too_many_arguments, reason = "what an operation requires are its arguments")]
    };
    let modules = quote! {
        #client
        #operations
        #server
        #[rustfmt::skip]
        pub mod types;
    };
    print(head, vec![modules])
}

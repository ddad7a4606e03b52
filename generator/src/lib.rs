//! A Descant model as Rust source: types, client and server.
//!
//! [`generate`] is the pipeline: a plan decides everything, `emit` turns it into text, [`output::apply`] brings a
//! folder up to date with it.

mod emit;
pub mod output;
mod plan;

use descant_model::api::Api;
use descant_model::diagnostic::Diagnostics;

use output::{File, MARK};
use plan::Plan;

/// What is to be made of a document.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The package.
    pub package: String,
    /// What the API is called: the server's trait has this name.
    pub name: String,
    /// What the files say they were generated from: a path, as a reader of them would write it.
    pub source: String,
    /// Whether to make a client.
    pub client: bool,
    /// Whether to make a server.
    pub server: bool,
}

/// What was made of a document.
#[derive(Clone, Debug, Default)]
pub struct Generated {
    /// Every file, in the order of their paths.
    pub files: Vec<File>,
    /// What was left out, and what may not be what was meant.
    pub diagnostics: Diagnostics,
}

/// Makes a crate of an API.
pub fn generate(api: &Api, settings: &Settings) -> Generated {
    let (plan, diagnostics) = Plan::new(api, settings);
    let mut files = vec![
        file(settings, "Cargo.toml", "#", emit::manifest(settings)),
        file(settings, "src/lib.rs", "//", emit::lib_file(&plan, settings)),
        file(settings, "src/types.rs", "//", emit::types_file(&plan)),
    ];
    if !plan.operations.is_empty() {
        files.push(file(settings, "src/operations.rs", "//", emit::operations_file(&plan)));
        if settings.client {
            files.push(file(settings, "src/client.rs", "//", emit::client_file(&plan)));
            files.push(file(settings, "src/contract.rs", "//", emit::contract_file(&plan)));
        }
        if settings.server {
            files.push(file(settings, "src/server.rs", "//", emit::server_file(&plan)));
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Generated { files, diagnostics }
}

fn file(settings: &Settings, path: &str, comment: &str, text: String) -> File {
    let source: String = settings.source.chars().filter(|c| !c.is_control()).collect();
    let text = format!(
        "{comment} {MARK} from {source}. Changes are lost: change the document, or what it leaves to you.\n\n{text}"
    );
    File { path: path.to_owned(), text }
}

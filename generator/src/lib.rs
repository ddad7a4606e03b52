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
    /// What the API is called: the server's trait has this name.
    pub name: String,
    /// What the files say they were generated from: a path, as a reader of them would write it.
    pub source: String,
    /// Which halves to make beside the types.
    pub parts: Parts,
    /// What the files are together.
    pub layout: Layout,
}

/// The parts of the output; types are always made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// A client.
    pub client: bool,
    /// A server's trait and its routes.
    pub server: bool,
    /// Calls of the client by name, for contract tests.
    pub contract: bool,
    /// A server that answers what it is told, for the closed loop of client and server.
    pub stub: bool,
}

/// What the files are together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    /// A module of somebody's crate: `mod.rs` and what it declares.
    Module,
    /// A crate with a feature for each half.
    Crate {
        /// The package's name.
        package: String,
        /// Where the versions of its dependencies stand.
        versions: Versions,
    },
}

/// Where the versions of dependencies stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Versions {
    /// In the workspace that the crate is a member of.
    Workspace,
    /// In the crate's own manifest.
    Own(Runtime),
}

/// Where a crate of its own has the runtime from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Runtime {
    /// The registry, in the generator's own version.
    Registry,
    /// A folder.
    Path(String),
    /// A repository.
    Git(String),
}

/// What was made of a document.
#[derive(Clone, Debug, Default)]
pub struct Generated {
    /// Every file, in the order of their paths.
    pub files: Vec<File>,
    /// What was left out, and what may not be what was meant.
    pub diagnostics: Diagnostics,
}

/// Makes Rust source of an API.
pub fn generate(api: &Api, settings: &Settings) -> Generated {
    let (plan, diagnostics) = Plan::new(api, settings);
    let mut files: Vec<File> = emit::modules(&plan, settings)
        .into_iter()
        .map(|(name, text)| match &settings.layout {
            Layout::Module => file(settings, &format!("{name}.rs"), "//", &text),
            Layout::Crate { .. } => file(settings, &format!("src/{name}.rs"), "//", &text),
        })
        .collect();
    if let Layout::Crate { package, versions } = &settings.layout {
        let manifest = emit::manifest(package, versions, plan.parts(settings));
        files.push(file(settings, "Cargo.toml", "#", &manifest));
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Generated { files, diagnostics }
}

fn file(settings: &Settings, path: &str, comment: &str, text: &str) -> File {
    let source: String = settings.source.chars().filter(|c| !c.is_control()).collect();
    let text = format!("{comment} {MARK} from {source}. Changes are lost.\n\n{text}");
    File { path: path.to_owned(), text }
}

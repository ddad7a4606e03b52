//! A Descant model as Rust source: types, client and server.
//!
//! [`generate`] is the pipeline: a plan decides everything, `emit` turns it into text, [`output::apply`] brings a
//! folder up to date with it.
//!
#![doc = include_str!("../README.md")]

mod build;
mod emit;
mod formats;
mod lock;
pub mod output;
mod plan;
pub mod report;
mod settings;
mod vendored;

use std::borrow::Cow;
use std::sync::Arc;

use descant_model::api::{Api, Operation};
use descant_model::codes::Code;
use descant_model::diagnostic::{Diagnostic, Diagnostics};

pub use build::{Build, CargoOutput};
pub use lock::Lock;
pub use settings::Config;

use output::{File, LOCK_FILE, MARK};
use plan::Plan;
use report::Report;

/// What is to be made of a document.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// What the API is called: the server's trait has this name.
    pub name: String,
    /// What the files say they were generated from: a path, as a reader of them would write it.
    pub source: String,
    /// Which halves to make beside the types.
    pub parts: Parts,
    /// What the files are together.
    pub layout: Layout,
    /// Where it has the runtime from.
    pub runtime: Runtime,
    /// What the user decides (`descant.toml`).
    pub config: Config,
    /// How collisions of names were settled before (`descant.lock`).
    pub lock: Lock,
}

/// The parts of the output. The types that a part needs are always made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// A client.
    pub client: bool,
    /// A server's trait and its routes.
    pub server: bool,
    /// Webhooks and callbacks: with `client` who sends them, with `server` who receives them.
    pub webhooks: bool,
    /// The types of all schemas, needed or not, and that they can be compared.
    pub types: bool,
    /// Calls of the client by name, for contract tests.
    pub contract: bool,
    /// A server whose answers come from elsewhere, for the closed loop of client and server.
    pub stub: bool,
}

impl Parts {
    /// What is made where nothing is asked for by name.
    pub const USUAL: Parts =
        Parts { client: true, server: true, webhooks: true, types: true, contract: false, stub: false };
}

/// What the files are together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// A module of somebody's crate: `mod.rs` and what it declares.
    #[default]
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
    Own,
}

/// Where the output has the runtime from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Runtime {
    /// The registry, in the generator's own version.
    #[default]
    Registry,
    /// A folder.
    Path(String),
    /// A repository.
    Git(String),
    /// Beside the output, as a crate in `runtime/`.
    Vendored,
}

impl Runtime {
    /// `registry`, `path:DIR`, `git:URL` or `vendored`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Runtime> {
        match (text, text.split_once(':')) {
            ("registry", _) => Some(Runtime::Registry),
            ("vendored", _) => Some(Runtime::Vendored),
            (_, Some(("path", path))) => Some(Runtime::Path(path.to_owned())),
            (_, Some(("git", url))) => Some(Runtime::Git(url.to_owned())),
            _ => None,
        }
    }
}

/// What was made of a document.
#[derive(Clone, Debug, Default)]
pub struct Generated {
    /// Every file, in the order of their paths.
    pub files: Vec<File>,
    /// What it depends on: each crate with what stands behind its name in a manifest.
    pub dependencies: Vec<(String, String)>,
    /// What was left out, and what may not be what was meant.
    pub diagnostics: Diagnostics,
    /// What came of everything that the document states.
    pub report: Report,
}

/// Makes Rust source of an API.
pub fn generate(api: &Api, settings: &Settings) -> Generated {
    let mut unused = Diagnostics::default();
    let whole = api;
    let api = picked(api, &settings.config, &mut unused);
    let (plan, lock, mut diagnostics) = Plan::new(&api, settings);
    diagnostics.extend(unused);
    let report = report::report(&api, whole, &plan, settings, &mut diagnostics);
    let mut files: Vec<File> = emit::modules(&plan, settings)
        .into_iter()
        .map(|(name, text)| match &settings.layout {
            Layout::Module => file(settings, &format!("{name}.rs"), "//", &text),
            Layout::Crate { .. } => file(settings, &format!("src/{name}.rs"), "//", &text),
        })
        .collect();
    let dependencies = emit::needed(&plan, settings);
    if let Layout::Crate { package, versions } = &settings.layout {
        let manifest = emit::manifest(
            package,
            versions,
            plan.parts(settings),
            (plan.needs_tls(), plan.backtracks()),
            &dependencies,
        );
        files.push(file(settings, "Cargo.toml", "#", &manifest));
    }
    if settings.runtime == Runtime::Vendored {
        files.extend(vendored::files());
    }
    files.extend(lock.text().map(|text| file(settings, LOCK_FILE, "#", &text)));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Generated { files, dependencies, diagnostics, report }
}

/// The API with the operations that the settings leave in it.
fn picked<'a>(api: &'a Api, config: &Config, unused: &mut Diagnostics) -> Cow<'a, Api> {
    for pick in config.include.iter().chain(&config.exclude) {
        if !api.operations.iter().any(|operation| pick.admits(operation)) {
            let message = "No operation answers to this";
            unused.push(Diagnostic::new(Code::SettingsUnused, message, &pick.origin));
        }
    }
    if !config.picks() {
        return Cow::Borrowed(api);
    }
    Cow::Owned(without(api, |operation| config.keeps(operation)))
}

/// The API with some of its operations: links to the others lead nowhere.
fn without(api: &Api, keeps: impl Fn(&Operation) -> bool) -> Api {
    let mut kept = 0;
    let places =
        api.operations.iter().map(|operation| keeps(operation).then(|| kept += 1).map(|()| kept - 1));
    let places: Vec<Option<usize>> = places.collect();
    let mut api = api.clone();
    api.operations.retain(keeps);
    let responses = api.operations.iter_mut().flat_map(|operation| &mut operation.responses);
    for (_, response) in responses.filter(|(_, response)| !response.links.is_empty()) {
        for link in Arc::make_mut(response).links.values_mut() {
            link.operation = link.operation.and_then(|index| places.get(index).copied().flatten());
        }
    }
    api
}

/// The name of the module that is made of a document of a name.
pub(crate) fn module_name(name: &str) -> String {
    plan::names::Scope::default().name(name, plan::names::Case::Snake).to_string()
}

fn file(settings: &Settings, path: &str, comment: &str, text: &str) -> File {
    let source: String = settings.source.chars().filter(|c| !c.is_control()).collect();
    let source = plan::docs::Docs::new(&source).lines().collect::<String>();
    let text = format!("{comment} {MARK} from {source}. Changes are lost.\n\n{text}");
    File { path: path.to_owned(), text }
}

//! `descant generate`: writes a client and a server, or reports stale files.

use std::path::{Path, PathBuf};

use descant_generator::output::{Change, Mode, apply};
use descant_generator::{Config, Generated, Layout, Lock, Parts, Runtime, Settings, Versions, generate};
use descant_model::api::Api;
use descant_model::codes::Code;
use descant_model::diagnostic::{Diagnostic, Severity};
use descant_model::load::Loaded;
use descant_model::render::{Format, render};
use descant_model::source::Sources;

use crate::exit::{self, Exit};
use crate::load;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The OpenAPI document
    #[arg(value_name = "FILE")]
    document: PathBuf,
    /// The folder to write to: a module of your crate, such as `src/api`
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Generate the client and its types; with --server, or without any of these flags, all parts
    #[arg(long)]
    client: bool,
    /// Generate the server's trait and routes, and their types
    #[arg(long)]
    server: bool,
    /// Generate webhooks and callbacks: senders with --client, receivers with --server
    #[arg(long)]
    webhooks: bool,
    /// Generate the types of all schemas, with `PartialEq`
    #[arg(long)]
    types: bool,
    /// The name of the API and of the server's trait [default: the document's file name]
    #[arg(long)]
    name: Option<String>,
    /// Generate a crate of this name, with a manifest, instead of a module
    #[arg(long = "crate", value_name = "NAME")]
    package: Option<String>,
    /// The source of the runtime: `registry`, `path:DIR`, `git:URL`, or `vendored`, which writes its source
    /// beside the output [default: that of the settings, else `registry`]
    #[arg(long, value_name = "WHERE")]
    runtime: Option<String>,
    /// The settings file [default: `descant.toml` beside the document, if it exists]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Write nothing; print a diff and exit with 1 if a file is stale
    #[arg(long)]
    check: bool,
    /// Generate the valid part of a document with errors: operations with an error are left out
    #[arg(long)]
    keep_going: bool,
    /// Write a list of everything in the document, with its outcome, as JSON
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[command(flatten)]
    load: load::Args,
}

/// Runs the subcommand.
pub(crate) fn run(args: Args) -> Exit {
    match settings(&args).and_then(|settings| bring_up_to_date(&args, settings)) {
        Ok((changes, generated)) => tell(&args, &changes, &generated),
        Err(exit) => exit,
    }
}

fn settings(args: &Args) -> Result<Settings, Exit> {
    exit::existing(&args.document)?;
    let every = !(args.client || args.server || args.webhooks || args.types) || args.client && args.server;
    let stem = args.document.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Settings {
        name: args.name.clone().unwrap_or(stem),
        source: file_name(&args.document),
        parts: Parts {
            client: every || args.client,
            server: every || args.server,
            webhooks: every || args.webhooks,
            types: every || args.types,
            contract: false,
            stub: false,
        },
        layout: match &args.package {
            None => Layout::Module,
            Some(package) => Layout::Crate { package: checked(package)?, versions: Versions::Own },
        },
        lock: Lock::read(&args.out).map_err(exit::broken)?,
        ..Settings::default()
    })
}

/// Returns the file name only: the folder differs between machines, and the output must not.
fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn checked(package: &str) -> Result<String, Exit> {
    let begins = package.starts_with(|c: char| c.is_ascii_alphabetic());
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    match begins && package.chars().all(fits) {
        true => Ok(package.to_owned()),
        false => Err(exit::usage(format_args!("`{package}` cannot be the name of a crate"))),
    }
}

fn runtime(args: &Args, config: &Config) -> Result<Runtime, Exit> {
    let Some(text) = &args.runtime else { return Ok(config.runtime.clone().unwrap_or_default()) };
    Runtime::parse(text).ok_or_else(|| exit::usage(format_args!("invalid source of the runtime: `{text}`")))
}

/// Generates all files before it writes the first; a document with errors leaves the output unchanged, except with
/// `--keep-going`.
fn bring_up_to_date(args: &Args, settings: Settings) -> Result<(Vec<Change>, Generated), Exit> {
    let mut loaded = args.load.load(&args.document)?;
    let config = Config::read(&args.document, args.config.as_deref(), &mut loaded.sources);
    let (config, faults) = config.map_err(exit::broken)?;
    let faults = faults.into_sorted();
    // With invalid settings, the output would not be the requested one.
    let settled = faults.iter().all(|fault| fault.severity != Severity::Error);
    let api = loaded.api.take().filter(|_| settled);
    loaded.diagnostics.extend(faults);
    let api = sound(args, &loaded, api)?;
    let settings = Settings { runtime: runtime(args, &config)?, config, ..settings };
    hint_at_webhooks(&api, &settings);
    let mut generated = generate(&api, &settings);
    if let Some(path) = &args.report {
        let written = std::fs::write(path, generated.report.to_json(&loaded.sources));
        written.map_err(|error| exit::broken(format_args!("{}: {error}", path.display())))?;
    }
    say_what_is_left_out(std::mem::take(&mut generated.diagnostics).into_sorted(), &loaded.sources);
    let mode = if args.check { Mode::Check } else { Mode::Write };
    let changes = apply(&args.out, &generated.files, mode).map_err(exit::broken)?;
    Ok((changes, generated))
}

/// Prints a hint at webhooks and callbacks that are not generated.
fn hint_at_webhooks(api: &Api, settings: &Settings) {
    let callbacks: usize = api.operations.iter().map(|operation| operation.callbacks.len()).sum();
    let count = api.webhooks.len() + callbacks;
    if count > 0 && !settings.parts.webhooks {
        let verb = if count == 1 { "webhook or callback is" } else { "webhooks and callbacks are" };
        anstream::eprintln!("{count} {verb} not generated; use `--webhooks`");
    }
}

/// Prints findings, and only the number of notes: they concern single keywords, and a document may have thousands.
fn say_what_is_left_out(findings: Vec<Diagnostic>, sources: &Sources) {
    let (notes, left_out): (Vec<_>, Vec<_>) =
        findings.into_iter().partition(|finding| finding.severity == Severity::Note);
    anstream::eprint!("{}", render(Format::Human, &left_out, sources));
    for (code, one, many, rest) in [
        (Code::SettingsExcluded, "operation is", "operations are", "excluded by the settings"),
        (Code::Unchecked, "constraint is", "constraints are", "neither checked nor documented"),
    ] {
        let count = notes.iter().filter(|note| note.code == code).count();
        let noun = if count == 1 { one } else { many };
        if count > 0 {
            anstream::eprintln!("{count} {noun} {rest}; `--report FILE` lists them");
        }
    }
}

/// Returns the API, or its valid part; prints errors and the number of warnings.
fn sound(args: &Args, loaded: &Loaded, api: Option<Api>) -> Result<Api, Exit> {
    let (errors, others): (Vec<Diagnostic>, Vec<Diagnostic>) =
        loaded.diagnostics.iter().cloned().partition(|finding| finding.severity == Severity::Error);
    if !others.is_empty() {
        let path = args.document.display();
        let plural = if others.len() == 1 { "" } else { "s" };
        anstream::eprintln!("{path}: {} warning{plural}; `descant lint {path}` lists them", others.len());
    }
    anstream::eprint!("{}", render(Format::Human, &errors, &loaded.sources));
    if errors.is_empty() || api.is_none() {
        return api.ok_or(Exit::Failed);
    }
    match args.keep_going {
        true => anstream::eprintln!("operations and components with errors are left out"),
        false => anstream::eprintln!("nothing is written; `--keep-going` generates the valid part"),
    }
    api.filter(|_| args.keep_going).ok_or(Exit::Failed)
}

fn tell(args: &Args, changes: &[Change], generated: &Generated) -> Exit {
    let out = args.out.display();
    for change in changes {
        exit::print(&format!("{out}/{}{}\n", change.path, items(change)));
        if args.check {
            exit::print(&change.diff);
        }
    }
    if changes.is_empty() {
        exit::print(&format!("{out} is up to date\n"));
    }
    if args.check && !changes.is_empty() {
        let document = args.document.display();
        anstream::eprintln!(
            "{out} is stale: run `descant generate {document} --out {out}` with the same options"
        );
        return Exit::Failed;
    }
    if !changes.is_empty() {
        let next = if args.package.is_none() { needs(args, generated) } else { builds(generated) };
        anstream::eprint!("{next}");
    }
    Exit::Ok
}

/// Returns the runtime in the clone that this command was built from: the crate is not published yet.
fn runtime_of_clone() -> Option<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime").canonicalize().ok()
}

/// Returns how a generated crate is built while its runtime is not published.
fn builds(generated: &Generated) -> String {
    let by_version =
        |(name, requirement): &(String, String)| name == "descant-runtime" && requirement.contains("version");
    match runtime_of_clone().filter(|_| generated.dependencies.iter().any(by_version)) {
        Some(path) => format!(
            "descant-runtime is not published yet; until then, build the crate with\n  cargo build --config 'patch.crates-io.descant-runtime.path={:?}'\n",
            path.display().to_string()
        ),
        None => String::new(),
    }
}

/// Returns the dependencies that a crate needs for the module.
fn needs(args: &Args, generated: &Generated) -> String {
    let lines = generated.dependencies.iter().map(|(name, requirement)| {
        // The vendored runtime is in the output folder.
        let beside = format!("path = {:?}", args.out.join("runtime"));
        let mut requirement = requirement.replace("path = \"runtime\"", &beside);
        if let Some(path) = runtime_of_clone().filter(|_| name == "descant-runtime") {
            let version = concat!("version = \"", env!("CARGO_PKG_VERSION"), "\"");
            requirement = requirement.replace(version, &format!("path = {:?}", path.display().to_string()));
        }
        format!("  {name} = {requirement}\n")
    });
    format!("Add to [dependencies] of the crate that contains it:\n{}", lines.collect::<String>())
}

/// Returns the first few changed items.
fn items(change: &Change) -> String {
    const MOST: usize = 8;
    let names: Vec<&str> = change.items.iter().take(MOST).map(String::as_str).collect();
    let more = change.items.len().saturating_sub(MOST);
    match (names.is_empty(), more) {
        (true, _) => String::new(),
        (false, 0) => format!(": {}", names.join(", ")),
        (false, more) => format!(": {} and {more} more", names.join(", ")),
    }
}

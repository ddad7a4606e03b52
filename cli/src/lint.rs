//! `descant lint`: reports mistakes in documents, with suggested corrections.

use std::path::{Path, PathBuf};

use descant_model::check::Version;
use descant_model::diagnostic::{Diagnostic, Diagnostics, Severity};
use descant_model::load::Loaded;
use descant_model::render::{self, render};
use descant_model::source::Sources;

use crate::baseline::Baseline;
use crate::examples;
use crate::exit::{self, Exit};
use crate::load;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The OpenAPI documents: files, URLs, or `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    documents: Vec<PathBuf>,
    #[command(flatten)]
    load: load::Args,
    /// The format of findings on standard output
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Report warnings as errors
    #[arg(long, value_name = "WHAT")]
    deny: Option<Deny>,
    /// Omit the findings listed in this file; an entry without a finding is an error
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write all findings to the baseline file instead of reporting them
    #[arg(long, requires = "baseline")]
    write_baseline: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// With an excerpt of the source
    Human,
    /// `file:line:column: severity[code]: message`
    Concise,
    /// A JSON object with a list of findings
    Json,
    /// SARIF 2.1.0
    Sarif,
    /// JUnit XML
    Junit,
    /// GitHub annotations
    Github,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Deny {
    Warnings,
}

impl From<Format> for render::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Human => render::Format::Human,
            Format::Concise => render::Format::Concise,
            Format::Json => render::Format::Json,
            Format::Sarif => render::Format::Sarif,
            Format::Junit => render::Format::Junit,
            Format::Github => render::Format::Github,
        }
    }
}

/// Runs the subcommand.
pub(crate) fn run(args: Args) -> Exit {
    let (mut sources, mut found, mut read) = (Sources::default(), Vec::new(), Vec::new());
    for path in &args.documents {
        let loaded = match args.load.load(path) {
            Ok(loaded) => loaded,
            Err(exit) => return exit,
        };
        read.push(Status::of(path, &loaded));
        let mut all = Diagnostics::default();
        loaded.diagnostics.into_iter().for_each(|finding| all.push(finding));
        loaded.api.iter().for_each(|api| examples::check(api, &mut all));
        let moved = sources.append(loaded.sources);
        found.extend(all.into_sorted().into_iter().map(|finding| finding.renumbered(moved)));
    }
    let baseline = match settle(&args, &mut found, &sources) {
        Ok(exit) => exit,
        Err(exit) => return exit,
    };
    if args.deny.is_some() {
        for finding in found.iter_mut().filter(|finding| finding.severity == Severity::Warning) {
            finding.severity = Severity::Error;
        }
    }
    exit::print(&render(args.format.into(), &found, &sources));
    if matches!(args.format, Format::Human) && found.is_empty() {
        let none = if args.baseline.is_some() { "no new findings" } else { "no findings" };
        read.iter().for_each(|status| exit::print(&format!("{status}, {none}\n")));
    }
    match found.iter().any(|finding| finding.severity == Severity::Error) {
        true => Exit::Failed,
        false => baseline,
    }
}

/// Removes the findings of the baseline; `Err` if the command is complete.
fn settle(args: &Args, found: &mut Vec<Diagnostic>, sources: &Sources) -> Result<Exit, Exit> {
    let Some(path) = &args.baseline else { return Ok(Exit::Ok) };
    if args.write_baseline {
        Baseline::of(found, sources).write(path)?;
        exit::print(&format!("{}: {} findings written\n", path.display(), found.len()));
        return Err(Exit::Ok);
    }
    let stale = Baseline::read(path)?.take(found, sources);
    for entry in &stale {
        anstream::eprintln!("{}: entry without a finding: {entry}", path.display());
    }
    if stale.is_empty() {
        return Ok(Exit::Ok);
    }
    anstream::eprintln!("help: update the baseline with `--write-baseline`");
    Ok(Exit::Failed)
}

/// The summary of a document without findings.
struct Status {
    name: String,
    version: &'static str,
    operations: usize,
}

impl Status {
    fn of(path: &Path, loaded: &Loaded) -> Self {
        Self {
            name: path.display().to_string(),
            version: loaded.version.map_or("?", Version::as_str),
            operations: loaded.api.as_ref().map_or(0, |api| api.operations.len()),
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let plural = if self.operations == 1 { "" } else { "s" };
        write!(f, "{}: OpenAPI {}, {} operation{plural}", self.name, self.version, self.operations)
    }
}

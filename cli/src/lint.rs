//! `descant lint`: says where documents are wrong and what to write instead.

use std::path::PathBuf;

use descant_model::codes::Code;
use descant_model::diagnostic::{Diagnostic, Diagnostics, Severity};
use descant_model::render::{self, render};
use descant_model::source::{FileId, Origin, Sources, Span};
use descant_model::{check, parse};

use crate::baseline::Baseline;
use crate::exit::{self, Exit};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The OpenAPI documents
    #[arg(required = true, value_name = "FILE")]
    documents: Vec<PathBuf>,
    /// How findings are written to standard output
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Count warnings as errors
    #[arg(long, value_name = "WHAT")]
    deny: Option<Deny>,
    /// Leave out the findings that this file knows; one that is no longer found is an error
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write all findings to the baseline file, and report none
    #[arg(long, requires = "baseline")]
    write_baseline: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// With a listing of the source
    Human,
    /// `file:line:column: severity[code]: message`
    Concise,
    /// One object with a list of findings
    Json,
    /// SARIF 2.1.0
    Sarif,
    /// JUnit XML
    Junit,
    /// GitHub's annotations
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
    if let Some(exit) = args.documents.iter().find_map(|document| exit::existing(document).err()) {
        return exit;
    }
    let mut sources = Sources::default();
    let mut found = Diagnostics::default();
    let read: Vec<Status> = args.documents.iter().map(|path| lint(path, &mut sources, &mut found)).collect();
    let mut found = found.into_sorted();
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

/// Takes out what the baseline knows, or writes it.
fn settle(args: &Args, found: &mut Vec<Diagnostic>, sources: &Sources) -> Result<Exit, Exit> {
    let Some(path) = &args.baseline else { return Ok(Exit::Ok) };
    if args.write_baseline {
        Baseline::of(found, sources).write(path)?;
        found.clear();
        return Ok(Exit::Ok);
    }
    let stale = Baseline::read(path)?.take(found, sources);
    for entry in &stale {
        anstream::eprintln!("{}: no longer found: {entry}", path.display());
    }
    if stale.is_empty() {
        return Ok(Exit::Ok);
    }
    anstream::eprintln!("help: bring the baseline up to date with `--write-baseline`");
    Ok(Exit::Failed)
}

/// What a document is, to say so where nothing is wrong.
struct Status {
    name: String,
    version: Option<check::Version>,
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let version = self.version.map_or("?", check::Version::as_str);
        write!(f, "{}: OpenAPI {version}", self.name)
    }
}

/// Reads and checks one document.
fn lint(path: &std::path::Path, sources: &mut Sources, found: &mut Diagnostics) -> Status {
    let name = path.display().to_string();
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let file = sources.add(name.clone(), None, "".into());
            found.push(unreadable(file, &error));
            return Status { name, version: None };
        }
    };
    let (_, tree) = parse::parse(sources, &name, Some(path.to_owned()), bytes, found);
    let checked = tree.and_then(|tree| check::document(&tree, found));
    Status { name, version: checked.map(|checked| checked.version) }
}

fn unreadable(file: FileId, error: &std::io::Error) -> Diagnostic {
    let at = Origin { span: Span { file, start: 0, end: 0 }, ..Origin::default() };
    Diagnostic::new(Code::Unreadable, format!("the file cannot be read: {error}"), &at)
}

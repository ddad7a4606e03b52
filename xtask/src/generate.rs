//! `cargo xtask gen [--check]`: writes `generated/` from `spec/`, or reports stale files.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use descant_generator::output::{Change, File, Mode, apply};
use descant_generator::{Layout, Lock, Parts, Settings, Versions, generate};
use descant_model::diagnostic::{Diagnostic, Severity};
use descant_model::load::{Options, load};
use descant_model::render::{Format, render};

/// Documents of tests, each with its generated module beside it: one with features that the documents in `spec/` lack, one
/// of lists with pages, and the one of the documentation of client and server.
const TESTS: [&str; 3] = ["courier", "pages", "shop"];

/// The output of a document.
struct Target {
    source: String,
    folder: String,
    name: String,
    layout: Layout,
}

/// Returns the names of the documents in `spec/`, in order.
///
/// # Errors
/// Returns the reason if the folder cannot be read.
pub(crate) fn specs(root: &Path) -> io::Result<Vec<String>> {
    let paths = std::fs::read_dir(root.join("spec"))?.map(|entry| Ok(entry?.path()));
    let paths = paths.collect::<io::Result<Vec<_>>>()?;
    let documents = paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    let names = documents.filter_map(|path| path.file_stem()?.to_str().map(str::to_owned));
    let mut names: Vec<String> = names.collect();
    names.sort();
    Ok(names)
}

fn targets(root: &Path) -> io::Result<Vec<Target>> {
    let specs = specs(root)?.into_iter().map(|name| Target {
        source: format!("spec/{name}.yaml"),
        folder: format!("generated/{name}"),
        layout: Layout::Crate { package: format!("descant-{name}"), versions: Versions::Workspace },
        name,
    });
    let tests = TESTS.map(|name| Target {
        source: format!("generator/tests/{name}/openapi.yaml"),
        folder: format!("generator/tests/{name}/api"),
        name: name.to_owned(),
        layout: Layout::Module,
    });
    Ok(specs.chain(tests).collect())
}

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write nothing; print a diff and exit with 1 if a file is stale
    #[arg(long)]
    check: bool,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> ExitCode {
    let mode = if args.check { Mode::Check } else { Mode::Write };
    let mut stale = false;
    let mut failed = false;
    let targets = match targets(&crate::root()) {
        Ok(targets) => targets,
        Err(error) => {
            eprintln!("error: spec/: {error}");
            return ExitCode::FAILURE;
        }
    };
    for target in targets {
        match bring_up_to_date(&crate::root(), &target, mode) {
            Ok(changes) => {
                stale |= !changes.is_empty();
                changes.iter().for_each(|change| report(&target.folder, change, mode));
            }
            Err(message) => {
                eprint!("{message}");
                failed = true;
            }
        }
    }
    if stale && args.check {
        eprintln!("generated/ is stale: run `cargo xtask gen`");
    }
    if failed || (stale && args.check) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Prints a change. A closed pipe does not stop the command half-way.
fn report(folder: &str, change: &Change, mode: Mode) {
    let items =
        if change.items.is_empty() { String::new() } else { format!(": {}", change.items.join(", ")) };
    let diff = if mode == Mode::Check { change.diff.as_str() } else { "" };
    _ = write!(io::stdout(), "{folder}/{}{items}\n{diff}", change.path);
}

/// Updates the output of one document: generates all files before it writes the first.
fn bring_up_to_date(root: &Path, target: &Target, mode: Mode) -> Result<Vec<Change>, String> {
    let files = files(root, target)?;
    let folder = root.join(&target.folder);
    apply(&folder, &files, mode).map_err(|error: io::Error| format!("error: {error}\n"))
}

fn files(root: &Path, target: &Target) -> Result<Vec<File>, String> {
    let loaded = load(&root.join(&target.source), &Options::default());
    let errors: Vec<Diagnostic> =
        loaded.diagnostics.into_iter().filter(|finding| finding.severity == Severity::Error).collect();
    let (Some(api), true) = (loaded.api, errors.is_empty()) else {
        return Err(render(Format::Concise, &errors, &loaded.sources));
    };
    let settings = Settings {
        name: target.name.clone(),
        source: target.source.clone(),
        parts: Parts { contract: true, ..Parts::USUAL },
        layout: target.layout.clone(),
        lock: Lock::read(&root.join(&target.folder)).map_err(|error| format!("error: {error}\n"))?,
        ..Settings::default()
    };
    let generated = generate(&api, &settings);
    // `descant generate --report` lists unchecked constraints.
    let mut left_out = generated.diagnostics.into_sorted();
    left_out.retain(|finding| finding.severity != Severity::Note);
    eprint!("{}", render(Format::Concise, &left_out, &loaded.sources));
    Ok(generated.files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_is_what_the_specs_say() {
        for target in targets(&crate::root()).unwrap() {
            let changes = bring_up_to_date(&crate::root(), &target, Mode::Check).unwrap();
            let diffs: String = changes.iter().map(|change| change.diff.as_str()).collect();
            assert!(changes.is_empty(), "run `cargo xtask gen`\n{diffs}");
        }
    }
}

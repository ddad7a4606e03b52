//! `cargo xtask gen [--check]`: writes `generated/` from `spec/`, or says what is stale.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use descant_generator::output::{Change, File, Mode, apply};
use descant_generator::{Layout, Lock, Parts, Settings, Versions, generate};
use descant_model::diagnostic::{Diagnostic, Severity};
use descant_model::load::{Options, load};
use descant_model::render::{Format, render};

/// Each document under `spec/` with the folder under `generated/` that is made of it.
const SPECS: [&str; 3] = ["cognitive3d", "timbr", "timbre"];

/// A document of a test, with the module that is made of it beside it: what the three have none of.
const COURIER: &str = "generator/tests/courier";

/// What is made of a document.
struct Target {
    source: String,
    folder: String,
    name: &'static str,
    layout: Layout,
}

fn targets() -> Vec<Target> {
    let specs = SPECS.into_iter().map(|name| Target {
        source: format!("spec/{name}.yaml"),
        folder: format!("generated/{name}"),
        name,
        layout: Layout::Crate { package: format!("descant-{name}"), versions: Versions::Workspace },
    });
    let courier = Target {
        source: format!("{COURIER}/openapi.yaml"),
        folder: format!("{COURIER}/api"),
        name: "courier",
        layout: Layout::Module,
    };
    specs.chain([courier]).collect()
}

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write nothing; print a diff and exit 1 when something is stale
    #[arg(long)]
    check: bool,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> ExitCode {
    let mode = if args.check { Mode::Check } else { Mode::Write };
    let mut stale = false;
    let mut failed = false;
    for target in targets() {
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

/// A reader that has gone away is no reason to leave things half done.
fn report(folder: &str, change: &Change, mode: Mode) {
    let items =
        if change.items.is_empty() { String::new() } else { format!(": {}", change.items.join(", ")) };
    let diff = if mode == Mode::Check { change.diff.as_str() } else { "" };
    _ = write!(io::stdout(), "{folder}/{}{items}\n{diff}", change.path);
}

/// One document: all of its files are made before the first is written.
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
        name: target.name.to_owned(),
        source: target.source.clone(),
        parts: Parts { contract: true, ..Parts::USUAL },
        layout: target.layout.clone(),
        lock: Lock::read(&root.join(&target.folder)).map_err(|error| format!("error: {error}\n"))?,
        ..Settings::default()
    };
    let generated = generate(&api, &settings);
    // What is only not checked is for `descant generate --report` to list.
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
        for target in targets() {
            let changes = bring_up_to_date(&crate::root(), &target, Mode::Check).unwrap();
            let diffs: String = changes.iter().map(|change| change.diff.as_str()).collect();
            assert!(changes.is_empty(), "run `cargo xtask gen`\n{diffs}");
        }
    }
}

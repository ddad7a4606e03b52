//! `cargo xtask dump FILE`: prints the model of a document, and its findings on standard error.

use std::path::PathBuf;
use std::process::ExitCode;

use descant_model::diagnostic::Severity;
use descant_model::load::{Options, load};
use descant_model::render::{Format, render};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The OpenAPI document
    document: PathBuf,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> ExitCode {
    let loaded = load(&args.document, &Options::default());
    eprint!("{}", render(Format::Concise, &loaded.diagnostics, &loaded.sources));
    if let Some(api) = &loaded.api {
        print!("{}", descant_model::dump::dump(api));
    }
    let has_errors = loaded.diagnostics.iter().any(|found| found.severity == Severity::Error);
    ExitCode::from(u8::from(has_errors))
}

//! `descant bundle`: writes a document as one file.

use std::path::PathBuf;

use descant_model::bundle::{self, bundle};
use descant_model::diagnostic::Severity;
use descant_model::render::{self, render};

use crate::exit::{self, Exit};
use crate::load;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The OpenAPI document
    #[arg(value_name = "FILE")]
    document: PathBuf,
    /// The format of the bundle (default: that of the document)
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write to this file (default: standard output)
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    load: load::Args,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    Json,
    Yaml,
}

/// Runs the subcommand. A document with errors is not bundled; `descant lint` lists its warnings.
pub(crate) fn run(args: Args) -> Exit {
    let options = match exit::existing(&args.document).and_then(|()| args.load.options()) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    let format = args.format.map(|format| match format {
        Format::Json => bundle::Format::Json,
        Format::Yaml => bundle::Format::Yaml,
    });
    let bundled = bundle(&args.document, format, &options);
    let errors = bundled.diagnostics.into_iter().filter(|finding| finding.severity == Severity::Error);
    let errors: Vec<_> = errors.collect();
    let Some(text) = bundled.text.filter(|_| errors.is_empty()) else {
        anstream::eprint!("{}", render(render::Format::Human, &errors, &bundled.sources));
        return Exit::Failed;
    };
    let Some(path) = args.output else {
        exit::print(&text);
        return Exit::Ok;
    };
    match std::fs::write(&path, text) {
        Ok(()) => Exit::Ok,
        Err(error) => exit::broken(format_args!("cannot write {}: {error}", path.display())),
    }
}

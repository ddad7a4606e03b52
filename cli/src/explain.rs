//! `descant explain`: tells what a code means.

use std::path::PathBuf;

use crate::exit::{self, Exit};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The OpenAPI document
    document: PathBuf,
}

/// Runs the subcommand.
pub(crate) fn run(args: Args) -> Exit {
    if let Err(exit) = exit::existing(&args.document) {
        return exit;
    }
    exit::usage("`descant explain` is not written yet")
}

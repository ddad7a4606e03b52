//! `cargo xtask gen [--check]`: writes `generated/` from `spec/`, or says what is stale.

use std::process::ExitCode;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write nothing; print a diff and exit 1 when something is stale
    #[arg(long)]
    check: bool,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> ExitCode {
    eprintln!("gen is not written yet (check: {})", args.check);
    ExitCode::FAILURE
}

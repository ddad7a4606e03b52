//! `cargo xtask contract`: tests the three mocks against their documents, with the generated clients and case by case.
//!
//! It runs in a separate process, so that xtask does not depend on `generated/`, which it must be able to repair.

use std::process::{Command, ExitCode};

/// Runs the command: the table of operation × case on standard output, exit 1 on any miss.
pub(crate) fn run() -> ExitCode {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["run", "--quiet", "--package", "descant-twins", "--example", "contract"];
    match Command::new(cargo).current_dir(crate::root()).args(arguments).status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: cargo cannot be run: {error}");
            ExitCode::FAILURE
        }
    }
}

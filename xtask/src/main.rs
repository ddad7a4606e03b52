//! The repository's own commands: `cargo xtask COMMAND`, one module each.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod generate;

/// The repository's own commands.
#[derive(Parser)]
#[command(name = "cargo xtask", arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write `generated/` from `spec/`
    Gen(generate::Args),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Gen(args) => generate::run(&args),
    }
}

//! The repository's own commands: `cargo xtask COMMAND`, one module each.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod agreement;
mod bench;
mod bombs;
mod contract;
mod corpus;
mod dump;
mod fidelity;
mod generate;
mod loops;
mod programs;
mod python;
mod schemathesis;
mod tidy;

/// The repository's own commands.
#[derive(Parser)]
#[command(name = "cargo xtask", arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Try every request and answer, right and broken, on all voices of every document of some folders
    Agree(agreement::Args),
    /// Measure what the project is held to, on the corpus
    Bench(bench::Args),
    /// Run every command on documents that make work grow, and measure its time and memory
    Bombs(bombs::Args),
    /// Print the model that a document loads to
    Dump(dump::Args),
    /// Generate and compile a client and a server for every document of a folder
    Corpus(corpus::Args),
    /// Call every operation of every document of a folder on the mock, and have a validator of others judge the answers
    Fidelity(fidelity::Args),
    /// Write `generated/` from `spec/`
    Gen(generate::Args),
    /// Serve the three mocks, call every operation by the generated clients and in every wrong way, and print a table
    Contract,
    /// Have Schemathesis try the mock of each document
    Schemathesis(schemathesis::Args),
    /// Check the repository's shape: file and function lengths, who imports whom, one version a dependency
    Tidy,
}

/// The repository's root.
fn root() -> std::path::PathBuf {
    let manifest = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Agree(args) => agreement::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Bombs(args) => bombs::run(&args),
        Command::Dump(args) => dump::run(&args),
        Command::Corpus(args) => corpus::run(&args),
        Command::Fidelity(args) => fidelity::run(&args),
        Command::Gen(args) => generate::run(&args),
        Command::Contract => contract::run(),
        Command::Schemathesis(args) => schemathesis::run(&args),
        Command::Tidy => tidy::run(),
    }
}

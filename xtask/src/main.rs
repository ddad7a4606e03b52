//! Commands for working on this repository: `cargo xtask COMMAND`, one module per command.

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
mod growth;
mod imports;
mod loops;
mod npm;
mod programs;
mod python;
mod schemathesis;
mod stock;
mod tidy;

/// Commands for working on this repository.
#[derive(Parser)]
#[command(name = "cargo xtask", arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Compare the verdicts of all voices on valid and invalid requests and responses of every document of some folders
    Agree(agreement::Args),
    /// Measure the performance goals, on the corpus
    Bench(bench::Args),
    /// Run every command on documents that make work grow, and measure its time and memory
    Bombs(bombs::Args),
    /// Print the model of a document
    Dump(dump::Args),
    /// Generate and compile a client and a server for every document of a folder
    Corpus(corpus::Args),
    /// Call every operation of every document of a folder on the mock, and validate the responses with independent software
    Fidelity(fidelity::Args),
    /// Write `generated/` from `spec/`
    Gen(generate::Args),
    /// Take parts of documents away and put them back, and print what that changes in generated names and types
    Growth(growth::Args),
    /// Pack the packages of npm
    Npm(npm::Args),
    /// Test the three mocks with the generated clients and with invalid requests, and print a table
    Contract,
    /// Run Schemathesis on the mock of each document
    Schemathesis(schemathesis::Args),
    /// Check that the records which the mock of each document shows agree with each other
    Stock(stock::Args),
    /// Check the structure of the repository: file and function lengths, imports between crates, pinned versions
    Tidy,
}

/// Returns the root of the repository.
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
        Command::Growth(args) => growth::run(&args),
        Command::Npm(args) => npm::run(&args),
        Command::Contract => contract::run(),
        Command::Schemathesis(args) => schemathesis::run(&args),
        Command::Stock(args) => stock::run(&args),
        Command::Tidy => tidy::run(),
    }
}

//! The `descant` command: reads the command line, hands over to one module a subcommand, and turns its outcome
//! into an exit code.

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

mod baseline;
mod bundle;
mod examples;
mod exit;
mod explain;
mod fetch;
mod generate;
mod lint;
mod load;
mod mock;
mod test;

/// A document is loaded in three quarters of the time that the system's allocator takes.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Client, server, mock and contract tests from OpenAPI documents.
#[derive(Parser)]
#[command(version, arg_required_else_help = true, after_help = exit::HELP)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve documents as mock servers (without a file: the three built-in specs on 4010, 4011 and 4012)
    Mock(Box<mock::Args>),
    /// Write a Rust client and an axum server for a document
    Generate(generate::Args),
    /// Call every operation of a document at a URL and report each broken promise
    Test(test::Args),
    /// Say where documents are wrong and what to write instead
    Lint(lint::Args),
    /// Tell what a diagnostic's code means, with an example
    Explain(explain::Args),
    /// Write a document and all that it references as one file
    Bundle(bundle::Args),
    /// Print a completion script for a shell
    Completions {
        /// The shell that will read it
        shell: clap_complete::Shell,
    },
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Mock(args) => mock::run(*args),
        Command::Generate(args) => generate::run(args),
        Command::Test(args) => test::run(args),
        Command::Lint(args) => lint::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Bundle(args) => bundle::run(args),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "descant", &mut std::io::stdout());
            exit::Exit::Ok
        }
    };
    outcome.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}

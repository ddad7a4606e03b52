//! The `descant` command: parses the command line, runs the module of the subcommand, and returns its exit code.

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

mod baseline;
mod bundle;
mod examples;
mod exit;
mod explain;
mod fetch;
mod generate;
mod input;
mod lint;
mod load;
mod mock;
mod test;
mod token;

/// Loading a document takes three quarters of the time that it takes with the system's allocator.
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
    /// Serve documents as mock servers (without a file: the three built-in documents on ports 4010, 4011 and 4012)
    Mock(Box<mock::Args>),
    /// Generate a Rust client and an axum server from a document
    Generate(generate::Args),
    /// Call every operation of a document at a URL and report each violation
    Test(Box<test::Args>),
    /// Report mistakes in documents, with suggested corrections
    Lint(lint::Args),
    /// Explain a diagnostic code, with an example
    Explain(explain::Args),
    /// Bundle a document and its references into one file
    Bundle(bundle::Args),
    /// Print a credential for a built-in mock
    Token(token::Args),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Mock(args) => mock::run(*args),
        Command::Generate(args) => generate::run(args),
        Command::Test(args) => test::run(*args),
        Command::Lint(args) => lint::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Bundle(args) => bundle::run(args),
        Command::Token(args) => token::run(&args),
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

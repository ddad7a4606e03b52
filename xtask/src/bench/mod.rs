//! `cargo xtask bench`: measures the project's performance goals with a release build. Fails if one is
//! missed.

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Duration;

mod contract;
mod front;
mod generate;
mod mock;
mod reload;
mod served;
mod state;
mod unions;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// What is measured
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// `descant test`: cases per second, errors on mocks, planted faults found
    Contract(contract::Args),
    /// Text to a checked model
    Front,
    /// Generated clients: CPU to make them, lines, what rustc spends on them
    Generate(generate::Args),
    /// A mock server beside a bare axum handler, driven by wrk
    Mock(mock::Args),
    /// The mock's state: what concurrent calls lose, its speed, what failures do; needs `redis-server`
    State(state::Args),
    /// Generated unions: MB/s beside `serde_json::Value`
    Unions,
}

/// One line of what is printed.
struct Figure {
    what: String,
    goal: String,
    measured: String,
    is_met: bool,
}

type Outcome<T> = Result<T, String>;

const MEGABYTE: u64 = 1 << 20;

/// Runs the command.
pub(crate) fn run(args: &Args) -> ExitCode {
    let figures = match &args.what {
        What::Contract(args) => contract::figures(args),
        What::Front => front::figures(),
        What::Generate(args) => generate::figures(args),
        What::Mock(args) => mock::figures(args),
        What::State(args) => state::figures(args),
        What::Unions => unions::figures(),
    };
    let figures = figures.unwrap_or_else(|error| {
        eprintln!("{error}");
        Vec::new()
    });
    for Figure { what, goal, measured, is_met } in &figures {
        println!("{} {what:52} {measured:28} goal {goal}", if *is_met { "ok  " } else { "MISS" });
    }
    ExitCode::from(u8::from(figures.is_empty() || figures.iter().any(|figure| !figure.is_met)))
}

fn corpus() -> Outcome<PathBuf> {
    let beside = || crate::root().join("../shared");
    let corpus = std::env::var_os("DESCANT_SHARED").map_or_else(beside, PathBuf::from).join("corpus");
    if corpus.is_dir() { Ok(corpus) } else { Err(format!("there is no corpus at {}", corpus.display())) }
}

/// Builds programs for release.
fn build(what: &[&str]) -> Outcome<()> {
    let mut cargo = Command::new("cargo");
    let status = cargo.args(["build", "--release", "--quiet"]).args(what).current_dir(crate::root()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        _ => Err(format!("{} does not build", what.join(" "))),
    }
}

fn of_all(what: &str, count: usize, all: usize) -> Figure {
    Figure {
        what: what.to_owned(),
        goal: format!("all {all}"),
        measured: format!("{count} of {all}"),
        is_met: count == all,
    }
}

fn below(what: impl Into<String>, measured: Duration, goal: Duration) -> Figure {
    let milliseconds = |duration: Duration| format!("{:.1} ms", duration.as_secs_f64() * 1e3);
    Figure {
        what: what.into(),
        goal: format!("below {}", milliseconds(goal)),
        measured: milliseconds(measured),
        is_met: measured < goal,
    }
}

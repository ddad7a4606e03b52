//! Compares the verdicts of all voices of a document: mock and generated server on requests; the proxy's validation,
//! `descant test` and the generated client on responses. Both are tried valid and invalid in every known way.
//!
//! ```text
//! operation ─ requests ─▶ wires ─▶ mock, server ─▶ differences
//!           └ answers  ─▶ responses ─▶ proxy, test, client ─┘
//! ```

mod answers;
mod bodies;
mod credentials;
mod curl;
mod heads;
mod outcome;
mod parameters;
pub mod report;
mod run;
mod session;
mod trials;
mod verdict;

use std::process::ExitCode;

use crate::voices::Voices;
use report::Report;

/// Tries every operation of each document, and prints a [`Report`] of each as one line of JSON.
pub fn run(documents: &[Voices]) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let tried = runtime.map(|runtime| {
        documents.iter().for_each(|voices| print(&runtime.block_on(run::tried(voices))));
    });
    match tried {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn print(report: &Report) {
    match serde_json::to_string(report) {
        Ok(line) => println!("{line}"),
        Err(error) => eprintln!("error: {error}"),
    }
}

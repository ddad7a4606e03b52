//! Loads a document and prints as one line of JSON what came of it and what it cost. `cargo xtask bench front` runs this
//! once a document, so that each has a process of its own: a peak of memory is that of one document.

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use descant_model::diagnostic::Severity;
use descant_model::load::{Loaded, Options, load};
use serde_json::{Value, json};

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: measure FILE");
        return ExitCode::from(2);
    };
    let start = Instant::now();
    let loaded = load(Path::new(&path), &Options::default());
    println!("{}", report(&loaded, start.elapsed().as_secs_f64()));
    ExitCode::SUCCESS
}

fn report(loaded: &Loaded, seconds: f64) -> Value {
    let count = |severity| loaded.diagnostics.iter().filter(|found| found.severity == severity).count();
    json!({
        "operations": loaded.api.as_ref().map_or(0, |api| api.operations.len()),
        "webhooks": loaded.api.as_ref().map_or(0, |api| api.webhooks.len()),
        "errors": count(Severity::Error),
        "warnings": count(Severity::Warning),
        "seconds": seconds,
        "cpu_seconds": cpu_seconds().unwrap_or(seconds),
        "peak_bytes": peak_bytes(),
    })
}

/// What this thread, the only one, has computed for: the first number of Linux's `schedstat`, in nanoseconds.
fn cpu_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    Some(text.split(' ').next()?.parse::<u64>().ok()? as f64 / 1e9)
}

/// The most memory that the process has held, as Linux tells it.
fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()? * 1024)
}

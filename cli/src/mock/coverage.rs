//! Reports the coverage of a run, and checks it against the limits.

use std::path::PathBuf;
use std::sync::Arc;

use descant_mock::{Journal, Mock};
use serde_json::Value;

use super::terminal;
use crate::exit::{self, Exit};

#[derive(clap::Args)]
#[group(id = "run-coverage")]
pub(super) struct Args {
    /// At the end, write the operations and statuses that occurred, as JSON
    #[arg(long = "coverage", value_name = "FILE")]
    file: Option<PathBuf>,
    /// At the end, fail if the percentage of operations that were called is lower
    #[arg(long = "min-coverage", value_name = "N")]
    least: Option<f64>,
    /// At the end, fail if more responses violated the document
    #[arg(long, value_name = "N")]
    max_faults: Option<u64>,
}

/// Writes the coverage of each document; fails if it is too low.
pub(super) fn report<'j>(args: &Args, met: impl Iterator<Item = (Arc<Mock>, &'j Journal)>) -> Exit {
    let met: Vec<_> = met.map(|(mock, journal)| (journal.coverage(mock.api()), mock)).collect();
    if let Some(file) = &args.file {
        let documents = met.iter().map(|(coverage, mock)| {
            let mut value = coverage.to_value();
            if let Some(value) = value.as_object_mut() {
                value.shift_insert(0, "document".into(), mock.api().info.title.clone().into());
            }
            value
        });
        let text = format!("{:#}\n", Value::from(documents.collect::<Vec<_>>()));
        if let Err(error) = std::fs::write(file, text) {
            return exit::broken(format_args!("{}: {error}", file.display()));
        }
    }
    let faults: u64 = met.iter().map(|(coverage, _)| coverage.violations()).sum();
    if let Some(most) = args.max_faults.filter(|most| faults > *most) {
        anstream::eprintln!("{faults} responses violated the document; the limit is {most}");
        return Exit::Failed;
    }
    let Some(least) = args.least else { return Exit::Ok };
    let low: Vec<_> = met.iter().filter(|(coverage, _)| coverage.percent() < least).collect();
    for (coverage, mock) in &low {
        let title = terminal::printable(&mock.api().info.title);
        anstream::eprintln!(
            "{title}: {:.1} % of the operations were called; the minimum is {least} %",
            coverage.percent()
        );
    }
    if low.is_empty() { Exit::Ok } else { Exit::Failed }
}

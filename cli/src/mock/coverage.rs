//! How much of the documents a session met, and whether that is enough.

use std::path::PathBuf;
use std::sync::Arc;

use descant_mock::{Journal, Mock};
use serde_json::Value;

use crate::exit::{self, Exit};

#[derive(clap::Args)]
#[group(id = "session-coverage")]
pub(super) struct Args {
    /// Write at the end which operations and statuses were met, as JSON
    #[arg(long = "coverage", value_name = "FILE")]
    file: Option<PathBuf>,
    /// Fail at the end where fewer operations were met, in per cent
    #[arg(long = "min-coverage", value_name = "N")]
    least: Option<f64>,
    /// Fail at the end where more responses than this were not as the document says
    #[arg(long, value_name = "N")]
    max_faults: Option<u64>,
}

/// Writes what was met of each document; fails where it is too little.
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
        anstream::eprintln!("{faults} responses were not as the document says, more than {most}");
        return Exit::Failed;
    }
    let Some(least) = args.least else { return Exit::Ok };
    let low: Vec<_> = met.iter().filter(|(coverage, _)| coverage.percent() < least).collect();
    for (coverage, mock) in &low {
        let title = &mock.api().info.title;
        anstream::eprintln!(
            "{title}: {:.1} % of the operations were met, fewer than {least} %",
            coverage.percent()
        );
    }
    if low.is_empty() { Exit::Ok } else { Exit::Failed }
}

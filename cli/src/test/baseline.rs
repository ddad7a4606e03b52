//! The baseline of `descant test`: causes that are known, each with a reason and a day until which they may stay.

use std::path::Path;

use descant_contract::Report;
use descant_contract::report::causes;
use serde::{Deserialize, Serialize};

/// A file of known causes.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Baseline {
    #[serde(default)]
    known: Vec<Known>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Known {
    /// The identifier of the cause.
    cause: String,
    reason: String,
    /// The last day on which the cause is no error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<toml::value::Datetime>,
}

impl Baseline {
    /// Reads a file; one that does not exist is empty where it is to be written.
    pub(super) fn read(path: &Path, may_lack: bool) -> Result<Self, String> {
        let named = |error: String| format!("the baseline {}: {error}", path.display());
        match std::fs::read_to_string(path) {
            Ok(text) => toml::from_str(&text).map_err(|error| named(error.to_string())),
            Err(error) if may_lack && error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(named(error.to_string())),
        }
    }

    /// Marks the known causes of a report; returns what is wrong with the entries: causes that are gone, days that are over.
    pub(super) fn apply(&self, report: &mut Report<'_>, today: &str) -> Vec<String> {
        let found: Vec<String> = causes(report).into_iter().map(|cause| cause.id).collect();
        let mut faults = Vec::new();
        for entry in &self.known {
            // A run that ended early, or that tries a part, proves nothing of the others.
            let is_whole = report.stopped.is_none() && report.selected.len() == report.api.operations.len();
            if !found.contains(&entry.cause) {
                if is_whole {
                    faults.push(format!("this cause is gone: {}", entry.cause));
                }
                continue;
            }
            match &entry.until {
                Some(until) if until.to_string().as_str() < today => {
                    faults.push(format!("the day {until} is over: {}", entry.cause));
                }
                _ => _ = report.known.insert(entry.cause.clone(), entry.reason.clone()),
            }
        }
        faults
    }

    /// Writes all causes of a report; those that were known keep their reasons and days.
    pub(super) fn write(&self, path: &Path, report: &Report<'_>) -> Result<usize, String> {
        let mut known: Vec<Known> = Vec::new();
        for cause in causes(report) {
            let old = self.known.iter().find(|entry| entry.cause == cause.id).cloned();
            if known.iter().all(|entry| entry.cause != cause.id) {
                let new = Known { cause: cause.id, reason: cause.failure.to_string(), until: None };
                known.push(old.unwrap_or(new));
            }
        }
        let count = known.len();
        let text = toml::to_string_pretty(&Self { known }).map_err(|error| error.to_string())?;
        std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(count)
    }
}

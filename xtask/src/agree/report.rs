//! The result of one document: the number of equal verdicts, each difference, and the cases that were not tried.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// What came of one document.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    /// The file's name.
    pub name: String,
    pub requests: Tally,
    pub answers: Tally,
    pub differences: Vec<Difference>,
    pub untried: Vec<Untried>,
}

/// How many were judged alike.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Tally {
    pub alike: usize,
    pub tried: usize,
}

/// A verdict that the voices do not share: one entry for each operation and kind.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Difference {
    pub operation: String,
    /// What was tried: `request query parameter empty`.
    pub tried: String,
    /// How the verdicts differ: `mock takes, server 400 (type)`.
    pub verdicts: String,
    pub count: usize,
    /// The first request or answer that shows it, with the verdicts.
    pub example: String,
}

/// Something that could not be tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Untried {
    pub operation: String,
    pub reason: String,
}

impl Tally {
    /// Counts one more.
    pub(super) fn count(&mut self, alike: bool) {
        self.tried += 1;
        self.alike += usize::from(alike);
    }

    /// Adds another's counts.
    pub fn add(&mut self, other: Tally) {
        self.tried += other.tried;
        self.alike += other.alike;
    }
}

/// The differences of one operation while they are found.
#[derive(Default)]
pub(super) struct Found(IndexMap<String, Difference>);

impl Found {
    /// Notes a difference; `example` is written for the first of its kind alone.
    pub(super) fn note(
        &mut self,
        operation: &str,
        tried: String,
        verdicts: String,
        example: impl FnOnce() -> String,
    ) {
        let entry = self.0.entry(format!("{tried}: {verdicts}"));
        let difference = entry.or_insert_with(|| Difference {
            operation: operation.to_owned(),
            tried,
            verdicts,
            count: 0,
            example: example(),
        });
        difference.count += 1;
    }

    /// In the order in which they were found.
    pub(super) fn into_differences(self) -> impl Iterator<Item = Difference> {
        self.0.into_values()
    }
}

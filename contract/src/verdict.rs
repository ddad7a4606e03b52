//! A case and how it ended.

use std::time::Duration;

use crate::case::Case;
use crate::exchange::Exchange;
use crate::failure::{Failure, Severity};

/// A case and how it ended.
#[derive(Clone, Debug)]
pub struct Verdict {
    pub case: Case,
    pub outcome: CaseOutcome,
    /// The operations of which a valid request was answered with a success, as indices into [`descant_model::api::Api::operations`].
    pub reached: Vec<usize>,
    /// The time of its requests.
    pub elapsed: Duration,
    /// The exchanges of a case that kept every promise: where the settings ask for them, or where other cases decide
    /// whether its success is right.
    pub held: Vec<Exchange>,
}

impl Verdict {
    /// Returns a verdict that proves no success.
    pub fn new(case: Case, outcome: CaseOutcome) -> Self {
        Self { case, outcome, reached: Vec::new(), elapsed: Duration::ZERO, held: Vec::new() }
    }

    /// Returns the exchanges that are kept.
    pub fn exchanges(&self) -> &[Exchange] {
        match &self.outcome {
            CaseOutcome::Broken { exchanges, .. } => exchanges,
            CaseOutcome::Kept(_) | CaseOutcome::Skipped(_) => &self.held,
        }
    }

    /// Returns the weight of its worst failure.
    pub fn severity(&self) -> Option<Severity> {
        match &self.outcome {
            CaseOutcome::Broken { broken, .. } => broken.iter().map(|failure| failure.severity).max(),
            CaseOutcome::Kept(_) | CaseOutcome::Skipped(_) => None,
        }
    }
}

/// How a case ended.
#[derive(Clone, Debug)]
pub enum CaseOutcome {
    /// Every promise was kept; the status of the last answer.
    Kept(u16),
    /// What was wrong, and the exchanges that led there, the last one the cause.
    Broken { broken: Vec<Failure>, exchanges: Vec<Exchange> },
    /// It could not be tried.
    Skipped(String),
}

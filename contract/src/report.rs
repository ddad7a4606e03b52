//! What a run found, for people and for machines.

use std::collections::BTreeSet;

use descant_exchange::Check;
use descant_model::api::Api;
use descant_model::source::Sources;
use indexmap::IndexMap;

use crate::case::CaseKind;
use crate::credentials::Credentials;
use crate::derive::LeftOut;
use crate::exchange::NoAnswer;
use crate::failure::Severity;
use crate::verdict::{CaseOutcome, Verdict};

mod causes;
mod consistency;
mod curl;
mod github;
mod har;
mod html;
mod human;
mod junit;
mod lines;
mod markup;
mod member;
mod place;
mod plan;
mod rust;
mod sarif;
mod table;

pub use causes::{Cause, causes};
pub use curl::curl;
pub use github::{annotations, summary};
pub use har::har;
pub use html::html;
pub use junit::junit;
pub use lines::lines;
pub use rust::rust;
pub use sarif::sarif;
pub use table::{Table, table};

/// The verdicts of a run and what could not be tried.
#[derive(Debug)]
pub struct Report<'a> {
    pub api: &'a Api,
    /// The base URL that was tested.
    pub base: String,
    pub credentials: &'a Credentials,
    pub verdicts: Vec<Verdict>,
    /// The operations that were to be tested, as indices into [`Api::operations`].
    pub selected: Vec<usize>,
    pub left_out: Vec<LeftOut>,
    /// Why nothing could be tested, with what to do.
    pub untestable: Option<String>,
    /// Why the run ended early.
    pub stopped: Option<String>,
    /// What the run created and could not delete.
    pub left_behind: Vec<String>,
    /// The files of the document, for the lines of causes.
    pub sources: Option<&'a Sources>,
    /// The identifiers of causes that are known, each with the reason: they are no errors.
    pub known: IndexMap<String, String>,
}

/// How many cases ended in which way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub kept: usize,
    /// Cases with an error.
    pub broken: usize,
    /// Cases with warnings alone.
    pub warned: usize,
    pub skipped: usize,
    /// The statuses of those that kept their promise.
    pub statuses: BTreeSet<u16>,
}

impl Counts {
    fn add(&mut self, verdict: &Verdict) {
        match &verdict.outcome {
            CaseOutcome::Kept(status) => {
                self.kept += 1;
                self.statuses.insert(*status);
            }
            CaseOutcome::Broken { .. } if verdict.severity() == Some(Severity::Error) => self.broken += 1,
            CaseOutcome::Broken { .. } => self.warned += 1,
            CaseOutcome::Skipped(_) => self.skipped += 1,
        }
    }

    fn total(&self) -> usize {
        self.kept + self.broken + self.warned + self.skipped
    }
}

impl Report<'_> {
    /// Returns the counts of all cases.
    pub fn counts(&self) -> Counts {
        self.cells().into_values().fold(Counts::default(), |mut all, cell| {
            all.kept += cell.kept;
            all.broken += cell.broken;
            all.warned += cell.warned;
            all.skipped += cell.skipped;
            all.statuses.extend(cell.statuses);
            all
        })
    }

    /// Returns the counts by operation and kind.
    fn cells(&self) -> IndexMap<(usize, CaseKind), Counts> {
        let mut cells: IndexMap<(usize, CaseKind), Counts> = IndexMap::new();
        for verdict in &self.verdicts {
            cells.entry((verdict.case.operation, verdict.case.kind)).or_default().add(verdict);
        }
        for left in &self.left_out {
            cells.entry((left.operation, left.kind)).or_default().skipped += 1;
        }
        cells
    }

    /// Returns the name of an operation.
    fn operation(&self, index: usize) -> String {
        self.api.operations.get(index).map(|operation| operation.key()).unwrap_or_default()
    }

    /// Returns the operations of which no valid request had a success, each with the reason.
    pub fn untested(&self) -> Vec<(usize, String)> {
        let reached: BTreeSet<usize> =
            self.verdicts.iter().flat_map(|verdict| verdict.reached.iter().copied()).collect();
        let mut answers: IndexMap<usize, BTreeSet<u16>> = IndexMap::new();
        for verdict in &self.verdicts {
            let (kind, operation) = (verdict.case.kind, verdict.case.operation);
            if matches!(kind, CaseKind::Example | CaseKind::Boundary | CaseKind::State) {
                answers.entry(operation).or_default().extend(last_status(verdict));
            }
        }
        let reason = |operation: usize| {
            let left = self
                .left_out
                .iter()
                .find(|left| left.operation == operation && left.kind == CaseKind::Example);
            match (left, answers.get(&operation)) {
                (Some(left), _) => left.reason.clone(),
                (None, Some(statuses)) if !statuses.is_empty() => {
                    let statuses = statuses.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
                    format!("valid requests were answered {statuses}")
                }
                _ => "no valid request was made".to_owned(),
            }
        };
        let untested = self.selected.iter().filter(|operation| !reached.contains(operation));
        untested.map(|operation| (*operation, reason(*operation))).collect()
    }

    /// Returns why the run proves nothing, with what to do; `None` where it found errors, or an operation was tested.
    pub fn proves_nothing(&self) -> Option<String> {
        if self.untestable.is_some() {
            return self.untestable.clone();
        }
        if self.api.operations.is_empty() {
            return Some("the document has no operations".to_owned());
        }
        if self.selected.is_empty() {
            return Some("no operation of the document is selected".to_owned());
        }
        let untested = self.untested();
        if untested.len() < self.selected.len() {
            return None;
        }
        let mut answers = self.verdicts.iter().filter_map(|verdict| match &verdict.outcome {
            CaseOutcome::Broken { exchanges, .. } => exchanges.last().map(|exchange| &exchange.answer),
            _ => None,
        });
        if let Some(Err(reason @ NoAnswer::Unreachable(_))) = answers.next() {
            return Some(format!("{} cannot be reached: {reason}", self.base));
        }
        if self.counts().broken > 0 {
            return None;
        }
        let mut reasons: Vec<&str> = untested.iter().map(|(_, reason)| reason.as_str()).collect();
        reasons.dedup();
        reasons.truncate(3);
        let lacking = reasons.iter().find_map(|reason| reason.strip_prefix("no credential for "));
        let remedy = match lacking {
            Some(scheme) => {
                format!("; give it with --credential {}=VALUE", scheme.split(' ').next().unwrap_or(scheme))
            }
            None => String::new(),
        };
        Some(format!("no operation was tested: {}{remedy}", reasons.join("; ")))
    }

    /// Weighs failures in the light of the whole run: a service that refuses every valid request of an operation has a
    /// condition that the document does not state, which says nothing about one value.
    pub(crate) fn settle(&mut self) {
        consistency::settle(&mut self.verdicts);
        let reached: BTreeSet<usize> =
            self.verdicts.iter().flat_map(|verdict| verdict.reached.iter().copied()).collect();
        for verdict in &mut self.verdicts {
            let CaseOutcome::Broken { broken, exchanges } = &mut verdict.outcome else { continue };
            let Some((step, exchange)) = exchanges
                .len()
                .checked_sub(1)
                .and_then(|last| verdict.case.steps.get(last))
                .zip(exchanges.last())
            else {
                continue;
            };
            let is_refused = matches!(exchange.status(), 400 | 401 | 405..=499);
            if step.expect.is_valid() && is_refused && !reached.contains(&step.call.operation) {
                let statuses = broken.iter_mut().filter(|failure| failure.check == Check::Status);
                statuses.for_each(|failure| failure.severity = Severity::Warning);
            }
        }
    }
}

/// The status of the last answer of a case.
fn last_status(verdict: &Verdict) -> Option<u16> {
    match &verdict.outcome {
        CaseOutcome::Kept(status) => Some(*status),
        CaseOutcome::Broken { exchanges, .. } => exchanges.last().map(crate::exchange::Exchange::status),
        CaseOutcome::Skipped(_) => None,
    }
}

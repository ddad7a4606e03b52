//! What a run found, for people and for machines.

use std::collections::BTreeSet;

use descant_model::api::Api;

use crate::case::CaseKind;
use crate::credentials::Credentials;
use crate::derive::LeftOut;
use crate::run::{Outcome, Verdict};

mod curl;
mod junit;
mod table;

pub use curl::curl;
pub use junit::junit;
pub use table::{Table, table};

/// The verdicts of a run and what could not be tried.
#[derive(Debug)]
pub struct Report<'a> {
    pub api: &'a Api,
    /// The base URL that was tested.
    pub base: String,
    pub credentials: &'a Credentials,
    pub verdicts: Vec<Verdict>,
    pub left_out: Vec<LeftOut>,
}

/// How many cases ended in which way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub kept: usize,
    pub broken: usize,
    pub skipped: usize,
    /// The statuses of those that kept their promise.
    pub statuses: BTreeSet<u16>,
}

impl Report<'_> {
    /// The counts of all cases.
    pub fn counts(&self) -> Counts {
        self.count(|_, _| true)
    }

    /// The counts of one cell of the table.
    fn cell(&self, operation: usize, kind: CaseKind) -> Counts {
        self.count(|o, k| o == operation && k == kind)
    }

    fn count(&self, of: impl Fn(usize, CaseKind) -> bool) -> Counts {
        let mut counts = Counts::default();
        for verdict in self.verdicts.iter().filter(|verdict| of(verdict.case.operation, verdict.case.kind)) {
            match verdict.outcome {
                Outcome::Kept(status) => {
                    counts.kept += 1;
                    counts.statuses.insert(status);
                }
                Outcome::Broken { .. } => counts.broken += 1,
                Outcome::Skipped(_) => counts.skipped += 1,
            }
        }
        counts.skipped += self.left_out.iter().filter(|left| of(left.operation, left.kind)).count();
        counts
    }

    /// How an operation is named.
    fn operation(&self, index: usize) -> String {
        self.api.operations.get(index).map(|operation| operation.key()).unwrap_or_default()
    }

    /// The table of operation × case, then each failure with what was broken and how to see it again, then what was
    /// skipped and why, then one line of counts.
    pub fn human(&self) -> String {
        let mut text = table(self).to_string();
        for verdict in &self.verdicts {
            if let Outcome::Broken { broken, exchanges } = &verdict.outcome {
                text.push_str(&format!(
                    "\n{} – {}: {}\n",
                    self.operation(verdict.case.operation),
                    verdict.case.kind.as_str(),
                    verdict.case.name
                ));
                broken
                    .iter()
                    .for_each(|broken| text.push_str(&format!("  {}: {}\n", broken.check, broken.message)));
                for step in verdict.case.steps.iter().take(exchanges.len().max(1)) {
                    text.push_str(&format!("  {}\n", curl(self, &step.call, exchanges)));
                }
            }
        }
        text.push_str(&self.skips());
        let Counts { kept, broken, skipped, .. } = self.counts();
        text.push_str(&format!(
            "\n{} cases: {kept} kept, {broken} broken, {skipped} skipped\n",
            kept + broken + skipped
        ));
        text
    }

    /// Each reason for which something was skipped, once, with how often.
    fn skips(&self) -> String {
        let mut reasons: indexmap::IndexMap<String, usize> = indexmap::IndexMap::new();
        let of_cases = self.verdicts.iter().filter_map(|verdict| match &verdict.outcome {
            Outcome::Skipped(reason) => Some((verdict.case.operation, reason)),
            _ => None,
        });
        for (operation, reason) in self.left_out.iter().map(|l| (l.operation, &l.reason)).chain(of_cases) {
            *reasons.entry(format!("{}: {reason}", self.operation(operation))).or_default() += 1;
        }
        reasons.into_iter().map(|(reason, count)| format!("\nskipped, {count}: {reason}")).collect::<String>()
            + "\n"
    }
}

//! Runs the cases of a plan: in an order in which they cannot disturb each other, a bounded number at once.

use descant_exchange::{Schemas, Violation};
use descant_model::api::Api;
use futures_util::{StreamExt, stream};

use crate::case::{Case, CaseKind, Step};
use crate::credentials::Credentials;
use crate::derive::Plan;
use crate::exchange::{Exchange, NoAnswer};
use crate::judge::judge;
use crate::send::Sender;
use crate::wire;

/// A case and how it ended.
#[derive(Clone, Debug)]
pub struct Verdict {
    pub case: Case,
    pub outcome: Outcome,
}

/// How a case ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Every promise was kept; the status of the last answer.
    Kept(u16),
    /// What was broken, and the exchanges that led there, the breaking one last.
    Broken { broken: Vec<Violation>, exchanges: Vec<Exchange> },
    /// It could not be tried.
    Skipped(String),
}

/// Everything that a run needs beside its plan.
pub struct Runner<'a> {
    pub api: &'a Api,
    pub schemas: Schemas,
    pub sender: Sender,
    pub credentials: &'a Credentials,
    /// How many cases run at once, at least one.
    pub concurrency: usize,
}

impl Runner<'_> {
    /// Runs every case; the verdicts are in the plan's order.
    pub async fn run(&self, plan: Plan) -> Vec<Verdict> {
        let mut numbered: Vec<(usize, Case)> = plan.cases.into_iter().enumerate().collect();
        numbered.sort_by_key(|(number, case)| (self.turn(case), *number));
        let mut done = Vec::with_capacity(numbered.len());
        for turn in numbered.chunk_by(|(_, a), (_, b)| self.turn(a) == self.turn(b)) {
            let at_once = match turn.first().map(|(_, case)| self.turn(case)) {
                Some(Turn::Refused | Turn::Read) => self.concurrency.max(1),
                _ => 1,
            };
            let verdicts =
                stream::iter(turn).map(async |(number, case)| (*number, self.verdict(case.clone()).await));
            done.extend(verdicts.buffer_unordered(at_once).collect::<Vec<_>>().await);
        }
        done.sort_by_key(|(number, _)| *number);
        done.into_iter().map(|(_, verdict)| verdict).collect()
    }

    async fn verdict(&self, case: Case) -> Verdict {
        let outcome = self.outcome(&case).await;
        Verdict { case, outcome }
    }

    async fn outcome(&self, case: &Case) -> Outcome {
        let mut exchanges: Vec<Exchange> = Vec::new();
        let mut status = 0;
        for (number, step) in case.steps.iter().enumerate() {
            let exchange = match self.step(step, &exchanges).await {
                Ok(exchange) => exchange,
                Err(reason) => return Outcome::Skipped(reason),
            };
            let broken = judge(self.api, &self.schemas, step, &exchange);
            status = exchange.answer.as_ref().map_or(0, |answer| answer.status.as_u16());
            let success = (200..300).contains(&status);
            exchanges.push(exchange);
            if number + 1 < case.steps.len() && !success && broken.is_empty() {
                return Outcome::Skipped(format!("call {} had no success to go on from", number + 1));
            }
            if !broken.is_empty() {
                return Outcome::Broken { broken, exchanges };
            }
        }
        Outcome::Kept(status)
    }

    async fn step(&self, step: &Step, earlier: &[Exchange]) -> Result<Exchange, String> {
        let wire = wire::encode(self.api, &step.call, self.credentials, earlier)?;
        Ok(self.sender.send(wire).await)
    }

    fn turn(&self, case: &Case) -> Turn {
        let method =
            self.api.operations.get(case.operation).map_or("", |operation| operation.method.as_str());
        match (case.kind, method) {
            (CaseKind::Link, _) => Turn::Linked,
            (CaseKind::Example | CaseKind::Boundary, "GET" | "HEAD" | "OPTIONS" | "TRACE" | "QUERY") => {
                Turn::Read
            }
            (CaseKind::Example, "DELETE") => Turn::Delete,
            (CaseKind::Example, _) => Turn::Write,
            (CaseKind::Boundary, _) => Turn::Edge,
            _ => Turn::Refused,
        }
    }
}

/// When a case runs. Links first and one after another, for only they depend on what nobody else touches; then calls
/// that change nothing, many at once; then those that do as the document shows it, deletions last; and what writes
/// values at the edge, which may leave a service as no document shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Linked,
    Refused,
    Read,
    Write,
    Delete,
    Edge,
}

/// Whether nobody listened at all: then nothing can be said of the service.
pub fn unreachable(verdicts: &[Verdict]) -> Option<&NoAnswer> {
    let mut last = None;
    for verdict in verdicts {
        match &verdict.outcome {
            Outcome::Broken { exchanges, .. } => match exchanges.first().map(|exchange| &exchange.answer) {
                Some(Err(reason @ NoAnswer::Unreachable(_))) => last = Some(reason),
                _ => return None,
            },
            Outcome::Kept(_) => return None,
            Outcome::Skipped(_) => {}
        }
    }
    last
}

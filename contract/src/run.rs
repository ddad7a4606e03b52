//! Runs the cases of a plan: in an order in which they cannot disturb each other, reads several at once, and deletes what
//! the run created, also where it is stopped.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use crate::case::{Call, Case, CaseKind};
use crate::exchange::{Exchange, NoAnswer};
use crate::failure::Severity;
use crate::head;
use crate::safety::is_safe;
use crate::session::{MOST_SILENT, Session};
use crate::state;
use crate::verdict::{CaseOutcome, Verdict};
use crate::wire;

/// How long the clean-up may take at least, where the user states no time for it.
const CLEAN_UP: Duration = Duration::from_secs(10);
/// Which part of the run's time it may take, if that is longer.
const CLEAN_UP_PART: u32 = 10;

/// Runs the cases of a plan.
pub(crate) struct Runner<'s, 'a> {
    session: &'s Session<'a>,
    done: Mutex<Vec<(usize, Verdict)>>,
    /// Whether an error was found.
    failed: AtomicBool,
}

/// What a run found.
pub(crate) struct Ran {
    pub(crate) verdicts: Vec<Verdict>,
    /// Why it ended early.
    pub(crate) stopped: Option<String>,
    /// What it created and could not delete.
    pub(crate) left_behind: Vec<String>,
}

impl<'s, 'a> Runner<'s, 'a> {
    pub(crate) fn new(session: &'s Session<'a>) -> Self {
        Self { session, done: Mutex::default(), failed: AtomicBool::new(false) }
    }

    /// Runs every case until `stop` is ready, then deletes what the run created until it is ready once more; the verdicts
    /// are in the plan's order.
    pub(crate) async fn run(&self, cases: Vec<Case>, mut stop: impl AsyncFnMut()) -> Ran {
        let (start, total) = (Instant::now(), cases.len());
        let max_time = self.session.settings.max_time;
        self.session.settings.progress.begin(total);
        let deadline = async {
            match max_time {
                Some(time) => tokio::time::sleep(time).await,
                None => std::future::pending().await,
            }
        };
        let mut stopped = tokio::select! {
            () = self.all(cases) => None,
            () = stop() => Some("the run was interrupted".to_owned()),
            () = deadline => Some("the time of the run was over".to_owned()),
        };
        if stopped.is_none() && self.is_over() {
            stopped = Some(match self.session.is_silent() {
                true => format!("the service did not answer {MOST_SILENT} requests in a row"),
                false => "an error was found".to_owned(),
            });
        }
        let most = self.session.settings.max_clean_up.unwrap_or_else(|| {
            max_time.map_or_else(|| start.elapsed(), |time| time / CLEAN_UP_PART).max(CLEAN_UP)
        });
        let end = async {
            tokio::select! {
                () = tokio::time::sleep(most) => {}
                () = stop() => {}
            }
        };
        let left_behind = self.session.clean_up(end).await;
        let mut done = std::mem::take(&mut *self.done.lock().unwrap_or_else(PoisonError::into_inner));
        done.sort_by_key(|(number, _)| *number);
        if let Some(reason) = stopped.as_mut().filter(|_| done.len() < total) {
            reason.push_str(&format!("; {} of {total} cases were tried", done.len()));
        }
        Ran { verdicts: done.into_iter().map(|(_, verdict)| verdict).collect(), stopped, left_behind }
    }

    async fn all(&self, cases: Vec<Case>) {
        self.scenarios(cases.len()).await;
        let mut numbered: Vec<(usize, Case)> = cases.into_iter().enumerate().collect();
        numbered.sort_by_key(|(number, case)| (self.turn(case), *number));
        for turn in numbered.chunk_by(|(_, a), (_, b)| self.turn(a) == self.turn(b)) {
            let reads = turn.first().is_some_and(|(_, case)| self.turn(case).reads());
            let at_once = if reads { self.session.settings.workers.max(1) } else { 1 };
            let verdicts =
                stream::iter(turn).map(async |(number, case)| self.case(*number, case.clone()).await);
            verdicts.buffer_unordered(at_once).collect::<Vec<()>>().await;
        }
    }

    /// Runs the scenarios of state, which also find the records that other cases name.
    async fn scenarios(&self, first: usize) {
        for index in 0..self.session.resources.len() {
            if self.is_over() {
                return;
            }
            let verdicts = state::run(self.session, index).await;
            for (at, verdict) in verdicts.into_iter().enumerate() {
                self.finish(first + index * state::MAX_VERDICTS + at, verdict, false);
            }
        }
    }

    async fn case(&self, number: usize, mut case: Case) {
        if self.is_over() {
            return;
        }
        for step in &mut case.steps {
            let base = self.session.bases.get(step.call.operation).and_then(Option::as_ref);
            self.session.records.ground(self.session.api, case.kind, &mut step.call, base);
        }
        let verdict = self.verdict(case).await;
        self.finish(number, verdict, true);
    }

    fn finish(&self, number: usize, verdict: Verdict, is_planned: bool) {
        if verdict.severity() == Some(Severity::Error) {
            self.failed.store(true, Ordering::Relaxed);
        }
        self.session.settings.progress.count(&verdict, is_planned);
        self.done.lock().unwrap_or_else(PoisonError::into_inner).push((number, verdict));
    }

    /// Whether the run ends early.
    fn is_over(&self) -> bool {
        self.session.is_silent() || self.session.settings.fail_fast && self.failed.load(Ordering::Relaxed)
    }

    async fn verdict(&self, case: Case) -> Verdict {
        let mut verdict = Verdict::new(case, CaseOutcome::Kept(0));
        let mut exchanges: Vec<Exchange> = Vec::new();
        while let Some(step) = verdict.case.steps.get(exchanges.len()).cloned() {
            if exchanges.last().is_some_and(|last| !last.is_success()) {
                let reason = format!("call {} had no success to go on from", exchanges.len());
                verdict.outcome = CaseOutcome::Skipped(reason);
                return verdict;
            }
            let exchange = match self.session.exchange(&step, &exchanges).await {
                Ok(exchange) => exchange,
                Err(reason) => {
                    verdict.outcome = CaseOutcome::Skipped(reason);
                    return verdict;
                }
            };
            verdict.elapsed += exchange.elapsed;
            verdict.reached.extend(self.session.is_proof(&step, &exchange).then_some(step.call.operation));
            let mut broken = self.session.judged(&step, &exchange);
            exchanges.push(exchange);
            if broken.is_empty() {
                broken = state::boundary(self.session, &mut verdict.case, &exchanges);
                broken.extend(head::unlike_get(self.session, &mut verdict.case, &mut exchanges).await);
            }
            let is_accepted = verdict.case.kind == CaseKind::WrongCredential
                && !broken.is_empty()
                && exchanges.last().is_some_and(Exchange::is_success);
            if is_accepted && self.session.accepts_any_credential(&step).await {
                verdict.outcome =
                    CaseOutcome::Skipped("the service is a mock that accepts any credential".to_owned());
                return verdict;
            }
            if !broken.is_empty() {
                verdict.outcome = CaseOutcome::Broken { broken, exchanges };
                return verdict;
            }
        }
        verdict.outcome = CaseOutcome::Kept(exchanges.last().map_or(0, Exchange::status));
        let is_open = verdict.case.steps.first().is_some_and(|step| step.expect.may_succeed());
        let is_judged = is_open && verdict.case.kind == CaseKind::Parameter;
        if self.session.settings.keep || is_judged && exchanges.iter().all(Exchange::is_success) {
            verdict.held = exchanges;
        }
        verdict
    }

    fn turn(&self, case: &Case) -> Turn {
        let method =
            self.session.api.operations.get(case.operation).map_or("", |operation| operation.method.as_str());
        let is_valid = case.steps.first().is_some_and(|step| step.expect.is_valid());
        match (case.kind, is_safe(method)) {
            (CaseKind::Link | CaseKind::State, _) => Turn::Linked,
            (CaseKind::Example | CaseKind::Boundary | CaseKind::Client, true) => Turn::Read,
            (CaseKind::Example | CaseKind::Client, false) if method == "DELETE" => Turn::Delete,
            (CaseKind::Example | CaseKind::Client, false) => Turn::Write,
            (CaseKind::Boundary, false) => Turn::Edge,
            (CaseKind::Robustness, true) if is_valid => Turn::Read,
            (CaseKind::Robustness, false) if is_valid => Turn::Edge,
            (_, true) => Turn::RefusedRead,
            (_, false) => Turn::RefusedWrite,
        }
    }
}

/// When a case runs. Links first and one after another, for only they depend on what nobody else touches; then requests
/// that change nothing; then writes, those that the document shows before those at the edge; requests that must be refused
/// come last, since what a faulty service accepts of them would break the answers to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Linked,
    Read,
    RefusedRead,
    Write,
    Delete,
    Edge,
    RefusedWrite,
}

impl Turn {
    fn reads(self) -> bool {
        matches!(self, Turn::Read | Turn::RefusedRead)
    }
}

/// Asks a few operations that only read; returns why the service cannot be tested: nobody answers, or nothing is there.
pub(crate) async fn smoke(session: &Session<'_>) -> Option<String> {
    let reads = session.bases.iter().flatten().filter(|call| {
        call.operation(session.api).is_some_and(|it| it.method == "GET" && !it.path.raw.contains('{'))
    });
    let mut statuses = Vec::new();
    for call in reads.take(SMOKE) {
        let Ok(request) = wire::encode(session.api, call, session.credentials, &[]) else { continue };
        let has_credential = has_credential(session, call);
        let exchange = session.sender.send(request).await;
        match &exchange.answer {
            Err(NoAnswer::Broken(_)) => return None,
            Err(reason @ NoAnswer::Unreachable(_)) => statuses.push((0, reason.to_string())),
            Ok(_) if exchange.status() == 401 && has_credential => statuses.push((401, String::new())),
            Ok(_) if exchange.status() == 404 => statuses.push((404, String::new())),
            Ok(_) => return None,
        }
    }
    let (first, reason) = statuses.first()?.clone();
    let base = session.sender.base();
    if statuses.iter().any(|(status, _)| *status != first) {
        return None;
    }
    match first {
        0 => Some(format!("{base} cannot be reached: {reason}")),
        401 => Some(format!("{base} answers 401 to the credential; give a valid one with --credential")),
        _ => {
            let servers = session.api.servers.iter().map(|server| server.url.as_str()).collect::<Vec<_>>();
            Some(format!(
                "{base} answers 404 to every operation that was tried: the base URL may lack a part; the document's \
                 servers: {}",
                servers.join(", ")
            ))
        }
    }
}

/// How many operations are asked before a run.
const SMOKE: usize = 8;

fn has_credential(session: &Session<'_>, call: &Call) -> bool {
    let chosen = call.operation(session.api).map(|operation| session.credentials.choose(operation));
    matches!(chosen, Some(Ok(Some(requirement))) if !requirement.schemes.is_empty())
}

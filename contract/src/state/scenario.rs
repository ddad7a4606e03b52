//! The calls of one scenario: each is judged with what led to it, and may name records that earlier calls created.

use descant_exchange::Check;
use descant_model::api::{Location, Operation, Parameter};
use serde_json::{Map, Value};

use super::compare::{record, reflects, reordered, sent};
use crate::case::{Body, Call, Case, CaseKind, Input, Step};
use crate::exchange::Exchange;
use crate::expect::Expect;
use crate::failure::Failure;
use crate::resource::{Resource, path_parameters, plain, plain_text};
use crate::safety::writes;
use crate::session::Session;
use crate::values::Extent;
use crate::verdict::{CaseOutcome, Verdict};

/// The calls so far, and what they found.
pub(super) struct Scenario<'r, 'a> {
    pub(super) session: &'r Session<'a>,
    /// The resource's index in the plan.
    pub(super) index: usize,
    pub(super) resource: &'r Resource,
    /// The values of the path's parameters that precede the record's own.
    parents: Vec<Input>,
    steps: Vec<Step>,
    pub(super) exchanges: Vec<Exchange>,
    pub(super) verdicts: Vec<Verdict>,
    /// What answers to creations lack, by the index of their verdicts: it counts once the service is known to keep records.
    pending: Vec<(usize, Failure)>,
    /// How many records were asked for: each has values of its own.
    made: u64,
}

/// A record that a scenario created.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// The values of the path's parameters.
    pub(super) inputs: Vec<Input>,
    pub(super) values: Vec<Value>,
    pub(super) id: Value,
    /// What it was created from, and what it was last replaced by.
    pub(super) sent: Map<String, Value>,
    /// The call that created it.
    pub(super) creation: Call,
}

impl Record {
    /// Whether more than the identifiers tells two records apart: an answer that repeats its path and an example would
    /// hold what was sent with both.
    pub(super) fn differs(&self, other: &Self) -> bool {
        let mut members = self.sent.iter();
        members.any(|(name, value)| *value != self.id && other.sent.get(name) != Some(value))
    }
}

impl<'r, 'a> Scenario<'r, 'a> {
    pub(super) fn new(session: &'r Session<'a>, index: usize, resource: &'r Resource) -> Self {
        Self {
            session,
            index,
            resource,
            parents: Vec::new(),
            steps: Vec::new(),
            exchanges: Vec::new(),
            verdicts: Vec::new(),
            pending: Vec::new(),
            made: index as u64 * 1000,
        }
    }

    pub(super) fn operation(&self, index: usize) -> Option<&'a Operation> {
        self.session.api.operations.get(index)
    }

    /// Takes the values of the path before the record: records that earlier scenarios left, else the values of a valid
    /// call.
    pub(super) async fn parents(&mut self) -> Result<(), ()> {
        let resource = self.resource;
        let any = resource.create.or(resource.list).or(resource.replace).or(resource.read).ok_or(())?;
        let mut call = self.session.bases.get(any).and_then(Clone::clone).ok_or(())?;
        let base = call.clone();
        self.session.records.ground(self.session.api, CaseKind::Example, &mut call, Some(&base));
        let names = path_parameters(&resource.item);
        let before = names.len().saturating_sub(1);
        let own = self.operation(any).map(|it| path_parameters(&it.path.raw)).ok_or(())?;
        for name in own.into_iter().take(before) {
            let mut all = call.parameters.iter();
            let found = all.find(|(at, known, _)| *at == Location::Path && known == name);
            self.parents.push(found.map(|(_, _, input)| input.clone()).ok_or(())?);
        }
        Ok(())
    }

    /// Whether the service answers with a success where a record is asked for that nobody created.
    pub(super) async fn invents_records(&mut self) -> bool {
        let Some(read) = self.resource.read else { return false };
        let Some(parameter) = self.operation(read).and_then(|it| own_parameter(it)) else { return false };
        let Some(value) = self.session.values.unlikely(parameter, 0) else { return false };
        let inputs: Vec<Input> = self.parents.iter().cloned().chain([Input::Value(value)]).collect();
        let Some(call) = self.session.addressed(read, &inputs) else { return false };
        let step = Step { call, expect: Expect::accepted() };
        self.session.exchange(&step, &[]).await.is_ok_and(|exchange| exchange.is_success())
    }

    /// Creates a record: by POST on the collection, else by PUT under a name of its own.
    pub(super) async fn make(&mut self, name: &str) -> Result<Record, String> {
        self.make_of(name, [Extent::Whole, Extent::AsItIs, Extent::Plain, Extent::Whole]).await
    }

    /// Creates a record from no more than what is required.
    pub(super) async fn make_least(&mut self, name: &str) -> Result<Record, String> {
        self.make_of(name, [Extent::Least]).await
    }

    /// Creates a record with as much as the schema describes, or less where that is refused.
    async fn make_of(
        &mut self,
        name: &str,
        extents: impl IntoIterator<Item = Extent>,
    ) -> Result<Record, String> {
        let mut last = "no operation creates a record".to_owned();
        for extent in extents {
            self.made += 1;
            let Some(call) = self.creation(extent) else { return Err(last) };
            let step = Step { call: call.clone(), expect: Expect::accepted() };
            let exchange = self.session.exchange(&step, &self.exchanges).await?;
            if !exchange.is_success() {
                last = format!("no record could be created: {} came", exchange.status());
                continue;
            }
            let sent = sent(&call).unwrap_or_default();
            let resource = self.resource;
            let at = self.steps.len();
            let named = match resource.create {
                Some(_) => resource.identity(&exchange),
                None => self.own_name(&call),
            };
            let claim = reflects(self.session, resource, &sent, &exchange, Some(&call));
            self.judge(name, step, exchange, None);
            self.pending.extend(claim.map(|claim| (self.verdicts.len().saturating_sub(1), claim)));
            match self.exchanges.last().map_or(0, Exchange::status) {
                202 => return Err("the creation was accepted for later (202)".to_owned()),
                201 => {}
                // What answers otherwise to PUT may have changed something else.
                _ if resource.create.is_none() => return Err("PUT created no record (201)".to_owned()),
                _ => {}
            }
            let Some((expression, id)) = named else {
                return Err("the answer to the creation names no record".to_owned());
            };
            let link = match resource.create {
                Some(_) => Input::Link { step: at, expression },
                None => Input::Value(id.clone()),
            };
            let inputs: Vec<Input> = self.parents.iter().cloned().chain([link]).collect();
            let parents = self.parents.iter().filter_map(|input| match input {
                Input::Value(value) => Some(value.clone()),
                _ => None,
            });
            let values = parents.chain([id.clone()]).collect();
            return Ok(Record { inputs, values, id, sent, creation: call });
        }
        Err(last)
    }

    /// The call that creates a record.
    fn creation(&self, extent: Extent) -> Option<Call> {
        let resource = self.resource;
        let operation = resource.create.or(resource.replace)?;
        let described = self.operation(operation)?;
        let mut inputs = self.parents.clone();
        if resource.create.is_none() {
            let parameter = own_parameter(described)?;
            inputs.push(Input::Value(self.session.values.unlikely(parameter, self.made)?));
        }
        let mut call = self.session.addressed(operation, &inputs)?;
        call.body = call.body.map(|body| self.session.values.fresh_body(described, body, self.made, extent));
        Some(call)
    }

    fn own_name(&self, call: &Call) -> Option<(String, Value)> {
        let mut path = call
            .parameters
            .iter()
            .filter(|(at, name, _)| *at == Location::Path && name == self.resource.parameter());
        path.next().and_then(|(_, _, input)| match input {
            Input::Value(value) => Some((String::new(), value.clone())),
            _ => None,
        })
    }

    /// Calls an operation of a record and judges the answer; `claim` finds what else is wrong with it.
    pub(super) async fn call(
        &mut self,
        name: &str,
        operation: usize,
        record: &Record,
        expect: Expect,
        claim: impl FnOnce(&Exchange) -> Option<Failure>,
    ) -> Option<Exchange> {
        let call = self.session.addressed(operation, &record.inputs)?;
        self.send(name, Step { call, expect }, claim).await
    }

    /// Makes a call and judges the answer.
    pub(super) async fn send(
        &mut self,
        name: &str,
        step: Step,
        claim: impl FnOnce(&Exchange) -> Option<Failure>,
    ) -> Option<Exchange> {
        let exchange = self.session.exchange(&step, &self.exchanges).await.ok()?;
        let claim = claim(&exchange);
        self.judge(name, step, exchange.clone(), claim);
        Some(exchange)
    }

    /// Reads a record, which must exist, have its name and hold what was sent; returns whether it does.
    pub(super) async fn read(
        &mut self,
        name: &str,
        read: usize,
        of: &Record,
        sent: &Map<String, Value>,
    ) -> Option<bool> {
        let call = self.session.addressed(read, &of.inputs)?;
        let step = Step { call: call.clone(), expect: Expect::success() };
        let exchange = self.session.exchange(&step, &self.exchanges).await.ok()?;
        let claim = reflects(self.session, self.resource, sent, &exchange, Some(&call));
        let claim = claim.or_else(|| self.misnamed(of, &exchange));
        let holds = claim.is_none() && exchange.is_success();
        let claim = claim.or_else(|| reordered(self.session, self.resource, sent, &exchange));
        self.judge(name, step, exchange, claim);
        Some(holds)
    }

    /// Whether the answer is another record than the one that was asked for.
    fn misnamed(&self, of: &Record, exchange: &Exchange) -> Option<Failure> {
        let body = exchange.answer.as_ref().ok()?.json()?;
        record(self.resource, &body)?;
        let (pointer, id) = self.resource.identity_in(&body)?;
        let member = pointer.rsplit('/').next().unwrap_or_default();
        // Of what a client named, the member that is meant is known only if it has the parameter's name.
        if self.resource.create.is_none() && plain(member) != plain(self.resource.parameter()) {
            return None;
        }
        let is_same = plain_text(&id) == plain_text(&of.id)
            || std::mem::discriminant(&id) != std::mem::discriminant(&of.id);
        let message = format!("`{pointer}` is {id}, and {} was asked for", of.id);
        (!is_same).then(|| Failure::error(Check::Body, message))
    }

    /// Updates a record with other values and reads them back; returns what was sent, where it was accepted.
    pub(super) async fn update(
        &mut self,
        name: &str,
        operation: usize,
        of: &Record,
        extent: Extent,
    ) -> Option<Map<String, Value>> {
        let described = self.operation(operation)?;
        let mut call = self.session.addressed(operation, &of.inputs)?;
        self.made += 1;
        call.body = call.body.map(|body| self.session.values.fresh_body(described, body, self.made, extent));
        if let Some(Body::Value { value, .. }) = &mut call.body {
            keep_name(value, of);
        }
        let sent = sent(&call).unwrap_or_default();
        let step = Step { call: call.clone(), expect: Expect::accepted() };
        let exchange = self.session.exchange(&step, &self.exchanges).await.ok()?;
        let is_done = exchange.is_success() && exchange.status() != 202;
        let claim = if is_done {
            let claim = reflects(self.session, self.resource, &sent, &exchange, Some(&call));
            claim.or_else(|| self.misnamed(of, &exchange))
        } else {
            None
        };
        self.judge(name, step, exchange, claim);
        if let Some(read) = self.resource.read.filter(|_| is_done) {
            self.read(&format!("read after {name}"), read, of, &sent).await;
        }
        is_done.then_some(sent)
    }

    /// Whether the answer to a record's identifier holds what was sent.
    pub(super) async fn holds(&self, read: usize, of: &Record) -> bool {
        let Some(call) = self.session.addressed(read, &of.inputs) else { return false };
        let step = Step { call: call.clone(), expect: Expect::success() };
        let Ok(exchange) = self.session.exchange(&step, &self.exchanges).await else { return false };
        let body = exchange.answer.as_ref().ok().and_then(|answer| answer.json());
        let got = body.as_ref().and_then(|body| record(self.resource, body));
        let same = |name: &String, sent: &Value| got.is_some_and(|got| got.get(name) == Some(sent));
        !of.sent.is_empty()
            && of.sent.iter().filter(|(name, sent)| same(name, sent)).count() * 2 > of.sent.len()
            && reflects(self.session, self.resource, &of.sent, &exchange, Some(&call)).is_none()
    }

    /// Whether a record can be read.
    pub(super) async fn is_alive(&self, of: &Record) -> bool {
        let call = self.resource.read.and_then(|read| self.session.addressed(read, &of.inputs));
        let Some(call) = call else { return true };
        let step = Step { call, expect: Expect::success() };
        self.session.exchange(&step, &self.exchanges).await.is_ok_and(|exchange| exchange.is_success())
    }

    /// Creates a record as another one was created; returns the status of a refusal.
    pub(super) async fn recreate(&mut self, step: Step) -> Option<u16> {
        let exchange = self.send("create it again", step, |_| None).await?;
        (!exchange.is_success()).then(|| exchange.status())
    }

    /// Whether a call that names a record that never was is answered that there is none.
    pub(super) async fn refuses_unknown(&self, operation: usize) -> bool {
        let Some(parameter) = self.operation(operation).and_then(|it| own_parameter(it)) else {
            return false;
        };
        let Some(value) = self.session.values.unlikely(parameter, self.made) else { return false };
        let inputs: Vec<Input> = self.parents.iter().cloned().chain([Input::Value(value)]).collect();
        let Some(call) = self.session.addressed(operation, &inputs) else { return false };
        let step = Step { call, expect: Expect::accepted() };
        let exchange = self.session.exchange(&step, &[]).await;
        exchange.is_ok_and(|exchange| matches!(exchange.status(), 404 | 410))
    }

    /// Whether an operation asks for a credential, and one is given.
    pub(super) fn is_protected(&self, operation: usize) -> bool {
        let Some(operation) = self.operation(operation) else { return false };
        let alternatives = &operation.security.alternatives;
        !alternatives.is_empty()
            && alternatives.iter().all(|alternative| !alternative.schemes.is_empty())
            && self.session.credentials.choose(operation).is_ok()
    }

    /// A number that no other body has.
    pub(super) fn next(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    /// Leaves a record for the cases that name one.
    pub(super) fn share(&self, of: &Record) {
        self.session.records.know(self.resource, of.values.clone(), true);
    }

    /// Values of the path before the record.
    pub(super) fn before(&self) -> &[Input] {
        &self.parents
    }

    /// Leaves a record that was found, which must not be changed.
    pub(super) fn adopt(&self, id: Value) {
        let parents = self.parents.iter().filter_map(|input| match input {
            Input::Value(value) => Some(value.clone()),
            _ => None,
        });
        self.session.records.know(self.resource, parents.chain([id]).collect(), false);
    }

    fn judge(&mut self, name: &str, step: Step, exchange: Exchange, claim: Option<Failure>) {
        let mut broken = self.session.judged(&step, &exchange);
        broken.extend(claim.filter(|_| exchange.is_success()));
        let operation = step.call.operation;
        let reached = if self.session.is_proof(&step, &exchange) { vec![operation] } else { Vec::new() };
        self.steps.push(step);
        self.exchanges.push(exchange);
        let (steps, exchanges) = self.relevant();
        let case = Case { operation, kind: CaseKind::State, name: self.unique(operation, name), steps };
        self.verdicts.push(verdict(case, broken, exchanges, reached, self.session.settings.keep));
    }

    /// A name that no verdict of the operation has yet.
    fn unique(&self, operation: usize, name: &str) -> String {
        let is_taken = |name: &str| {
            self.verdicts.iter().any(|it| it.case.operation == operation && it.case.name == name)
        };
        let numbered = (2..).map(|number| format!("{name} ({number})"));
        std::iter::once(name.to_owned()).chain(numbered).find(|name| !is_taken(name)).unwrap_or_default()
    }

    /// Adds a failure to the last call.
    pub(super) fn fail(&mut self, failure: Failure) {
        let exchanges = self.relevant().1;
        let Some(last) = self.verdicts.len().checked_sub(1) else { return };
        self.add(last, failure, exchanges);
    }

    /// Adds what answers to creations lack.
    pub(super) fn settle(&mut self) {
        for (at, failure) in std::mem::take(&mut self.pending) {
            // Creations come first, so that all calls up to one led to it.
            let exchanges = self.exchanges.get(..=at).unwrap_or(&self.exchanges).to_vec();
            self.add(at, failure, exchanges);
        }
    }

    fn add(&mut self, at: usize, failure: Failure, exchanges: Vec<Exchange>) {
        let Some(verdict) = self.verdicts.get_mut(at) else { return };
        match &mut verdict.outcome {
            CaseOutcome::Broken { broken, .. } => broken.push(failure),
            _ => verdict.outcome = CaseOutcome::Broken { broken: vec![failure], exchanges },
        }
    }

    /// Says why the scenario went no further.
    pub(super) fn skip(&mut self, reason: &str) {
        let resource = self.resource;
        let Some(operation) = resource.create.or(resource.replace).or(resource.list).or(resource.read) else {
            return;
        };
        let case = Case {
            operation,
            kind: CaseKind::State,
            name: self.unique(operation, "follow a record"),
            steps: Vec::new(),
        };
        self.verdicts.push(Verdict::new(case, CaseOutcome::Skipped(reason.to_owned())));
    }

    /// The last call, the writes that led to it, and the one before it even if it was refused, their references to each other adjusted.
    fn relevant(&self) -> (Vec<Step>, Vec<Exchange>) {
        let last = self.steps.len().saturating_sub(1);
        let is_done = |at: usize| self.exchanges.get(at).is_some_and(Exchange::is_success);
        let is_write = |step: &Step| {
            step.call.method.is_some() || self.operation(step.call.operation).is_some_and(writes)
        };
        let kept: Vec<usize> = self
            .steps
            .iter()
            .enumerate()
            .filter(|(at, step)| *at == last || is_write(step) && (*at + 1 == last || is_done(*at)))
            .map(|(at, _)| at)
            .collect();
        let steps = kept.iter().filter_map(|at| self.steps.get(*at)).map(|step| {
            let mut step = step.clone();
            for (_, _, input) in &mut step.call.parameters {
                if let Input::Link { step, .. } = input {
                    *step = kept.iter().position(|at| at == step).unwrap_or(*step);
                }
            }
            step
        });
        (steps.collect(), kept.iter().filter_map(|at| self.exchanges.get(*at)).cloned().collect())
    }
}

/// The last parameter of an operation's path.
fn own_parameter(operation: &Operation) -> Option<&Parameter> {
    let name = path_parameters(&operation.path.raw).pop()?;
    let mut all = operation.parameters.iter();
    all.find(|it| it.location == Location::Path && it.name == name).map(|it| &**it)
}

/// Puts the name of a record where it was when it was created: an update that renames it would lose it.
fn keep_name(body: &mut Value, of: &Record) {
    let names = of.sent.iter().filter(|(_, value)| **value == of.id).map(|(name, _)| name);
    for name in names {
        if let Some(member) = body.get_mut(name) {
            *member = of.id.clone();
        }
    }
}

/// A verdict of a scenario.
fn verdict(
    case: Case,
    broken: Vec<Failure>,
    exchanges: Vec<Exchange>,
    reached: Vec<usize>,
    keep: bool,
) -> Verdict {
    let status = exchanges.last().map_or(0, Exchange::status);
    let elapsed = exchanges.last().map(|exchange| exchange.elapsed).unwrap_or_default();
    let held = if keep && broken.is_empty() { exchanges.clone() } else { Vec::new() };
    let outcome =
        if broken.is_empty() { CaseOutcome::Kept(status) } else { CaseOutcome::Broken { broken, exchanges } };
    Verdict { elapsed, reached, held, ..Verdict::new(case, outcome) }
}

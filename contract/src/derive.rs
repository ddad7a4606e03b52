//! Which cases a document implies, one module a kind.

use std::collections::{BTreeMap, HashMap};

use descant_model::api::{Api, Location, Operation, Parameter, SchemaId};
use serde_json::Value;

use crate::case::{Call, Case, CaseKind, Input};
use crate::credentials::Credentials;
use crate::resource::{self, Resource};
use crate::round_trip::RoundTrip;
use crate::safety;
use crate::settings::Assumptions;
use crate::values::Values;
use crate::wire;

mod body;
mod boundary;
mod credential;
mod example;
mod link;
mod method;
mod parameter;
mod robustness;

pub(crate) use example::{Choice, call};

/// The cases of a document, in the order of its operations, and what could not be tried.
#[derive(Clone, Debug, Default)]
pub struct TestPlan {
    pub cases: Vec<Case>,
    pub left_out: Vec<LeftOut>,
    /// A valid call of each operation, with no more than it requires; `None` where there is none.
    pub bases: Vec<Option<Call>>,
    /// The resources whose records are followed.
    pub resources: Vec<Resource>,
}

/// The first number of fresh values; the scenarios of state have those below.
const FRESH: u64 = 1_000_000;

/// The most values of parameters that the cases of one operation send. Each case sends all that are required, so that those
/// of n parameters send n²: 800 would take a gigabyte. What comes first is tried.
const MAX_SENT: usize = 200_000;

/// Something that could not be tried, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Index into [`Api::operations`].
    pub operation: usize,
    pub kind: CaseKind,
    pub reason: String,
}

/// What the modules of the kinds work with.
struct Context<'a> {
    api: &'a Api,
    values: Values,
    credentials: &'a Credentials,
    assume: &'a Assumptions,
    plan: TestPlan,
    /// How many fresh values were given out.
    fresh: u64,
    /// How many cases have a name.
    names: HashMap<(usize, CaseKind, String), usize>,
    /// What is left of [`MAX_SENT`] for the operation at hand.
    unsent: usize,
    /// The cases of the operation at hand that would send more.
    omitted: BTreeMap<CaseKind, usize>,
}

/// One operation and a call of it that is right in every way, with no more than it requires.
struct Subject<'a> {
    index: usize,
    operation: &'a Operation,
    base: Call,
}

/// Derives every case of a document.
pub fn derive(api: &Api, credentials: &Credentials, assume: &Assumptions) -> TestPlan {
    let values = Values::new(api, assume);
    let mut context = Context {
        api,
        values,
        credentials,
        assume,
        plan: TestPlan::default(),
        fresh: 0,
        names: HashMap::new(),
        unsent: 0,
        omitted: BTreeMap::new(),
    };
    for (index, operation) in api.operations.iter().enumerate() {
        context.unsent = MAX_SENT;
        let base = context.derive(index, operation);
        context.plan.bases.push(base);
        for (kind, count) in std::mem::take(&mut context.omitted) {
            let reason = format!("{count} further cases: the operation has many parameters");
            context.leave_out(index, kind, reason);
        }
    }
    let is_called = |at: &usize| context.plan.bases.get(*at).is_some_and(Option::is_some);
    let mut resources = resource::infer(api);
    for resource in &mut resources {
        let Resource { create, list, read, replace, modify, delete, .. } = resource;
        for operation in [create, list, read, replace, modify, delete] {
            *operation = operation.filter(is_called);
        }
    }
    context.plan.resources = resources;
    context.plan
}

impl Context<'_> {
    /// Derives the cases of an operation; returns a valid call of it, where it can be called.
    fn derive(&mut self, index: usize, operation: &Operation) -> Option<Call> {
        if let Some(reason) = safety::left_out(self.api, operation, self.assume) {
            self.leave_out(index, CaseKind::Example, reason);
            return None;
        }
        let base = match self.base(index, operation) {
            Ok(base) => base,
            Err(reason) => {
                self.leave_out(index, CaseKind::Example, reason);
                return None;
            }
        };
        let subject = Subject { index, operation, base };
        if let Err(schemes) = self.credentials.choose(operation) {
            self.leave_out(index, CaseKind::Example, format!("no credential for {schemes}"));
            credential::derive(self, &subject, false);
            return None;
        }
        self.operation(&subject);
        Some(subject.base)
    }

    fn operation(&mut self, subject: &Subject<'_>) {
        example::derive(self, subject);
        link::derive(self, subject);
        boundary::derive(self, subject);
        credential::derive(self, subject, true);
        parameter::derive(self, subject);
        body::derive(self, subject);
        method::derive(self, subject);
        robustness::derive(self, subject);
    }

    /// The call that has all that is required, and no more. A write names a record that does not exist, unless the
    /// user allows others.
    fn base(&self, index: usize, operation: &Operation) -> Result<Call, String> {
        let mut call = example::call(&self.values, index, operation, &example::Choice::default())?;
        if !self.is_free() && matches!(operation.method.as_str(), "PUT" | "PATCH" | "DELETE") {
            for parameter in operation.parameters.iter().filter(|it| it.location == Location::Path) {
                let unlikely = self.values.unlikely(parameter, index as u64);
                if let Some(value) = unlikely.filter(|_| !self.values.is_fixed(parameter)) {
                    call = call.with(Location::Path, &parameter.name, Input::Value(value));
                }
            }
        }
        Ok(call)
    }

    /// Whether records may be changed that the run did not create.
    fn is_free(&self) -> bool {
        self.assume.examples_exist || self.assume.destructive
    }

    /// Returns a value whose names and keys no other request has; the member at `pointer` stays.
    fn fresh(&mut self, operation: &Operation, schema: SchemaId, value: Value, pointer: &str) -> Value {
        if operation.method != "POST" {
            return value;
        }
        self.fresh += 1;
        self.values.fresh(schema, value, FRESH + self.fresh, pointer)
    }

    /// Whether a value that its schema does not allow is still such a one when it was written as text and read again.
    fn stays_broken(&self, parameter: &Parameter, value: &Value) -> bool {
        match wire::round_trip(self.values.schemas(), parameter, value) {
            RoundTrip::Unsent => false,
            RoundTrip::Unreadable => true,
            RoundTrip::As(read) => !self.values.accepts(parameter.schema, &read),
        }
    }

    /// Whether a value is the same when it was written as text and read again.
    fn survives(&self, parameter: &Parameter, value: &Value) -> bool {
        wire::round_trip(self.values.schemas(), parameter, value) == RoundTrip::As(value.clone())
    }

    /// Adds a case under a name that no other case of its operation and kind has, unless the cases of its operation send
    /// too much.
    fn add(&mut self, mut case: Case) {
        let sent = case.steps.iter().map(|step| step.call.parameters.len()).sum();
        let Some(left) = self.unsent.checked_sub(sent) else {
            *self.omitted.entry(case.kind).or_default() += 1;
            return;
        };
        self.unsent = left;
        let count = self.names.entry((case.operation, case.kind, case.name.clone())).or_default();
        *count += 1;
        if *count > 1 {
            case.name = format!("{} ({count})", case.name);
        }
        self.plan.cases.push(case);
    }

    fn leave_out(&mut self, operation: usize, kind: CaseKind, reason: String) {
        self.plan.left_out.push(LeftOut { operation, kind, reason });
    }
}

#[cfg(test)]
mod tests {
    use descant_model::load::{Options, load_text};

    use super::*;

    #[test]
    fn the_cases_of_many_parameters_are_bounded() {
        let parameter =
            |i: usize| format!("{{name: q{i}, in: query, required: true, schema: {{type: string}}}}");
        let parameters: Vec<String> = (0..400).map(parameter).collect();
        let text = format!(
            "openapi: 3.1.0
info: {{title: T, version: '1'}}
paths:
  /a: {{get: {{parameters: [{}], responses: {{'200': {{description: d}}}}}}}}
  /b: {{get: {{responses: {{'200': {{description: d}}}}}}}}
",
            parameters.join(", ")
        );
        let api = load_text("api.yaml", text, &Options::default()).api.unwrap();
        let plan = derive(&api, &Credentials::default(), &Assumptions::default());
        let sent = |case: &Case| case.steps.iter().map(|step| step.call.parameters.len()).sum::<usize>();
        let of = |operation: usize| plan.cases.iter().filter(move |case| case.operation == operation);
        assert!(of(0).map(sent).sum::<usize>() <= MAX_SENT);
        assert_eq!(of(0).filter(|case| case.name.ends_with(": missing")).count(), 400);
        assert!(of(1).count() > 1, "another operation has cases of its own");
        let [left] = plan.left_out.as_slice() else { panic!("{:?}", plan.left_out) };
        assert_eq!((left.operation, left.kind), (0, CaseKind::Robustness));
        assert!(left.reason.ends_with("further cases: the operation has many parameters"), "{}", left.reason);
    }
}

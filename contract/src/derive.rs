//! Which cases a document implies, one module a kind.

use descant_model::api::{Api, Operation, Parameter};
use serde_json::Value;

use crate::case::{Call, Case, CaseKind};
use crate::credentials::Credentials;
use crate::round_trip::RoundTrip;
use crate::values::Values;
use crate::wire;

mod body;
mod boundary;
mod credential;
mod example;
mod link;
mod method;
mod parameter;

pub(crate) use example::{Choice, call};

/// What is known beforehand, so that more can be asked for.
#[derive(Clone, Debug, Default)]
pub struct Assumptions {
    /// Draws the samples where the document has no example.
    pub seed: u64,
    /// What the examples name exists: an example must succeed, and a broken body is not answered with 404.
    pub examples_exist: bool,
    /// Text in an optional query parameter is refused too where it is not of the form that the schema asks for. Many
    /// services take it for a filter that nothing meets.
    pub strict: bool,
}

/// The cases of a document, in the order of its operations, and what could not be tried.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub cases: Vec<Case>,
    pub left_out: Vec<LeftOut>,
}

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
    plan: Plan,
}

/// One operation and a call of it that is right in every way, with no more than it requires.
struct Subject<'a> {
    index: usize,
    operation: &'a Operation,
    base: Call,
}

/// Derives every case of a document.
pub fn derive(api: &Api, credentials: &Credentials, assume: &Assumptions) -> Plan {
    let values = Values::new(api, assume.seed);
    let mut context = Context { api, values, credentials, assume, plan: Plan::default() };
    for (index, operation) in api.operations.iter().enumerate() {
        match context.base(index, operation) {
            Ok(base) => context.operation(&Subject { index, operation, base }),
            Err(reason) => context.leave_out(index, CaseKind::Example, reason),
        }
    }
    context.plan
}

impl Context<'_> {
    fn operation(&mut self, subject: &Subject<'_>) {
        example::derive(self, subject);
        link::derive(self, subject);
        boundary::derive(self, subject);
        credential::derive(self, subject);
        parameter::derive(self, subject);
        body::derive(self, subject);
        method::derive(self, subject);
    }

    /// The call that has all that is required, and no more.
    fn base(&self, index: usize, operation: &Operation) -> Result<Call, String> {
        self.credentials.choose(operation).map_err(|schemes| format!("no credential for {schemes}"))?;
        example::call(&self.values, index, operation, &example::Choice::default())
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

    fn add(&mut self, case: Case) {
        self.plan.cases.push(case);
    }

    fn leave_out(&mut self, operation: usize, kind: CaseKind, reason: String) {
        self.plan.left_out.push(LeftOut { operation, kind, reason });
    }
}

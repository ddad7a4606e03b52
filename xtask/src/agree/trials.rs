//! Collects the requests of one operation: the contract's cases, and every known fault of a request.

use std::collections::HashSet;

use descant_contract::case::{Call, Case, CaseKind};
use descant_contract::{Credentials, HttpRequest, encode};
use descant_model::api::{Api, Operation, SchemaId};
use descant_schema::{Boundary, Direction, SamplerOptions, SchemaSet};
use serde_json::{Value, json};

/// The most requests of one operation.
const MOST: usize = 1500;

/// One request and what it tries, in words that are the same for all of its kind.
pub(super) struct Trial {
    pub(super) kind: String,
    pub(super) wire: HttpRequest,
}

/// The requests of an operation while they are gathered.
pub(super) struct Trials<'a> {
    pub(super) api: &'a Api,
    set: &'a SchemaSet,
    pub(super) credentials: &'a Credentials,
    pub(super) operation: &'a Operation,
    /// A call that is right in every way, with no more than what is required, and the request that it is.
    pub(super) base: &'a Call,
    pub(super) wire: &'a HttpRequest,
    found: Vec<Trial>,
    seen: HashSet<String>,
    cut: usize,
}

impl<'a> Trials<'a> {
    pub(super) fn new(
        api: &'a Api,
        set: &'a SchemaSet,
        credentials: &'a Credentials,
        operation: &'a Operation,
        base: &'a Call,
        wire: &'a HttpRequest,
    ) -> Self {
        let mut trials = Self {
            api,
            set,
            credentials,
            operation,
            base,
            wire,
            found: Vec::new(),
            seen: HashSet::new(),
            cut: 0,
        };
        trials.wire("required only", wire.clone());
        trials
    }

    /// Adds a case of the contract tests.
    pub(super) fn case(&mut self, case: &Case) {
        let [step] = case.steps.as_slice() else { return };
        // The case's name names the parameter; its last words say what is tried.
        let what = match case.kind {
            CaseKind::Boundary | CaseKind::Parameter | CaseKind::Body => {
                let what = case.name.rsplit(": ").next().unwrap_or_default();
                what.split(" of ").next().unwrap_or_default()
            }
            CaseKind::Method => case.name.as_str(),
            _ => "",
        };
        self.call(format!("{} {what}", case.kind.as_str()).trim(), step.call.clone());
    }

    /// Adds a call. One that cannot be written down is no request.
    pub(super) fn call(&mut self, kind: impl Into<String>, call: Call) {
        if let Ok(wire) = encode(self.api, &call, self.credentials, &[]) {
            self.wire(kind, wire);
        }
    }

    /// Adds a request, unless it is there already.
    pub(super) fn wire(&mut self, kind: impl Into<String>, wire: HttpRequest) {
        let HttpRequest { method, target, headers, body, .. } = &wire;
        if !self.seen.insert(format!("{method} {target} {headers:?} {body:?}")) {
            return;
        }
        match self.found.len() < MOST {
            true => self.found.push(Trial { kind: kind.into(), wire }),
            false => self.cut += 1,
        }
    }

    /// Adds the valid request with a change.
    pub(super) fn changed(&mut self, kind: impl Into<String>, change: impl FnOnce(&mut HttpRequest)) {
        let mut wire = self.wire.clone();
        change(&mut wire);
        self.wire(kind, wire);
    }

    /// The values at the edges of a schema.
    pub(super) fn boundaries(&self, schema: SchemaId) -> Vec<Boundary> {
        self.set.boundaries(schema)
    }

    /// A value of a schema as one side sends it.
    pub(super) fn sample(&self, schema: SchemaId, direction: Direction) -> Option<Value> {
        sample(self.set, schema, direction)
    }

    /// The requests, and how many more there would be.
    pub(super) fn into_trials(self) -> (Vec<Trial>, usize) {
        (self.found, self.cut)
    }
}

/// A value of every kind, to put in the place of a member.
pub(super) fn of_every_kind() -> [Value; 8] {
    [json!(null), json!("descant"), json!(""), json!(7), json!(7.5), json!(true), json!([]), json!({})]
}

/// A value of a schema as one side sends it.
pub(super) fn sample(set: &SchemaSet, schema: SchemaId, direction: Direction) -> Option<Value> {
    set.sampler(schema, direction, SamplerOptions::default()).ok()?.sample(1).ok()
}

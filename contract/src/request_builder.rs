//! One call of an operation that is right in every way: what a judge of a mock and the closed loop send.

use descant_model::api::{Api, Location, Operation, Parameter};
use serde_json::Value;

use crate::case::{Call, Input};
use crate::credentials::Credentials;
use crate::derive::{Choice, call};
use crate::exchange::HttpRequest;
use crate::settings::Assumptions;
use crate::values::Values;
use crate::wire;

/// How many seeds are tried for a value that can be written: an empty text cannot in a path, nor spaces between spaces.
const TRIES: u64 = 8;

/// How much a valid call has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// What is required: the document's examples, else samples.
    Required,
    /// Every parameter, and a body: samples alone.
    Everything,
}

/// Makes calls of the operations of a document that a service must take.
pub struct RequestBuilder<'a> {
    api: &'a Api,
    credentials: &'a Credentials,
    values: Values,
}

impl<'a> RequestBuilder<'a> {
    /// One whose samples are drawn from a seed.
    pub fn new(api: &'a Api, credentials: &'a Credentials, seed: u64) -> Self {
        Self { api, credentials, values: Values::new(api, &Assumptions { seed, ..Assumptions::default() }) }
    }

    /// A call of an operation, by its index in [`Api::operations`], and the request that it is.
    ///
    /// # Errors
    /// What it is that no value can be, or that cannot be written down.
    pub fn call(&self, operation: usize, extent: Completeness) -> Result<(Call, HttpRequest), String> {
        let called = self.api.operations.get(operation).ok_or("the operation does not exist")?;
        self.credentials.choose(called).map_err(|schemes| format!("no credential for {schemes}"))?;
        let call = match extent {
            Completeness::Required => call(&self.values, operation, called, &Choice::default())?,
            Completeness::Everything => self.everything(operation, called)?,
        };
        let call = self.writable(called, call);
        let wire = wire::encode(self.api, &call, self.credentials, &[])?;
        Ok((call, wire))
    }

    fn everything(&self, index: usize, operation: &Operation) -> Result<Call, String> {
        let mut call = Call { operation: index, ..Call::default() };
        for parameter in &operation.parameters {
            match self.values.sample(parameter.schema) {
                Ok(value) => {
                    call.parameters.push((parameter.location, parameter.name.clone(), Input::Value(value)));
                }
                Err(reason) if parameter.required => {
                    return Err(format!("parameter {}: {reason}", parameter.name));
                }
                Err(_) => {}
            }
        }
        let body = operation.request_body.as_ref().and_then(|body| Choice::default().media(body));
        let body = body.map(|(key, media)| self.values.sampled_body(key, media));
        call.body = body.transpose().map_err(|reason| format!("body: {reason}"))?;
        Ok(call)
    }

    /// The call with values that can be written as their parameters are, where there are such.
    fn writable(&self, operation: &Operation, mut call: Call) -> Call {
        for parameter in &operation.parameters {
            let holds = |value: &Value| wire::is_writable(parameter, value);
            let sent = call.parameters.iter().find(|(at, name, _)| is(parameter, *at, name));
            if !matches!(sent, Some((_, _, Input::Value(value))) if !holds(value)) {
                continue;
            }
            let mut others = (1..=TRIES).filter_map(|seed| self.values.other(parameter.schema, seed).ok());
            if let Some(value) = others.find(holds) {
                call = call.with(parameter.location, &parameter.name, Input::Value(value));
            } else if !parameter.required {
                call = call.without(parameter.location, &parameter.name);
            }
        }
        call
    }
}

fn is(parameter: &Parameter, location: Location, name: &str) -> bool {
    parameter.location == location && parameter.name == name
}

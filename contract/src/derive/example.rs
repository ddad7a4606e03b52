//! Calls that the document's own examples make; samples stand in where it has none.

use descant_model::api::{ExampleValue, Location, MediaType, Operation, Parameter, RequestBody};

use super::{Context, Subject};
use crate::case::{Call, Case, CaseKind};
use crate::expect::Expect;
use crate::values::{Values, is_json};

/// Which of the values that a document offers a call takes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Choice<'a> {
    /// Take the examples of this name where there are any.
    pub(crate) example: Option<&'a str>,
    /// Send optional parameters that have an example.
    pub(crate) optional: bool,
    /// The key of the body's media type; the first of JSON, else the first, where it is not stated.
    pub(crate) media_type: Option<&'a str>,
}

/// One case with no more than what is required, one a media type of the body, one with every optional parameter that
/// has an example, and one an example's name.
pub(super) fn derive(context: &mut Context<'_>, subject: &Subject<'_>) {
    let mut tried = vec![subject.base.clone()];
    add(context, "required only".to_owned(), subject.base.clone());
    for (name, choice) in choices(subject.operation) {
        let call = call(&context.values, subject.index, subject.operation, &choice);
        match call.map(|call| addressed(call, &subject.base)) {
            Ok(call) if !tried.contains(&call) => {
                tried.push(call.clone());
                add(context, name, call);
            }
            Ok(_) => {}
            Err(reason) => context.leave_out(subject.index, CaseKind::Example, format!("{name}: {reason}")),
        }
    }
}

/// A call of the record that the smallest valid call names.
fn addressed(call: Call, base: &Call) -> Call {
    let path = base.parameters.iter().filter(|(location, _, _)| *location == Location::Path);
    path.fold(call, |call, (location, name, input)| call.with(*location, name, input.clone()))
}

/// The calls that a document's examples make beside the smallest one, each with its name.
fn choices(operation: &Operation) -> Vec<(String, Choice<'_>)> {
    let bodies = operation.request_body.iter().flat_map(|body| body.content.keys());
    let by_body =
        bodies.map(|key| (format!("body {key}"), Choice { media_type: Some(key), ..Choice::default() }));
    let all = ("with optional".to_owned(), Choice { optional: true, ..Choice::default() });
    let by_name = names(operation).into_iter().map(|name| {
        (format!("example {name}"), Choice { example: Some(name), optional: true, ..Choice::default() })
    });
    by_body.chain([all]).chain(by_name).collect()
}

fn add(context: &mut Context<'_>, name: String, call: Call) {
    let expect = if context.assume.examples_exist { Expect::success() } else { Expect::accepted() };
    context.add(Case::single(CaseKind::Example, name, call, expect));
}

/// A call with all that is required, and what the choice adds.
pub(crate) fn call(
    values: &Values,
    index: usize,
    operation: &Operation,
    choice: &Choice<'_>,
) -> Result<Call, String> {
    let mut call = Call { operation: index, ..Call::default() };
    for parameter in operation.parameters.iter().filter(|p| p.required || choice.takes(p)) {
        let value = values.parameter(parameter, choice.example);
        let value = value.map_err(|reason| format!("parameter {}: {reason}", parameter.name))?;
        call.parameters.push((parameter.location, parameter.name.clone(), value));
    }
    if let Some((key, media)) = operation.request_body.as_ref().and_then(|body| choice.media(body)) {
        call.body =
            Some(values.body(key, media, choice.example).map_err(|reason| format!("body: {reason}"))?);
    }
    Ok(call)
}

impl Choice<'_> {
    /// Whether an optional parameter is sent: where it has an example, and, for a named one, an example of that name.
    fn takes(&self, parameter: &Parameter) -> bool {
        let fits = |name: Option<&str>| self.example.is_none_or(|wanted| name == Some(wanted));
        self.optional && parameter.examples.iter().any(|e| fits(e.name.as_deref()) && is_value(&e.value))
    }

    /// The media type to send a body in: the one asked for, else one that has the example, else JSON, else the first.
    pub(crate) fn media<'b>(&self, body: &'b RequestBody) -> Option<(&'b String, &'b MediaType)> {
        if let Some(key) = self.media_type {
            return body.content.get_key_value(key);
        }
        let has = |media: &MediaType| {
            self.example.is_some() && media.examples.iter().any(|e| e.name.as_deref() == self.example)
        };
        let named = body.content.iter().find(|(_, media)| has(media));
        named.or_else(|| body.content.iter().find(|(key, _)| is_json(key))).or_else(|| body.content.first())
    }
}

/// The names of the examples of parameters and bodies, in the document's order.
fn names(operation: &Operation) -> Vec<&str> {
    let parameters = operation.parameters.iter().flat_map(|p| &p.examples);
    let bodies = operation.request_body.iter().flat_map(|b| b.content.values()).flat_map(|m| &m.examples);
    let mut names: Vec<&str> = Vec::new();
    for example in parameters.chain(bodies).filter(|example| is_value(&example.value)) {
        if let Some(name) = example.name.as_deref().filter(|name| !names.contains(name)) {
            names.push(name);
        }
    }
    names
}

fn is_value(value: &ExampleValue) -> bool {
    !matches!(value, ExampleValue::External(_))
}

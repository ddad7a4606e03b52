//! Calls with unusual text, encodings and combinations: what is valid is accepted, what is not is refused, and nothing
//! makes the service fail.

use descant_model::api::{Location, Parameter};
use descant_model::schema::Kinds;
use serde_json::Value;

use super::{Context, Subject};
use crate::case::{Call, Case, CaseKind, Input};
use crate::expect::{Cause, Expect};
use crate::resource::shape;
use crate::safety::is_safe;

mod body;

/// Text of query and path that looks like a whole number to some readers.
const NUMBERS: [(&str, &str); 9] = [
    ("hexadecimal", "0x1"),
    ("underscore", "1_0"),
    ("other digits", "%D9%A3"),
    ("trailing text", "1x"),
    ("fraction", "1.5"),
    ("exponent", "1e400"),
    ("thirty digits", "100000000000000000000000000001"),
    ("NUL", "1%00"),
    ("not UTF-8", "%FF"),
];

/// Text of a query or path that a schema may admit or not; no service fails for it.
const TEXTS: [(&str, &str); 6] = [
    ("astral", "a%F0%9F%98%80"),
    ("quotes", "a%27b%22c%5Cd"),
    ("placeholders", "%25s%7B0%7D%24%7Bx%7D"),
    ("NUL", "a%00b"),
    ("not UTF-8", "a%FFb"),
    ("lines", "a%0D%0Ab"),
];

/// A whole number beyond 32 bits, which is 5 to a reader that drops what it cannot hold.
const WRAPPED: u64 = (1 << 32) + 5;
/// The length of a text that is long.
const LONG: usize = 3_000;
/// How many optional parameters are combined in pairs.
const PAIRED: usize = 6;

/// Derives the cases of an operation.
pub(super) fn derive(context: &mut Context<'_>, subject: &Subject<'_>) {
    parameters(context, subject);
    unknown(context, subject);
    pairs(context, subject);
    for method in ["HEAD", "OPTIONS"] {
        harmless(context, subject, method);
    }
    body::derive(context, subject);
}

fn add(context: &mut Context<'_>, name: String, call: Call, expect: Expect) {
    context.add(Case::single(CaseKind::Robustness, name, call, expect));
}

/// A query parameter that is empty or repeated, and texts that are no number where one is expected.
fn parameters(context: &mut Context<'_>, subject: &Subject<'_>) {
    for parameter in &subject.operation.parameters {
        let location = descant_exchange::codec::location(parameter.location);
        let refusal = Expect::refusal(subject.operation, Cause::Parameter(location), false);
        let name = |what: &str| format!("{} {}: {what}", parameter.location.as_str(), parameter.name);
        let kinds = kinds(context, parameter);
        let is_number = kinds.is_some_and(|kinds| Kinds::NUMBER.contains(kinds));
        let is_scalar = is_number || kinds == Some(Kinds::BOOLEAN) || kinds == Some(Kinds::STRING);
        let raw = |text: &str| {
            let text = match parameter.location {
                Location::Query => format!("{}={text}", encoded(&parameter.name)),
                _ => text.to_owned(),
            };
            subject.base.clone().with(parameter.location, &parameter.name, Input::Raw(text))
        };
        let is_query = parameter.location == Location::Query && is_scalar && !has_content(parameter);
        if is_query && is_number && !allows_empty(parameter) {
            add(context, name("empty"), raw(""), refusal.clone());
        }
        if is_query && let Ok(value) = context.values.sample(parameter.schema) {
            let text = encoded(value.as_str().unwrap_or(&value.to_string()));
            let twice = raw(&format!("{text}&{}={text}", encoded(&parameter.name)));
            let expect = if context.assume.strict { refusal.clone() } else { refusal.clone().or_success() };
            add(context, name("repeated"), twice, expect);
        }
        let is_sent = is_query || parameter.location == Location::Path && is_safe(&subject.operation.method);
        if !is_sent || has_content(parameter) {
            continue;
        }
        if kinds == Some(Kinds::INTEGER) {
            for (what, text) in NUMBERS {
                add(context, name(what), raw(text), refusal.clone());
            }
            if !context.values.accepts(parameter.schema, &Value::from(WRAPPED)) {
                add(context, name("beyond 32 bits"), raw(&WRAPPED.to_string()), refusal.clone());
            }
        } else if kinds == Some(Kinds::STRING) {
            let long = "a".repeat(LONG);
            for (what, text) in TEXTS.into_iter().chain([("long", long.as_str())]) {
                add(context, name(what), raw(text), Expect::no_failure());
            }
        }
    }
}

/// The kinds that a parameter's schema admits, where it states them itself.
fn kinds(context: &Context<'_>, parameter: &Parameter) -> Option<Kinds> {
    let model = context.values.schemas().model();
    let mut schema = model.schema(parameter.schema?)?;
    if let Some(target) = schema.as_reference() {
        schema = model.schema(target)?;
    }
    schema.kinds().copied()
}

fn has_content(parameter: &Parameter) -> bool {
    matches!(parameter.encoding, descant_model::api::ParameterEncoding::Content { .. })
}

fn allows_empty(parameter: &Parameter) -> bool {
    matches!(parameter.encoding, descant_model::api::ParameterEncoding::Style { allow_empty: true, .. })
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// A query parameter that the document does not declare: taken or refused.
fn unknown(context: &mut Context<'_>, subject: &Subject<'_>) {
    let has_query = |it: &Parameter| matches!(it.location, Location::Query | Location::QueryString);
    let Some(parameter) = subject.operation.parameters.iter().find(|it| has_query(it)) else { return };
    if parameter.location == Location::Query
        && kinds(context, parameter).is_some()
        && !has_content(parameter)
        && let Ok(value) = context.values.sample(parameter.schema)
        && (value.is_number() || value.is_string() || value.is_boolean())
    {
        let text = encoded(value.as_str().unwrap_or(&value.to_string()));
        let pair = format!("{}={text}&x-descant-unknown=1", encoded(&parameter.name));
        let call = subject.base.clone().with(Location::Query, &parameter.name, Input::Raw(pair));
        let cause = Cause::Parameter(descant_runtime::param::Location::Query);
        let expect = Expect::refusal(subject.operation, cause, true).or_success();
        add(context, "unknown query parameter".to_owned(), call, expect);
    }
}

/// Two optional query parameters at once, each with a valid value.
fn pairs(context: &mut Context<'_>, subject: &Subject<'_>) {
    let optional = |it: &&Parameter| it.location == Location::Query && !it.required;
    let parameters = subject.operation.parameters.iter().map(|it| &**it).filter(optional);
    let valued = parameters.filter_map(|it| {
        let input = context.values.parameter(it, None).ok()?;
        let is_sent = matches!(&input, Input::Value(value) if context.survives(it, value));
        is_sent.then(|| (it.name.clone(), input))
    });
    let valued: Vec<(String, Input)> = valued.take(PAIRED).collect();
    for (at, (first, value)) in valued.iter().enumerate() {
        let call = subject.base.clone().with(Location::Query, first, value.clone());
        for (second, value) in valued.iter().skip(at) {
            let name = if first == second {
                format!("query {first} alone")
            } else {
                format!("query {first} and {second}")
            };
            let call = call.clone().with(Location::Query, second, value.clone());
            add(context, name, call, Expect::accepted());
        }
    }
}

/// HEAD in place of GET (RFC 9110, 9.3.2), and OPTIONS: whatever they are answered, nothing fails.
fn harmless(context: &mut Context<'_>, subject: &Subject<'_>, method: &str) {
    let path = shape(&subject.operation.path.raw);
    let mut all = context.api.operations.iter();
    let is_declared = all.any(|it| it.method == method && shape(&it.path.raw) == path);
    if subject.operation.method == "GET" && !is_declared {
        let call = Call { method: Some(method.to_owned()), ..subject.base.clone() };
        add(context, method.to_owned(), call, Expect::no_failure());
    }
}

//! Calls with unusual text, encodings and combinations: what is valid is accepted, what is not is refused, and nothing
//! makes the service fail.

use bytes::Bytes;
use descant_model::api::{Location, Parameter, SchemaId};
use descant_model::schema::Kinds;
use serde_json::{Map, Value, json};

use super::{Context, Subject};
use crate::case::{Body, Call, Case, CaseKind, Input};
use crate::expect::{Cause, Expect, Statuses};
use crate::resource::shape;
use crate::safety::{is_safe, writes};
use crate::values::is_json;
use crate::wire::concrete;

/// Text that is valid wherever a schema admits any, each with its name.
const TEXTS: [(&str, &str); 7] = [
    ("astral", "a😀𝒳"),
    ("combining", "e\u{301}a\u{30a}"),
    ("blank ends", " a b "),
    ("quotes", "a'b\"c\\d"),
    ("markup", "<b>&amp;</b>"),
    ("right to left", "אב\u{202e}c"),
    ("NUL", "a\u{0}b"),
];

/// Text of query and path that looks like a whole number to some readers.
const NUMBERS: [(&str, &str); 5] = [
    ("hexadecimal", "0x1"),
    ("underscore", "1_0"),
    ("other digits", "%D9%A3"),
    ("trailing text", "1x"),
    ("exponent", "1e400"),
];

/// How many optional members or parameters are combined in pairs.
const PAIRED: usize = 8;
/// How many members of a body are given unusual text.
const MEMBERS: usize = 8;
/// The depth of a body that no schema describes.
const DEPTH: usize = 20_000;

/// Derives the cases of an operation.
pub(super) fn derive(context: &mut Context<'_>, subject: &Subject<'_>) {
    parameters(context, subject);
    unknown(context, subject);
    head(context, subject);
    let json =
        subject.operation.request_body.iter().flat_map(|body| &body.content).find(|(key, _)| is_json(key));
    if let Some((key, media)) = json {
        encodings(context, subject, &concrete(key));
        if let Some(schema) = media.schema {
            texts(context, subject, &concrete(key), schema);
            pairs(context, subject, &concrete(key), schema);
        }
    }
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
        let is_integer = kinds == Some(Kinds::INTEGER);
        for (what, text) in NUMBERS.into_iter().filter(|_| is_sent && is_integer && !has_content(parameter)) {
            add(context, name(what), raw(text), refusal.clone());
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

/// HEAD in place of GET (RFC 9110, 9.3.2).
fn head(context: &mut Context<'_>, subject: &Subject<'_>) {
    let path = shape(&subject.operation.path.raw);
    let mut all = context.api.operations.iter();
    let is_declared = all.any(|it| it.method == "HEAD" && shape(&it.path.raw) == path);
    if subject.operation.method == "GET" && !is_declared {
        let call = Call { method: Some("HEAD".to_owned()), ..subject.base.clone() };
        let mut expect = Expect::refusal(subject.operation, Cause::Method, true).or_success();
        expect.allow = false;
        if let Statuses::OrSuccess(statuses) = &mut expect.statuses {
            statuses.extend([401, 403, 404]);
        }
        add(context, "HEAD".to_owned(), call, expect);
    }
}

/// Bodies whose text is unusual: some are JSON, some are not.
fn encodings(context: &mut Context<'_>, subject: &Subject<'_>, media_type: &str) {
    let Some(Body::Value { value, .. }) = &subject.base.body else { return };
    let text = value.to_string();
    let may_be_unknown = subject.operation.path.raw.contains('{') && !context.assume.examples_exist;
    let refused = Expect::refusal(subject.operation, Cause::Body, may_be_unknown);
    let raw = |media_type: &str, bytes: Vec<u8>| {
        let body = Body::Raw { media_type: media_type.to_owned(), bytes: Bytes::from(bytes) };
        subject.base.clone().body(Some(body))
    };
    let mut invalid: Vec<(&str, Vec<u8>)> = vec![
        ("text after the body", format!("{text} x").into_bytes()),
        ("deep", "[".repeat(DEPTH).into_bytes()),
        ("not UTF-8", [b"{\"a\": \"\xff\xfe\"".as_slice(), b"}"].concat()),
        ("comment", format!("{text} // x").into_bytes()),
    ];
    if let Some(members) = value.as_object().filter(|members| !members.is_empty()) {
        let inner = text.get(1..).unwrap_or_default();
        let number = members.iter().find(|(_, value)| value.is_number());
        if let Some((name, _)) = number {
            let changed = |number: &str| {
                let mut members: Map<String, Value> = members.clone();
                members.insert(name.clone(), json!("\u{1}"));
                Value::Object(members).to_string().replacen("\"\\u0001\"", number, 1).into_bytes()
            };
            invalid.push(("NaN", changed("NaN")));
            invalid.push(("leading zero", changed("01")));
        }
        let lenient = refused.clone().or_success();
        let (name, first) =
            members.iter().next().map(|(name, value)| (json!(name), value.clone())).unwrap_or_default();
        let twice = format!("{{{name}:{first},{inner}");
        add(context, "body: duplicate key".to_owned(), raw(media_type, twice.into_bytes()), lenient.clone());
        let marked = ["\u{feff}".as_bytes(), text.as_bytes()].concat();
        add(context, "body: byte order mark".to_owned(), raw(media_type, marked), lenient.clone());
        let surrogate = format!("{{\"x-descant\":\"\\ud800\",{inner}");
        add(context, "body: lone surrogate".to_owned(), raw(media_type, surrogate.into_bytes()), lenient);
    }
    for (name, bytes) in invalid {
        add(context, format!("body: {name}"), raw(media_type, bytes), refused.clone());
    }
    if subject.operation.method != "POST" {
        let call = raw(&format!("{media_type}; charset=utf-8"), text.into_bytes());
        add(context, "body: charset".to_owned(), call, Expect::accepted());
    }
}

/// Each text member with unusual text, which must be accepted and read back as it was.
fn texts(context: &mut Context<'_>, subject: &Subject<'_>, media_type: &str, schema: SchemaId) {
    let Some(Body::Value { value: Value::Object(members), .. }) = &subject.base.body else { return };
    let names = members.iter().filter(|(_, value)| value.is_string()).map(|(name, _)| name.clone());
    let lenient = Expect::refusal(subject.operation, Cause::Body, true).or_success();
    for name in names.take(MEMBERS) {
        for (what, text) in TEXTS {
            let mut changed = members.clone();
            changed.insert(name.clone(), Value::from(text));
            let value = Value::Object(changed);
            if !context.values.accepts(Some(schema), &value) {
                continue;
            }
            let value = context.fresh(subject.operation, schema, value, &format!("/{name}"));
            let call =
                subject.base.clone().body(Some(Body::Value { media_type: media_type.to_owned(), value }));
            let expect = if what == "NUL" { lenient.clone() } else { Expect::accepted() };
            add(context, format!("body text of /{name}: {what}"), call, expect);
        }
    }
}

/// What is required with each optional member alone, and with each two of them.
fn pairs(context: &mut Context<'_>, subject: &Subject<'_>, media_type: &str, schema: SchemaId) {
    if !writes(subject.operation) {
        return;
    }
    let Ok(Value::Object(whole)) = context.values.other(Some(schema), 1) else { return };
    let (least, optional) = context.values.split(schema, &whole);
    let optional: Vec<(String, Value)> = optional.into_iter().take(PAIRED).collect();
    for (at, first) in optional.iter().enumerate() {
        for second in optional.iter().skip(at) {
            let mut members = least.clone();
            members.extend([first.clone(), second.clone()]);
            let value = Value::Object(members);
            if !context.values.accepts(Some(schema), &value) {
                continue;
            }
            let value = context.fresh(subject.operation, schema, value, "");
            let name = match first.0 == second.0 {
                true => format!("body with /{} alone", first.0),
                false => format!("body with /{} and /{}", first.0, second.0),
            };
            let call =
                subject.base.clone().body(Some(Body::Value { media_type: media_type.to_owned(), value }));
            add(context, name, call, Expect::accepted());
        }
    }
}

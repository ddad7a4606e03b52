//! Bodies with unusual text, numbers, encodings and combinations of members.

use bytes::Bytes;
use descant_model::api::SchemaId;
use serde_json::{Map, Value, json};

use super::super::{Context, Subject};
use super::add;
use crate::case::{Body, Call};
use crate::expect::{Cause, Expect};
use crate::safety::writes;
use crate::values::is_json;
use crate::wire::concrete;

/// Text that is valid wherever a schema admits any, each with its name.
const TEXTS: [(&str, &str); 16] = [
    ("astral", "a😀𝒳"),
    ("combining", "e\u{301}a\u{30a}"),
    ("joined", "👩\u{200d}👧"),
    ("blank ends", " a b "),
    ("blanks within", "a  b"),
    ("quotes", "a'b\"c\\d"),
    ("markup", "<b>&amp;</b>"),
    ("placeholders", "%s{0}${x}%n"),
    ("lines", "a\nb\tc"),
    ("right to left", "אב\u{202e}c"),
    ("digits", "007"),
    ("word", "null"),
    ("both cases", "aBcD"),
    ("blank", " "),
    ("empty", ""),
    ("NUL", "a\u{0}b"),
];
/// Those that many services refuse, with reason.
const DOUBTFUL: [&str; 4] = ["NUL", "blank", "empty", "lines"];
/// A mail address that keeps its case, and has a tag.
const MAIL: &str = "First.Last+tag@example.com";

/// Numbers that JSON can hold and few types can.
const NUMBERS: [(&str, &str); 5] = [
    ("exponent", "1e400"),
    ("thirty digits", "100000000000000000000000000001"),
    ("beyond 64 bits", "18446744073709551621"),
    ("beyond 32 bits", "4294967301"),
    ("negative, thirty digits", "-100000000000000000000000000001"),
];

/// How many optional members are combined in pairs.
const PAIRED: usize = 8;
/// How many members of a body are given unusual text.
const MEMBERS: usize = 8;
/// The depth of a body that no schema describes.
const DEPTH: usize = 20_000;
/// The length of a text that is long.
const LONG: usize = 200_000;

/// Derives the cases of an operation's JSON body.
pub(super) fn derive(context: &mut Context<'_>, subject: &Subject<'_>) {
    let json =
        subject.operation.request_body.iter().flat_map(|body| &body.content).find(|(key, _)| is_json(key));
    let Some((key, media)) = json else { return };
    let tried = Tried { media_type: concrete(key), schema: media.schema };
    encodings(context, subject, &tried);
    if let Some(schema) = media.schema {
        let whole = whole(context, subject, schema);
        numbers(context, subject, &tried, &whole);
        texts(context, subject, &tried, &whole);
        lengths(context, subject, &tried, schema);
        pairs(context, subject, &tried, schema);
    }
}

/// The representation that is tried.
struct Tried {
    media_type: String,
    schema: Option<SchemaId>,
}

impl Tried {
    fn raw(&self, subject: &Subject<'_>, bytes: impl Into<Bytes>) -> Call {
        subject
            .base
            .clone()
            .body(Some(Body::Raw { media_type: self.media_type.clone(), bytes: bytes.into() }))
    }

    fn value(&self, subject: &Subject<'_>, value: Value) -> Call {
        subject.base.clone().body(Some(Body::Value { media_type: self.media_type.clone(), value }))
    }
}

/// A body with every member that its schema describes, as far as there is a valid one.
fn whole(context: &Context<'_>, subject: &Subject<'_>, schema: SchemaId) -> Map<String, Value> {
    let base = match &subject.base.body {
        Some(Body::Value { value: Value::Object(members), .. }) => members.clone(),
        _ => Map::new(),
    };
    let Ok(Value::Object(mut members)) = context.values.other(Some(schema), 1) else { return base };
    members.extend(base.clone());
    if context.values.accepts(Some(schema), &Value::Object(members.clone())) { members } else { base }
}

fn refused(context: &Context<'_>, subject: &Subject<'_>) -> Expect {
    let may_be_unknown = subject.operation.path.raw.contains('{') && !context.assume.examples_exist;
    Expect::refusal(subject.operation, Cause::Body, may_be_unknown)
}

/// Writes an object with raw text in the place of one member's value.
fn with_raw(members: &Map<String, Value>, name: &str, raw: &[u8]) -> Vec<u8> {
    const PLACE: &str = "\u{1}descant\u{1}";
    let mut members = members.clone();
    members.insert(name.to_owned(), Value::from(PLACE));
    let text = Value::Object(members).to_string();
    let (before, after) = text.split_once(&json!(PLACE).to_string()).unwrap_or((&text, ""));
    [before.as_bytes(), raw, after.as_bytes()].concat()
}

/// Bodies whose text is unusual: some are JSON, some are not.
fn encodings(context: &mut Context<'_>, subject: &Subject<'_>, tried: &Tried) {
    let Some(Body::Value { value, .. }) = &subject.base.body else { return };
    let text = value.to_string();
    let refused = refused(context, subject);
    let mut invalid: Vec<(&str, Vec<u8>)> = vec![
        ("text after the body", format!("{text} x").into_bytes()),
        ("deep", "[".repeat(DEPTH).into_bytes()),
        ("not UTF-8", [b"{\"a\": \"\xff\xfe\"".as_slice(), b"}"].concat()),
        ("comment", format!("{text} // x").into_bytes()),
    ];
    let is_required = subject.operation.request_body.as_ref().is_some_and(|body| body.required);
    if is_required {
        invalid.push(("empty", Vec::new()));
    } else {
        add(context, "body: empty".to_owned(), tried.raw(subject, Vec::new()), Expect::no_failure());
    }
    let wrong = [("in a list", json!([value])), ("an empty object", json!({})), ("null", Value::Null)];
    // Some readers take null for a body that may be left out.
    let wrong = wrong.into_iter().filter(|(_, value)| is_required || !value.is_null());
    let wrong = wrong.filter(|(_, value)| !context.values.accepts(tried.schema, value));
    invalid.extend(wrong.map(|(name, value)| (name, value.to_string().into_bytes())));
    if let Some(members) = value.as_object().filter(|members| !members.is_empty()) {
        let inner = text.get(1..).unwrap_or_default();
        if let Some((name, _)) = members.iter().find(|(_, value)| value.is_number()) {
            invalid.push(("NaN", with_raw(members, name, b"NaN")));
            invalid.push(("leading zero", with_raw(members, name, b"01")));
        }
        let doubtful = |bytes: Vec<u8>| (tried.raw(subject, bytes), Expect::no_failure());
        if let Some((name, _)) = members.iter().find(|(_, value)| value.is_string()) {
            invalid.push(("text that is not UTF-8", with_raw(members, name, b"\"a\xff\xfe\"")));
            invalid.push(("half a character", with_raw(members, name, b"\"a\xe2\x82\"")));
            let (call, expect) = doubtful(with_raw(members, name, b"\"\\ud800\""));
            add(context, format!("body: lone surrogate in /{name}"), call, expect);
            let long = [b"\"".as_slice(), "a".repeat(LONG).as_bytes(), b"\""].concat();
            let (call, expect) = doubtful(with_raw(members, name, &long));
            add(context, format!("body: long text in /{name}"), call, expect);
        }
        let (name, first) =
            members.iter().next().map(|(name, value)| (json!(name), value.clone())).unwrap_or_default();
        let others = [
            ("duplicate key", format!("{{{name}:{first},{inner}")),
            ("byte order mark", format!("\u{feff}{text}")),
            ("lone surrogate", format!("{{\"x-descant\":\"\\ud800\",{inner}")),
        ];
        for (name, bytes) in others {
            let (call, expect) = doubtful(bytes.into_bytes());
            add(context, format!("body: {name}"), call, expect);
        }
    }
    for (name, bytes) in invalid {
        add(context, format!("body: {name}"), tried.raw(subject, bytes), refused.clone());
    }
    // RFC 9110, 8.3.1: the case of a media type does not count, nor does a parameter that JSON has not.
    let forms = [
        ("charset", format!("{}; charset=utf-8", tried.media_type)),
        ("media type in upper case", tried.media_type.to_uppercase()),
    ];
    for (name, media_type) in forms {
        let value = match tried.schema {
            Some(schema) => context.fresh(subject.operation, schema, value.clone(), ""),
            None => value.clone(),
        };
        let bytes = Bytes::from(value.to_string());
        let call = subject.base.clone().body(Some(Body::Raw { media_type, bytes }));
        add(context, format!("body: {name}"), call, Expect::accepted());
    }
}

/// Each number with one that is too large for its schema, or for any type.
fn numbers(context: &mut Context<'_>, subject: &Subject<'_>, tried: &Tried, whole: &Map<String, Value>) {
    let names = whole.iter().filter(|(_, value)| value.is_number()).map(|(name, _)| name.clone());
    for name in names.take(MEMBERS) {
        for (what, text) in NUMBERS {
            let mut changed = whole.clone();
            let read = serde_json::from_str::<Value>(text).unwrap_or_else(|_| json!(f64::MAX));
            changed.insert(name.clone(), read);
            let is_valid = context.values.accepts(tried.schema, &Value::Object(changed));
            let expect = if is_valid { Expect::no_failure() } else { refused(context, subject) };
            let bytes = with_raw(&fresh(context, subject, tried, whole, &name), &name, text.as_bytes());
            add(context, format!("body number of /{name}: {what}"), tried.raw(subject, bytes), expect);
        }
        // 3.0 is the integer 3 (JSON Schema 2020-12, 6.1.1), and many readers disagree.
        if let Some(number) = whole.get(&name).and_then(Value::as_i64) {
            let bytes = with_raw(
                &fresh(context, subject, tried, whole, &name),
                &name,
                format!("{number}.0").as_bytes(),
            );
            add(
                context,
                format!("body number of /{name}: .0"),
                tried.raw(subject, bytes),
                Expect::no_failure(),
            );
        }
    }
}

fn fresh(
    context: &mut Context<'_>,
    subject: &Subject<'_>,
    tried: &Tried,
    members: &Map<String, Value>,
    kept: &str,
) -> Map<String, Value> {
    let Some(schema) = tried.schema else { return members.clone() };
    let value = Value::Object(members.clone());
    match context.fresh(subject.operation, schema, value, &format!("/{kept}")) {
        Value::Object(members) => members,
        _ => members.clone(),
    }
}

/// Each text, and the text of each list, with unusual text, which must be accepted and read back as it was.
fn texts(context: &mut Context<'_>, subject: &Subject<'_>, tried: &Tried, whole: &Map<String, Value>) {
    let is_list = |value: &Value| value.as_array().is_some_and(|it| it.iter().all(Value::is_string));
    let members = whole.iter().filter(|(_, value)| value.is_string() || is_list(value)).take(MEMBERS);
    for (name, old) in members {
        let mail = old.as_str().filter(|text| text.contains('@')).map(|_| ("mail", MAIL));
        for (what, text) in TEXTS.into_iter().chain(mail) {
            let text = if old.is_string() { json!(text) } else { json!([text]) };
            let mut changed = whole.clone();
            changed.insert(name.clone(), text);
            if !context.values.accepts(tried.schema, &Value::Object(changed.clone())) {
                continue;
            }
            let changed = fresh(context, subject, tried, &changed, name);
            let call = tried.value(subject, Value::Object(changed));
            let expect = if DOUBTFUL.contains(&what) { Expect::no_failure() } else { Expect::accepted() };
            add(context, format!("body text of /{name}: {what}"), call, expect);
        }
    }
}

/// Texts that are as long as they may be in characters, and longer in bytes and in the units of UTF-16.
fn lengths(context: &mut Context<'_>, subject: &Subject<'_>, tried: &Tried, schema: SchemaId) {
    let edges = context.values.boundaries(schema).into_iter();
    for edge in edges.filter(|edge| edge.valid && edge.keyword == "maxLength") {
        for (what, letter) in [("two bytes a character", "é"), ("astral", "😀")] {
            let mut value = edge.value.clone();
            let Some(place) = value.pointer_mut(&edge.pointer) else { continue };
            let length = place.as_str().map_or(0, |text| text.chars().count());
            *place = Value::from(letter.repeat(length));
            if context.values.accepts(Some(schema), &value) {
                let value = context.fresh(subject.operation, schema, value, &edge.pointer);
                let name = format!("body maxLength of {}: {what}", edge.pointer);
                add(context, name, tried.value(subject, value), Expect::accepted());
            }
        }
    }
}

/// What is required with each optional member alone, and with each two of them; listed values take turns.
fn pairs(context: &mut Context<'_>, subject: &Subject<'_>, tried: &Tried, schema: SchemaId) {
    if !writes(subject.operation) {
        return;
    }
    let Ok(Value::Object(whole)) = context.values.other(Some(schema), 1) else { return };
    let (least, optional) = context.values.split(schema, &whole);
    let listed: Vec<Value> = context
        .values
        .boundaries(schema)
        .into_iter()
        .filter(|edge| edge.valid && edge.keyword == "enum")
        .filter_map(|edge| {
            let name = edge.pointer.strip_prefix('/').filter(|name| least.contains_key(*name))?;
            Some(json!({name: edge.value.pointer(&edge.pointer)?}))
        })
        .collect();
    let mut turn = usize::try_from(context.assume.seed).unwrap_or(0);
    let optional: Vec<(String, Value)> = optional.into_iter().take(PAIRED).collect();
    for (at, first) in optional.iter().enumerate() {
        for second in optional.iter().skip(at) {
            let mut members = least.clone();
            members.extend([first.clone(), second.clone()]);
            turn = turn.wrapping_add(1);
            if let Some(Value::Object(choice)) =
                turn.checked_rem(listed.len() + 1).and_then(|at| listed.get(at))
            {
                members.extend(choice.clone());
            }
            let value = Value::Object(members);
            if !context.values.accepts(Some(schema), &value) {
                continue;
            }
            let value = context.fresh(subject.operation, schema, value, "");
            let name = match first.0 == second.0 {
                true => format!("body with /{} alone", first.0),
                false => format!("body with /{} and /{}", first.0, second.0),
            };
            add(context, name, tried.value(subject, value), Expect::accepted());
        }
    }
}

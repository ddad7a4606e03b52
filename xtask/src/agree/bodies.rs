//! Generates requests with a body of each documented media type: absent, empty, malformed, at and beyond each bound, and with
//! another `Content-Type`.

use bytes::Bytes;
use descant_contract::case::Body;
use descant_contract::{HttpRequest, concrete};
use descant_model::api::{MediaType, SchemaId};
use descant_runtime::media::MediaKind;
use descant_schema::Direction;
use serde_json::{Value, json};

use super::trials::{Trials, of_every_kind};

/// How many media types of one body are tried.
const MAX_TYPES: usize = 5;

const JSON: [(&str, &[u8]); 17] = [
    ("unfinished", b"{\"unfinished\": "),
    ("with text behind it", b"{} x"),
    ("of blanks", b"  \n"),
    ("null", b"null"),
    ("a text", b"\"descant\""),
    ("a number", b"7"),
    ("a number beyond 64 bits", b"9223372036854775808000"),
    ("a number beyond doubles", b"1e999"),
    ("NaN", b"NaN"),
    ("a boolean", b"true"),
    ("an empty list", b"[]"),
    ("an empty object", b"{}"),
    ("a list", b"[1, \"a\", null]"),
    ("not UTF-8", b"\"\xff\""),
    ("a lone surrogate", b"\"\\ud800\""),
    ("a member twice", b"{\"a\": 1, \"a\": 2}"),
    ("unknown members", b"{\"descant\": 1}"),
];
const FORM: [(&str, &[u8]); 8] = [
    ("one pair", b"descant=1"),
    ("a name alone", b"descant"),
    ("not UTF-8", b"descant=%FF"),
    ("broken escapes", b"descant=%zz"),
    ("separators", b"&&="),
    ("brackets", b"a[b]=c&a[d]=e"),
    ("raw bytes", b"\xff=\xfe"),
    ("JSON", b"{}"),
];
const XML: [(&str, &[u8]); 6] = [
    ("unfinished", b"<a>"),
    ("an empty element", b"<descant/>"),
    ("two roots", b"<a/><b/>"),
    ("text", b"descant"),
    ("not UTF-8", b"<a>\xff</a>"),
    ("an entity", b"<!DOCTYPE a [<!ENTITY e \"x\">]><a>&e;</a>"),
];
const TEXT: [(&str, &[u8]); 3] = [("a text", b"descant"), ("a number", b"7"), ("not UTF-8", b"\xff\xfe")];
const LINES: [(&str, &[u8]); 4] = [
    ("unfinished", b"{}\n{\"a\": "),
    ("an empty line", b"{}\n\n{}\n"),
    ("text", b"descant\n"),
    ("not UTF-8", b"\"\xff\"\n"),
];
const MULTIPART: [(&str, &[u8]); 4] = [
    ("without parts", b"--b--\r\n"),
    ("unfinished", b"--b\r\nContent-Disposition: form-data; name=\"descant\"\r\n\r\n1"),
    ("of an unknown part", b"--b\r\nContent-Disposition: form-data; name=\"descant\"\r\n\r\n1\r\n--b--\r\n"),
    ("with a part without a name", b"--b\r\n\r\n1\r\n--b--\r\n"),
];

/// One request for each way in which the body can be written.
pub(super) fn derive(trials: &mut Trials<'_>) {
    let Some(body) = &trials.operation.request_body else {
        unasked(trials);
        return;
    };
    trials.call("body absent", trials.base.clone().body(None));
    for (key, media) in body.content.iter().take(MAX_TYPES) {
        let media_type = concrete(key);
        typed(trials, &media_type);
        let kind = MediaKind::of(&media_type);
        malformed(trials, &media_type, kind);
        if let Some(schema) = media.schema {
            values(trials, &media_type, kind, schema);
        }
        content_types(trials, &media_type, media);
    }
}

/// A body that nobody asked for.
fn unasked(trials: &mut Trials<'_>) {
    let media_type = "application/json".to_owned();
    let body = Body::Raw { media_type, bytes: Bytes::from_static(b"{}") };
    trials.call("unasked body", trials.base.clone().body(Some(body)));
}

fn raw(trials: &mut Trials<'_>, kind: String, media_type: &str, bytes: impl Into<Bytes>) {
    let body = Body::Raw { media_type: media_type.to_owned(), bytes: bytes.into() };
    trials.call(kind, trials.base.clone().body(Some(body)));
}

/// Nothing at all, with its type.
fn typed(trials: &mut Trials<'_>, media_type: &str) {
    raw(trials, format!("{} body empty", short(media_type)), media_type, Bytes::new());
}

/// The kind of a media type for summaries.
fn short(media_type: &str) -> String {
    format!("{:?}", MediaKind::of(media_type))
}

fn malformed(trials: &mut Trials<'_>, media_type: &str, kind: MediaKind) {
    let (texts, stated): (&[(&str, &[u8])], String) = match kind {
        MediaKind::Json => (&JSON, media_type.to_owned()),
        MediaKind::Form => (&FORM, media_type.to_owned()),
        MediaKind::Xml => (&XML, media_type.to_owned()),
        MediaKind::Text => (&TEXT, media_type.to_owned()),
        MediaKind::JsonLines | MediaKind::EventStream => (&LINES, media_type.to_owned()),
        MediaKind::Multipart => {
            raw(
                trials,
                "Multipart body without a boundary".to_owned(),
                media_type,
                Bytes::from_static(b"--b--\r\n"),
            );
            (&MULTIPART, format!("{media_type}; boundary=b"))
        }
        _ => (&TEXT, media_type.to_owned()),
    };
    for (name, bytes) in texts {
        raw(trials, format!("{} body: {name}", short(media_type)), &stated, Bytes::from_static(bytes));
    }
    if kind == MediaKind::Json {
        let deep = format!("{}{}", "[".repeat(300), "]".repeat(300));
        raw(trials, "Json body: deep".to_owned(), media_type, deep);
    }
}

/// The edges of the schema, and each member with a value of every kind.
fn values(trials: &mut Trials<'_>, media_type: &str, kind: MediaKind, schema: SchemaId) {
    let send = |trials: &mut Trials<'_>, what: String, value: Value| {
        let body = Body::Value { media_type: media_type.to_owned(), value };
        trials.call(format!("{} body: {what}", short(media_type)), trials.base.clone().body(Some(body)));
    };
    for edge in trials.boundaries(schema) {
        send(trials, edge.keyword, edge.value);
    }
    for (direction, what) in [(Direction::Request, "sample"), (Direction::Response, "sample of an answer")] {
        let Some(value) = trials.sample(schema, direction) else { continue };
        if let (
            Value::Object(members),
            MediaKind::Json | MediaKind::Form | MediaKind::Multipart | MediaKind::Xml,
        ) = (&value, kind)
        {
            for name in members.keys() {
                let mut without = members.clone();
                without.shift_remove(name);
                send(trials, "a member missing".to_owned(), without.into());
                for other in of_every_kind() {
                    let mut changed = members.clone();
                    let what = format!("a member as {other}");
                    changed.insert(name.clone(), other);
                    send(trials, what, changed.into());
                }
            }
            let mut more = members.clone();
            more.insert("descant".to_owned(), json!("x"));
            send(trials, "a member more".to_owned(), more.into());
        }
        send(trials, what.to_owned(), value);
    }
}

/// A right body with its `Content-Type` changed, and encoded.
fn content_types(trials: &mut Trials<'_>, media_type: &str, media: &MediaType) {
    let Some(value) = media.schema.and_then(|schema| trials.sample(schema, Direction::Request)) else {
        return;
    };
    let call = trials.base.clone().body(Some(Body::Value { media_type: media_type.to_owned(), value }));
    let Ok(wire) = descant_contract::encode(trials.api, &call, trials.credentials, &[]) else { return };
    let Some(stated) =
        wire.headers.iter().find(|(name, _)| name == "Content-Type").map(|(_, value)| value.clone())
    else {
        return;
    };
    let kind = short(media_type);
    let with = |value: Option<&str>| {
        let mut wire = wire.clone();
        wire.headers.retain(|(name, _)| name != "Content-Type");
        wire.headers.extend(value.map(|value| ("Content-Type".to_owned(), value.to_owned())));
        wire
    };
    trials.wire(format!("{kind} body without Content-Type"), with(None));
    let bytes = wire.body.clone().unwrap_or_default();
    let (ty, _) = media_type.split_once('/').unwrap_or((media_type, ""));
    for (what, value) in [
        ("unknown", "application/x-descant".to_owned()),
        ("malformed", "json".to_owned()),
        ("empty", String::new()),
        ("with charset", format!("{stated}; charset=utf-8")),
        ("with another charset", format!("{stated}; charset=iso-8859-1")),
        ("with version", format!("{stated};version=1")),
        ("with an empty parameter", format!("{stated};")),
        ("in upper case", upper(&stated)),
        ("a range", format!("{ty}/*")),
        ("any", "*/*".to_owned()),
        ("with a suffix", format!("{ty}/vnd.descant+json")),
        ("twice in a line", format!("{stated}, {stated}")),
    ] {
        trials.wire(format!("{kind} body, Content-Type {what}"), with(Some(&value)));
    }
    twice(trials, &kind, &wire);
    for coding in ["gzip", "identity", "descant"] {
        let mut wire = wire.clone();
        wire.headers.push(("Content-Encoding".to_owned(), coding.to_owned()));
        trials.wire(format!("{kind} body, Content-Encoding {coding}"), wire);
    }
    if MediaKind::of(media_type) == MediaKind::Json {
        let mut wire = wire.clone();
        wire.body = Some([b"\xef\xbb\xbf", &*bytes].concat().into());
        trials.wire("Json body with a byte order mark", wire);
    }
}

/// Type and subtype in upper case; parameters, a boundary say, stay.
fn upper(stated: &str) -> String {
    match stated.split_once(';') {
        Some((essence, rest)) => format!("{};{rest}", essence.to_ascii_uppercase()),
        None => stated.to_ascii_uppercase(),
    }
}

fn twice(trials: &mut Trials<'_>, kind: &str, wire: &HttpRequest) {
    let mut wire = wire.clone();
    wire.headers.push(("Content-Type".to_owned(), "application/x-descant".to_owned()));
    trials.wire(format!("{kind} body, Content-Type on two lines"), wire);
}

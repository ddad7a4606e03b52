//! Generates responses: a valid one for every documented response, and each with a single fault.

use bytes::Bytes;
use descant_contract::{HttpRequest, concrete, encode_body};
use descant_mock::respond;
use descant_model::api::{Header, MediaType, Operation, Response, StatusPattern};
use descant_runtime::media::MediaKind;
use descant_schema::Direction;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, SET_COOKIE};
use serde_json::{Value, json};

use super::session::Session;
use super::trials::{of_every_kind, sample};
use crate::voices::request;

/// An answer and what it tries.
pub(super) type Answer = (String, http::Response<Bytes>);

/// The most answers of one operation.
const MOST: usize = 1500;
/// How many media types of one response are tried.
const MAX_TYPES: usize = 5;
/// Texts for headers.
const TEXTS: [&str; 12] =
    ["", "descant", "7", "7.5", "-1", "true", "null", "a,b", "7,8", "\"a\"", "{}", "2020-02-30T00:00:00Z"];
/// Bodies that are of no use in one media type or another.
const MALFORMED: [(&str, &[u8]); 10] = [
    ("unfinished", b"{\"unfinished\": "),
    ("of blanks", b"  \n"),
    ("null", b"null"),
    ("a number", b"7"),
    ("an empty list", b"[]"),
    ("an empty object", b"{}"),
    ("not UTF-8", b"\"\xff\""),
    ("a lone surrogate", b"\"\\ud800\""),
    ("unknown members", b"{\"descant\": 1}"),
    ("text", b"descant"),
];

/// Every answer of an operation, and what could not be made.
pub(super) fn derive(
    session: &Session<'_>,
    operation: &Operation,
    base: &HttpRequest,
) -> (Vec<Answer>, Vec<String>) {
    let mut answers = Answers { session, found: Vec::new(), untried: Vec::new() };
    for (pattern, response) in &operation.responses {
        if let Some(status) = status(operation, *pattern) {
            answers.response(response, status, base);
        }
    }
    answers.undocumented(operation, base);
    let Answers { mut found, mut untried, .. } = answers;
    if found.len() > MOST {
        untried.push(format!("{} answers are more than are tried of one operation", found.len() - MOST));
        found.truncate(MOST);
    }
    (found, untried)
}

/// A status of a pattern that no other pattern of the operation is nearer to.
fn status(operation: &Operation, pattern: StatusPattern) -> Option<StatusCode> {
    let stated = |code: u16| operation.responses.iter().any(|(other, _)| *other == StatusPattern::Code(code));
    let ranged =
        |code: u16| operation.responses.iter().any(|(other, _)| *other == StatusPattern::Range(code / 100));
    let code = match pattern {
        StatusPattern::Code(code) => Some(code),
        StatusPattern::Range(digit) => (digit * 100..digit * 100 + 99).find(|code| !stated(*code)),
        StatusPattern::Default => {
            [500, 400, 418, 503, 200].into_iter().find(|code| !stated(*code) && !ranged(*code))
        }
    };
    // 1xx is no final status (RFC 9110, 15.2).
    StatusCode::from_u16(code?).ok().filter(|status| status.as_u16() >= 200)
}

struct Answers<'a> {
    session: &'a Session<'a>,
    found: Vec<Answer>,
    untried: Vec<String>,
}

impl Answers<'_> {
    fn add(&mut self, kind: impl Into<String>, answer: http::Response<Bytes>) {
        self.found.push((kind.into(), answer));
    }

    /// Adds an answer with a change.
    fn changed(
        &mut self,
        kind: impl Into<String>,
        right: &http::Response<Bytes>,
        change: impl FnOnce(&mut http::Response<Bytes>),
    ) {
        let mut answer = right.clone();
        change(&mut answer);
        self.add(kind, answer);
    }

    fn response(&mut self, response: &Response, status: StatusCode, base: &HttpRequest) {
        let bodiless = descant_exchange::is_bodiless(status.as_u16());
        let keys: Vec<Option<&str>> = match response.content.is_empty() || bodiless {
            true => vec![None],
            false => response.content.keys().take(MAX_TYPES).map(|key| Some(key.as_str())).collect(),
        };
        for (index, key) in keys.into_iter().enumerate() {
            let right = match self.right(status, key, base) {
                Ok(right) => right,
                Err(reason) => {
                    self.untried.push(format!("{status} {}: {reason}", key.unwrap_or_default()));
                    continue;
                }
            };
            self.add("right", right.clone());
            self.content_types(&right);
            match key.and_then(|key| response.content.get(key)) {
                Some(media) => self.bodies(media, &right),
                None => self.changed("a body that is not documented", &right, |answer| {
                    *answer.body_mut() = Bytes::from_static(b"{}")
                }),
            }
            if index == 0 {
                response.headers.iter().for_each(|(name, header)| self.headers(name, header, &right));
                self.cookies(&right);
            }
        }
    }

    /// The mock's own answer of a status and media type.
    fn right(
        &self,
        status: StatusCode,
        key: Option<&str>,
        base: &HttpRequest,
    ) -> Result<http::Response<Bytes>, String> {
        let mut wire = base.clone();
        wire.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("accept"));
        wire.headers.push(("Prefer".to_owned(), format!("code={}, dynamic=true", status.as_u16())));
        wire.headers.extend(key.map(|key| ("Accept".to_owned(), key.to_owned())));
        let response = respond(&self.session.mock, &request(&wire)?);
        match response.status() == status {
            true => Ok(response),
            false => Err(format!("the mock answers {} in its place", response.status())),
        }
    }

    fn undocumented(&mut self, operation: &Operation, base: &HttpRequest) {
        let Some((_, right)) = self.found.first().cloned() else { return };
        let _ = base;
        for code in [200, 201, 204, 299, 304, 404, 418, 500, 599] {
            let stated = operation.responses.iter().any(|(pattern, _)| *pattern == StatusPattern::Code(code));
            if let Some(status) = StatusCode::from_u16(code).ok().filter(|_| !stated) {
                self.changed("another status", &right, |answer| *answer.status_mut() = status);
                self.changed("another status without a body", &right, |answer| {
                    *answer.status_mut() = status;
                    *answer.body_mut() = Bytes::new();
                    answer.headers_mut().remove(CONTENT_TYPE);
                });
            }
        }
    }

    fn content_types(&mut self, right: &http::Response<Bytes>) {
        let mut put = |kind: &str, value: Option<&str>| {
            let value = value.and_then(|value| HeaderValue::from_str(value).ok());
            self.changed(format!("Content-Type {kind}"), right, |answer| {
                answer.headers_mut().remove(CONTENT_TYPE);
                answer.headers_mut().extend(value.map(|value| (CONTENT_TYPE, value)));
            });
        };
        let stated =
            right.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("text/plain");
        put("missing", None);
        put("wrong", Some("application/x-descant"));
        put("malformed", Some("json"));
        put("empty", Some(""));
        put("with charset", Some(&format!("{stated}; charset=utf-8")));
        put("with another charset", Some(&format!("{stated}; charset=iso-8859-1")));
        put("with version", Some(&format!("{stated};version=1")));
        put("with an empty parameter", Some(&format!("{stated};")));
        put("twice in a line", Some(&format!("{stated}, {stated}")));
        let (essence, rest) =
            stated.split_once(';').map_or((stated, String::new()), |(e, r)| (e, format!(";{r}")));
        put("in upper case", Some(&format!("{}{rest}", essence.to_ascii_uppercase())));
        let (ty, _) = essence.split_once('/').unwrap_or((essence, ""));
        put("a range", Some(&format!("{ty}/*")));
        put("with a suffix", Some(&format!("{ty}/vnd.descant+json")));
        self.changed("Content-Type on two lines", right, |answer| {
            answer.headers_mut().append(CONTENT_TYPE, HeaderValue::from_static("application/x-descant"));
        });
        for coding in ["identity", "gzip"] {
            self.changed(format!("Content-Encoding {coding}"), right, |answer| {
                answer.headers_mut().insert("content-encoding", HeaderValue::from_static(coding));
            });
        }
    }

    fn bodies(&mut self, media: &MediaType, right: &http::Response<Bytes>) {
        let stated =
            right.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let stated = concrete(stated);
        let kind = format!("{:?}", MediaKind::of(&stated));
        self.changed(format!("{kind} body missing"), right, |answer| *answer.body_mut() = Bytes::new());
        self.changed(format!("{kind} body and Content-Type missing"), right, |answer| {
            *answer.body_mut() = Bytes::new();
            answer.headers_mut().remove(CONTENT_TYPE);
        });
        for (name, bytes) in MALFORMED {
            self.changed(format!("{kind} body: {name}"), right, |answer| {
                *answer.body_mut() = Bytes::from_static(bytes)
            });
        }
        self.changed(format!("{kind} body with a byte order mark"), right, |answer| {
            *answer.body_mut() = [b"\xef\xbb\xbf", &**answer.body()].concat().into();
        });
        for (what, value) in self.values(media) {
            // Forms have boundaries of their own: the answer says what it is.
            let Ok((content_type, bytes)) = encode_body(&self.session.api, Some(media), &stated, &value)
            else {
                continue;
            };
            self.changed(format!("{kind} body: {what}"), right, |answer| {
                *answer.body_mut() = bytes;
                if let Ok(value) = HeaderValue::from_str(&content_type) {
                    answer.headers_mut().insert(CONTENT_TYPE, value);
                }
            });
        }
    }

    /// The edges of a body's schema, each member with a value of every kind, and what only a client sends.
    fn values(&self, media: &MediaType) -> Vec<(String, Value)> {
        let Some(schema) = media.schema else { return Vec::new() };
        let edges = self.session.schemas.set().boundaries(schema).into_iter();
        let mut values: Vec<_> = edges.map(|edge| (edge.keyword, edge.value)).collect();
        values.extend(
            sample(self.session.schemas.set(), schema, Direction::Request)
                .map(|value| ("a sample of a request".to_owned(), value)),
        );
        if let Some(Value::Object(members)) = sample(self.session.schemas.set(), schema, Direction::Response)
        {
            for name in members.keys() {
                let mut without = members.clone();
                without.shift_remove(name);
                values.push(("a member missing".to_owned(), without.into()));
                for other in of_every_kind() {
                    let what = format!("a member as {other}");
                    let mut changed = members.clone();
                    changed.insert(name.clone(), other);
                    values.push((what, changed.into()));
                }
            }
            let mut more = members.clone();
            more.insert("descant".to_owned(), json!("x"));
            values.push(("a member more".to_owned(), more.into()));
        }
        values
    }

    fn headers(&mut self, name: &str, header: &Header, right: &http::Response<Bytes>) {
        let Some(name) = HeaderName::try_from(name).ok().filter(|name| *name != CONTENT_TYPE) else { return };
        let place = if name == SET_COOKIE { "Set-Cookie" } else { "header" };
        self.changed(format!("{place} missing"), right, |answer| _ = answer.headers_mut().remove(&name));
        let values: Vec<HeaderValue> = right.headers().get_all(&name).iter().cloned().collect();
        if let [value] = values.as_slice() {
            self.changed(format!("{place} on two lines"), right, |answer| {
                _ = answer.headers_mut().append(&name, value.clone())
            });
            let twice = [value.as_bytes(), value.as_bytes()].join(&b", "[..]);
            if let Ok(twice) = HeaderValue::from_bytes(&twice) {
                self.changed(format!("{place} twice in a line"), right, |answer| {
                    _ = answer.headers_mut().insert(&name, twice)
                });
            }
        }
        let edges = header.schema.map(|schema| self.session.schemas.set().boundaries(schema));
        let edges = edges.into_iter().flatten().map(|edge| (edge.keyword, text(&edge.value)));
        let texts = TEXTS.map(|text| (format!("as `{text}`"), text.to_owned()));
        for (what, text) in edges.chain(texts) {
            if let Ok(value) = HeaderValue::from_str(&text) {
                self.changed(format!("{place} {what}"), right, |answer| {
                    _ = answer.headers_mut().insert(&name, value)
                });
            }
        }
        let bytes = HeaderValue::from_bytes(b"\xff").ok();
        bytes.into_iter().for_each(|value| {
            self.changed(format!("{place} not UTF-8"), right, |answer| {
                _ = answer.headers_mut().insert(&name, value)
            });
        });
    }

    fn cookies(&mut self, right: &http::Response<Bytes>) {
        self.changed("Set-Cookie on two lines", right, |answer| {
            answer
                .headers_mut()
                .append(SET_COOKIE, HeaderValue::from_static("a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT"));
            answer.headers_mut().append(SET_COOKIE, HeaderValue::from_static("b=2; Path=/"));
        });
    }
}

/// A value as a header of the simple style has it.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(","),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| format!("{name},{}", text(value)))
            .collect::<Vec<_>>()
            .join(","),
        other => other.to_string(),
    }
}

//! What a service answered, as rules that a mock can answer by: `--record` writes them, `--rules` reads them. Secrets stay
//! out: credentials, cookies, passwords and what else is named or described as one.

use std::sync::{Mutex, MutexGuard, PoisonError};

use descant_model::api::{Api, When};
use descant_model::schema::Schema;
use descant_runtime::media::{self, Hints, Kind};
use descant_runtime::param::Location;
use http::header::{CONTENT_TYPE, SET_COOKIE};
use indexmap::IndexMap;
use serde_json::Value;

use crate::mock::Mock;
use crate::prefer::Prefer;
use crate::repair::repaired;
use crate::respond::Accepted;
use crate::stated::Stated;
use crate::{Response, Rule};

/// How many exchanges are kept, and how many bytes of them as JSON; more are left out, and counted.
const MOST: usize = 1000;
const BYTES: usize = 64 << 20;
/// How deep values and schemas are looked into.
const DEPTH: u32 = 64;
/// How many schemas are looked into for one value.
const VIEWS: usize = 64;
/// What stands for a secret inside of a text.
const HIDDEN: &str = "***";
/// Shorter ones would be found where they are not meant.
const SHORTEST: usize = 6;

/// What was recorded.
#[derive(Debug, Default)]
pub struct Recorder(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// By operation and condition, each with its bytes.
    rules: IndexMap<String, (Rule, usize)>,
    /// Of all of them.
    bytes: usize,
    changed: bool,
    left_out: u64,
}

impl Recorder {
    /// Begins with what was recorded before.
    pub fn new(rules: Vec<Rule>) -> Self {
        let mut inner = Inner::default();
        for rule in rules {
            inner.insert(key(&rule), rule);
        }
        Self(Mutex::new(inner))
    }

    /// The rules, those with the most conditions first, where there is news since the last time.
    pub fn changed(&self) -> Option<Vec<Rule>> {
        let mut inner = self.lock();
        if !std::mem::take(&mut inner.changed) {
            return None;
        }
        let mut rules: Vec<_> = inner.rules.values().map(|(rule, _)| rule.clone()).collect();
        let conditions = |rule: &Rule| rule.when.path.len() + rule.when.query.len() + rule.when.body.len();
        rules.sort_by_key(|rule| std::cmp::Reverse(conditions(rule)));
        Some(rules)
    }

    /// How many exchanges there was no room for.
    pub fn left_out(&self) -> u64 {
        self.lock().left_out
    }

    /// Records an exchange that follows the document; the last of the same request stays.
    pub(crate) fn note(&self, mock: &Mock, accepted: &Accepted<'_>, response: &Response) {
        let Some(stated) = stated(mock, accepted, response) else { return };
        let answer =
            Prefer { code: Some(response.status()), response: Some(Box::new(stated)), ..Prefer::default() };
        let rule = Rule {
            operation: accepted.called.key.to_string(),
            when: condition(mock, accepted),
            answers: vec![answer],
            ..Rule::default()
        };
        let key = key(&rule);
        let mut inner = self.lock();
        match inner.insert(key, rule) {
            true => inner.changed = true,
            false => inner.left_out += 1,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Keeps a rule in place of the one of its key, where there is room.
    fn insert(&mut self, key: String, rule: Rule) -> bool {
        let size = serde_json::to_vec(&rule).map_or(0, |text| text.len());
        let known = self.rules.get(&key).map(|(_, size)| *size);
        let bytes = self.bytes.saturating_sub(known.unwrap_or(0)).saturating_add(size);
        if bytes > BYTES || (known.is_none() && self.rules.len() >= MOST) {
            return false;
        }
        self.bytes = bytes;
        self.rules.insert(key, (rule, size));
        true
    }
}

fn key(rule: &Rule) -> String {
    format!("{} {}", rule.operation, serde_json::to_string(&rule.when).unwrap_or_default())
}

/// What another request must have in common: path, query, and what a body holds at its top, but for secrets.
fn condition(mock: &Mock, accepted: &Accepted<'_>) -> When {
    let known = mock.guard.presented(accepted.request);
    let is_open = |name: &str, value: &Value| !is_secret(name) && !holds_any(value, &known);
    let values = |location| {
        let mut values = accepted.called.prepared.requests.values(&accepted.decoded, location);
        values.retain(|name, value| is_open(name, value));
        values
    };
    let mut stripped = accepted.body().cloned().unwrap_or_default();
    strip(&mock.api, &schemas_of_body(mock, accepted), &mut stripped, &known, 0);
    let members = match (accepted.body(), stripped) {
        (Some(Value::Object(sent)), Value::Object(members)) => {
            let same = members.into_iter().filter(|(name, value)| sent.get(name) == Some(value));
            same.map(|(name, value)| (format!("/{}", name.replace('~', "~0").replace('/', "~1")), value))
                .collect()
        }
        _ => IndexMap::new(),
    };
    When { path: values(Location::Path), query: values(Location::Query), body: members, ..When::default() }
}

/// The schemas of a request's body, whatever its type is.
fn schemas_of_body<'m>(mock: &'m Mock, accepted: &Accepted<'m>) -> Vec<&'m Schema> {
    let content = accepted.called.operation.request_body.iter().flat_map(|body| body.content.values());
    content.filter_map(|content| mock.api.schemas.schema(content.schema?)).collect()
}

/// A response without what is secret; `None` where nothing valid is left, or there are no values in it.
fn stated(mock: &Mock, accepted: &Accepted<'_>, response: &Response) -> Option<Stated> {
    let status = response.status().as_u16();
    let answer = accepted.called.prepared.answer(status)?;
    let known = mock.guard.presented(accepted.request);
    let text = |name: &http::HeaderName| response.headers().get(name)?.to_str().ok();
    let documented = answer.headers.iter().map(|(name, _)| name).filter(|name| **name != SET_COOKIE);
    let documented = documented.filter(|name| !is_secret(name.as_str()));
    let named = documented.chain([&CONTENT_TYPE]).filter_map(|name| Some((name.to_string(), text(name)?)));
    let headers = named.map(|(name, text)| (name, hidden(text, &known))).collect();
    if response.body().is_empty() {
        return Some(Stated { headers, body: None });
    }
    let kind = text(&CONTENT_TYPE)?;
    let names: Vec<_> = answer.contents.iter().map(|content| content.name.as_str()).collect();
    let content = answer.contents.get(media::select(kind, &names)?)?;
    let model = content.model()?;
    if matches!(Kind::of(kind), Kind::Binary | Kind::Multipart) {
        return None;
    }
    let shape = Some(content.shape(&mock.schemas));
    let mut body = media::decode(kind, response.body(), Hints { shape }).ok()?;
    let schema = model.schema.and_then(|id| mock.api.schemas.schema(id));
    strip(&mock.api, schema.as_slice(), &mut body, &known, 0);
    if let Some(sampler) = model.schema.and_then(|id| mock.schemas.response(id).ok())
        && !sampler.validator().is_valid(&body)
    {
        body = repaired(&body, sampler, mock.seed())?;
    }
    Some(Stated { headers, body: Some(body) })
}

/// Takes out of a value what is secret, by the names of members, by their schemas, or because it was presented.
fn strip(api: &Api, schemas: &[&Schema], value: &mut Value, known: &[String], depth: u32) {
    if depth > DEPTH {
        *value = Value::Null;
        return;
    }
    let views = views(api, schemas);
    match value {
        Value::Object(members) => {
            let inside = |name: &str| -> Vec<&Schema> {
                let named = views.iter().filter_map(|view| view.properties()?.get(name));
                let others = views.iter().filter_map(|view| view.additional_properties());
                named.chain(others.map(|schema| &**schema)).collect()
            };
            members.retain(|name, _| !is_secret(name) && !is_described(&self::views(api, &inside(name))));
            for (name, member) in members.iter_mut() {
                strip(api, &inside(name), member, known, depth + 1);
            }
        }
        Value::Array(items) => {
            let inside: Vec<_> = views.iter().filter_map(|view| view.items()).map(|items| &**items).collect();
            items.iter_mut().for_each(|item| strip(api, &inside, item, known, depth + 1));
        }
        Value::String(text) => *text = hidden(text, known),
        _ => {}
    }
}

/// Schemas with all that they lead to for the same value.
fn views<'a>(api: &'a Api, schemas: &[&'a Schema]) -> Vec<&'a Schema> {
    let mut found: Vec<&Schema> = Vec::new();
    let mut open = schemas.to_vec();
    while let Some(schema) = open.pop().filter(|_| found.len() < VIEWS) {
        if found.iter().any(|known| std::ptr::eq(*known, schema)) {
            continue;
        }
        found.push(schema);
        open.extend(schema.reference().and_then(|target| api.schemas.schema(*target)));
        open.extend(schema.parts().iter().chain(schema.alternatives()));
    }
    found
}

/// Whether a schema says that its value is secret: a password, or what may be sent but never comes back.
fn is_described(views: &[&Schema]) -> bool {
    views.iter().any(|view| {
        view.write_only() == Some(&true) || view.format().is_some_and(|format| format == "password")
    })
}

/// Whether a name is one of those that secrets have.
fn is_secret(name: &str) -> bool {
    const ENDS: [&str; 11] = [
        "password",
        "passwd",
        "passphrase",
        "secret",
        "accesstoken",
        "refreshtoken",
        "idtoken",
        "apikey",
        "privatekey",
        "authorization",
        "credentials",
    ];
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = plain.to_ascii_lowercase();
    ENDS.iter().any(|end| plain.ends_with(end))
}

/// A text without the secrets that a request presented.
fn hidden(text: &str, known: &[String]) -> String {
    let known = known.iter().filter(|secret| secret.len() >= SHORTEST);
    known.fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), HIDDEN))
}

fn holds_any(value: &Value, known: &[String]) -> bool {
    value.as_str().is_some_and(|text| hidden(text, known) != text)
}

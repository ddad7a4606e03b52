//! Records exchanges with a service as rules that a mock can respond by (`--record` writes them, `--rules` reads them).
//! Secrets are left out: credentials, cookies, passwords, and members that are named or described as secret.

use std::sync::{Mutex, MutexGuard, PoisonError};

use descant_model::api::{Api, When};
use descant_model::schema::Schema;
use descant_runtime::media::{self, Hints, MediaKind};
use descant_runtime::param::Location;
use http::header::{CONTENT_TYPE, SET_COOKIE};
use indexmap::IndexMap;
use serde_json::Value;

use crate::sources::admitted::AdmittedRequest;
use crate::sources::context::ResponseContext;
use crate::tables::example_repair::repaired;
use crate::tables::rules::Rule;
use crate::vocabulary::directive::{CannedResponse, Directive};
use crate::vocabulary::message::Response;
use crate::vocabulary::secret::{is_secret, redacted};

/// The number of exchanges, and their bytes as JSON; more are left out, and counted.
const MAX_EXCHANGES: usize = 1000;
const MAX_BYTES: usize = 64 << 20;
/// The depth to which values and schemas are searched.
const MAX_DEPTH: u32 = 64;
/// The number of schemas that are searched for one value.
const MAX_SCHEMAS: usize = 64;
/// The exchanges that were recorded.
#[derive(Debug, Default)]
pub struct Recorder(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// The rules by operation and condition, each with its bytes.
    rules: IndexMap<String, (Rule, usize)>,
    /// The bytes of all rules.
    bytes: usize,
    changed: bool,
    left_out: u64,
}

impl Recorder {
    /// Begins with the rules of an earlier recording.
    pub fn new(rules: Vec<Rule>) -> Self {
        let mut inner = Inner::default();
        for rule in rules {
            inner.insert(key(&rule), rule);
        }
        Self(Mutex::new(inner))
    }

    /// Returns the rules, those with the most conditions first; `None` where nothing was recorded since the last call.
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

    /// Returns the number of exchanges that were left out.
    pub fn left_out(&self) -> u64 {
        self.lock().left_out
    }

    /// Records a valid exchange in place of an earlier one of an equal request. `secrets` are those of the request.
    pub(crate) fn record(
        &self,
        api: &Api,
        context: ResponseContext<'_>,
        secrets: &[String],
        admitted: &AdmittedRequest<'_>,
        response: &Response,
    ) {
        let Some(canned) = canned(api, context, secrets, admitted, response) else { return };
        let directive = Directive {
            code: Some(response.status()),
            response: Some(Box::new(canned)),
            ..Directive::default()
        };
        let rule = Rule {
            operation: admitted.operation.key.to_string(),
            when: condition(api, secrets, admitted),
            answers: vec![directive],
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
    /// Inserts or replaces the rule of a key, within the limits.
    fn insert(&mut self, key: String, rule: Rule) -> bool {
        let size = serde_json::to_vec(&rule).map_or(0, |text| text.len());
        let known = self.rules.get(&key).map(|(_, size)| *size);
        let bytes = self.bytes.saturating_sub(known.unwrap_or(0)).saturating_add(size);
        if bytes > MAX_BYTES || (known.is_none() && self.rules.len() >= MAX_EXCHANGES) {
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

/// Returns the condition of equal requests: path, query, and the members of the body, without secrets.
fn condition(api: &Api, secrets: &[String], admitted: &AdmittedRequest<'_>) -> When {
    let is_open = |name: &str, value: &Value| !is_secret(name) && !holds_any(value, secrets);
    let values = |location| {
        let mut values = admitted.operation.compiled.requests.values(&admitted.decoded, location);
        values.retain(|name, value| is_open(name, value));
        values
    };
    let mut stripped = admitted.body().cloned().unwrap_or_default();
    strip(api, &schemas_of_body(api, admitted), &mut stripped, secrets, 0);
    let members = match (admitted.body(), stripped) {
        (Some(Value::Object(sent)), Value::Object(members)) => {
            let same = members.into_iter().filter(|(name, value)| sent.get(name) == Some(value));
            same.map(|(name, value)| (format!("/{}", name.replace('~', "~0").replace('/', "~1")), value))
                .collect()
        }
        _ => IndexMap::new(),
    };
    When { path: values(Location::Path), query: values(Location::Query), body: members, ..When::default() }
}

/// Returns the schemas of a request's body, of every media type.
fn schemas_of_body<'m>(api: &'m Api, admitted: &AdmittedRequest<'m>) -> Vec<&'m Schema> {
    let content = admitted.operation.operation.request_body.iter().flat_map(|body| body.content.values());
    content.filter_map(|content| api.schemas.schema(content.schema?)).collect()
}

/// Returns a response without secrets; `None` where nothing valid is left, or its media type has no values.
fn canned(
    api: &Api,
    context: ResponseContext<'_>,
    secrets: &[String],
    admitted: &AdmittedRequest<'_>,
    response: &Response,
) -> Option<CannedResponse> {
    let documented = admitted.operation.compiled.response(response.status().as_u16())?;
    let text = |name: &http::HeaderName| response.headers().get(name)?.to_str().ok();
    let named = documented.headers.iter().map(|(name, _)| name).filter(|name| **name != SET_COOKIE);
    let named = named.filter(|name| !is_secret(name.as_str())).chain([&CONTENT_TYPE]);
    let headers = named.filter_map(|name| Some((name.to_string(), redacted(text(name)?, secrets)))).collect();
    if response.body().is_empty() {
        return Some(CannedResponse { headers, body: None });
    }
    let media_type = text(&CONTENT_TYPE)?;
    let names: Vec<_> = documented.representations.iter().map(|one| one.name.as_str()).collect();
    let representation = documented.representations.get(media::select(media_type, &names)?)?;
    let model = representation.model()?;
    if matches!(MediaKind::of(media_type), MediaKind::Binary | MediaKind::Multipart) {
        return None;
    }
    let shape = Some(representation.shape(context.schemas));
    let mut body = media::decode(media_type, response.body(), Hints { shape }).ok()?;
    let schema = model.schema.and_then(|id| api.schemas.schema(id));
    strip(api, schema.as_slice(), &mut body, secrets, 0);
    if let Some(sampler) = model.schema.and_then(|id| context.schemas.response(id).ok())
        && !sampler.validator().is_valid(&body)
    {
        body = repaired(&body, sampler, context.seed)?;
    }
    Some(CannedResponse { headers, body: Some(body) })
}

/// Removes the secrets from a value: members by their names or schemas, and texts that the request presented.
fn strip(api: &Api, schemas: &[&Schema], value: &mut Value, secrets: &[String], depth: u32) {
    if depth > MAX_DEPTH {
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
                strip(api, &inside(name), member, secrets, depth + 1);
            }
        }
        Value::Array(items) => {
            let inside: Vec<_> = views.iter().filter_map(|view| view.items()).map(|items| &**items).collect();
            items.iter_mut().for_each(|item| strip(api, &inside, item, secrets, depth + 1));
        }
        Value::String(text) => *text = redacted(text, secrets),
        _ => {}
    }
}

/// Returns schemas with those that apply to the same value: references, parts and alternatives.
fn views<'a>(api: &'a Api, schemas: &[&'a Schema]) -> Vec<&'a Schema> {
    let mut found: Vec<&Schema> = Vec::new();
    let mut open = schemas.to_vec();
    while let Some(schema) = open.pop().filter(|_| found.len() < MAX_SCHEMAS) {
        if found.iter().any(|known| std::ptr::eq(*known, schema)) {
            continue;
        }
        found.push(schema);
        open.extend(schema.reference().and_then(|target| api.schemas.schema(*target)));
        open.extend(schema.parts().iter().chain(schema.alternatives()));
    }
    found
}

/// Whether a schema describes a secret: a password, or a write-only value.
fn is_described(views: &[&Schema]) -> bool {
    views.iter().any(|view| {
        view.write_only() == Some(&true) || view.format().is_some_and(|format| format == "password")
    })
}

fn holds_any(value: &Value, secrets: &[String]) -> bool {
    value.as_str().is_some_and(|text| redacted(text, secrets) != text)
}

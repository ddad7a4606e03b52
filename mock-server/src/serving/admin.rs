//! The admin interface under `/__descant/`: journal, coverage, rules, seed, state and collections.
//!
//! It responds on the loopback alone unless it is asked for, and never to a page of another origin.

use bytes::Bytes;
use descant_model::diagnostic::Diagnostic;
use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

use super::journal::Journal;
use crate::mock::Mock;
use crate::state::{Scope, Snapshot, State};
use crate::tables::rules::Rule;
use crate::vocabulary::message::{Request, Response};
use crate::vocabulary::problem::Problem;

/// The path of the interface.
const PREFIX: &str = "/__descant";
/// The page for people.
const PAGE: &str = include_str!("admin.html");

/// Returns the part of a path after the prefix of an API and `/__descant`; `None` where it is not for the interface.
pub(crate) fn path<'r>(prefix: &str, request: &'r Request) -> Option<&'r str> {
    let path = request.uri().path().strip_prefix(prefix)?.strip_prefix(PREFIX)?;
    (path.is_empty() || path.starts_with('/')).then_some(path)
}

/// Responds to a request to the interface.
pub(crate) async fn respond(mock: &Mock, journal: &Journal, request: &Request, path: &str) -> Response {
    let answered = match is_own(request) {
        true => answer(mock, journal, request, path).await,
        false => Err(Problem::new(
            StatusCode::FORBIDDEN,
            "the mock's own interface answers no page of another origin",
        )),
    };
    answered.unwrap_or_else(Problem::into_response)
}

/// Whether a request comes from no page of another site: that would send its origin, or a host name that was rebound.
fn is_own(request: &Request) -> bool {
    let text = |name| request.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let host = text(HOST).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let is_address = name == "localhost" || name.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
    let is_host = |origin: &str| origin.split_once("://").is_some_and(|(_, name)| name == host);
    is_address && text(ORIGIN).is_none_or(is_host)
}

async fn answer(mock: &Mock, journal: &Journal, request: &Request, path: &str) -> Result<Response, Problem> {
    let method = request.method().as_str();
    match (method, path) {
        ("GET", "" | "/") => Ok(page()),
        ("GET", "/log") => Ok(json_response(&json!(journal.since(since(request))))),
        ("DELETE", "/log") => done(|| journal.clear()),
        ("GET", "/coverage") => Ok(json_response(&journal.coverage(mock.api()).to_value())),
        ("GET", "/rules") => Ok(json_response(&json!(mock.rules().get()))),
        ("PUT", "/rules") => read::<Vec<Rule>>(request).and_then(|rules| done(|| mock.rules().set(rules))),
        ("DELETE", "/rules") => done(|| mock.rules().set(Vec::new())),
        ("GET", "/seed") => Ok(json_response(&json!(mock.seed()))),
        ("PUT", "/seed") => read(request).and_then(|seed| done(|| mock.set_seed(seed))),
        ("GET", "/examples") => Ok(json_response(&examples(mock.invalid_examples()))),
        ("GET", "/state") => snapshot(mock.state().ok_or_else(stateless)?).await,
        ("PUT", "/state") => restore(mock.state(), &read(request)?).await,
        ("GET", "/collections") => {
            Ok(json_response(&mock.state().map_or_else(|| json!([]), State::collections)))
        }
        ("POST", "/reset") => {
            journal.clear();
            mock.rules().set(Vec::new());
            mock.reset().await?;
            done(|| {})
        }
        _ => Err(Problem::new(
            StatusCode::NOT_FOUND,
            format!("the mock's own interface has no {method} {PREFIX}{path}"),
        )),
    }
}

/// Returns the number of `?since=`.
fn since(request: &Request) -> u64 {
    let query = request.uri().query().unwrap_or_default();
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(name, _)| name == "since").and_then(|(_, number)| number.parse().ok()).unwrap_or(0)
}

fn read<T: serde::de::DeserializeOwned>(request: &Request) -> Result<T, Problem> {
    serde_json::from_slice(request.body())
        .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, error.to_string()))
}

/// Returns the examples that violate their schemas, with their places in the document; `null` until they were validated.
fn examples(invalid: Option<&[Diagnostic]>) -> Value {
    let shown = |found: &Diagnostic| {
        let pointer = &*found.pointer;
        json!({"code": found.code.as_str(), "pointer": pointer, "message": found.message})
    };
    invalid.map(|found| found.iter().map(shown).collect()).unwrap_or_default()
}

/// Returns the stored items, as an object by scope.
async fn snapshot(state: &State) -> Result<Response, Problem> {
    let snapshot = state.store().snapshot().await?;
    let scopes = snapshot.into_iter().map(|(scope, items)| (scope.to_key(), json!(items)));
    Ok(json_response(&Value::Object(scopes.collect())))
}

/// Restores a [`snapshot`].
async fn restore(state: Option<&State>, value: &serde_json::Map<String, Value>) -> Result<Response, Problem> {
    let state = state.ok_or_else(stateless)?;
    let broken = |error: String| Problem::new(StatusCode::BAD_REQUEST, error);
    let scopes = value.iter().map(|(key, items)| {
        let items = serde_json::from_value(items.clone()).map_err(|error| broken(error.to_string()))?;
        Ok((Scope::from_key(key).map_err(|error| broken(error.to_string()))?, items))
    });
    let snapshot: Snapshot = scopes.collect::<Result<_, Problem>>()?;
    if let Some(scope) = snapshot.keys().find(|scope| !state.keeps(scope)) {
        let detail =
            format!("a snapshot of another document: this one has no collection `{}`", scope.collection);
        return Err(Problem::new(StatusCode::BAD_REQUEST, detail));
    }
    state.store().restore(snapshot).await?;
    done(|| {})
}

fn stateless() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "the mock remembers nothing: it was started without `--state`")
}

fn page() -> Response {
    let mut response = Response::new(Bytes::from_static(PAGE.as_bytes()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

fn json_response(value: &Value) -> Response {
    let mut response = Response::new(Bytes::from(value.to_string()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Calls a function, and returns 204.
fn done(act: impl FnOnce()) -> Result<Response, Problem> {
    act();
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    Ok(response)
}

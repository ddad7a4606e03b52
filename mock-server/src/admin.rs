//! The mock's own interface under `/__descant/`: what it saw, what it remembers, and what it is to do.
//!
//! It answers on the loopback alone unless asked for, and never a page of another origin.

use bytes::Bytes;
use descant_model::diagnostic::Diagnostic;
use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::mock::Mock;
use crate::problem::Problem;
use crate::rules::Rule;
use crate::state::{Scope, Snapshot};
use crate::{Journal, Request, Response};

/// Where it is.
const PREFIX: &str = "/__descant";
/// The page that shows what happens.
const PAGE: &str = include_str!("admin.html");

/// Returns what follows `/__descant` in the path of a request below `site`; `None`: it is not for the interface.
pub(crate) fn path<'r>(site: &str, request: &'r Request) -> Option<&'r str> {
    let path = request.uri().path().strip_prefix(site)?.strip_prefix(PREFIX)?;
    (path.is_empty() || path.starts_with('/')).then_some(path)
}

/// Answers a request to the interface of a document.
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

/// Whether no other site's page is behind a request: it would send its origin, or come by a name that was rebound.
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
        ("GET", "/examples") => Ok(json_response(&examples(mock))),
        ("GET", "/state") => state(mock).await,
        ("PUT", "/state") => restore(mock, &read(request)?).await,
        ("GET", "/collections") => {
            let plan = mock.state().map(|state| state.plan().to_value(mock.api()));
            Ok(json_response(&plan.unwrap_or_else(|| json!([]))))
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

/// The number after `?since=`.
fn since(request: &Request) -> u64 {
    let query = request.uri().query().unwrap_or_default();
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(name, _)| name == "since").and_then(|(_, number)| number.parse().ok()).unwrap_or(0)
}

fn read<T: serde::de::DeserializeOwned>(request: &Request) -> Result<T, Problem> {
    serde_json::from_slice(request.body())
        .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, error.to_string()))
}

/// The examples that break their schemas, by their places in the document; `null` until they were judged.
fn examples(mock: &Mock) -> Value {
    let shown = |found: &Diagnostic| {
        let pointer = &*found.pointer;
        json!({"code": found.code.as_str(), "pointer": pointer, "message": found.message})
    };
    mock.broken_examples().map(|found| found.iter().map(shown).collect()).unwrap_or_default()
}

/// What is kept, as an object of items by scope.
async fn state(mock: &Mock) -> Result<Response, Problem> {
    let Some(state) = mock.state() else { return Err(stateless()) };
    let snapshot = state.store().snapshot().await?;
    let scopes = snapshot.into_iter().map(|(scope, items)| (scope.to_key(), json!(items)));
    Ok(json_response(&Value::Object(scopes.collect())))
}

/// Puts back what [`state`] showed.
async fn restore(mock: &Mock, value: &serde_json::Map<String, Value>) -> Result<Response, Problem> {
    let Some(state) = mock.state() else { return Err(stateless()) };
    let broken = |error: String| Problem::new(StatusCode::BAD_REQUEST, error);
    let scopes = value.iter().map(|(key, items)| {
        let items = serde_json::from_value(items.clone()).map_err(|error| broken(error.to_string()))?;
        Ok((Scope::from_key(key).map_err(|error| broken(error.to_string()))?, items))
    });
    let snapshot: Snapshot = scopes.collect::<Result<_, Problem>>()?;
    if let Some(scope) = snapshot.keys().find(|scope| !state.plan().keeps(scope)) {
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

/// Does something, and says so.
fn done(act: impl FnOnce()) -> Result<Response, Problem> {
    act();
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    Ok(response)
}

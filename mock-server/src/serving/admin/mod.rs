//! The admin interface under `/__descant/`: the page, its events, exchanges, operations, rules, state and findings.
//!
//! It responds on the loopback alone unless it is asked for, and never to a page of another origin.

mod assets;
mod events;
mod exchange;
mod items;
mod operations;
mod origin;
mod reply;
mod webhooks;

use std::sync::Arc;

use descant_exchange::accept;
use descant_model::api::Api;
use descant_model::diagnostic::Diagnostic;
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use self::reply::{empty, invalid, json as shown, missing, read, required};
use super::heavy::Weight;
use super::live::Live;
use super::notifier::Notifier;
use super::recording::Recording;
use super::sessions::Sessions;
use crate::mock::Mock;
use crate::state::{Snapshot, State};
use crate::tables::rules::Rule;
use crate::vocabulary::message::{INTERFACE, Request, Response};
use crate::vocabulary::pending::{PendingResponse, Verdict};
use crate::vocabulary::problem::Problem;

/// Makes requests that an operation accepts, by its index in [`Api::operations`]: `None` makes one with samples and
/// credentials, `Some` one with the parameters and the body of a call. Returns the call with its request as JSON.
pub type RequestMaker = Arc<dyn Fn(&Api, usize, Option<&Value>) -> Result<Value, String> + Send + Sync>;

/// What the interface of one API shows.
pub(crate) struct Interface<'a> {
    pub(crate) mock: &'a Mock,
    pub(crate) live: &'a Arc<Live>,
    pub(crate) recording: &'a Recording,
    pub(crate) requests: Option<&'a RequestMaker>,
    pub(crate) sessions: &'a Sessions,
    pub(crate) notifier: &'a Arc<Notifier>,
}

/// Whether a browser opens the root of an API, which has no operation there: it is shown the page.
pub(crate) fn is_visit(prefix: &str, request: &Request) -> bool {
    let is_root = request.uri().path().strip_prefix(prefix).is_some_and(|rest| matches!(rest, "" | "/"));
    let wants_page = || accept(request.headers()).is_some_and(|accept| accept.contains("text/html"));
    is_root && request.method() == "GET" && wants_page()
}

/// Returns the redirect to the page below a prefix.
pub(crate) fn visit(prefix: &str) -> Response {
    let mut response = empty(StatusCode::FOUND);
    if let Ok(page) = HeaderValue::from_str(&format!("{prefix}{INTERFACE}/")) {
        response.headers_mut().insert(LOCATION, page);
    }
    response
}

/// Responds to a request to the interface.
pub(crate) async fn respond(interface: &Interface<'_>, request: &Request, path: &str) -> PendingResponse {
    let is_page = matches!(path, "" | "/");
    let responded = match origin::is_own(request, &interface.mock.settings().hosts, is_page) {
        true if path == "/events" && request.method() == "GET" => {
            return events::follow(request, &interface.recording.journal, interface.live);
        }
        true => interface.respond(request, path).await,
        false => Err(Problem::new(
            StatusCode::FORBIDDEN,
            "the mock's own interface answers programs and its own page at an address, `localhost` or a name of --allow-host, \
             no other page",
        )),
    };
    let response = reply::secured(responded.unwrap_or_else(Problem::into_response));
    PendingResponse::new(response, Verdict::default())
}

impl Interface<'_> {
    async fn respond(&self, request: &Request, path: &str) -> Result<Response, Problem> {
        let method = request.method().as_str();
        if let Some(file) = assets::file(path).filter(|_| method == "GET") {
            return Ok(file);
        }
        let (mock, journal) = (self.mock, &self.recording.journal);
        match (method, path) {
            ("GET", "/log") => Ok(shown(&json!(journal.since(reply::number(request, "since", 0))))),
            ("DELETE", "/log") => done(|| journal.clear()),
            ("GET", "/coverage") => Ok(shown(&journal.coverage(mock.api()).to_value())),
            ("GET", "/operations") => Ok(shown(&operations::list(mock.api(), mock.prefix()))),
            ("GET", "/operation") => self.operation(request),
            ("GET" | "POST", "/call") => self.call(request),
            ("GET", "/document") => Ok(shown(&self.document())),
            ("GET", "/examples") => Ok(shown(&examples(mock.invalid_examples()))),
            ("GET", "/seed") => Ok(shown(&json!(mock.seed()))),
            ("PUT", "/seed") if journal.is_of_session() => {
                Err(invalid("the sessions of a mock share its seed"))
            }
            ("PUT", "/seed") => read(request).and_then(|seed| done(|| mock.set_seed(seed))),
            ("GET", "/sessions") => Ok(shown(&self.sessions.to_value())),
            ("DELETE", "/sessions") => done(|| self.sessions.end_all()),
            ("DELETE", _) if path.starts_with("/sessions/") => self.end_session(path),
            ("POST", "/reset") => self.reset().await,
            ("GET", _) if path.starts_with("/log/") => self.exchange(path),
            (_, "/rules" | "/rules/counts") => self.rules(request, path),
            (_, "/state" | "/state/scopes" | "/collections" | "/items" | "/fixtures") => {
                self.state(request, path).await
            }
            (_, _) if path.starts_with("/fixtures/") => self.fixture(request, path).await,
            (_, _) if path.starts_with("/webhooks") => webhooks::respond(self, request, path),
            _ => Err(unknown(method, path)),
        }
    }

    /// Ends a session: `/sessions/NAME`.
    fn end_session(&self, path: &str) -> Result<Response, Problem> {
        let name = path.strip_prefix("/sessions/").unwrap_or_default();
        match self.sessions.end(name) {
            true => Ok(empty(StatusCode::NO_CONTENT)),
            false => Err(missing("there is no session of this name")),
        }
    }

    /// Returns an exchange with its messages: `/log/NUMBER`.
    fn exchange(&self, path: &str) -> Result<Response, Problem> {
        let number = path.strip_prefix("/log/").and_then(|number| number.parse().ok());
        let entry = number.and_then(|number| self.recording.journal.get(number));
        let entry = entry.ok_or_else(|| missing("the journal no longer has this exchange"))?;
        Ok(shown(&exchange::shown(&self.mock.guard, &entry)))
    }

    /// Returns the index of the operation that a request names by its key.
    fn index(&self, request: &Request) -> Result<usize, Problem> {
        let key = required(request, "key")?;
        let index = self.mock.api().operations.iter().position(|operation| operation.key() == key);
        index.ok_or_else(|| missing(format!("the document has no operation `{key}`")))
    }

    fn operation(&self, request: &Request) -> Result<Response, Problem> {
        let (mock, index) = (self.mock, self.index(request)?);
        let Some(operation) = mock.api().operations.get(index) else { return Ok(shown(&Value::Null)) };
        let (_, report) = self.live.report();
        let place = report.get("places").and_then(|places| places.get(operation.key()));
        Ok(shown(&operations::detail(mock.api(), &mock.schemas, operation, place)))
    }

    /// Returns a valid request for an operation, or the request for a call that was edited.
    fn call(&self, request: &Request) -> Result<Response, Problem> {
        let make = self.requests.ok_or_else(|| missing("this mock makes no requests"))?;
        let edited: Option<Value> = if request.method() == "POST" { Some(read(request)?) } else { None };
        let call = make(self.mock.api(), self.index(request)?, edited.as_ref()).map_err(invalid)?;
        Ok(shown(&call))
    }

    /// Returns the report of the document with its version, and facts about the mock.
    fn document(&self) -> Value {
        let (version, report) = self.live.report();
        let mut value = (*report).clone();
        if !value.is_object() {
            value = json!({});
        }
        if let Some(members) = value.as_object_mut() {
            members.shift_remove("places");
            members.insert("version".to_owned(), version.into());
            members.insert("run".to_owned(), self.recording.journal.run().into());
            members.insert("hasState".to_owned(), self.mock.state().is_some().into());
            members.insert("examples".to_owned(), examples(self.mock.invalid_examples()));
        }
        value
    }

    fn rules(&self, request: &Request, path: &str) -> Result<Response, Problem> {
        let rules = self.mock.rules();
        match (request.method().as_str(), path) {
            ("GET", "/rules") => Ok(shown(&json!(rules.get()))),
            ("GET", "/rules/counts") => Ok(shown(&json!(rules.counts()))),
            ("PUT", "/rules") => {
                let next: Vec<Rule> = read(request)?;
                match next.iter().find_map(|rule| self.mock.unknown_operation(rule)) {
                    Some(reason) => Err(invalid(reason)),
                    None => done(|| rules.set(next)),
                }
            }
            ("DELETE", "/rules") => done(|| rules.set(Vec::new())),
            (method, _) => Err(unknown(method, path)),
        }
    }

    async fn state(&self, request: &Request, path: &str) -> Result<Response, Problem> {
        let method = request.method().as_str();
        if (method, path) == ("GET", "/collections") {
            return Ok(shown(&self.mock.state().map_or_else(|| json!([]), State::collections)));
        }
        let state = self.mock.state().ok_or_else(stateless)?;
        match (method, path) {
            ("GET", "/state") => snapshot(state).await,
            ("PUT", "/state") => {
                state.store().restore(written(state, request).await?).await?;
                Ok(empty(StatusCode::NO_CONTENT))
            }
            ("GET", "/fixtures") => Ok(shown(&self.mock.fixtures().to_value())),
            ("GET", "/state/scopes") => items::scopes(state).await,
            (_, "/items") => items::respond(state, request).await,
            _ => Err(unknown(method, path)),
        }
    }

    /// Sets, removes or loads a named state: `/fixtures/NAME`. `PUT` without a body names the state of now.
    async fn fixture(&self, request: &Request, path: &str) -> Result<Response, Problem> {
        let (mock, method) = (self.mock, request.method().as_str());
        let state = mock.state().ok_or_else(stateless)?;
        let name = percent_decode_str(path.strip_prefix("/fixtures/").unwrap_or_default());
        let name = &*name.decode_utf8_lossy();
        let unknown_name = || missing(format!("there is no fixture `{name}`"));
        match method {
            "PUT" if request.body().is_empty() => {
                mock.fixtures().put(name, state.store().snapshot().await?)?
            }
            "PUT" => mock.fixtures().put(name, written(state, request).await?)?,
            "POST" => {
                let fixture = mock.fixtures().get(name).ok_or_else(unknown_name)?;
                state.store().restore((*fixture).clone()).await?;
            }
            "DELETE" if mock.fixtures().remove(name) => {}
            "DELETE" => return Err(unknown_name()),
            _ => return Err(unknown(method, path)),
        }
        Ok(empty(StatusCode::NO_CONTENT))
    }

    async fn reset(&self) -> Result<Response, Problem> {
        self.recording.journal.clear();
        self.mock.rules().set(Vec::new());
        self.mock.reset().await?;
        Ok(empty(StatusCode::NO_CONTENT))
    }
}

fn unknown(method: &str, path: &str) -> Problem {
    missing(format!("the mock's own interface has no {method} {INTERFACE}{path}"))
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
    Ok(shown(&Value::Object(scopes.collect())))
}

/// Reads the state that a request has as its body, by hand or as a [`snapshot`], in YAML or JSON.
async fn written(state: &State, request: &Request) -> Result<Snapshot, Problem> {
    let (name, text) = ("state.yaml", request.body().to_vec());
    Weight::Heavy.run(|| state.read_text(name, text)).await.map_err(invalid)
}

fn stateless() -> Problem {
    missing("the mock remembers nothing: it was started without `--state`")
}

/// Calls a function, and returns 204.
fn done(act: impl FnOnce()) -> Result<Response, Problem> {
    act();
    Ok(empty(StatusCode::NO_CONTENT))
}

//! The closed loop of a document: its generated client calls its mock, and its generated server with the same responses.
//! They agree if every call is accepted, and every response is read into its type and still valid.

mod oneof_ambiguity;

use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use descant_contract::case::Call;
use descant_contract::{Completeness, Credentials, HttpRequest, RequestBuilder, Schemas};
use descant_exchange::{ResponseView, judge_content};
use descant_mock::{Mock, Running, Settings, respond};
use descant_model::api::Operation;
use descant_model::load::{Options, load};
use descant_model::tree::{escape_token, unescape_token};
use descant_runtime::client::{Config, Error};
use descant_runtime::contract::{Outcome, Response, Stub};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::Value;

use crate::voices::{Voices, input, request};

/// What came of an operation.
enum Verdict {
    Agreed,
    /// No call or no answer can be made; the document is to blame.
    Impossible(String),
    Disagreed(String),
}

/// The loop of one document.
struct Loop<'a> {
    schemas: Schemas,
    voices: &'a Voices,
    caller: RequestBuilder<'a>,
    mock: Running,
    /// Where the generated server listens.
    server: String,
    /// What it answers next.
    next: Arc<Mutex<Response>>,
}

/// Tries every operation of each document, and prints how many agree, and each that does not with the reason.
pub fn run(documents: &[Voices]) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let tried = async {
        let mut agree = true;
        for voices in documents {
            agree &= tried(voices).await?;
        }
        Ok(agree)
    };
    match runtime.and_then(|runtime| runtime.block_on(tried)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn tried(voices: &Voices) -> io::Result<bool> {
    let path = Path::new(voices.path);
    let Some(api) = load(path, &Options::default()).api.map(Arc::new) else {
        return Err(io::Error::other("there is no document"));
    };
    let credentials = Credentials::made_up(&api);
    let mock = Mock::new(api.clone(), Settings::default().with_dynamic(true));
    let next = Arc::new(Mutex::new(Response::default()));
    let closed = Loop {
        schemas: Schemas::new(&api),
        voices,
        caller: RequestBuilder::new(&api, &credentials, 1),
        mock: descant_mock::start(mock)?,
        server: serve(voices, next.clone()).await?,
        next,
    };
    let (mut agreed, mut impossible, mut told) = (0, 0, Vec::new());
    for (index, operation) in api.operations.iter().enumerate() {
        match closed.operation(index, operation).await {
            Verdict::Agreed => agreed += 1,
            Verdict::Impossible(reason) => {
                impossible += 1;
                told.push(format!("    {}: impossible: {reason}", operation.key()));
            }
            Verdict::Disagreed(reason) => told.push(format!("    {}: {reason}", operation.key())),
        }
    }
    let count = api.operations.len();
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let broken = count - agreed - impossible;
    println!("{name:40} {agreed:5} of {count:5} agree, {impossible:3} impossible, {broken:3} disagree");
    told.iter().for_each(|line| println!("{line}"));
    Ok(broken == 0)
}

/// Serves the generated server on a free port, and says where.
async fn serve(voices: &Voices, next: Arc<Mutex<Response>>) -> io::Result<String> {
    let listener = tokio::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let answer = Arc::new(move |_| next.lock().unwrap_or_else(PoisonError::into_inner).clone());
    let router = (voices.serve)(Stub { answer, check: Arc::new(|_, _| true) }).into_router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(url)
}

impl Loop<'_> {
    /// Calls an operation with what it requires, and with everything it takes.
    async fn operation(&self, index: usize, operation: &Operation) -> Verdict {
        if operation.path.raw.contains('#') {
            return Verdict::Impossible(
                "a fragment, which is never sent, is all that tells it apart".to_owned(),
            );
        }
        let mut verdict = Verdict::Agreed;
        for extent in [Completeness::Required, Completeness::Everything] {
            let made = self.caller.call(index, extent);
            let (call, wire) = match made {
                Ok(made) => made,
                Err(reason) => return Verdict::Impossible(reason),
            };
            match self.exchange(operation, &call, &wire).await {
                Verdict::Agreed => {}
                // That one call cannot be says nothing of the other.
                Verdict::Impossible(reason) => verdict = Verdict::Impossible(reason),
                disagreed => return disagreed,
            }
        }
        verdict
    }

    async fn exchange(&self, operation: &Operation, call: &Call, wire: &HttpRequest) -> Verdict {
        let request = match request(wire) {
            Ok(request) => request,
            Err(reason) => return Verdict::Impossible(reason),
        };
        let response = respond(self.mock.mock(), &request);
        if response.status() == StatusCode::NOT_IMPLEMENTED {
            return Verdict::Impossible(detail(response.body()));
        }
        let (parts, _) = request.into_parts();
        let ask = |server: String| {
            (self.voices.call)(Config::new(server).strict(), parts.clone(), operation.key(), input(call))
        };
        if let Err(reason) = self.judge(operation, ask(self.mock.url()).await) {
            let refused = self.mock.calls().pop().and_then(|call| call.request);
            let refused = refused.map(|fault| format!("; it has against the request: {fault}"));
            return match self.oneof_ambiguity(operation, wire, &response) {
                Some(reason) => Verdict::Impossible(reason),
                None => Verdict::Disagreed(format!("the mock: {reason}{}", refused.unwrap_or_default())),
            };
        }
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = response.clone();
        match self.judge(operation, ask(self.server.clone()).await) {
            Err(reason) => Verdict::Disagreed(format!("the server: {reason}")),
            Ok(outcome) => match self.difference(operation, &response, &outcome) {
                Some(difference) => Verdict::Disagreed(format!("on its way: {difference}")),
                None => Verdict::Agreed,
            },
        }
    }

    /// An answer must be a success, and still be what the document says once it went through the client's types.
    fn judge(&self, operation: &Operation, called: Result<Outcome, Error>) -> Result<Outcome, String> {
        let outcome = called.map_err(|error| {
            let mut text = error.to_string();
            let mut cause = std::error::Error::source(&error);
            while let Some(error) = cause {
                text = format!("{text}: {error}");
                cause = error.source();
            }
            match error.body() {
                Some(body) => format!("{text}; the body: {}", detail(body)),
                None => text,
            }
        })?;
        let success = operation.responses.iter().any(|(pattern, _)| {
            use descant_model::api::StatusPattern::{Code, Default, Range};
            matches!(pattern, Code(..400) | Range(..4) | Default)
        });
        if success && !(outcome.status.is_success() || outcome.status.is_redirection()) {
            return Err(format!(
                "a success was expected, {} came: {}",
                outcome.status,
                detail(&outcome.body)
            ));
        }
        // The answer to HEAD has no body, and so its type none of a body.
        if is_stream(&outcome.media_type) || operation.method == "HEAD" {
            return Ok(outcome);
        }
        match self.fault(operation, &outcome, outcome.body.clone()) {
            Some(fault) => Err(fault),
            None => Ok(outcome),
        }
    }

    /// What the document has against a body.
    fn fault(&self, operation: &Operation, outcome: &Outcome, body: Bytes) -> Option<String> {
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_str(&outcome.media_type) {
            headers.insert(header::CONTENT_TYPE, value);
        }
        let answer = ResponseView { status: outcome.status.as_u16(), headers: &headers, body: &body };
        let violation = judge_content(&self.schemas, operation, &answer).into_iter().next();
        violation.map(|violation| violation.message)
    }

    /// What an answer lost between the server's type and the client's. Typed answers do not keep a member of which the
    /// document says nothing, as examples have some.
    fn difference(&self, operation: &Operation, sent: &Response, read: &Outcome) -> Option<String> {
        if sent.status() != read.status {
            return Some(format!("{} became {}", sent.status(), read.status));
        }
        let json = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).ok();
        let (mut sent, kept) = (json(sent.body())?, json(&read.body)?);
        loop {
            let (pointer, difference) = apart(&sent, &kept, String::new())?;
            if kept.pointer(&pointer).is_some() || !self.may_be_anything(operation, read, &sent, &pointer) {
                return Some(difference);
            }
            let (holder, name) = pointer.rsplit_once('/')?;
            let name = unescape_token(name);
            sent.pointer_mut(holder)?.as_object_mut()?.shift_remove(&*name)?;
        }
    }

    /// Whether a member of a body may be a value of any kind, so that nothing is said of it.
    fn may_be_anything(&self, operation: &Operation, read: &Outcome, body: &Value, pointer: &str) -> bool {
        let fault = |body: &Value| self.fault(operation, read, body.to_string().into());
        oneof_ambiguity::variants(body, pointer).all(|body| fault(&body).is_none())
    }

    /// Why no types can hold what is sent or what comes, where that is so.
    fn oneof_ambiguity(
        &self,
        operation: &Operation,
        wire: &HttpRequest,
        response: &Response,
    ) -> Option<String> {
        let asked = |body: &Value| {
            let body = Some(body.to_string().into());
            let response = respond(self.mock.mock(), &request(&HttpRequest { body, ..wire.clone() }).ok()?);
            response.status().is_client_error().then(|| detail(response.body()))
        };
        let media_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let (status, media_type) = (response.status(), media_type.unwrap_or_default().to_owned());
        let outcome = Outcome { status, media_type, body: response.body().clone() };
        let answered = |body: &Value| self.fault(operation, &outcome, body.to_string().into());
        let json = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).ok();
        let sent = wire.body.as_deref().and_then(json);
        let found = sent.and_then(|sent| oneof_ambiguity::member(&sent, asked));
        let member = found.or_else(|| oneof_ambiguity::member(&json(response.body())?, answered))?;
        Some(format!(
            "{member} is of a kind that no branch of its `oneOf` names, and by that alone one branch is kept"
        ))
    }
}

/// Where two values differ first, and how. Numbers are compared by their value, and an optional member that is null may be
/// left out.
fn apart(sent: &Value, read: &Value, place: String) -> Option<(String, String)> {
    match (sent, read) {
        (Value::Array(sent), Value::Array(read)) if sent.len() == read.len() => {
            let mut items = sent.iter().zip(read).enumerate();
            items.find_map(|(index, (sent, read))| apart(sent, read, format!("{place}/{index}")))
        }
        (Value::Object(sent), Value::Object(read)) => {
            let names = sent.keys().chain(read.keys().filter(|name| !sent.contains_key(*name)));
            names.into_iter().find_map(|name| {
                let (sent, read) = (sent.get(name), read.get(name));
                let place = format!("{place}/{}", escape_token(name));
                apart(sent.unwrap_or(&Value::Null), read.unwrap_or(&Value::Null), place)
            })
        }
        (Value::Number(sent), Value::Number(read)) if sent.as_f64() == read.as_f64() => None,
        _ if sent == read => None,
        _ => {
            let difference = format!("at {place} `{sent}` became `{read}`");
            Some((place, difference))
        }
    }
}

/// Whether the client hands its items over one by one.
fn is_stream(media_type: &str) -> bool {
    ["event-stream", "jsonl", "ndjson", "json-seq"].iter().any(|name| media_type.contains(name))
}

/// What problem details say, or the beginning of the body.
fn detail(body: &[u8]) -> String {
    let problem = serde_json::from_slice::<Value>(body).unwrap_or_default();
    let faults = problem.get("errors").map(Value::to_string).unwrap_or_default();
    match problem.get("detail").and_then(Value::as_str) {
        Some(detail) => format!("{detail} {faults}"),
        None => String::from_utf8_lossy(body).chars().take(200).collect(),
    }
}

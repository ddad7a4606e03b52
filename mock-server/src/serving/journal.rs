//! The journal: the last exchanges of a mock, and the operations and statuses that were covered since it began.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use descant_model::api::{Api, Operation, StatusPattern};
use descant_runtime::problem::Fault;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::vocabulary::message::{Request, Response, TRACEPARENT};
use crate::vocabulary::pending::Verdict;

/// One exchange.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct JournalEntry {
    /// The number of the exchange, from 1.
    pub number: u64,
    /// When the request arrived, in milliseconds since 1970 (UTC).
    pub at: u64,
    /// The method of the request.
    #[serde(serialize_with = "method")]
    pub method: Method,
    /// Path and query, without the values of credentials.
    pub target: String,
    /// The key of the operation: `GET /pets/{petId}`.
    #[serde(serialize_with = "name")]
    pub operation: Option<Arc<str>>,
    /// The status of the response.
    pub status: u16,
    /// The time to make the response, in microseconds, without the time to send it.
    pub micros: u64,
    /// What the request violates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// What the response violates, or what its notices say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<String>,
    /// The trace that the request belongs to, 32 hexadecimal digits (W3C Trace Context, `traceparent`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Box<str>>,
    /// The session of the exchange.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "name")]
    pub session: Option<Arc<str>>,
    /// Each violation of the request, with its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<Fault>,
    /// The beginning of the request's body: at most 64 KiB.
    #[serde(skip)]
    pub body: Bytes,
    #[serde(skip)]
    messages: Arc<Messages>,
}

/// The messages of an exchange beside the request's body.
#[derive(Debug)]
pub(crate) struct Messages {
    /// The header fields of the request, one per line: `name: value`.
    pub(crate) request_head: Vec<u8>,
    /// The length of the request's body.
    pub(crate) request_bytes: u64,
    /// The header fields of the response.
    pub(crate) response_head: Vec<u8>,
    /// The beginning of the response's body: at most 64 KiB.
    pub(crate) response_body: Bytes,
    /// The length of the response's body.
    pub(crate) response_bytes: u64,
}

impl Messages {
    fn new(request: &Request, response: &Response) -> Self {
        let body = response.body();
        // A slice would keep the whole body.
        let shown = match body.get(..MAX_BODY) {
            Some(start) if start.len() < body.len() => Bytes::copy_from_slice(start),
            _ => body.clone(),
        };
        Self {
            request_head: head(request.headers()),
            request_bytes: request.body().len() as u64,
            response_head: head(response.headers()),
            response_body: shown,
            response_bytes: body.len() as u64,
        }
    }

    fn bytes(&self) -> usize {
        self.request_head.len() + self.response_head.len() + self.response_body.len()
    }
}

/// Returns header fields as text, at most [`MAX_HEAD`] bytes.
fn head(fields: &HeaderMap) -> Vec<u8> {
    let length = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len() + 3;
    let mut text = Vec::with_capacity(fields.iter().map(length).sum::<usize>().min(MAX_HEAD));
    for (name, value) in fields {
        if text.len() + length((name, value)) > MAX_HEAD {
            break;
        }
        text.extend_from_slice(name.as_str().as_bytes());
        text.extend_from_slice(b": ");
        text.extend_from_slice(value.as_bytes());
        text.push(b'\n');
    }
    text
}

fn method<S: Serializer>(method: &Method, serializer: S) -> Result<S::Ok, S::Error> {
    method.as_str().serialize(serializer)
}

impl JournalEntry {
    /// Returns the bytes of text and body.
    fn bytes(&self) -> usize {
        let said = [&self.request, &self.response].map(|text| text.as_ref().map_or(0, String::len));
        let violations = self.violations.iter().map(|found| found.expected.len() + found.detail.len());
        self.method.as_str().len()
            + self.target.len()
            + self.body.len()
            + self.messages.bytes()
            + said.iter().sum::<usize>()
            + violations.sum::<usize>()
    }

    /// Returns the header fields of both messages, and the response's body.
    pub(crate) fn messages(&self) -> &Messages {
        &self.messages
    }
}

fn name<S: Serializer>(name: &Option<Arc<str>>, serializer: S) -> Result<S::Ok, S::Error> {
    name.as_deref().serialize(serializer)
}

/// Returns the trace of a request, where it has one: `00-TRACE-PARENT-FLAGS`.
fn trace(request: &Request) -> Option<Box<str>> {
    let text = request.headers().get(TRACEPARENT)?.to_str().ok()?;
    let trace = text.split('-').nth(1)?;
    let is_hex = trace.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (trace.len() == 32 && is_hex).then(|| trace.into())
}

/// The number of exchanges that are kept.
const MAX_ENTRIES: usize = 1000;
/// The bytes of text and bodies of all of them.
const MAX_BYTES: usize = 8 << 20;
/// The bytes of one body.
const MAX_BODY: usize = 64 * 1024;
/// The bytes of the header fields of one message.
const MAX_HEAD: usize = 8 * 1024;
/// The capacity of a target that the next one may reuse.
const MAX_REUSED: usize = 256;

/// The exchanges that the journal of a session keeps, and the bytes of their text and bodies.
const MAX_SESSION_ENTRIES: usize = 200;
const MAX_SESSION_BYTES: usize = 256 * 1024;

/// The exchanges of a mock, or of a session. Its memory is bounded.
pub struct Journal {
    inner: Mutex<Inner>,
    /// When the journal began, in microseconds since 1970 (UTC): another journal has another number.
    run: u64,
    is_closed: AtomicBool,
    /// The session that it is of.
    session: Option<Arc<str>>,
}

impl Default for Journal {
    fn default() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let run = u64::try_from(now.as_micros()).unwrap_or_default();
        Self { inner: Mutex::default(), run, is_closed: AtomicBool::new(false), session: None }
    }
}

#[derive(Default)]
struct Inner {
    count: u64,
    recent: VecDeque<JournalEntry>,
    /// The bytes of text and bodies in `recent`.
    bytes: usize,
    covered: BTreeMap<Arc<str>, BTreeMap<u16, Count>>,
    /// The number of requests for no operation, without those to the authorization server or of CORS.
    unrouted: u64,
}

/// The number of responses of an operation with a status, and of violations among them.
#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Count {
    times: u64,
    #[serde(rename = "brokenRequests")]
    requests: u64,
    #[serde(rename = "brokenResponses")]
    responses: u64,
}

impl Journal {
    /// Makes the journal of a session, which keeps less than that of a mock.
    pub(crate) fn of_session(name: &Arc<str>) -> Self {
        Self { session: Some(name.clone()), ..Self::default() }
    }

    /// Whether it is the journal of a session.
    pub(crate) fn is_of_session(&self) -> bool {
        self.session.is_some()
    }

    /// Records an exchange that ends now, with the target that may be shown.
    pub(crate) fn record(
        &self,
        request: &Request,
        target: String,
        response: &Response,
        verdict: Verdict,
        started: SystemTime,
    ) -> JournalEntry {
        let at = started.duration_since(UNIX_EPOCH).unwrap_or_default();
        let took = started.elapsed().unwrap_or_default();
        let body = request.body();
        let mut entry = JournalEntry {
            number: 0,
            at: u64::try_from(at.as_millis()).unwrap_or(u64::MAX),
            method: request.method().clone(),
            target: String::new(),
            operation: verdict.operation,
            status: response.status().as_u16(),
            micros: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            request: verdict.request,
            response: verdict.response,
            violations: verdict.violations,
            // A slice would keep the connection's whole buffer.
            body: Bytes::copy_from_slice(body.get(..MAX_BODY).unwrap_or(body)),
            trace: trace(request),
            session: self.session.clone(),
            messages: Arc::new(Messages::new(request, response)),
        };
        let limits = match self.session {
            None => (MAX_ENTRIES, MAX_BYTES),
            Some(_) => (MAX_SESSION_ENTRIES, MAX_SESSION_BYTES),
        };
        let mut inner = self.lock();
        inner.count += 1;
        entry.number = inner.count;
        inner.count(&entry);
        inner.keep(entry.clone(), &target, limits);
        JournalEntry { target, ..entry }
    }

    /// Counts an exchange of a session in the coverage.
    pub(crate) fn cover(&self, entry: &JournalEntry) {
        self.lock().count(entry);
    }

    /// Returns the exchanges with a greater number, the oldest first.
    pub fn since(&self, number: u64) -> Vec<JournalEntry> {
        let inner = self.lock();
        let newer = inner.recent.iter().rev().take_while(|entry| entry.number > number);
        let mut newer: Vec<JournalEntry> = newer.cloned().collect();
        newer.reverse();
        newer
    }

    /// Returns the last exchanges with a greater number, at most `most`, the oldest first, and the number of the newest.
    pub(crate) fn newest(&self, number: u64, most: usize) -> (Vec<JournalEntry>, u64) {
        let inner = self.lock();
        let newer = inner.recent.iter().rev().take_while(|entry| entry.number > number);
        let mut newer: Vec<JournalEntry> = newer.take(most).cloned().collect();
        newer.reverse();
        (newer, inner.count)
    }

    /// Returns the exchange of a number, if it is still there.
    pub(crate) fn get(&self, number: u64) -> Option<JournalEntry> {
        self.lock().recent.iter().find(|entry| entry.number == number).cloned()
    }

    /// Returns the number of the last exchange.
    pub(crate) fn count(&self) -> u64 {
        self.lock().count
    }

    /// Returns a number that no earlier or later journal has.
    pub(crate) fn run(&self) -> u64 {
        self.run
    }

    /// Ends the streams that follow the journal, so that their connections do not delay a shutdown.
    pub(crate) fn close(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
    }

    /// Whether the journal was closed.
    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Relaxed)
    }

    /// Removes all exchanges, and begins to count anew.
    pub fn clear(&self) {
        *self.lock() = Inner::default();
    }

    /// Returns the coverage of a document: its operations with their documented statuses, and which of them occurred.
    pub fn coverage(&self, api: &Api) -> Coverage {
        let inner = self.lock();
        let operations: Vec<_> = api.operations.iter().map(|operation| covered(operation, &inner)).collect();
        Coverage { operations, unrouted: inner.unrouted }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Adds an exchange, and evicts the oldest beyond the limits. Its target reuses the string of an evicted one: a fresh
    /// allocation for each exchange was measurably slower (docs/figures.md).
    fn keep(&mut self, entry: JournalEntry, target: &str, (entries, bytes): (usize, usize)) {
        self.bytes += entry.bytes() + target.len();
        let mut reused = String::new();
        while self.recent.len() >= entries || self.bytes > bytes {
            let Some(oldest) = self.recent.pop_front() else { break };
            self.bytes -= oldest.bytes();
            reused = oldest.target;
        }
        reused.clear();
        reused.shrink_to(MAX_REUSED);
        reused.push_str(target);
        self.recent.push_back(JournalEntry { target: reused, ..entry });
    }

    fn count(&mut self, entry: &JournalEntry) {
        let Some(operation) = &entry.operation else {
            self.unrouted += u64::from(entry.request.is_some());
            return;
        };
        let statuses = self.covered.entry(operation.clone()).or_default();
        let count = statuses.entry(entry.status).or_default();
        count.times += 1;
        count.requests += u64::from(entry.request.is_some());
        count.responses += u64::from(entry.response.is_some());
    }
}

/// The coverage of a document by the exchanges of a mock.
pub struct Coverage {
    operations: Vec<Covered>,
    unrouted: u64,
}

struct Covered {
    key: String,
    /// Each documented status, `default` and ranges as written, with whether it occurred.
    documented: Vec<(String, bool)>,
    met: BTreeMap<u16, Count>,
}

fn covered(operation: &Operation, inner: &Inner) -> Covered {
    let key = operation.key();
    let met = inner.covered.get(key.as_str()).cloned().unwrap_or_default();
    let codes: Vec<u16> = operation.responses.iter().filter_map(|(pattern, _)| code(*pattern)).collect();
    let documented = operation.responses.iter().map(|(pattern, _)| {
        let is_met = match pattern {
            StatusPattern::Code(code) => met.contains_key(code),
            wide => met.keys().any(|code| wide.covers(*code) && !codes.contains(code)),
        };
        (pattern.to_string(), is_met)
    });
    let documented = documented.collect();
    Covered { key, documented, met }
}

fn code(pattern: StatusPattern) -> Option<u16> {
    if let StatusPattern::Code(code) = pattern { Some(code) } else { None }
}

impl Coverage {
    /// Returns the covered share of the operations in per cent; 100 where there are none.
    pub fn percent(&self) -> f64 {
        let met = self.operations.iter().filter(|operation| !operation.met.is_empty()).count();
        if self.operations.is_empty() { 100.0 } else { met as f64 * 100.0 / self.operations.len() as f64 }
    }

    /// Returns the number of responses with violations.
    pub fn violations(&self) -> u64 {
        let met = self.operations.iter().flat_map(|operation| operation.met.values());
        met.map(|met| met.responses).sum()
    }

    /// Returns the report as JSON.
    pub fn to_value(&self) -> Value {
        let operations = self.operations.iter().map(|operation| {
            let statuses: Vec<_> =
                operation.documented.iter().map(|(name, met)| json!({"status": name, "met": met})).collect();
            json!({"operation": operation.key, "documented": statuses, "met": operation.met})
        });
        let operations: Vec<_> = operations.collect();
        json!({"percent": self.percent(), "operations": operations, "requestsForNoOperation": self.unrouted})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_bounded_by_number_and_by_bytes() {
        let check = |target: usize, body: usize, kept: usize| {
            let journal = Journal::default();
            for _ in 0..=MAX_ENTRIES {
                let request = Request::new(Bytes::from(vec![b'x'; body]));
                journal.record(
                    &request,
                    "/".repeat(target),
                    &Response::default(),
                    Verdict::default(),
                    SystemTime::now(),
                );
            }
            let (last, bytes) = (journal.since(0).pop().unwrap(), journal.lock().bytes);
            assert_eq!(last.number, MAX_ENTRIES as u64 + 1, "the newest is there");
            assert_eq!(last.body.len(), body.min(MAX_BODY));
            assert!(bytes <= MAX_BYTES, "{bytes} bytes");
            assert_eq!(journal.since(0).len(), kept);
        };
        check(1, 0, MAX_ENTRIES);
        let most = MAX_BYTES / (MAX_BODY + "GET/".len());
        check(1, MAX_BODY, most);
        check(1, MAX_BODY + 1, most);
        check(MAX_BODY + 1, 0, most);
    }

    /// The limits of a server bound it.
    #[test]
    fn the_last_exchange_is_kept_at_any_length() {
        let journal = Journal::default();
        let record = |length| {
            journal.record(
                &Request::default(),
                "/".repeat(length),
                &Response::default(),
                Verdict::default(),
                SystemTime::now(),
            )
        };
        record(MAX_BYTES + 1);
        assert_eq!(journal.since(0).len(), 1);
        record(1);
        assert_eq!(journal.since(0).len(), 1);
    }
}

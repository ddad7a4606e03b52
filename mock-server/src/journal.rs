//! What the mock saw: the last exchanges, and which operations and statuses were met since it began.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use descant_model::api::{Api, Operation, StatusPattern};
use http::{HeaderName, Method, StatusCode};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::Request;

/// What became of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Verdict {
    /// The operation that it was for: `GET /pets/{petId}`.
    pub(crate) operation: Option<Arc<str>>,
    /// What the document has against the request.
    pub(crate) request: Option<String>,
    /// What the document has against the response.
    pub(crate) response: Option<String>,
}

/// One exchange.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Counted from 1.
    pub number: u64,
    /// When the request was there: milliseconds since 1970 (UTC).
    pub at: u64,
    #[serde(serialize_with = "method")]
    pub method: Method,
    /// Path and query; the values of credentials are taken out.
    pub target: String,
    /// The operation that it was for: `GET /pets/{petId}`.
    #[serde(serialize_with = "name")]
    pub operation: Option<Arc<str>>,
    pub status: u16,
    /// How long the answer took to make, without the time on the wire.
    pub micros: u64,
    /// What the document has against the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// What the document has against the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<String>,
    /// The trace that the request belongs to, 32 hexadecimal digits (W3C Trace Context, `traceparent`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Box<str>>,
    /// The beginning of the request's body.
    #[serde(skip)]
    pub body: Bytes,
}

fn method<S: Serializer>(method: &Method, serializer: S) -> Result<S::Ok, S::Error> {
    method.as_str().serialize(serializer)
}

impl Entry {
    /// How much text and body it holds.
    fn bytes(&self) -> usize {
        let said = [&self.request, &self.response].map(|text| text.as_ref().map_or(0, String::len));
        self.method.as_str().len() + self.target.len() + self.body.len() + said.iter().sum::<usize>()
    }
}

fn name<S: Serializer>(name: &Option<Arc<str>>, serializer: S) -> Result<S::Ok, S::Error> {
    name.as_deref().serialize(serializer)
}

/// Where a request says what it is part of.
pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The trace of a request, where it names one: `00-TRACE-PARENT-FLAGS`.
fn trace(request: &Request) -> Option<Box<str>> {
    let text = request.headers().get(TRACEPARENT)?.to_str().ok()?;
    let trace = text.split('-').nth(1)?;
    let is_hex = trace.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (trace.len() == 32 && is_hex).then(|| trace.into())
}

/// How many exchanges are kept at most.
const KEPT: usize = 1000;
/// How many bytes of text and bodies they may hold together.
const BYTES: usize = 8 << 20;
/// How many bytes of a body are kept.
const BODY: usize = 64 * 1024;
/// The most bytes of room for a target that are left to the next one.
const ROOM: usize = 256;

/// The exchanges of a mock. What it takes of the machine is bounded.
#[derive(Default)]
pub struct Journal(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    count: u64,
    recent: VecDeque<Entry>,
    /// Of text and bodies in `recent`.
    bytes: usize,
    met: BTreeMap<Arc<str>, BTreeMap<u16, Met>>,
    /// Requests that the document does not know; those for its authorization server, or of CORS, are none.
    strays: u64,
}

/// How often an operation answered with a status, and what was wrong then.
#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Met {
    times: u64,
    #[serde(rename = "brokenRequests")]
    requests: u64,
    #[serde(rename = "brokenResponses")]
    responses: u64,
}

impl Journal {
    /// Notes an exchange down that ends now. `target` is what may be shown of the request's.
    pub(crate) fn note(
        &self,
        request: &Request,
        target: String,
        status: StatusCode,
        verdict: Verdict,
        started: SystemTime,
    ) -> Entry {
        let at = started.duration_since(UNIX_EPOCH).unwrap_or_default();
        let took = started.elapsed().unwrap_or_default();
        let body = request.body();
        let mut entry = Entry {
            number: 0,
            at: u64::try_from(at.as_millis()).unwrap_or(u64::MAX),
            method: request.method().clone(),
            target: String::new(),
            operation: verdict.operation,
            status: status.as_u16(),
            micros: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            request: verdict.request,
            response: verdict.response,
            // A slice would keep the connection's whole buffer.
            body: Bytes::copy_from_slice(body.get(..BODY).unwrap_or(body)),
            trace: trace(request),
        };
        let mut inner = self.lock();
        inner.count += 1;
        entry.number = inner.count;
        inner.count(&entry);
        inner.keep(entry.clone(), &target);
        Entry { target, ..entry }
    }

    /// The exchanges that are kept with a number above this one, the oldest first.
    pub fn since(&self, number: u64) -> Vec<Entry> {
        let inner = self.lock();
        let newer = inner.recent.iter().rev().take_while(|entry| entry.number > number);
        let mut newer: Vec<Entry> = newer.cloned().collect();
        newer.reverse();
        newer
    }

    /// Forgets everything.
    pub fn clear(&self) {
        *self.lock() = Inner::default();
    }

    /// What was met of a document: each operation with its documented statuses, and how much of it all that is.
    pub fn coverage(&self, api: &Api) -> Coverage {
        let inner = self.lock();
        let operations: Vec<_> = api.operations.iter().map(|operation| covered(operation, &inner)).collect();
        Coverage { operations, strays: inner.strays }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Keeps an exchange, and of those before it as many as there is room for. Its target takes the room of the oldest's:
    /// new memory for each would be what no core has at hand.
    fn keep(&mut self, entry: Entry, target: &str) {
        self.bytes += entry.bytes() + target.len();
        let mut room = String::new();
        while self.recent.len() >= KEPT || self.bytes > BYTES {
            let Some(oldest) = self.recent.pop_front() else { break };
            self.bytes -= oldest.bytes();
            room = oldest.target;
        }
        room.clear();
        room.shrink_to(ROOM);
        room.push_str(target);
        self.recent.push_back(Entry { target: room, ..entry });
    }

    fn count(&mut self, entry: &Entry) {
        let Some(operation) = &entry.operation else {
            self.strays += u64::from(entry.request.is_some());
            return;
        };
        let met = self.met.entry(operation.clone()).or_default().entry(entry.status).or_default();
        met.times += 1;
        met.requests += u64::from(entry.request.is_some());
        met.responses += u64::from(entry.response.is_some());
    }
}

/// How much of a document a session met.
pub struct Coverage {
    operations: Vec<Covered>,
    strays: u64,
}

struct Covered {
    key: String,
    /// Each documented status, `default` and ranges as they are written, with whether it was met.
    documented: Vec<(String, bool)>,
    met: BTreeMap<u16, Met>,
}

fn covered(operation: &Operation, inner: &Inner) -> Covered {
    let key = operation.key();
    let met = inner.met.get(key.as_str()).cloned().unwrap_or_default();
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
    /// How many of the operations were met, in per cent; all of none is 100.
    pub fn percent(&self) -> f64 {
        let met = self.operations.iter().filter(|operation| !operation.met.is_empty()).count();
        if self.operations.is_empty() { 100.0 } else { met as f64 * 100.0 / self.operations.len() as f64 }
    }

    /// How many responses were not as the document says.
    pub fn faults(&self) -> u64 {
        let met = self.operations.iter().flat_map(|operation| operation.met.values());
        met.map(|met| met.responses).sum()
    }

    /// The report as JSON.
    pub fn to_value(&self) -> Value {
        let operations = self.operations.iter().map(|operation| {
            let statuses: Vec<_> =
                operation.documented.iter().map(|(name, met)| json!({"status": name, "met": met})).collect();
            json!({"operation": operation.key, "documented": statuses, "met": operation.met})
        });
        let operations: Vec<_> = operations.collect();
        json!({"percent": self.percent(), "operations": operations, "requestsForNoOperation": self.strays})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_bounded_by_number_and_by_bytes() {
        let check = |target: usize, body: usize, kept: usize| {
            let journal = Journal::default();
            for _ in 0..=KEPT {
                let request = Request::new(Bytes::from(vec![b'x'; body]));
                journal.note(
                    &request,
                    "/".repeat(target),
                    StatusCode::OK,
                    Verdict::default(),
                    SystemTime::now(),
                );
            }
            let (last, held) = (journal.since(0).pop().unwrap(), journal.lock().bytes);
            assert_eq!(last.number, KEPT as u64 + 1, "the newest is there");
            assert_eq!(last.body.len(), body.min(BODY));
            assert!(held <= BYTES, "{held} bytes");
            assert_eq!(journal.since(0).len(), kept);
        };
        check(1, 0, KEPT);
        let most = BYTES / (BODY + "GET/".len());
        check(1, BODY, most);
        check(1, BODY + 1, most);
        check(BODY + 1, 0, most);
    }

    /// The limits of a server bound it.
    #[test]
    fn one_exchange_is_kept_whatever_its_length() {
        let journal = Journal::default();
        let note = |length| {
            journal.note(
                &Request::default(),
                "/".repeat(length),
                StatusCode::OK,
                Verdict::default(),
                SystemTime::now(),
            )
        };
        note(BYTES + 1);
        assert_eq!(journal.since(0).len(), 1);
        note(1);
        assert_eq!(journal.since(0).len(), 1);
    }
}

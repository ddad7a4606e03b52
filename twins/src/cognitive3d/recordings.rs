//! The raw data of sessions by kind: invented from the session, and what applications have sent.

use std::collections::HashMap;

use descant_cognitive3d::types::{SessionDataKind, SessionDataRequest};
use serde_json::{Map, Value, json};

use super::filter::events;
use super::sessions::{Record, date, die};

/// The maximum number of samples of one kind.
const MAX_SAMPLES: i64 = 1_000;
/// The maximum number of data that are kept of all sessions; more are not taken.
const MAX_DATA: usize = 100_000;
/// The maximum number of sessions that applications can begin.
const MAX_SESSIONS: usize = 10_000;

/// The kinds with their members in the answer.
const KINDS: [(SessionDataKind, &str); 6] = [
    (SessionDataKind::Gaze, "gaze"),
    (SessionDataKind::Fixation, "fixations"),
    (SessionDataKind::Events, "events"),
    (SessionDataKind::Dynamics, "dynamics"),
    (SessionDataKind::Sensors, "sensors"),
    (SessionDataKind::Boundary, "boundary"),
];

/// What applications have sent: by session and kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ingested {
    data: HashMap<String, Map<String, Value>>,
    count: usize,
    /// The number of sessions that began with a batch.
    pub(crate) begun: usize,
}

impl Ingested {
    /// Keeps the data of a batch.
    pub(crate) fn add(&mut self, session: &str, kind: &str, data: Vec<Value>) {
        if self.count + data.len() > MAX_DATA {
            return;
        }
        self.count += data.len();
        let known = self.data.entry(session.to_owned()).or_default();
        match known.get_mut(kind) {
            Some(Value::Array(list)) => list.extend(data),
            _ => _ = known.insert(kind.to_owned(), Value::Array(data)),
        }
    }

    /// Whether another session can begin.
    pub(crate) fn has_room(&self) -> bool {
        self.begun < MAX_SESSIONS
    }
}

/// Returns the `SessionData` that a request asks for.
pub(crate) fn data(record: &Record, request: &SessionDataRequest, ingested: &Ingested, seed: u64) -> Value {
    let id = record.get("sessionId").and_then(Value::as_str).unwrap_or_default();
    let start = record.get("createdAt").and_then(Value::as_i64).unwrap_or_default();
    let mut answer = Map::new();
    answer.insert("sessionId".to_owned(), id.into());
    let relative = request.session_relative_timestamps == Some(true);
    for (kind, member) in &KINDS {
        if request.json_type != SessionDataKind::All && request.json_type != *kind {
            continue;
        }
        let mut list = match kind {
            SessionDataKind::Events => events(record).cloned().map(Value::Object).collect(),
            kind => samples(record, kind, seed),
        };
        list.extend(sent(ingested, id, member, start));
        if !relative {
            list.iter_mut().for_each(|datum| absolute(datum, start));
        }
        answer.insert((*member).to_owned(), Value::Array(list));
    }
    if request.add_properties == Some(true) {
        answer.extend(
            record.get("properties").cloned().map(|properties| ("properties".to_owned(), properties)),
        );
    }
    Value::Object(answer)
}

/// Returns what was sent, with times that count from the session's start.
fn sent(ingested: &Ingested, id: &str, member: &str, start: i64) -> Vec<Value> {
    let mut list = match ingested.data.get(id).and_then(|kinds| kinds.get(member)) {
        Some(Value::Array(list)) => list.clone(),
        _ => Vec::new(),
    };
    for datum in &mut list {
        if let Some(time) = datum.get_mut("time")
            && let Some(seconds) = time.as_f64()
        {
            *time = (seconds - start as f64 / 1000.0).into();
        }
    }
    list
}

/// Adds the session's start to the time of a datum.
fn absolute(datum: &mut Value, start: i64) {
    if let Some(time) = datum.get_mut("time")
        && let Some(seconds) = time.as_f64()
    {
        *time = (start as f64 / 1000.0 + seconds).into();
    }
}

/// Invents the samples of a kind, ten a second for gaze and one a second for the others.
fn samples(record: &Record, kind: &SessionDataKind, seed: u64) -> Vec<Value> {
    let duration = record.get("duration").and_then(Value::as_i64).unwrap_or_default();
    let start = record.get("createdAt").and_then(Value::as_i64).unwrap_or_default();
    let interval = if *kind == SessionDataKind::Gaze { 100 } else { 1_000 };
    let number = |purpose: &str, at: i64, size: i64| {
        (die(seed, start + at, purpose, size * 100) - size * 50) as f64 / 100.0
    };
    let sample = |at: i64| {
        let time = (at * interval) as f64 / 1000.0;
        let point = json!([number("x", at, 8), 1.6 + number("y", at, 1) / 5.0, number("z", at, 8)]);
        match kind {
            SessionDataKind::Gaze => {
                let target = json!([number("gx", at, 8), 1.4, number("gz", at, 8)]);
                json!({"time": time, "p": point, "r": [0, 0, 0, 1], "g": target})
            }
            SessionDataKind::Fixation => {
                json!({"time": time, "p": point, "duration": 150 + die(seed, start + at, "f", 700)})
            }
            SessionDataKind::Dynamics => {
                json!({"time": time, "id": "lever-01", "p": point, "r": [0, 0, 0, 1]})
            }
            SessionDataKind::Sensors => {
                json!({"time": time, "name": "c3d.fps.avg", "value": 72.0 + number("fps", at, 20)})
            }
            _ => json!({"time": time, "p": [number("x", 0, 8), 0, number("z", 0, 8)]}),
        }
    };
    (0..(duration / interval).min(MAX_SAMPLES)).map(sample).collect()
}

/// A batch that begins a session: the session that it names, with nothing but what the batch says.
pub(crate) struct Beginning<'a> {
    pub(crate) session: &'a str,
    pub(crate) project: i64,
    pub(crate) organization: i64,
    pub(crate) scene: &'a str,
    pub(crate) version: i64,
    pub(crate) device: &'a str,
    /// In seconds since 1970.
    pub(crate) start: i64,
}

impl Beginning<'_> {
    /// Returns the session.
    pub(crate) fn record(&self) -> Record {
        let start = self.start.clamp(0, 4_102_444_800) * 1000;
        let session = json!({
            "sessionId": self.session, "sdkSessionId": self.session, "projectId": self.project,
            "organizationId": self.organization, "sceneId": self.scene, "parentSceneVersionId": self.version,
            "participantId": null, "friendlyName": null, "date": date(start), "endDate": date(start), "duration": 0,
            "createdAt": start, "startTime": start, "gazeInterval": 0.1, "hmd": null, "user": self.device,
            "deviceId": self.device, "userKey": self.device, "hasGaze": false, "hasFixation": false, "hasEvent": false,
            "hasDynamic": false, "hasSensor": false, "hasBoundary": false, "positionLimited": false,
            "gazeLimited": false, "fixationsLimited": false, "eventsLimited": false, "tags": [],
            "properties": {"c3d.session_tag.test": false, "c3d.session_tag.junk": false},
            "events": [], "objectiveResults": {},
        });
        if let Value::Object(record) = session { record } else { Record::new() }
    }
}

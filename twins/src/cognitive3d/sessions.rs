//! Invents the sessions described in `spec/samples/cognitive3d.json`, each from its number and the seed.

use descant_cognitive3d::types::{EntityFilters, SessionType};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// The invented data.
const SAMPLES: &str = include_str!("../../../spec/samples/cognitive3d.json");

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Samples {
    organization_id: i64,
    project_id: i64,
    scene_id: String,
    scene_version_ids: Vec<i64>,
    objective_version_id: i64,
    sessions: usize,
    newest_session_id: String,
    newest_timestamp: i64,
    seconds_between: i64,
    test_every: usize,
    junk_every: usize,
    participants: Vec<String>,
    devices: Vec<String>,
    names: Vec<String>,
    headsets: Vec<Option<String>>,
    app_versions: Vec<String>,
    countries: Vec<String>,
    hands: Vec<String>,
}

/// A session with all its data, in the form of the document's `Session`.
pub(crate) type Record = Map<String, Value>;

/// The sessions of the only project, newest first.
#[derive(Clone, Debug)]
pub(crate) struct Sessions {
    pub(crate) organization: i64,
    pub(crate) project: i64,
    pub(crate) records: Vec<Record>,
}

impl Sessions {
    /// Returns the sessions of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        let samples: Samples = serde_json::from_str(SAMPLES).unwrap_or_default();
        let records = (0..samples.sessions).map(|number| samples.session(number, seed)).collect();
        Self { organization: samples.organization_id, project: samples.project_id, records }
    }

    /// Returns the sessions of a project, a scene or its version; `None` for an unknown project.
    pub(crate) fn of(&self, entity: &EntityFilters) -> Option<Vec<&Record>> {
        let scene = entity.scene_id.as_deref().map(Value::from);
        let version = entity.version_id.map(Value::from);
        let fits = |record: &&Record| {
            scene.as_ref().is_none_or(|scene| record.get("sceneId") == Some(scene))
                && version.as_ref().is_none_or(|version| record.get("parentSceneVersionId") == Some(version))
        };
        (entity.project_id == self.project).then(|| self.records.iter().filter(fits).collect())
    }

    /// Returns a session by its identifier.
    pub(crate) fn find(&self, id: &str) -> Option<&Record> {
        self.records.iter().find(|record| record.get("sessionId").and_then(Value::as_str) == Some(id))
    }

    /// Sets whether a session has a tag; `None` for an unknown session.
    pub(crate) fn tag(&mut self, id: &str, tag: &str, value: bool) -> Option<()> {
        let mut records = self.records.iter_mut();
        let record = records.find(|record| record.get("sessionId").and_then(Value::as_str) == Some(id))?;
        let tags = record.get_mut("tags").and_then(Value::as_array_mut)?;
        tags.retain(|known| known != tag);
        if value {
            tags.push(tag.into());
        }
        let properties = record.get_mut("properties").and_then(Value::as_object_mut)?;
        properties.insert(format!("c3d.session_tag.{tag}"), value.into());
        Some(())
    }
}

/// Returns a session for a list: with events, objectives and scene only on request.
pub(crate) fn listed(record: &Record, kind: Option<&SessionType>, events: bool, objectives: bool) -> Record {
    let by_scene = kind == Some(&SessionType::Scene);
    let shown = |name: &str| match name {
        "events" => events,
        "objectiveResults" => objectives && by_scene,
        "sceneId" | "parentSceneVersionId" => by_scene,
        _ => true,
    };
    record.iter().filter(|(name, _)| shown(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

impl Samples {
    fn session(&self, number: usize, seed: u64) -> Record {
        let start = self.newest_timestamp - number as i64 * self.seconds_between;
        let digest = Sha256::digest(format!("{seed}:{number}"));
        let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let id = if number == 0 { self.newest_session_id.clone() } else { format!("{start}_{hex}") };
        let duration = 30_000 + number as i64 * 7_919 % 600_000;
        let participant = pick(&self.participants, number);
        let device = pick(&self.devices, number);
        let session = json!({
            "sessionId": id, "sdkSessionId": id,
            "projectId": self.project_id, "organizationId": self.organization_id,
            "sceneId": self.scene_id, "parentSceneVersionId": pick(&self.scene_version_ids, number / 2),
            "participantId": participant, "friendlyName": pick(&self.names, number),
            "date": date(start * 1000), "endDate": date(start * 1000 + duration), "duration": duration,
            "createdAt": start * 1000, "startTime": start * 1000, "gazeInterval": 0.1,
            "hmd": pick(&self.headsets, number), "user": device, "deviceId": device, "userKey": participant,
            "hasGaze": true, "hasFixation": number % 2 == 1, "hasEvent": true, "hasDynamic": number.is_multiple_of(3),
            "hasSensor": true, "hasBoundary": !number.is_multiple_of(5),
            "positionLimited": false, "gazeLimited": false, "fixationsLimited": false, "eventsLimited": false,
            "tags": [], "properties": self.properties(number),
            "events": self.events(number, start * 1000, &digest),
            "objectiveResults": self.objectives(number, start * 1000),
        });
        if let Value::Object(record) = session { record } else { Record::new() }
    }

    fn properties(&self, number: usize) -> Value {
        let every = |step: usize, offset: usize| number.checked_rem(step) == Some(offset);
        json!({
            "c3d.app.name": "crane-training",
            "c3d.app.version": pick(&self.app_versions, number),
            "c3d.app.inEditor": number % 6 == 5,
            "c3d.device.memory": 8 + 4 * (number % 3),
            "c3d.geo.country": pick(&self.countries, number),
            "c3d.session_tag.test": every(self.test_every, 7),
            "c3d.session_tag.junk": every(self.junk_every, 3),
            "c3d.metrics.fps_score": 60.0 + (number * 37 % 160) as f64 / 4.0,
            "c3d.metrics.comfort_score": 50.0 + (number * 53 % 200) as f64 / 4.0,
        })
    }

    fn events(&self, number: usize, start: i64, digest: &[u8]) -> Value {
        let version = pick(&self.scene_version_ids, number / 2);
        let hash = digest.iter().take(8).fold(0_i64, |hash, byte| (hash << 8) | i64::from(*byte)) & i64::MAX;
        let event = |place: i64, name: &str, object: Value, properties: Value| {
            json!({
                "name": name, "date": date(start + place * 12_400), "x": 0.5, "y": 1.25, "z": -2.0,
                "object": object, "parentSceneVersionId": version, "properties": properties,
                "eventHash": hash ^ place,
            })
        };
        let attempt = 1 + number % 3;
        let closed = json!({"attempt": attempt, "hand": pick(&self.hands, number), "smooth": attempt == 1});
        let answers = json!({"hook": "end_of_shift", "questionSetId": "shift_survey:2",
            "Answer0": number % 2, "Answer1": number % 11, "duration": 9.5});
        json!([
            event(0, "c3d.sessionStart", Value::Null, json!({})),
            event(1, "Belt Closed", "lever-01".into(), closed),
            event(2, "cvr.exitpoll", Value::Null, answers),
        ])
    }

    /// The first step fails in one session of twenty, the second in one of four, and is not reached after a failure.
    fn objectives(&self, number: usize, start: i64) -> Value {
        let result = |failed: bool| if failed { "failed" } else { "succeeded" };
        let step = |step: i64, duration: i64, failed: bool| json!({"step": step, "timestamp": start + duration, "duration": duration, "result": result(failed)});
        let first = step(1, 12_400, number % 20 == 11);
        let second = step(2, 18_650, number % 20 == 11 || number % 4 == 1);
        let mut objectives = Map::new();
        objectives.insert(self.objective_version_id.to_string(), json!([first, second]));
        Value::Object(objectives)
    }
}

/// Selects an item by a number.
fn pick<T: Clone + Default>(list: &[T], number: usize) -> T {
    number.checked_rem(list.len()).and_then(|at| list.get(at)).cloned().unwrap_or_default()
}

/// Formats milliseconds since 1970 as ISO 8601.
fn date(millis: i64) -> String {
    let moment = Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH);
    moment.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

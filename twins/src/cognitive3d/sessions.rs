//! Invents the sessions of an organization: those of more than two years, at the hours when people work, up to a moment.
//! A session depends on its number and the seed alone, so a later moment adds sessions and changes none.

use descant_cognitive3d::types::{EntityFilters, SessionType};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::organization::{Device, Organization, Place, Project};

/// Monday, 3 June 2024, in seconds since 1970.
const START: i64 = 1_717_372_800;
/// The day of the second version of scenes and surveys.
const SECOND_VERSION: i64 = START + 300 * DAY;
const DAY: i64 = 86_400;
/// The maximum number of sessions of a project.
const MAX: i64 = 10_000;

/// A session with all its data, in the form of the document's `Session`.
pub(crate) type Record = Map<String, Value>;

/// The sessions of an organization, newest first.
#[derive(Clone, Debug)]
pub(crate) struct Sessions {
    pub(crate) organization: Organization,
    pub(crate) records: Vec<Record>,
}

impl Sessions {
    /// Returns the sessions of a seed that ended before a moment, in seconds since 1970.
    pub(crate) fn new(seed: u64, now: i64) -> Self {
        let organization = Organization::samples();
        let mut records = Vec::new();
        for project in &organization.projects {
            let invention = |number| Invention::new(&organization, project, number, seed);
            let numbers = (0..MAX).map(invention).take_while(|one| one.end() <= now);
            records.extend(numbers.map(|one| one.session()));
        }
        records.sort_by_key(|record| {
            std::cmp::Reverse(record.get("createdAt").and_then(Value::as_i64).unwrap_or_default())
        });
        Self { organization, records }
    }

    /// Returns the sessions of a project, a scene or its version; `None` for an unknown project.
    pub(crate) fn of(&self, entity: &EntityFilters) -> Option<Vec<&Record>> {
        let project = Value::from(self.organization.project(entity.project_id)?.id);
        let scene = entity.scene_id.as_deref().map(Value::from);
        let version = entity.version_id.map(Value::from);
        let fits = |record: &&Record| {
            record.get("projectId") == Some(&project)
                && scene.as_ref().is_none_or(|scene| record.get("sceneId") == Some(scene))
                && version.as_ref().is_none_or(|version| record.get("parentSceneVersionId") == Some(version))
        };
        Some(self.records.iter().filter(fits).collect())
    }

    /// Returns a session by its identifier.
    pub(crate) fn find(&self, id: &str) -> Option<&Record> {
        self.records.iter().find(|record| record.get("sessionId").and_then(Value::as_str) == Some(id))
    }

    /// Returns a session of a project, to change it.
    pub(crate) fn find_mut(&mut self, id: &str) -> Option<&mut Record> {
        self.records.iter_mut().find(|record| record.get("sessionId").and_then(Value::as_str) == Some(id))
    }

    /// Sets whether a session of a project has a tag; `None` for an unknown session.
    pub(crate) fn tag(&mut self, project: i64, id: &str, tag: &str, value: bool) -> Option<()> {
        let record = self.find_mut(id)?;
        if record.get("projectId").and_then(Value::as_i64) != Some(project) {
            return None;
        }
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

/// A session that is being invented.
struct Invention<'a> {
    organization: &'a Organization,
    project: &'a Project,
    number: i64,
    seed: u64,
    /// When it began, in seconds since 1970.
    start: i64,
    id: String,
    participant: i64,
}

impl<'a> Invention<'a> {
    /// The first session of the first project is the one in the document's examples.
    fn new(organization: &'a Organization, project: &'a Project, number: i64, seed: u64) -> Self {
        let is_example =
            number == 0 && organization.projects.first().is_some_and(|first| first.id == project.id);
        let digest = Sha256::digest(format!("{seed}:{}:{number}", project.id));
        let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let mut invention =
            Self { organization, project, number, seed, start: 0, id: String::new(), participant: 0 };
        let (week, place) = (number / project.sessions_a_week, number % project.sessions_a_week);
        let day = place * 5 / project.sessions_a_week;
        let minute = 8 * 60 + invention.die("minute", 9 * 60);
        invention.start = START + (week * 7 + day) * DAY + minute * 60 + invention.die("second", 60);
        invention.id = format!("{}_{hex}", invention.start);
        // More people take part as time goes on, and some of them often.
        let people = (8 + week / 2).min(project.participants);
        invention.participant = invention.die("first", people).min(invention.die("second", people));
        if is_example {
            invention.start = organization.newest_timestamp;
            invention.id.clone_from(&organization.newest_session_id);
            invention.participant = 13;
        }
        invention
    }

    /// Returns a number below `sides` that depends on the purpose, the session and the seed.
    fn die(&self, purpose: &str, sides: i64) -> i64 {
        die(self.seed, self.project.id * MAX + self.number, purpose, sides)
    }

    /// Returns a number below `sides` that is the participant's own.
    fn trait_of(&self, purpose: &str, sides: i64) -> i64 {
        die(self.seed, self.project.id * MAX + self.participant, purpose, sides)
    }

    /// Returns the length in milliseconds: 30 seconds to 20 minutes, most of them short.
    fn duration(&self) -> i64 {
        let (one, other) = (self.die("length", 1_170_000), self.die("other", 1_170_000));
        30_000 + one.min(other)
    }

    fn end(&self) -> i64 {
        self.start + self.duration() / 1000
    }

    fn session(&self) -> Record {
        let (scene, version) = self.place();
        let device: Device = pick(&self.organization.devices, self.trait_of("device", 9).min(3));
        let name = format!("p-{:03}", self.participant + 1);
        let start = self.start * 1000;
        let (objectives, mut events) = self.objectives(version);
        events.extend(self.surveys(version));
        events.sort_by(|one, other| {
            one.get("date").and_then(Value::as_str).cmp(&other.get("date").and_then(Value::as_str))
        });
        let (test, junk) = self.tags();
        let tags: Vec<&str> =
            [("test", test), ("junk", junk)].iter().filter(|tag| tag.1).map(|tag| tag.0).collect();
        let flag = |purpose: &str| self.die(purpose, 10) != 0;
        let user = format!("device-{:03}", self.participant + 1);
        let session = json!({
            "sessionId": self.id, "sdkSessionId": self.id,
            "projectId": self.project.id, "organizationId": self.organization.id,
            "sceneId": scene, "parentSceneVersionId": version,
            "participantId": name, "friendlyName": pick(&self.organization.names, self.die("name", 6)),
            "date": date(start), "endDate": date(start + self.duration()), "duration": self.duration(),
            "createdAt": start, "startTime": start, "gazeInterval": 0.1,
            "hmd": device.hmd, "user": user, "deviceId": user, "userKey": name,
            "hasGaze": true, "hasFixation": flag("fixation"), "hasEvent": true, "hasDynamic": flag("dynamic"),
            "hasSensor": flag("sensor"), "hasBoundary": flag("boundary"),
            "positionLimited": false, "gazeLimited": false, "fixationsLimited": false, "eventsLimited": false,
            "tags": tags, "properties": self.properties(&device), "events": events, "objectiveResults": objectives,
        });
        if let Value::Object(record) = session { record } else { Record::new() }
    }

    /// Whether a session is a test, and whether it is junk.
    fn tags(&self) -> (bool, bool) {
        (self.die("test", 12) == 1, self.die("junk", 25) == 1)
    }

    /// Returns the scene and its version: the newest of the scene at that time.
    fn place(&self) -> (String, i64) {
        let is_second = self.start >= SECOND_VERSION;
        let all: Vec<(&str, i64)> = self.project.versions().collect();
        let first = |scene: &str| all.iter().find(|(id, _)| *id == scene).map(|(_, version)| *version);
        let scenes: Vec<String> = self
            .project
            .scenes
            .iter()
            .filter_map(|scene| Some(scene.get("id")?.as_str()?.to_owned()))
            .collect();
        // Three of four sessions are in the first scene.
        let scene = pick(&scenes, i64::from(self.number != 0 && self.die("scene", 4) == 0));
        let newest = all.iter().rfind(|(id, _)| *id == scene).map(|(_, version)| *version);
        let version = if is_second { newest } else { first(&scene) };
        (scene, version.unwrap_or_default())
    }

    fn properties(&self, device: &Device) -> Value {
        let place: Place = pick(&self.organization.places, self.trait_of("place", 6));
        let (test, junk) = self.tags();
        let fps = 55.0 + self.die("fps", 140) as f64 / 4.0;
        let mut properties = json!({
            "c3d.app.name": self.project.app, "c3d.app.version": if self.start < SECOND_VERSION { "1.0" } else { "1.1" },
            "c3d.app.inEditor": test, "c3d.version": "1.9.2",
            "c3d.device.type": device.kind, "c3d.device.model": device.model, "c3d.device.os": device.os,
            "c3d.device.hmd.type": device.hmd, "c3d.device.memory": device.memory,
            "c3d.geo.country": place.country, "c3d.geo.subdivision": place.subdivision, "c3d.geo.city": place.city,
            "c3d.geo.latitude": place.latitude, "c3d.geo.longitude": place.longitude,
            "c3d.participant.name": pick(&self.organization.people, self.participant),
            "c3d.participant.oculusId": format!("sample-{}", 10_000 + self.participant),
            "c3d.roomsize.meters": 4.0 + self.trait_of("room", 20) as f64 / 2.0,
            "c3d.session_tag.test": test, "c3d.session_tag.junk": junk,
            "c3d.metrics.fps_score": (fps * 1.1).min(100.0), "c3d.metrics.average_fps": fps,
        });
        if let Some(properties) = properties.as_object_mut() {
            properties.retain(|_, value| !value.is_null());
            for metric in &self.organization.metrics {
                let value = 40.0 + self.die(metric, 240) as f64 / 4.0;
                properties.insert(format!("c3d.{metric}"), value.into());
            }
            for direction in ["forwards", "horizontal", "vertical"] {
                let counts = ["near", "medium", "far"]
                    .map(|range| (range, self.die(&format!("{direction}{range}"), 80)));
                let total: i64 = counts.iter().map(|(_, count)| count).sum();
                let name =
                    |range: &str| format!("c3d.metric_components.controller_ergo_counts.{direction}_{range}");
                properties.extend(counts.map(|(range, count)| (name(range), count.into())));
                properties.insert(name("total"), total.into());
            }
        }
        properties
    }

    /// Returns the results of the objectives and the events of their steps: a step that fails ends its objective.
    fn objectives(&self, version: i64) -> (Value, Vec<Value>) {
        let start = self.start * 1000;
        let mut results = Map::new();
        let mut events = vec![self.event("c3d.sessionStart", 0, version, Value::Null, json!({}))];
        for (objective, components) in self.project.objective_versions() {
            let mut steps = Vec::new();
            let mut at = 0;
            for component in components {
                let name = component.get("name").and_then(Value::as_str).unwrap_or_default();
                let number = component.get("sequenceNumber").and_then(Value::as_i64).unwrap_or_default();
                let duration = 2_000 + self.die(name, self.duration() / 8);
                // Practice helps: the more weeks have passed, the rarer are failures.
                let odds = 4 + self.number / self.project.sessions_a_week / 20 + self.trait_of("skill", 6);
                let failed = self.die(&format!("fails {name}"), odds) == 1;
                at += duration;
                steps.push(json!({
                    "step": number, "timestamp": start + at, "duration": duration,
                    "result": if failed { "failed" } else { "succeeded" },
                }));
                if failed {
                    break;
                }
                if let Some(event) = component.get("eventName").and_then(Value::as_str) {
                    let hand = pick(&self.organization.hands, self.die("hand", 2));
                    let attempt = 1 + self.die(&format!("attempt {name}"), 3);
                    let object = pick(&self.project.objects, self.die("object", 2)).sdk_id;
                    let properties = json!({"attempt": attempt, "hand": hand, "smooth": attempt == 1});
                    events.push(self.event(event, at, version, object.into(), properties));
                }
            }
            results.insert(objective.to_string(), Value::Array(steps));
        }
        (Value::Object(results), events)
    }

    /// Returns the answers to the survey of that time, given in two of three sessions.
    fn surveys(&self, version: i64) -> Option<Value> {
        if self.die("survey", 3) == 0 {
            return None;
        }
        let sets = &self.project.question_sets;
        let set = if self.start < SECOND_VERSION { sets.first() } else { sets.last() }?;
        let mut properties = Map::new();
        properties.insert("hook".to_owned(), "end_of_shift".into());
        properties.insert("questionSetId".to_owned(), set.get("id")?.clone());
        for (place, question) in set.get("questions")?.as_array()?.iter().enumerate() {
            let bounds = |end: &str| question.pointer(&format!("/range/{end}")).and_then(Value::as_i64);
            let (low, high) = match question.get("answers").and_then(Value::as_array) {
                Some(answers) => (0, answers.len() as i64 - 1),
                None => (bounds("start").unwrap_or(0), bounds("end").unwrap_or(1)),
            };
            let purpose = format!("answer {place}");
            // Passed over in one of fifteen.
            let is_skipped = self.die(&format!("skips {place}"), 15) == 0;
            let value =
                if is_skipped { i64::from(i16::MIN) } else { low + self.die(&purpose, high - low + 1) };
            properties.insert(format!("Answer{place}"), value.into());
        }
        properties.insert("duration".to_owned(), (4.0 + self.die("thinks", 200) as f64 / 10.0).into());
        Some(self.event(
            "cvr.exitpoll",
            self.duration() - 500,
            version,
            Value::Null,
            Value::Object(properties),
        ))
    }

    fn event(&self, name: &str, at: i64, version: i64, object: Value, properties: Value) -> Value {
        let coordinate = |axis: &str, size: i64| {
            (self.die(&format!("{name}{axis}"), size * 100) - size * 50) as f64 / 100.0
        };
        let hash = die(self.seed, self.number + self.project.id * MAX, &format!("{name}{at}"), i64::MAX);
        json!({
            "name": name, "date": date(self.start * 1000 + at), "x": coordinate("x", 12),
            "y": 1.0 + coordinate("y", 2), "z": coordinate("z", 16), "object": object, "parentSceneVersionId": version,
            "properties": properties, "eventHash": hash,
        })
    }
}

/// Returns a number below `sides` (SplitMix64).
pub(crate) fn die(seed: u64, number: i64, purpose: &str, sides: i64) -> i64 {
    let salt = purpose.bytes().fold(seed, |salt, byte| salt.wrapping_mul(31).wrapping_add(u64::from(byte)));
    let mut state = (number as u64).wrapping_add(salt).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((state ^ (state >> 31)) % sides.max(1) as u64) as i64
}

/// Selects an item by a number.
fn pick<T: Clone + Default>(list: &[T], number: i64) -> T {
    let at = usize::try_from(number).ok().and_then(|number| number.checked_rem(list.len()));
    at.and_then(|at| list.get(at)).cloned().unwrap_or_default()
}

/// Formats milliseconds since 1970 as ISO 8601.
pub(crate) fn date(millis: i64) -> String {
    let moment = Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH);
    moment.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

//! The state of the twin, and what operations do with it: which sessions a query means, and what applications send.

use descant_cognitive3d::types::EntityFilters;
use descant_mock::Principal;
use descant_runtime::problem::Problem;
use descant_runtime::server::{Context, HandlerResult, Rejection, Unimplemented};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::files::Files;
use super::filter::{Filters, filtered, too_deep};
use super::organization::Project;
use super::recordings::{Beginning, Ingested};
use super::sessions::{Record, Sessions, date};

/// The maximum number of events of a session.
const MAX_EVENTS: usize = 10_000;
/// The scopes of a key that open every scene of a project.
const PROJECT: [&str; 3] = ["Domain", "Organization", "Project"];

/// What the twin keeps.
pub(crate) struct State {
    pub(crate) sessions: Sessions,
    pub(crate) files: Files,
    pub(crate) ingested: Ingested,
}

impl State {
    /// Returns the state at the start of a mock, at a moment in seconds since 1970.
    pub(crate) fn new(seed: u64, now: i64) -> Self {
        Self { sessions: Sessions::new(seed, now), files: Files::default(), ingested: Ingested::default() }
    }

    /// Returns a project by its number. What a client has created, the mock's state knows.
    pub(crate) fn project(&self, id: i64) -> HandlerResult<&Project> {
        let organization = &self.sessions.organization;
        match organization.project(id) {
            Some(project) => Ok(project),
            None if organization.can_be_new(id) => Err(Unimplemented.into()),
            None => Err(missing("project")),
        }
    }

    /// Whether a session is of a project. One that a client has created has no sessions of its own, and shows those of
    /// the document's examples.
    pub(crate) fn owns(&self, project: i64, record: &Record) -> bool {
        record.get("projectId") == Some(&project.into()) || self.sessions.organization.can_be_new(project)
    }

    /// Returns a session of a project.
    pub(crate) fn session_of(&self, project: i64, id: &str) -> Result<&Record, Rejection> {
        let record = self.sessions.find(id).ok_or_else(|| missing("session"))?;
        match self.owns(project, record) {
            true => Ok(record),
            false => Err(missing("session of this project")),
        }
    }

    /// Keeps the data of a batch, and begins the session if it is not known.
    pub(crate) fn ingest(&mut self, scene: &str, number: i32, batch: &Value, kind: &str) {
        let text = |name: &str| batch.get(name).and_then(Value::as_str);
        let Some(session) = text("sessionid") else { return };
        if self.sessions.find(session).is_none() && self.ingested.has_room() {
            let Some(known) = self.sessions.organization.scene(scene) else { return };
            let mut versions = known.get("versions").and_then(Value::as_array).into_iter().flatten();
            let is_it = |version: &&Value| version.get("versionNumber") == Some(&number.into());
            let version = versions.find(is_it).and_then(|version| version.get("id")?.as_i64());
            let beginning = Beginning {
                session,
                scene,
                project: known.get("projectId").and_then(Value::as_i64).unwrap_or_default(),
                organization: self.sessions.organization.id,
                version: version.unwrap_or_default(),
                device: text("userid").unwrap_or_default(),
                start: batch.get("timestamp").and_then(Value::as_i64).unwrap_or_default(),
            };
            let record = beginning.record();
            self.sessions.records.insert(0, record);
            self.ingested.begun += 1;
        }
        let data = batch.get("data").and_then(Value::as_array).cloned().unwrap_or_default();
        let Some(record) = self.sessions.find_mut(session) else { return };
        let flags = [
            ("gaze", "hasGaze"),
            ("fixations", "hasFixation"),
            ("events", "hasEvent"),
            ("dynamics", "hasDynamic"),
            ("sensors", "hasSensor"),
            ("boundary", "hasBoundary"),
        ];
        for (_, flag) in flags.iter().filter(|(name, _)| *name == kind) {
            record.insert((*flag).to_owned(), true.into());
        }
        if let (Some(properties), Some(Value::Object(known))) =
            (batch.get("properties").and_then(Value::as_object), record.get_mut("properties"))
        {
            known.extend(properties.clone());
        }
        match kind {
            "events" => add_events(record, &data),
            kind => self.ingested.add(session, kind, data),
        }
    }
}

/// Adds the events of a batch to a session.
fn add_events(record: &mut Record, data: &[Value]) {
    let version = record.get("parentSceneVersionId").cloned().unwrap_or_default();
    let Some(Value::Array(events)) = record.get_mut("events") else { return };
    for datum in data.iter().take(MAX_EVENTS.saturating_sub(events.len())) {
        let millis = datum.get("time").and_then(Value::as_f64).unwrap_or_default() * 1000.0;
        let coordinate = |axis: &str| datum.pointer(&format!("/point/{axis}")).cloned().unwrap_or(0.into());
        events.push(json!({
            "name": datum.get("name"), "date": date(millis as i64), "x": coordinate("0"), "y": coordinate("1"),
            "z": coordinate("2"), "object": null, "parentSceneVersionId": version,
            "properties": datum.get("properties").cloned().unwrap_or_else(|| json!({})), "eventHash": events.len(),
        }));
    }
}

/// Refuses a key of one scene where a query does not name a scene.
pub(crate) fn within_scene(context: &Context, entity: &EntityFilters) -> HandlerResult<()> {
    let principal = context.parts.extensions.get::<Principal>();
    let grants = principal.map(|principal| principal.grants.as_slice()).unwrap_or_default();
    let opens_project = grants.iter().any(|grant| {
        grant
            .scopes
            .as_ref()
            .is_none_or(|scopes| scopes.iter().any(|scope| PROJECT.contains(&scope.as_str())))
    });
    let names_scene = entity.scene_id.is_some() || entity.version_id.is_some();
    match grants.is_empty() || opens_project || names_scene {
        true => Ok(()),
        false => Err(refused(
            StatusCode::FORBIDDEN,
            "The key opens scenes alone; the query names none.".to_owned(),
        )),
    }
}

/// Returns the versions of objectives that a query asks for.
pub(crate) fn versions(
    state: &State,
    project: i64,
    objective: Option<i64>,
    version: Option<i64>,
) -> HandlerResult<Vec<i64>> {
    let objectives = &state.project(project)?.objectives;
    let chosen = objectives.iter().filter(|one| {
        objective.is_none_or(|objective| one.get("id").and_then(Value::as_i64) == Some(objective))
    });
    let all = chosen.filter_map(|one| one.get("objectiveVersions")?.as_array()).flatten();
    let all = all.filter_map(|version| version.get("id")?.as_i64());
    Ok(all.filter(|one| version.is_none_or(|version| version == *one)).collect())
}

/// Returns the sessions of a query that match its filters.
pub(crate) fn select<'s>(
    sessions: &'s Sessions,
    entity: &EntityFilters,
    filters: &Filters<'_>,
) -> HandlerResult<Vec<&'s Record>> {
    if too_deep(filters.session) || too_deep(filters.event) {
        return Err(refused(StatusCode::BAD_REQUEST, "The filters are nested too deeply.".to_owned()));
    }
    Ok(filtered(sessions.of(entity).ok_or_else(|| missing("project"))?, filters))
}

/// Converts an invented value to the type of the document.
pub(crate) fn typed<T: DeserializeOwned>(value: Value) -> HandlerResult<T> {
    serde_json::from_value(value)
        .map_err(|error| refused(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}

pub(crate) fn missing(what: &str) -> Rejection {
    refused(StatusCode::NOT_FOUND, format!("There is no such {what}."))
}

pub(crate) fn refused(status: StatusCode, detail: String) -> Rejection {
    Problem::new(status).detail(detail).into()
}

//! The operations of Cognitive3D that its document cannot describe, on the generated server trait.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use descant_cognitive3d::operations::*;
use descant_cognitive3d::server::*;
use descant_cognitive3d::types::{EntityFilters, SessionListQuerySort};
use descant_mock::Principal;
use descant_runtime::Content;
use descant_runtime::problem::Problem;
use descant_runtime::server::{Context, HandlerResult, Rejection, Unimplemented};
use http::StatusCode;
use http::header::ACCEPT;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::files::{File, Files, MAX_BYTES, is_example};
use super::filter::{Filters, filtered, order, too_deep};
use super::organization::Project;
use super::recordings::{self, Beginning, Ingested};
use super::sessions::{Record, Sessions, date, listed};
use super::{objectives, slicer, surveys};

/// The maximum number of events of a session.
const MAX_EVENTS: usize = 10_000;
/// The scopes of a key that open every scene of a project.
const PROJECT: [&str; 3] = ["Domain", "Organization", "Project"];

/// Cognitive3D with its invented sessions, which the first request makes.
pub(crate) struct Service {
    seed: u64,
    state: OnceLock<Mutex<State>>,
}

struct State {
    sessions: Sessions,
    files: Files,
    ingested: Ingested,
}

impl Service {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, state: OnceLock::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64);
        let state = self.state.get_or_init(|| {
            let sessions = Sessions::new(self.seed, now);
            Mutex::new(State { sessions, files: Files::default(), ingested: Ingested::default() })
        });
        state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn project(&self, id: i64) -> HandlerResult<&Project> {
        self.sessions.organization.project(id).ok_or_else(|| missing("project"))
    }

    /// Keeps the data of a batch, and begins the session if it is not known.
    fn ingest(&mut self, scene: &str, number: i32, batch: &Value, kind: &str) {
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

impl Cognitive3d for Service {
    type Principal = ();

    /// The mock has verified the credentials. A key opens one organization: what a path names must be in it.
    async fn check_credentials(
        &self,
        _: descant_cognitive3d::security::Credentials,
        context: &Context,
    ) -> HandlerResult<()> {
        let path = context.parts.uri.path();
        let mut segments = path.split('/').filter(|segment| !segment.is_empty()).skip(1);
        let (Some(kind), Some(id)) = (segments.next(), segments.next()) else { return Ok(()) };
        let state = self.state();
        let organization = &state.sessions.organization;
        let number = id.parse::<i64>().ok();
        let (what, is_known) = match kind {
            "organizations" => ("organization", number.is_none_or(|id| id == organization.id)),
            "projects" => ("project", number.is_none_or(|id| organization.project(id).is_some())),
            "versions" => ("version", number.is_none_or(|id| organization.has_version(id))),
            "scenes" | "objects" | "events" | "gaze" | "dynamics" | "sensors" | "fixations" | "boundary" => {
                ("scene", id.len() != 36 || organization.scene(id).is_some())
            }
            _ => return Ok(()),
        };
        if is_known { Ok(()) } else { Err(missing(what)) }
    }

    async fn get_organization(
        &self,
        _: GetOrganizationRequest,
        _: &Context,
    ) -> HandlerResult<GetOrganizationResponse> {
        let state = self.state();
        let organization = &state.sessions.organization;
        let projects: Value =
            organization.projects.iter().map(|project| organization.shown(project)).collect();
        typed(json!({"id": organization.id, "projects": projects})).map(GetOrganizationResponse::Ok)
    }

    async fn create_project(
        &self,
        request: CreateProjectRequest,
        _: &Context,
    ) -> HandlerResult<CreateProjectResponse> {
        let mut state = self.state();
        let organization = &mut state.sessions.organization;
        if request.body.organization_id != organization.id {
            let detail = "The key is not of this organization.".to_owned();
            return Err(refused(StatusCode::FORBIDDEN, detail));
        }
        let project = organization.add(request.body.name).ok_or_else(|| {
            refused(StatusCode::BAD_REQUEST, "The organization has too many projects.".to_owned())
        })?;
        typed(organization.shown(&project)).map(CreateProjectResponse::Created)
    }

    async fn get_project(
        &self,
        request: GetProjectRequest,
        _: &Context,
    ) -> HandlerResult<GetProjectResponse> {
        let state = self.state();
        let project = state.project(request.project_id)?;
        typed(state.sessions.organization.shown(project)).map(GetProjectResponse::Ok)
    }

    async fn update_project(
        &self,
        request: UpdateProjectRequest,
        _: &Context,
    ) -> HandlerResult<UpdateProjectResponse> {
        let mut state = self.state();
        let changes = serde_json::to_value(&request.body).unwrap_or_default();
        let project = state.sessions.organization.update(request.project_id, changes);
        let project = project.ok_or_else(|| missing("project"))?;
        typed(state.sessions.organization.shown(&project)).map(UpdateProjectResponse::Ok)
    }

    async fn list_project_scenes(
        &self,
        request: ListProjectScenesRequest,
        _: &Context,
    ) -> HandlerResult<ListProjectScenesResponse> {
        let state = self.state();
        typed(state.project(request.project_id)?.scenes.clone().into()).map(ListProjectScenesResponse::Ok)
    }

    async fn get_scene(&self, request: GetSceneRequest, _: &Context) -> HandlerResult<GetSceneResponse> {
        let state = self.state();
        let scene = state.sessions.organization.scene(&request.scene_id).ok_or_else(|| missing("scene"))?;
        typed(scene.clone()).map(GetSceneResponse::Ok)
    }

    async fn list_project_objects(
        &self,
        request: ListProjectObjectsRequest,
        _: &Context,
    ) -> HandlerResult<ListProjectObjectsResponse> {
        let state = self.state();
        let project = state.project(request.project_id)?;
        let objects = project.versions().flat_map(|(_, version)| project.objects_of(version));
        typed(objects.collect()).map(ListProjectObjectsResponse::Ok)
    }

    async fn list_version_objects(
        &self,
        request: ListVersionObjectsRequest,
        _: &Context,
    ) -> HandlerResult<ListVersionObjectsResponse> {
        let state = self.state();
        let mut projects = state.sessions.organization.projects.iter();
        let has = |project: &&Project| project.versions().any(|(_, version)| version == request.version_id);
        let project = projects.find(has).ok_or_else(|| missing("version"))?;
        typed(project.objects_of(request.version_id).collect()).map(ListVersionObjectsResponse::Ok)
    }

    async fn list_objectives(
        &self,
        request: ListObjectivesRequest,
        _: &Context,
    ) -> HandlerResult<ListObjectivesResponse> {
        let state = self.state();
        typed(state.project(request.project_id)?.objectives.clone().into()).map(ListObjectivesResponse::Ok)
    }

    async fn find_question_sets(
        &self,
        request: FindQuestionSetsRequest,
        _: &Context,
    ) -> HandlerResult<FindQuestionSetsResponse> {
        let state = self.state();
        let mut found = serde_json::Map::new();
        for project in request.project_ids {
            let sets = &state.project(project)?.question_sets;
            found.extend(
                sets.iter().filter_map(|set| Some((set.get("id")?.as_str()?.to_owned(), set.clone()))),
            );
        }
        typed(Value::Object(found)).map(FindQuestionSetsResponse::Ok)
    }

    async fn list_question_sets(
        &self,
        request: ListQuestionSetsRequest,
        _: &Context,
    ) -> HandlerResult<ListQuestionSetsResponse> {
        let state = self.state();
        typed(state.project(request.project_id)?.question_sets.clone().into())
            .map(ListQuestionSetsResponse::Ok)
    }

    async fn list_question_set_versions(
        &self,
        request: ListQuestionSetVersionsRequest,
        _: &Context,
    ) -> HandlerResult<ListQuestionSetVersionsResponse> {
        let state = self.state();
        let sets = &state.project(request.project_id)?.question_sets;
        let is_it = |set: &&Value| set.get("name").and_then(Value::as_str) == Some(&request.name);
        let versions: Vec<Value> = sets.iter().filter(is_it).cloned().collect();
        if versions.is_empty() {
            return Err(missing("survey"));
        }
        typed(versions.into()).map(ListQuestionSetVersionsResponse::Ok)
    }

    async fn count_survey_responses(
        &self,
        request: CountSurveyResponsesRequest,
        _: &Context,
    ) -> HandlerResult<CountSurveyResponsesResponse> {
        let state = self.state();
        let project = state.project(request.project_id)?;
        let set = project.question_set(&request.name, request.version).ok_or_else(|| missing("survey"))?;
        let filters = Filters { session: &request.body.session_filters, ..Filters::default() };
        let found = select(&state.sessions, &EntityFilters::new(request.project_id), &filters)?;
        typed(surveys::counts(set, &found)).map(CountSurveyResponsesResponse::Ok)
    }

    async fn list_survey_responses(
        &self,
        request: ListSurveyResponsesRequest,
        _: &Context,
    ) -> HandlerResult<ListSurveyResponsesResponse> {
        let state = self.state();
        let project = state.project(request.project_id)?;
        let set = project.question_set(&request.name, request.version).ok_or_else(|| missing("survey"))?;
        let excluded = request.exclude_tags.unwrap_or_default();
        let mut found =
            select(&state.sessions, &EntityFilters::new(request.project_id), &Filters::default())?;
        found.retain(|record| {
            let tags = record.get("tags").and_then(Value::as_array);
            !tags.into_iter().flatten().any(|tag| excluded.iter().any(|excluded| tag == excluded))
        });
        let answers = surveys::responses(set, &found);
        let limit = request.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(100).max(1);
        let page = request.page.and_then(|page| usize::try_from(page).ok()).unwrap_or(0);
        let shown: Vec<_> = answers.iter().skip(page.saturating_mul(limit)).take(limit).collect();
        let page = json!({"count": answers.len(), "pages": answers.len().div_ceil(limit), "currentPage": page, "results": shown});
        typed(page).map(ListSurveyResponsesResponse::Ok)
    }

    async fn get_session_data(
        &self,
        request: GetSessionDataRequest,
        _: &Context,
    ) -> HandlerResult<GetSessionDataResponse> {
        let state = self.state();
        let record = state.sessions.find(&request.session_id).ok_or_else(|| missing("session"))?;
        if record.get("projectId") != Some(&request.project_id.into()) {
            return Err(missing("session of this project"));
        }
        let data = recordings::data(record, &request.body, &state.ingested, self.seed);
        typed(data).map(GetSessionDataResponse::Ok)
    }

    async fn download_objective_results(
        &self,
        request: DownloadObjectiveResultsRequest,
        _: &Context,
    ) -> HandlerResult<DownloadObjectiveResultsResponse> {
        let state = self.state();
        let project = state.project(request.project_id)?;
        if !project.objective_versions().any(|(version, _)| version == request.objective_version_id) {
            return Err(missing("version of an objective"));
        }
        let mut found =
            select(&state.sessions, &EntityFilters::new(request.project_id), &Filters::default())?;
        if request.exclude_junk_and_test_sessions == Some(true) {
            found.retain(|record| record.get("tags").and_then(Value::as_array).is_none_or(Vec::is_empty));
        }
        Ok(DownloadObjectiveResultsResponse::Ok(objectives::table(&found, request.objective_version_id)))
    }

    async fn send_events(
        &self,
        request: SendEventsRequest,
        _: &Context,
    ) -> HandlerResult<SendEventsResponse> {
        let headers = self.take(&request.scene_id, request.version, &request.body, "events");
        Ok(SendEventsResponse::Ok { headers })
    }

    async fn send_gaze(&self, request: SendGazeRequest, _: &Context) -> HandlerResult<SendGazeResponse> {
        let headers = self.take(&request.scene_id, request.version, &request.body, "gaze");
        Ok(SendGazeResponse::Ok { headers })
    }

    async fn send_dynamics(
        &self,
        request: SendDynamicsRequest,
        _: &Context,
    ) -> HandlerResult<SendDynamicsResponse> {
        let headers = self.take(&request.scene_id, request.version, &request.body, "dynamics");
        Ok(SendDynamicsResponse::Ok { headers })
    }

    async fn send_sensors(
        &self,
        request: SendSensorsRequest,
        _: &Context,
    ) -> HandlerResult<SendSensorsResponse> {
        let headers = self.take(&request.scene_id, request.version, &request.body, "sensors");
        Ok(SendSensorsResponse::Ok { headers })
    }

    async fn send_fixations(
        &self,
        request: SendFixationsRequest,
        _: &Context,
    ) -> HandlerResult<SendFixationsResponse> {
        let headers = self.take(&request.scene_id, request.version, &request.body, "fixations");
        Ok(SendFixationsResponse::Ok { headers })
    }

    async fn send_boundary(
        &self,
        request: SendBoundaryRequest,
        _: &Context,
    ) -> HandlerResult<SendBoundaryResponse> {
        let headers = self.take(&request.scene_id, request.version, &request.body, "boundary");
        Ok(SendBoundaryResponse::Ok { headers })
    }

    async fn list_sessions(
        &self,
        request: ListSessionsRequest,
        context: &Context,
    ) -> HandlerResult<ListSessionsResponse> {
        let query = request.body;
        within_scene(context, &query.entity_filters)?;
        let state = self.state();
        let filters = Filters {
            session: query.session_filters.as_deref().unwrap_or_default(),
            event: query.event_filters.as_deref().unwrap_or_default(),
            objective: query.objective_filters.as_deref().unwrap_or_default(),
            user: query.user_filters.as_deref().unwrap_or_default(),
        };
        let mut found = select(&state.sessions, &query.entity_filters, &filters)?;
        let by = query.order_by.map_or_else(|| "date".to_owned(), |by| by.field_name);
        found.sort_by(|one, other| {
            let (one, other) = (one.get(&by), other.get(&by));
            one.zip(other).and_then(|(one, other)| order(one, other)).unwrap_or(std::cmp::Ordering::Equal)
        });
        if query.sort != Some(SessionListQuerySort::Asc) {
            found.reverse();
        }
        let limit = query.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(20).max(1);
        let page = query.page.and_then(|page| usize::try_from(page).ok()).unwrap_or(0);
        let (events, objectives) = (query.include_events, query.include_all_objective_data);
        let shown = found.iter().skip(page.saturating_mul(limit)).take(limit).map(|record| {
            let (events, objectives) = (events == Some(true), objectives == Some(true));
            listed(record, query.session_type.as_ref(), events, objectives)
        });
        let page = json!({"count": found.len(), "pages": found.len().div_ceil(limit), "currentPage": page,
            "results": shown.collect::<Vec<_>>()});
        typed(page).map(ListSessionsResponse::Ok)
    }

    async fn get_session(
        &self,
        request: GetSessionRequest,
        _: &Context,
    ) -> HandlerResult<GetSessionResponse> {
        let query = request.body;
        let state = self.state();
        let entity = EntityFilters {
            project_id: query.project_id,
            scene_id: Some(query.scene_id),
            version_id: Some(query.version_id),
        };
        let found = select(&state.sessions, &entity, &Filters::default())?;
        let is_it =
            |record: &&&Record| record.get("sessionId").and_then(Value::as_str) == Some(&query.session_id);
        let mut details = (*found.iter().find(is_it).ok_or_else(|| missing("session"))?).clone();
        details.insert("sceneVersionId".to_owned(), query.version_id.into());
        let limited = |name: &str| details.get(name).cloned().unwrap_or(Value::Bool(false));
        let warnings = json!({"positionLimited": limited("positionLimited"), "gazeLimited": limited("gazeLimited"),
            "fixationsLimited": limited("fixationsLimited"), "eventsLimited": limited("eventsLimited")});
        details.insert("warnings".to_owned(), warnings);
        typed(Value::Object(details)).map(GetSessionResponse::Ok)
    }

    async fn list_participant_sessions(
        &self,
        request: ListParticipantSessionsRequest,
        _: &Context,
    ) -> HandlerResult<ListParticipantSessionsResponse> {
        let query = request.body;
        let state = self.state();
        if query.organization_id != state.sessions.organization.id.to_string() {
            return Err(missing("organization"));
        }
        let participant = Value::from(query.participant_id);
        let theirs =
            state.sessions.records.iter().filter(|record| record.get("participantId") == Some(&participant));
        let list = theirs.map(|record| Value::Object(listed(record, None, false, false)));
        typed(list.collect()).map(ListParticipantSessionsResponse::Ok)
    }

    async fn get_objective_data(
        &self,
        request: GetObjectiveDataRequest,
        _: &Context,
    ) -> HandlerResult<GetObjectiveDataResponse> {
        let state = self.state();
        let record = state.sessions.find(&request.session_id).ok_or_else(|| missing("session"))?;
        if record.get("parentSceneVersionId") != Some(&request.version_id.into()) {
            return Err(missing("session of this version"));
        }
        let objectives = record.get("objectiveResults").cloned().unwrap_or_default();
        typed(objectives).map(GetObjectiveDataResponse::Ok)
    }

    async fn tag_session(
        &self,
        request: TagSessionRequest,
        _: &Context,
    ) -> HandlerResult<TagSessionResponse> {
        let mut state = self.state();
        let tagged =
            state.sessions.tag(request.project_id, &request.session_id, &request.tag, request.body.value);
        tagged.map(|()| TagSessionResponse::NoContent).ok_or_else(|| missing("session"))
    }

    async fn query_slicer(
        &self,
        request: QuerySlicerRequest,
        context: &Context,
    ) -> HandlerResult<QuerySlicerResponse> {
        let query = request.body;
        within_scene(context, &query.entity_filters)?;
        let state = self.state();
        let filters = Filters {
            session: query.session_filters.as_deref().unwrap_or_default(),
            event: query.event_filters.as_deref().unwrap_or_default(),
            objective: query.objective_filters.as_deref().unwrap_or_default(),
            user: query.user_filters.as_deref().unwrap_or_default(),
        };
        let found = select(&state.sessions, &query.entity_filters, &filters)?;
        let result =
            slicer::query(&query, &found).map_err(|reason| refused(StatusCode::BAD_REQUEST, reason))?;
        typed(result).map(QuerySlicerResponse::Ok)
    }

    async fn count_objective_results(
        &self,
        request: CountObjectiveResultsRequest,
        _: &Context,
    ) -> HandlerResult<CountObjectiveResultsResponse> {
        let query = request.body;
        let state = self.state();
        let filters = Filters {
            session: query.session_filters.as_deref().unwrap_or_default(),
            event: query.event_filters.as_deref().unwrap_or_default(),
            user: query.user_filters.as_deref().unwrap_or_default(),
            objective: &[],
        };
        let entity = EntityFilters::new(query.project_id);
        let found = select(&state.sessions, &entity, &filters)?;
        let versions = versions(&state, query.project_id, query.objective_id, query.objective_version_id)?;
        typed(objectives::results(&found, &versions)).map(CountObjectiveResultsResponse::Ok)
    }

    async fn count_objective_step_results(
        &self,
        request: CountObjectiveStepResultsRequest,
        _: &Context,
    ) -> HandlerResult<CountObjectiveStepResultsResponse> {
        let query = request.body;
        let state = self.state();
        let filters = Filters {
            session: query.session_filters.as_deref().unwrap_or_default(),
            event: query.event_filters.as_deref().unwrap_or_default(),
            user: query.user_filters.as_deref().unwrap_or_default(),
            objective: &[],
        };
        let entity = EntityFilters::new(query.project_id);
        let found = select(&state.sessions, &entity, &filters)?;
        let versions = versions(&state, query.project_id, query.objective_id, query.objective_version_id)?;
        typed(objectives::steps(&found, &versions)).map(CountObjectiveStepResultsResponse::Ok)
    }

    async fn upload_media_file(
        &self,
        request: UploadMediaFileRequest,
        _: &Context,
    ) -> HandlerResult<UploadMediaFileResponse> {
        let Content { media_type, body } = request.body;
        let bytes = body.read(MAX_BYTES).await;
        let bytes = bytes.map_err(|error| refused(StatusCode::PAYLOAD_TOO_LARGE, error.to_string()))?;
        let key = (request.project_id, request.media_id, request.file_name);
        let file = File { key, content_type: media_type, bytes };
        self.state().files.put(file);
        Ok(UploadMediaFileResponse::NoContent)
    }

    async fn download_media_file(
        &self,
        request: DownloadMediaFileRequest,
        context: &Context,
    ) -> HandlerResult<DownloadMediaFileResponse> {
        let key = (request.project_id, request.media_id, request.file_name);
        let file = match self.state().files.get(&key) {
            Some(file) => file.clone(),
            None if is_example(&key) => return Err(Unimplemented.into()),
            None => return Err(missing("file")),
        };
        let accept = context.parts.headers.get(ACCEPT).and_then(|value| value.to_str().ok());
        if descant_runtime::media::negotiate(accept, &[file.content_type.as_str()]).is_none() {
            let detail = format!("The file is only to be had as {}.", file.content_type);
            return Err(refused(StatusCode::NOT_ACCEPTABLE, detail));
        }
        Ok(DownloadMediaFileResponse::Ok(Content::new(file.content_type, file.bytes)))
    }
}

impl Service {
    /// Keeps a batch, and returns the headers that the SDKs look for.
    fn take<T: serde::Serialize>(&self, scene: &str, version: i32, batch: &T, kind: &str) -> OkHeaders {
        let batch = serde_json::to_value(batch).unwrap_or_default();
        self.state().ingest(scene, version, &batch, kind);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64());
        OkHeaders { cvr_request_time: format!("{now:.3}") }
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
fn within_scene(context: &Context, entity: &EntityFilters) -> HandlerResult<()> {
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
fn versions(
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
fn select<'s>(
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
fn typed<T: DeserializeOwned>(value: Value) -> HandlerResult<T> {
    serde_json::from_value(value)
        .map_err(|error| refused(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}

fn missing(what: &str) -> Rejection {
    refused(StatusCode::NOT_FOUND, format!("There is no such {what}."))
}

fn refused(status: StatusCode, detail: String) -> Rejection {
    Problem::new(status).detail(detail).into()
}

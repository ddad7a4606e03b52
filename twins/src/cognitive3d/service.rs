//! The operations of Cognitive3D that its document cannot describe, on the generated server trait.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use descant_cognitive3d::operations::*;
use descant_cognitive3d::server::*;
use descant_cognitive3d::types::{EntityFilters, SessionDataKind, SessionDataRequest, SessionListQuerySort};
use descant_runtime::server::{Context, HandlerResult, Unimplemented};
use descant_runtime::{Body, Content};
use http::StatusCode;
use http::header::ACCEPT;
use serde_json::{Value, json};

use super::files::{File, MAX_BYTES, is_example};
use super::filter::{Filters, sort};
use super::organization::Project;
use super::sessions::{Record, detailed, listed};
use super::state::{State, missing, refused, select, typed, versions, within_scene};
use super::{exports, objectives, recordings, slicer, surveys};

/// The project in the document's examples.
const EXAMPLE: i64 = 1204;

/// Cognitive3D with its invented sessions, which the first request makes.
pub(crate) struct Service {
    seed: u64,
    state: OnceLock<Mutex<State>>,
}

impl Service {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, state: OnceLock::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64);
        let state = self.state.get_or_init(|| Mutex::new(State::new(self.seed, now)));
        state.lock().unwrap_or_else(PoisonError::into_inner)
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
        match self.state().sessions.organization.lacks(context.parts.uri.path()) {
            Some(what) => Err(missing(what)),
            None => Ok(()),
        }
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

    async fn get_project(
        &self,
        request: GetProjectRequest,
        _: &Context,
    ) -> HandlerResult<GetProjectResponse> {
        let state = self.state();
        let project = state.project(request.project_id)?;
        // The document has the project of its examples, and a mock's state what clients have changed in it.
        if request.project_id == EXAMPLE {
            return Err(Unimplemented.into());
        }
        typed(state.sessions.organization.shown(project)).map(GetProjectResponse::Ok)
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
        let page = surveys::page(surveys::responses(set, &found), request.page, request.limit);
        typed(page).map(ListSurveyResponsesResponse::Ok)
    }

    async fn get_session_data(
        &self,
        request: GetSessionDataRequest,
        _: &Context,
    ) -> HandlerResult<GetSessionDataResponse> {
        let state = self.state();
        let record = state.session_of(request.project_id, &request.session_id)?;
        let data = recordings::data(record, &request.body, &state.ingested, self.seed);
        typed(data).map(GetSessionDataResponse::Ok)
    }

    async fn download_session_data(
        &self,
        request: DownloadSessionDataRequest,
        _: &Context,
    ) -> HandlerResult<DownloadSessionDataResponse> {
        let state = self.state();
        let record = state.session_of(request.project_id, &request.session_id)?;
        let all = SessionDataRequest::new(SessionDataKind::All);
        let archive = exports::archive(&recordings::data(record, &all, &state.ingested, self.seed));
        let failed = |error| refused(StatusCode::INTERNAL_SERVER_ERROR, format!("{error}"));
        Ok(DownloadSessionDataResponse::Ok(Body::from(archive.map_err(failed)?)))
    }

    async fn get_session_report(
        &self,
        request: GetSessionReportRequest,
        _: &Context,
    ) -> HandlerResult<GetSessionReportResponse> {
        let state = self.state();
        let record = state.session_of(request.project_id, &request.session_id)?;
        Ok(GetSessionReportResponse::Ok(Body::from(exports::report(record))))
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
        sort(&mut found, &by, query.sort == Some(SessionListQuerySort::Asc));
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
        let record = found.iter().find(is_it).ok_or_else(|| missing("session"))?;
        let details = detailed(record, query.version_id);
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
        state.session_of(request.project_id, &request.session_id)?;
        let tagged = state.sessions.tag(&request.session_id, &request.tag, request.body.value);
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
        let state = self.state();
        let file = match state.files.get(&key) {
            Some(file) => file.clone(),
            None if is_example(&key) || state.sessions.organization.can_be_new(key.0) => {
                return Err(Unimplemented.into());
            }
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

//! The operations of Cognitive3D that its document cannot describe, on the generated server trait.

use std::sync::{Mutex, MutexGuard, PoisonError};

use descant_cognitive3d::operations::*;
use descant_cognitive3d::server::*;
use descant_cognitive3d::types::{EntityFilters, SessionListQuerySort};
use descant_runtime::Content;
use descant_runtime::problem::Problem;
use descant_runtime::server::{Context, HandlerResult, Rejection, Unimplemented};
use http::StatusCode;
use http::header::ACCEPT;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::files::{File, Files, MAX_BYTES};
use super::filter::{Filters, filtered, order, too_deep};
use super::sessions::{Record, Sessions, listed};
use super::{objectives, slicer};

/// Cognitive3D with its invented sessions.
pub(crate) struct Service {
    state: Mutex<State>,
}

struct State {
    sessions: Sessions,
    files: Files,
}

impl Service {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: Mutex::new(State { sessions: Sessions::new(seed), files: Files::default() }) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cognitive3d for Service {
    type Principal = ();

    /// The mock has verified the credentials.
    async fn check_credentials(
        &self,
        _: descant_cognitive3d::security::Credentials,
        _: &Context,
    ) -> HandlerResult<()> {
        Ok(())
    }

    async fn list_sessions(
        &self,
        request: ListSessionsRequest,
        _: &Context,
    ) -> HandlerResult<ListSessionsResponse> {
        let query = request.body;
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
        if query.organization_id != state.sessions.organization.to_string() {
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
        if request.project_id != state.sessions.project {
            return Err(missing("project"));
        }
        let tagged = state.sessions.tag(&request.session_id, &request.tag, request.body.value);
        tagged.map(|()| TagSessionResponse::NoContent).ok_or_else(|| missing("session"))
    }

    async fn query_slicer(
        &self,
        request: QuerySlicerRequest,
        _: &Context,
    ) -> HandlerResult<QuerySlicerResponse> {
        let query = request.body;
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
        typed(objectives::results(&found, query.objective_version_id)).map(CountObjectiveResultsResponse::Ok)
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
        typed(objectives::steps(&found, query.objective_version_id))
            .map(CountObjectiveStepResultsResponse::Ok)
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
        let file = self.state().files.get(&key).cloned().ok_or(Unimplemented)?;
        let accept = context.parts.headers.get(ACCEPT).and_then(|value| value.to_str().ok());
        if descant_runtime::media::negotiate(accept, &[file.content_type.as_str()]).is_none() {
            let detail = format!("The file is only to be had as {}.", file.content_type);
            return Err(refused(StatusCode::NOT_ACCEPTABLE, detail));
        }
        Ok(DownloadMediaFileResponse::Ok(Content::new(file.content_type, file.bytes)))
    }
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

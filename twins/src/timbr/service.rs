//! The operations of Timbr that its document cannot describe, on the generated server trait.

use std::sync::{Mutex, MutexGuard, PoisonError};

use descant_mock::{Credentials, Principal};
use descant_model::api::Credential;
use descant_runtime::server::{Context, HandlerResult, Unimplemented};
use descant_timbr::operations::*;
use descant_timbr::server::*;
use descant_timbr::types::{
    AsyncCompleted, AsyncCompletedStatus, AsyncFailed, AsyncFailedStatus, AsyncResult, AsyncResultMissing,
    AsyncRunning, AsyncRunningStatus, AsyncSubmission, Concept, ErrorEnvelope, MessageEnvelope,
    OntologyDetails, OntologyEnvelope, OntologyListEnvelope, PropertyFilters, Rows, RowsEnvelope,
    SuccessStatus, TokenEnvelope,
};
use sha2::{Digest, Sha256};

use super::background::{Background, Progress};
use super::ontology::{Ontologies, Ontology, Table};
use super::shape::{Presentation, present};
use super::warehouse::{self, QueryError};

/// The scheme of the tokens that `get_token` issues.
const TOKENS: &str = "xApiKey";

/// The outcome of a background query.
type Result = std::result::Result<Rows, QueryError>;

/// Timbr with its sample ontologies.
pub(crate) struct Service {
    seed: u64,
    ontologies: Ontologies,
    background: Mutex<Background<Result>>,
}

impl Service {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, ontologies: Ontologies::samples(), background: Mutex::new(Background::new(seed)) }
    }

    /// Returns the known token of a user, or issues one.
    fn token(&self, user: &str, credentials: &Credentials) -> String {
        if let Some(known) = credentials.of_user(TOKENS, user).and_then(|credential| credential.value) {
            return known;
        }
        let digest = Sha256::digest(format!("{}:{user}", self.seed));
        let token = digest.iter().take(20).fold("tk_".to_owned(), |token, byte| format!("{token}{byte:02x}"));
        let credential =
            Credential { value: Some(token.clone()), user: Some(user.to_owned()), ..Credential::default() };
        credentials.issue(TOKENS, credential);
        token
    }

    /// Runs SQL and presents its rows.
    fn rows(&self, ontology: &Ontology, sql: &str, values: &[String], presentation: Presentation) -> Result {
        let rows = warehouse::query(ontology, sql, values)?;
        Ok(present(&rows, ontology, sql, presentation))
    }

    fn background(&self) -> MutexGuard<'_, Background<Result>> {
        self.background.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Timbr for Service {
    type Principal = ();

    /// The mock has verified the credentials.
    async fn check_credentials(
        &self,
        _: descant_timbr::security::Credentials,
        _: &Context,
    ) -> HandlerResult<()> {
        Ok(())
    }

    async fn get_token(&self, _: GetTokenRequest, context: &Context) -> HandlerResult<GetTokenResponse> {
        let credentials = context.parts.extensions.get::<Credentials>().ok_or(Unimplemented)?;
        let token = self.token(&user(context), credentials);
        Ok(GetTokenResponse::Ok(TokenEnvelope { data: vec![token.into()], status: SuccessStatus::Success }))
    }

    async fn list_ontologies(
        &self,
        _: ListOntologiesRequest,
        _: &Context,
    ) -> HandlerResult<ListOntologiesResponse> {
        let data = self.ontologies.0.keys().cloned().collect();
        Ok(ListOntologiesResponse::Ok(OntologyListEnvelope { data, status: SuccessStatus::Success }))
    }

    async fn get_ontology(
        &self,
        request: GetOntologyRequest,
        _: &Context,
    ) -> HandlerResult<GetOntologyResponse> {
        let Some(ontology) = self.ontologies.get(&request.ontology) else {
            return Ok(GetOntologyResponse::NotFound(unknown("ontology", &request.ontology)));
        };
        let data = details(&request.ontology, ontology);
        Ok(GetOntologyResponse::Ok(OntologyEnvelope { data, status: SuccessStatus::Success }))
    }

    async fn clear_cache(
        &self,
        request: ClearCacheRequest,
        _: &Context,
    ) -> HandlerResult<ClearCacheResponse> {
        if self.ontologies.get(&request.ontology).is_none() {
            return Ok(ClearCacheResponse::NotFound(unknown("ontology", &request.ontology)));
        }
        let data = format!("The cache of {} is empty.", request.ontology);
        Ok(ClearCacheResponse::Ok(MessageEnvelope { data, status: SuccessStatus::Success }))
    }

    async fn query(&self, request: QueryRequest, _: &Context) -> HandlerResult<QueryResponse> {
        let Some(ontology) = self.ontologies.get(&request.body.ontology_name) else {
            return Ok(QueryResponse::NotFound(unknown("ontology", &request.body.ontology_name)));
        };
        let presentation = Presentation {
            nested: request.nested.unwrap_or_default(),
            format_properties: request.api_nested_format_properties.unwrap_or_default(),
            case_sensitivity: request.api_nested_case_sensitivity.unwrap_or_default(),
            format_booleans: request.api_nested_format_booleans.unwrap_or_default(),
            ignore_entity_id: request.api_nested_ignore_entity_id.unwrap_or_default(),
            minimize_relationships: request.api_nested_minimize_relationships.unwrap_or_default(),
        };
        Ok(match self.rows(ontology, &request.body.query, &[], presentation) {
            Ok(data) => QueryResponse::Ok(RowsEnvelope { data, status: SuccessStatus::Success }),
            Err(error) => QueryResponse::BadRequest(ErrorEnvelopeBody::Json(envelope(error.0))),
        })
    }

    async fn query_concept(
        &self,
        request: QueryConceptRequest,
        _: &Context,
    ) -> HandlerResult<QueryConceptResponse> {
        let Some(ontology) = self.ontologies.get(&request.ontology) else {
            return Ok(QueryConceptResponse::NotFound(unknown("ontology", &request.ontology)));
        };
        let Some(table) = ontology.concepts.get(&*request.concept) else {
            return Ok(QueryConceptResponse::NotFound(unknown("concept", &request.concept)));
        };
        let presentation = Presentation {
            nested: request.nested.unwrap_or_default(),
            format_properties: request.api_nested_format_properties.unwrap_or_default(),
            case_sensitivity: request.api_nested_case_sensitivity.unwrap_or_default(),
            format_booleans: request.api_nested_format_booleans.unwrap_or_default(),
            ignore_entity_id: request.api_nested_ignore_entity_id.unwrap_or_default(),
            minimize_relationships: request.api_nested_minimize_relationships.unwrap_or_default(),
        };
        let mut columns = vec!["entity_id".to_owned(), "entity_type".to_owned()];
        columns.extend(table.properties.keys().cloned());
        if presentation.nested {
            columns.extend(related(ontology, table));
        }
        let (sql, values) = select(&request.concept, &columns, &request.filters.unwrap_or_default());
        Ok(match self.rows(ontology, &sql, &values, presentation) {
            Ok(data) => QueryConceptResponse::Ok(RowsEnvelope { data, status: SuccessStatus::Success }),
            Err(error) => QueryConceptResponse::BadRequest(ErrorEnvelopeBody::Json(envelope(error.0))),
        })
    }

    async fn query_view(&self, request: QueryViewRequest, _: &Context) -> HandlerResult<QueryViewResponse> {
        let Some(ontology) = self.ontologies.get(&request.ontology) else {
            return Ok(QueryViewResponse::NotFound(unknown("ontology", &request.ontology)));
        };
        let Some(table) = ontology.views.get(&*request.view) else {
            return Ok(QueryViewResponse::NotFound(unknown("view", &request.view)));
        };
        let format_properties = request.api_nested_format_properties.unwrap_or_default();
        let presentation = Presentation { format_properties, ..Presentation::default() };
        let columns: Vec<String> = table.properties.keys().cloned().collect();
        let (sql, values) = select(&request.view, &columns, &request.filters.unwrap_or_default());
        Ok(match self.rows(ontology, &sql, &values, presentation) {
            Ok(data) => QueryViewResponse::Ok(RowsEnvelope { data, status: SuccessStatus::Success }),
            Err(error) => QueryViewResponse::BadRequest(ErrorEnvelopeBody::Json(envelope(error.0))),
        })
    }

    async fn run_ontology_query(
        &self,
        request: RunOntologyQueryRequest,
        context: &Context,
    ) -> HandlerResult<RunOntologyQueryResponse> {
        let Some(ontology) = self.ontologies.get(&request.ontology) else {
            return Ok(RunOntologyQueryResponse::NotFound(unknown("ontology", &request.ontology)));
        };
        let presentation =
            Presentation { nested: request.nested.unwrap_or_default(), ..Presentation::default() };
        let rows = self.rows(ontology, &request.body, &[], presentation);
        if request.x_async == Some(true) {
            let response_id = self.background().submit(&user(context), rows);
            return Ok(RunOntologyQueryResponse::Accepted(AsyncSubmission {
                r#async: true,
                poll_url: format!("/timbr/openapi/get-async-results/{response_id}"),
                response_id: response_id.into(),
                message: "The query runs in the background.".to_owned(),
            }));
        }
        Ok(match rows {
            Ok(rows) => RunOntologyQueryResponse::Ok(rows),
            Err(error) => RunOntologyQueryResponse::BadRequest(ErrorEnvelopeBody::Json(envelope(error.0))),
        })
    }

    async fn get_async_result(
        &self,
        request: GetAsyncResultRequest,
        context: &Context,
    ) -> HandlerResult<GetAsyncResultResponse> {
        let response_id = request.response_id;
        let progress = self.background().look(&user(context), &response_id);
        Ok(GetAsyncResultResponse::Ok(match progress {
            Progress::Running => AsyncResult::AsyncRunning(AsyncRunning {
                status: AsyncRunningStatus::Running,
                response_id,
                message: "The query still runs.".to_owned(),
            }),
            Progress::Completed(Ok(response)) => AsyncResult::AsyncCompleted(AsyncCompleted {
                status: AsyncCompletedStatus::Completed,
                response,
                original_status_code: 200,
            }),
            Progress::Completed(Err(error)) => AsyncResult::AsyncFailed(AsyncFailed {
                status: AsyncFailedStatus::Error,
                error: error.0,
                error_type: "QueryError".to_owned(),
            }),
            Progress::Unknown => {
                let missing = AsyncResultMissing { error: "Response not found".to_owned() };
                return Ok(GetAsyncResultResponse::NotFound(AsyncResultMissingBody::Json(missing)));
            }
        }))
    }
}

/// Returns the caller; empty if the credential does not name one.
fn user(context: &Context) -> String {
    let principal = context.parts.extensions.get::<Principal>();
    principal.and_then(Principal::user).unwrap_or_default().to_owned()
}

fn envelope(data: String) -> ErrorEnvelope {
    ErrorEnvelope { data, status: AsyncFailedStatus::Error }
}

fn unknown(what: &str, name: &str) -> ErrorEnvelopeBody {
    ErrorEnvelopeBody::Json(envelope(format!("There is no {what} with the name {name}.")))
}

fn details(name: &str, ontology: &Ontology) -> OntologyDetails {
    let concept = |(name, table): (&String, &Table)| Concept {
        name: name.clone(),
        properties: table.properties.keys().cloned().collect(),
        relationships: table
            .relationships
            .iter()
            .map(|(name, to)| format!("{name}[{}]", to.target))
            .collect(),
    };
    OntologyDetails {
        name: name.to_owned(),
        concepts: ontology.concepts.iter().map(concept).collect(),
        views: ontology.views.keys().cloned().collect(),
    }
}

/// Returns the columns of the concepts that a concept's own relationships refer to.
fn related(ontology: &Ontology, table: &Table) -> Vec<String> {
    let mut columns = Vec::new();
    for (name, relationship) in &table.relationships {
        let Some(target) = ontology.concepts.get(&relationship.target) else { continue };
        let names = std::iter::once("entity_id").chain(target.properties.keys().map(String::as_str));
        columns.extend(names.map(|column| format!("{name}[{}].{column}", relationship.target)));
    }
    columns
}

/// Returns the SQL that reads columns for these values of properties, and the values. An absent property does not
/// match.
fn select(table: &str, columns: &[String], filters: &PropertyFilters) -> (String, Vec<String>) {
    let condition = |(number, name): (usize, &String)| match columns.contains(name) {
        true => format!("CAST(`{name}` AS TEXT) = ?{}", number + 1),
        false => format!("?{} IS NULL", number + 1),
    };
    let conditions: Vec<String> = filters.keys().enumerate().map(condition).collect();
    let columns: Vec<String> = columns.iter().map(|column| format!("`{column}`")).collect();
    let mut sql = format!("SELECT {} FROM `{table}`", columns.join(", "));
    if !conditions.is_empty() {
        sql = format!("{sql} WHERE {}", conditions.join(" AND "));
    }
    (sql, filters.values().cloned().collect())
}

//! The operations of Timbr that its document cannot describe, on the generated server trait.

use std::sync::Arc;

use descant_mock::Credentials;
use descant_model::api::Credential;
use descant_runtime::server::{Context, HandlerResult, Unimplemented};
use descant_timbr::operations::*;
use descant_timbr::server::*;
use descant_timbr::types::{
    AsyncCompleted, AsyncCompletedStatus, AsyncFailed, AsyncFailedStatus, AsyncResult, AsyncResultMissing,
    AsyncRunning, AsyncRunningStatus, AsyncSubmission, Concept, ConfigEnvelope, ConversationEnvelope,
    KnowledgeMatch, KnowledgeSearchRequest, KnowledgeSearchResult, LogAgentEvent, MatchLevel,
    MessageEnvelope, OntologyDetails, OntologyEnvelope, OntologyListEnvelope, PromptEnvelope, Rows,
    RowsEnvelope, SuccessStatus, TokenEnvelope,
};
use sha2::{Digest, Sha256};

use super::agents::{self, Conversations};
use super::authority::{TOKENS, check, owner, user};
use super::background::{Background, Progress};
use super::ontology::Ontology;
use super::refusal::{Refusal, answered};
use super::resource::Reading;
use super::shape::{Presentation, present};
use super::warehouse::Warehouse;
use super::{QueryError, knowledge};

/// The setting that lists the settings that may be read.
const ALLOWED: &str = "ALLOWED_CONFIG_ENVS_IN_API";

/// Timbr with its sample ontologies.
pub(crate) struct Service {
    seed: u64,
    warehouse: Arc<Warehouse>,
    background: Background<Result<Rows, QueryError>>,
    conversations: Conversations,
}

impl Service {
    pub(crate) fn new(seed: u64) -> Self {
        let (warehouse, background) = (Arc::new(Warehouse::samples()), Background::new(seed));
        Self { seed, warehouse, background, conversations: Conversations::default() }
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

    fn ontology(&self, name: &str) -> Result<&Ontology, Refusal> {
        self.warehouse.ontology(name).ok_or_else(|| Refusal::unknown("ontology", name))
    }

    /// Runs SQL and presents its rows.
    fn rows(&self, ontology: &str, sql: &str, shown: Presentation, user: &str) -> Result<Rows, Refusal> {
        let known = self.ontology(ontology)?;
        let answer = self.warehouse.run(ontology, sql, user)?;
        Ok(present(&answer, known, shown))
    }

    /// Returns the setting of a name, if it may be read.
    fn setting(&self, name: &str) -> Result<Option<String>, Refusal> {
        let settings = &self.warehouse.environment.settings;
        let allowed = settings.get(ALLOWED).map(String::as_str).unwrap_or_default();
        match allowed.split(',').any(|allowed| allowed == name) {
            true => Ok(settings.get(name).cloned()),
            false => {
                Err(Refusal::forbidden(format!("{name} is not among the settings that {ALLOWED} names.")))
            }
        }
    }
}

/// The presentation that a request's six headers ask for.
macro_rules! presentation {
    ($request:expr) => {
        Presentation {
            nested: $request.nested.unwrap_or_default(),
            format_properties: $request.api_nested_format_properties.unwrap_or_default(),
            case_sensitivity: $request.api_nested_case_sensitivity.unwrap_or_default(),
            format_booleans: $request.api_nested_format_booleans.unwrap_or_default(),
            ignore_entity_id: $request.api_nested_ignore_entity_id.unwrap_or_default(),
            minimize_relationships: $request.api_nested_minimize_relationships.unwrap_or_default(),
        }
    };
}

impl Timbr for Service {
    type Principal = ();

    /// The mock has verified the credentials; a JWT's claims and the right to impersonate remain.
    async fn check_credentials(
        &self,
        _: descant_timbr::security::Credentials,
        context: &Context,
    ) -> HandlerResult<()> {
        answered(context, check(context))
    }

    async fn get_token(&self, _: GetTokenRequest, context: &Context) -> HandlerResult<GetTokenResponse> {
        let credentials = context.parts.extensions.get::<Credentials>().ok_or(Unimplemented)?;
        let token = self.token(&owner(context), credentials);
        Ok(GetTokenResponse::Ok(TokenEnvelope { data: vec![token.into()], status: SuccessStatus::Success }))
    }

    async fn list_ontologies(
        &self,
        _: ListOntologiesRequest,
        _: &Context,
    ) -> HandlerResult<ListOntologiesResponse> {
        let data = self.warehouse.environment.ontologies.keys().cloned().collect();
        Ok(ListOntologiesResponse::Ok(OntologyListEnvelope { data, status: SuccessStatus::Success }))
    }

    async fn get_prompt_template(
        &self,
        request: GetPromptTemplateRequest,
        _: &Context,
    ) -> HandlerResult<GetPromptTemplateResponse> {
        let data = agents::prompt(&request.template).ok_or(Unimplemented)?;
        Ok(GetPromptTemplateResponse::Ok(PromptEnvelope { data, status: SuccessStatus::Success }))
    }

    async fn list_conversation_messages(
        &self,
        request: ListConversationMessagesRequest,
        _: &Context,
    ) -> HandlerResult<ListConversationMessagesResponse> {
        let top = request.top.map_or(usize::MAX, |top| usize::try_from(top).unwrap_or_default());
        let (data, truncated) = self.conversations.latest(&request.conversation_id, top);
        let envelope =
            ConversationEnvelope { data, truncated: Some(truncated), status: SuccessStatus::Success };
        Ok(ListConversationMessagesResponse::Ok(envelope))
    }

    async fn log_agent(&self, request: LogAgentRequest, _: &Context) -> HandlerResult<LogAgentResponse> {
        if request.event == LogAgentEvent::History {
            self.conversations.record(request.body);
        }
        let envelope = MessageEnvelope { data: "Recorded.".to_owned(), status: SuccessStatus::Success };
        Ok(LogAgentResponse::Ok(envelope))
    }

    async fn get_ontology(
        &self,
        request: GetOntologyRequest,
        context: &Context,
    ) -> HandlerResult<GetOntologyResponse> {
        let data = details(&request.ontology, answered(context, self.ontology(&request.ontology))?);
        Ok(GetOntologyResponse::Ok(OntologyEnvelope { data, status: SuccessStatus::Success }))
    }

    async fn get_config(
        &self,
        request: GetConfigRequest,
        context: &Context,
    ) -> HandlerResult<GetConfigResponse> {
        let data = answered(context, self.setting(&request.name))?;
        Ok(GetConfigResponse::Ok(ConfigEnvelope { data, status: SuccessStatus::Success }))
    }

    async fn clear_cache(
        &self,
        request: ClearCacheRequest,
        context: &Context,
    ) -> HandlerResult<ClearCacheResponse> {
        answered(context, self.ontology(&request.ontology))?;
        let data = format!("The cache of {} is empty.", request.ontology);
        Ok(ClearCacheResponse::Ok(MessageEnvelope { data, status: SuccessStatus::Success }))
    }

    async fn query(&self, request: QueryRequest, context: &Context) -> HandlerResult<QueryResponse> {
        let body = &request.body;
        let rows = self.rows(&body.ontology_name, &body.query, presentation!(request), &user(context));
        Ok(QueryResponse::Ok(enveloped(answered(context, rows)?)))
    }

    async fn query_concept(
        &self,
        request: QueryConceptRequest,
        context: &Context,
    ) -> HandlerResult<QueryConceptResponse> {
        let reading = Reading {
            warehouse: &self.warehouse,
            ontology: &request.ontology,
            presentation: presentation!(request),
            filters: request.filters.unwrap_or_default(),
            user: &user(context),
        };
        Ok(QueryConceptResponse::Ok(enveloped(answered(context, reading.concept(&request.concept))?)))
    }

    async fn query_view(
        &self,
        request: QueryViewRequest,
        context: &Context,
    ) -> HandlerResult<QueryViewResponse> {
        let reading = Reading {
            warehouse: &self.warehouse,
            ontology: &request.ontology,
            presentation: presentation!(request),
            filters: request.filters.unwrap_or_default(),
            user: &user(context),
        };
        Ok(QueryViewResponse::Ok(enveloped(answered(context, reading.view(&request.view))?)))
    }

    async fn run_ontology_query(
        &self,
        request: RunOntologyQueryRequest,
        context: &Context,
    ) -> HandlerResult<RunOntologyQueryResponse> {
        let user = user(context);
        answered(context, self.ontology(&request.ontology))?;
        let limit = request.results_limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        let shown = presentation!(request);
        if request.x_async != Some(true) {
            let rows = answered(context, self.rows(&request.ontology, &request.body, shown, &user))?;
            return Ok(RunOntologyQueryResponse::Ok(limited(rows, limit)));
        }
        let (warehouse, owner) = (self.warehouse.clone(), user.clone());
        let (ontology, sql) = (request.ontology, request.body);
        let response_id = self.background.submit(&user, move || {
            let answer = warehouse.run(&ontology, &sql, &owner)?;
            let rows = warehouse.ontology(&ontology).map(|known| present(&answer, known, shown));
            Ok(limited(rows.unwrap_or_default(), limit))
        });
        Ok(RunOntologyQueryResponse::Accepted(AsyncSubmission {
            r#async: true,
            poll_url: format!("/timbr/openapi/get-async-results/{response_id}"),
            response_id: response_id.into(),
            message: "The query runs in the background.".to_owned(),
        }))
    }

    async fn get_async_result(
        &self,
        request: GetAsyncResultRequest,
        context: &Context,
    ) -> HandlerResult<GetAsyncResultResponse> {
        let response_id = request.response_id;
        Ok(GetAsyncResultResponse::Ok(match self.background.look(&user(context), &response_id) {
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

    async fn search_knowledge_bases(
        &self,
        request: SearchKnowledgeBasesRequest,
        _: &Context,
    ) -> HandlerResult<SearchKnowledgeBasesResponse> {
        Ok(SearchKnowledgeBasesResponse::Ok(self.search(&request.body)))
    }
}

impl Service {
    fn search(&self, request: &KnowledgeSearchRequest) -> KnowledgeSearchResult {
        let started = std::time::Instant::now();
        // A document cannot state that the medium threshold must not exceed the high one; it counts as equal.
        let high = request.high_threshold.unwrap_or(0.8);
        let medium = request.medium_threshold.unwrap_or(0.5).min(high);
        let environment = &self.warehouse.environment;
        let mut found = knowledge::search(environment, &request.question, &request.knowledge_bases, medium);
        found.truncate(usize::try_from(request.top_k.unwrap_or(5)).unwrap_or_default());
        let match_level = match found.first() {
            Some(best) if best.confidence >= high => MatchLevel::High,
            Some(_) => MatchLevel::Medium,
            None => MatchLevel::None,
        };
        let changed = found.iter().map(|one| (one.base.to_owned(), one.changed_on.to_owned())).collect();
        let matches = found.iter().map(|one| KnowledgeMatch {
            knowledge_base: one.base.to_owned(),
            example_name: one.name.to_owned(),
            question: one.example.question.clone(),
            query: Some(one.example.query.clone()),
            instructions: one.example.instructions.clone(),
            validate_sql: one.example.validate_sql,
            confidence: one.confidence,
            changed_on: Some(one.changed_on.to_owned()),
        });
        KnowledgeSearchResult {
            match_level,
            matches: matches.collect(),
            per_kb_max_changed_on: changed,
            latency_ms: started.elapsed().as_secs_f64() * 1000.0,
        }
    }
}

fn enveloped(data: Rows) -> RowsEnvelope {
    RowsEnvelope { data, status: SuccessStatus::Success }
}

fn limited(mut rows: Rows, limit: usize) -> Rows {
    rows.truncate(limit);
    rows
}

fn details(name: &str, ontology: &Ontology) -> OntologyDetails {
    let concept = |(name, concept): (&String, &super::ontology::Concept)| Concept {
        name: name.clone(),
        properties: concept.properties.keys().cloned().collect(),
        relationships: concept
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

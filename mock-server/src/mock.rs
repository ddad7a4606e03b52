//! The parts of a mock, compiled from a document. Routes and security are compiled at once, each operation at its first
//! call.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use descant_exchange::Schemas;
use descant_model::api::Api;
use descant_model::codes::Code;
use descant_model::diagnostic::{Diagnostic, Severity};
use descant_model::load::{Options, load};
use descant_model::render::{Format, render};

use crate::admission::Admission;
use crate::auth::{Credentials, Guard};
use crate::oauth::Authority;
use crate::sources::context::ResponseContext;
use crate::sources::response_validation;
use crate::sources::server_urls::ServerAddresses;
use crate::sources::unrouted::Fallback;
use crate::state::stock::{Stock, StockOptions};
use crate::state::{Fixtures, Snapshot, State, Store, StoreError};
use crate::tables::operation_table::OperationTable;
use crate::tables::router::Router;
use crate::tables::rules::{Rule, Rules};
use crate::tables::suggestion::unknown_operation;
use crate::vocabulary::message::Response;
use crate::vocabulary::settings::Settings;

/// Why a document cannot be served: its errors, as `descant lint` prints them.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub struct InvalidDocument {
    text: String,
    findings: Vec<Diagnostic>,
}

impl InvalidDocument {
    /// Returns the errors of the document.
    pub fn findings(&self) -> &[Diagnostic] {
        &self.findings
    }
}

/// A document that is served. A clone is another handle on the same mock.
#[derive(Clone)]
pub struct Mock {
    pub(crate) api: Arc<Api>,
    pub(crate) settings: Settings,
    pub(crate) guard: Guard,
    pub(crate) authority: Authority,
    pub(crate) router: Router,
    pub(crate) addresses: Arc<ServerAddresses>,
    pub(crate) operations: Arc<OperationTable>,
    pub(crate) schemas: Arc<Schemas>,
    pub(crate) stock: Arc<Stock>,
    state: Option<State>,
    /// What the state begins with, and with every reset, in place of the stock.
    beginning: Arc<Snapshot>,
    fixtures: Arc<Fixtures>,
    rules: Arc<Rules>,
    seed: Arc<AtomicU64>,
    /// The number of delays that were drawn.
    drawn: Arc<AtomicU64>,
    invalid_examples: Arc<OnceLock<Vec<Diagnostic>>>,
}

impl Mock {
    /// Makes a mock of an API; keys of security schemes come from the process's environment.
    pub fn new(api: Arc<Api>, settings: Settings) -> Self {
        Self::with_environment(api, settings, &|name| std::env::var(name).ok())
    }

    /// Makes a mock of the document in a file.
    ///
    /// # Errors
    /// Where the document has errors.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, InvalidDocument> {
        let loaded = load(path.as_ref(), &Options::default());
        let mut errors = loaded.diagnostics;
        errors.retain(|found| found.severity == Severity::Error);
        match loaded.api.filter(|_| errors.is_empty()) {
            Some(api) => Ok(Self::new(Arc::new(api), Settings::default())),
            None => {
                let text = render(Format::Concise, &errors, &loaded.sources);
                Err(InvalidDocument { text, findings: errors.into_iter().collect() })
            }
        }
    }

    /// Makes a mock of an API; `environment` returns the variables that `x-descant` names.
    pub fn with_environment(
        api: Arc<Api>,
        settings: Settings,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Self {
        let guard = Guard::new(&api, environment, settings.jwt);
        let schemas = Arc::new(Schemas::new(&api).with_now(settings.now));
        let options =
            StockOptions { seed: settings.seed, items: settings.items, examples: !settings.dynamic };
        Self {
            stock: Arc::new(Stock::new(api.clone(), schemas.clone(), options)),
            authority: Authority::new(&api, environment).with_settings(&settings),
            router: Router::new(&api),
            addresses: Arc::new(ServerAddresses::new(&api)),
            operations: Arc::new(OperationTable::new(api.clone(), schemas.clone(), &guard, settings.seed)),
            guard,
            schemas,
            api,
            state: None,
            beginning: Arc::default(),
            fixtures: Arc::default(),
            rules: Arc::default(),
            seed: Arc::new(AtomicU64::new(settings.seed)),
            drawn: Arc::default(),
            settings,
            invalid_examples: Arc::default(),
        }
    }

    /// Stores what requests create, change and delete.
    #[must_use]
    pub fn with_state(mut self, store: Arc<dyn Store>) -> Self {
        self.state = Some(State::new(self.stock.clone(), store));
        self
    }

    /// Lets the state begin with these records, at first where its store has none, and with every reset.
    ///
    /// # Errors
    /// Where the store fails or is full.
    pub async fn with_beginning(mut self, beginning: Arc<Snapshot>) -> Result<Self, StoreError> {
        if let Some(state) = self.state.as_ref().filter(|_| !beginning.is_empty())
            && state.store().snapshot().await?.is_empty()
        {
            state.store().restore((*beginning).clone()).await?;
        }
        self.beginning = beginning;
        Ok(self)
    }

    /// Puts its paths, and those with a server's base path, below a prefix: `/billing`.
    #[must_use]
    pub fn with_prefix(mut self, prefix: &str) -> Self {
        self.router = self.router.below(prefix);
        self
    }

    /// Shares rules with their owner, as to keep them when the document is reloaded.
    #[must_use]
    pub fn with_rules(mut self, rules: Arc<Rules>) -> Self {
        self.rules = rules;
        self
    }

    /// Accepts any credential where the document requires one: an upstream verifies it.
    #[must_use]
    pub fn accept_any_credentials(mut self) -> Self {
        self.guard.accepts_any = true;
        self
    }

    /// Replaces the mock of the same document before a change: rules, seed, grants, and credentials that were issued or
    /// revoked stay.
    #[must_use]
    pub fn replacing(self, before: &Self) -> Self {
        self.set_seed(before.seed());
        Self {
            beginning: before.beginning.clone(),
            fixtures: before.fixtures.clone(),
            ..self.keeping(before)
        }
    }

    /// Keeps the rules, grants and credentials of a mock of the same document before a change.
    #[must_use]
    pub(crate) fn keeping(mut self, before: &Self) -> Self {
        self.guard.credentials = before.guard.credentials.replacing(&before.api, &self.api);
        self.authority.replace(&before.authority);
        self.rules = before.rules.clone();
        self
    }

    /// Returns a mock that shares the document and the seed, and has grants and credentials of its own. Its rules begin as
    /// those of now; `store` keeps its state.
    pub(crate) fn separate(&self, store: Option<Arc<dyn Store>>) -> Self {
        Self {
            guard: self.guard.separate(&self.api),
            authority: self.authority.separate(),
            state: store.map(|store| State::new(self.stock.clone(), store)),
            rules: Arc::new(Rules::new(self.rules.get())),
            ..self.clone()
        }
    }

    /// Returns the seed of sampled values.
    pub fn seed(&self) -> u64 {
        self.seed.load(Ordering::Relaxed)
    }

    /// Sets the seed of values that are sampled from now on.
    pub fn set_seed(&self, seed: u64) {
        self.seed.store(seed, Ordering::Relaxed);
        self.stock.set_seed(seed);
    }

    /// Returns the rules.
    pub fn rules(&self) -> &Arc<Rules> {
        &self.rules
    }

    /// Returns why a rule is for no operation of the document, with a suggestion; `None` where it is for one, or for all.
    pub fn unknown_operation(&self, rule: &Rule) -> Option<String> {
        unknown_operation(&self.api, rule)
    }

    /// Returns the state; `None` where it keeps none.
    pub fn state(&self) -> Option<&State> {
        self.state.as_ref()
    }

    /// Returns what the state begins with in place of the stock.
    pub(crate) fn beginning(&self) -> &Snapshot {
        &self.beginning
    }

    /// Returns the named states of the document.
    pub fn fixtures(&self) -> &Fixtures {
        &self.fixtures
    }

    /// Returns the settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns the API.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// Returns the prefix of every path: `/billing`, or empty.
    pub fn prefix(&self) -> &str {
        self.router.prefix()
    }

    /// Returns the credentials, for an overlay to issue and revoke.
    pub fn credentials(&self) -> &Credentials {
        &self.guard.credentials
    }

    /// Returns a finding for each security scheme that no request can meet, because its key is missing or malformed.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let broken = self.guard.broken().filter_map(|(name, reason)| {
            let origin = &self.api.security_schemes.get(name)?.origin;
            let message = format!("nobody can meet the security scheme `{name}`: {reason}");
            Some(Diagnostic::new(Code::DescantValue, message, origin))
        });
        broken.collect()
    }

    /// Returns the document's examples that violate their schemas; `None` until they were validated.
    pub fn invalid_examples(&self) -> Option<&[Diagnostic]> {
        self.invalid_examples.get().map(Vec::as_slice)
    }

    /// Sets the examples that violate their schemas, once: validating them all takes long, and happens while it serves.
    pub fn set_invalid_examples(&self, found: Vec<Diagnostic>) {
        let _ = self.invalid_examples.set(found);
    }

    /// Returns to the beginning: no grants, the document's credentials, the state of the beginning.
    ///
    /// # Errors
    /// Where the store of its state fails.
    pub async fn reset(&self) -> Result<(), StoreError> {
        self.guard.credentials.reset(&self.api);
        self.authority.reset();
        match &self.state {
            Some(state) => state.store().restore((*self.beginning).clone()).await,
            None => Ok(()),
        }
    }

    /// Validates a service's response to an operation, `GET /pets`, as one of an [`Upstream`](crate::Upstream). Returns
    /// the first violation.
    pub fn judge(&self, operation: &str, response: &Response) -> Option<String> {
        let operation = self.operations.named(operation)?.operation;
        match operation.method == "HEAD" {
            true => response_validation::head_violation(&self.schemas, operation, response),
            false => response_validation::violation(&self.schemas, operation, response),
        }
    }

    /// Returns the parts that admit requests.
    pub(crate) fn admission(&self) -> Admission<'_> {
        let (guard, schemas, rules) = (&self.guard, &*self.schemas, &*self.rules);
        let (delay, drawn) = (self.settings.delay, &*self.drawn);
        let (pace, hold) = (self.settings.pace, self.settings.hold);
        Admission { guard, schemas, rules, seed: self.seed(), delay, pace, hold, drawn }
    }

    /// Returns the parts that responses are made from.
    pub(crate) fn context(&self) -> ResponseContext<'_> {
        ResponseContext { schemas: &self.schemas, settings: &self.settings, seed: self.seed() }
    }

    /// Returns the parts that respond to requests without an operation.
    pub(crate) fn fallback(&self) -> Fallback<'_> {
        let (router, authority, credentials) = (&self.router, &self.authority, self.credentials());
        Fallback { router, authority, credentials, seed: self.seed() }
    }
}

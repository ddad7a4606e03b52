//! A document ready to be served: routes and security are settled when it is loaded, an operation's validators and
//! examples at its first call.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use descant_exchange::Schemas;
use descant_model::api::{self, Api, Operation, PathPiece, Server};
use descant_model::codes::Code;
use descant_model::diagnostic::{Diagnostic, Severity};
use descant_model::load::{Options, load};
use descant_model::render::{Format, render};
use descant_runtime::route::{self, Table};

use crate::Request;
use crate::auth::{Credentials, Guard, Need};
use crate::check;
use crate::journal::Verdict;
use crate::oauth::Authority;
use crate::prefer::Errors;
use crate::prepared::Prepared;
use crate::rules::Rules;
use crate::state::{Snapshot, State, Store, StoreError};

/// How a mock behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Mixed into every sampled value: another seed, other data.
    pub seed: u64,
    /// Samples even where the document has examples.
    pub dynamic: bool,
    /// What becomes of an example that does not follow its schema.
    pub examples: Examples,
    /// How a refusal is written, unless the caller says otherwise.
    pub errors: Errors,
}

/// What becomes of an example that does not follow its schema.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Examples {
    /// A sampled value is sent in its place, and a response header says so.
    #[default]
    Checked,
    /// It is sent as it stands.
    Verbatim,
}

impl Default for Settings {
    fn default() -> Self {
        Self { seed: 1, dynamic: false, examples: Examples::Checked, errors: Errors::Problem }
    }
}

/// A document ready to be served.
pub struct Mock {
    pub(crate) api: Arc<Api>,
    pub(crate) settings: Settings,
    pub(crate) guard: Guard,
    pub(crate) authority: Authority,
    pub(crate) routes: Table<usize>,
    /// Paths of the servers' URLs, `/v2`, the longest first: a request may have one of them before its path.
    pub(crate) bases: Vec<String>,
    /// What every path begins with where several documents are served together.
    prefix: String,
    pub(crate) schemas: Arc<Schemas>,
    pub(crate) state: Option<State>,
    pub(crate) rules: Arc<Rules>,
    seed: AtomicU64,
    served: Vec<Served>,
    broken_examples: OnceLock<Vec<Diagnostic>>,
}

/// A mock that another may take the place of while it is served, as when its document changes.
pub struct Live(RwLock<Arc<Mock>>);

impl Live {
    /// Begins with this mock.
    pub fn new(mock: Arc<Mock>) -> Self {
        Self(RwLock::new(mock))
    }

    /// The mock of now. Exchanges that have begun end with the one that they began with.
    pub fn get(&self) -> Arc<Mock> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts another in its place.
    pub fn set(&self, mock: Arc<Mock>) {
        let mut place = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *place, mock);
        // To drop a large document takes a while, in which requests would wait.
        drop(place);
        drop(before);
    }
}

/// An operation as the mock knows it from the start.
struct Served {
    key: Arc<str>,
    need: Need,
    prepared: OnceLock<Prepared>,
}

/// An operation that a request was routed to.
#[derive(Clone, Copy)]
pub(crate) struct Called<'m> {
    pub(crate) index: usize,
    pub(crate) operation: &'m Operation,
    pub(crate) key: &'m Arc<str>,
    pub(crate) need: &'m Need,
    pub(crate) prepared: &'m Prepared,
}

impl Mock {
    /// Makes a mock of an API; keys of security schemes come from the process's environment.
    pub fn new(api: Arc<Api>, settings: Settings) -> Self {
        Self::with_environment(api, settings, &|name| std::env::var(name).ok())
    }

    /// Makes a mock of the document in a file.
    ///
    /// # Errors
    /// What is wrong with the document, as `descant lint` says it.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let loaded = load(path.as_ref(), &Options::default());
        let mut errors = loaded.diagnostics;
        errors.retain(|found| found.severity == Severity::Error);
        match loaded.api.filter(|_| errors.is_empty()) {
            Some(api) => Ok(Self::new(Arc::new(api), Settings::default())),
            None => Err(io::Error::other(render(Format::Concise, &errors, &loaded.sources))),
        }
    }

    /// Makes a mock of an API; `environment` answers for the variables that `x-descant` names.
    pub fn with_environment(
        api: Arc<Api>,
        settings: Settings,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Self {
        let guard = Guard::new(&api, environment);
        let authority = Authority::new(&api, environment);
        let mut routes = Table::new().head_is_get();
        for (index, operation) in api.operations.iter().enumerate() {
            let slash = operation.descant.trailing_slash.unwrap_or(api.descant.trailing_slash);
            routes.add(&operation.method, &pieces(operation), slash_policy(slash), index);
        }
        let serve = |operation| Served {
            key: Operation::key(operation).into(),
            need: guard.need(operation),
            prepared: OnceLock::new(),
        };
        let served = api.operations.iter().map(serve).collect();
        let schemas = Arc::new(Schemas::new(&api));
        let seed = AtomicU64::new(settings.seed);
        Self {
            bases: bases(&api),
            prefix: String::new(),
            api,
            settings,
            guard,
            authority,
            routes,
            schemas,
            state: None,
            rules: Arc::default(),
            seed,
            served,
            broken_examples: OnceLock::new(),
        }
    }

    /// Makes it remember what its requests create, change and delete.
    #[must_use]
    pub fn with_state(mut self, store: Arc<dyn Store>) -> Self {
        self.state = Some(State::new(self.api.clone(), self.schemas.clone(), store));
        self
    }

    /// Puts its paths, and those with a server's base path, below a prefix: `/billing`.
    #[must_use]
    pub fn with_prefix(mut self, prefix: &str) -> Self {
        self.bases.iter_mut().for_each(|base| base.insert_str(0, prefix));
        self.bases.extend((!prefix.is_empty()).then(|| prefix.to_owned()));
        prefix.clone_into(&mut self.prefix);
        self
    }

    /// Takes the place of another whose document has changed: rules, seed, and the credentials that were issued or
    /// revoked stay.
    #[must_use]
    pub fn after(mut self, before: &Self) -> Self {
        self.guard.credentials = before.guard.credentials.follow(&before.api, &self.api);
        self.authority.held = before.authority.held.clone();
        self.rules = before.rules.clone();
        self.set_seed(before.seed());
        self
    }

    /// Makes it take any credential that is presented where the document asks for one: another judges it.
    #[must_use]
    pub fn trusting(mut self) -> Self {
        self.guard.trusts = true;
        self
    }

    /// What sampled values are made from.
    pub fn seed(&self) -> u64 {
        self.seed.load(Ordering::Relaxed)
    }

    /// Makes other sampled values from now on.
    pub fn set_seed(&self, seed: u64) {
        self.seed.store(seed, Ordering::Relaxed);
    }

    /// Gives it rules that are kept elsewhere as well: over a reload of the document, say.
    #[must_use]
    pub fn with_rules(mut self, rules: Arc<Rules>) -> Self {
        self.rules = rules;
        self
    }

    /// What is to happen to calls beyond what the document says.
    pub fn rules(&self) -> &Arc<Rules> {
        &self.rules
    }

    /// What it remembers, and which collections it sees in the document.
    pub fn state(&self) -> Option<&State> {
        self.state.as_ref()
    }

    /// How it behaves.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The API that is served.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// The credentials that it knows, for an overlay to issue and revoke.
    pub fn credentials(&self) -> &Credentials {
        &self.guard.credentials
    }

    /// What cannot work as the document says: a security scheme whose key is missing or malformed lets nobody in.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let broken = self.guard.broken().filter_map(|(name, reason)| {
            let origin = &self.api.security_schemes.get(name)?.origin;
            let message = format!("nobody can meet the security scheme `{name}`: {reason}");
            Some(Diagnostic::new(Code::DescantValue, message, origin))
        });
        broken.collect()
    }

    /// The examples of the document that break their schemas; `None` until they were judged.
    pub fn broken_examples(&self) -> Option<&[Diagnostic]> {
        self.broken_examples.get().map(Vec::as_slice)
    }

    /// Tells it which examples break their schemas, once: judging them all takes long, and is done while it serves.
    pub fn set_broken_examples(&self, found: Vec<Diagnostic>) {
        let _ = self.broken_examples.set(found);
    }

    /// Forgets all that happened since the mock was made.
    ///
    /// # Errors
    /// Where the store of its state fails.
    pub async fn reset(&self) -> Result<(), StoreError> {
        self.guard.credentials.reset(&self.api);
        self.authority.reset();
        match &self.state {
            Some(state) => state.store().restore(Snapshot::new()).await,
            None => Ok(()),
        }
    }

    /// What may be shown of a request's path and query.
    pub(crate) fn shown(&self, request: &Request) -> String {
        self.guard.shown(request)
    }

    /// The operation of a key.
    pub(crate) fn named(&self, key: &str) -> Option<Called<'_>> {
        self.called(self.served.iter().position(|served| &*served.key == key)?)
    }

    /// What the document has against a service's answer to an operation, `GET /pets`; `None` where it is as described.
    /// It is judged as a response of an upstream is ([`crate::Upstream`]).
    pub fn judge(&self, operation: &str, response: &crate::Response) -> Option<String> {
        let called = self.named(operation)?;
        match called.operation.method == "HEAD" {
            true => check::head_fault(self, called, response),
            false => check::fault(self, called, response),
        }
    }

    /// A target without the prefix, and where `deep` without the base path of a server.
    pub(crate) fn below<'t>(&self, target: &'t str, deep: bool) -> &'t str {
        let prefix = std::iter::once(&self.prefix);
        let bases = self.bases.iter().filter(|_| deep).chain(prefix);
        let mut below = bases.filter_map(|base| target.strip_prefix(base.as_str()));
        below.find(|rest| rest.starts_with('/')).unwrap_or(target)
    }

    /// The operation of an index that a route holds.
    pub(crate) fn called(&self, index: usize) -> Option<Called<'_>> {
        let operation = self.api.operations.get(index)?;
        let served = self.served.get(index)?;
        let prepared =
            served.prepared.get_or_init(|| Prepared::new(&self.schemas, operation, &self.settings));
        Some(Called { index, operation, key: &served.key, need: &served.need, prepared })
    }
}

impl<'m> Called<'m> {
    /// What the document has against nothing but perhaps a response of its own.
    pub(crate) fn verdict(self, response: Option<String>) -> Verdict {
        Verdict { operation: Some(self.key.clone()), request: None, response }
    }

    /// The names of the path's parameters, in order.
    pub(crate) fn parameters(self) -> impl Iterator<Item = &'m str> {
        self.operation.path.pieces.iter().filter_map(|piece| match piece {
            PathPiece::Parameter(name) => Some(name.as_str()),
            PathPiece::Literal(_) => None,
        })
    }
}

fn pieces(operation: &Operation) -> Vec<route::Piece> {
    let piece = |piece: &PathPiece| match piece {
        PathPiece::Literal(text) => route::Piece::Literal(text.clone()),
        PathPiece::Parameter(name) => route::Piece::Parameter(name.clone()),
    };
    operation.path.pieces.iter().map(piece).collect()
}

fn slash_policy(slash: api::TrailingSlash) -> route::TrailingSlash {
    match slash {
        api::TrailingSlash::Strict => route::TrailingSlash::Strict,
        api::TrailingSlash::Either => route::TrailingSlash::Either,
    }
}

/// The paths of every server that an operation names, but `/`.
fn bases(api: &Api) -> Vec<String> {
    let servers =
        api.operations.iter().flat_map(|operation| operation.servers.iter()).chain(api.servers.iter());
    let mut bases: Vec<String> = servers.filter_map(base).collect();
    bases.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    bases.dedup();
    bases
}

/// The path of a server's URL, its variables set to their defaults (OAS 4.8.5), without a slash at its end.
fn base(server: &Server) -> Option<String> {
    let mut url = server.url.clone();
    for (name, variable) in &server.variables {
        url = url.replace(&format!("{{{name}}}"), &variable.default);
    }
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => &url,
    };
    let path = path.split(['?', '#']).next().unwrap_or_default().trim_matches('/');
    (!path.is_empty()).then(|| format!("/{path}"))
}

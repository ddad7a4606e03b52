//! Generated clients: configuration, credentials, middleware, and the exchange from the request's first parameter to
//! the typed response.

#[cfg(feature = "blocking")]
pub mod blocking;
mod call;
mod credentials;
mod error;
mod exchange;
mod link_header;
mod middleware;
mod oauth2;
mod pages;
mod placed;
mod reading;
mod received;
mod request;
mod response;
mod retry;
mod server;
mod trace;

pub use call::{Call, Responded, Sent};
pub use credentials::CredentialSource;
pub use error::{CallError, Error};
pub use middleware::{Middleware, Next};
pub use oauth2::{OAuth2, OAuthError};
pub use pages::{NextPage, PagedItems, Pages, Paging};
pub use received::Received;
pub use request::Request;
pub use response::Response;
pub use retry::Retry;
pub use server::{Server, Variable};

pub use crate::security::{Credential, Credentials, Security};

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use self::credentials::Source;
use http::{HeaderMap, HeaderName, HeaderValue};

/// The configuration of a client. Start with [`Config::new`].
#[derive(Clone)]
pub struct Config {
    /// `None`: calls are sent to URLs of their own.
    base_url: Option<String>,
    timeout: Option<Duration>,
    attempt_timeout: Option<Duration>,
    headers: HeaderMap,
    body_limit: usize,
    strict: bool,
    middleware: Vec<Arc<dyn Middleware>>,
    http: Option<reqwest::Client>,
}

impl Config {
    /// Returns a configuration for a server, with a time limit of 30 seconds and response bodies of at most 64 MiB.
    ///
    /// The URL replaces the document's server: its path is the prefix of every operation's path.
    pub fn new(base_url: impl Into<String>) -> Self {
        Self { base_url: Some(base_url.into()), ..Self::default() }
    }
}

/// Returns a configuration without a server, for webhooks and callbacks, which have their own URLs.
impl Default for Config {
    fn default() -> Self {
        Self {
            base_url: None,
            timeout: Some(Duration::from_secs(30)),
            attempt_timeout: None,
            headers: HeaderMap::new(),
            body_limit: 64 << 20,
            strict: false,
            middleware: Vec::new(),
            http: None,
        }
    }
}

impl Config {
    /// Sets the time limit of a call, including retries of middleware and the response body unless it is a stream;
    /// `None`: no limit. [`Call::timeout`] overrides it for one call.
    #[must_use]
    pub fn timeout(mut self, timeout: Option<Duration>) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the time limit of one attempt, up to the head of its response: [`Retry`] then starts another.
    #[must_use]
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// Sends a header with every request.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }

    /// Sets the maximum size of a response body in memory, in bytes.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Reads responses exactly as documented: an undocumented status, media type or header is an error. For tests of a
    /// service; by default the client reads what it can, and [`Response::is_documented`] says so.
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Adds a middleware between the client and the network; the first one added receives a request first.
    #[must_use]
    pub fn middleware(mut self, middleware: impl Middleware) -> Self {
        self.middleware.push(Arc::new(middleware));
        self
    }

    /// Uses this HTTP client, with its own proxy, certificates and redirects.
    #[must_use]
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.http = Some(client);
        self
    }
}

/// The common part of generated clients. Clones share connections.
#[derive(Clone)]
pub struct Core {
    inner: Arc<Inner>,
}

struct Inner {
    http: reqwest::Client,
    config: Config,
    credentials: Source,
}

impl Core {
    /// # Errors
    /// Returns an error if the base URL is not an `http` or `https` URL, or the HTTP client cannot be built.
    pub fn new<C: Credentials>(
        config: Config,
        credentials: impl Into<CredentialSource<C>>,
    ) -> Result<Self, Error> {
        Self::with(config, credentials.into().source)
    }

    fn with(mut config: Config, credentials: Source) -> Result<Self, Error> {
        if let Some(base_url) = &mut config.base_url {
            let url = reqwest::Url::parse(base_url);
            if !url.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.query().is_none()) {
                let message = "the base URL is not an http or https URL without a query";
                return Err(Error::Configuration(message.to_owned()));
            }
            base_url.truncate(base_url.trim_end_matches('/').len());
        }
        // Redirects are answers that a document may name; following them could carry a credential elsewhere.
        let build = || reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
        let http = config.http.take().map_or_else(build, Ok);
        let http = http.map_err(|error| Error::Configuration(format!("the HTTP client: {error}")))?;
        Ok(Self { inner: Arc::new(Inner { http, config, credentials }) })
    }

    /// Starts a request. `operation` is a method and a path template: `GET /pets/{petId}`.
    pub fn request(&self, operation: &'static str, security: Security) -> Request {
        Request::new(self.clone(), operation, security)
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Core")
            .field("base_url", &self.inner.config.base_url)
            .field("credentials", &self.inner.credentials)
            .finish_non_exhaustive()
    }
}

//! Access tokens from an OAuth2 token endpoint (RFC 6749): the grants that need no browser.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::{StatusCode, header};
use percent_encoding::utf8_percent_encode;
use serde_json::Value;

use crate::body::Body;
use crate::param::UNRESERVED;
use crate::secret::Secret;

/// The time limit of a request for a token.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The maximum size of a response, in bytes.
const LONGEST: usize = 1 << 20;
/// The time before its expiry when a token is replaced, at most; a tenth of its lifetime if that is less.
const LEEWAY: Duration = Duration::from_secs(30);

/// A client of an OAuth2 token endpoint, with its grant. [`CredentialSource::oauth2`](super::CredentialSource::oauth2) uses
/// it; `Debug` shows no secret.
///
/// ```
/// use descant_runtime::client::OAuth2;
///
/// let oauth = OAuth2::client_credentials("https://auth.example.com/token", "app", "s3cret").scope("read write");
/// # let _ = oauth;
/// ```
pub struct OAuth2 {
    url: String,
    client: String,
    secret: Option<Secret>,
    secret_in_body: bool,
    /// The current refresh token; `None`: the grant is `client_credentials`.
    refresh: Option<Mutex<Secret>>,
    rotated: Option<Box<Keep>>,
    parameters: Vec<(String, Secret)>,
    http: Option<reqwest::Client>,
}

/// Keeps a new refresh token.
type Keep = dyn Fn(&Secret) + Send + Sync;

/// An access token, and when it should be replaced.
pub(super) struct Granted {
    pub(super) token: Secret,
    pub(super) expiry: Option<Instant>,
}

impl OAuth2 {
    /// Returns the client credentials grant (RFC 6749, 4.4) at a token endpoint: the client's own access.
    pub fn client_credentials(
        token_url: impl Into<String>,
        client: impl Into<String>,
        secret: impl Into<Secret>,
    ) -> Self {
        Self { secret: Some(secret.into()), ..Self::new(token_url.into(), client.into()) }
    }

    /// Returns the refresh token grant (RFC 6749, 6) at a token endpoint: the access that a user granted before. A public
    /// client has no [secret](Self::secret).
    pub fn refresh_token(
        token_url: impl Into<String>,
        client: impl Into<String>,
        token: impl Into<Secret>,
    ) -> Self {
        Self { refresh: Some(Mutex::new(token.into())), ..Self::new(token_url.into(), client.into()) }
    }

    fn new(url: String, client: String) -> Self {
        let (secret, refresh, rotated, http) = (None, None, None, None);
        Self { url, client, secret, secret_in_body: false, refresh, rotated, parameters: Vec::new(), http }
    }

    /// Sets the client's secret.
    #[must_use]
    pub fn secret(mut self, secret: impl Into<Secret>) -> Self {
        self.secret = Some(secret.into());
        self
    }

    /// Sends the client's secret in the body, for servers that do not support HTTP Basic (RFC 6749, 2.3.1).
    #[must_use]
    pub fn secret_in_body(mut self) -> Self {
        self.secret_in_body = true;
        self
    }

    /// Requests scopes, separated by spaces (RFC 6749, 3.3).
    #[must_use]
    pub fn scope(self, scopes: impl Into<Secret>) -> Self {
        self.parameter("scope", scopes)
    }

    /// Adds a parameter to each request, such as `audience` or `resource` (RFC 8707).
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<Secret>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// Calls a function with each new refresh token, which replaces the former, so that the application can keep it.
    #[must_use]
    pub fn on_rotation(mut self, keep: impl Fn(&Secret) + Send + Sync + 'static) -> Self {
        self.rotated = Some(Box::new(keep));
        self
    }

    /// Uses this HTTP client, with its own proxy, certificates and redirects.
    #[must_use]
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.http = Some(client);
        self
    }

    /// Requests an access token.
    pub(super) async fn grant(&self) -> Result<Granted, OAuthError> {
        let begun = Instant::now();
        let answer = tokio::time::timeout(TIMEOUT, self.request()).await;
        let (status, body) = answer.map_err(|_| OAuthError::Timeout)??;
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        let text = |name: &str| answer.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        if !status.is_success() {
            let reason = text("error_description").or(text("error")).map(shown);
            return Err(OAuthError::Refused { status, reason });
        }
        let is_bearer = text("token_type").is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
        let token = text("access_token").filter(|_| is_bearer).ok_or(OAuthError::NoToken)?;
        if let (Some(refresh), Some(new)) = (&self.refresh, text("refresh_token")) {
            let new = Secret::from(new);
            self.rotated.iter().for_each(|keep| keep(&new));
            *refresh.lock().unwrap_or_else(PoisonError::into_inner) = new;
        }
        let expiry = answer.get("expires_in").and_then(lifetime).and_then(|lifetime| {
            let leeway = (lifetime / 10).min(LEEWAY);
            begun.checked_add(lifetime.saturating_sub(leeway))
        });
        Ok(Granted { token: token.into(), expiry })
    }

    async fn request(&self) -> Result<(StatusCode, bytes::Bytes), OAuthError> {
        let transport = |error: reqwest::Error| OAuthError::Transport(error.without_url());
        // A redirect could carry the secret elsewhere.
        let build = || reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
        let http = self.http.clone().map_or_else(build, Ok).map_err(transport)?;
        let mut request = http.post(&self.url).header(header::ACCEPT, "application/json");
        if let Some(secret) = self.secret.as_ref().filter(|_| !self.secret_in_body) {
            // Both are encoded before they are joined (RFC 6749, 2.3.1).
            request = request.basic_auth(encoded(&self.client), Some(encoded(secret.expose())));
        }
        let request =
            request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(self.form());
        let response = request.send().await.map_err(transport)?;
        let status = response.status();
        let body = Body::stream(response.bytes_stream()).read(LONGEST).await;
        Ok((status, body.map_err(OAuthError::Body)?))
    }

    /// The body of a request.
    fn form(&self) -> String {
        let refresh =
            self.refresh.as_ref().map(|token| token.lock().unwrap_or_else(PoisonError::into_inner).clone());
        let grant = if refresh.is_some() { "refresh_token" } else { "client_credentials" };
        let in_body = self.secret_in_body || self.secret.is_none();
        let own = self.parameters.iter().map(|(name, value)| (name.as_str(), value.expose()));
        let pairs = [("grant_type", grant)]
            .into_iter()
            .chain(refresh.iter().map(|token| ("refresh_token", token.expose())))
            .chain(in_body.then_some(("client_id", self.client.as_str())))
            .chain(self.secret.iter().filter(|_| in_body).map(|secret| ("client_secret", secret.expose())))
            .chain(own);
        let pairs: Vec<String> =
            pairs.map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        pairs.join("&")
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// The lifetime of a token, which some servers send as text.
fn lifetime(value: &Value) -> Option<Duration> {
    let seconds = value.as_f64().or_else(|| value.as_str()?.parse().ok())?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// A text of the server as a log may show it.
fn shown(text: &str) -> String {
    const MOST: usize = 200;
    text.chars().take(MOST).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

impl fmt::Debug for OAuth2 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = (&self.url, &self.client);
        formatter
            .debug_struct("OAuth2")
            .field("url", shown.0)
            .field("client", shown.1)
            .finish_non_exhaustive()
    }
}

/// The reason why there is no access token. It contains no secret.
#[derive(Debug)]
#[non_exhaustive]
pub enum OAuthError {
    /// The token endpoint refused (RFC 6749, 5.2).
    Refused {
        /// The status.
        status: StatusCode,
        /// The `error_description` or `error` of the response.
        reason: Option<String>,
    },
    /// The response has no access token of the type `Bearer` (RFC 6749, 5.1).
    NoToken,
    /// The connection failed.
    Transport(reqwest::Error),
    /// The response could not be read.
    Body(crate::body::ReadError),
    /// There was no response within 30 seconds.
    Timeout,
}

impl fmt::Display for OAuthError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the token endpoint ")?;
        match self {
            Self::Refused { status, reason: Some(reason) } => {
                write!(formatter, "refused: {status}: {reason}")
            }
            Self::Refused { status, reason: None } => write!(formatter, "refused: {status}"),
            Self::NoToken => formatter.write_str("returned no bearer token"),
            Self::Transport(error) => {
                write!(formatter, "cannot be reached: {}", super::error::innermost(error))
            }
            Self::Body(error) => write!(formatter, "sent a response that cannot be read: {error}"),
            Self::Timeout => write!(formatter, "did not respond within {TIMEOUT:?}"),
        }
    }
}

impl std::error::Error for OAuthError {}

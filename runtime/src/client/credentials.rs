//! Where a client gets its credentials: a fixed set, or a function that is called again when they expire or are refused.

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};

use super::OAuth2;
use crate::body::BoxError;
use crate::secret::Secret;
use crate::security::{Credential, Credentials};

/// Credentials, each with the name of its scheme.
type Held = Arc<[(&'static str, Credential)]>;

/// The credentials of a client: fixed, or fetched.
///
/// ```
/// use descant_runtime as rt;
/// use rt::client::{CredentialSource, OAuth2};
///
/// #[derive(Clone, Debug, Default)]
/// pub struct Credentials {
///     pub token: Option<rt::Secret>,
/// }
/// rt::credentials! { Credentials { token = "token" Bearer } }
///
/// async fn fetch_token() -> Result<String, std::io::Error> {
///     Ok("t0ken".to_owned())
/// }
///
/// let fixed = CredentialSource::from(&Credentials { token: Some("t0ken".into()) });
/// let fetched = CredentialSource::refreshing(|| async {
///     Ok::<_, std::io::Error>(Credentials { token: Some(fetch_token().await?.into()) })
/// });
/// let oauth = OAuth2::client_credentials("https://auth.example.com/token", "app", "s3cret");
/// let granted = CredentialSource::oauth2(oauth, |token| Credentials { token: Some(token) });
/// # let _: [CredentialSource<Credentials>; 3] = [fixed, fetched, granted];
/// ```
pub struct CredentialSource<C> {
    pub(super) source: Source,
    credentials: PhantomData<fn() -> C>,
}

/// A source of credentials, without their type.
pub(super) enum Source {
    Fixed(Held),
    Refreshing(Box<Refreshing>),
}

/// Credentials that are fetched, one fetch at a time.
pub(super) struct Refreshing {
    fetch: Box<dyn Fn() -> BoxFuture<'static, Result<Fetched, BoxError>> + Send + Sync>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    current: Option<Fetched>,
    /// The fetch that all calls wait for. A call that gives up does not cancel it: a refresh token that is exchanged must
    /// not be lost.
    pending: Option<Pending>,
}

type Pending = Shared<BoxFuture<'static, Result<Fetched, FetchError>>>;

/// Credentials, and when they expire.
#[derive(Clone)]
struct Fetched {
    held: Held,
    expiry: Option<Instant>,
}

impl<C: Credentials> CredentialSource<C> {
    /// Fetches credentials before the first call that needs them, and again after a 401, once per call: the call is then
    /// sent again, unless its body is a stream. Concurrent calls wait for one fetch.
    pub fn refreshing<F, E>(fetch: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<C, E>> + Send + 'static,
        E: Into<BoxError>,
    {
        Self::fetching(move || {
            let fetched = fetch();
            Box::pin(async move {
                let held = fetched.await.map_err(Into::into)?.held().into();
                Ok(Fetched { held, expiry: None })
            })
        })
    }

    /// Gets access tokens from an OAuth2 authorization server (RFC 6749), as [`CredentialSource::refreshing`] fetches
    /// credentials, and also before they expire; `with` makes credentials of a token.
    pub fn oauth2(oauth: OAuth2, with: impl Fn(Secret) -> C + Send + Sync + 'static) -> Self {
        let shared = Arc::new((oauth, with));
        Self::fetching(move || {
            let shared = Arc::clone(&shared);
            Box::pin(async move {
                let (oauth, with) = &*shared;
                let granted = oauth.grant().await?;
                Ok(Fetched { held: with(granted.token).held().into(), expiry: granted.expiry })
            })
        })
    }

    fn fetching(
        fetch: impl Fn() -> BoxFuture<'static, Result<Fetched, BoxError>> + Send + Sync + 'static,
    ) -> Self {
        let refreshing = Refreshing { fetch: Box::new(fetch), state: Mutex::default() };
        Self { source: Source::Refreshing(refreshing.into()), credentials: PhantomData }
    }
}

impl<C: Credentials> From<&C> for CredentialSource<C> {
    fn from(credentials: &C) -> Self {
        Self { source: Source::Fixed(credentials.held().into()), credentials: PhantomData }
    }
}

impl Source {
    /// Returns the credentials. Those that were refused or have expired are fetched again.
    pub(super) async fn get(&self, refused: Option<&Held>) -> Result<Held, BoxError> {
        match self {
            Self::Fixed(held) => Ok(Arc::clone(held)),
            Self::Refreshing(refreshing) => refreshing.get(refused).await,
        }
    }

    /// Whether refused credentials can be fetched again.
    pub(super) fn refreshes(&self) -> bool {
        matches!(self, Self::Refreshing(_))
    }
}

impl Refreshing {
    async fn get(&self, refused: Option<&Held>) -> Result<Held, BoxError> {
        let pending = match self.known(refused) {
            Ok(held) => return Ok(held),
            Err(pending) => pending,
        };
        let fetched = pending.clone().await;
        self.change(|state| {
            // The first of the waiting calls keeps what was fetched.
            if state.pending.as_ref().is_some_and(|one| one.ptr_eq(&pending)) {
                state.pending = None;
                state.current = fetched.as_ref().ok().cloned().or(state.current.take());
            }
        });
        Ok(fetched?.held)
    }

    /// Returns the credentials if they are valid, else the fetch of others.
    fn known(&self, refused: Option<&Held>) -> Result<Held, Pending> {
        self.change(|state| {
            let is_valid = |current: &&Fetched| {
                let is_refused = refused.is_some_and(|refused| Arc::ptr_eq(refused, &current.held));
                !is_refused && current.expiry.is_none_or(|expiry| Instant::now() < expiry)
            };
            if let Some(current) = state.current.as_ref().filter(is_valid) {
                return Ok(Arc::clone(&current.held));
            }
            let begin = || {
                let fetch = (self.fetch)();
                async move { fetch.await.map_err(|error| FetchError(error.into())) }.boxed().shared()
            };
            Err(state.pending.get_or_insert_with(begin).clone())
        })
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The error of a fetch, for all calls that wait for it.
#[derive(Clone, Debug)]
struct FetchError(Arc<dyn std::error::Error + Send + Sync>);

impl fmt::Display for FetchError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl std::error::Error for FetchError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

impl<C> fmt::Debug for CredentialSource<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(formatter)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(held) => formatter.debug_list().entries(held.iter().map(|(name, _)| name)).finish(),
            Self::Refreshing(_) => formatter.write_str("refreshing"),
        }
    }
}

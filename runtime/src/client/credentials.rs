//! Where a client gets its credentials: a fixed set, or a function that is called again when they are refused.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::sync::Mutex;

use crate::body::BoxError;
use crate::security::{Credential, Credentials};

/// Credentials, each with the name of its scheme.
type Held = Arc<[(&'static str, Credential)]>;

/// The credentials of a client: fixed, or fetched.
///
/// ```
/// use descant_runtime as rt;
/// use rt::client::CredentialSource;
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
/// # let _: (CredentialSource<Credentials>, CredentialSource<Credentials>) = (fixed, fetched);
/// ```
pub struct CredentialSource<C> {
    pub(super) source: Source,
    credentials: PhantomData<fn() -> C>,
}

/// A source of credentials, without their type.
pub(super) enum Source {
    Fixed(Held),
    Refreshing { fetch: Fetch, current: Mutex<Option<Held>> },
}

type Fetch = Box<dyn Fn() -> BoxFuture<'static, Result<Held, BoxError>> + Send + Sync>;

impl<C: Credentials> CredentialSource<C> {
    /// Fetches credentials before the first call that needs them, and again after a 401, once per call: the call is then
    /// sent again, unless its body is a stream. Concurrent calls wait for one fetch.
    pub fn refreshing<F, E>(fetch: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<C, E>> + Send + 'static,
        E: Into<BoxError>,
    {
        let fetch: Fetch = Box::new(move || {
            let fetched = fetch();
            Box::pin(async move { Ok(fetched.await.map_err(Into::into)?.held().into()) })
        });
        Self { source: Source::Refreshing { fetch, current: Mutex::default() }, credentials: PhantomData }
    }
}

impl<C: Credentials> From<&C> for CredentialSource<C> {
    fn from(credentials: &C) -> Self {
        Self { source: Source::Fixed(credentials.held().into()), credentials: PhantomData }
    }
}

impl Source {
    /// Returns the credentials. Those that were refused are fetched again.
    pub(super) async fn get(&self, refused: Option<&Held>) -> Result<Held, BoxError> {
        let (fetch, current) = match self {
            Self::Fixed(held) => return Ok(Arc::clone(held)),
            Self::Refreshing { fetch, current } => (fetch, current),
        };
        let mut current = current.lock().await;
        if let Some(held) = current.as_ref().filter(|held| !refused.is_some_and(|one| Arc::ptr_eq(one, held)))
        {
            return Ok(Arc::clone(held));
        }
        let fetched = fetch().await?;
        *current = Some(Arc::clone(&fetched));
        Ok(fetched)
    }

    /// Whether refused credentials can be fetched again.
    pub(super) fn refreshes(&self) -> bool {
        matches!(self, Self::Refreshing { .. })
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
            Self::Refreshing { .. } => formatter.write_str("refreshing"),
        }
    }
}

//! Decides which credentials go with a request: those of the first alternative that the client holds in full
//! (OAS 4.8.30), and none where the document asks for none.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::param::Location;
use crate::problem::Fault;
use crate::secret::{Basic, Secret};

/// What an operation asks for: any of these alternatives, of which each names the schemes that it needs together.
///
/// No alternative at all means that nothing is asked for and nothing is sent; an empty one, that anonymous is fine.
pub type Security = &'static [&'static [&'static str]];

/// What a client may present. Implemented by [`credentials!`](crate::credentials), never by hand.
pub trait Credentials {
    /// Those that are there, each with the name of its scheme.
    fn held(&self) -> Vec<(&'static str, Credential)>;
}

/// Of an API that knows no scheme.
impl Credentials for () {
    fn held(&self) -> Vec<(&'static str, Credential)> {
        Vec::new()
    }
}

/// A credential and where it goes.
#[derive(Clone, Debug)]
pub enum Credential {
    /// A header of this name.
    Header(&'static str, Secret),
    /// A query parameter of this name.
    Query(&'static str, Secret),
    /// A cookie of this name.
    Cookie(&'static str, Secret),
    /// `Authorization: Bearer` (RFC 6750), OAuth2 and OpenID Connect too.
    Bearer(Secret),
    /// `Authorization: Basic` (RFC 7617).
    Basic(Basic),
    /// `Authorization` with another scheme; the secret is all that follows its name.
    Scheme(&'static str, Secret),
}

/// Gives a struct of optional credentials its form on the wire.
///
/// ```
/// use descant_runtime as rt;
///
/// #[derive(Clone, Debug, Default)]
/// pub struct Credentials {
///     pub api_key: Option<rt::Secret>,
///     pub session: Option<rt::Secret>,
///     pub oauth: Option<rt::Secret>,
///     pub login: Option<rt::Basic>,
/// }
/// rt::credentials! {
///     Credentials {
///         api_key = "apiKey" Header("X-API-Key"),
///         session = "session" Cookie("sid"),
///         oauth = "oauth" Bearer,
///         login = "login" Basic,
///     }
/// }
/// ```
#[macro_export]
macro_rules! credentials {
    ($name:ident { $($field:ident = $scheme:literal $kind:ident $(($place:literal))?),* $(,)? }) => {
        impl $crate::client::Credentials for $name {
            fn held(&self) -> Vec<(&'static str, $crate::client::Credential)> {
                let held: Vec<Option<(&'static str, $crate::client::Credential)>> = vec![$(
                    self.$field
                        .clone()
                        .map(|secret| ($scheme, $crate::client::Credential::$kind($($place,)? secret))),
                )*];
                held.into_iter().flatten().collect()
            }
        }
    };
}

/// The credentials to present, or `None` where the client lacks one. An alternative that presents something goes
/// before one that does not.
pub(super) fn choose(security: Security, held: &[(&'static str, Credential)]) -> Option<Vec<Credential>> {
    let find = |scheme: &&str| {
        held.iter().find(|(name, _)| name == scheme).map(|(_, credential)| credential.clone())
    };
    let met = |all: &&[&str]| -> Option<Vec<Credential>> { all.iter().map(find).collect() };
    let mut full = security.iter().filter_map(met).filter(|credentials| !credentials.is_empty());
    let anonymous = security.is_empty() || security.iter().any(|all| all.is_empty());
    full.next().or_else(|| anonymous.then(Vec::new))
}

/// Where a request's credentials are put.
#[derive(Default)]
pub(super) struct Placed {
    pub(super) headers: HeaderMap,
    pub(super) query: Vec<String>,
    pub(super) cookies: Vec<String>,
}

impl Placed {
    /// # Errors
    /// Where a secret cannot stand where it must; the fault does not show it.
    pub(super) fn put(&mut self, credential: &Credential) -> Result<(), Fault> {
        match credential {
            Credential::Header(name, secret) => self.header(name, secret.expose()),
            Credential::Query(name, secret) => {
                let pair = encoded(name, secret, Location::Query)?;
                self.query.push(pair);
                Ok(())
            }
            Credential::Cookie(name, secret) => {
                let pair = encoded(name, secret, Location::Cookie)?;
                self.cookies.push(pair);
                Ok(())
            }
            Credential::Bearer(secret) => self.authorization("Bearer", secret.expose()),
            Credential::Basic(Basic { user, password }) => {
                self.authorization("Basic", &STANDARD.encode(format!("{user}:{}", password.expose())))
            }
            Credential::Scheme(scheme, secret) => self.authorization(scheme, secret.expose()),
        }
    }

    fn authorization(&mut self, scheme: &str, text: &str) -> Result<(), Fault> {
        self.header(header::AUTHORIZATION.as_str(), &format!("{scheme} {text}"))
    }

    fn header(&mut self, name: &str, text: &str) -> Result<(), Fault> {
        let wrong =
            || Fault::new("security", "a credential that a header can hold", "…").of(Location::Header, name);
        let key = HeaderName::try_from(name).map_err(|_| wrong())?;
        let mut value = HeaderValue::try_from(text).map_err(|_| wrong())?;
        value.set_sensitive(true);
        self.headers.insert(key, value);
        Ok(())
    }
}

fn encoded(name: &str, secret: &Secret, location: Location) -> Result<String, Fault> {
    let value = serde_json::Value::from(secret.expose());
    match location {
        Location::Cookie => crate::param::encode_cookie(name, &value, crate::param::FORM),
        _ => crate::param::encode_query(name, &value, crate::param::FORM),
    }
}

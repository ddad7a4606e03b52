//! Credentials on the wire, and the requirement that they satisfy (OAS 4.8.30): the first alternative whose schemes are
//! all present, and none if the document requires none.

use http::request::Parts;

use crate::secret::{Basic, Secret};

/// The security of an operation: any of these alternatives suffices, and each names the schemes that it requires.
///
/// Without alternatives nothing is required and nothing is sent; an empty alternative permits anonymous requests.
pub type Security = &'static [&'static [&'static str]];

/// A set of credentials. Implemented by [`credentials!`](crate::credentials), never by hand.
pub trait Credentials: Sized {
    /// Returns the present credentials, each with the name of its scheme.
    fn held(&self) -> Vec<(&'static str, Credential)>;
    /// Returns the credentials of a request, unverified.
    fn presented(parts: &Parts) -> Self;
    /// The challenge of each scheme that has one, by the scheme's name (RFC 9110, 11.6.1).
    const CHALLENGES: &'static [(&'static str, &'static str)];
}

/// Of an API that knows no scheme.
impl Credentials for () {
    const CHALLENGES: &'static [(&'static str, &'static str)] = &[];

    fn held(&self) -> Vec<(&'static str, Credential)> {
        Vec::new()
    }

    fn presented(_: &Parts) -> Self {}
}

/// A credential and its position in a request.
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
    /// `Authorization` with another scheme; the secret is the text after its name.
    Scheme(&'static str, Secret),
}

/// Gives a struct of optional credentials its form on the wire, for the client that sends them and the server that
/// finds them. `challenges` is what a server says with a 401 of each scheme.
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
///     challenges { "oauth" => "Bearer realm=\"Pets\"", "login" => "Basic realm=\"Pets\"" }
/// }
/// ```
#[macro_export]
macro_rules! credentials {
    ($name:ident { $($field:ident = $scheme:literal $kind:ident $(($place:literal))?),* $(,)? }
        $(challenges { $($asked:literal => $challenge:literal),* $(,)? })?) => {
        impl $crate::security::Credentials for $name {
            fn held(&self) -> Vec<(&'static str, $crate::security::Credential)> {
                let held: Vec<Option<(&'static str, $crate::security::Credential)>> = vec![$(
                    self.$field
                        .clone()
                        .map(|secret| ($scheme, $crate::security::Credential::$kind($($place,)? secret))),
                )*];
                held.into_iter().flatten().collect()
            }

            fn presented(parts: &$crate::http::request::Parts) -> Self {
                let _ = parts;
                Self { $($field: $crate::security::find::$kind(parts $(, $place)?)),* }
            }

            const CHALLENGES: &'static [(&'static str, &'static str)] = &[$($(($asked, $challenge)),*)?];
        }
    };
}

/// Returns the alternatives whose credentials are all present; one without credentials comes last.
#[cfg(any(feature = "client", feature = "server"))]
pub(crate) fn met(security: Security, held: &[(&'static str, Credential)]) -> Vec<&'static [&'static str]> {
    let is_held = |scheme: &&str| held.iter().any(|(name, _)| name == scheme);
    let full = security.iter().filter(|all| !all.is_empty() && all.iter().all(is_held)).copied();
    let anonymous = security.is_empty() || security.iter().any(|all| all.is_empty());
    full.chain(anonymous.then_some::<&[&str]>(&[])).collect()
}

/// Returns the credentials of the satisfied alternative.
#[cfg(feature = "client")]
pub(crate) fn choose(security: Security, held: &[(&'static str, Credential)]) -> Option<Vec<Credential>> {
    let find = |scheme: &&str| held.iter().find(|(name, _)| name == scheme);
    let met = met(security, held).into_iter().next()?;
    Some(met.iter().filter_map(find).map(|(_, credential)| credential.clone()).collect())
}

/// Functions that find credentials in a request, with the names of [`credentials!`](crate::credentials).
#[allow(non_snake_case, reason = "they are called as the table calls them")]
pub mod find {
    use base64::alphabet::{STANDARD, URL_SAFE};
    use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
    use base64::{Engine, engine::DecodePaddingMode};
    use http::HeaderMap;
    use http::header::{AUTHORIZATION, COOKIE};
    use http::request::Parts;

    use super::{Basic as Login, Secret};
    use crate::exchange::header_text;
    use crate::param::{FORM, Query, Shape, decode_cookie};

    fn text<'p>(parts: &'p Parts, name: &str) -> Option<&'p str> {
        parts.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A header.
    pub fn Header(parts: &Parts, name: &str) -> Option<Secret> {
        text(parts, name).map(Secret::from)
    }

    /// A query parameter.
    pub fn Query(parts: &Parts, name: &str) -> Option<Secret> {
        in_query(parts.uri.query()?, name).map(Secret::from)
    }

    /// A cookie.
    pub fn Cookie(parts: &Parts, name: &str) -> Option<Secret> {
        in_cookies(&parts.headers, name).map(Secret::from)
    }

    /// The text of a query parameter; `None` where there are two, of which nobody can say which is meant.
    pub fn in_query(query: &str, name: &str) -> Option<String> {
        let value = Query::parse(query).decode(name, FORM, &Shape::STRING).ok()??;
        value.as_str().map(str::to_owned)
    }

    /// The text of a cookie, whichever line of `Cookie` it stands on; `None` where there are two.
    pub fn in_cookies(headers: &HeaderMap, name: &str) -> Option<String> {
        let lines = header_text(headers, COOKIE.as_str(), "; ").ok()??;
        let value = decode_cookie(name, &lines, FORM, &Shape::STRING).ok()??;
        value.as_str().map(str::to_owned)
    }

    /// The text after a scheme, whose name is case-insensitive (RFC 9110, 11.1).
    pub fn Scheme(parts: &Parts, scheme: &str) -> Option<Secret> {
        let (stated, rest) = text(parts, AUTHORIZATION.as_str())?.split_once(' ')?;
        stated.eq_ignore_ascii_case(scheme).then(|| rest.trim_start().into())
    }

    /// A bearer token.
    pub fn Bearer(parts: &Parts) -> Option<Secret> {
        Scheme(parts, "Bearer")
    }

    /// A user and a password, in base64 of either alphabet, padded or not, as in `descant mock`.
    pub fn Basic(parts: &Parts) -> Option<Login> {
        const LENIENT: GeneralPurposeConfig =
            GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let secret = Scheme(parts, "Basic")?;
        let decode = |alphabet| GeneralPurpose::new(alphabet, LENIENT).decode(secret.expose());
        let pair = decode(&STANDARD).or_else(|_| decode(&URL_SAFE)).ok()?;
        let (user, password) = std::str::from_utf8(&pair).ok()?.split_once(':')?;
        Some(Login { user: user.to_owned(), password: password.into() })
    }
}

//! Security schemes and requirements (OAS 4.8.27 to 4.8.30).

use indexmap::IndexMap;

use super::{Location, SchemeSettings, SourceTag};
use crate::source::Origin;

/// The credentials of a request: any of the alternatives suffices (OAS 4.8.30). Without alternatives none is required.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Security {
    /// The alternatives, in the document's order.
    pub alternatives: Vec<Requirement>,
    /// Whether one of the schemes is an HTTP authentication scheme, so that a 401 must have a challenge (RFC 9110, 15.5.2).
    pub has_challenge: bool,
}

/// Schemes that must all be satisfied, with their scopes; without schemes, anonymous requests are allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirement {
    /// The required scopes by name of the scheme.
    pub schemes: IndexMap<String, Vec<String>>,
}

/// A security scheme (OAS 4.8.27).
#[derive(Clone, Debug)]
pub struct SecurityScheme {
    /// The kind of credential.
    pub kind: SchemeKind,
    /// A description in CommonMark.
    pub description: Option<String>,
    /// Whether the scheme is deprecated (3.2).
    pub deprecated: bool,
    /// The source of the statement (`x-source`).
    pub source: Option<SourceTag>,
    /// The scheme's `x-descant`.
    pub descant: SchemeSettings,
    /// The position of the scheme in its file.
    pub origin: Origin,
}

/// The kind of credential of a security scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemeKind {
    /// A key in a header, a query parameter or a cookie.
    ApiKey {
        /// The part of a request that contains the key.
        location: Location,
        /// The name of the header, query parameter or cookie.
        name: String,
    },
    /// HTTP Basic (RFC 7617).
    Basic,
    /// HTTP Bearer (RFC 6750).
    Bearer {
        /// A hint at the format of the token, such as `JWT`.
        format: Option<String>,
    },
    /// Another scheme of the HTTP Authentication Scheme Registry.
    Http {
        /// The name of the scheme, as written.
        scheme: String,
    },
    /// OAuth 2.0.
    OAuth2 {
        /// The flows, in the document's order.
        flows: Vec<OAuthFlow>,
        /// The URL of the authorization server's metadata (3.2, RFC 8414).
        metadata_url: Option<String>,
    },
    /// OpenID Connect.
    OpenIdConnect {
        /// The URL of the discovery document.
        url: String,
    },
    /// A client certificate.
    MutualTls,
}

/// One OAuth2 flow (OAS 4.8.29).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OAuthFlow {
    /// `implicit`, `password`, `clientCredentials`, `authorizationCode` or `deviceAuthorization`.
    pub kind: String,
    /// `authorizationUrl`, or `deviceAuthorizationUrl`.
    pub authorization_url: Option<String>,
    /// The URL of the token endpoint.
    pub token_url: Option<String>,
    /// The URL for refreshing tokens.
    pub refresh_url: Option<String>,
    /// The descriptions of the scopes by name.
    pub scopes: IndexMap<String, String>,
}

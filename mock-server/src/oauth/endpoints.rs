//! The endpoints of the authorization server: paths, purposes and methods.

use descant_model::api::{OAuthFlow, SchemeKind, SecurityScheme};

/// The endpoints of an OpenID provider whose document has nothing but the URL of its metadata.
const AUTHORIZE: &str = "/oauth2/authorize";
const TOKEN: &str = "/oauth2/token";
/// The endpoints of an OpenID provider that no document states.
const USER_INFO: &str = "/oauth2/userinfo";
const END_SESSION: &str = "/oauth2/logout";
/// The path of the keys that tokens are signed with.
pub(super) const KEYS: &str = "/.well-known/jwks.json";
/// The paths of metadata (RFC 8414, 3; OpenID Connect Discovery 1.0, 4).
const METADATA: [&str; 2] = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"];

/// The purpose of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Authorize,
    Token,
    Device,
    Metadata,
    Keys,
    UserInfo,
    EndSession,
}

impl Purpose {
    pub(super) fn methods(self) -> &'static [&'static str] {
        match self {
            Self::Authorize | Self::Metadata | Self::Keys => &["GET", "HEAD"],
            Self::Token => &["POST"],
            Self::UserInfo | Self::EndSession => &["GET", "HEAD", "POST"],
            Self::Device => &["GET", "HEAD", "POST"],
        }
    }
}

/// An endpoint, and the index of the scheme that names it; `None` for all schemes.
pub(super) struct Endpoint {
    pub(super) path: String,
    pub(super) purpose: Purpose,
    pub(super) scheme: Option<usize>,
}

/// The endpoints of an authorization server.
#[derive(Default)]
pub(super) struct Endpoints(Vec<Endpoint>);

impl Endpoints {
    /// Adds the endpoints that a scheme names.
    pub(super) fn add_scheme(&mut self, index: usize, scheme: &SecurityScheme) {
        let (flows, metadata) = match &scheme.kind {
            SchemeKind::OAuth2 { flows, metadata_url, .. } => (&flows[..], metadata_url.as_deref()),
            SchemeKind::OpenIdConnect { url } => (&[][..], Some(url.as_str())),
            _ => return,
        };
        let usual = [(AUTHORIZE.to_owned(), Purpose::Authorize), (TOKEN.to_owned(), Purpose::Token)];
        let usual = usual.into_iter().filter(|_| flows.is_empty());
        let own = flows.iter().flat_map(of_flow).chain(usual);
        let own = own.chain(metadata.map(|url| (path_of(url), Purpose::Metadata)));
        self.0.extend(own.map(|(path, purpose)| Endpoint { path, purpose, scheme: Some(index) }));
    }

    /// Adds the endpoints at well-known paths, and those of an OpenID provider.
    pub(super) fn add_well_known(&mut self, is_open_id: bool) {
        let known = METADATA.map(|path| (path, Purpose::Metadata)).into_iter();
        let known = known.chain([(KEYS, Purpose::Keys)]);
        let provider = [(USER_INFO, Purpose::UserInfo), (END_SESSION, Purpose::EndSession)];
        let known = known.chain(provider.into_iter().filter(|_| is_open_id));
        self.0.extend(known.map(|(path, purpose)| Endpoint { path: path.to_owned(), purpose, scheme: None }));
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Endpoint> {
        self.0.iter()
    }

    /// Returns the path of the first endpoint of a purpose.
    pub(super) fn path(&self, purpose: Purpose) -> Option<&str> {
        self.iter().find(|endpoint| endpoint.purpose == purpose).map(|endpoint| endpoint.path.as_str())
    }
}

/// Returns the endpoints that a flow names.
fn of_flow(flow: &OAuthFlow) -> Vec<(String, Purpose)> {
    let first = if flow.kind == "deviceAuthorization" { Purpose::Device } else { Purpose::Authorize };
    let urls = [
        (&flow.authorization_url, first),
        (&flow.token_url, Purpose::Token),
        (&flow.refresh_url, Purpose::Token),
    ];
    urls.into_iter().filter_map(|(url, purpose)| Some((path_of(url.as_deref()?), purpose))).collect()
}

/// Returns the path of a URL of any host: the mock stands in for it.
fn path_of(url: &str) -> String {
    let rest = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => url,
    };
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    format!("/{}", path.trim_start_matches(['/', '.']))
}

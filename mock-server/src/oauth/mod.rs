//! The authorization server that a document's OAuth2 and OpenID Connect schemes name: where it answers on the mock. Who
//! asks gets what the scheme can grant, in the protocol's own shapes and errors; a path of the document goes first.

mod authorize;
mod form;
mod held;
mod metadata;
mod token;

use std::sync::Arc;

use bytes::Bytes;
use descant_model::api::{Api, OAuthFlow, SchemeKind, SchemeSettings, Verify};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST};
use http::uri::Scheme;
use http::{HeaderValue, StatusCode};
use indexmap::IndexMap;
use serde_json::{Value, json};

use crate::{Mock, Request, Response};
pub(crate) use held::Held;
use held::Kept;

/// Where an OpenID provider answers whose document states nothing but its metadata.
const AUTHORIZE: &str = "/oauth2/authorize";
const TOKEN: &str = "/oauth2/token";
/// The keys that its tokens are signed with.
const KEYS: &str = "/.well-known/jwks.json";
/// Where metadata are looked for (RFC 8414, 3; OpenID Connect Discovery 1.0, 4).
const METADATA: [&str; 2] = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"];

/// What an endpoint is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Endpoint {
    Authorize,
    Token,
    Device,
    Metadata,
    Keys,
}

impl Endpoint {
    fn methods(self) -> &'static [&'static str] {
        match self {
            Endpoint::Authorize | Endpoint::Metadata | Endpoint::Keys => &["GET", "HEAD"],
            Endpoint::Token => &["POST"],
            Endpoint::Device => &["GET", "HEAD", "POST"],
        }
    }
}

/// A scheme that grants by protocol.
struct Granting {
    name: String,
    flows: Vec<OAuthFlow>,
    /// An OpenID Connect scheme lists neither flows nor scopes: it grants by each, and whatever is asked for.
    is_open_id: bool,
    /// Its tokens are JWT, signed with a key that it shares with who checks them.
    signer: Option<jsonwebtoken::EncodingKey>,
}

/// Where an endpoint is, and for which of the schemes; `None`: for all.
struct Place {
    path: String,
    endpoint: Endpoint,
    scheme: Option<usize>,
}

/// The authorization server of a document.
pub(crate) struct Authority {
    endpoints: Vec<Place>,
    schemes: Vec<Granting>,
    pub(crate) held: Arc<Held>,
}

impl Authority {
    /// What the schemes of a document ask for; `environment` answers for the variables that hold keys.
    pub(crate) fn new(api: &Api, environment: &dyn Fn(&str) -> Option<String>) -> Self {
        let mut schemes: Vec<Granting> = Vec::new();
        let mut endpoints = Vec::new();
        for (name, scheme) in &api.security_schemes {
            let metadata = match &scheme.kind {
                SchemeKind::OAuth2 { metadata_url, .. } => metadata_url.as_deref(),
                SchemeKind::OpenIdConnect { url } => Some(url.as_str()),
                _ => continue,
            };
            // What a Fernet token holds no client may know.
            if scheme.descant.verify == Verify::Fernet {
                continue;
            }
            let flows = if let SchemeKind::OAuth2 { flows, .. } = &scheme.kind { &flows[..] } else { &[] };
            let usual = [(AUTHORIZE.to_owned(), Endpoint::Authorize), (TOKEN.to_owned(), Endpoint::Token)];
            let usual = usual.into_iter().filter(|_| flows.is_empty());
            let own = flows.iter().flat_map(of_flow).chain(usual);
            let own = own.chain(metadata.map(|url| (path(url), Endpoint::Metadata)));
            let at = Some(schemes.len());
            endpoints.extend(own.map(|(path, endpoint)| Place { path, endpoint, scheme: at }));
            schemes.push(Granting {
                name: name.clone(),
                flows: flows.to_vec(),
                is_open_id: flows.is_empty(),
                signer: signer(&scheme.descant, environment),
            });
        }
        if !schemes.is_empty() {
            let known = METADATA.map(|path| (path, Endpoint::Metadata)).into_iter();
            let known = known.chain([(KEYS, Endpoint::Keys)]);
            endpoints.extend(known.map(|(path, endpoint)| Place {
                path: path.to_owned(),
                endpoint,
                scheme: None,
            }));
        }
        Self { endpoints, schemes, held: Arc::default() }
    }

    /// The methods that a target has here.
    pub(crate) fn methods(&self, target: &str) -> Vec<&'static str> {
        let path = target.split('?').next().unwrap_or_default();
        let here = self.endpoints.iter().filter(|place| place.path == path);
        here.flat_map(|place| place.endpoint.methods()).copied().collect()
    }

    /// Answers a request for a target below the mock's base paths; `None`: it is for nothing here.
    pub(crate) fn answer(&self, mock: &Mock, request: &Request, target: &str) -> Option<Response> {
        let path = target.split('?').next().unwrap_or_default();
        let method = request.method().as_str();
        let fits = |place: &&Place| place.path == path && place.endpoint.methods().contains(&method);
        let endpoint = self.endpoints.iter().find(fits)?.endpoint;
        let desk = self.desk(mock, |place| place.path == path && place.endpoint == endpoint);
        let base = base(request, target);
        Some(match endpoint {
            Endpoint::Authorize => authorize::answer(&desk, request),
            Endpoint::Token => token::answer(&desk, request, &base),
            Endpoint::Device if method == "POST" => token::device(&desk, request, &format!("{base}{path}")),
            Endpoint::Device => token::approve(&desk, request),
            Endpoint::Metadata => {
                json_response(StatusCode::OK, &metadata::of(&self.desk(mock, |_| true), &base))
            }
            Endpoint::Keys => json_response(StatusCode::OK, &metadata::keys(mock.seed())),
        })
    }

    fn desk<'a>(&'a self, mock: &'a Mock, has: impl Fn(&Place) -> bool) -> Desk<'a> {
        let mut indices: Vec<_> =
            self.endpoints.iter().filter(|place| has(place)).filter_map(|it| it.scheme).collect();
        indices.sort_unstable();
        indices.dedup();
        let schemes = indices.into_iter().filter_map(|at| self.schemes.get(at)).collect();
        Desk { authority: self, mock, schemes }
    }

    /// The path of the first endpoint of a kind.
    fn path(&self, wanted: Endpoint) -> Option<&str> {
        self.endpoints.iter().find(|place| place.endpoint == wanted).map(|place| place.path.as_str())
    }

    /// Forgets what was granted.
    pub(crate) fn reset(&self) {
        self.held.clear();
    }
}

/// An endpoint with the schemes that name it.
struct Desk<'a> {
    authority: &'a Authority,
    mock: &'a Mock,
    schemes: Vec<&'a Granting>,
}

impl<'a> Desk<'a> {
    /// The schemes that grant by a flow, each with the scopes that it has; `None`: any.
    fn granting(&self, flow: &str) -> Vec<(&'a Granting, Option<&'a IndexMap<String, String>>)> {
        let by_flow = |scheme: &'a Granting| match scheme.is_open_id {
            true => Some(None),
            false => scheme.flows.iter().find(|it| it.kind == flow).map(|it| Some(&it.scopes)),
        };
        self.schemes.iter().filter_map(|scheme| Some((*scheme, by_flow(scheme)?))).collect()
    }

    /// The scopes that are granted of those that are asked for; all where none is.
    fn scopes(&self, flow: &str, asked: Option<&str>) -> Result<Vec<String>, Fault> {
        let granting = self.granting(flow);
        let known =
            |scope: &str| granting.iter().any(|(_, known)| known.is_none_or(|it| it.contains_key(scope)));
        let Some(asked) = asked else {
            return Ok(granting.iter().filter_map(|(_, it)| *it).flat_map(|it| it.keys().cloned()).collect());
        };
        match asked.split_whitespace().find(|scope| !known(scope)) {
            Some(unknown) => Err(Fault::new("invalid_scope", format!("no flow grants `{unknown}`"))),
            None => Ok(asked.split_whitespace().map(str::to_owned).collect()),
        }
    }

    /// Whose name a grant bears where nobody logs in: the first user that the schemes know, else `user`.
    fn user(&self, wanted: Option<&str>) -> String {
        let known = self.schemes.iter().flat_map(|it| self.mock.credentials().list(&it.name));
        let known: Vec<_> = known.filter_map(|credential| credential.user).collect();
        let wanted = wanted.filter(|wanted| known.is_empty() || known.iter().any(|user| user == wanted));
        wanted.map(str::to_owned).or_else(|| known.into_iter().next()).unwrap_or_else(|| "user".to_owned())
    }

    /// Keeps something to be redeemed later, under a text that names it.
    fn keep(&self, what: &str, kept: Kept) -> String {
        self.authority.held.keep(self.mock.seed(), what, kept)
    }
}

/// What signs a scheme's tokens, where those are JWT.
fn signer(
    settings: &SchemeSettings,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Option<jsonwebtoken::EncodingKey> {
    let source = settings.key.as_ref().filter(|_| settings.verify == Verify::Jwt)?;
    let key = source.env.as_deref().and_then(environment).or_else(|| source.default.clone())?;
    Some(jsonwebtoken::EncodingKey::from_secret(key.as_bytes()))
}

/// The endpoints that a flow names.
fn of_flow(flow: &OAuthFlow) -> Vec<(String, Endpoint)> {
    let first = if flow.kind == "deviceAuthorization" { Endpoint::Device } else { Endpoint::Authorize };
    let urls = [
        (&flow.authorization_url, first),
        (&flow.token_url, Endpoint::Token),
        (&flow.refresh_url, Endpoint::Token),
    ];
    urls.into_iter().filter_map(|(url, endpoint)| Some((path(url.as_deref()?), endpoint))).collect()
}

/// The path of a URL, whatever its host: the mock stands in for it.
fn path(url: &str) -> String {
    let rest = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => url,
    };
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    format!("/{}", path.trim_start_matches(['/', '.']))
}

/// Where the caller reaches the mock, without the target: `http://127.0.0.1:4010/v2`.
fn base(request: &Request, target: &str) -> String {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let scheme = request.extensions().get::<Scheme>().map_or("http", Scheme::as_str);
    let sent = request.uri().path_and_query().map_or("", |sent| sent.as_str());
    format!("{scheme}://{host}{}", sent.strip_suffix(target).unwrap_or_default())
}

/// What went wrong, in the words of RFC 6749, 5.2.
struct Fault {
    code: &'static str,
    detail: String,
}

impl Fault {
    fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    fn into_response(self) -> Response {
        let status = match self.code {
            "invalid_client" => StatusCode::UNAUTHORIZED,
            _ => StatusCode::BAD_REQUEST,
        };
        let mut response =
            json_response(status, &json!({"error": self.code, "error_description": self.detail}));
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Basic realm=\"token\", charset=\"UTF-8\"");
            response.headers_mut().insert(http::header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// A response that no cache keeps (RFC 6749, 5.1).
fn json_response(status: StatusCode, value: &Value) -> Response {
    let mut response = Response::new(Bytes::from(value.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

//! Dispatches requests to the endpoints of the authorization server.

use std::sync::Arc;

use descant_model::api::Api;
use http::StatusCode;
use http::uri::{self, Scheme};

use super::endpoints::{Endpoint, Endpoints, Purpose};
use super::error::json_response;
use super::grant_store::GrantStore;
use super::schemes::{GrantContext, GrantingScheme};
use super::{authorize, end_session, id_token, metadata, token, user_info};
use crate::auth::Credentials;
use crate::vocabulary::host::{host_of, is_own_host};
use crate::vocabulary::message::{self, Request, Response};
use crate::vocabulary::settings::Settings;

/// The authorization server of a document. A clone has the same grants.
#[derive(Clone)]
pub(crate) struct Authority {
    endpoints: Arc<Endpoints>,
    schemes: Arc<[GrantingScheme]>,
    grants: Arc<GrantStore>,
    /// The origin that tokens and metadata name; `None`: that of the request.
    issuer: Option<String>,
    /// The names of the mock's own host.
    hosts: Vec<String>,
    /// Whether people log in at a page, even if the client does not ask for it.
    asks: bool,
}

impl Authority {
    /// Compiles the schemes of a document; `environment` returns the variables that hold keys.
    pub(crate) fn new(api: &Api, environment: &dyn Fn(&str) -> Option<String>) -> Self {
        let (mut schemes, mut endpoints) = (Vec::new(), Endpoints::default());
        for (name, scheme) in &api.security_schemes {
            if let Some(granting) = GrantingScheme::new(name, scheme, environment) {
                endpoints.add_scheme(schemes.len(), scheme);
                schemes.push(granting);
            }
        }
        if !schemes.is_empty() {
            endpoints.add_well_known(schemes.iter().any(GrantingScheme::knows_open_id));
        }
        let (endpoints, schemes) = (Arc::new(endpoints), schemes.into());
        Self { endpoints, schemes, grants: Arc::default(), issuer: None, hosts: Vec::new(), asks: false }
    }

    /// Returns a server of the same document with grants of its own.
    pub(crate) fn separate(&self) -> Self {
        let (endpoints, schemes) = (self.endpoints.clone(), self.schemes.clone());
        Self {
            endpoints,
            schemes,
            grants: Arc::default(),
            issuer: self.issuer.clone(),
            hosts: self.hosts.clone(),
            asks: self.asks,
        }
    }

    /// Applies the settings of its names.
    #[must_use]
    pub(crate) fn with_settings(self, settings: &Settings) -> Self {
        let issuer = settings.issuer.as_deref().map(|url| url.trim_end_matches('/').to_owned());
        Self { issuer, hosts: settings.hosts.clone(), asks: settings.login_page, ..self }
    }

    /// Takes over the grants of the server of a document that this one replaces.
    pub(crate) fn replace(&mut self, before: &Self) {
        self.grants = before.grants.clone();
    }

    /// Returns the methods of a target.
    pub(crate) fn methods(&self, target: &str) -> Vec<&'static str> {
        let path = target.split('?').next().unwrap_or_default();
        let here = self.endpoints.iter().filter(|endpoint| endpoint.path == path);
        here.flat_map(|endpoint| endpoint.purpose.methods()).copied().collect()
    }

    /// Answers a request for a target without base path; `None` where it has no endpoint.
    pub(crate) fn answer(
        &self,
        credentials: &Credentials,
        seed: u64,
        request: &Request,
        target: &str,
    ) -> Option<Response> {
        let path = target.split('?').next().unwrap_or_default();
        let method = request.method().as_str();
        let fits = |it: &&Endpoint| it.path == path && it.purpose.methods().contains(&method);
        let purpose = self.endpoints.iter().find(fits)?.purpose;
        let context = |has: &dyn Fn(&Endpoint) -> bool| GrantContext {
            schemes: self.schemes_of(has),
            grants: &self.grants,
            credentials,
            seed,
        };
        let own = context(&|endpoint| endpoint.path == path && endpoint.purpose == purpose);
        let origin = self.issuer.clone().unwrap_or_else(|| origin(request, &self.hosts));
        let base = format!("{origin}{}", message::target(request).strip_suffix(target).unwrap_or_default());
        Some(match purpose {
            Purpose::Authorize => authorize::answer(&own, request, self.asks),
            Purpose::UserInfo => user_info::answer(&context(&|_| true), request, &base),
            Purpose::EndSession => end_session::answer(&context(&|_| true), request),
            Purpose::Token => token::answer(&own, request, &base),
            Purpose::Device if method == "POST" => token::device(&own, request, &format!("{base}{path}")),
            Purpose::Device => token::approve(&own, request),
            Purpose::Metadata => {
                let metadata = metadata::of(&context(&|_| true), &self.endpoints, &base);
                json_response(StatusCode::OK, &metadata)
            }
            Purpose::Keys => json_response(StatusCode::OK, &id_token::keys(seed)),
        })
    }

    /// Returns the schemes that name an endpoint.
    fn schemes_of(&self, has: &dyn Fn(&Endpoint) -> bool) -> Vec<&GrantingScheme> {
        let endpoints = self.endpoints.iter().filter(|endpoint| has(endpoint));
        let mut indices: Vec<_> = endpoints.filter_map(|endpoint| endpoint.scheme).collect();
        indices.sort_unstable();
        indices.dedup();
        indices.into_iter().filter_map(|at| self.schemes.get(at)).collect()
    }

    /// Removes all grants.
    pub(crate) fn reset(&self) {
        self.grants.clear();
    }
}

/// Returns the origin that the caller reaches the mock by: `http://127.0.0.1:4010`. A `Host` that is not the mock's own is
/// the caller's word alone: tokens name `localhost` in its place.
fn origin(request: &Request, names: &[String]) -> String {
    let scheme = request.extensions().get::<Scheme>().map_or("http", Scheme::as_str);
    let host = host_of(request);
    match host.as_ref().filter(|host| is_own_host(host, names)) {
        Some(host) => format!("{scheme}://{host}"),
        None => {
            let port = host.as_ref().and_then(uri::Authority::port_u16);
            format!("{scheme}://localhost{}", port.map(|port| format!(":{port}")).unwrap_or_default())
        }
    }
}

//! Dispatches requests to the endpoints of the authorization server.

use std::sync::Arc;

use descant_model::api::Api;
use http::StatusCode;
use http::header::HOST;
use http::uri::Scheme;

use super::endpoints::{Endpoint, Endpoints, Purpose};
use super::error::json_response;
use super::grant_store::GrantStore;
use super::schemes::{GrantContext, GrantingScheme};
use super::{authorize, id_token, metadata, token};
use crate::auth::Credentials;
use crate::vocabulary::message::{self, Request, Response};

/// The authorization server of a document.
pub(crate) struct Authority {
    endpoints: Endpoints,
    schemes: Vec<GrantingScheme>,
    grants: Arc<GrantStore>,
    /// The origin that tokens and metadata name; `None`: that of the request.
    issuer: Option<String>,
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
            endpoints.add_well_known();
        }
        Self { endpoints, schemes, grants: Arc::default(), issuer: None }
    }

    /// Sets the origin that tokens and metadata name.
    pub(crate) fn set_issuer(&mut self, issuer: Option<&str>) {
        self.issuer = issuer.map(|url| url.trim_end_matches('/').to_owned());
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
        let origin = self.issuer.clone().unwrap_or_else(|| origin(request));
        let base = format!("{origin}{}", message::target(request).strip_suffix(target).unwrap_or_default());
        Some(match purpose {
            Purpose::Authorize => authorize::answer(&own, request),
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

/// Returns the origin that the caller reaches the mock by: `http://127.0.0.1:4010`. A `Host` that is neither `localhost`
/// nor an address is the caller's word alone: tokens name `localhost` in its place.
fn origin(request: &Request) -> String {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let authority = host.parse::<http::uri::Authority>().ok();
    let name = authority.as_ref().map_or("", http::uri::Authority::host);
    let is_own = name.eq_ignore_ascii_case("localhost")
        || name.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
    let port = authority.as_ref().and_then(http::uri::Authority::port_u16);
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    let host = if is_own { host.to_owned() } else { format!("localhost{port}") };
    let scheme = request.extensions().get::<Scheme>().map_or("http", Scheme::as_str);
    format!("{scheme}://{host}")
}

//! Security schemes, and the combinations of them that operations ask for.

use descant_model::api::{self, Api, Location, SchemeKind};

use super::docs::Docs;
use super::http::{Scheme, Security, TokenUrl};
use super::names::{Case, Scope};

/// Each combination once.
#[derive(Default)]
pub(super) struct Securities {
    known: Vec<Vec<Vec<String>>>,
}

impl Securities {
    /// The index of what an operation asks for. A client certificate is the HTTP client's business, so it is left out.
    pub(super) fn add(&mut self, api: &Api, security: &api::Security) -> usize {
        let presented = |name: &&String| {
            api.security_schemes.get(*name).is_some_and(|scheme| scheme.kind != SchemeKind::MutualTls)
        };
        let alternatives = security.alternatives.iter();
        let alternatives: Vec<Vec<String>> = alternatives
            .map(|requirement| requirement.schemes.keys().filter(presented).cloned().collect())
            .collect();
        self.known.iter().position(|known| *known == alternatives).unwrap_or_else(|| {
            self.known.push(alternatives);
            self.known.len() - 1
        })
    }

    /// Names them: `TOKEN_OR_API_KEY_AND_USER`.
    pub(super) fn finish(self) -> Vec<Security> {
        let text = |alternatives: &Vec<Vec<String>>| {
            let words = |schemes: &Vec<String>| match schemes.is_empty() {
                true => "anyone".to_owned(),
                false => schemes.join(" and "),
            };
            match alternatives.is_empty() {
                true => "anyone".to_owned(),
                false => alternatives.iter().map(words).collect::<Vec<_>>().join(" or "),
            }
        };
        let texts: Vec<String> = self.known.iter().map(text).collect();
        let names = Scope::default().names(&texts, Case::Constant);
        let known = self.known.into_iter().zip(names);
        known.map(|(alternatives, name)| Security { name, alternatives }).collect()
    }
}

/// Every scheme, in the document's order; `securities` are in the same module.
pub(super) fn schemes(api: &Api, securities: &[Security]) -> Vec<Scheme> {
    let taken: Vec<String> = securities.iter().map(|security| security.name.to_string()).collect();
    let mut constants = Scope::with(taken.iter().map(String::as_str));
    let keys: Vec<String> = api.security_schemes.keys().cloned().collect();
    let names = Scope::default().names(&keys, Case::Snake);
    let schemes = api.security_schemes.iter().zip(names).map(|((key, scheme), name)| {
        let mut docs = Docs::new(&scheme_docs(&scheme.kind));
        docs.add_some(scheme.description.as_deref());
        let challenge = scheme.challenge(&api.info.title);
        let token_urls = token_urls(key, &scheme.kind, &mut constants);
        Scheme { name, key: key.clone(), docs, kind: scheme.kind.clone(), challenge, token_urls }
    });
    schemes.collect()
}

/// The URLs of a scheme's flows (OAS 4.8.29): where tokens are requested, and where they are refreshed if that is elsewhere.
fn token_urls(key: &str, kind: &SchemeKind, constants: &mut Scope) -> Vec<TokenUrl> {
    let SchemeKind::OAuth2 { flows, .. } = kind else { return Vec::new() };
    let own = flows.iter().filter(|flow| flow.kind == "clientCredentials").chain(flows);
    let token = own.clone().find_map(|flow| flow.token_url.as_ref());
    let refresh = own.clone().find_map(|flow| flow.refresh_url.as_ref()).filter(|url| Some(*url) != token);
    let urls =
        [("token", "Where tokens are requested", token), ("refresh", "Where tokens are refreshed", refresh)];
    let constant = |(word, line, url): (&str, &str, Option<&String>)| {
        let name = constants.name(&format!("{key} {word} url"), Case::Constant);
        Some(TokenUrl { name, docs: Docs::new(&format!("{line}: `{key}`.")), url: url?.clone() })
    };
    urls.into_iter().filter_map(constant).collect()
}

fn scheme_docs(kind: &SchemeKind) -> String {
    match kind {
        SchemeKind::ApiKey { location: Location::Query, name } => {
            format!("A key in the query parameter `{name}`.")
        }
        SchemeKind::ApiKey { location: Location::Cookie, name } => format!("A key in the cookie `{name}`."),
        SchemeKind::ApiKey { name, .. } => format!("A key in the header `{name}`."),
        SchemeKind::Basic => "User and password (RFC 7617).".to_owned(),
        SchemeKind::Bearer { .. } => "A bearer token (RFC 6750).".to_owned(),
        SchemeKind::Http { scheme } => format!("What stands behind `{scheme}` in `Authorization`."),
        SchemeKind::OAuth2 { .. } => "An OAuth 2 access token.".to_owned(),
        SchemeKind::OpenIdConnect { .. } => "An OpenID Connect access token.".to_owned(),
        SchemeKind::MutualTls => "A client certificate, which the HTTP client presents.".to_owned(),
    }
}

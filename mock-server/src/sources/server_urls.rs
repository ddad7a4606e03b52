//! Replaces the document's server URLs in responses by the mock's own address, so that hypermedia clients stay with it.

use descant_exchange::Schemas;
use descant_model::api::{Api, Operation, Server};
use descant_schema::PICTURES;
use http::HeaderValue;
use http::header::{CONTENT_LOCATION, LINK, LOCATION};
use http::uri::Authority;

use super::response_validation::violation;
use crate::vocabulary::host::host_of;
use crate::vocabulary::message::{self, INTERFACE, Request, Response};
use crate::vocabulary::settings::ServerUrls;

/// The server URLs of a document.
pub(crate) struct ServerAddresses {
    /// Each as its URL and the path of it: `https://api.example.com/v2`, `/v2`; and the address of sampled pictures. The
    /// longest first.
    servers: Vec<(String, String)>,
}

impl ServerAddresses {
    /// Lists the servers of a document that have an absolute URL.
    pub(crate) fn new(api: &Api) -> Self {
        let pictures =
            (PICTURES.to_owned(), format!("{INTERFACE}{}", message::PICTURES.trim_end_matches('/')));
        let of_operations = api.operations.iter().flat_map(|operation| operation.servers.iter());
        let mut servers: Vec<_> =
            of_operations.chain(api.servers.iter()).filter_map(parts).chain([pictures]).collect();
        servers.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b)));
        servers.dedup();
        Self { servers }
    }

    /// Replaces the URLs in body and header fields of a response to an operation, unless that would make it invalid.
    pub(crate) fn localize(
        &self,
        (urls, prefix): (ServerUrls, &str),
        (schemas, operation): (&Schemas, &Operation),
        request: &Request,
        response: &mut Response,
    ) {
        let scheme = match urls {
            ServerUrls::Own => "http",
            ServerUrls::OwnByTls => "https",
            ServerUrls::Verbatim => return,
        };
        let Some(host) = host(request) else { return };
        let own = format!("{scheme}://{host}{prefix}");
        if let Some(body) =
            std::str::from_utf8(response.body()).ok().and_then(|body| self.replaced(body, &own))
        {
            let mut localized = response.clone();
            *localized.body_mut() = body.into();
            if violation(schemas, operation, &localized).is_none() {
                *response = localized;
            }
        }
        for name in [LOCATION, CONTENT_LOCATION, LINK] {
            let value = response.headers().get(&name).and_then(|value| value.to_str().ok());
            let value = value.and_then(|text| HeaderValue::try_from(self.replaced(text, &own)?).ok());
            value.into_iter().for_each(|value| _ = response.headers_mut().insert(&name, value));
        }
    }

    /// Returns a text with the address `own` in place of each server's origin; `None` where no server occurs.
    fn replaced(&self, text: &str, own: &str) -> Option<String> {
        let mut replaced = None;
        for (url, path) in &self.servers {
            let known: &str = replaced.as_deref().unwrap_or(text);
            if known.contains(url) {
                replaced = Some(replace(known, url, &[own, path].concat()));
            }
        }
        replaced
    }
}

/// Replaces a URL where it ends, or a path, a query or a fragment follows.
fn replace(text: &str, url: &str, by: &str) -> String {
    let mut pieces = text.split(url);
    let mut replaced = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let goes_on = piece.starts_with(|next: char| next.is_alphanumeric() || "-_.~%:@".contains(next));
        replaced.push_str(if goes_on { url } else { by });
        replaced.push_str(piece);
    }
    replaced
}

/// Returns a server's absolute URL without a slash at its end, and the path of it; variables have their defaults (OAS 4.8.5).
fn parts(server: &Server) -> Option<(String, String)> {
    let mut url = server.url.clone();
    for (name, variable) in &server.variables {
        url = url.replace(&format!("{{{name}}}"), &variable.default);
    }
    let (scheme, rest) = url.split_once("://").filter(|(scheme, _)| scheme.starts_with("http"))?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let is_known = !authority.is_empty() && !url.contains(['{', '?', '#']);
    let path = path.trim_end_matches('/');
    is_known.then(|| (format!("{scheme}://{authority}{path}"), path.to_owned()))
}

/// Returns the host and port that a request was sent to, where no character has a meaning in a body.
fn host(request: &Request) -> Option<Authority> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
    let host = host_of(request).or_else(|| request.uri().authority().cloned())?;
    host.as_str().chars().all(is_part).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_url_is_replaced_where_it_ends() {
        let servers = vec![
            ("https://api.example.com/v2".to_owned(), "/v2".to_owned()),
            ("https://api.example.com".to_owned(), String::new()),
        ];
        let addresses = ServerAddresses { servers };
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(addresses.replaced(text, "http://mock:1").as_deref(), expected, "{text}");
        };
        check("https://api.example.com/v2/pets", Some("http://mock:1/v2/pets"));
        check(
            r#"["https://api.example.com","https://api.example.com/v2?a"]"#,
            Some(r#"["http://mock:1","http://mock:1/v2?a"]"#),
        );
        check("https://api.example.com.evil/x", Some("https://api.example.com.evil/x"));
        check("https://other.example.com/", None);
    }
}

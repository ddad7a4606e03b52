//! Parses the parameters of a request to the authorization server, from its query or body, and its client.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use descant_runtime::media::essence;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use indexmap::IndexMap;

use super::error::OAuthError;
use crate::vocabulary::message::Request;

/// The number of parameters that are read.
const MAX_PARAMETERS: usize = 100;
/// The bytes of all parameters: grants store some of them.
const MAX_BYTES: usize = 16 * 1024;

/// The parameters of a request, each at most once; an empty one counts as absent (RFC 6749, 3.1 and 3.2).
pub(super) struct Form(IndexMap<String, String>);

/// The client of a request.
pub(super) struct Client {
    pub(super) id: String,
    pub(super) secret: Option<String>,
}

impl Form {
    pub(super) fn query(request: &Request) -> Result<Self, OAuthError> {
        Self::read(request.uri().query().unwrap_or_default().as_bytes())
    }

    pub(super) fn body(request: &Request) -> Result<Self, OAuthError> {
        let media = request.headers().get(CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
        if !essence(media).eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            let detail = "the body is to be `application/x-www-form-urlencoded`";
            return Err(OAuthError::new("invalid_request", detail));
        }
        Self::read(request.body())
    }

    fn read(text: &[u8]) -> Result<Self, OAuthError> {
        if text.len() > MAX_BYTES {
            return Err(OAuthError::new(
                "invalid_request",
                format!("more than {MAX_BYTES} bytes of parameters"),
            ));
        }
        let mut form = IndexMap::new();
        for (name, value) in
            form_urlencoded::parse(text).take(MAX_PARAMETERS).filter(|(_, value)| !value.is_empty())
        {
            if let (at, Some(_)) = form.insert_full(name.into_owned(), value.into_owned()) {
                let name = form.get_index(at).map_or("", |(name, _)| name.as_str());
                return Err(OAuthError::new("invalid_request", format!("`{name}` is there more than once")));
            }
        }
        Ok(Self(form))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn need(&self, name: &str) -> Result<&str, OAuthError> {
        self.get(name).ok_or_else(|| OAuthError::new("invalid_request", format!("`{name}` is missing")))
    }

    /// Returns the client, by HTTP Basic or by the parameters (RFC 6749, 2.3.1). Every client is registered.
    pub(super) fn client(&self, request: &Request) -> Result<Client, OAuthError> {
        let unknown = |detail: &str| OAuthError::new("invalid_client", detail);
        let Some(header) = request.headers().get(AUTHORIZATION) else {
            let id = self
                .get("client_id")
                .ok_or_else(|| unknown("neither `client_id` nor HTTP Basic is there"))?;
            return Ok(Client { id: id.to_owned(), secret: self.get("client_secret").map(str::to_owned) });
        };
        let encoded = header.to_str().ok().and_then(|text| text.split_once(' '));
        let encoded = encoded.filter(|(word, _)| word.eq_ignore_ascii_case("basic"));
        let plain = encoded.and_then(|(_, encoded)| BASE64_STANDARD.decode(encoded.trim()).ok());
        let pair = plain.and_then(|plain| String::from_utf8(plain).ok());
        let pair = pair.as_deref().and_then(|pair| pair.split_once(':'));
        let (id, secret) = pair.ok_or_else(|| unknown("`authorization` is not HTTP Basic of `id:secret`"))?;
        Ok(Client { id: decoded(id), secret: Some(decoded(secret)).filter(|secret| !secret.is_empty()) })
    }
}

/// Decodes a half of the pair, which is encoded as in a form.
fn decoded(text: &str) -> String {
    let pair = format!("={text}");
    form_urlencoded::parse(pair.as_bytes()).next().map_or_else(String::new, |(_, value)| value.into_owned())
}

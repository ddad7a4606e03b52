//! The parameters of a request to the authorization server, from its query or its body, and which client sends them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use indexmap::IndexMap;

use super::Fault;
use crate::Request;

/// The most parameters that are read.
const MOST: usize = 100;
/// The most bytes of them all: what is granted keeps some.
const BYTES: usize = 16 * 1024;

/// Parameters, each at most once (RFC 6749, 3.1 and 3.2); an empty one counts as left out.
pub(super) struct Form(IndexMap<String, String>);

/// Who asks.
pub(super) struct Client {
    pub(super) id: String,
    pub(super) secret: Option<String>,
}

impl Form {
    pub(super) fn query(request: &Request) -> Result<Self, Fault> {
        Self::read(request.uri().query().unwrap_or_default().as_bytes())
    }

    pub(super) fn body(request: &Request) -> Result<Self, Fault> {
        let media = request.headers().get(CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
        let media = media.split(';').next().unwrap_or_default().trim();
        if !media.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            let detail = "the body is to be `application/x-www-form-urlencoded`";
            return Err(Fault::new("invalid_request", detail));
        }
        Self::read(request.body())
    }

    fn read(text: &[u8]) -> Result<Self, Fault> {
        if text.len() > BYTES {
            return Err(Fault::new("invalid_request", format!("more than {BYTES} bytes of parameters")));
        }
        let mut form = IndexMap::new();
        for (name, value) in form_urlencoded::parse(text).take(MOST).filter(|(_, value)| !value.is_empty()) {
            if let (at, Some(_)) = form.insert_full(name.into_owned(), value.into_owned()) {
                let name = form.get_index(at).map_or("", |(name, _)| name.as_str());
                return Err(Fault::new("invalid_request", format!("`{name}` is there more than once")));
            }
        }
        Ok(Self(form))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn need(&self, name: &str) -> Result<&str, Fault> {
        self.get(name).ok_or_else(|| Fault::new("invalid_request", format!("`{name}` is missing")))
    }

    /// Who asks: by HTTP Basic, or by the parameters (RFC 6749, 2.3.1). Any client is known.
    pub(super) fn client(&self, request: &Request) -> Result<Client, Fault> {
        let unknown = |detail: &str| Fault::new("invalid_client", detail);
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

/// Both halves of the pair are written as in a form.
fn decoded(text: &str) -> String {
    let pair = format!("={text}");
    form_urlencoded::parse(pair.as_bytes()).next().map_or_else(String::new, |(_, value)| value.into_owned())
}

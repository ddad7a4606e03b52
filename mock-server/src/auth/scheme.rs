//! One security scheme: where requests have its credential, in which forms, and what it grants.

use descant_model::api::{
    Credential, CredentialStatus, KeySource, Location, SchemeKind, SecurityScheme, Verify,
};
use descant_runtime::security::find;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};

use super::principal::Grant;
use super::store::{Credentials, Found};
use super::verify::{Claim, Verifier};
use crate::vocabulary::message::Request;

/// A compiled security scheme.
pub(crate) struct Scheme {
    pub(crate) name: String,
    /// The `WWW-Authenticate` value of a 401 by this scheme.
    pub(crate) challenge: Option<HeaderValue>,
    source: CredentialSource,
    /// Whether it accepts credentials at all.
    enabled: bool,
    /// The texts before and after the credential, of each form.
    forms: Vec<(String, String)>,
    verifier: Verifier,
}

/// Where a request has a credential.
enum CredentialSource {
    Header(HeaderName),
    Query(String),
    Cookie(String),
    /// After this word in `Authorization` (RFC 9110, 11.6.2).
    Authorization(String),
    /// In the TLS handshake, which the mock does not see: every connection is accepted.
    Connection,
    /// In a header field whose name is invalid: no request can present it.
    Nowhere,
}

/// Why a scheme refuses a request.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) forbidden: bool,
    /// Whether the scheme would accept any credential, and the request has none.
    pub(crate) accepts_any: bool,
    pub(crate) reason: String,
}

impl Failure {
    pub(super) fn forbidden(reason: impl Into<String>) -> Self {
        Self { forbidden: true, accepts_any: false, reason: reason.into() }
    }

    pub(super) fn lacks(scheme: &str, scope: &str) -> Self {
        Self::forbidden(format!("the credential of `{scheme}` does not grant `{scope}`"))
    }

    fn wrong(reason: impl Into<String>) -> Self {
        Self { forbidden: false, accepts_any: false, reason: reason.into() }
    }
}

impl Scheme {
    /// Compiles a scheme of a document with this title.
    pub(super) fn new(
        name: &str,
        scheme: &SecurityScheme,
        title: &str,
        environment: &dyn Fn(&str) -> Option<String>,
        jwt: Option<bool>,
    ) -> Self {
        let settings = &scheme.descant;
        let forms = settings.forms.iter().filter_map(|form| form.split_once("{credential}"));
        let mut forms: Vec<_> = forms.map(|(before, after)| (before.to_owned(), after.to_owned())).collect();
        if forms.is_empty() {
            forms.push(Default::default());
        }
        let resolve = |source: &KeySource| {
            let named = source.env.as_deref().and_then(environment);
            named.or_else(|| source.default.clone())
        };
        let switch = settings.enabled.as_ref().and_then(resolve);
        let enabled = switch.is_none_or(|switch| !switch.trim().eq_ignore_ascii_case("false"));
        let enabled = jwt.filter(|_| settings.verify == Verify::Jwt).unwrap_or(enabled);
        let challenge = scheme.challenge(title);
        Self {
            name: name.to_owned(),
            challenge: challenge.filter(|_| enabled).and_then(|text| HeaderValue::from_str(&text).ok()),
            enabled,
            source: CredentialSource::new(&scheme.kind),
            forms,
            verifier: Verifier::new(&scheme.kind, settings, settings.key.as_ref().and_then(resolve)),
        }
    }

    /// Returns why no request can meet this scheme, where none can.
    pub(super) fn broken(&self) -> Option<&str> {
        match (&self.verifier, &self.source) {
            (Verifier::Broken(reason), _) => Some(reason),
            (_, CredentialSource::Nowhere) => Some("its name is not a header's"),
            _ => None,
        }
    }

    /// Whether a query parameter holds the credential.
    pub(super) fn is_in_query(&self, name: &str) -> bool {
        matches!(&self.source, CredentialSource::Query(own) if form_urlencoded::parse(name.as_bytes()).any(|(key, _)| key == *own))
    }

    /// Whether a header field holds the credential.
    pub(super) fn is_in_header(&self, name: &str) -> bool {
        match &self.source {
            CredentialSource::Header(own) => own.as_str().eq_ignore_ascii_case(name),
            CredentialSource::Authorization(_) => name.eq_ignore_ascii_case("authorization"),
            CredentialSource::Cookie(_) => name.eq_ignore_ascii_case("cookie"),
            CredentialSource::Query(_) | CredentialSource::Connection | CredentialSource::Nowhere => false,
        }
    }

    /// Returns the text that a request has in place of the credential.
    pub(super) fn read(&self, request: &Request) -> Option<String> {
        self.source.read(request)
    }

    /// Accepts any credential.
    pub(super) fn presented(&self, request: &Request) -> Result<Grant, Failure> {
        let is_there =
            matches!(self.source, CredentialSource::Connection) || self.source.read(request).is_some();
        is_there
            .then(|| Grant { scheme: self.name.clone(), ..Grant::default() })
            .ok_or_else(|| self.missing())
    }

    fn missing(&self) -> Failure {
        Failure::wrong(format!("{} is missing (scheme `{}`)", self.source.describe(), self.name))
    }

    /// Verifies the credential of a request, and returns what it grants.
    pub(super) fn check(&self, request: &Request, known: &Credentials) -> Result<Grant, Failure> {
        if let CredentialSource::Connection = self.source {
            return Ok(Grant { scheme: self.name.clone(), ..Grant::default() });
        }
        if !self.enabled {
            return Err(Failure::wrong(format!("scheme `{}` is switched off", self.name)));
        }
        let Some(presented) = self.source.read(request) else {
            let accepts_any =
                matches!(self.verifier, Verifier::Secret | Verifier::Basic) && known.is_open(&self.name);
            return Err(Failure { accepts_any, ..self.missing() });
        };
        let mut reason = "has none of the forms that it can have";
        for credential in self.forms.iter().filter_map(|form| strip(&presented, form)) {
            match self.verifier.claim(credential) {
                Ok(claim) => match known.find(&self.name, &claim) {
                    Found::Credential(credential) => return self.granted(&credential, claim),
                    Found::Open => return Ok(self.open(claim)),
                    Found::Nothing => reason = "holds a credential that is not known",
                },
                Err(broken) => reason = broken,
            }
        }
        Err(Failure::wrong(format!("{} {reason} (scheme `{}`)", self.source.describe(), self.name)))
    }

    fn granted(&self, credential: &Credential, claim: Claim<'_>) -> Result<Grant, Failure> {
        match credential.status {
            CredentialStatus::Active => {}
            CredentialStatus::Expired => {
                return Err(Failure::wrong("the credential has expired: key expired"));
            }
            CredentialStatus::Revoked => return Err(Failure::wrong("the credential was revoked")),
            CredentialStatus::Forbidden => return Err(Failure::forbidden("the user has no access")),
        }
        let named = if let Claim::Subject { scopes, .. } = claim { scopes } else { None };
        Ok(Grant {
            scheme: self.name.clone(),
            user: credential.user.clone(),
            scopes: credential.scopes.clone().or(named),
            access: credential.access,
        })
    }

    fn open(&self, claim: Claim<'_>) -> Grant {
        let (user, scopes) = match claim {
            Claim::Secret(_) => (None, None),
            Claim::Pair { user, .. } => (Some(user), None),
            Claim::Subject { names, scopes } => (names.into_iter().next(), scopes),
        };
        Grant { scheme: self.name.clone(), user, scopes, ..Grant::default() }
    }
}

impl CredentialSource {
    fn new(kind: &SchemeKind) -> Self {
        match kind {
            SchemeKind::ApiKey { location: Location::Query | Location::QueryString, name } => {
                CredentialSource::Query(name.clone())
            }
            SchemeKind::ApiKey { location: Location::Cookie, name } => CredentialSource::Cookie(name.clone()),
            SchemeKind::ApiKey { name, .. } => match name.parse() {
                Ok(name) => CredentialSource::Header(name),
                Err(_) => CredentialSource::Nowhere,
            },
            SchemeKind::Basic => CredentialSource::Authorization("Basic".into()),
            SchemeKind::Http { scheme } => CredentialSource::Authorization(scheme.clone()),
            SchemeKind::Bearer { .. } | SchemeKind::OAuth2 { .. } | SchemeKind::OpenIdConnect { .. } => {
                CredentialSource::Authorization("Bearer".into())
            }
            SchemeKind::MutualTls => CredentialSource::Connection,
        }
    }

    /// Returns the text that a request has there; text that is not UTF-8 is no credential.
    fn read(&self, request: &Request) -> Option<String> {
        match self {
            CredentialSource::Header(name) => text(request, name).map(str::to_owned),
            CredentialSource::Query(name) => find::in_query(request.uri().query()?, name),
            CredentialSource::Cookie(name) => find::in_cookies(request.headers(), name),
            CredentialSource::Authorization(word) => {
                let (first, rest) = text(request, &AUTHORIZATION)?.trim().split_once(' ')?;
                first.eq_ignore_ascii_case(word).then(|| rest.trim_start().to_owned())
            }
            CredentialSource::Connection | CredentialSource::Nowhere => None,
        }
    }

    fn describe(&self) -> String {
        match self {
            CredentialSource::Header(name) => format!("header `{name}`"),
            CredentialSource::Query(name) => format!("query parameter `{name}`"),
            CredentialSource::Cookie(name) => format!("cookie `{name}`"),
            CredentialSource::Authorization(word) => format!("header `authorization` with `{word}`"),
            CredentialSource::Connection => "a client certificate".into(),
            CredentialSource::Nowhere => "a header that cannot be sent".into(),
        }
    }
}

fn text<'a>(request: &'a Request, name: &HeaderName) -> Option<&'a str> {
    request.headers().get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
}

fn strip<'a>(presented: &'a str, (before, after): &(String, String)) -> Option<&'a str> {
    presented.strip_prefix(before.as_str())?.strip_suffix(after.as_str())
}

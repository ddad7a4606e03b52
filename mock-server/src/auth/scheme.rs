//! One security scheme at work: where its credential stands in a request, in which forms, and what it grants.

use bytes::Bytes;
use descant_model::api::{Credential, CredentialStatus, KeySource, Location, SchemeKind, SecurityScheme};
use descant_runtime::security::find;
use http::Request;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};

use super::Grant;
use super::store::{Credentials, Found};
use super::verify::{Claim, Verifier};

/// A scheme of the document, ready to check requests.
pub(crate) struct Scheme {
    pub(crate) name: String,
    /// What a 401 that this scheme causes says in `WWW-Authenticate`.
    pub(crate) challenge: Option<HeaderValue>,
    place: Place,
    /// Switched off, it refuses every credential.
    enabled: bool,
    /// What stands before and after the credential.
    forms: Vec<(String, String)>,
    verifier: Verifier,
}

/// Where a credential stands.
enum Place {
    Header(HeaderName),
    Query(String),
    Cookie(String),
    /// After this word in `Authorization` (RFC 9110, 11.6.2).
    Authorization(String),
    /// In the TLS handshake, which the mock does not see: whoever connects is let in.
    Connection,
    /// The header's name is none: no request can present it.
    Nowhere,
}

/// Why a scheme does not let a request in.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) forbidden: bool,
    pub(crate) reason: String,
}

impl Failure {
    pub(super) fn forbidden(reason: impl Into<String>) -> Self {
        Self { forbidden: true, reason: reason.into() }
    }

    pub(super) fn lacks(scheme: &str, scope: &str) -> Self {
        Self::forbidden(format!("the credential of `{scheme}` does not grant `{scope}`"))
    }

    fn wrong(reason: impl Into<String>) -> Self {
        Self { forbidden: false, reason: reason.into() }
    }
}

impl Scheme {
    /// Reads a scheme of a document with this title.
    pub(super) fn new(
        name: &str,
        scheme: &SecurityScheme,
        title: &str,
        environment: &dyn Fn(&str) -> Option<String>,
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
        let challenge = scheme.challenge(title);
        Self {
            name: name.to_owned(),
            challenge: challenge.filter(|_| enabled).and_then(|text| HeaderValue::from_str(&text).ok()),
            enabled,
            place: Place::new(&scheme.kind),
            forms,
            verifier: Verifier::new(&scheme.kind, settings.verify, settings.key.as_ref().and_then(resolve)),
        }
    }

    /// Why no request can meet this scheme, where that is so.
    pub(super) fn broken(&self) -> Option<&str> {
        match (&self.verifier, &self.place) {
            (Verifier::Broken(reason), _) => Some(reason),
            (_, Place::Nowhere) => Some("its name is not a header's"),
            _ => None,
        }
    }

    /// Whether its credential is the value of this query parameter.
    pub(super) fn is_in_query(&self, name: &str) -> bool {
        matches!(&self.place, Place::Query(own) if form_urlencoded::parse(name.as_bytes()).any(|(key, _)| key == *own))
    }

    /// What stands where its credential is.
    pub(super) fn read(&self, request: &Request<Bytes>) -> Option<String> {
        self.place.read(request)
    }

    /// Lets in whoever presents a credential, whatever it is.
    pub(super) fn presented(&self, request: &Request<Bytes>) -> Result<Grant, Failure> {
        let is_there = matches!(self.place, Place::Connection) || self.place.read(request).is_some();
        is_there
            .then(|| Grant { scheme: self.name.clone(), ..Grant::default() })
            .ok_or_else(|| self.missing())
    }

    fn missing(&self) -> Failure {
        Failure::wrong(format!("{} is missing (scheme `{}`)", self.place.describe(), self.name))
    }

    /// Reads the credential of a request and says what it grants.
    pub(super) fn check(&self, request: &Request<Bytes>, known: &Credentials) -> Result<Grant, Failure> {
        if let Place::Connection = self.place {
            return Ok(Grant { scheme: self.name.clone(), ..Grant::default() });
        }
        if !self.enabled {
            return Err(Failure::wrong(format!("scheme `{}` is switched off", self.name)));
        }
        let Some(presented) = self.place.read(request) else {
            return Err(self.missing());
        };
        let mut reason = "has none of the forms that it can have";
        for credential in self.forms.iter().filter_map(|form| strip(&presented, form)) {
            match self.verifier.claim(credential) {
                Ok(claim) => match known.find(&self.name, &claim) {
                    Found::Credential(credential) => return self.granted(&credential, claim),
                    Found::Open => return Ok(self.open(claim)),
                    Found::Nothing => reason = "holds a credential that is not known",
                },
                Err(fault) => reason = fault,
            }
        }
        Err(Failure::wrong(format!("{} {reason} (scheme `{}`)", self.place.describe(), self.name)))
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
            Claim::Subject { user, scopes } => (Some(user), scopes),
        };
        Grant { scheme: self.name.clone(), user, scopes, ..Grant::default() }
    }
}

impl Place {
    fn new(kind: &SchemeKind) -> Self {
        match kind {
            SchemeKind::ApiKey { location: Location::Query | Location::QueryString, name } => {
                Place::Query(name.clone())
            }
            SchemeKind::ApiKey { location: Location::Cookie, name } => Place::Cookie(name.clone()),
            SchemeKind::ApiKey { name, .. } => match name.parse() {
                Ok(name) => Place::Header(name),
                Err(_) => Place::Nowhere,
            },
            SchemeKind::Basic => Place::Authorization("Basic".into()),
            SchemeKind::Http { scheme } => Place::Authorization(scheme.clone()),
            SchemeKind::Bearer { .. } | SchemeKind::OAuth2 { .. } | SchemeKind::OpenIdConnect { .. } => {
                Place::Authorization("Bearer".into())
            }
            SchemeKind::MutualTls => Place::Connection,
        }
    }

    /// The value that stands there; text that is not UTF-8 is no credential.
    fn read(&self, request: &Request<Bytes>) -> Option<String> {
        match self {
            Place::Header(name) => text(request, name).map(str::to_owned),
            Place::Query(name) => find::in_query(request.uri().query()?, name),
            Place::Cookie(name) => find::in_cookies(request.headers(), name),
            Place::Authorization(word) => {
                let (first, rest) = text(request, &AUTHORIZATION)?.trim().split_once(' ')?;
                first.eq_ignore_ascii_case(word).then(|| rest.trim_start().to_owned())
            }
            Place::Connection | Place::Nowhere => None,
        }
    }

    fn describe(&self) -> String {
        match self {
            Place::Header(name) => format!("header `{name}`"),
            Place::Query(name) => format!("query parameter `{name}`"),
            Place::Cookie(name) => format!("cookie `{name}`"),
            Place::Authorization(word) => format!("header `authorization` with `{word}`"),
            Place::Connection => "a client certificate".into(),
            Place::Nowhere => "a header that cannot be sent".into(),
        }
    }
}

fn text<'a>(request: &'a Request<Bytes>, name: &HeaderName) -> Option<&'a str> {
    request.headers().get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
}

fn strip<'a>(presented: &'a str, (before, after): &(String, String)) -> Option<&'a str> {
    presented.strip_prefix(before.as_str())?.strip_suffix(after.as_str())
}

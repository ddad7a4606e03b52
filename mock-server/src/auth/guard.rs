//! Authorizes requests: any alternative of the requirement (OR) whose schemes are all met (AND) is enough. Otherwise 401
//! with every scheme's challenge, or 403 where a credential is known and grants too little (OAS 4.8.30).

use std::collections::HashSet;
use std::sync::Arc;

use descant_exchange::notice;
use descant_model::api::{Access, Api, Operation};
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};

use super::principal::{Grant, Principal};
use super::scheme::{Failure, Scheme};
use super::store::Credentials;
use crate::vocabulary::message::{NOTICE, Request, target};
use crate::vocabulary::problem::Problem;
use crate::vocabulary::secret;

/// The security schemes of a document, and its hierarchy of scopes. A clone has the same credentials.
#[derive(Clone)]
pub(crate) struct Guard {
    schemes: Arc<[Scheme]>,
    /// The widest scope first.
    hierarchy: Arc<[String]>,
    pub(crate) credentials: Credentials,
    /// The paths of the document with a parameter that is named as a secret.
    secret_paths: Arc<HashSet<String>>,
    /// Whether any credential is accepted, because an upstream verifies it.
    pub(crate) accepts_any: bool,
}

/// The security requirement of an operation.
pub(crate) struct Requirement {
    alternatives: Vec<Vec<RequiredScheme>>,
    /// Scopes that the operation requires of any scheme (`x-descant`).
    scopes: Vec<String>,
    access: Access,
}

/// A scheme of an alternative with the scopes that it must grant; `None` where the document declares no such scheme.
struct RequiredScheme {
    scheme: Option<usize>,
    scopes: Vec<String>,
}

impl Guard {
    /// Compiles the schemes of a document; `environment` returns the variables that hold keys, and `jwt` enables or
    /// disables the schemes that verify JWTs.
    pub(crate) fn new(api: &Api, environment: &dyn Fn(&str) -> Option<String>, jwt: Option<bool>) -> Self {
        let schemes = api.security_schemes.iter();
        let paths = api.operations.iter().map(|operation| operation.path.raw.as_str());
        Self {
            schemes: schemes
                .map(|(name, scheme)| Scheme::new(name, scheme, &api.info.title, environment, jwt))
                .collect(),
            hierarchy: api.descant.scopes.as_slice().into(),
            credentials: Credentials::new(api),
            secret_paths: Arc::new(
                paths.filter(|path| secret::names_secret(path)).map(str::to_owned).collect(),
            ),
            accepts_any: false,
        }
    }

    /// Returns a guard of the same document with credentials of its own.
    pub(crate) fn separate(&self, api: &Api) -> Self {
        Self { credentials: Credentials::new(api), ..self.clone() }
    }

    /// Returns the schemes that can authorize no request, with the reason: their key is missing or malformed.
    pub(crate) fn broken(&self) -> impl Iterator<Item = (&str, &str)> {
        self.schemes.iter().filter_map(|scheme| Some((scheme.name.as_str(), scheme.broken()?)))
    }

    /// Returns the path and query of a request without the values of credentials, and of what is named as a secret.
    /// `operation` is the key of its operation.
    pub(crate) fn redacted_target(&self, request: &Request, operation: Option<&str>) -> String {
        let template = operation.and_then(|key| key.split_once(' ')).map(|(_, path)| path);
        let template = template.filter(|path| self.secret_paths.contains(*path));
        let is_credential = |name: &str| self.schemes.iter().any(|scheme| scheme.is_in_query(name));
        secret::redacted_target(target(request), template, is_credential)
    }

    /// Returns every secret of a request: what it presents, and the values of query parameters and form fields that are
    /// named as secrets.
    pub(crate) fn secrets(&self, request: &Request) -> Vec<String> {
        let mut secrets = self.presented(request);
        secrets.extend(request.uri().query().into_iter().flat_map(secret::secrets_of));
        let is_form = request
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|value| value.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
        let form = std::str::from_utf8(request.body()).ok().filter(|_| is_form);
        secrets.extend(form.into_iter().flat_map(secret::secrets_of));
        secrets
    }

    /// Whether a header field holds a credential of one of the schemes.
    pub(crate) fn is_credential_header(&self, name: &str) -> bool {
        self.schemes.iter().any(|scheme| scheme.is_in_header(name))
    }

    /// Returns every secret that a request presents: credentials of the schemes, and all cookies.
    pub(crate) fn presented(&self, request: &Request) -> Vec<String> {
        let cookies = request.headers().get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        let cookies = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
        let cookies = cookies.map(|(_, value)| value.trim().to_owned());
        let authorization = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let authorization = authorization.and_then(|text| text.split_whitespace().next_back());
        let schemes = self.schemes.iter().filter_map(|scheme| scheme.read(request));
        schemes.chain(cookies).chain(authorization.map(str::to_owned)).collect()
    }

    /// Compiles the security requirement of an operation.
    pub(crate) fn requirement(&self, operation: &Operation) -> Requirement {
        let required = |(name, scopes): (&String, &Vec<String>)| RequiredScheme {
            scheme: self.schemes.iter().position(|scheme| scheme.name == *name),
            scopes: scopes.clone(),
        };
        let alternatives = operation.security.alternatives.iter();
        Requirement {
            alternatives: alternatives.map(|it| it.schemes.iter().map(required).collect()).collect(),
            scopes: operation.descant.requires.clone(),
            access: operation.descant.access.unwrap_or_else(|| access_of(&operation.method)),
        }
    }

    /// Authorizes a request. An alternative with schemes is tried before the empty one, so that a caller who presents
    /// a credential is known.
    ///
    /// # Errors
    /// 401, or 403 where a credential grants too little.
    pub(crate) fn authorize(
        &self,
        requirement: &Requirement,
        request: &Request,
    ) -> Result<Principal, Problem> {
        let mut failures = Vec::new();
        for alternative in requirement.alternatives.iter().filter(|it| !it.is_empty()) {
            match self.admit(requirement, alternative, request) {
                Ok(principal) => return Ok(principal),
                Err(failure) => failures.push(failure),
            }
        }
        if failures.is_empty() || requirement.alternatives.iter().any(Vec::is_empty) {
            return Ok(Principal::default());
        }
        Err(self.refusal(requirement, failures))
    }

    fn admit(
        &self,
        requirement: &Requirement,
        alternative: &[RequiredScheme],
        request: &Request,
    ) -> Result<Principal, Failure> {
        let mut grants = Vec::with_capacity(alternative.len());
        for required in alternative {
            // A scheme that the document does not declare has a finding; no request could meet it, so none has to.
            let Some(scheme) = required.scheme.and_then(|at| self.schemes.get(at)) else { continue };
            let grant = match self.accepts_any {
                true => scheme.presented(request)?,
                false => scheme.check(request, &self.credentials)?,
            };
            if let Some(missing) = required.scopes.iter().find(|scope| !self.grants(&grant, scope)) {
                return Err(Failure::lacks(&scheme.name, missing));
            }
            grants.push(grant);
        }
        let principal = Principal { grants };
        self.check_operation(requirement, &principal)?;
        Ok(principal)
    }

    /// Checks what the operation itself requires: `requires` and `access` of `x-descant`.
    fn check_operation(&self, requirement: &Requirement, principal: &Principal) -> Result<(), Failure> {
        let granted = |scope: &String| principal.grants.iter().any(|grant| self.grants(grant, scope));
        if let Some(missing) = requirement.scopes.iter().find(|scope| !granted(scope)) {
            let scheme = principal.grants.first().map_or("", |grant| &grant.scheme);
            return Err(Failure::lacks(scheme, missing));
        }
        if requirement.access == Access::Write && principal.access() == Access::Read {
            return Err(Failure::forbidden("the credential may only read, and this operation writes"));
        }
        Ok(())
    }

    /// Whether a credential grants a scope: itself, or one above it in the hierarchy.
    fn grants(&self, grant: &Grant, scope: &str) -> bool {
        let Some(granted) = &grant.scopes else { return true };
        let rank = |name: &str| self.hierarchy.iter().position(|level| level == name);
        let is_above = |granted: &String| matches!((rank(granted), rank(scope)), (Some(granted), Some(required)) if granted <= required);
        granted.iter().any(|granted| granted == scope || is_above(granted))
    }

    /// Returns the refusal of a request that meets no alternative, with the challenges of 401 (RFC 9110, 11.6.1).
    fn refusal(&self, requirement: &Requirement, failures: Vec<Failure>) -> Problem {
        if let Some(failure) = failures.iter().find(|failure| failure.forbidden) {
            return Problem::new(StatusCode::FORBIDDEN, failure.reason.clone());
        }
        let required = requirement.alternatives.iter().flatten();
        let required = required.filter_map(|required| self.schemes.get(required.scheme?));
        let mut challenges: Vec<HeaderValue> = Vec::new();
        for challenge in required.filter_map(|scheme| scheme.challenge.clone()) {
            if !challenges.contains(&challenge) {
                challenges.push(challenge);
            }
        }
        let accepts_any = failures.iter().any(|failure| failure.accepts_any);
        let reasons: Vec<_> = failures.into_iter().map(|failure| failure.reason).collect();
        let mut problem = Problem::new(StatusCode::UNAUTHORIZED, reasons.join("; or: "));
        problem.headers.extend(challenges.into_iter().map(|challenge| (WWW_AUTHENTICATE, challenge)));
        match accepts_any {
            true => problem.header(NOTICE, notice::ANY_CREDENTIAL),
            false => problem,
        }
    }
}

/// Returns the access that a method needs unless `x-descant` overrides it (RFC 9110, 9.2.1; QUERY is safe as well).
fn access_of(method: &str) -> Access {
    match method {
        "GET" | "HEAD" | "OPTIONS" | "TRACE" | "QUERY" => Access::Read,
        _ => Access::Write,
    }
}

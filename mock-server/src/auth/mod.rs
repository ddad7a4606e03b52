//! Whether a request may call an operation: any alternative (OR) whose schemes are all met (AND) lets it in, else 401
//! with every scheme's challenge, or 403 where a credential is known but grants too little (OAS 4.8.30).

mod scheme;
mod store;
mod verify;

use bytes::Bytes;
use descant_model::api::{Access, Api, Operation};
use http::HeaderValue;
use http::Request;
use http::header::{AUTHORIZATION, COOKIE};

pub(crate) use scheme::{Failure, Scheme};
pub use store::Credentials;

/// Who calls: what each credential of the alternative that let the request in grants. Empty for an anonymous call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Principal {
    /// One a scheme, in the requirement's order.
    pub grants: Vec<Grant>,
}

/// What one credential grants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grant {
    /// The scheme's name under `components.securitySchemes`.
    pub scheme: String,
    /// Whose credential it is, where that is known.
    pub user: Option<String>,
    /// `None`: everything.
    pub scopes: Option<Vec<String>>,
    /// Whether it may write.
    pub access: Access,
}

impl Principal {
    /// The user of the first credential that has one.
    pub fn user(&self) -> Option<&str> {
        self.grants.iter().find_map(|grant| grant.user.as_deref())
    }

    /// Whether every credential may write.
    pub fn access(&self) -> Access {
        let reads = self.grants.iter().any(|grant| grant.access == Access::Read);
        if reads { Access::Read } else { Access::Write }
    }
}

/// Why a request was turned away, and the `WWW-Authenticate` values that go with it (RFC 9110, 11.6.1).
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) forbidden: bool,
    pub(crate) reason: String,
    pub(crate) challenges: Vec<HeaderValue>,
}

/// The schemes of a document, and its hierarchy of scopes.
pub(crate) struct Guard {
    schemes: Vec<Scheme>,
    /// Widest first.
    hierarchy: Vec<String>,
    pub(crate) credentials: Credentials,
    /// Whether whatever is presented is accepted: another judges it.
    pub(crate) trusts: bool,
}

/// What one operation asks for, made when the document is loaded.
pub(crate) struct Need {
    alternatives: Vec<Vec<Asked>>,
    requires: Vec<String>,
    access: Access,
}

/// A scheme of one alternative with the scopes that it must grant; `None` where the document declares no such scheme.
struct Asked {
    scheme: Option<usize>,
    scopes: Vec<String>,
}

impl Guard {
    /// Reads the schemes of a document; `environment` answers for the variables that hold keys.
    pub(crate) fn new(api: &Api, environment: &dyn Fn(&str) -> Option<String>) -> Self {
        let schemes = api.security_schemes.iter();
        Self {
            schemes: schemes
                .map(|(name, scheme)| Scheme::new(name, scheme, &api.info.title, environment))
                .collect(),
            hierarchy: api.descant.scopes.clone(),
            credentials: Credentials::new(api),
            trusts: false,
        }
    }

    /// The schemes that can accept nobody, with the reason: their key is missing or malformed.
    pub(crate) fn broken(&self) -> impl Iterator<Item = (&str, &str)> {
        self.schemes.iter().filter_map(|scheme| Some((scheme.name.as_str(), scheme.broken()?)))
    }

    /// A request's path and query without the values of credentials.
    pub(crate) fn shown(&self, request: &Request<Bytes>) -> String {
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        let Some((path, query)) = target.split_once('?') else { return target.to_owned() };
        let is_secret = |name: &str| self.schemes.iter().any(|scheme| scheme.is_in_query(name));
        let pairs = query.split('&').map(|pair| match pair.split_once('=') {
            Some((name, _)) if is_secret(name) => format!("{name}=***"),
            _ => pair.to_owned(),
        });
        format!("{path}?{}", pairs.collect::<Vec<_>>().join("&"))
    }

    /// Every secret that a request presents: credentials by the schemes, and cookies whatever they are for.
    pub(crate) fn presented(&self, request: &Request<Bytes>) -> Vec<String> {
        let cookies = request.headers().get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        let cookies = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
        let cookies = cookies.map(|(_, value)| value.trim().to_owned());
        let authorization = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let authorization = authorization.and_then(|text| text.split_whitespace().next_back());
        let schemes = self.schemes.iter().filter_map(|scheme| scheme.read(request));
        schemes.chain(cookies).chain(authorization.map(str::to_owned)).collect()
    }

    /// What an operation asks for.
    pub(crate) fn need(&self, operation: &Operation) -> Need {
        let asked = |(name, scopes): (&String, &Vec<String>)| Asked {
            scheme: self.schemes.iter().position(|scheme| scheme.name == *name),
            scopes: scopes.clone(),
        };
        let alternatives = operation.security.alternatives.iter();
        Need {
            alternatives: alternatives.map(|it| it.schemes.iter().map(asked).collect()).collect(),
            requires: operation.descant.requires.clone(),
            access: operation.descant.access.unwrap_or_else(|| access_of(&operation.method)),
        }
    }

    /// Lets a request in, or says why not. An alternative that asks for something is tried before the empty one,
    /// so that a caller who presents a credential is known.
    pub(crate) fn authorize(&self, need: &Need, request: &Request<Bytes>) -> Result<Principal, Refusal> {
        let mut failures = Vec::new();
        for alternative in need.alternatives.iter().filter(|it| !it.is_empty()) {
            match self.admit(need, alternative, request) {
                Ok(principal) => return Ok(principal),
                Err(failure) => failures.push(failure),
            }
        }
        if failures.is_empty() || need.alternatives.iter().any(Vec::is_empty) {
            return Ok(Principal::default());
        }
        Err(self.refusal(need, failures))
    }

    fn admit(
        &self,
        need: &Need,
        alternative: &[Asked],
        request: &Request<Bytes>,
    ) -> Result<Principal, Failure> {
        let mut grants = Vec::with_capacity(alternative.len());
        for asked in alternative {
            // A scheme that the document does not declare was diagnosed; nobody could meet it, so nobody has to.
            let Some(scheme) = asked.scheme.and_then(|at| self.schemes.get(at)) else { continue };
            let grant = match self.trusts {
                true => scheme.presented(request)?,
                false => scheme.check(request, &self.credentials)?,
            };
            if let Some(missing) = asked.scopes.iter().find(|scope| !self.grants(&grant, scope)) {
                return Err(Failure::lacks(&scheme.name, missing));
            }
            grants.push(grant);
        }
        let principal = Principal { grants };
        self.enough(need, &principal)?;
        Ok(principal)
    }

    /// The operation's own demands: `requires` and `access` of `x-descant`.
    fn enough(&self, need: &Need, principal: &Principal) -> Result<(), Failure> {
        let granted = |scope: &String| principal.grants.iter().any(|grant| self.grants(grant, scope));
        if let Some(missing) = need.requires.iter().find(|scope| !granted(scope)) {
            let scheme = principal.grants.first().map_or("", |grant| &grant.scheme);
            return Err(Failure::lacks(scheme, missing));
        }
        if need.access == Access::Write && principal.access() == Access::Read {
            return Err(Failure::forbidden("the credential may only read, and this operation writes"));
        }
        Ok(())
    }

    /// Whether a credential grants a scope: by name, or by one that stands above it in the hierarchy.
    fn grants(&self, grant: &Grant, scope: &str) -> bool {
        let Some(granted) = &grant.scopes else { return true };
        let rank = |name: &str| self.hierarchy.iter().position(|level| level == name);
        let above =
            |held: &String| matches!((rank(held), rank(scope)), (Some(held), Some(asked)) if held <= asked);
        granted.iter().any(|held| held == scope || above(held))
    }

    fn refusal(&self, need: &Need, failures: Vec<Failure>) -> Refusal {
        if let Some(failure) = failures.iter().find(|failure| failure.forbidden) {
            return Refusal { forbidden: true, reason: failure.reason.clone(), challenges: Vec::new() };
        }
        let asked = need.alternatives.iter().flatten().filter_map(|asked| self.schemes.get(asked.scheme?));
        let mut challenges: Vec<HeaderValue> = Vec::new();
        for challenge in asked.filter_map(|scheme| scheme.challenge.clone()) {
            if !challenges.contains(&challenge) {
                challenges.push(challenge);
            }
        }
        let reasons: Vec<_> = failures.into_iter().map(|failure| failure.reason).collect();
        Refusal { forbidden: false, reason: reasons.join("; or: "), challenges }
    }
}

/// Whether a method writes, unless `x-descant` says otherwise (RFC 9110, 9.2.1; QUERY is safe as well).
fn access_of(method: &str) -> Access {
    match method {
        "GET" | "HEAD" | "OPTIONS" | "TRACE" | "QUERY" => Access::Read,
        _ => Access::Write,
    }
}

#[cfg(test)]
mod tests;

//! The schemes that the authorization server grants for, and the context of a request to it.

use descant_model::api::{OAuthFlow, SchemeKind, SchemeSettings, SecurityScheme, Verify};
use indexmap::{IndexMap, IndexSet};

use super::error::OAuthError;
use super::grant_store::{GrantStore, IssuedGrant};
use crate::auth::Credentials;

/// The lifetime of a token in seconds, as token responses state it.
pub(super) const TOKEN_LIFETIME: u64 = 3600;

/// A scheme that grants by protocol.
pub(super) struct GrantingScheme {
    pub(super) name: String,
    pub(super) flows: Vec<OAuthFlow>,
    /// Whether it is of OpenID Connect, and lists neither flows nor scopes: it grants every scope by every flow.
    pub(super) is_open_id: bool,
    /// The schemes that a `redirect_uri` may have beside the usual ones.
    pub(super) redirect_schemes: Vec<String>,
    /// The key that signs its tokens, where they are JWTs with a shared key.
    pub(super) signer: Option<jsonwebtoken::EncodingKey>,
}

impl GrantingScheme {
    /// Compiles a scheme; `None` where it grants nothing by protocol.
    pub(super) fn new(
        name: &str,
        scheme: &SecurityScheme,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Option<Self> {
        // No client may know what a Fernet token holds.
        if scheme.descant.verify == Verify::Fernet {
            return None;
        }
        let flows = match &scheme.kind {
            SchemeKind::OAuth2 { flows, .. } => flows.clone(),
            SchemeKind::OpenIdConnect { .. } => Vec::new(),
            _ => return None,
        };
        let signer = signer(&scheme.descant, environment);
        let redirect_schemes = scheme.descant.redirect_schemes.clone();
        Some(Self { name: name.to_owned(), is_open_id: flows.is_empty(), flows, redirect_schemes, signer })
    }

    /// Whether it grants `openid`.
    pub(super) fn knows_open_id(&self) -> bool {
        self.is_open_id || self.flows.iter().any(|flow| flow.scopes.contains_key("openid"))
    }
}

/// Returns the key that signs a scheme's tokens, where they are JWTs.
fn signer(
    settings: &SchemeSettings,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Option<jsonwebtoken::EncodingKey> {
    let source = settings.key.as_ref().filter(|_| settings.verify == Verify::Jwt)?;
    let key = source.env.as_deref().and_then(environment).or_else(|| source.default.clone())?;
    Some(jsonwebtoken::EncodingKey::from_secret(key.as_bytes()))
}

/// The context of a request to an endpoint.
pub(super) struct GrantContext<'a> {
    /// The schemes that name the endpoint.
    pub(super) schemes: Vec<&'a GrantingScheme>,
    pub(super) grants: &'a GrantStore,
    pub(super) credentials: &'a Credentials,
    /// The mock's seed.
    pub(super) seed: u64,
}

impl<'a> GrantContext<'a> {
    /// Returns the schemes that grant by a flow, each with its scopes; `None` for any scope.
    pub(super) fn granting(
        &self,
        flow: &str,
    ) -> Vec<(&'a GrantingScheme, Option<&'a IndexMap<String, String>>)> {
        let by_flow = |scheme: &'a GrantingScheme| match scheme.is_open_id {
            true => Some(None),
            false => scheme.flows.iter().find(|it| it.kind == flow).map(|it| Some(&it.scopes)),
        };
        self.schemes.iter().filter_map(|scheme| Some((*scheme, by_flow(scheme)?))).collect()
    }

    /// Returns the granted scopes of the requested ones; without a request, all.
    ///
    /// # Errors
    /// `invalid_scope` where no scheme has a requested scope.
    pub(super) fn scopes(&self, flow: &str, requested: Option<&str>) -> Result<Vec<String>, OAuthError> {
        let granting = self.granting(flow);
        let known =
            |scope: &str| granting.iter().any(|(_, known)| known.is_none_or(|it| it.contains_key(scope)));
        let Some(requested) = requested else {
            return Ok(granting.iter().filter_map(|(_, it)| *it).flat_map(|it| it.keys().cloned()).collect());
        };
        match requested.split_whitespace().find(|scope| !known(scope)) {
            Some(unknown) => Err(OAuthError::new("invalid_scope", format!("no flow grants `{unknown}`"))),
            None => Ok(requested.split_whitespace().map(str::to_owned).collect()),
        }
    }

    /// Returns the users that the schemes know.
    pub(super) fn users(&self) -> Vec<String> {
        let known = self.schemes.iter().flat_map(|it| self.credentials.list(&it.name));
        let known: IndexSet<String> = known.filter_map(|credential| credential.user).collect();
        known.into_iter().collect()
    }

    /// Returns the user of a grant: the wanted one where the schemes know it, else their first, else `user`.
    pub(super) fn user(&self, wanted: Option<&str>) -> String {
        let known = self.users();
        let wanted = wanted.filter(|wanted| known.is_empty() || known.iter().any(|user| user == wanted));
        wanted.map(str::to_owned).or_else(|| known.into_iter().next()).unwrap_or_else(|| "user".to_owned())
    }

    /// Stores a grant to be redeemed later, and returns the text that redeems it.
    pub(super) fn keep(&self, purpose: &str, grant: IssuedGrant) -> String {
        self.grants.keep(self.seed, purpose, grant)
    }
}

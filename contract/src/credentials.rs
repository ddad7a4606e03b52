//! Which credential a call presents: what was given for a scheme, else what the document's `x-descant` states.

use std::fmt;

use descant_model::api::{
    Access, Api, Credential, CredentialStatus, Operation, Requirement, SchemeKind, Verify,
};
use indexmap::IndexMap;

use crate::tokens;

/// A credential by the name of its security scheme: a key, a token, or `user:password`.
#[derive(Clone, Default)]
pub struct Credentials {
    given: IndexMap<String, String>,
    /// Those of somebody else.
    others: IndexMap<String, String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.given.keys()).finish()
    }
}

impl Credentials {
    /// Those that the document's own `x-descant` states for its mock; encrypted and signed ones are made.
    pub fn of_document(api: &Api) -> Self {
        let made = api.security_schemes.iter().filter_map(|(name, scheme)| {
            let known = scheme.descant.credentials.as_deref().unwrap_or_default();
            let best = known.iter().filter(|c| usable(c)).min_by_key(|c| rank(api, c))?;
            let value = match scheme.descant.verify {
                Verify::Value if scheme.kind == SchemeKind::Basic => Some(pair(best)),
                Verify::Value => best.value.clone(),
                Verify::Fernet => tokens::fernet(scheme.descant.key.as_ref(), &pair(best)),
                Verify::Jwt => {
                    tokens::jwt(scheme.descant.key.as_ref(), best.user.as_deref().unwrap_or_default())
                }
            };
            Some((name.clone(), value?))
        });
        Self { given: made.collect(), others: IndexMap::new() }
    }

    /// Those of the document, and a made-up one for every scheme that it states none for: what a mock accepts that knows
    /// no credentials.
    pub fn made_up(api: &Api) -> Self {
        let mut all = Self::of_document(api);
        let alternatives = api.operations.iter().flat_map(|operation| &operation.security.alternatives);
        for name in alternatives.flat_map(|alternative| alternative.schemes.keys()) {
            let kind = api.security_schemes.get(name).map(|scheme| &scheme.kind);
            let made_up = if kind == Some(&SchemeKind::Basic) { "user:password" } else { "token" };
            all.given.entry(name.clone()).or_insert_with(|| made_up.to_owned());
        }
        all
    }

    /// Gives a credential for a scheme, in place of any that was there.
    pub fn give(&mut self, scheme: impl Into<String>, credential: impl Into<String>) {
        self.given.insert(scheme.into(), credential.into());
    }

    /// Gives the credential of somebody else, who may not see what the first one owns.
    pub fn give_other(&mut self, scheme: impl Into<String>, credential: impl Into<String>) {
        self.others.insert(scheme.into(), credential.into());
    }

    /// The credential that somebody else has for a scheme.
    pub(crate) fn other(&self, scheme: &str) -> Option<&str> {
        self.others.get(scheme).map(String::as_str)
    }

    /// Whether somebody else has a credential.
    pub(crate) fn has_others(&self) -> bool {
        !self.others.is_empty()
    }

    /// The schemes that have a credential.
    pub fn schemes(&self) -> impl Iterator<Item = &str> {
        self.given.keys().map(String::as_str)
    }

    /// The credential of a scheme.
    pub fn get(&self, scheme: &str) -> Option<&str> {
        self.given.get(scheme).map(String::as_str)
    }

    /// The credential of a scheme as it is written where it travels: in the scheme's first form (`x-descant`, `forms`).
    pub fn presented(&self, api: &Api, scheme: &str) -> Option<String> {
        let credential = self.get(scheme)?;
        let forms = api.security_schemes.get(scheme).map(|scheme| scheme.descant.forms.as_slice());
        Some(match forms.and_then(<[String]>::first) {
            Some(form) => form.replacen("{credential}", credential, 1),
            None => credential.to_owned(),
        })
    }

    /// A stand-in in the place of each secret, for reports.
    pub(crate) fn redacted(&self) -> Self {
        let other = |name: &String| (name.clone(), placeholder(&format!("OTHER_{name}")));
        Self {
            given: self.given.keys().map(|name| (name.clone(), placeholder(name))).collect(),
            others: self.others.keys().map(other).collect(),
        }
    }

    /// The environment variables that stand for the secrets.
    pub(crate) fn variables(&self) -> Vec<String> {
        let others = self.others.keys().map(|name| variable(&format!("OTHER_{name}")));
        self.given.keys().map(|name| variable(name)).chain(others).collect()
    }

    /// The first alternative of an operation's security for which every credential is at hand; `Ok(None)` where it
    /// asks for none, `Err` the schemes that stay without a credential.
    pub fn choose<'a>(&self, operation: &'a Operation) -> Result<Option<&'a Requirement>, String> {
        let alternatives = &operation.security.alternatives;
        let met = alternatives
            .iter()
            .find(|alternative| alternative.schemes.keys().all(|s| self.given.contains_key(s)));
        match met {
            Some(requirement) => Ok(Some(requirement)),
            None if alternatives.is_empty() => Ok(None),
            None => {
                let names =
                    alternatives.iter().map(|a| a.schemes.keys().cloned().collect::<Vec<_>>().join(" and "));
                Err(names.collect::<Vec<_>>().join(" or "))
            }
        }
    }
}

/// The environment variable that stands for a scheme's credential: upper case, `_` for all but letters and digits.
pub fn variable(scheme: &str) -> String {
    let name: String = scheme
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' })
        .collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("_{name}") } else { name }
}

/// What encloses the name of a variable where a secret would stand; no parameter on a wire can hold it.
pub(crate) const MARK: char = '\u{1}';

/// The stand-in for the secret of a scheme, which a report turns into `$NAME`.
fn placeholder(scheme: &str) -> String {
    format!("{MARK}{}{MARK}", variable(scheme))
}

/// Whether a credential opens anything.
fn usable(credential: &Credential) -> bool {
    credential.status == CredentialStatus::Active
}

/// Lower opens more: writers before readers, everything before some scopes, wide scopes before narrow ones.
fn rank(api: &Api, credential: &Credential) -> (bool, usize) {
    let width = |scopes: &Vec<String>| {
        let place = |scope: &String| api.descant.scopes.iter().position(|known| known == scope);
        scopes.iter().filter_map(place).min().map_or(usize::MAX, |place| place + 1)
    };
    (credential.access == Access::Read, credential.scopes.as_ref().map_or(0, width))
}

/// `user:password`.
fn pair(credential: &Credential) -> String {
    let part = |value: &Option<String>| value.clone().unwrap_or_default();
    format!("{}:{}", part(&credential.user), part(&credential.password))
}

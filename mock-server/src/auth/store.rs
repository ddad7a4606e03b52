//! The credentials that the mock accepts: those of the document, and those that overlays issue or revoke.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use descant_model::api::{Api, Credential};
use indexmap::IndexMap;
use subtle::{Choice, ConstantTimeEq};

use super::verify::Claim;

/// The credentials of each scheme. A clone is another handle on the same store.
#[derive(Clone, Default)]
pub struct Credentials(Arc<RwLock<IndexMap<String, SchemeCredentials>>>);

#[derive(Clone, Default, PartialEq)]
struct SchemeCredentials {
    /// Whether the document lists none, so that every well-formed credential is accepted.
    open: bool,
    list: Vec<Arc<Credential>>,
}

/// The result of a lookup.
pub(super) enum Found {
    Credential(Arc<Credential>),
    /// Not listed, but the scheme accepts any.
    Open,
    Nothing,
}

impl Credentials {
    /// Lists the credentials of a document.
    pub(super) fn new(api: &Api) -> Self {
        let known = api.security_schemes.iter().map(|(name, scheme)| {
            let listed = scheme.descant.credentials.as_deref();
            let list = listed.unwrap_or_default().iter().cloned().map(Arc::new).collect();
            (name.clone(), SchemeCredentials { open: listed.is_none(), list })
        });
        Self(Arc::new(RwLock::new(known.collect())))
    }

    /// Adds a credential to a scheme.
    pub fn issue(&self, scheme: &str, credential: Credential) {
        self.write().entry(scheme.to_owned()).or_default().list.push(Arc::new(credential));
    }

    /// Calls `change` with every credential of a scheme, as to change its status.
    pub fn update(&self, scheme: &str, mut change: impl FnMut(&mut Credential)) {
        let mut schemes = self.write();
        let list = schemes.get_mut(scheme).map(|known| known.list.iter_mut());
        list.into_iter().flatten().for_each(|credential| change(Arc::make_mut(credential)));
    }

    /// Removes the credentials of a scheme for which `keep` returns false.
    pub fn retain(&self, scheme: &str, mut keep: impl FnMut(&Credential) -> bool) {
        if let Some(known) = self.write().get_mut(scheme) {
            known.list.retain(|credential| keep(credential));
        }
    }

    /// Returns the first credential of a user.
    pub fn of_user(&self, scheme: &str, user: &str) -> Option<Credential> {
        let schemes = self.read();
        let found = schemes.get(scheme)?.list.iter().find(|it| it.user.as_deref() == Some(user))?;
        Some(Credential::clone(found))
    }

    /// Returns every credential of a scheme, those of the document first.
    pub fn list(&self, scheme: &str) -> Vec<Credential> {
        let schemes = self.read();
        let list = schemes.get(scheme).map(|known| known.list.iter());
        list.into_iter().flatten().map(|credential| Credential::clone(credential)).collect()
    }

    /// Restores the credentials of the document.
    pub(crate) fn reset(&self, api: &Api) {
        let fresh = std::mem::take(&mut *Self::new(api).write());
        *self.write() = fresh;
    }

    /// Returns the same store for a document that replaces another: issued and revoked credentials stay, and a scheme
    /// whose list has changed begins with the new list.
    pub(crate) fn replacing(&self, before: &Api, api: &Api) -> Self {
        let was = std::mem::take(&mut *Self::new(before).write());
        let mut next = std::mem::take(&mut *Self::new(api).write());
        let mut now = self.write();
        for (name, known) in &mut next {
            let Some(current) = now.get(name) else { continue };
            let listed = was.get(name).map_or(&[][..], |was| &was.list);
            if was.get(name) == Some(known) {
                known.clone_from(current);
            } else {
                known.list.extend(current.list.iter().filter(|it| !listed.contains(it)).cloned());
            }
        }
        *now = next;
        drop(now);
        self.clone()
    }

    /// Looks up a claim; compares it with every credential of the scheme in constant time.
    pub(super) fn find(&self, scheme: &str, claim: &Claim<'_>) -> Found {
        let schemes = self.read();
        let Some(known) = schemes.get(scheme) else { return Found::Nothing };
        let mut found = None;
        for credential in &known.list {
            if bool::from(matches(credential, claim)) {
                found = found.or(Some(credential));
            }
        }
        match found {
            Some(credential) => Found::Credential(credential.clone()),
            None if known.open => Found::Open,
            None => Found::Nothing,
        }
    }

    /// Whether a scheme accepts credentials that are not listed.
    pub(super) fn is_open(&self, scheme: &str) -> bool {
        self.read().get(scheme).is_some_and(|known| known.open)
    }

    fn read(&self) -> RwLockReadGuard<'_, IndexMap<String, SchemeCredentials>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, IndexMap<String, SchemeCredentials>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn matches(credential: &Credential, claim: &Claim<'_>) -> Choice {
    match claim {
        Claim::Secret(secret) => same(credential.value.as_deref(), secret),
        Claim::Pair { user, password } => {
            same(credential.user.as_deref(), user) & same(credential.password.as_deref(), password)
        }
        Claim::Subject { names, .. } => {
            let same = names.iter().map(|name| same(credential.user.as_deref(), name));
            same.fold(Choice::from(0), |any, one| any | one)
        }
    }
}

fn same(known: Option<&str>, given: &str) -> Choice {
    known.map_or(Choice::from(0), |known| known.as_bytes().ct_eq(given.as_bytes()))
}

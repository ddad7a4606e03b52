//! The grants that can still be redeemed: codes, refresh tokens, devices and access tokens, the newest thousand. An equal
//! seed and an equal order of calls give equal texts.

use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use indexmap::IndexMap;
use sha2::{Digest, Sha256};

/// The number of grants of all kinds.
const MAX_GRANTS: usize = 1000;

/// What a user lets a client do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OAuthGrant {
    pub(crate) client: String,
    pub(crate) user: String,
    /// The flow that granted it: `authorizationCode`.
    pub(crate) flow: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) nonce: Option<String>,
}

/// A grant that can be redeemed.
#[derive(Clone, Debug)]
pub(crate) enum IssuedGrant {
    Code {
        grant: OAuthGrant,
        redirect: Option<String>,
        /// The challenge, and whether it is the SHA-256 of the verifier (RFC 7636, 4.2).
        challenge: Option<(String, bool)>,
    },
    Refresh(OAuthGrant),
    /// With whether the user has agreed.
    Device(OAuthGrant, bool),
    /// An access token, which is revoked when it is evicted.
    Access {
        /// The scheme that the token is of; `None` for one that is signed.
        scheme: Option<String>,
        grant: OAuthGrant,
    },
}

#[derive(Default)]
struct Inner {
    count: u64,
    grants: IndexMap<String, IssuedGrant>,
    /// Access tokens that were evicted and are still to be revoked, each with its scheme.
    evicted: Vec<(String, String)>,
}

/// The grants of an authorization server.
#[derive(Default)]
pub(crate) struct GrantStore(Mutex<Inner>);

impl GrantStore {
    /// Stores a grant, and returns the text that redeems it.
    pub(crate) fn keep(&self, seed: u64, purpose: &str, grant: IssuedGrant) -> String {
        let mut inner = self.lock();
        inner.count += 1;
        let text = format!("{seed} {purpose} {}", inner.count);
        let text = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text));
        inner.insert(text.clone(), grant);
        text
    }

    /// Stores a grant under a text that redeems it.
    pub(crate) fn keep_as(&self, text: String, grant: IssuedGrant) {
        self.lock().insert(text, grant);
    }

    /// Removes a grant for which `wanted` returns a value, and returns that.
    pub(crate) fn take<T>(&self, text: &str, wanted: impl FnOnce(&IssuedGrant) -> Option<T>) -> Option<T> {
        let mut inner = self.lock();
        let found = inner.grants.get(text).and_then(wanted)?;
        inner.grants.shift_remove(text);
        Some(found)
    }

    /// Calls a function with a grant.
    pub(crate) fn change<T>(
        &self,
        text: &str,
        change: impl FnOnce(&mut IssuedGrant) -> Option<T>,
    ) -> Option<T> {
        self.lock().grants.get_mut(text).and_then(change)
    }

    /// Returns the access tokens that were evicted since the last call, each with its scheme.
    pub(crate) fn evicted(&self) -> Vec<(String, String)> {
        std::mem::take(&mut self.lock().evicted)
    }

    pub(crate) fn clear(&self) {
        *self.lock() = Inner::default();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn insert(&mut self, text: String, grant: IssuedGrant) {
        if self.grants.len() >= MAX_GRANTS
            && let Some((text, IssuedGrant::Access { scheme: Some(scheme), .. })) =
                self.grants.shift_remove_index(0)
        {
            self.evicted.push((scheme, text));
        }
        self.grants.insert(text, grant);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_evicted() {
        let store = GrantStore::default();
        let keep = |store: &GrantStore| {
            let grant = OAuthGrant::default();
            store.keep(1, "token", IssuedGrant::Access { scheme: Some("key".into()), grant })
        };
        let first = keep(&store);
        (1..MAX_GRANTS).for_each(|_| _ = keep(&store));
        assert!(store.evicted().is_empty());
        keep(&store);
        assert_eq!(store.evicted(), [("key".to_owned(), first.clone())]);
        store.clear();
        assert_eq!(keep(&store), first, "the same seed gives the same texts");
    }
}

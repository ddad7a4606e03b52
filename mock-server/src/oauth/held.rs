//! What the authorization server has granted and is still to be redeemed: codes, refresh tokens and devices, of each the
//! newest so many. The same seed and the same order of calls give the same texts.

use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use indexmap::IndexMap;
use sha2::{Digest, Sha256};

/// How many are kept, of all kinds together.
const MOST: usize = 1000;

/// What somebody may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) client: String,
    pub(crate) user: String,
    /// The flow that it came by: `authorizationCode`.
    pub(crate) flow: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) nonce: Option<String>,
}

/// Something to be redeemed.
#[derive(Clone, Debug)]
pub(crate) enum Kept {
    Code {
        grant: Grant,
        redirect: Option<String>,
        /// The challenge, and whether it is the SHA-256 of the verifier (RFC 7636, 4.2).
        challenge: Option<(String, bool)>,
    },
    Refresh(Grant),
    /// Whether its user has agreed.
    Device(Grant, bool),
    /// An access token of a scheme, to be taken back when it is one too many.
    Access(String),
}

#[derive(Default)]
struct Inner {
    count: u64,
    kept: IndexMap<String, Kept>,
    /// Access tokens that were forgotten, for whoever takes them back.
    dropped: Vec<(String, String)>,
}

/// What is kept.
#[derive(Default)]
pub(crate) struct Held(Mutex<Inner>);

impl Held {
    /// Keeps something; the text names it.
    pub(crate) fn keep(&self, seed: u64, what: &str, kept: Kept) -> String {
        let mut inner = self.lock();
        inner.count += 1;
        let text = format!("{seed} {what} {}", inner.count);
        let text = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text));
        inner.insert(text.clone(), kept);
        text
    }

    /// Takes something out that `wanted` knows.
    pub(crate) fn take<T>(&self, text: &str, wanted: impl FnOnce(&Kept) -> Option<T>) -> Option<T> {
        let mut inner = self.lock();
        let found = inner.kept.get(text).and_then(wanted)?;
        inner.kept.shift_remove(text);
        Some(found)
    }

    /// Looks something up, and perhaps changes it.
    pub(crate) fn change<T>(&self, text: &str, change: impl FnOnce(&mut Kept) -> Option<T>) -> Option<T> {
        self.lock().kept.get_mut(text).and_then(change)
    }

    /// The access tokens that are no longer kept, each with its scheme.
    pub(crate) fn dropped(&self) -> Vec<(String, String)> {
        std::mem::take(&mut self.lock().dropped)
    }

    pub(crate) fn clear(&self) {
        *self.lock() = Inner::default();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn insert(&mut self, text: String, kept: Kept) {
        if self.kept.len() >= MOST
            && let Some((text, Kept::Access(scheme))) = self.kept.shift_remove_index(0)
        {
            self.dropped.push((scheme, text));
        }
        self.kept.insert(text, kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_forgotten() {
        let held = Held::default();
        let kept = |held: &Held| held.keep(1, "token", Kept::Access("key".into()));
        let first = kept(&held);
        (1..MOST).for_each(|_| _ = kept(&held));
        assert!(held.dropped().is_empty());
        kept(&held);
        assert_eq!(held.dropped(), [("key".to_owned(), first.clone())]);
        held.clear();
        assert_eq!(kept(&held), first, "the same seed gives the same texts");
    }
}

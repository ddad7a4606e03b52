//! Where items are kept: one small trait, and memory behind it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use indexmap::IndexMap;
use serde_json::Value;

/// Which collection of which parent: the collection's path and the values of the parents' parameters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    pub collection: String,
    pub parents: Vec<String>,
}

/// The items of one scope, by identity, in the order of their creation.
pub type Items = IndexMap<String, Value>;

/// Everything that is kept.
pub type Snapshot = BTreeMap<Scope, Items>;

/// Keeps items. Every call is atomic.
pub trait Store: Send + Sync {
    /// All items of a scope; `None` where it was never touched.
    fn items(&self, scope: &Scope) -> Result<Option<Items>, StoreError>;
    /// One item.
    fn get(&self, scope: &Scope, id: &str) -> Result<Option<Value>, StoreError>;
    /// Starts a scope with these items, unless it was touched before.
    fn seed(&self, scope: &Scope, items: Items) -> Result<(), StoreError>;
    /// Adds or replaces an item; beyond `capacity` the oldest of its scope goes.
    fn put(&self, scope: &Scope, id: &str, item: Value, capacity: usize) -> Result<(), StoreError>;
    /// Removes an item; false where there was none.
    fn remove(&self, scope: &Scope, id: &str) -> Result<bool, StoreError>;
    /// Forgets everything, or everything but what a snapshot holds.
    fn restore(&self, snapshot: Snapshot) -> Result<(), StoreError>;
    /// Everything, for a later [`Store::restore`].
    fn snapshot(&self) -> Result<Snapshot, StoreError>;
}

/// The store itself failed; nothing about the request is wrong.
#[derive(Debug)]
pub struct StoreError(pub String);

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the state store failed: {}", self.0)
    }
}

impl std::error::Error for StoreError {}

/// Keeps items in memory, for as long as the mock runs.
#[derive(Debug, Default)]
pub struct Memory {
    scopes: Mutex<Snapshot>,
}

impl Memory {
    /// A lock that a panic elsewhere does not spoil: each call leaves the map whole.
    fn scopes(&self) -> MutexGuard<'_, Snapshot> {
        self.scopes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Memory {
    fn items(&self, scope: &Scope) -> Result<Option<Items>, StoreError> {
        Ok(self.scopes().get(scope).cloned())
    }

    fn get(&self, scope: &Scope, id: &str) -> Result<Option<Value>, StoreError> {
        Ok(self.scopes().get(scope).and_then(|items| items.get(id)).cloned())
    }

    fn seed(&self, scope: &Scope, items: Items) -> Result<(), StoreError> {
        self.scopes().entry(scope.clone()).or_insert(items);
        Ok(())
    }

    fn put(&self, scope: &Scope, id: &str, item: Value, capacity: usize) -> Result<(), StoreError> {
        let mut scopes = self.scopes();
        let items = scopes.entry(scope.clone()).or_default();
        items.insert(id.to_owned(), item);
        while items.len() > capacity {
            items.shift_remove_index(0);
        }
        Ok(())
    }

    fn remove(&self, scope: &Scope, id: &str) -> Result<bool, StoreError> {
        let mut scopes = self.scopes();
        Ok(scopes.get_mut(scope).is_some_and(|items| items.shift_remove(id).is_some()))
    }

    fn restore(&self, snapshot: Snapshot) -> Result<(), StoreError> {
        *self.scopes() = snapshot;
        Ok(())
    }

    fn snapshot(&self) -> Result<Snapshot, StoreError> {
        Ok(self.scopes().clone())
    }
}

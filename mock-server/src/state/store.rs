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

impl Scope {
    /// As one text: how stores outside memory name a scope.
    pub fn to_key(&self) -> String {
        serde_json::json!([self.collection, self.parents]).to_string()
    }

    /// Reads what [`Scope::to_key`] wrote.
    pub fn from_key(key: &str) -> Result<Self, StoreError> {
        let (collection, parents) =
            serde_json::from_str(key).map_err(|error| StoreError(error.to_string()))?;
        Ok(Self { collection, parents })
    }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Redis, Sqlite};
    use super::*;

    /// What every store does alike.
    fn check(store: &dyn Store) {
        let scope = |parent: &str| Scope { collection: "/a/{a}/pets".into(), parents: vec![parent.into()] };
        let names =
            |scope: &Scope| -> Vec<String> { store.items(scope).unwrap().unwrap().into_keys().collect() };
        store.restore(Snapshot::new()).unwrap();
        assert_eq!(store.items(&scope("1")).unwrap(), None, "an untouched scope");
        store
            .seed(&scope("1"), Items::from([("b".into(), json!({"n": 1})), ("a".into(), json!(2))]))
            .unwrap();
        store.seed(&scope("1"), Items::from([("c".into(), json!(3))])).unwrap();
        assert_eq!(names(&scope("1")), ["b", "a"], "seeded once, in order");
        store.put(&scope("1"), "b", json!({"n": [9_007_199_254_740_993_u64]}), 10).unwrap();
        store.put(&scope("1"), "c", json!("ü"), 10).unwrap();
        assert_eq!(names(&scope("1")), ["b", "a", "c"], "a replaced item keeps its place");
        assert_eq!(store.get(&scope("1"), "b").unwrap(), Some(json!({"n": [9_007_199_254_740_993_u64]})));
        store.put(&scope("1"), "d", json!(4), 2).unwrap();
        assert_eq!(names(&scope("1")), ["c", "d"], "beyond the capacity the oldest go");
        assert_eq!(store.get(&scope("2"), "c").unwrap(), None, "another parent's");
        let snapshot = store.snapshot().unwrap();
        assert!(store.remove(&scope("1"), "c").unwrap());
        assert!(!store.remove(&scope("1"), "c").unwrap(), "removed already");
        store.restore(snapshot.clone()).unwrap();
        assert_eq!(store.snapshot().unwrap(), snapshot);
    }

    #[test]
    fn memory_keeps_items() {
        check(&Memory::default());
    }

    #[test]
    fn sqlite_keeps_items_beyond_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state.db");
        check(&Sqlite::open(&file, "pets").unwrap());
        let (pets, all) = (Sqlite::open(&file, "pets").unwrap(), Sqlite::open(&file, "pet").unwrap());
        assert_eq!(pets.snapshot().unwrap().len(), 1);
        check(&all);
        all.restore(Snapshot::new()).unwrap();
        assert!(all.snapshot().unwrap().is_empty());
        assert_eq!(pets.snapshot().unwrap().len(), 1, "another document's items stay");
    }

    /// Against a real server; skipped, with a word, where Debian's `redis-server` is not installed.
    #[test]
    fn redis_keeps_items_for_all_replicas() {
        let port =
            std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
        let arguments = ["--bind", "127.0.0.1", "--port", &port, "--save", "", "--dir", "/tmp"];
        let server = std::process::Command::new("redis-server")
            .args(arguments)
            .stdout(std::process::Stdio::null())
            .spawn();
        let Ok(mut server) = server else {
            eprintln!("skipped: redis-server is not installed");
            return;
        };
        let url = format!("redis://127.0.0.1:{port}/");
        let connected = (0..100).find_map(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            Redis::connect(&url, "test").ok()
        });
        let outcome = std::panic::catch_unwind(|| {
            let first = connected.as_ref().expect("redis-server starts within five seconds");
            check(first);
            assert_eq!(Redis::connect(&url, "test").unwrap().snapshot().unwrap(), first.snapshot().unwrap());
            assert!(Redis::connect(&url, "other").unwrap().snapshot().unwrap().is_empty());
        });
        server.kill().unwrap();
        server.wait().unwrap();
        outcome.unwrap();
    }
}

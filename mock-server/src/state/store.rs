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
            serde_json::from_str(key).map_err(|error| StoreError::Failed(error.to_string()))?;
        Ok(Self { collection, parents })
    }
}

/// The items of one scope, by identity, in the order of their creation.
pub type Items = IndexMap<String, Value>;

/// Everything that is kept.
pub type Snapshot = BTreeMap<Scope, Items>;

/// How much is kept, whatever requests ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Items of one scope; beyond it the oldest goes.
    pub items: usize,
    /// Scopes that were written to; beyond it none is begun.
    pub scopes: usize,
    /// Bytes of all items; beyond it none is added.
    pub bytes: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self { items: 10_000, scopes: 10_000, bytes: 256 << 20 }
    }
}

/// Keeps items, as many as it has room for. Every call is atomic.
pub trait Store: Send + Sync {
    /// All items of a scope; `None` where it was never touched.
    fn items(&self, scope: &Scope) -> Result<Option<Items>, StoreError>;
    /// One item.
    fn get(&self, scope: &Scope, id: &str) -> Result<Option<Value>, StoreError>;
    /// Starts a scope with these items, unless it was touched before.
    fn seed(&self, scope: &Scope, items: Items) -> Result<(), StoreError>;
    /// Adds or replaces an item.
    fn put(&self, scope: &Scope, id: &str, item: Value) -> Result<(), StoreError>;
    /// Removes an item; false where there was none.
    fn remove(&self, scope: &Scope, id: &str) -> Result<bool, StoreError>;
    /// Forgets everything, or everything but what a snapshot holds.
    fn restore(&self, snapshot: Snapshot) -> Result<(), StoreError>;
    /// Everything, for a later [`Store::restore`].
    fn snapshot(&self) -> Result<Snapshot, StoreError>;
}

/// Why a store did not do what it was asked for; nothing about the request is wrong.
#[derive(Debug)]
pub enum StoreError {
    /// It failed.
    Failed(String),
    /// It has no room: how much it has.
    Full(String),
}

impl StoreError {
    /// For want of a place for one more scope.
    pub(super) fn no_scope(most: usize) -> Self {
        Self::Full(format!("collections of {most} parents"))
    }
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Failed(why) => write!(f, "the state store failed: {why}"),
            Self::Full(most) => {
                write!(f, "the mock keeps no more than {most}; delete items, or reset its state")
            }
        }
    }
}

impl std::error::Error for StoreError {}

/// Keeps items in memory, for as long as the mock runs.
#[derive(Debug, Default)]
pub struct Memory {
    room: Room,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    scopes: Snapshot,
    /// Of all items.
    bytes: usize,
}

impl Memory {
    /// With so much room.
    pub fn with_room(room: Room) -> Self {
        Self { room, ..Self::default() }
    }

    /// A lock that a panic elsewhere does not spoil: each call leaves the map whole.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Whether a scope is there, or may be begun.
    fn admit(&self, scope: &Scope, room: Room) -> Result<(), StoreError> {
        match self.scopes.len() >= room.scopes && !self.scopes.contains_key(scope) {
            true => Err(StoreError::no_scope(room.scopes)),
            false => Ok(()),
        }
    }

    /// Makes room for bytes that take the place of others.
    fn grow(&mut self, before: usize, after: usize, room: Room) -> Result<(), StoreError> {
        let bytes = self.bytes.saturating_sub(before).saturating_add(after);
        if bytes > room.bytes && after > before {
            return Err(StoreError::Full(format!("{} bytes of items", room.bytes)));
        }
        self.bytes = bytes;
        Ok(())
    }
}

impl Store for Memory {
    fn items(&self, scope: &Scope) -> Result<Option<Items>, StoreError> {
        Ok(self.kept().scopes.get(scope).cloned())
    }

    fn get(&self, scope: &Scope, id: &str) -> Result<Option<Value>, StoreError> {
        Ok(self.kept().scopes.get(scope).and_then(|items| items.get(id)).cloned())
    }

    fn seed(&self, scope: &Scope, items: Items) -> Result<(), StoreError> {
        let mut kept = self.kept();
        if !kept.scopes.contains_key(scope) {
            kept.admit(scope, self.room)?;
            kept.grow(0, total(&items), self.room)?;
            kept.scopes.insert(scope.clone(), items);
        }
        Ok(())
    }

    fn put(&self, scope: &Scope, id: &str, item: Value) -> Result<(), StoreError> {
        let mut kept = self.kept();
        kept.admit(scope, self.room)?;
        let known = kept.scopes.get(scope).and_then(|items| items.get(id));
        let before = known.map_or(0, |item| bytes(id, item));
        kept.grow(before, bytes(id, &item), self.room)?;
        let items = kept.scopes.entry(scope.clone()).or_default();
        items.insert(id.to_owned(), item);
        let mut gone = 0;
        while items.len() > self.room.items {
            gone += items.shift_remove_index(0).map_or(0, |(id, item)| bytes(&id, &item));
        }
        kept.bytes = kept.bytes.saturating_sub(gone);
        Ok(())
    }

    fn remove(&self, scope: &Scope, id: &str) -> Result<bool, StoreError> {
        let mut kept = self.kept();
        let removed = kept.scopes.get_mut(scope).and_then(|items| items.shift_remove(id));
        kept.bytes = kept.bytes.saturating_sub(removed.as_ref().map_or(0, |item| bytes(id, item)));
        Ok(removed.is_some())
    }

    fn restore(&self, snapshot: Snapshot) -> Result<(), StoreError> {
        let bytes = snapshot.values().map(total).sum();
        *self.kept() = Kept { scopes: snapshot, bytes };
        Ok(())
    }

    fn snapshot(&self) -> Result<Snapshot, StoreError> {
        Ok(self.kept().scopes.clone())
    }
}

fn total(items: &Items) -> usize {
    items.iter().map(|(id, item)| bytes(id, item)).sum()
}

/// About how much memory an item takes.
fn bytes(id: &str, item: &Value) -> usize {
    let mut open = vec![item];
    let mut bytes = id.len();
    while let Some(value) = open.pop() {
        bytes += size_of::<Value>();
        match value {
            Value::String(text) => bytes += text.len(),
            Value::Array(items) => open.extend(items),
            Value::Object(members) => {
                bytes += members.keys().map(|name| size_of::<String>() + name.len()).sum::<usize>();
                open.extend(members.values());
            }
            _ => {}
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Redis, Sqlite};
    use super::*;

    /// Few of everything, so that a test fills it.
    const ROOM: Room = Room { items: 3, scopes: 2, bytes: 1 << 20 };

    /// What every store does alike; Redis counts bytes itself.
    fn check(store: &dyn Store, counts_bytes: bool) {
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
        store.put(&scope("1"), "b", json!({"n": [9_007_199_254_740_993_u64]})).unwrap();
        store.put(&scope("1"), "c", json!("ü")).unwrap();
        assert_eq!(names(&scope("1")), ["b", "a", "c"], "a replaced item keeps its place");
        assert_eq!(store.get(&scope("1"), "b").unwrap(), Some(json!({"n": [9_007_199_254_740_993_u64]})));
        store.put(&scope("1"), "d", json!(4)).unwrap();
        assert_eq!(names(&scope("1")), ["a", "c", "d"], "beyond the room the oldest goes");
        assert_eq!(store.get(&scope("2"), "c").unwrap(), None, "another parent's");
        store.put(&scope("2"), "c", json!(1)).unwrap();
        let full = |outcome: Result<(), StoreError>| matches!(outcome, Err(StoreError::Full(_)));
        assert!(full(store.put(&scope("3"), "c", json!(1))), "one parent too many");
        assert!(full(store.seed(&scope("3"), Items::new())), "one parent too many");
        assert_eq!(store.items(&scope("3")).unwrap(), None);
        if counts_bytes {
            assert!(full(store.put(&scope("2"), "d", json!("x".repeat(ROOM.bytes)))), "too many bytes");
        }
        assert_eq!(names(&scope("2")), ["c"]);
        let snapshot = store.snapshot().unwrap();
        assert!(store.remove(&scope("1"), "c").unwrap());
        assert!(!store.remove(&scope("1"), "c").unwrap(), "removed already");
        store.restore(snapshot.clone()).unwrap();
        assert_eq!(store.snapshot().unwrap(), snapshot);
    }

    #[test]
    fn memory_keeps_items() {
        check(&Memory::with_room(ROOM), true);
    }

    #[test]
    fn sqlite_keeps_items_beyond_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state.db");
        let open = |name: &str| Sqlite::with_room(&file, name, ROOM).unwrap();
        check(&open("pets"), true);
        let (pets, all) = (open("pets"), open("pet"));
        assert_eq!(pets.snapshot().unwrap().len(), 2);
        check(&all, true);
        all.restore(Snapshot::new()).unwrap();
        assert!(all.snapshot().unwrap().is_empty());
        assert_eq!(pets.snapshot().unwrap().len(), 2, "another document's items stay");
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
            Redis::with_room(&url, "test", ROOM).ok()
        });
        let outcome = std::panic::catch_unwind(|| {
            let first = connected.as_ref().expect("redis-server starts within five seconds");
            check(first, false);
            assert_eq!(Redis::connect(&url, "test").unwrap().snapshot().unwrap(), first.snapshot().unwrap());
            assert!(Redis::connect(&url, "other").unwrap().snapshot().unwrap().is_empty());
        });
        server.kill().unwrap();
        server.wait().unwrap();
        outcome.unwrap();
    }
}

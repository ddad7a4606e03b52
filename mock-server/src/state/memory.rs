//! The backend in memory, for as long as the mock runs. No operation waits: every future is ready at its first poll.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::query::{Page, Query, Start};
use super::store::{
    Below, Found, Inserted, Items, Reply, Room, Scope, Snapshot, Store, StoreError, Stored, counted, first,
};

/// Keeps items in memory.
#[derive(Debug, Default)]
pub struct Memory {
    room: Room,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    scopes: BTreeMap<Scope, Kin>,
    filled: Filled,
    /// The number of writes: each gives the next number to its item as version.
    writes: u64,
}

/// The bytes that several stores share.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    most: usize,
    bytes: AtomicUsize,
}

impl Pool {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, bytes: AtomicUsize::new(0) }
    }

    /// Whether a half of its bytes are in use.
    pub(crate) fn is_half_full(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) > self.most / 2
    }
}

/// The approximate bytes of all items, given back to the pool of the store when it is dropped.
#[derive(Debug, Default)]
struct Filled {
    bytes: usize,
    pool: Option<Arc<Pool>>,
}

impl Filled {
    /// Replaces bytes by others, within the room of the store and of its pool.
    fn grow(&mut self, before: usize, after: usize, room: Room) -> Result<(), StoreError> {
        let bytes = self.bytes.saturating_sub(before).saturating_add(after);
        let full = |most: usize, of: &str| {
            StoreError::Full(format!("{most} bytes of items{of}; delete items, or reset its state"))
        };
        if after > before && bytes > room.bytes {
            return Err(full(room.bytes, ""));
        }
        if after > before
            && let Some(pool) = &self.pool
            && pool.bytes.load(Ordering::Relaxed).saturating_add(after - before) > pool.most
        {
            return Err(full(pool.most, " in all sessions"));
        }
        self.set(bytes);
        Ok(())
    }

    fn shrink(&mut self, by: usize) {
        self.set(self.bytes.saturating_sub(by));
    }

    fn set(&mut self, bytes: usize) {
        if let Some(pool) = &self.pool {
            match bytes.checked_sub(self.bytes) {
                Some(more) => pool.bytes.fetch_add(more, Ordering::Relaxed),
                None => pool.bytes.fetch_sub(self.bytes - bytes, Ordering::Relaxed),
            };
        }
        self.bytes = bytes;
    }
}

impl Drop for Filled {
    fn drop(&mut self) {
        self.set(0);
    }
}

/// The items of one scope.
#[derive(Debug, Default)]
struct Kin {
    /// By position in the order, which is the version of the insertion.
    items: BTreeMap<u64, (String, Stored)>,
    places: HashMap<String, u64>,
    /// The last number that [`Store::number`] returned.
    last: u64,
}

impl Memory {
    /// Makes a store with a capacity.
    pub fn with_room(room: Room) -> Self {
        Self { room, ..Self::default() }
    }

    /// Makes a store with a capacity, whose bytes are those of a pool, and which begins with a snapshot.
    ///
    /// # Errors
    /// Where the pool has no room for it.
    pub(crate) fn beginning(room: Room, pool: Arc<Pool>, snapshot: Snapshot) -> Result<Self, StoreError> {
        let filled = Filled { bytes: 0, pool: Some(pool) };
        let store = Self { room, kept: Mutex::new(Kept { filled, ..Kept::default() }) };
        store.restore_now(snapshot).map(|()| store)
    }

    /// Locks the map. A poisoned lock is ignored: every operation leaves the map consistent.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin_now(&self, scope: &Scope, items: Items) -> Result<(), StoreError> {
        let mut kept = self.kept();
        if kept.scopes.contains_key(scope) {
            return Ok(());
        }
        if kept.scopes.len() >= self.room.scopes {
            return Err(StoreError::no_scope(self.room.scopes));
        }
        kept.filled.grow(0, items.iter().map(|(id, item)| bytes(id, item)).sum(), self.room)?;
        kept.put(scope.clone(), items);
        Ok(())
    }

    fn insert_now(&self, scope: &Scope, id: &str, item: &Value) -> Result<Inserted, StoreError> {
        let mut kept = self.kept();
        match kept.scopes.get(scope) {
            None => return Ok(Inserted::Unbegun),
            Some(kin) if kin.places.contains_key(id) => return Ok(Inserted::Taken),
            Some(_) => kept.filled.grow(0, bytes(id, item), self.room)?,
        }
        let version = kept.next();
        let Some(kin) = kept.scopes.get_mut(scope) else { return Ok(Inserted::Unbegun) };
        kin.add(id.to_owned(), Stored { item: item.clone(), version });
        let evicted = (kin.items.len() > self.room.items).then(|| kin.items.pop_first()).flatten();
        let Some((_, (evicted, stored))) = evicted else { return Ok(Inserted::Done { evicted: None }) };
        kin.places.remove(&evicted);
        kept.filled.shrink(bytes(&evicted, &stored.item));
        Ok(Inserted::Done { evicted: Some(evicted) })
    }

    fn replace_now(&self, scope: &Scope, id: &str, version: u64, item: &Value) -> Result<bool, StoreError> {
        let mut kept = self.kept();
        let known = kept.scopes.get(scope).and_then(|kin| kin.get(id)).filter(|it| it.version == version);
        let Some(before) = known.map(|stored| bytes(id, &stored.item)) else { return Ok(false) };
        kept.filled.grow(before, bytes(id, item), self.room)?;
        let version = kept.next();
        if let Some(stored) = kept.scopes.get_mut(scope).and_then(|kin| kin.get_mut(id)) {
            *stored = Stored { item: item.clone(), version };
        }
        Ok(true)
    }

    fn restore_now(&self, snapshot: Snapshot) -> Result<(), StoreError> {
        let mut kept = self.kept();
        let before = kept.filled.bytes;
        kept.filled.grow(before, size(&snapshot), self.room)?;
        // Versions continue, so that no version is used twice.
        kept.scopes.clear();
        for (scope, items) in snapshot {
            kept.put(scope, items);
        }
        Ok(())
    }

    fn remove_now(&self, scope: &Scope, id: &str, below: &[Below]) -> Found {
        let mut kept = self.kept();
        let Some(kin) = kept.scopes.get_mut(scope) else { return Found::Unbegun };
        let Some(stored) = kin.take(id) else { return Found::Missing };
        kept.filled.shrink(bytes(id, &stored.item));
        below.iter().for_each(|below| kept.clear(scope, id, below, self.room));
        Found::Item(stored)
    }
}

impl Kept {
    fn next(&mut self) -> u64 {
        self.writes += 1;
        self.writes
    }

    fn put(&mut self, scope: Scope, items: Items) {
        let mut kin = Kin { last: first(&items), ..Kin::default() };
        for (id, item) in items {
            let version = self.next();
            kin.add(id, Stored { item, version });
        }
        self.scopes.insert(scope, kin);
    }

    /// Removes the items of a collection below an item.
    fn clear(&mut self, scope: &Scope, id: &str, below: &Below, room: Room) {
        let parents = scope.parents.iter().cloned().chain([id.to_owned()]).collect();
        let child = Scope { collection: below.collection.clone(), parents };
        let within = |(scope_below, _): &(&Scope, &Kin)| {
            scope_below.collection == below.collection && scope_below.is_below(scope, id)
        };
        let found = self.scopes.range(&child..).take_while(within);
        let found: Vec<Scope> = found.map(|(scope, _)| scope.clone()).collect();
        for scope in found {
            let gone = self.scopes.remove(&scope).unwrap_or_default();
            self.filled.shrink(gone.bytes());
            if below.is_seeded {
                self.scopes.insert(scope, Kin { last: gone.last, ..Kin::default() });
            }
        }
        let depth = below.collection.matches('{').count();
        if below.is_seeded && depth == child.parents.len() && self.scopes.len() < room.scopes {
            self.scopes.entry(child).or_default();
        }
    }
}

impl Kin {
    fn get(&self, id: &str) -> Option<&Stored> {
        self.items.get(self.places.get(id)?).map(|(_, stored)| stored)
    }

    fn get_mut(&mut self, id: &str) -> Option<&mut Stored> {
        self.items.get_mut(self.places.get(id)?).map(|(_, stored)| stored)
    }

    fn add(&mut self, id: String, stored: Stored) {
        self.last = counted(self.last, &id);
        self.places.insert(id.clone(), stored.version);
        self.items.insert(stored.version, (id, stored));
    }

    fn take(&mut self, id: &str) -> Option<Stored> {
        let place = self.places.remove(id)?;
        self.items.remove(&place).map(|(_, stored)| stored)
    }

    fn page(&self, query: &Query) -> Page {
        if !query.is_plain() {
            let all = self.items.values();
            return query.select(all.map(|(id, it)| (Cow::Borrowed(id.as_str()), Cow::Borrowed(&it.item))));
        }
        let (place, skipped) = match &query.start {
            Start::At(0) => (0, 0),
            Start::At(from) => {
                (self.items.keys().nth(*from).copied().unwrap_or(u64::MAX), *from.min(&self.items.len()))
            }
            Start::After(id) => {
                let place = self.places.get(id).map_or(0, |place| place + 1);
                (place, self.items.range(..place).count())
            }
        };
        let items = self.items.range(place..).take(query.limit);
        let items = items.map(|(_, (id, stored))| (id.clone(), stored.item.clone())).collect();
        Page { items, total: self.items.len(), skipped }
    }

    fn bytes(&self) -> usize {
        self.items.values().map(|(id, stored)| bytes(id, &stored.item)).sum()
    }
}

/// Returns a reply that is ready.
fn ready<'a, T: Send + 'a>(reply: Result<T, StoreError>) -> Reply<'a, T> {
    Box::pin(std::future::ready(reply))
}

impl Store for Memory {
    fn get<'a>(&'a self, scope: &'a Scope, id: &'a str) -> Reply<'a, Found> {
        let kept = self.kept();
        ready(Ok(match kept.scopes.get(scope) {
            None => Found::Unbegun,
            Some(kin) => kin.get(id).map_or(Found::Missing, |stored| Found::Item(stored.clone())),
        }))
    }

    fn page<'a>(&'a self, scope: &'a Scope, query: &'a Query) -> Reply<'a, Option<Page>> {
        ready(Ok(self.kept().scopes.get(scope).map(|kin| kin.page(query))))
    }

    fn begin<'a>(&'a self, scope: &'a Scope, items: Items) -> Reply<'a, ()> {
        ready(self.begin_now(scope, items))
    }

    fn number<'a>(&'a self, scope: &'a Scope) -> Reply<'a, Option<u64>> {
        let mut kept = self.kept();
        let last = kept.scopes.get_mut(scope).map(|kin| &mut kin.last);
        ready(Ok(last.map(|last| {
            *last = last.saturating_add(1);
            *last
        })))
    }

    fn insert<'a>(&'a self, scope: &'a Scope, id: &'a str, item: &'a Value) -> Reply<'a, Inserted> {
        ready(self.insert_now(scope, id, item))
    }

    fn replace<'a>(
        &'a self,
        scope: &'a Scope,
        id: &'a str,
        version: u64,
        item: &'a Value,
    ) -> Reply<'a, bool> {
        ready(self.replace_now(scope, id, version, item))
    }

    fn remove<'a>(&'a self, scope: &'a Scope, id: &'a str, below: &'a [Below]) -> Reply<'a, Found> {
        ready(Ok(self.remove_now(scope, id, below)))
    }

    fn restore<'a>(&'a self, snapshot: Snapshot) -> Reply<'a, ()> {
        ready(self.restore_now(snapshot))
    }

    fn snapshot(&self) -> Reply<'_, Snapshot> {
        let kept = self.kept();
        let items = |kin: &Kin| kin.items.values().map(|(id, it)| (id.clone(), it.item.clone())).collect();
        ready(Ok(kept.scopes.iter().map(|(scope, kin)| (scope.clone(), items(kin))).collect()))
    }
}

/// Returns the approximate memory of the items of a snapshot.
pub(super) fn size(snapshot: &Snapshot) -> usize {
    snapshot.values().flatten().map(|(id, item)| bytes(id, item)).sum()
}

/// Returns the approximate memory of an item.
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

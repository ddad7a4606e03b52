//! What keeps items: the trait of every backend, and the words that it is written in.
//!
//! A backend of one's own implements [`Store`] and runs [`super::conformance::check`] in its tests.

use futures_util::future::BoxFuture;
use indexmap::IndexMap;
use serde_json::Value;

use super::query::{Page, Query};

/// Which collection of which parent: the collection's path and the values of the parents' parameters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// The template of the collection's path, `/owners/{owner}/pets`.
    pub collection: String,
    /// The values of its parameters, in order.
    pub parents: Vec<String>,
}

impl Scope {
    /// Returns the scope as one text, by which a store outside memory can name it.
    pub fn to_key(&self) -> String {
        serde_json::json!([self.collection, self.parents]).to_string()
    }

    /// Reads what [`Scope::to_key`] wrote.
    ///
    /// # Errors
    /// Where the text is no such key.
    pub fn from_key(key: &str) -> Result<Self, StoreError> {
        let (collection, parents) = serde_json::from_str(key)
            .map_err(|error| StoreError::failed(format_args!("`{key}` names no collection"), error))?;
        Ok(Self { collection, parents })
    }

    /// Whether the scope lies below an item of another scope.
    pub fn is_below(&self, scope: &Scope, id: &str) -> bool {
        let above = scope.parents.iter().map(String::as_str).chain([id]);
        self.parents.len() > scope.parents.len() && self.parents.iter().zip(above).all(|(a, b)| a == b)
    }
}

/// The items of one scope by identity, in the order of their creation.
pub type Items = IndexMap<String, Value>;

/// Everything that a store keeps.
pub type Snapshot = std::collections::BTreeMap<Scope, Items>;

/// What every operation of a store returns.
pub type Reply<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// How much a store keeps, whatever requests ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Items of one scope; beyond it the oldest is evicted.
    pub items: usize,
    /// Scopes that were begun; beyond it none is begun.
    pub scopes: usize,
    /// Bytes of all items; beyond it none is added.
    pub bytes: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self { items: 10_000, scopes: 10_000, bytes: 256 << 20 }
    }
}

/// An item as the store has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// The item.
    pub item: Value,
    /// Changes with every write of the item, and is never that of an earlier item of the same identity.
    pub version: u64,
}

/// What a scope has under an identity.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// The item.
    Item(Stored),
    /// No such item.
    Missing,
    /// The scope was not begun.
    Unbegun,
}

/// What became of an item that was to be inserted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// It is kept.
    Done {
        /// The identity of the oldest item, if it was evicted.
        evicted: Option<String>,
    },
    /// There is an item of that identity, and it stays.
    Taken,
    /// The scope was not begun.
    Unbegun,
}

/// What a removal leaves below the removed item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Below {
    /// The path of a collection below the item, at any depth.
    pub collection: String,
    /// Whether the collection begins with items of its own, so that a scope of it must stay begun, and empty.
    pub is_seeded: bool,
}

/// Keeps the items of one document.
///
/// Every operation happens as a whole or not at all, beside any number of others by this process and by others on the
/// same storage; one that returned without an error is kept. A scope is *begun* with the items that its collection
/// starts with, once, before the first write to it; until then it has none.
///
/// A backend must not block the thread of its caller: [`tokio::task::spawn_blocking`] runs what does. It answers within
/// seconds, or fails.
pub trait Store: Send + Sync {
    /// Returns an item.
    fn get<'a>(&'a self, scope: &'a Scope, id: &'a str) -> Reply<'a, Found>;

    /// Returns a page of a scope's items, and how many there are; `None` where the scope was not begun.
    fn page<'a>(&'a self, scope: &'a Scope, query: &'a Query) -> Reply<'a, Option<Page>>;

    /// Begins a scope with items, unless it was begun before. Numbers among their identities count as used, as for
    /// [`Store::number`].
    fn begin<'a>(&'a self, scope: &'a Scope, items: Items) -> Reply<'a, ()>;

    /// Takes the next number of a scope: each is greater than all before, and than the identities that were inserted
    /// (see [`counted`]); no two callers get the same. `None` where the scope was not begun.
    fn number<'a>(&'a self, scope: &'a Scope) -> Reply<'a, Option<u64>>;

    /// Adds an item under an identity that is free. Where the scope is full, its oldest item is evicted.
    fn insert<'a>(&'a self, scope: &'a Scope, id: &'a str, item: &'a Value) -> Reply<'a, Inserted>;

    /// Puts an item in the place of that of the version (compare and swap); false where there is none, or of another
    /// version. The item keeps its place in the order.
    fn replace<'a>(&'a self, scope: &'a Scope, id: &'a str, version: u64, item: &'a Value)
    -> Reply<'a, bool>;

    /// Removes and returns an item, with all that is kept below it in these collections.
    fn remove<'a>(&'a self, scope: &'a Scope, id: &'a str, below: &'a [Below]) -> Reply<'a, Found>;

    /// Forgets everything but what a snapshot holds. A store that failed works again after it, where it can.
    fn restore<'a>(&'a self, snapshot: Snapshot) -> Reply<'a, ()>;

    /// Returns everything, for a later [`Store::restore`].
    fn snapshot(&self) -> Reply<'_, Snapshot>;
}

/// How far an inserted number may be beyond the last for [`Store::number`] to go on from it. A number further off is
/// skipped when its turn comes: one request could otherwise use up the numbers that a schema admits.
pub(super) const STRIDE: u64 = 1 << 20;

/// Returns what the last number of a scope is once an identity is inserted.
pub fn counted(last: u64, id: &str) -> u64 {
    match id.parse::<u64>() {
        Ok(number) if number > last && number - last <= STRIDE => number,
        _ => last,
    }
}

/// Returns the last number of a scope that begins with these items. Numbers beyond 2^53 are not counted: not every
/// backend can add to them.
pub fn first(items: &Items) -> u64 {
    let numbers = items.keys().filter_map(|id| id.parse::<u64>().ok());
    numbers.filter(|number| *number < 1 << 53).max().unwrap_or(0)
}

/// Why an operation of a store failed; nothing about the request is wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The storage failed: where, and why.
    #[error("the state store failed: {0}")]
    Failed(String),
    /// The storage is full: how much it has, and what helps.
    #[error("the mock keeps no more than {0}")]
    Full(String),
    /// Other requests changed the item again and again.
    #[error("too many requests change the same item at once")]
    Contended,
}

impl StoreError {
    /// Names the place of a failure, and its reason.
    pub(super) fn failed(place: impl std::fmt::Display, reason: impl std::fmt::Display) -> Self {
        Self::Failed(format!("{place}: {reason}"))
    }

    /// Says that no further scope can be begun.
    pub(super) fn no_scope(most: usize) -> Self {
        Self::Full(format!("collections of {most} parents; reset its state"))
    }
}

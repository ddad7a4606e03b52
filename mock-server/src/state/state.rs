//! The state of one document: what a store keeps of its collections, which begin with the stock.

use std::sync::Arc;

use serde_json::Value;

use super::stock::Stock;
use super::store::{Below, Found, Inserted, Scope, Store, StoreError};

/// The number of attempts to write an item that other requests change.
const TRIES: u64 = 16;

/// The state of one document. A clone is another handle on it.
#[derive(Clone)]
pub struct State {
    pub(super) stock: Arc<Stock>,
    pub(super) store: Arc<dyn Store>,
}

impl State {
    /// Keeps the records of a document in a store.
    pub(crate) fn new(stock: Arc<Stock>, store: Arc<dyn Store>) -> Self {
        Self { stock, store }
    }

    /// Describes the collections for people: a list with the paths, identities and operations of each.
    pub fn collections(&self) -> Value {
        self.stock.plan.to_value(&self.stock.api)
    }

    /// Returns the number of collections whose items are kept.
    pub fn collection_count(&self) -> usize {
        self.stock.plan.kept()
    }

    /// Whether a scope is one of a collection that is kept, or has files of its items.
    pub fn keeps(&self, scope: &Scope) -> bool {
        self.stock.plan.keeps(scope) || self.stock.files.keeps(scope)
    }

    /// Returns the store, for reset and snapshot.
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// Returns an item; where its scope was never written to, that of the stock.
    pub(super) async fn item(
        &self,
        scope: &Scope,
        collection: usize,
        id: &str,
    ) -> Result<Option<Value>, StoreError> {
        Ok(match self.store.get(scope, id).await? {
            Found::Item(stored) => Some(stored.item),
            Found::Missing => None,
            Found::Unbegun => self.stock.items(scope, collection).get(id).cloned(),
        })
    }

    /// Begins a scope with the stock, before a write to it.
    pub(super) async fn begin(&self, scope: &Scope, collection: usize) -> Result<(), StoreError> {
        let items = self.stock.items(scope, collection);
        self.store.begin(scope, items.as_ref().clone()).await
    }

    /// Puts an item into a scope that was begun, in the place of another of its identity or as a new one; false where the
    /// scope was not begun.
    ///
    /// # Errors
    /// Where the store fails or is full, or others write the same item again and again.
    pub(super) async fn put(&self, scope: &Scope, id: &str, item: &Value) -> Result<bool, StoreError> {
        for _ in 0..TRIES {
            let is_put = match self.store.get(scope, id).await? {
                Found::Item(stored) => self.store.replace(scope, id, stored.version, item).await?,
                Found::Missing => matches!(self.store.insert(scope, id, item).await?, Inserted::Done { .. }),
                Found::Unbegun => return Ok(false),
            };
            if is_put {
                return Ok(true);
            }
        }
        Err(StoreError::Contended)
    }

    /// Returns what may be kept below an item of a collection, at any depth: collections, and files.
    pub(super) fn below(&self, collection: usize) -> Vec<Below> {
        let plan = &self.stock.plan;
        let mut below: Vec<usize> = plan.below(collection).into_iter().collect();
        let mut next = 0;
        while let Some(collection) = below.get(next).copied() {
            next += 1;
            let deeper = plan.below(collection).into_iter();
            let deeper: Vec<usize> = deeper.filter(|deeper| !below.contains(deeper)).collect();
            below.extend(deeper);
        }
        let named = |index: usize| {
            let collection = plan.collections.get(index)?.path.clone();
            Some(Below { collection, is_seeded: self.stock.is_stocked(index) })
        };
        let items =
            std::iter::once(&collection).chain(&below).filter_map(|index| plan.collections.get(*index));
        let files = items.flat_map(|item| self.stock.files.below(&item.path));
        let files = files.map(|collection| Below { collection, is_seeded: false });
        let files: Vec<Below> = files.collect();
        below.into_iter().filter_map(named).chain(files).collect()
    }
}

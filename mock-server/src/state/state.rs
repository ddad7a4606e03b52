//! The state of one document: what a store keeps of its collections, which begin with the stock.

use std::sync::Arc;

use serde_json::Value;

use super::stock::Stock;
use super::store::{Below, Found, Scope, Store, StoreError};

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

    /// Whether a scope is one of a collection that is kept.
    pub fn keeps(&self, scope: &Scope) -> bool {
        self.stock.plan.keeps(scope)
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

    /// Returns the collections below an item of a collection, at any depth.
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
        below.into_iter().filter_map(named).collect()
    }
}

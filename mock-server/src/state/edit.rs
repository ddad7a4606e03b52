//! Edits by hand: the items of a collection as the interface's page shows and changes them, whatever the operations admit.

use std::borrow::Cow;

use serde_json::Value;

use super::query::{Page, Query};
use super::state::State;
use super::store::{Found, Inserted, Scope, StoreError};
use crate::vocabulary::value_path::plain;

impl State {
    /// Returns the index of the collection of a scope; `None` where the document has no such collection.
    fn collection(&self, scope: &Scope) -> Option<usize> {
        let index = self.stock.plan.collections.iter().position(|one| one.path == scope.collection);
        index.filter(|_| self.stock.plan.keeps(scope))
    }

    /// Returns the scopes of collections that were written to, each with the number of its items.
    pub(crate) async fn scopes(&self) -> Result<Vec<(Scope, usize)>, StoreError> {
        let mut snapshot = self.store.snapshot().await?;
        snapshot.retain(|scope, _| self.collection(scope).is_some());
        Ok(snapshot.into_iter().map(|(scope, items)| (scope, items.len())).collect())
    }

    /// Returns a page of items; those of the stock where the scope was never written to.
    pub(crate) async fn items(&self, scope: &Scope, query: &Query) -> Result<Option<Page>, StoreError> {
        let Some(collection) = self.collection(scope) else { return Ok(None) };
        Ok(Some(match self.store.page(scope, query).await? {
            Some(page) => page,
            None => {
                let stock = self.stock.items(scope, collection);
                query.select(stock.iter().map(|(id, item)| (Cow::Borrowed(id.as_str()), Cow::Borrowed(item))))
            }
        }))
    }

    /// Puts an item under an identity, in the place of another or as a new one; false where there is no such collection.
    pub(crate) async fn put_item(&self, scope: &Scope, id: &str, item: &Value) -> Result<bool, StoreError> {
        let Some(collection) = self.collection(scope) else { return Ok(false) };
        self.begin(scope, collection).await?;
        self.put(scope, id, item).await
    }

    /// Removes an item with all that is below it; false where there is none.
    pub(crate) async fn remove_item(&self, scope: &Scope, id: &str) -> Result<bool, StoreError> {
        let Some(collection) = self.collection(scope) else { return Ok(false) };
        self.begin(scope, collection).await?;
        let removed = self.store.remove(scope, id, &self.below(collection)).await?;
        Ok(matches!(removed, Found::Item(_)))
    }

    /// Adds records like those of the stock; returns how many could be added, or the reason why none could.
    pub(crate) async fn sample_items(
        &self,
        scope: &Scope,
        count: u64,
    ) -> Result<Result<u64, &'static str>, StoreError> {
        let Some(collection) = self.collection(scope) else { return Ok(Err("there is no such collection")) };
        self.begin(scope, collection).await?;
        let mut added = 0;
        for _ in 0..count {
            let Some(number) = self.store.number(scope).await? else { break };
            for id in self.stock.identities(scope, collection, number) {
                let Some(item) = self.stock.record(scope, collection, &id) else { continue };
                if let Inserted::Done { .. } = self.store.insert(scope, &plain(&id), &item).await? {
                    added += 1;
                    break;
                }
            }
        }
        Ok(if added == 0 { Err("no item satisfies the schema of the collection") } else { Ok(added) })
    }
}

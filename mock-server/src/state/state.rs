//! The state of one document: its collections, and the items that its examples begin with.

use std::sync::{Arc, OnceLock};

use descant_exchange::Schemas;
use descant_model::api::{Api, ExampleValue, Operation};
use serde_json::Value;

use super::collections::{CollectionPlan, infer};
use super::store::{Below, Found, Items, Scope, Store, StoreError};
use crate::vocabulary::value_path::{at, plain};

/// The state of one document.
pub struct State {
    pub(super) api: Arc<Api>,
    pub(super) plan: CollectionPlan,
    pub(super) values: Arc<Schemas>,
    pub(super) store: Arc<dyn Store>,
    /// The items of each collection that the document's examples show.
    examples: Vec<OnceLock<Items>>,
}

impl State {
    /// Infers the collections of a document whose items a store keeps.
    pub(crate) fn new(api: Arc<Api>, values: Arc<Schemas>, store: Arc<dyn Store>) -> Self {
        let plan = infer(&api);
        let examples = plan.collections.iter().map(|_| OnceLock::new()).collect();
        Self { plan, values, api, store, examples }
    }

    /// Describes the collections for people: a list with the paths, identities and operations of each.
    pub fn collections(&self) -> Value {
        self.plan.to_value(&self.api)
    }

    /// Returns the number of collections whose items are kept.
    pub fn collection_count(&self) -> usize {
        self.plan.kept()
    }

    /// Whether a scope is one of a collection that is kept.
    pub fn keeps(&self, scope: &Scope) -> bool {
        self.plan.keeps(scope)
    }

    /// Returns the store, for reset and snapshot.
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// Returns an item; where its scope was never written to, that of the document's examples.
    pub(super) async fn item(
        &self,
        scope: &Scope,
        collection: usize,
        id: &str,
    ) -> Result<Option<Value>, StoreError> {
        Ok(match self.store.get(scope, id).await? {
            Found::Item(stored) => Some(stored.item),
            Found::Missing => None,
            Found::Unbegun => self.examples(collection).get(id).cloned(),
        })
    }

    /// Begins a scope with the document's examples, before a write to it.
    pub(super) async fn begin(&self, scope: &Scope, collection: usize) -> Result<(), StoreError> {
        self.store.begin(scope, self.examples(collection).clone()).await
    }

    /// Returns the collections below an item of a collection, at any depth.
    pub(super) fn below(&self, collection: usize) -> Vec<Below> {
        let mut below: Vec<usize> = self.plan.below(collection).into_iter().collect();
        let mut next = 0;
        while let Some(collection) = below.get(next).copied() {
            next += 1;
            let deeper = self.plan.below(collection).into_iter();
            let deeper: Vec<usize> = deeper.filter(|deeper| !below.contains(deeper)).collect();
            below.extend(deeper);
        }
        let named = |index: usize| {
            let collection = self.plan.collections.get(index)?.path.clone();
            Some(Below { collection, is_seeded: !self.examples(index).is_empty() })
        };
        below.into_iter().filter_map(named).collect()
    }

    /// Returns the items that the document's examples of lists and items show.
    pub(super) fn examples(&self, collection: usize) -> &Items {
        static NONE: OnceLock<Items> = OnceLock::new();
        match self.examples.get(collection) {
            Some(examples) => examples.get_or_init(|| self.shown_items(collection)),
            None => NONE.get_or_init(Items::new),
        }
    }

    fn shown_items(&self, collection: usize) -> Items {
        let mut items = Items::new();
        let Some(identity) = self.plan.collections.get(collection).and_then(|c| c.identity.as_deref()) else {
            return items;
        };
        for (index, operation) in self.api.operations.iter().enumerate() {
            let part = self.plan.parts.get(&index).filter(|part| part.collection == collection);
            let Some((_, path)) = part.and_then(|part| part.response.as_ref()) else { continue };
            for value in shown(operation) {
                let Some(found) = at(value, path) else { continue };
                for item in found.as_array().map_or(std::slice::from_ref(found), Vec::as_slice) {
                    if let Some(id) = item.get(identity).filter(|id| id.is_string() || id.is_number()) {
                        items.entry(plain(id)).or_insert_with(|| item.clone());
                    }
                }
            }
        }
        items
    }
}

/// Returns the values of an operation's examples of responses.
pub(super) fn shown(operation: &Operation) -> impl Iterator<Item = &Value> {
    let contents = operation.responses.iter().flat_map(|(_, response)| response.content.values());
    contents.flat_map(|media_type| &media_type.examples).filter_map(|example| match &example.value {
        ExampleValue::Data(value) => Some(&**value),
        ExampleValue::Serialized(_) | ExampleValue::External(_) => None,
    })
}

//! A mock that remembers: what POST makes, GET finds, until DELETE removes it.
//!
//! Nothing here knows HTTP. A call is an operation with its decoded values; an answer is a status and a value that
//! follows the operation's schema.

pub mod conformance;
mod infer;
mod memory;
mod paging;
mod patch;
mod query;
#[cfg(feature = "redis")]
mod redis;
mod shape;
#[cfg(feature = "sqlite")]
mod sqlite;
mod store;
mod task;
mod view;

use std::sync::{Arc, OnceLock};

use descant_exchange::Schemas;
use descant_model::api::{Api, ExampleValue, Operation};
use indexmap::IndexMap;
use serde_json::Value;

pub use self::infer::{Collection, Part, Plan, Role, infer};
pub use self::memory::Memory;
pub use self::paging::Listed;
pub use self::patch::{Patch, Refusal};
pub use self::query::{Page, Query, Start};
#[cfg(feature = "redis")]
pub use self::redis::Redis;
#[cfg(feature = "sqlite")]
pub use self::sqlite::Sqlite;
pub use self::store::{
    Below, Found, Inserted, Items, Reply, Room, Scope, Snapshot, Store, StoreError, Stored, counted, first,
};

pub(crate) use self::infer::split_item;
pub use self::shape::Place;
pub(crate) use self::shape::{fold, place_of};
pub(crate) use self::view::{at, put};

use self::query::plain;
use self::task::Task;

/// A decoded and valid call.
pub struct Call<'a> {
    /// Index into [`Api::operations`].
    pub operation: usize,
    /// Path and query, for links to other pages.
    pub target: &'a str,
    pub path: &'a IndexMap<String, Value>,
    pub query: &'a IndexMap<String, Value>,
    /// The JSON body.
    pub body: Option<&'a Value>,
    /// What the body means for an item that is there.
    pub patch: Patch,
    pub seed: u64,
}

/// What the state answers to a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The call was carried out.
    Done(Done),
    /// There is no such item, or no longer.
    NotFound,
    /// What is there is in the way, or would not remain as its schema says.
    Refused(Refusal),
    /// The state cannot serve the call, for this reason: the document answers as without state.
    Unserved(String),
}

/// What a call that was carried out is answered with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Done {
    /// A status of success.
    pub status: u16,
    /// The value of the body, where the answer shows items.
    pub value: Option<Value>,
    /// The identity of a new item below the path of the call.
    pub created: Option<String>,
    /// Which part of a list the value shows.
    pub listed: Option<Listed>,
    /// What the caller might not expect: an item that was replaced or evicted, a list that was cut.
    pub notice: Option<String>,
}

/// The state of one document.
pub struct State {
    api: Arc<Api>,
    plan: Plan,
    values: Arc<Schemas>,
    store: Arc<dyn Store>,
    /// Of each collection what the document's examples show.
    examples: Vec<OnceLock<Items>>,
}

impl State {
    /// Infers the collections of a document, and keeps their items in a store.
    pub(crate) fn new(api: Arc<Api>, values: Arc<Schemas>, store: Arc<dyn Store>) -> Self {
        let plan = infer(&api);
        let examples = plan.collections.iter().map(|_| OnceLock::new()).collect();
        Self { plan, values, api, store, examples }
    }

    /// Returns what was inferred.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Returns the store, for reset and snapshot.
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// Whether an operation is part of a collection.
    pub(crate) fn has(&self, operation: usize) -> bool {
        self.plan.parts.contains_key(&operation)
    }

    /// Carries a call out; `None` where the operation is no part of a collection.
    ///
    /// # Errors
    /// Where the store fails or is full.
    pub async fn answer(&self, call: &Call<'_>) -> Result<Option<Answer>, StoreError> {
        let Some(part) = self.plan.parts.get(&call.operation) else { return Ok(None) };
        let Some(collection) = self.plan.collections.get(part.collection) else { return Ok(None) };
        let Some(scope) = scope(collection, part, call) else { return Ok(None) };
        let task = Task { state: self, part, collection, scope, call };
        task.answer().await.map(Some)
    }

    /// Returns an item; where its scope was never written to, that of the document's examples.
    async fn item(&self, scope: &Scope, collection: usize, id: &str) -> Result<Option<Value>, StoreError> {
        Ok(match self.store.get(scope, id).await? {
            Found::Item(stored) => Some(stored.item),
            Found::Missing => None,
            Found::Unbegun => self.examples(collection).get(id).cloned(),
        })
    }

    /// Begins a scope with the document's examples, before it is written to.
    async fn begin(&self, scope: &Scope, collection: usize) -> Result<(), StoreError> {
        self.store.begin(scope, self.examples(collection).clone()).await
    }

    /// The collections below an item of a collection, at any depth.
    fn below(&self, collection: usize) -> Vec<Below> {
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

    /// The items that the document's examples of lists and items show.
    fn examples(&self, collection: usize) -> &Items {
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
            let Some((_, place)) = part.and_then(|part| part.answer.as_ref()) else { continue };
            for value in shown(operation) {
                let Some(found) = at(value, place) else { continue };
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

/// The values of an operation's examples of responses.
fn shown(operation: &Operation) -> impl Iterator<Item = &Value> {
    let contents = operation.responses.iter().flat_map(|(_, response)| response.content.values());
    contents.flat_map(|media_type| &media_type.examples).filter_map(|example| match &example.value {
        ExampleValue::Data(value) => Some(&**value),
        ExampleValue::Serialized(_) | ExampleValue::External(_) => None,
    })
}

/// The scope of a call; `None` where a parameter of a parent has no value.
fn scope(collection: &Collection, part: &Part, call: &Call<'_>) -> Option<Scope> {
    let parents = part.scope.iter().map(|name| call.path.get(name).map(plain)).collect::<Option<_>>()?;
    Some(Scope { collection: collection.path.clone(), parents })
}

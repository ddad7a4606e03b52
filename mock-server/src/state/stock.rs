//! The stock of a document: the records that each collection begins with, from its examples and its seed.
//!
//! A record depends on the seed, its collection, its parents and its identity alone, so every operation that shows it
//! shows the same. Records are made when a collection is first read.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use descant_exchange::Schemas;
use descant_model::api::{Api, ExampleValue, Operation, SchemaId};
use descant_model::tree::escape_token;
use serde_json::{Map, Value};

use super::collections::{Collection, CollectionPlan, Role, infer};
use super::file_plan::FilePlan;
use super::relations::{Records, Relations, To};
use super::store::{Items, Scope};
use crate::vocabulary::seed::Seed;
use crate::vocabulary::value_path::{ValuePath, at, fold, plain, put};

/// The number of scopes whose records are cached.
const MAX_SCOPES: usize = 256;
/// The number of values that are sampled for one record: the first may be of a branch that shows a deleted one.
const SAMPLES: u64 = 4;
/// The members of a record whose references are tried one by one.
const MAX_MEMBERS: usize = 64;
/// The number of identities in a row without a valid record, after which no more are tried.
const MAX_FAILURES: usize = 3;

/// The records that the collections of a document begin with.
pub(crate) struct Stock {
    pub(super) api: Arc<Api>,
    pub(super) plan: CollectionPlan,
    pub(super) schemas: Arc<Schemas>,
    pub(super) relations: Relations,
    pub(super) files: FilePlan,
    options: StockOptions,
    seed: AtomicU64,
    /// The records of each collection that the document's examples show.
    examples: Vec<OnceLock<Shown>>,
    records: Mutex<HashMap<Scope, Arc<Items>>>,
    /// The records before they refer to each other.
    bare: Mutex<HashMap<Scope, Arc<Items>>>,
}

/// What a stock is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StockOptions {
    pub(crate) seed: u64,
    /// The number of records of a collection without an example of its list.
    pub(crate) items: usize,
    /// Whether the document's examples are records.
    pub(crate) examples: bool,
}

/// The records of a collection that examples show.
#[derive(Default)]
struct Shown {
    items: Items,
    /// Whether an example shows a list, which is then the whole.
    is_list: bool,
}

/// The schema of a response that shows records, and the path of the record, or the list of records, in it.
struct Model<'a> {
    schema: SchemaId,
    path: &'a ValuePath,
    is_list: bool,
}

impl Stock {
    /// Infers the collections of a document. Makes no record.
    pub(crate) fn new(api: Arc<Api>, schemas: Arc<Schemas>, options: StockOptions) -> Self {
        let plan = infer(&api);
        let examples = plan.collections.iter().map(|_| OnceLock::new()).collect();
        let (relations, files) = (Relations::new(&plan), FilePlan::new(&api, &plan));
        let seed = AtomicU64::new(options.seed);
        let (records, bare) = (Mutex::default(), Mutex::default());
        Self { api, plan, schemas, relations, files, options, seed, examples, records, bare }
    }

    /// Sets the seed of the records.
    pub(crate) fn set_seed(&self, seed: u64) {
        self.seed.store(seed, Ordering::Relaxed);
        lock(&self.records).clear();
        lock(&self.bare).clear();
    }

    /// Whether any collection may begin with records.
    pub(super) fn is_stocked(&self, collection: usize) -> bool {
        self.options.items > 0 || !self.shown(collection).items.is_empty()
    }

    /// Returns the records that a scope begins with.
    pub(super) fn items(&self, scope: &Scope, collection: usize) -> Arc<Items> {
        cached(&self.records, scope, || {
            let bare = self.bare(scope, collection);
            let related = |(id, item): (&String, &Value)| {
                let record = match self.shown(collection).items.contains_key(id) {
                    true => item.clone(),
                    false => self.related(scope, collection, item.clone()),
                };
                (id.clone(), record)
            };
            bare.iter().map(related).collect()
        })
    }

    /// Returns the record of an identity, whether or not the scope begins with it.
    pub(super) fn record(&self, scope: &Scope, collection: usize, id: &Value) -> Option<Value> {
        let known = self.items(scope, collection).get(&plain(id)).cloned();
        known.or_else(|| Some(self.related(scope, collection, self.sampled(scope, collection, id)?)))
    }

    fn make(&self, scope: &Scope, collection: usize) -> Items {
        let shown = self.shown(collection);
        let mut items = shown.items.clone();
        let wanted = self.options.items;
        let (mut turn, mut failures) = (0, 0);
        while !shown.is_list && items.len() < wanted && failures < MAX_FAILURES {
            turn += 1;
            let ids = self.identities(scope, collection, turn);
            let fresh = ids.into_iter().filter(|id| !items.contains_key(&plain(id)));
            let made =
                fresh.into_iter().find_map(|id| Some((plain(&id), self.sampled(scope, collection, &id)?)));
            failures = if made.is_some() { 0 } else { failures + 1 };
            items.extend(made);
        }
        items
    }

    /// Returns identities for the record of a turn, the best first: the turn for numbers, a sampled text, and that with
    /// the turn in it.
    pub(super) fn identities(&self, scope: &Scope, collection: usize, turn: u64) -> Vec<Value> {
        let seed = self.seed(scope, collection).with("#").with(&turn.to_string());
        let drafted = self.draft(collection, seed.value());
        let identity = self.collection(collection).and_then(|collection| collection.identity.as_deref());
        let id = drafted.as_ref().and_then(|(item, _)| item.get(identity?));
        let mut ids = identities(id, turn, 0);
        ids.extend(id.filter(|id| id.is_number()).cloned());
        ids
    }

    /// Returns a new record of an identity that satisfies its schema. It names its parents.
    fn sampled(&self, scope: &Scope, collection: usize, id: &Value) -> Option<Value> {
        let identity = self.collection(collection)?.identity.as_ref()?;
        let seed = self.seed(scope, collection).with(&plain(id));
        let (mut item, around) = self.draft(collection, seed.value())?;
        item.insert(identity.clone(), id.clone());
        let record = Value::Object(item);
        let echoing = self.relations.with_parents(record.clone(), scope);
        let fits = |record: &Value| self.fits(collection, around.clone(), record.clone());
        [echoing, record].into_iter().find(fits)
    }

    /// Returns a record whose references name records of other collections, where its schema admits that.
    fn related(&self, scope: &Scope, collection: usize, record: Value) -> Value {
        let identity = self.collection(collection).and_then(|collection| collection.identity.as_deref());
        let id = identity.and_then(|identity| record.get(identity)).map(plain).unwrap_or_default();
        let seed = self.seed(scope, collection).with(&id);
        let related = |embeds: bool| {
            let related = self.relations.relate(To { records: self, embeds }, record.clone(), seed, identity);
            self.relations.with_parents(related, scope)
        };
        let whole = related(true);
        if whole == record {
            return record;
        }
        let Some((_, around)) = self.draft(collection, seed.value()) else { return record };
        if self.fits(collection, around.clone(), whole.clone()) {
            return whole;
        }
        let keys = related(false);
        self.partly_related(collection, &around, record, [&whole, &keys])
    }

    /// Returns a record with those members of related ones that its schema admits, each by itself: of the first of them that it
    /// admits.
    fn partly_related(
        &self,
        collection: usize,
        around: &Value,
        mut record: Value,
        related: [&Value; 2],
    ) -> Value {
        let names: Vec<String> =
            record.as_object().into_iter().flat_map(Map::keys).take(MAX_MEMBERS).cloned().collect();
        for name in names {
            let own = record.get(&name);
            let others = related.iter().filter_map(|related| related.get(&name));
            let fitting = others.filter(|other| Some(*other) != own).find_map(|other| {
                let next = put(record.clone(), std::slice::from_ref(&name), other.clone());
                self.fits(collection, around.clone(), next.clone()).then_some(next)
            });
            record = fitting.unwrap_or(record);
        }
        record
    }

    /// Samples a record, and returns it with the response that shows it.
    fn draft(&self, collection: usize, seed: u64) -> Option<(Map<String, Value>, Value)> {
        let Model { schema, path, is_list } = self.model(collection)?;
        let mut first = None;
        for attempt in 0..SAMPLES {
            let value = self.schemas.sample(schema, seed.wrapping_add(attempt.wrapping_mul(7919)))?;
            let found = at(&value, path);
            let item = if is_list { found.and_then(|list| list.get(0)) } else { found };
            let Some(item) = item.and_then(Value::as_object).cloned() else { continue };
            if !is_deleted(&item) {
                return Some((item, value));
            }
            first.get_or_insert((item, value));
        }
        first
    }

    /// Whether the response that shows a record satisfies its schema.
    fn fits(&self, collection: usize, around: Value, record: Value) -> bool {
        self.model(collection).is_some_and(|Model { schema, path, is_list }| {
            let shown = if is_list { Value::Array(vec![record]) } else { record };
            self.schemas.is_valid(schema, &put(around, path, shown))
        })
    }

    /// Returns a response that shows a record of a scope.
    pub(super) fn around(&self, scope: &Scope, collection: usize) -> Value {
        let drafted = self.draft(collection, self.seed(scope, collection).value());
        drafted.map(|(_, around)| around).unwrap_or_default()
    }

    /// Returns the place in a record, and the sentence, of the first fault of a response that shows it.
    pub(super) fn fault(
        &self,
        collection: usize,
        around: &Value,
        record: &Value,
    ) -> Option<(String, String)> {
        let Model { schema, path, is_list } = self.model(collection)?;
        let validator = self.schemas.response(schema).ok()?.validator();
        let shown = if is_list { Value::Array(vec![record.clone()]) } else { record.clone() };
        let mut value = put(around.clone(), path, shown);
        validator.remove_hidden(&mut value);
        let mut above: String = path.iter().map(|name| format!("/{}", escape_token(name))).collect();
        above.push_str(if is_list { "/0" } else { "" });
        let fault = validator.faults(&value).into_iter().next()?;
        Some((fault.pointer.strip_prefix(&above).unwrap_or_default().to_owned(), fault.message))
    }

    /// Returns the schema by which a collection's records are read, else listed.
    fn model(&self, collection: usize) -> Option<Model<'_>> {
        if let Some((schema, path)) = &self.collection(collection)?.item {
            return Some(Model { schema: *schema, path, is_list: false });
        }
        let parts = self.plan.parts.iter();
        let lists = parts.filter(|(_, part)| part.collection == collection && part.role == Role::List);
        let (_, part) = lists.min_by_key(|(operation, _)| **operation)?;
        let (schema, path) = part.response.as_ref()?;
        Some(Model { schema: *schema, path, is_list: true })
    }

    pub(super) fn collection(&self, collection: usize) -> Option<&Collection> {
        self.plan.collections.get(collection)
    }

    /// Returns the records that the document's examples of lists and items show.
    fn shown(&self, collection: usize) -> &Shown {
        static NONE: OnceLock<Shown> = OnceLock::new();
        match self.examples.get(collection).filter(|_| self.options.examples) {
            Some(examples) => examples.get_or_init(|| self.find_shown(collection).unwrap_or_default()),
            None => NONE.get_or_init(Shown::default),
        }
    }

    fn find_shown(&self, collection: usize) -> Option<Shown> {
        let identity = self.collection(collection)?.identity.as_ref()?;
        let mut shown = Shown::default();
        for (index, operation) in self.api.operations.iter().enumerate() {
            let part = self.plan.parts.get(&index).filter(|part| part.collection == collection);
            let Some((_, path)) = part.and_then(|part| part.response.as_ref()) else { continue };
            for found in examples(operation).filter_map(|value| at(value, path)) {
                shown.is_list |= found.is_array();
                for item in found.as_array().map_or(std::slice::from_ref(found), Vec::as_slice) {
                    if let Some(id) = item.get(identity).filter(|id| id.is_string() || id.is_number()) {
                        shown.items.entry(plain(id)).or_insert_with(|| item.clone());
                    }
                }
            }
        }
        Some(shown)
    }
}

impl Records for Stock {
    fn bare(&self, scope: &Scope, collection: usize) -> Arc<Items> {
        cached(&self.bare, scope, || self.make(scope, collection))
    }

    fn seed(&self, scope: &Scope, collection: usize) -> Seed {
        let path = self.collection(collection).map_or(scope.collection.as_str(), |one| &one.path);
        let seed = Seed::new(self.seed.load(Ordering::Relaxed)).with(path);
        scope.parents.iter().fold(seed, |seed, parent| seed.with(parent))
    }
}

/// Returns the values of an operation's examples of responses.
pub(super) fn examples(operation: &Operation) -> impl Iterator<Item = &Value> {
    let contents = operation.responses.iter().flat_map(|(_, response)| response.content.values());
    contents.flat_map(|media_type| &media_type.examples).filter_map(|example| match &example.value {
        ExampleValue::Data(value) => Some(&**value),
        ExampleValue::Serialized(_) | ExampleValue::External(_) => None,
    })
}

/// Whether a record is what remains of a deleted one.
fn is_deleted(item: &Map<String, Value>) -> bool {
    let says_so = |(name, value): (&String, &Value)| {
        matches!(fold(name).as_str(), "deleted" | "isdeleted") && *value == Value::Bool(true)
    };
    item.iter().any(says_so)
}

/// Returns identities like a sampled one, the best first: a number is the given one; a text gets that number at its
/// end, or in place of its end, as in a UUID, where the schema limits its length.
pub(super) fn identities(sampled: Option<&Value>, number: u64, attempt: usize) -> Vec<Value> {
    let Some(Value::String(text)) = sampled else { return vec![Value::from(number)] };
    let tail = text.chars().rev().take_while(char::is_ascii_alphanumeric).take(12).count();
    let head = text.get(..text.len() - tail).unwrap_or_default();
    let itself = (attempt == 0).then(|| text.clone());
    let numbered = [format!("{text}-{number}"), format!("{head}{number:0tail$}")];
    itself.into_iter().chain(numbered).map(Value::from).collect()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the cached records of a scope; makes them without the lock, as they may need those of other scopes.
fn cached(
    cache: &Mutex<HashMap<Scope, Arc<Items>>>,
    scope: &Scope,
    make: impl FnOnce() -> Items,
) -> Arc<Items> {
    if let Some(items) = lock(cache).get(scope) {
        return items.clone();
    }
    let items = Arc::new(make());
    let mut cache = lock(cache);
    if cache.len() >= MAX_SCOPES {
        cache.clear();
    }
    cache.insert(scope.clone(), items.clone());
    items
}

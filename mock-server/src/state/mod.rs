//! A mock that remembers: what POST made, GET finds, until DELETE removes it.
//!
//! Nothing here knows HTTP. A call is an operation with its decoded values; an answer is a status and a value, which
//! the mock checks against its schema before it is sent.

mod infer;
mod patch;
mod query;
mod redis;
mod shape;
mod sqlite;
mod store;

use std::sync::{Arc, OnceLock};

use descant_exchange::Schemas;
use descant_model::api::{Api, ExampleValue, Operation, SchemaId, StatusPattern};
use indexmap::IndexMap;
use serde_json::{Map, Value};

pub use self::infer::{Collection, Part, Plan, Role, infer};
pub use self::patch::{Patch, Refusal};
pub use self::redis::Redis;
pub use self::sqlite::Sqlite;
pub use self::store::{Items, Memory, Room, Scope, Snapshot, Store, StoreError};

pub(crate) use self::infer::split_item;
pub use self::shape::Place;
pub(crate) use self::shape::{fold, place_of};

use self::query::{Page, plain};

/// A decoded and valid call.
pub struct Call<'a> {
    /// Index into [`Api::operations`].
    pub operation: usize,
    pub path: &'a IndexMap<String, Value>,
    pub query: &'a IndexMap<String, Value>,
    /// The JSON body.
    pub body: Option<&'a Value>,
    /// What the body means for an item that is there.
    pub patch: Patch,
    pub seed: u64,
}

/// What the state says to a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// A status of success and its value; `None` where the answer has no body. `created`: the identity of a new item
    /// below the path of the call.
    Done { status: u16, value: Option<Value>, created: Option<String> },
    /// There is no such item, or no longer.
    NotFound,
    /// What is there is in the way, or would not remain as its schema says.
    Refused(Refusal),
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

    /// What was inferred.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Where items are kept: for reset and snapshot.
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// Carries a call out; `None` where the operation is no part of a collection, or its answer would not be valid:
    /// then the mock answers as without state.
    pub fn answer(&self, call: &Call<'_>) -> Result<Option<Answer>, StoreError> {
        let Some(part) = self.plan.parts.get(&call.operation) else { return Ok(None) };
        let Some(collection) = self.plan.collections.get(part.collection) else { return Ok(None) };
        let Some(scope) = scope(collection, part, call) else { return Ok(None) };
        let task = Task { state: self, part, collection, scope, call };
        if task.is_orphan()? {
            return Ok(Some(Answer::NotFound));
        }
        match part.role {
            Role::List => task.list(),
            Role::Create => task.create(),
            Role::Read => task.read(),
            Role::Replace | Role::Update => task.change(),
            Role::Delete => task.delete(),
        }
    }

    /// The items of a scope; where it was never written to, those that the document shows.
    fn items(&self, scope: &Scope, collection: usize) -> Result<Items, StoreError> {
        Ok(self.store.items(scope)?.unwrap_or_else(|| self.examples(collection).cloned().unwrap_or_default()))
    }

    /// One of them.
    fn item(&self, scope: &Scope, collection: usize, id: &str) -> Result<Option<Value>, StoreError> {
        match self.store.get(scope, id)? {
            None if self.store.items(scope)?.is_none() => {
                Ok(self.examples(collection).and_then(|items| items.get(id)).cloned())
            }
            found => Ok(found),
        }
    }

    /// Starts a scope with them, before it is written to.
    fn begin(&self, scope: &Scope, collection: usize) -> Result<(), StoreError> {
        self.store.seed(scope, self.examples(collection).cloned().unwrap_or_default())
    }

    /// Removes what stands below an item that was removed: another of its identity is not the parent of that.
    fn orphan(&self, scope: &Scope, collection: usize, id: &str) -> Result<(), StoreError> {
        let mut open = vec![(scope.clone(), collection, id.to_owned())];
        while let Some((scope, collection, id)) = open.pop() {
            for child in self.plan.below(collection) {
                let Some(path) = self.plan.collections.get(child).map(|child| child.path.clone()) else {
                    continue;
                };
                let parents = scope.parents.iter().cloned().chain([id.clone()]).collect();
                let below = Scope { collection: path, parents };
                // What the document shows there was this item's as well.
                if self.examples(child).is_some_and(|items| !items.is_empty()) {
                    self.store.seed(&below, Items::new())?;
                }
                for (id, _) in self.store.items(&below)?.into_iter().flatten() {
                    self.store.remove(&below, &id)?;
                    open.push((below.clone(), child, id));
                }
            }
        }
        Ok(())
    }

    /// The items that the document's examples of lists and items show.
    fn examples(&self, collection: usize) -> Option<&Items> {
        Some(self.examples.get(collection)?.get_or_init(|| self.shown_items(collection)))
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

/// One call on its way.
struct Task<'a> {
    state: &'a State,
    part: &'a Part,
    collection: &'a Collection,
    scope: Scope,
    call: &'a Call<'a>,
}

type Outcome = Result<Option<Answer>, StoreError>;

impl Task<'_> {
    fn list(&self) -> Outcome {
        let Some((schema, place)) = &self.part.answer else { return Ok(None) };
        let items = self.state.items(&self.scope, self.part.collection)?;
        let page = query::select(&items, self.call.query, &self.part.selection);
        let mut value = self.envelope(*schema, place).unwrap_or_default();
        if let Some(envelope) = value.as_object_mut() {
            count(envelope, &page);
        }
        Ok(self.done(put(value, place, Value::Array(page.items)), None))
    }

    fn read(&self) -> Outcome {
        match self.stored()? {
            Some(item) => Ok(self.show(item, None)),
            None => Ok(Some(Answer::NotFound)),
        }
    }

    fn create(&self) -> Outcome {
        let nothing = Map::new();
        let body = match self.call.body {
            Some(Value::Object(body)) => body,
            None if self.part.role == Role::Create => &nothing,
            _ => return Ok(None),
        };
        let Some(identity) = &self.collection.identity else { return Ok(None) };
        let items = self.state.items(&self.scope, self.part.collection)?;
        let fresh = self.fresh(&items);
        let given = body.get(identity).filter(|id| id.is_string() || id.is_number());
        if let Some(id) = given.map(plain).filter(|id| items.contains_key(id) && self.states(409)) {
            let reason = format!("there is an item `{id}` already");
            return Ok(Some(Answer::Refused(Refusal { status: 409, reason })));
        }
        let ids = match given {
            Some(id) => vec![id.clone()],
            None => unused(fresh.get(identity).cloned().unwrap_or_default(), &items),
        };
        let others = body.iter().filter(|(name, _)| *name != identity);
        let made = ids.into_iter().map(|id| {
            let mut item = fresh.clone();
            item.insert(identity.clone(), id);
            item.extend(others.clone().map(|(name, value)| (name.clone(), value.clone())));
            item
        });
        let (fitting, unfit): (Vec<_>, Vec<_>) = made.partition(|item| self.fits(item));
        for mut item in fitting.into_iter().chain(unfit) {
            let key = item.get(identity).map(plain).unwrap_or_default();
            let created = Some(key.clone()).filter(|_| self.is_below());
            if let Some(answer) = self.show(Value::Object(item.clone()), created) {
                item.retain(|name, _| !self.part.shown_once.contains(name));
                self.keep(&key, Value::Object(item))?;
                return Ok(Some(answer));
            }
        }
        Ok(None)
    }

    /// Whether an item follows the schema that its collection shows it by, where the answer, which is judged itself, does
    /// not show it.
    fn fits(&self, item: &Map<String, Value>) -> bool {
        let shown_later = self.collection.item.as_ref().filter(|_| self.part.answer.is_none());
        let Some((schema, place)) = shown_later else { return true };
        let shown =
            self.envelope(*schema, place).map(|around| put(around, place, Value::Object(item.clone())));
        shown.is_none_or(|shown| self.state.values.is_valid(*schema, &shown))
    }

    /// Whether the items of the collection stand below the path of the call.
    fn is_below(&self) -> bool {
        let operation = self.state.api.operations.get(self.call.operation);
        let path = operation.map(|operation| infer::structure(&operation.path.raw));
        path == Some(infer::structure(&self.collection.path))
    }

    /// Whether the operation documents a response of this very status.
    fn states(&self, status: u16) -> bool {
        let operation = self.state.api.operations.get(self.call.operation);
        let responses = operation.map(|operation| operation.responses.as_slice()).unwrap_or_default();
        responses.iter().any(|(pattern, _)| *pattern == StatusPattern::Code(status))
    }

    /// Whether the parent of the collection is kept, too, and is not there; asked only where the operation documents
    /// 404, for parents are often meant to be there.
    fn is_orphan(&self) -> Result<bool, StoreError> {
        let plan = &self.state.plan;
        let parent = self.part.parent.filter(|_| self.states(404));
        let parent = parent.and_then(|index| Some((index, plan.collections.get(index)?)));
        let Some((index, parent)) = parent else { return Ok(false) };
        let Some((id, above)) = self.scope.parents.split_last() else { return Ok(false) };
        let scope = Scope { collection: parent.path.clone(), parents: above.to_vec() };
        Ok(self.state.item(&scope, index, id)?.is_none())
    }

    fn change(&self) -> Outcome {
        // A body that is to name its item, and does not, is a new one's.
        let Some(id) = self.id() else { return self.create() };
        let Some(item) = self.stored()? else { return Ok(Some(Answer::NotFound)) };
        let Some(body) = self.call.body else { return Ok(None) };
        let changed = match (self.part.role, self.call.patch) {
            (Role::Replace, _) => Ok(self.replaced(&item, body).into_iter().collect()),
            (_, patch) => patch.apply(&item, body),
        };
        let changed = match changed {
            Ok(changed) => changed,
            Err(refusal) => return Ok(Some(Answer::Refused(refusal))),
        };
        for mut changed in changed {
            self.identify(&mut changed, &item);
            if let Some(answer) = self.show(changed.clone(), None) {
                self.keep(&id, changed)?;
                return Ok(Some(answer));
            }
        }
        let reason = "the item would no longer be as its schema says".to_owned();
        let is_patch = self.call.patch != Patch::Plain;
        Ok(is_patch.then_some(Answer::Refused(Refusal { status: 422, reason })))
    }

    /// A body in the place of an item: what is the server's stays.
    fn replaced(&self, item: &Value, body: &Value) -> Option<Value> {
        let mut item = item.as_object()?.clone();
        let kept = self.own_properties(&item);
        item.retain(|name, _| kept.contains(name));
        item.extend(body.as_object()?.iter().map(|(name, value)| (name.clone(), value.clone())));
        Some(Value::Object(item))
    }

    /// Gives a changed item the identity that it had.
    fn identify(&self, changed: &mut Value, item: &Value) {
        let identity = self.collection.identity.as_deref();
        let known = identity.and_then(|name| Some((name, item.get(name)?)));
        if let (Some((name, id)), Some(changed)) = (known, changed.as_object_mut()) {
            changed.insert(name.to_owned(), id.clone());
        }
    }

    fn delete(&self) -> Outcome {
        let Some(id) = self.id() else { return Ok(None) };
        let Some(item) = self.stored()? else { return Ok(Some(Answer::NotFound)) };
        self.state.begin(&self.scope, self.part.collection)?;
        self.state.orphan(&self.scope, self.part.collection, &id)?;
        self.state.store.remove(&self.scope, &id)?;
        Ok(self.show(item, None).or(Some(Answer::Done {
            status: self.part.status,
            value: None,
            created: None,
        })))
    }

    fn id(&self) -> Option<String> {
        match &self.part.item {
            Some(item) => self.call.path.get(item).map(plain),
            None => self.call.body?.get(self.collection.identity.as_ref()?).map(plain),
        }
    }

    fn stored(&self) -> Result<Option<Value>, StoreError> {
        match self.id() {
            Some(id) => self.state.item(&self.scope, self.part.collection, &id),
            None => Ok(None),
        }
    }

    fn keep(&self, id: &str, item: Value) -> Result<(), StoreError> {
        self.state.begin(&self.scope, self.part.collection)?;
        self.state.store.put(&self.scope, id, item)
    }

    /// What a new item has before its body is laid over it: what its schema requires or only the server writes.
    fn fresh(&self, items: &Items) -> Map<String, Value> {
        let seed = self.call.seed.wrapping_add(items.len() as u64);
        let schema = self.collection.item.as_ref().or(self.part.answer.as_ref());
        let sampled = schema.and_then(|(schema, place)| {
            let value = self.state.values.sample(*schema, seed)?;
            at(&value, place)?.as_object().cloned()
        });
        let mut item = sampled.unwrap_or_default();
        let kept = self.own_properties(&item);
        item.retain(|name, _| kept.contains(name));
        item
    }

    /// The properties of an item that are the server's: its identity, those that only it writes, those required.
    fn own_properties(&self, item: &Map<String, Value>) -> Vec<String> {
        let schemas = &self.state.api.schemas;
        let Some((schema, place)) = self.collection.item.as_ref().or(self.part.answer.as_ref()) else {
            return Vec::new();
        };
        let Some(schema) = shape::item(schemas, *schema, place, false) else { return Vec::new() };
        let properties = shape::properties(schemas, schema);
        let required = shape::required(schemas, schema);
        let server_side = |name: &str| {
            let schema = properties.get(name).and_then(|schema| shape::resolve(schemas, schema));
            schema.and_then(|schema| schema.get("readOnly")).and_then(Value::as_bool) == Some(true)
        };
        let identity = self.collection.identity.as_deref();
        let own = |name: &&String| {
            let name = name.as_str();
            identity == Some(name) || required.contains(&name) || server_side(name)
        };
        item.keys().filter(own).cloned().collect()
    }

    /// The answer that shows an item, where that is valid.
    fn show(&self, item: Value, created: Option<String>) -> Option<Answer> {
        let Some((schema, place)) = &self.part.answer else {
            return Some(Answer::Done { status: self.part.status, value: None, created });
        };
        self.done(put(self.envelope(*schema, place)?, place, item), created)
    }

    /// What stands round an item or a list: as in the operation's valid example, else as sampled.
    fn envelope(&self, schema: SchemaId, place: &[String]) -> Option<Value> {
        if place.is_empty() {
            return Some(Value::Null);
        }
        let operation = self.state.api.operations.get(self.call.operation)?;
        let shown = shown(operation).find(|value| self.state.values.is_valid(schema, value));
        shown.cloned().or_else(|| self.state.values.sample(schema, self.call.seed))
    }

    fn done(&self, value: Value, created: Option<String>) -> Option<Answer> {
        let (schema, _) = self.part.answer.as_ref()?;
        let valid = self.state.values.is_valid(*schema, &value);
        valid.then_some(Answer::Done { status: self.part.status, value: Some(value), created })
    }
}

/// The value at a place.
pub(crate) fn at<'a>(value: &'a Value, place: &[String]) -> Option<&'a Value> {
    place.iter().try_fold(value, |value, name| value.get(name))
}

/// A value with another at a place; objects are made on the way.
pub(crate) fn put(mut value: Value, place: &[String], inner: Value) -> Value {
    let Some((name, rest)) = place.split_first() else { return inner };
    if !value.is_object() {
        value = Value::Object(Map::new());
    }
    if let Some(object) = value.as_object_mut() {
        let below = object.get_mut(name).map(Value::take).unwrap_or_default();
        object.insert(name.clone(), put(below, rest, inner));
    }
    value
}

/// Identities like the sampled one that no item has, the best first: numbers count on; texts get a number at their end,
/// or in place of it, as in a UUID, where the schema would not have them longer.
fn unused(sampled: Value, items: &Items) -> Vec<Value> {
    let Value::String(text) = sampled else {
        let last = items.keys().filter_map(|id| id.parse::<u64>().ok()).max().unwrap_or(0);
        return vec![Value::from(last.saturating_add(1))];
    };
    let tail = text.chars().rev().take_while(char::is_ascii_alphanumeric).take(12).count();
    let head = text.get(..text.len() - tail).unwrap_or_default();
    let free = |id: &String| !items.contains_key(id);
    let numbered = (1..=items.len() + 1).map(|n| format!("{text}-{n}")).find(free);
    let replaced = (1..=items.len() + 1).map(|n| format!("{head}{n:0tail$}")).find(free);
    let all = Some(text.clone()).filter(free).into_iter().chain(numbered).chain(replaced);
    all.map(Value::from).collect()
}

/// Fills in what the envelope of a list says of it, where a property of that name and kind stands.
fn count(envelope: &mut Map<String, Value>, page: &Page) {
    for (name, value) in envelope.iter_mut() {
        match (shape::fold(name).as_str(), &value) {
            ("total" | "totalcount" | "totalitems" | "totalresults" | "count", Value::Number(_)) => {
                *value = Value::from(page.total);
            }
            ("hasmore" | "hasnext" | "hasnextpage", Value::Bool(_)) => {
                *value = Value::Bool(page.next.is_some())
            }
            ("nextcursor" | "nexttoken" | "nextpagetoken" | "cursor", Value::String(_) | Value::Null) => {
                *value = page.next.clone().map_or(Value::Null, Value::from);
            }
            _ => {}
        }
    }
}

//! A mock that remembers: what POST made, GET finds, until DELETE removes it.
//!
//! Nothing here knows HTTP. A call is an operation with its decoded values; an answer is a status and a value, which
//! the mock checks against its schema before it is sent.

mod infer;
mod query;
mod redis;
mod shape;
mod sqlite;
mod store;

use std::sync::Arc;

use descant_model::api::{Api, ExampleValue, Operation, SchemaId};
use indexmap::IndexMap;
use serde_json::{Map, Value};

pub use self::infer::{Collection, Part, Plan, Role, infer};
pub use self::redis::Redis;
pub use self::sqlite::Sqlite;
pub use self::store::{Items, Memory, Scope, Snapshot, Store, StoreError};

pub use self::shape::Place;
pub(crate) use self::shape::fold;

use self::query::{Page, plain};
use crate::schemas::Schemas;

/// Items of one scope; beyond it the oldest goes.
const CAPACITY: usize = 10_000;

/// A decoded and valid call.
pub struct Call<'a> {
    /// Index into [`Api::operations`].
    pub operation: usize,
    pub path: &'a IndexMap<String, Value>,
    pub query: &'a IndexMap<String, Value>,
    /// The JSON body.
    pub body: Option<&'a Value>,
    pub seed: u64,
}

/// What the state says to a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// A status of success and its value; `None` where the answer has no body.
    Done { status: u16, value: Option<Value>, created: Option<String> },
    /// There is no such item, or no longer.
    NotFound,
}

/// The state of one document.
pub struct State {
    api: Arc<Api>,
    plan: Plan,
    values: Arc<Schemas>,
    store: Arc<dyn Store>,
}

impl State {
    /// Infers the collections of a document, and keeps their items in a store.
    pub(crate) fn new(api: Arc<Api>, values: Arc<Schemas>, store: Arc<dyn Store>) -> Self {
        Self { plan: infer(&api), values, api, store }
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
        if self.store.items(&scope)?.is_none() {
            self.store.seed(&scope, self.examples(part.collection))?;
        }
        let task = Task { state: self, part, collection, scope, call };
        match part.role {
            Role::List => task.list(),
            Role::Create => task.create(),
            Role::Read => task.read(),
            Role::Replace | Role::Update => task.change(),
            Role::Delete => task.delete(),
        }
    }

    /// The items that the document's examples of lists and items show.
    fn examples(&self, collection: usize) -> Items {
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
        let items = self.state.store.items(&self.scope)?.unwrap_or_default();
        let page = query::select(&items, self.call.query, self.first_page());
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
        let Some(Value::Object(body)) = self.call.body else { return Ok(None) };
        let items = self.state.store.items(&self.scope)?.unwrap_or_default();
        let Some((mut item, id)) = self.fresh(body, &items) else { return Ok(None) };
        item.extend(body.iter().map(|(name, value)| (name.clone(), value.clone())));
        let item = Value::Object(item);
        let Some(answer) = self.show(item.clone(), Some(id.clone())) else { return Ok(None) };
        self.state.store.put(&self.scope, &id, item, CAPACITY)?;
        Ok(Some(answer))
    }

    fn change(&self) -> Outcome {
        let Some(item) = self.stored()? else { return Ok(Some(Answer::NotFound)) };
        let (Some(Value::Object(body)), Value::Object(mut item)) = (self.call.body, item) else {
            return Ok(None);
        };
        if self.part.role == Role::Replace {
            let kept = self.own_properties(&item);
            item.retain(|name, _| kept.contains(name));
        }
        let identity = self.collection.identity.as_deref();
        for (name, value) in body.iter().filter(|(name, _)| identity != Some(name.as_str())) {
            merge(&mut item, name, value);
        }
        let mut item = Value::Object(item);
        let mut answer = self.show(item.clone(), None);
        if answer.is_none() {
            remove_nulls(&mut item);
            answer = self.show(item.clone(), None);
        }
        let Some(answer) = answer else { return Ok(None) };
        if let Some(id) = self.id() {
            self.state.store.put(&self.scope, &id, item, CAPACITY)?;
        }
        Ok(Some(answer))
    }

    fn delete(&self) -> Outcome {
        let Some(id) = self.id() else { return Ok(None) };
        let Some(item) = self.state.store.get(&self.scope, &id)? else { return Ok(Some(Answer::NotFound)) };
        self.state.store.remove(&self.scope, &id)?;
        Ok(self.show(item, None).or(Some(Answer::Done {
            status: self.part.status,
            value: None,
            created: None,
        })))
    }

    fn id(&self) -> Option<String> {
        self.call.path.get(self.part.item.as_ref()?).map(plain)
    }

    fn stored(&self) -> Result<Option<Value>, StoreError> {
        match self.id() {
            Some(id) => self.state.store.get(&self.scope, &id),
            None => Ok(None),
        }
    }

    /// What a new item has before its body is laid over it: what its schema requires or only the server writes, and
    /// an identity that no other item has.
    fn fresh(&self, body: &Map<String, Value>, items: &Items) -> Option<(Map<String, Value>, String)> {
        let identity = self.collection.identity.as_deref()?;
        let seed = self.call.seed.wrapping_add(items.len() as u64);
        let sampled =
            self.collection.item.as_ref().or(self.part.answer.as_ref()).and_then(|(schema, place)| {
                let value = self.state.values.sample(*schema, seed)?;
                at(&value, place)?.as_object().cloned()
            });
        let mut item = sampled.unwrap_or_default();
        let id = match body.get(identity).filter(|id| id.is_string() || id.is_number()) {
            Some(id) => id.clone(),
            None => unused(item.get(identity).cloned().unwrap_or_default(), items),
        };
        let kept = self.own_properties(&item);
        item.retain(|name, _| kept.contains(name));
        let key = plain(&id);
        item.insert(identity.to_owned(), id);
        Some((item, key))
    }

    /// The properties of an item that are the server's: its identity, those that only it writes, those required.
    fn own_properties(&self, item: &Map<String, Value>) -> Vec<String> {
        let schemas = &self.state.api.schemas;
        let Some((schema, place)) = self.collection.item.as_ref().or(self.part.answer.as_ref()) else {
            return Vec::new();
        };
        let Some(mut schema) = schemas.get(*schema).map(|schema| &*schema.value) else { return Vec::new() };
        for name in place {
            schema = shape::properties(schemas, schema).get(name.as_str()).copied().unwrap_or(schema);
        }
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

    /// Pages count from 0 where the document's own parameter does.
    fn first_page(&self) -> u64 {
        let operation = self.state.api.operations.get(self.call.operation);
        let parameters = operation.map(|operation| operation.parameters.as_slice()).unwrap_or_default();
        let page = parameters.iter().find(|parameter| shape::fold(&parameter.name).starts_with("page"));
        let schema = page.and_then(|page| self.state.api.schemas.get(page.schema?));
        let starts_at_zero = |keyword| {
            schema
                .and_then(|schema| schema.value.get(keyword))
                .and_then(Value::as_u64)
                .is_some_and(|n| n == 0)
        };
        u64::from(!(starts_at_zero("default") || starts_at_zero("minimum")))
    }
}

/// The value at a place.
fn at<'a>(value: &'a Value, place: &[String]) -> Option<&'a Value> {
    place.iter().try_fold(value, |value, name| value.get(name))
}

/// A value with another at a place; objects are made on the way.
fn put(mut value: Value, place: &[String], inner: Value) -> Value {
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

/// Takes out what a merge patch set to null (RFC 7396), where the schema does not admit null itself.
fn remove_nulls(item: &mut Value) {
    if let Some(item) = item.as_object_mut() {
        item.retain(|_, value| !value.is_null());
    }
}

/// Lays a value over another: an object is merged, anything else replaces.
fn merge(target: &mut Map<String, Value>, name: &str, value: &Value) {
    match (target.get_mut(name), value) {
        (Some(Value::Object(old)), Value::Object(new)) => {
            new.iter().for_each(|(name, value)| {
                old.insert(name.clone(), value.clone());
            });
        }
        _ => {
            target.insert(name.to_owned(), value.clone());
        }
    }
}

/// An identity like the sampled one that no item has: numbers count on, texts get a number at their end.
fn unused(sampled: Value, items: &Items) -> Value {
    let Value::String(text) = sampled else {
        let last = items.keys().filter_map(|id| id.parse::<u64>().ok()).max().unwrap_or(0);
        return Value::from(last.saturating_add(1));
    };
    let mut numbered = (1..=CAPACITY + 1).map(|n| format!("{text}-{n}"));
    let id = if items.contains_key(&text) {
        numbered.find(|id| !items.contains_key(id))
    } else {
        Some(text.clone())
    };
    Value::from(id.unwrap_or(text))
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

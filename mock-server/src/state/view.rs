//! Presents items in responses, and completes new and changed items, so that each response follows its schema.

use std::borrow::Cow;

use descant_model::api::SchemaId;
use descant_model::schema::Schema;
use serde_json::{Map, Value};

use super::call::{Call, Done, StateAnswer};
use super::collections::{Collection, Part, Role};
use super::paging::Listed;
use super::query::{Page, Query};
use super::relations::Records;
use super::stock::{Stock, examples, identities};
use super::store::Scope;
use crate::tables::schema_paths;
use crate::vocabulary::seed::Seed;
use crate::vocabulary::value_path::{at, plain, put};

/// The number of values that are sampled for a new item of a union: the first may be of the wrong branch.
const SAMPLES: u64 = 6;

/// A call with the part that its operation takes in a collection.
pub(super) struct Task<'a> {
    pub(super) stock: &'a Stock,
    pub(super) part: &'a Part,
    pub(super) collection: &'a Collection,
    pub(super) scope: Scope,
    pub(super) call: &'a Call<'a>,
}

/// A new item whose response follows its schema.
pub(super) struct Draft {
    pub(super) id: String,
    /// The item to store, without the properties that are shown once.
    pub(super) kept: Value,
    pub(super) answer: Done,
}

impl Task<'_> {
    /// Returns the answer that shows an item.
    ///
    /// # Errors
    /// How it would violate its schema.
    pub(super) fn show(&self, item: Value) -> Result<Done, String> {
        let status = self.part.status;
        let Some((schema, path)) = &self.part.response else {
            return Ok(Done { status, ..Done::default() });
        };
        let envelope = self.envelope(*schema, path).ok_or("its schema has no value to show an item in")?;
        let item = if self.part.shows_list { Value::Array(vec![item]) } else { item };
        let value = self.stock.schemas.shown(*schema, put(envelope, path, item))?;
        Ok(Done { status, value: Some(value), ..Done::default() })
    }

    /// Returns the value that shows a page of items.
    ///
    /// # Errors
    /// How it would violate its schema.
    pub(super) fn page(&self, page: Page, listed: &Listed) -> Result<Value, String> {
        let (schema, path) = self.part.response.as_ref().ok_or("its answer has no list of the items")?;
        let envelope = self.envelope(*schema, path).ok_or("its schema has no value to show a list in")?;
        let mut items: Vec<Value> = page.items.into_iter().map(|(_, item)| self.projected(item)).collect();
        let mut envelopes = listed.annotate(&envelope, path).into_iter().peekable();
        let mut reason = String::new();
        while let Some(envelope) = envelopes.next() {
            let items = if envelopes.peek().is_some() { items.clone() } else { std::mem::take(&mut items) };
            match self.stock.schemas.shown(*schema, put(envelope, path, Value::Array(items))) {
                Ok(value) => return Ok(value),
                Err(violation) => reason = violation,
            }
        }
        Err(format!("what the state keeps breaks the schema of this list: {reason}"))
    }

    /// Returns an item as the response's own schema has it, where that differs from the schema that it is read by: without
    /// members that are not declared, and with sampled ones that are required.
    fn projected(&self, mut item: Value) -> Value {
        let schemas = &self.stock.api.schemas;
        let own = self.part.response.as_ref().and_then(|(schema, path)| {
            schema_paths::item(schemas, *schema, path, self.part.role == Role::List)
        });
        let read = self.collection.item.as_ref();
        let read = read.and_then(|(schema, path)| schema_paths::item(schemas, *schema, path, false));
        let (Some(own), Some(read)) = (own, read) else { return item };
        let resolved = |schema| schemas.resolve(schema).map(std::ptr::from_ref);
        let declared = schemas.properties(own);
        if resolved(own) == resolved(read) || declared.is_empty() {
            return item;
        }
        if let Some(members) = item.as_object_mut() {
            members.retain(|name, _| declared.contains_key(name.as_str()));
            self.add_required(members, own);
        }
        item
    }

    /// Adds sampled values of the properties that a response's schema requires of an item.
    fn add_required(&self, members: &mut Map<String, Value>, schema: &Schema) {
        let required = self.stock.api.schemas.required(schema, false);
        let missing: Vec<&str> = required.into_iter().filter(|name| !members.contains_key(*name)).collect();
        let Some((schema, path)) = self.part.response.as_ref().filter(|_| !missing.is_empty()) else {
            return;
        };
        let id = self.collection.identity.as_ref().and_then(|identity| members.get(identity)).map(plain);
        let seed = self.stock.seed(&self.scope, self.part.collection).with(&id.unwrap_or_default());
        let Some(sampled) = self.stock.schemas.sample(*schema, seed.value()) else { return };
        let found = at(&sampled, path);
        let item = found.and_then(|found| found.get(0)).or(found);
        for name in missing {
            let value = item.and_then(|item| item.get(name)).cloned();
            members.extend(value.map(|value| (name.to_owned(), value)));
        }
    }

    /// Returns the answer that shows a page of a list.
    pub(super) fn list(&self, page: Page, query: &Query) -> StateAnswer {
        let selection = &self.part.selection;
        let listed = Listed::new(&page, query, selection, self.call.target);
        let cut = selection.is_whole() && page.has_more();
        let notice = cut.then(|| {
            let (shown, total) = (page.items.len(), page.total);
            format!(
                "the list is cut: {shown} of {total} items, and the operation has no parameter for the others"
            )
        });
        match self.page(page, &listed) {
            Ok(value) => {
                let (status, value, listed) = (self.part.status, Some(value), Some(listed));
                StateAnswer::Done(Done { status, value, listed, notice, created: None })
            }
            Err(reason) => StateAnswer::Unserved(reason),
        }
    }

    /// Returns a page of the records that the scope begins with.
    pub(super) fn stocked_page(&self, query: &Query) -> Page {
        let items = self.stock.items(&self.scope, self.part.collection);
        query.select(items.iter().map(|(id, item)| (Cow::Borrowed(id.as_str()), Cow::Borrowed(item))))
    }

    /// Returns the answer without a store, where the call only reads: the stock is never changed.
    pub(super) fn answer_from_stock(&self) -> Option<StateAnswer> {
        let first = |page: Page| page.items.into_iter().next().map(|(_, item)| item);
        let item = match self.part.role {
            Role::List => {
                let query = self.part.selection.query(self.call.query);
                return Some(self.list(self.stocked_page(&query), &query));
            }
            Role::Own => first(self.stocked_page(&Query { limit: 1, ..Query::default() }))?,
            Role::Read => {
                let id = self.call.path.get(self.part.item.as_ref()?)?;
                self.stock.record(&self.scope, self.part.collection, id)?
            }
            Role::Create | Role::Replace | Role::Update | Role::Delete => return None,
        };
        Some(self.show(self.projected(item)).map_or_else(StateAnswer::Unserved, StateAnswer::Done))
    }

    /// Returns the value around an item or a list: that of the operation's valid example, else a sampled one.
    fn envelope(&self, schema: SchemaId, path: &[String]) -> Option<Value> {
        if path.is_empty() {
            return Some(Value::Null);
        }
        let operation = self.stock.api.operations.get(self.call.operation)?;
        let shown = examples(operation).find(|value| self.stock.schemas.is_valid(schema, value));
        shown.cloned().or_else(|| self.stock.schemas.sample(schema, self.call.seed))
    }

    /// Returns a new item: the body over the properties that its schema requires and only the server writes. `number` is
    /// the scope's next; a later `attempt` has an identity that no other item has.
    pub(super) fn draft(
        &self,
        body: &Map<String, Value>,
        identity: &str,
        given: Option<&Value>,
        (number, attempt): (u64, usize),
    ) -> Result<Draft, String> {
        let others = body.iter().filter(|(name, _)| *name != identity);
        let seed = match given {
            Some(id) => Seed::new(self.call.seed).with(&plain(id)).value(),
            None => self.call.seed.wrapping_add(number),
        };
        let (mut second, mut reason) = (None, None);
        for base in self.bases(seed) {
            let ids = match given {
                Some(id) => vec![id.clone()],
                None => identities(base.get(identity), number, attempt),
            };
            for id in ids {
                let mut item = base.clone();
                let key = plain(&id);
                item.insert(identity.to_owned(), id);
                item.extend(others.clone().map(|(name, value)| (name.clone(), value.clone())));
                let mut answer = match self.show(Value::Object(item.clone())) {
                    Ok(answer) => answer,
                    Err(violation) => {
                        reason.get_or_insert(violation);
                        continue;
                    }
                };
                answer.notice = self.later_violation(&item);
                let is_fit = answer.notice.is_none();
                item.retain(|name, _| !self.part.shown_once.contains(name));
                let draft = Draft { id: key, kept: Value::Object(item), answer };
                match is_fit {
                    true => return Ok(draft),
                    false => _ = second.get_or_insert(draft),
                }
            }
        }
        second.ok_or_else(|| reason.unwrap_or_else(|| "no new item follows its schema".to_owned()))
    }

    /// Returns how a new item violates the schema that it is read by, where another schema shows it now.
    fn later_violation(&self, item: &Map<String, Value>) -> Option<String> {
        let read = self.collection.item.as_ref().filter(|read| Some(*read) != self.part.response.as_ref());
        let (schema, path) = read?;
        let around = if path.is_empty() { Value::Null } else { self.stock.schemas.sample(*schema, 0)? };
        let shown = put(around, path, Value::Object(item.clone()));
        let violation = self.stock.schemas.shown(*schema, shown).err()?;
        Some(format!("the new item breaks the schema by which it is read: {violation}"))
    }

    /// Returns the values to lay a new item over, the likeliest first: the properties of the item's schema and of the
    /// response's that only the server writes or that are required, then those required in a branch of a union.
    fn bases(&self, seed: u64) -> impl Iterator<Item = Map<String, Value>> {
        let response =
            self.part.response.as_ref().filter(|response| Some(*response) != self.collection.item.as_ref());
        let schemas: Vec<_> = self.collection.item.iter().chain(response).collect();
        let is_free = schemas.is_empty();
        let draws = [false, true].into_iter().flat_map(move |wide| {
            let seeds = if wide { SAMPLES } else { 1 };
            (0..seeds).map(move |at| (wide, seed.wrapping_add(at.wrapping_mul(7919))))
        });
        let draws = draws.flat_map(move |draw| schemas.clone().into_iter().map(move |schema| (draw, schema)));
        let sampled = draws.map(|((wide, seed), (schema, path))| {
            let value = self.stock.schemas.sample(*schema, seed);
            let item = value.as_ref().and_then(|value| at(value, path)).and_then(Value::as_object);
            let mut item = item.cloned().unwrap_or_default();
            let own = self.own_properties(&item, wide);
            item.retain(|name, _| own.contains(name));
            item
        });
        sampled.chain(is_free.then(Map::new))
    }

    /// Returns the properties that the server writes: the identity, the read-only and the required ones; with `wide`, also
    /// those required in a branch of a union.
    fn own_properties(&self, item: &Map<String, Value>, wide: bool) -> Vec<String> {
        let schemas = &self.stock.api.schemas;
        let Some((schema, path)) = self.collection.item.as_ref().or(self.part.response.as_ref()) else {
            return Vec::new();
        };
        let Some(schema) = schema_paths::item(schemas, *schema, path, false) else { return Vec::new() };
        let properties = schemas.properties(schema);
        let required = schemas.required(schema, wide);
        let server_side = |name: &str| {
            let schema = properties.get(name).and_then(|schema| schemas.resolve(schema));
            schema.is_some_and(|schema| schema.read_only() == Some(&true))
        };
        let identity = self.collection.identity.as_deref();
        let own = |name: &&String| {
            let name = name.as_str();
            identity == Some(name) || required.contains(&name) || server_side(name)
        };
        item.keys().filter(own).cloned().collect()
    }

    /// Replaces an item by a body; the properties that the server writes stay.
    pub(super) fn replaced(&self, item: &Value, body: &Value) -> Option<Value> {
        let mut item = item.as_object()?.clone();
        let kept = self.own_properties(&item, false);
        item.retain(|name, _| kept.contains(name));
        item.extend(body.as_object()?.iter().map(|(name, value)| (name.clone(), value.clone())));
        Some(Value::Object(item))
    }

    /// Restores the identity of a changed item.
    pub(super) fn identify(&self, changed: &mut Value, item: &Value) {
        let identity = self.collection.identity.as_deref();
        let known = identity.and_then(|name| Some((name, item.get(name)?)));
        if let (Some((name, id)), Some(changed)) = (known, changed.as_object_mut()) {
            changed.insert(name.to_owned(), id.clone());
        }
    }
}

//! Presents items in responses, and completes new and changed items, so that each response follows its schema.

use descant_model::api::SchemaId;
use serde_json::{Map, Value};

use super::call::{Call, Done};
use super::collections::{Collection, Part};
use super::paging::Listed;
use super::query::Page;
use super::state::{State, shown};
use super::store::Scope;
use crate::tables::schema_paths;
use crate::vocabulary::seed::Seed;
use crate::vocabulary::value_path::{at, plain, put};

/// The number of values that are sampled for a new item of a union: the first may be of the wrong branch.
const SAMPLES: u64 = 6;

/// A call with the part that its operation takes in a collection.
pub(super) struct Task<'a> {
    pub(super) state: &'a State,
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
        let value = self.state.values.shown(*schema, put(envelope, path, item))?;
        Ok(Done { status, value: Some(value), ..Done::default() })
    }

    /// Returns the value that shows a page of items.
    ///
    /// # Errors
    /// How it would violate its schema.
    pub(super) fn page(&self, page: Page, listed: &Listed) -> Result<Value, String> {
        let (schema, path) = self.part.response.as_ref().ok_or("its answer has no list of the items")?;
        let envelope = self.envelope(*schema, path).ok_or("its schema has no value to show a list in")?;
        let mut items: Vec<Value> = page.items.into_iter().map(|(_, item)| item).collect();
        let mut envelopes = listed.annotate(&envelope, path).into_iter().peekable();
        let mut reason = String::new();
        while let Some(envelope) = envelopes.next() {
            let items = if envelopes.peek().is_some() { items.clone() } else { std::mem::take(&mut items) };
            match self.state.values.shown(*schema, put(envelope, path, Value::Array(items))) {
                Ok(value) => return Ok(value),
                Err(violation) => reason = violation,
            }
        }
        Err(format!("what the state keeps breaks the schema of this list: {reason}"))
    }

    /// Returns the value around an item or a list: that of the operation's valid example, else a sampled one.
    fn envelope(&self, schema: SchemaId, path: &[String]) -> Option<Value> {
        if path.is_empty() {
            return Some(Value::Null);
        }
        let operation = self.state.api.operations.get(self.call.operation)?;
        let shown = shown(operation).find(|value| self.state.values.is_valid(schema, value));
        shown.cloned().or_else(|| self.state.values.sample(schema, self.call.seed))
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
        let around = if path.is_empty() { Value::Null } else { self.state.values.sample(*schema, 0)? };
        let shown = put(around, path, Value::Object(item.clone()));
        let violation = self.state.values.shown(*schema, shown).err()?;
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
            let value = self.state.values.sample(*schema, seed);
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
        let schemas = &self.state.api.schemas;
        let Some((schema, path)) = self.collection.item.as_ref().or(self.part.response.as_ref()) else {
            return Vec::new();
        };
        let Some(schema) = schema_paths::item(schemas, *schema, path, false) else { return Vec::new() };
        let properties = schema_paths::properties(schemas, schema);
        let required = schema_paths::required(schemas, schema, wide);
        let server_side = |name: &str| {
            let schema = properties.get(name).and_then(|schema| schema_paths::resolve(schemas, schema));
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

/// Returns identities like a sampled one, the best first: a number is the scope's next; a text gets that number at its
/// end, or in place of its end, as in a UUID, where the schema limits its length.
fn identities(sampled: Option<&Value>, number: u64, attempt: usize) -> Vec<Value> {
    let Some(Value::String(text)) = sampled else { return vec![Value::from(number)] };
    let tail = text.chars().rev().take_while(char::is_ascii_alphanumeric).take(12).count();
    let head = text.get(..text.len() - tail).unwrap_or_default();
    let itself = (attempt == 0).then(|| text.clone());
    let numbered = [format!("{text}-{number}"), format!("{head}{number:0tail$}")];
    itself.into_iter().chain(numbered).map(Value::from).collect()
}

//! What an answer shows of items, and what a new or changed item is made of, so that each answer follows its schema.

use descant_model::api::SchemaId;
use serde_json::{Map, Value};

use super::paging::Listed;
use super::query::{Page, plain};
use super::task::Task;
use super::{Done, shape, shown};
use crate::sample::Seed;

/// How many values are sampled for a new item of a union: the first may be of the wrong branch.
const SAMPLES: u64 = 6;

/// A new item that can be answered.
pub(super) struct Draft {
    pub(super) id: String,
    /// What is kept: without what is shown once.
    pub(super) kept: Value,
    pub(super) answer: Done,
}

impl Task<'_> {
    /// Returns the answer that shows an item, or why it would not follow its schema.
    pub(super) fn show(&self, item: Value) -> Result<Done, String> {
        let status = self.part.status;
        let Some((schema, place)) = &self.part.answer else {
            return Ok(Done { status, ..Done::default() });
        };
        let envelope = self.envelope(*schema, place).ok_or("its schema has no value to show an item in")?;
        let value = self.state.values.shown(*schema, put(envelope, place, item))?;
        Ok(Done { status, value: Some(value), ..Done::default() })
    }

    /// Returns the answer that shows a page of items, or why it would not follow its schema.
    pub(super) fn page(&self, page: Page, listed: &Listed) -> Result<Value, String> {
        let (schema, place) = self.part.answer.as_ref().ok_or("its answer has no list of the items")?;
        let envelope = self.envelope(*schema, place).ok_or("its schema has no value to show a list in")?;
        let mut items: Vec<Value> = page.items.into_iter().map(|(_, item)| item).collect();
        let mut envelopes = listed.annotate(&envelope, place).into_iter().peekable();
        let mut reason = String::new();
        while let Some(envelope) = envelopes.next() {
            let items = if envelopes.peek().is_some() { items.clone() } else { std::mem::take(&mut items) };
            match self.state.values.shown(*schema, put(envelope, place, Value::Array(items))) {
                Ok(value) => return Ok(value),
                Err(fault) => reason = fault,
            }
        }
        Err(format!("what the state keeps breaks the schema of this list: {reason}"))
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

    /// Returns a new item: the body over what its schema requires and only the server writes. `number` is the scope's
    /// own for it; a later `attempt` has an identity that no other item was made with.
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
                    Err(fault) => {
                        reason.get_or_insert(fault);
                        continue;
                    }
                };
                answer.notice = self.later_fault(&item);
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

    /// What the schema by which an item is read has against a new one, where another schema shows it now.
    fn later_fault(&self, item: &Map<String, Value>) -> Option<String> {
        let read = self.collection.item.as_ref().filter(|read| Some(*read) != self.part.answer.as_ref());
        let (schema, place) = read?;
        let around = if place.is_empty() { Value::Null } else { self.state.values.sample(*schema, 0)? };
        let shown = put(around, place, Value::Object(item.clone()));
        let fault = self.state.values.shown(*schema, shown).err()?;
        Some(format!("the new item breaks the schema by which it is read: {fault}"))
    }

    /// What a new item may be laid over, the likeliest first: of the item's schema and of the answer's, what only the
    /// server writes and what is required; where branches differ, with what is required in one of them.
    fn bases(&self, seed: u64) -> impl Iterator<Item = Map<String, Value>> {
        let answer =
            self.part.answer.as_ref().filter(|answer| Some(*answer) != self.collection.item.as_ref());
        let schemas: Vec<_> = self.collection.item.iter().chain(answer).collect();
        let is_free = schemas.is_empty();
        let draws = [false, true].into_iter().flat_map(move |wide| {
            let seeds = if wide { SAMPLES } else { 1 };
            (0..seeds).map(move |at| (wide, seed.wrapping_add(at.wrapping_mul(7919))))
        });
        let draws = draws.flat_map(move |draw| schemas.clone().into_iter().map(move |schema| (draw, schema)));
        let sampled = draws.map(|((wide, seed), (schema, place))| {
            let value = self.state.values.sample(*schema, seed);
            let item = value.as_ref().and_then(|value| at(value, place)).and_then(Value::as_object);
            let mut item = item.cloned().unwrap_or_default();
            let own = self.own_properties(&item, wide);
            item.retain(|name, _| own.contains(name));
            item
        });
        sampled.chain(is_free.then(Map::new))
    }

    /// The properties of an item that are the server's: its identity, those that only it writes, those required;
    /// `wide`: those required in a branch of a union, too.
    fn own_properties(&self, item: &Map<String, Value>, wide: bool) -> Vec<String> {
        let schemas = &self.state.api.schemas;
        let Some((schema, place)) = self.collection.item.as_ref().or(self.part.answer.as_ref()) else {
            return Vec::new();
        };
        let Some(schema) = shape::item(schemas, *schema, place, false) else { return Vec::new() };
        let properties = shape::properties(schemas, schema);
        let required = shape::required(schemas, schema, wide);
        let server_side = |name: &str| {
            let schema = properties.get(name).and_then(|schema| shape::resolve(schemas, schema));
            schema.is_some_and(|schema| schema.read_only() == Some(&true))
        };
        let identity = self.collection.identity.as_deref();
        let own = |name: &&String| {
            let name = name.as_str();
            identity == Some(name) || required.contains(&name) || server_side(name)
        };
        item.keys().filter(own).cloned().collect()
    }

    /// Puts a body in the place of an item: what is the server's stays.
    pub(super) fn replaced(&self, item: &Value, body: &Value) -> Option<Value> {
        let mut item = item.as_object()?.clone();
        let kept = self.own_properties(&item, false);
        item.retain(|name, _| kept.contains(name));
        item.extend(body.as_object()?.iter().map(|(name, value)| (name.clone(), value.clone())));
        Some(Value::Object(item))
    }

    /// Gives a changed item the identity that it had.
    pub(super) fn identify(&self, changed: &mut Value, item: &Value) {
        let identity = self.collection.identity.as_deref();
        let known = identity.and_then(|name| Some((name, item.get(name)?)));
        if let (Some((name, id)), Some(changed)) = (known, changed.as_object_mut()) {
            changed.insert(name.to_owned(), id.clone());
        }
    }
}

/// Identities like a sampled one, the best first: a number is the scope's own; a text gets that number at its end, or in
/// place of it, as in a UUID, where the schema would not have it longer.
fn identities(sampled: Option<&Value>, number: u64, attempt: usize) -> Vec<Value> {
    let Some(Value::String(text)) = sampled else { return vec![Value::from(number)] };
    let tail = text.chars().rev().take_while(char::is_ascii_alphanumeric).take(12).count();
    let head = text.get(..text.len() - tail).unwrap_or_default();
    let itself = (attempt == 0).then(|| text.clone());
    let numbered = [format!("{text}-{number}"), format!("{head}{number:0tail$}")];
    itself.into_iter().chain(numbered).map(Value::from).collect()
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

//! A state that a person wrote: records by the name or path of their collection, which may lack what their schema requires.
//!
//! ```yaml
//! users: [{name: Ann}, {name: Bob, id: 7}]
//! /users/7/orders: [{total: 12.5}]
//! ```

use std::collections::HashSet;

use descant_model::tree::escape_token;
use descant_model::written::Written;
use serde_json::{Map, Value};

use super::collections::Collection;
use super::files::File;
use super::state::State;
use super::stock::Stock;
use super::store::{Items, Room, Scope, Snapshot};
use crate::vocabulary::value_path::{fold, plain};

/// The records that a person writes; a snapshot may have more.
const MAX_RECORDS: usize = 50_000;

/// Why a state that a person wrote is none of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The place in what was written (RFC 6901).
    pub pointer: String,
    /// What was expected there.
    pub message: String,
}

impl Misfit {
    fn new(tokens: &[&str], message: impl Into<String>) -> Self {
        let escaped = tokens.iter().map(|token| format!("/{}", escape_token(token)));
        Self { pointer: escaped.collect(), message: message.into() }
    }
}

impl std::fmt::Display for Misfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = if self.pointer.is_empty() { "the state" } else { &self.pointer };
        write!(f, "{place}: {}", self.message)
    }
}

impl State {
    /// Reads a state from a text, YAML or JSON.
    ///
    /// # Errors
    /// The first fault with its position: `state.yaml:3:7: /users/1/age: expected an integer`.
    pub fn read_text(&self, name: &str, text: Vec<u8>) -> Result<Snapshot, String> {
        let written = Written::read(name, text)?;
        self.read(written.value()).map_err(|misfit| format!("{}: {misfit}", written.place(&misfit.pointer)))
    }

    /// Reads a state that a person wrote: a list of records for each collection, by its name or path; or a snapshot. A
    /// record without identity gets one, and what its schema requires beyond its members is taken from the stock.
    ///
    /// # Errors
    /// The first part that does not fit the document.
    pub fn read(&self, written: &Value) -> Result<Snapshot, Misfit> {
        let Value::Object(collections) = written else {
            let message = "expected an object with a list of records for each collection";
            return Err(Misfit::new(&[], message));
        };
        let count: usize = collections.values().filter_map(Value::as_array).map(Vec::len).sum();
        if count > MAX_RECORDS {
            return Err(Misfit::new(
                &[],
                format!("{count} records; a state by hand has at most {MAX_RECORDS}"),
            ));
        }
        let mut snapshot = Snapshot::new();
        for (key, value) in collections {
            let (most, count) = (Room::default().items, value.as_array().map_or(0, Vec::len));
            if count > most {
                return Err(Misfit::new(&[key], format!("{count} records; a collection keeps {most}")));
            }
            let (scope, items) = match key.starts_with('[') {
                true => self.of_snapshot(key, value)?,
                false => self.stock.of_person(key, value)?,
            };
            if snapshot.insert(scope, items).is_some() {
                return Err(Misfit::new(&[key], "the collection is named twice"));
            }
        }
        if snapshot.len() > Room::default().scopes {
            let message = format!("{} collections; a state keeps {}", snapshot.len(), Room::default().scopes);
            return Err(Misfit::new(&[], message));
        }
        Ok(snapshot)
    }

    /// Reads a scope as a snapshot has it.
    fn of_snapshot(&self, key: &str, value: &Value) -> Result<(Scope, Items), Misfit> {
        let scope = Scope::from_key(key).map_err(|error| Misfit::new(&[key], error.to_string()))?;
        if !self.keeps(&scope) {
            return Err(Misfit::new(&[key], self.stock.unknown(&scope.collection)));
        }
        let Value::Object(items) = value else {
            return Err(Misfit::new(&[key], "expected an object with a record for each identity"));
        };
        let is_broken = |(_, file): &(&String, &Value)| File::of_value(file).is_none();
        if self.stock.files.keeps(&scope)
            && let Some((name, _)) = items.iter().find(is_broken)
        {
            return Err(Misfit::new(&[key, name], "expected a file: an object with `content` in base64"));
        }
        Ok((scope, items.clone().into_iter().collect()))
    }
}

impl Stock {
    /// Reads the records of a collection as a person writes them.
    fn of_person(&self, key: &str, value: &Value) -> Result<(Scope, Items), Misfit> {
        let (scope, collection) = self.named(key).map_err(|message| Misfit::new(&[key], message))?;
        let Value::Array(records) = value else {
            return Err(Misfit::new(&[key], "expected a list of records"));
        };
        let identity = self.collection(collection).and_then(|one| one.identity.clone());
        let identity =
            identity.ok_or_else(|| Misfit::new(&[key], "no property of a record is its identity"))?;
        let mut items = Items::new();
        let given: HashSet<String> =
            records.iter().filter_map(|record| given(record, &identity)).map(plain).collect();
        let around = self.around(&scope, collection);
        let mut turn = 0;
        for (index, record) in records.iter().enumerate() {
            let index = index.to_string();
            let at = |message: &str| Misfit::new(&[key, &index], message);
            let members = record.as_object().ok_or_else(|| at("expected an object"))?;
            let id = match self::given(record, &identity) {
                Some(id) => id.clone(),
                None => loop {
                    turn += 1;
                    let id = self.identities(&scope, collection, turn).into_iter().next();
                    let is_free = |id: &Value| !given.contains(&plain(id)) && !items.contains_key(&plain(id));
                    match id.filter(is_free) {
                        Some(id) => break id,
                        None if turn > 2 * records.len() as u64 + 8 => {
                            return Err(at("no identity is free for the record"));
                        }
                        None => {}
                    }
                },
            };
            let record = self.completed((&scope, collection, &around), (&identity, &id), members);
            let record = record.map_err(|(pointer, message)| Misfit {
                pointer: format!("{}{pointer}", at("").pointer),
                message,
            })?;
            if items.insert(plain(&id), record).is_some() {
                return Err(at(&format!("another record has the `{identity}` {id}")));
            }
        }
        Ok((scope, items))
    }

    /// Returns a record with its identity; where its schema requires more, with the members of the stock's record of this
    /// identity.
    ///
    /// # Errors
    /// The pointer and the sentence of the first fault.
    fn completed(
        &self,
        (scope, collection, around): (&Scope, usize, &Value),
        (identity, id): (&String, &Value),
        members: &Map<String, Value>,
    ) -> Result<Value, (String, String)> {
        let mut own = Map::from_iter([(identity.clone(), id.clone())]);
        own.extend(members.clone());
        let own = Value::Object(own);
        let Some(fault) = self.fault(collection, around, &own) else { return Ok(own) };
        let Some(Value::Object(mut record)) = self.record(scope, collection, id) else { return Err(fault) };
        record.extend(members.clone());
        let record = Value::Object(record);
        match self.fault(collection, around, &record) {
            None => Ok(record),
            Some(fault) => Err(fault),
        }
    }

    /// Returns the scope of a collection by its path with the identities of its parents, `/users/7/orders`, or by its name,
    /// `users`.
    fn named(&self, key: &str) -> Result<(Scope, usize), String> {
        let kept = self.kept();
        if key.starts_with('/') {
            let sent: Vec<&str> = key.trim_end_matches('/').split('/').collect();
            let found = kept.iter().find_map(|(index, one)| {
                let parents = parents(&one.path, &sent)?;
                Some((Scope { collection: one.path.clone(), parents }, *index))
            });
            return found.ok_or_else(|| self.unknown(key));
        }
        let last = |one: &Collection| one.path.rsplit('/').next().map(fold);
        let mut found = kept;
        found.retain(|(_, one)| !one.path.contains('{') && last(one) == Some(fold(key)));
        match found.as_slice() {
            [(index, one)] => Ok((Scope { collection: one.path.clone(), parents: Vec::new() }, *index)),
            [] => Err(self.unknown(key)),
            several => {
                let paths: Vec<&str> = several.iter().map(|(_, one)| one.path.as_str()).collect();
                Err(format!("`{key}` may be {}: write its path", paths.join(" or ")))
            }
        }
    }

    /// Returns the collections that an operation takes part in.
    fn kept(&self) -> Vec<(usize, &Collection)> {
        let all = self.plan.collections.iter().enumerate();
        all.filter(|(index, _)| self.plan.is_kept(*index)).collect()
    }

    /// Says that the document has no such collection, and which it has.
    fn unknown(&self, name: &str) -> String {
        const MOST: usize = 20;
        let kept = self.kept();
        let shown: Vec<String> = kept.iter().take(MOST).map(|(_, one)| format!("`{}`", one.path)).collect();
        let more = match kept.len().checked_sub(MOST) {
            None | Some(0) => String::new(),
            Some(more) => format!(", and {more} more"),
        };
        match kept.is_empty() {
            true => format!("the document has no collection `{name}`, nor any other"),
            false => format!("the document has no collection `{name}`; it has {}{more}", shown.join(", ")),
        }
    }
}

/// Returns the identity that a record has.
fn given<'a>(record: &'a Value, identity: &str) -> Option<&'a Value> {
    record.get(identity).filter(|id| id.is_string() || id.is_number())
}

/// Returns the values of a template's parameters in a path; `None` where it does not match.
fn parents(template: &str, sent: &[&str]) -> Option<Vec<String>> {
    let segments: Vec<&str> = template.split('/').collect();
    let mut values = Vec::new();
    if segments.len() != sent.len() {
        return None;
    }
    for (segment, sent) in segments.iter().zip(sent) {
        match segment.starts_with('{') && segment.ends_with('}') {
            true => values.push(percent_encoding::percent_decode_str(sent).decode_utf8().ok()?.into_owned()),
            false if segment == sent => {}
            false => return None,
        }
    }
    Some(values)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use descant_model::load::{Options, load_text};
    use serde_json::json;

    use super::*;
    use crate::mock::Mock;
    use crate::state::Memory;
    use crate::vocabulary::settings::Settings;

    const DOCUMENT: &str = "
openapi: 3.1.0
info: {title: Shop, version: '1'}
paths:
  /users:
    get: {responses: {'200': {description: d, content: {application/json: {schema: {type: object, properties: {data: {type: array, items: {$ref: '#/components/schemas/User'}}}}}}}}}
    post: {responses: {'201': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}}}}
  /users/{id}:
    get: {parameters: [{name: id, in: path, required: true, schema: {type: integer}}], responses: {'200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}}}}
  /users/{id}/orders:
    get: {parameters: [{name: id, in: path, required: true, schema: {type: integer}}], responses: {'200': {description: d, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Order'}}}}}}}
    post: {parameters: [{name: id, in: path, required: true, schema: {type: integer}}], responses: {'201': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}}}
  /users/{id}/orders/{order}:
    get: {parameters: [{name: id, in: path, required: true, schema: {type: integer}}, {name: order, in: path, required: true, schema: {type: string}}], responses: {'200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}}}
components:
  schemas:
    User: {type: object, required: [id, name, email], properties: {id: {type: integer}, name: {type: string}, email: {type: string, format: email}, age: {type: integer}, password: {type: string, writeOnly: true}}}
    Order: {type: object, required: [id], properties: {id: {type: string}, userId: {type: integer}, total: {type: number}}}
";

    fn state() -> State {
        let api = load_text("shop.yaml", DOCUMENT, &Options::default()).api.unwrap();
        let mock = Mock::new(Arc::new(api), Settings::default()).with_state(Arc::new(Memory::default()));
        mock.state().unwrap().clone()
    }

    #[test]
    fn records_are_completed_and_identified() {
        let text = "users:
  - {name: Ann, password: secret}
  - {id: 1, name: Bob, email: bob@example.com}
/users/1/orders:
  - {id: o-1, total: 12.5}
";
        let snapshot = state().read_text("state.yaml", text.into()).unwrap();
        let scope = |collection: &str, parents: &[&str]| Scope {
            collection: collection.to_owned(),
            parents: parents.iter().map(|parent| (*parent).to_owned()).collect(),
        };
        let users = &snapshot[&scope("/users", &[])];
        assert_eq!(users.keys().collect::<Vec<_>>(), ["2", "1"], "no record gets the identity of another");
        assert_eq!(users["1"], json!({"id": 1, "name": "Bob", "email": "bob@example.com"}));
        assert_eq!((&users["2"]["name"], &users["2"]["password"]), (&json!("Ann"), &json!("secret")));
        assert!(users["2"]["email"].as_str().unwrap().contains('@'), "{}", users["2"]);
        let orders = &snapshot[&scope("/users/{id}/orders", &["1"])];
        assert_eq!(orders["o-1"], json!({"id": "o-1", "total": 12.5}));
        let exported: Map<String, Value> =
            snapshot.iter().map(|(scope, items)| (scope.to_key(), json!(items))).collect();
        assert_eq!(state().read(&Value::Object(exported)), Ok(snapshot), "a snapshot is read as it was");
    }

    #[test]
    fn faults_are_located() {
        let state = state();
        let check = |text: &str, expected: &str| {
            let error = state.read_text("state.yaml", text.into()).unwrap_err();
            assert_eq!(error, expected, "{text}");
        };
        check(
            "users:\n  - {name: Ann}\n  - {age: old}\n",
            "state.yaml:3:11: /users/1/age: expected an integer",
        );
        check("users:\n  - Ann\n", "state.yaml:2:5: /users/0: expected an object");
        check("users: 3\n", "state.yaml:1:8: /users: expected a list of records");
        check(
            "[1]",
            "state.yaml:1:1: the state: expected an object with a list of records for each collection",
        );
        check("users: [{id: 1}, {id: 1}]\n", "state.yaml:1:18: /users/1: another record has the `id` 1");
        check("users: []\n/users: []\n", "state.yaml:2:9: /~1users: the collection is named twice");
        let unknown = "the document has no collection `user`; it has `/users`, `/users/{id}/orders`";
        check("user: []\n", &format!("state.yaml:1:7: /user: {unknown}"));
        let many = format!("users: [{}]", "{},".repeat(10_001));
        check(&many, "state.yaml:1:8: /users: 10001 records; a collection keeps 10000");
        assert!(state.read_text("state.yaml", "users: [".into()).unwrap_err().starts_with("state.yaml:1:"));
    }
}

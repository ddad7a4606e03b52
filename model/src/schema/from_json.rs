//! Reads raw JSON Schema 2020-12: for tests, and for schemas without an OpenAPI document.

use std::sync::Arc;

use indexmap::IndexSet;
use serde_json::Value;

use super::definitions::{Definition, SchemaId, SchemaName, Schemas};
use super::payload::Reader;
use super::{Keyword, Schema};
use crate::source::Origin;
use crate::tree::{escape_token, unescape_token};

/// The maximum nesting of schemas; deeper ones admit anything. Real schemas stay below 20, and recursion must fit a
/// small stack.
const MAX_DEPTH: usize = 64;

/// An invalid part of a schema, which was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The position in the schema (RFC 6901).
    pub pointer: String,
    /// The reason, as a message.
    pub reason: String,
}

/// Reads a root schema whose `$ref`s are `#` or `#/$defs/KEY`. The first definition is the root, with an empty key,
/// followed by its `$defs`. A value that is not a schema admits anything, with a flaw.
pub fn from_json(root: &Value) -> (Schemas, Vec<Flaw>) {
    let defs = root.get("$defs").and_then(Value::as_object);
    let defs = || defs.into_iter().flatten();
    let keys = std::iter::once("").chain(defs().map(|(key, _)| key.as_str())).collect();
    let mut reader = Raw { root, keys, flaws: Vec::new(), depth: 0 };
    let mut schemas = Schemas::default();
    let no_key = String::new();
    for (key, value) in std::iter::once((&no_key, root)).chain(defs()) {
        let schema = Arc::new(reader.inner(value));
        let name = SchemaName::Component(key.clone());
        schemas.push(Definition {
            key: key.clone(),
            name,
            schema,
            origin: Origin::default(),
            file: String::new(),
        });
    }
    (schemas, reader.flaws)
}

struct Raw<'v> {
    root: &'v Value,
    /// The keys of the definitions, in the order of their ids.
    keys: IndexSet<&'v str>,
    flaws: Vec<Flaw>,
    depth: usize,
}

impl<'v> Raw<'v> {
    fn flaw(&mut self, at: &Value, reason: &str) {
        let pointer = pointer_to(self.root, at).unwrap_or_default();
        self.flaws.push(Flaw { pointer, reason: reason.to_owned() });
    }

    fn keyword(&mut self, keywords: &mut Vec<Keyword>, name: &str, value: &'v Value) {
        match name {
            // Definitions are read apart; the others name resources or say nothing.
            "$defs" | "$schema" | "$id" | "$anchor" | "$vocabulary" | "$comment" => return,
            // OpenAPI's older word for one of `examples`.
            "example" => return keywords.push(Keyword::Examples(vec![value.clone()])),
            "$dynamicRef" => {
                let anchor = value.as_str().and_then(|text| text.rsplit('#').next());
                return keywords.extend(anchor.map(|anchor| Keyword::DynamicRef(anchor.to_owned())));
            }
            "$ref" if value.as_str().is_some_and(|reference| !is_local(reference)) => {
                return self.flaw(value, "not a reference to a schema; left out");
            }
            _ => {}
        }
        match Keyword::read(self, name, value) {
            Ok(keyword) => keywords.push(keyword),
            Err(wanted) => self.flaw(value, &format!("not {wanted}; left out")),
        }
    }
}

impl<'v> Reader for Raw<'v> {
    type Node = &'v Value;

    fn data(&mut self, node: &'v Value) -> Value {
        node.clone()
    }

    fn items(&self, node: &'v Value) -> Option<Vec<&'v Value>> {
        Some(node.as_array()?.iter().collect())
    }

    fn entries(&self, node: &'v Value) -> Option<Vec<(String, &'v Value)>> {
        Some(node.as_object()?.iter().map(|(key, value)| (key.clone(), value)).collect())
    }

    fn field(&self, node: &'v Value, key: &str) -> Option<&'v Value> {
        node.get(key)
    }

    fn schema(&mut self, node: &'v Value) -> Option<Schema> {
        let members = match node {
            Value::Bool(admits) => return Some(Schema::Boolean(*admits)),
            Value::Object(_) if self.depth >= MAX_DEPTH => {
                self.flaw(node, "nested too deeply; treated as a schema that allows anything");
                return Some(Schema::Boolean(true));
            }
            Value::Object(members) => members,
            _ => return None,
        };
        self.depth += 1;
        let mut keywords = Vec::with_capacity(members.len());
        members.iter().for_each(|(name, value)| self.keyword(&mut keywords, name, value));
        self.depth -= 1;
        Some(Schema::Keywords(keywords))
    }

    fn inner(&mut self, node: &'v Value) -> Schema {
        self.schema(node).unwrap_or_else(|| {
            self.flaw(node, "not a schema; treated as one that allows anything");
            Schema::Boolean(true)
        })
    }

    /// Finds a schema by reference, by name, or by the last segment of a path, as in a discriminator's mapping.
    fn target(&mut self, node: &'v Value) -> Option<SchemaId> {
        let reference = node.as_str()?;
        let key = match reference {
            "#" | "#/" => String::new(),
            _ => unescaped(reference.strip_prefix("#/$defs/").or(reference.rsplit('/').next())?),
        };
        let index = self.keys.get_index_of(key.as_str())?;
        u32::try_from(index).ok().map(SchemaId)
    }
}

/// Whether a reference is to the root or one of its definitions.
fn is_local(reference: &str) -> bool {
    let definition = reference.strip_prefix("#/$defs/");
    matches!(reference, "#" | "#/") || definition.is_some_and(|key| !key.contains('/'))
}

/// A token of a pointer in a fragment: percent-encoded (RFC 3986, 3.5), then escaped (RFC 6901, 6).
fn unescaped(token: &str) -> String {
    let decoded = percent_encoding::percent_decode_str(token).decode_utf8_lossy();
    unescape_token(&decoded).into_owned()
}

/// The place of a value inside another one.
fn pointer_to(root: &Value, wanted: &Value) -> Option<String> {
    if std::ptr::eq(root, wanted) {
        return Some(String::new());
    }
    let below = |token: &str, value: &Value| Some(format!("/{token}{}", pointer_to(value, wanted)?));
    match root {
        Value::Array(items) => items.iter().enumerate().find_map(|(i, item)| below(&i.to_string(), item)),
        Value::Object(members) => members.iter().find_map(|(key, value)| below(&escape_token(key), value)),
        _ => None,
    }
}

//! The schemas of a document that something points at, each under an id.

use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};
use serde_json::Value;

use super::Schema;
use crate::source::Origin;

/// Index into [`Schemas`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SchemaId(pub u32);

/// Every schema that something points at; a reference inside a schema is the id of another entry.
#[derive(Clone, Debug, Default)]
pub struct Schemas {
    /// In the document's order: components first, then what positions and references add.
    pub entries: Vec<Definition>,
    /// From [`Definition::key`] to its id.
    pub by_key: IndexMap<String, SchemaId>,
}

/// A schema that something points at.
#[derive(Clone, Debug)]
pub struct Definition {
    /// Unique, and made of unreserved characters and `.`, `-`, `_` alone, so that it needs no escaping in a pointer.
    pub key: String,
    /// What a person would call it: the component's own name, or the way to an inline schema.
    pub name: SchemaName,
    /// The schema. Nested subschemas stay nested, unless something points at them.
    pub schema: Arc<Schema>,
    pub origin: Origin,
}

/// Where a schema's name comes from; `generator::plan` makes identifiers of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaName {
    /// A component (or definition) of this name, as written.
    Component(String),
    /// An inline schema or the target of a deep reference: words from the outside in, such as
    /// `["GET /pets", "200", "application/json"]`.
    Path(Vec<String>),
}

impl Schemas {
    /// Returns the definition of an id; `None` for an id of another document.
    pub fn get(&self, id: SchemaId) -> Option<&Definition> {
        self.entries.get(id.0 as usize)
    }

    /// Returns the schema of an id.
    pub fn schema(&self, id: SchemaId) -> Option<&Schema> {
        self.get(id).map(|definition| &*definition.schema)
    }

    /// Returns the id of a schema that is a definition itself: this very one, not one that is equal to it.
    pub fn id_of(&self, schema: &Schema) -> Option<SchemaId> {
        let index = self.entries.iter().position(|one| std::ptr::eq(&*one.schema, schema))?;
        u32::try_from(index).ok().map(SchemaId)
    }

    /// Adds a definition, whose key must be new.
    pub fn push(&mut self, definition: Definition) -> SchemaId {
        let id = SchemaId(u32::try_from(self.entries.len()).unwrap_or(u32::MAX));
        self.by_key.insert(definition.key.clone(), id);
        self.entries.push(definition);
        id
    }

    /// Returns what `$ref` states to point at a definition: `#/$defs/KEY`.
    pub fn reference(&self, id: SchemaId) -> String {
        self.get(id).map(|definition| format!("#/$defs/{}", definition.key)).unwrap_or_default()
    }

    /// Returns a definition as JSON that stands alone: `$defs` has all that it leads to.
    pub fn to_json(&self, id: SchemaId) -> Value {
        let Some(schema) = self.schema(id) else { return Value::Bool(true) };
        let Value::Object(mut root) = schema.to_json(self) else { return schema.to_json(self) };
        let mut reached = IndexSet::new();
        let mut open = vec![schema];
        while let Some(schema) = open.pop() {
            let targets = schema.within().filter_map(Schema::reference).copied();
            let new: Vec<SchemaId> = targets.filter(|target| reached.insert(*target)).collect();
            open.extend(new.into_iter().filter_map(|target| self.schema(target)));
        }
        let reached = reached.into_iter().filter_map(|id| self.get(id));
        let defs = reached.map(|one| (one.key.clone(), one.schema.to_json(self)));
        root.insert("$defs".to_owned(), Value::Object(defs.collect()));
        Value::Object(root)
    }
}

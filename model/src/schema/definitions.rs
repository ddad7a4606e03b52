//! The schemas of a document that something points to, each with an id.

use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};
use serde_json::Value;

use super::Schema;
use crate::source::Origin;

/// Index into [`Schemas`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SchemaId(pub u32);

/// All schemas that have an id; a reference inside a schema is the id of another entry.
#[derive(Clone, Debug, Default)]
pub struct Schemas {
    /// In the document's order: components first, then inline schemas and targets of references.
    pub entries: Vec<Definition>,
    /// From [`Definition::key`] to its id.
    pub by_key: IndexMap<String, SchemaId>,
}

/// A schema with an id.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The unique key, which contains only unreserved characters and `.`, `-`, `_`, so that a pointer needs no escapes.
    pub key: String,
    /// The name for people: that of the component, or the path to an inline schema.
    pub name: SchemaName,
    /// The schema. Subschemas are nested unless a reference points to them.
    pub schema: Arc<Schema>,
    /// The position of the schema in its file.
    pub origin: Origin,
    /// The file, without folder and extension; empty for the document's own.
    pub file: String,
}

/// The origin of a schema's name; the generator converts it to an identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaName {
    /// A component (or definition) of this name, as written.
    Component(String),
    /// An inline schema or the target of a nested reference: words from the outside in, such as
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

    /// Returns the id of a definition by identity of the schema, not by equality.
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

    /// Returns the value of a `$ref` to a definition: `#/$defs/KEY`.
    pub fn reference(&self, id: SchemaId) -> String {
        self.get(id).map(|definition| format!("#/$defs/{}", definition.key)).unwrap_or_default()
    }

    /// Returns a definition as self-contained JSON: `$defs` contains all referenced schemas.
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

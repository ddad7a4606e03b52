//! The values of keywords: reads each type of value from a document, and writes it back as JSON.

use std::collections::HashSet;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::{Number, Value};

use super::definitions::{SchemaId, Schemas};
use super::{Kinds, Schema};

/// Schemas by name, in the document's order. Boxed, because a map is several times larger than all other payloads.
pub type Named<T> = Box<IndexMap<String, T>>;

/// A source of schemas: a document's graph, or a JSON value.
pub(crate) trait Reader {
    /// A value of the source.
    type Node: Copy;

    /// Returns a value as JSON.
    fn data(&mut self, node: Self::Node) -> Value;

    /// Returns an integer, zero or above, `5.0` included (JSON Schema Validation 6.3).
    fn count(&mut self, node: Self::Node) -> Option<u64> {
        let Value::Number(number) = self.data(node) else { return None };
        let float = || number.as_f64().filter(|n| *n >= 0.0 && n.fract() == 0.0).map(|n| n as u64);
        number.as_u64().or_else(float)
    }

    /// Returns the items of an array; `None` for anything else.
    fn items(&self, node: Self::Node) -> Option<Vec<Self::Node>>;

    /// Returns the entries of an object of schemas; `None` for anything else.
    fn entries(&self, node: Self::Node) -> Option<Vec<(String, Self::Node)>>;

    /// Returns the entry of an object.
    fn field(&self, node: Self::Node, key: &str) -> Option<Self::Node>;

    /// Reads a schema; `None` where the value is neither an object nor a boolean.
    fn schema(&mut self, node: Self::Node) -> Option<Schema>;

    /// Reads a member of a list or map of schemas; an invalid schema admits anything.
    fn inner(&mut self, node: Self::Node) -> Schema {
        self.schema(node).unwrap_or(Schema::Boolean(true))
    }

    /// Returns the target of a reference.
    fn target(&mut self, node: Self::Node) -> Option<SchemaId>;
}

/// The value of a keyword.
pub(crate) trait Payload: Sized {
    /// The expected kind of value, for messages.
    const WANTED: &'static str;

    /// Reads the value; `None` where it is another kind of value.
    fn read<R: Reader>(reader: &mut R, node: R::Node) -> Option<Self>;

    fn to_json(&self, schemas: &Schemas) -> Value;

    fn subschemas(&self) -> Subschemas<'_> {
        Subschemas::None
    }

    fn subschemas_mut(&mut self) -> SubschemasMut<'_> {
        SubschemasMut::None
    }
}

/// The direct subschemas of a keyword.
#[derive(Clone, Copy, Debug)]
pub enum Subschemas<'s> {
    /// No schema.
    None,
    /// A single schema.
    One(&'s Schema),
    /// An array of schemas.
    List(&'s [Schema]),
    /// Schemas by name.
    Named(&'s IndexMap<String, Schema>),
}

impl<'s> Subschemas<'s> {
    /// Returns the schemas in the document's order.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = &'s Schema> {
        let (one, list, named) = match self {
            Subschemas::None => (None, [].as_slice(), None),
            Subschemas::One(schema) => (Some(schema), [].as_slice(), None),
            Subschemas::List(schemas) => (None, schemas, None),
            Subschemas::Named(schemas) => (None, [].as_slice(), Some(schemas)),
        };
        one.into_iter().chain(list).chain(named.into_iter().flat_map(IndexMap::values))
    }

    /// Returns the schemas, each with its pointer below the keyword (RFC 6901): empty, `/0` or `/name`.
    pub fn places(self) -> Vec<(String, &'s Schema)> {
        match self {
            Subschemas::Named(schemas) => {
                let place = |name: &String| format!("/{}", crate::tree::escape_token(name));
                schemas.iter().map(|(name, schema)| (place(name), schema)).collect()
            }
            Subschemas::List(schemas) => {
                schemas.iter().enumerate().map(|(index, schema)| (format!("/{index}"), schema)).collect()
            }
            single => single.iter().map(|schema| (String::new(), schema)).collect(),
        }
    }
}

/// A mutable [`Subschemas`].
pub(crate) enum SubschemasMut<'s> {
    None,
    One(&'s mut Schema),
    List(&'s mut [Schema]),
    Named(&'s mut IndexMap<String, Schema>),
}

impl<'s> SubschemasMut<'s> {
    pub(crate) fn iter(self) -> impl Iterator<Item = &'s mut Schema> {
        let (one, list, named) = match self {
            SubschemasMut::None => (None, [].as_mut_slice(), None),
            SubschemasMut::One(schema) => (Some(schema), [].as_mut_slice(), None),
            SubschemasMut::List(schemas) => (None, schemas, None),
            SubschemasMut::Named(schemas) => (None, [].as_mut_slice(), Some(schemas)),
        };
        one.into_iter().chain(list).chain(named.into_iter().flat_map(IndexMap::values_mut))
    }
}

impl Payload for Kinds {
    const WANTED: &'static str = "a type of JSON Schema";

    fn read<R: Reader>(reader: &mut R, node: R::Node) -> Option<Self> {
        match reader.data(node) {
            Value::String(name) => Kinds::named(&name),
            Value::Array(names) => {
                let known = names.iter().filter_map(|name| Kinds::named(name.as_str()?));
                known.reduce(Kinds::or)
            }
            _ => None,
        }
    }

    /// Writes one name, or a list with `null` at the end, as documents do.
    fn to_json(&self, _: &Schemas) -> Value {
        let mut names: Vec<&str> = self.names().collect();
        if let [only] = names.as_slice() {
            return (*only).into();
        }
        names.sort_by_key(|name| *name == "null");
        names.into()
    }
}

impl Payload for Number {
    const WANTED: &'static str = "a number";

    fn read<R: Reader>(reader: &mut R, node: R::Node) -> Option<Self> {
        match reader.data(node) {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    fn to_json(&self, _: &Schemas) -> Value {
        Value::Number(self.clone())
    }
}

/// A count.
impl Payload for u64 {
    const WANTED: &'static str = "a non-negative integer";

    fn read<R: Reader>(reader: &mut R, node: R::Node) -> Option<Self> {
        reader.count(node)
    }

    fn to_json(&self, _: &Schemas) -> Value {
        (*self).into()
    }
}

impl Payload for bool {
    const WANTED: &'static str = "a boolean";

    fn read<R: Reader>(reader: &mut R, node: R::Node) -> Option<Self> {
        reader.data(node).as_bool()
    }

    fn to_json(&self, _: &Schemas) -> Value {
        (*self).into()
    }
}

impl Payload for String {
    const WANTED: &'static str = "a string";

    fn read<R: Reader>(reader: &mut R, node: R::Node) -> Option<Self> {
        match reader.data(node) {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    fn to_json(&self, _: &Schemas) -> Value {
        self.as_str().into()
    }
}

/// Distinct names.
impl Payload for Vec<String> {
    const WANTED: &'static str = "an array of property names";

    fn read<R: Reader>(reader: &mut R, node: R::Node) -> Option<Self> {
        let Value::Array(names) = reader.data(node) else { return None };
        let mut seen = HashSet::new();
        let names = names.into_iter().filter_map(|name| match name {
            Value::String(name) => Some(name),
            _ => None,
        });
        Some(names.filter(|name| seen.insert(name.clone())).collect())
    }

    fn to_json(&self, _: &Schemas) -> Value {
        self.as_slice().into()
    }
}

impl Payload for Vec<Value> {
    const WANTED: &'static str = "an array";

    fn read<R: Reader>(reader: &mut R, node: R::Node) -> Option<Self> {
        match reader.data(node) {
            Value::Array(values) => Some(values),
            _ => None,
        }
    }

    fn to_json(&self, _: &Schemas) -> Value {
        Value::Array(self.clone())
    }
}

impl Payload for Box<Value> {
    const WANTED: &'static str = "a value";

    fn read<R: Reader>(reader: &mut R, node: R::Node) -> Option<Self> {
        Some(Box::new(reader.data(node)))
    }

    fn to_json(&self, _: &Schemas) -> Value {
        (**self).clone()
    }
}

impl Payload for SchemaId {
    const WANTED: &'static str = "a reference to a schema";

    fn read<R: Reader>(reader: &mut R, node: R::Node) -> Option<Self> {
        reader.target(node)
    }

    fn to_json(&self, schemas: &Schemas) -> Value {
        schemas.reference(*self).into()
    }
}

impl Payload for Box<Schema> {
    const WANTED: &'static str = "a schema";

    fn read<R: Reader>(reader: &mut R, node: R::Node) -> Option<Self> {
        reader.schema(node).map(Box::new)
    }

    fn to_json(&self, schemas: &Schemas) -> Value {
        Schema::to_json(self, schemas)
    }

    fn subschemas(&self) -> Subschemas<'_> {
        Subschemas::One(self)
    }

    fn subschemas_mut(&mut self) -> SubschemasMut<'_> {
        SubschemasMut::One(self)
    }
}

/// A list that is not empty.
impl Payload for Vec<Schema> {
    const WANTED: &'static str = "a list of schemas";

    fn read<R: Reader>(reader: &mut R, node: R::Node) -> Option<Self> {
        let items = reader.items(node).filter(|items| !items.is_empty())?;
        Some(items.into_iter().map(|item| reader.inner(item)).collect())
    }

    fn to_json(&self, schemas: &Schemas) -> Value {
        self.iter().map(|schema| schema.to_json(schemas)).collect()
    }

    fn subschemas(&self) -> Subschemas<'_> {
        Subschemas::List(self)
    }

    fn subschemas_mut(&mut self) -> SubschemasMut<'_> {
        SubschemasMut::List(self)
    }
}

impl Payload for Arc<[Schema]> {
    const WANTED: &'static str = Vec::<Schema>::WANTED;

    fn read<R: Reader>(reader: &mut R, node: R::Node) -> Option<Self> {
        Vec::<Schema>::read(reader, node).map(Arc::from)
    }

    fn to_json(&self, schemas: &Schemas) -> Value {
        self.iter().map(|schema| schema.to_json(schemas)).collect()
    }

    fn subschemas(&self) -> Subschemas<'_> {
        Subschemas::List(self)
    }

    fn subschemas_mut(&mut self) -> SubschemasMut<'_> {
        SubschemasMut::List(Arc::make_mut(self))
    }
}

impl Payload for Named<Schema> {
    const WANTED: &'static str = "an object of schemas";

    fn read<R: Reader>(reader: &mut R, node: R::Node) -> Option<Self> {
        let entries = reader.entries(node)?;
        let mut schemas = IndexMap::with_capacity(entries.len());
        for (name, node) in entries {
            schemas.insert(name, reader.inner(node));
        }
        Some(Box::new(schemas))
    }

    fn to_json(&self, schemas: &Schemas) -> Value {
        Value::Object(self.iter().map(|(name, schema)| (name.clone(), schema.to_json(schemas))).collect())
    }

    fn subschemas(&self) -> Subschemas<'_> {
        Subschemas::Named(self)
    }

    fn subschemas_mut(&mut self) -> SubschemasMut<'_> {
        SubschemasMut::Named(self)
    }
}

impl Payload for Named<Vec<String>> {
    const WANTED: &'static str = "an object of arrays of property names";

    fn read<R: Reader>(reader: &mut R, node: R::Node) -> Option<Self> {
        let mut lists = IndexMap::new();
        for (name, node) in reader.entries(node)? {
            lists.extend(Vec::<String>::read(reader, node).map(|names| (name, names)));
        }
        Some(Box::new(lists))
    }

    fn to_json(&self, schemas: &Schemas) -> Value {
        Value::Object(self.iter().map(|(name, names)| (name.clone(), names.to_json(schemas))).collect())
    }
}

//! From a schema as it stands in a document to a [`Node`]. What makes no sense is left out and named, once: one
//! malformed keyword must not cost the schema.

mod containers;
mod direction;
mod logic;
mod negate;
mod scalars;

use std::{collections::BTreeSet, sync::Arc};

use indexmap::IndexMap;
use serde_json::{Map, Value};

use crate::{
    SchemaFlaw,
    node::{DefId, Node},
    pointer,
};

/// Schemas nested deeper than this are cut to "anything" with a flaw: real ones stay below 20, and recursion over
/// them must fit a small stack.
const MAX_DEPTH: usize = 64;

/// The schemas that a `$ref` can name.
pub(crate) type Sources = IndexMap<String, Arc<Value>>;

/// One definition of a set, compiled.
#[derive(Debug)]
pub(crate) struct Def {
    pub(crate) node: Node,
    /// The schemas in it that a `$dynamicRef` may mean, by `$dynamicAnchor`.
    pub(crate) anchors: Vec<(Box<str>, Node)>,
    /// The definitions that it refers to.
    pub(crate) references: BTreeSet<DefId>,
    pub(crate) flaws: Vec<SchemaFlaw>,
}

/// Compiles the definition `id` of `sources`.
pub(crate) fn compile(sources: &Sources, id: DefId) -> Def {
    let Some((key, source)) = sources.get_index(id.0 as usize) else { return empty() };
    let mut compiler = Compiler::new(sources);
    let at = if key.is_empty() { String::new() } else { pointer::join("/$defs", key) };
    compiler.home = Some((id, at.len()));
    let node = compiler.schema(source, &at, 0);
    let named = std::mem::take(&mut compiler.anchors);
    let flaws = std::mem::take(&mut compiler.flaws);
    let anchors =
        named.into_iter().map(|(name, schema)| (name.into(), compiler.schema(schema, &at, 0))).collect();
    Def { node, anchors, references: compiler.references, flaws }
}

fn empty() -> Def {
    Def { node: Node::anything(), anchors: Vec::new(), references: BTreeSet::new(), flaws: Vec::new() }
}

/// For each schema of the `oneOf` at `source`, schemas of which each implies that it does not hold.
pub(crate) fn rule_out(sources: &Sources, source: &(DefId, Box<str>)) -> Vec<Vec<Node>> {
    let (id, at) = source;
    let list = sources.get_index(id.0 as usize).and_then(|(_, schema)| schema.pointer(at)?.as_array());
    let rule_out = |schema| {
        let aims = negate::negate(schema, sources);
        aims.iter().map(|aim| Compiler::new(sources).schema(aim, "", 0)).collect()
    };
    list.into_iter().flatten().map(rule_out).collect()
}

struct Compiler<'a> {
    sources: &'a Sources,
    flaws: Vec<SchemaFlaw>,
    references: BTreeSet<DefId>,
    anchors: Vec<(&'a str, &'a Value)>,
    /// The definition that is compiled, and the length of the pointer to it; `None` where what is compiled is ours
    /// rather than a document's.
    home: Option<(DefId, usize)>,
}

/// A schema's keywords, and the place that they stand in.
#[derive(Clone, Copy)]
struct Keywords<'a, 'p> {
    map: &'a Map<String, Value>,
    at: &'p str,
    depth: usize,
}

impl<'a> Compiler<'a> {
    fn new(sources: &'a Sources) -> Self {
        Compiler { sources, flaws: Vec::new(), references: BTreeSet::new(), anchors: Vec::new(), home: None }
    }

    fn schema(&mut self, schema: &'a Value, at: &str, depth: usize) -> Node {
        if depth > MAX_DEPTH {
            self.flaw(at, "nested too deeply; taken as a schema that allows anything");
            return Node::anything();
        }
        match schema {
            Value::Bool(true) => Node::anything(),
            Value::Bool(false) => Node::default(),
            Value::Object(map) => self.node(schema, Keywords { map, at, depth }),
            _ => {
                self.flaw(at, "not a schema; taken as one that allows anything");
                Node::anything()
            }
        }
    }

    fn node(&mut self, schema: &'a Value, keywords: Keywords<'a, '_>) -> Node {
        if let Some(Value::String(name)) = keywords.map.get("$dynamicAnchor") {
            self.anchors.push((name, schema));
        }
        Node {
            kinds: self.kinds(keywords),
            values: self.values(keywords),
            numbers: self.numbers(keywords),
            texts: self.texts(keywords),
            arrays: self.arrays(keywords),
            objects: self.objects(keywords),
            logic: self.logic(keywords),
            notes: self.notes(keywords),
        }
    }

    /// The value of a keyword, read by `read`; a flaw where it is there and makes no sense.
    fn read<T>(
        &mut self,
        keywords: Keywords<'a, '_>,
        name: &str,
        wanted: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Option<T> {
        let value = keywords.map.get(name)?;
        let found = read(value);
        if found.is_none() {
            self.flaw(&pointer::join(keywords.at, name), &format!("not {wanted}; left out"));
        }
        found
    }

    /// The schema under a keyword.
    fn one(&mut self, keywords: Keywords<'a, '_>, name: &str) -> Option<Node> {
        let schema = self.read(keywords, name, "a schema", |value| is_schema(value).then_some(value))?;
        Some(self.schema(schema, &pointer::join(keywords.at, name), keywords.depth + 1))
    }

    /// The schemas in the array under a keyword.
    fn list(&mut self, keywords: Keywords<'a, '_>, name: &str) -> Vec<Node> {
        let Some(schemas) = self.read(keywords, name, "a list of schemas", Value::as_array) else {
            return Vec::new();
        };
        let at = pointer::join(keywords.at, name);
        let schemas = schemas.iter().enumerate();
        schemas.map(|(i, schema)| self.schema(schema, &format!("{at}/{i}"), keywords.depth + 1)).collect()
    }

    /// The schemas in the object under a keyword, with their names.
    fn map(&mut self, keywords: Keywords<'a, '_>, name: &str) -> Vec<(&'a str, Node)> {
        let Some(schemas) = self.read(keywords, name, "an object of schemas", Value::as_object) else {
            return Vec::new();
        };
        let at = pointer::join(keywords.at, name);
        let compile = |(name, schema): (&'a String, &'a Value)| {
            (name.as_str(), self.schema(schema, &pointer::join(&at, name), keywords.depth + 1))
        };
        schemas.iter().map(compile).collect()
    }

    /// The definition that a `$ref` names.
    fn target(&self, reference: &str) -> Option<DefId> {
        let position = self.sources.get_index_of(&pointer::definition(reference)?)?;
        u32::try_from(position).ok().map(DefId)
    }

    fn flaw(&mut self, at: &str, reason: &str) {
        self.flaws.push(SchemaFlaw { pointer: at.to_owned(), reason: reason.to_owned() });
    }
}

fn is_schema(value: &Value) -> bool {
    value.is_object() || value.is_boolean()
}

/// A count as keywords state it: a non-negative integer, `3.0` included (JSON Schema Validation §6.3).
fn as_count(value: &Value) -> Option<u64> {
    let float = || value.as_f64().filter(|n| *n >= 0.0 && n.fract() == 0.0 && *n < 9.0e15).map(|n| n as u64);
    value.as_u64().or_else(float)
}

/// A list of property names.
fn as_names(value: &Value) -> Option<Vec<&str>> {
    value.as_array()?.iter().map(Value::as_str).collect()
}

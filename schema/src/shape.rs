//! Which kinds of JSON a schema admits: what decoding a parameter needs to know before there is a value to judge.

use std::fmt;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use crate::pointer;

/// A set of JSON's kinds; `integer` is told apart from `number`, and `number` includes it.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Kinds(u8);

impl Kinds {
    pub const NONE: Kinds = Kinds(0);
    pub const NULL: Kinds = Kinds(1);
    pub const BOOLEAN: Kinds = Kinds(2);
    pub const INTEGER: Kinds = Kinds(4);
    /// Numbers, whole ones included.
    pub const NUMBER: Kinds = Kinds(8 | 4);
    pub const STRING: Kinds = Kinds(16);
    pub const ARRAY: Kinds = Kinds(32);
    pub const OBJECT: Kinds = Kinds(64);
    pub const ANY: Kinds = Kinds(127);

    /// The kind that `type` names; `None` for any other name.
    pub fn named(name: &str) -> Option<Kinds> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, kinds)| *kinds)
    }

    /// The kind of a value; a number with a zero fraction is whole (JSON Schema Core §4.2.3).
    pub fn of(value: &Value) -> Kinds {
        match value {
            Value::Null => Kinds::NULL,
            Value::Bool(_) => Kinds::BOOLEAN,
            Value::Number(n) if n.is_f64() && n.as_f64().is_some_and(|n| n.fract() != 0.0) => Kinds(8),
            Value::Number(_) => Kinds::INTEGER,
            Value::String(_) => Kinds::STRING,
            Value::Array(_) => Kinds::ARRAY,
            Value::Object(_) => Kinds::OBJECT,
        }
    }

    pub fn contains(self, other: Kinds) -> bool {
        self.0 & other.0 == other.0
    }

    pub fn intersects(self, other: Kinds) -> bool {
        self.0 & other.0 != 0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    #[must_use]
    pub fn and(self, other: Kinds) -> Kinds {
        Kinds(self.0 & other.0)
    }

    #[must_use]
    pub const fn or(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }

    #[must_use]
    pub const fn without(self, other: Kinds) -> Kinds {
        Kinds(self.0 & !other.0)
    }

    /// The names by which `type` would say it.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let narrower = move |name: &str| name != "integer" || !self.contains(Kinds::NUMBER);
        NAMES
            .iter()
            .filter(move |(name, kinds)| self.contains(*kinds) && narrower(name))
            .map(|(name, _)| *name)
    }
}

const NAMES: [(&str, Kinds); 7] = [
    ("null", Kinds::NULL),
    ("boolean", Kinds::BOOLEAN),
    ("integer", Kinds::INTEGER),
    ("number", Kinds::NUMBER),
    ("string", Kinds::STRING),
    ("array", Kinds::ARRAY),
    ("object", Kinds::OBJECT),
];

impl fmt::Debug for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

/// What a schema admits, as far as decoding text needs it; finite for recursive schemas.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    pub kinds: Kinds,
    /// What an array's items admit, where the schema says so.
    pub items: Option<Box<Shape>>,
    /// What each declared property admits, in the schema's order.
    pub properties: IndexMap<String, Shape>,
    /// What any other property admits: `None` where there may be none.
    pub additional: Option<Box<Shape>>,
    /// The keyword `xml` (OAS 4.8.26), where it is stated: here before what `$ref` leads to.
    pub xml: Option<Value>,
    /// Whether a string stands for bytes: `format: binary`, or `contentMediaType` without an encoding.
    pub binary: bool,
}

impl Shape {
    /// What a schema admits of which nothing is known.
    fn anything() -> Shape {
        Shape {
            kinds: Kinds::ANY,
            items: None,
            properties: IndexMap::new(),
            additional: None,
            xml: None,
            binary: false,
        }
    }
}

/// The kinds that `schema` admits: at least those that a valid value can have.
pub fn kinds(schema: &Value) -> Kinds {
    shape(schema).kinds
}

/// What `schema` admits; below a depth of eight, or beyond some thousand nodes, anything.
pub fn shape(schema: &Value) -> Shape {
    let empty = Map::new();
    let defs = schema.get("$defs").and_then(Value::as_object).unwrap_or(&empty);
    Reader { root: schema, defs, budget: 4096 }.shape(schema, 8)
}

struct Reader<'a> {
    root: &'a Value,
    defs: &'a Map<String, Value>,
    budget: usize,
}

impl<'a> Reader<'a> {
    fn shape(&mut self, schema: &'a Value, depth: usize) -> Shape {
        let (Some(depth), Some(budget)) = (depth.checked_sub(1), self.budget.checked_sub(1)) else {
            return Shape::anything();
        };
        self.budget = budget;
        let Some(keywords) = schema.as_object() else {
            let kinds = if schema == &Value::Bool(false) { Kinds::NONE } else { Kinds::ANY };
            return Shape { kinds, ..Shape::anything() };
        };
        let mut shape = self.own(keywords, depth);
        if let Some(target) = keywords.get("$ref").and_then(|reference| self.target(reference)) {
            shape = both(shape, self.shape(target, depth));
        }
        for member in list(keywords, "allOf") {
            shape = both(shape, self.shape(member, depth));
        }
        for alternatives in ["oneOf", "anyOf"] {
            let members = list(keywords, alternatives).iter().map(|member| self.shape(member, depth));
            if let Some(either) = members.reduce(either) {
                shape = both(shape, either);
            }
        }
        shape
    }

    /// What the schema's own keywords say.
    fn own(&mut self, keywords: &'a Map<String, Value>, depth: usize) -> Shape {
        let items = keywords.get("items").map(|items| Box::new(self.shape(items, depth)));
        let declared = keywords.get("properties").and_then(Value::as_object).into_iter().flatten();
        let properties = declared.map(|(name, schema)| (name.clone(), self.shape(schema, depth))).collect();
        let additional = match keywords.get("additionalProperties") {
            Some(Value::Bool(false)) => None,
            Some(schema) => Some(Box::new(self.shape(schema, depth))),
            None => Some(Box::new(Shape::anything())),
        };
        let says = |keyword: &str| keywords.get(keyword).and_then(Value::as_str);
        let bytes = says("contentMediaType").is_some() && says("contentEncoding").is_none();
        let binary = says("format") == Some("binary") || bytes;
        Shape {
            kinds: own_kinds(keywords),
            items,
            properties,
            additional,
            xml: keywords.get("xml").cloned(),
            binary,
        }
    }

    fn target(&self, reference: &Value) -> Option<&'a Value> {
        let key = pointer::definition(reference.as_str()?)?;
        if key.is_empty() { Some(self.root) } else { self.defs.get(&key) }
    }
}

fn list<'a>(keywords: &'a Map<String, Value>, name: &str) -> &'a [Value] {
    keywords.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The kinds that `type`, `const` and `enum` leave.
fn own_kinds(keywords: &Map<String, Value>) -> Kinds {
    let union = |values: &mut dyn Iterator<Item = Kinds>| values.fold(Kinds::NONE, Kinds::or);
    let mut kinds = match keywords.get("type") {
        Some(Value::String(name)) => Kinds::named(name).unwrap_or(Kinds::ANY),
        Some(Value::Array(names)) => union(&mut names.iter().filter_map(|name| Kinds::named(name.as_str()?))),
        _ => Kinds::ANY,
    };
    if let Some(constant) = keywords.get("const") {
        kinds = kinds.and(Kinds::of(constant));
    }
    if let Some(Value::Array(options)) = keywords.get("enum") {
        kinds = kinds.and(union(&mut options.iter().map(Kinds::of)));
    }
    kinds
}

/// What two schemas admit that must both hold.
fn both(mut one: Shape, other: Shape) -> Shape {
    one.kinds = one.kinds.and(other.kinds);
    one.xml = one.xml.or(other.xml);
    one.binary |= other.binary;
    one.items = match (one.items, other.items) {
        (Some(one), Some(other)) => Some(Box::new(both(*one, *other))),
        (one, other) => one.or(other),
    };
    for (name, shape) in other.properties {
        let merged = match one.properties.shift_remove(&name) {
            Some(known) => both(known, shape),
            None => shape,
        };
        one.properties.insert(name, merged);
    }
    one.additional = match (one.additional, other.additional) {
        (Some(one), Some(other)) => Some(Box::new(both(*one, *other))),
        _ => None,
    };
    one
}

/// What two schemas admit of which one must hold.
fn either(mut one: Shape, other: Shape) -> Shape {
    one.kinds = one.kinds.or(other.kinds);
    one.xml = one.xml.or(other.xml);
    one.binary |= other.binary;
    one.items = one.items.or(other.items);
    for (name, shape) in other.properties {
        let merged = match one.properties.shift_remove(&name) {
            Some(known) => either(known, shape),
            None => shape,
        };
        one.properties.insert(name, merged);
    }
    one.additional = one.additional.or(other.additional);
    one
}

//! What the text of a parameter may stand for: text has no kinds of its own (`descant_runtime::param::Shape`).

use serde_json::Value;

use descant_model::api::{SchemaId, Schemas};

use super::node::{Kinds, Member, Node};

/// Properties of properties deeper than this are text.
const MAX_DEPTH: usize = 4;

/// Longest list of properties of one shape.
const MAX_PROPERTIES: usize = 200;

/// What a text may be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    /// The scalars, by their names in the runtime's `shape!`.
    pub(crate) kinds: Vec<&'static str>,
    pub(crate) items: Option<Box<Shape>>,
    pub(crate) object: Option<Object>,
}

/// The properties of a shape.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Object {
    pub(crate) properties: Vec<(String, Shape)>,
    /// Of properties that are not named.
    pub(crate) additional: Option<Box<Shape>>,
}

impl Shape {
    /// Any text.
    pub(crate) fn text() -> Shape {
        Shape { kinds: vec!["string"], items: None, object: None }
    }

    fn add(&mut self, other: Shape) {
        for kind in other.kinds {
            if !self.kinds.contains(&kind) {
                self.kinds.push(kind);
            }
        }
        self.items = self.items.take().or(other.items);
        match (&mut self.object, other.object) {
            (Some(own), Some(other)) => {
                for (name, shape) in other.properties {
                    match own.properties.iter_mut().find(|(known, _)| *known == name) {
                        Some((_, known)) => known.add(shape),
                        None => own.properties.push((name, shape)),
                    }
                }
                own.additional = own.additional.take().or(other.additional);
            }
            (own @ None, other) => *own = other,
            _ => {}
        }
    }
}

/// The shape of a schema.
pub(super) fn shape(schemas: &Schemas, id: SchemaId) -> Shape {
    schemas.get(id).map_or_else(Shape::text, |schema| read(schemas, &[(&*schema.value).into()], 0))
}

fn read(schemas: &Schemas, members: &[Member<'_>], depth: usize) -> Shape {
    if depth > MAX_DEPTH {
        return Shape::text();
    }
    let node = Node::read(schemas, members);
    let mut shape = Shape::default();
    for branch in node.groups.iter().flat_map(|group| &group.branches) {
        shape.add(read(schemas, &[(*branch).into()], depth + 1));
    }
    let own = of_node(schemas, &node, depth);
    match node.groups.is_empty() || own.object.is_some() {
        true => shape.add(own),
        false if shape == Shape::default() => shape = own,
        false => {}
    }
    shape
}

fn of_node(schemas: &Schemas, node: &Node<'_>, depth: usize) -> Shape {
    let kinds = node.effective_kinds();
    if kinds == Kinds::ALL {
        return if node.groups.is_empty() { Shape::text() } else { Shape::default() };
    }
    let mut shape = Shape::default();
    for (kind, name) in [
        (Kinds::FRACTION, "number"),
        (Kinds::INTEGER, "integer"),
        (Kinds::BOOLEAN, "boolean"),
        (Kinds::STRING, "string"),
        (Kinds::NULL, "null"),
    ] {
        if kinds.has(kind) && !(kind == Kinds::INTEGER && kinds.has(Kinds::FRACTION)) {
            shape.kinds.push(name);
        }
    }
    if kinds.has(Kinds::ARRAY) {
        let items = if node.items.is_empty() { Shape::text() } else { read(schemas, &node.items, depth + 1) };
        shape.items = Some(items.into());
    }
    if kinds.has(Kinds::OBJECT) {
        let properties = node.properties.iter().take(MAX_PROPERTIES);
        let properties =
            properties.map(|(key, members)| ((*key).to_owned(), read(schemas, members, depth + 1)));
        shape.object =
            Some(Object { properties: properties.collect(), additional: additional(schemas, node, depth) });
    }
    shape
}

fn additional(schemas: &Schemas, node: &Node<'_>, depth: usize) -> Option<Box<Shape>> {
    static TEXT: Value = Value::Bool(true);
    let free = node.open || node.properties.is_empty() && !node.closed;
    let members =
        if node.additional.is_empty() { vec![Member::from(&TEXT)] } else { node.additional.clone() };
    free.then(|| read(schemas, &members, depth + 1).into())
}

//! The types of JSON that a schema admits, for decoding parameters.

use descant_model::api::{SchemaId, Schemas};
use descant_model::schema::{Kinds, Schema, Xml};
use indexmap::IndexMap;

/// The values that a schema admits, as far as decoding text requires; finite for recursive schemas.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// The types of value.
    pub kinds: Kinds,
    /// The shape of an array's items, if the schema declares them.
    pub items: Option<Box<Shape>>,
    /// The shape of each declared property, in the schema's order.
    pub properties: IndexMap<String, Shape>,
    /// The shape of other properties; `None` if they are forbidden.
    pub additional: Option<Box<Shape>>,
    /// The representation in XML, if declared: here, else at the target of `$ref`.
    pub xml: Option<Xml>,
    /// Whether a string represents bytes.
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

/// Returns the shape of a schema; below a depth of eight, or beyond some thousand schemas, it admits anything.
pub fn shape(schemas: &Schemas, id: SchemaId) -> Shape {
    let mut reader = Reader { schemas, budget: 4096 };
    schemas.schema(id).map_or_else(Shape::anything, |schema| reader.shape(schema, 8))
}

struct Reader<'a> {
    schemas: &'a Schemas,
    budget: usize,
}

impl<'a> Reader<'a> {
    fn shape(&mut self, schema: &'a Schema, depth: usize) -> Shape {
        let (Some(depth), Some(budget)) = (depth.checked_sub(1), self.budget.checked_sub(1)) else {
            return Shape::anything();
        };
        self.budget = budget;
        if schema.is_false() {
            return Shape { kinds: Kinds::NONE, ..Shape::anything() };
        }
        let mut shape = self.own(schema, depth);
        if let Some(target) = schema.reference().and_then(|id| self.schemas.schema(*id)) {
            shape = both(shape, self.shape(target, depth));
        }
        for member in schema.parts() {
            shape = both(shape, self.shape(member, depth));
        }
        for alternatives in [schema.one_of().map(|one| &**one), schema.any_of().map(Vec::as_slice)] {
            let members = alternatives.unwrap_or_default().iter().map(|member| self.shape(member, depth));
            if let Some(either) = members.reduce(either) {
                shape = both(shape, either);
            }
        }
        shape
    }

    /// What the schema's own keywords say.
    fn own(&mut self, schema: &'a Schema, depth: usize) -> Shape {
        let declared = schema.properties().into_iter().flat_map(|properties| properties.iter());
        Shape {
            kinds: own_kinds(schema),
            items: schema.items().map(|items| Box::new(self.shape(items, depth))),
            properties: declared.map(|(name, schema)| (name.clone(), self.shape(schema, depth))).collect(),
            additional: match schema.additional_properties() {
                Some(schema) if schema.is_false() => None,
                Some(schema) => Some(Box::new(self.shape(schema, depth))),
                None => Some(Box::new(Shape::anything())),
            },
            xml: schema.xml().map(|xml| (**xml).clone()),
            binary: schema.is_binary(),
        }
    }
}

/// The kinds that `type`, `const` and `enum` leave.
fn own_kinds(schema: &Schema) -> Kinds {
    let mut kinds = schema.kinds().copied().unwrap_or(Kinds::ANY);
    if let Some(constant) = schema.constant() {
        kinds = kinds.and(Kinds::of(constant));
    }
    if let Some(options) = schema.values() {
        kinds = kinds.and(options.iter().map(Kinds::of).fold(Kinds::NONE, Kinds::or));
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

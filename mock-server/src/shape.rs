//! The shape of a schema as the decoders of `runtime` take it.

use std::sync::Arc;

use descant_runtime::param::{Kinds, Properties, Reference, Shape};
use descant_schema as schema;

static TEXT: Shape = Shape::STRING;

/// What text may stand for by a schema's shape.
///
/// Where an object names its properties, others are not looked for: in an exploded query they would be everybody's.
pub(crate) fn of(shape: &schema::Shape) -> Shape {
    let shared = |shape: &schema::Shape| Reference::Shared(Arc::new(of(shape)));
    let is_array = shape.kinds.contains(schema::Kinds::ARRAY);
    let is_object = shape.kinds.contains(schema::Kinds::OBJECT);
    let untyped = shape.kinds == schema::Kinds::ANY;
    let items = shape.items.as_deref().map(shared);
    let named = shape.properties.iter().map(|(name, shape)| (name.clone(), shared(shape)));
    Shape {
        kinds: scalars(shape.kinds),
        items: items.or_else(|| (is_array && !untyped).then_some(Reference::Static(&TEXT))),
        properties: (is_object && !shape.properties.is_empty()).then(|| Properties::Shared(named.collect())),
        additional: match &shape.additional {
            Some(additional) if is_object && !untyped && shape.properties.is_empty() => {
                Some(shared(additional))
            }
            _ => None,
        },
        ..Shape::default()
    }
}

fn scalars(kinds: schema::Kinds) -> Kinds {
    const PAIRS: [(schema::Kinds, Kinds); 5] = [
        (schema::Kinds::NULL, Kinds::NULL),
        (schema::Kinds::BOOLEAN, Kinds::BOOLEAN),
        (schema::Kinds::INTEGER, Kinds::INTEGER),
        (schema::Kinds::NUMBER, Kinds::NUMBER),
        (schema::Kinds::STRING, Kinds::STRING),
    ];
    let held = PAIRS.iter().filter(|(kind, _)| kinds.contains(*kind));
    held.fold(Kinds::NONE, |all, (_, kind)| all | *kind)
}

//! The shapes of a document's schemas: what the text of a parameter, a form or an XML document may stand for.

use std::sync::Arc;

use descant_model::api::{self, MediaType, SchemaId, Schemas};
use descant_model::schema::{self, Xml, XmlNode};
use descant_runtime::param::{Encoding, Facet, Kinds, Properties, Reference, Shape};
use descant_schema::Shape as Admitted;

use crate::codec;

static TEXT: Shape = Shape::STRING;

/// Returns what the text of a parameter or header may stand for: any text where it has no schema.
pub(crate) fn shape(schemas: &Schemas, schema: Option<SchemaId>) -> Shape {
    schema.map_or(Shape::STRING, |id| of(&descant_schema::shape(schemas, id)))
}

/// Returns what a body may stand for, each of its properties written as the media type's `encoding` says (OAS 4.8.15); that
/// of a sequential media type with `itemSchema` is a list.
pub fn body_shape(schemas: &Schemas, media: &MediaType) -> Shape {
    if let (None, Some(item)) = (media.schema, media.item_schema) {
        let item = Reference::Shared(Arc::new(shape(schemas, Some(item))));
        return Shape { kinds: Kinds::NONE, items: Some(item), ..Shape::STRING };
    }
    let shape = shape(schemas, media.schema);
    let Some(properties) = shape.properties.as_ref().filter(|_| !media.encoding.is_empty()) else {
        return shape;
    };
    let stated = properties.iter().map(|(name, property)| {
        let mut property = property.clone();
        if let Some(encoding) = media.encoding.get(name) {
            property.facets.to_mut().extend(facets_of_part(encoding));
        }
        (name.to_owned(), Reference::from(property))
    });
    Shape { properties: Some(Properties::Shared(stated.collect())), ..shape.clone() }
}

/// Where an object names its properties, others are not looked for: in an exploded query they would be everybody's.
fn of(shape: &Admitted) -> Shape {
    let shared = |shape: &Admitted| Reference::Shared(Arc::new(of(shape)));
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
        facets: facets(shape).into(),
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

/// What codecs need to know: bytes, and what XML calls things (OAS 4.8.26).
fn facets(shape: &Admitted) -> Vec<Facet> {
    let mut facets = Vec::new();
    facets.extend(shape.binary.then_some(Facet::Binary));
    let Some(xml) = &shape.xml else { return facets };
    let Xml { name, namespace, prefix, node, wrapped } = xml.clone();
    facets.extend(name.map(|name| Facet::XmlName(name.into())));
    facets.extend(namespace.map(|namespace| Facet::XmlNamespace(namespace.into())));
    facets.extend(prefix.map(|prefix| Facet::XmlPrefix(prefix.into())));
    facets.extend((node == XmlNode::Attribute).then_some(Facet::XmlAttribute));
    facets.extend(wrapped.then_some(Facet::XmlWrapped));
    facets
}

/// How a part of a multipart body or a field of a form is written.
fn facets_of_part(encoding: &api::Encoding) -> Vec<Facet> {
    let mut facets = Vec::new();
    facets.extend(encoding.content_type.clone().map(|types| Facet::ContentType(types.into())));
    facets.extend(encoding.style.map(|style| {
        let api::Encoding { explode, allow_reserved, .. } = *encoding;
        Facet::Encoded(Encoding { style: codec::style(style), explode, allow_reserved })
    }));
    facets
}

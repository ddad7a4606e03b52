//! The shape of a schema as the decoders of `runtime` take it.

use std::sync::Arc;

use descant_model::api;
use descant_runtime::param::{Encoding, Facet, Kinds, Properties, Reference, Shape};
use descant_schema as schema;
use indexmap::IndexMap;
use serde_json::Value;

use crate::request;

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
        facets: facets(shape).into(),
    }
}

/// What codecs need to know: bytes, and what XML calls things (OAS 4.8.26).
fn facets(shape: &schema::Shape) -> Vec<Facet> {
    let mut facets = Vec::new();
    if shape.binary {
        facets.push(Facet::Binary);
    }
    let Some(xml) = &shape.xml else { return facets };
    let text = |key: &str| xml.get(key).and_then(Value::as_str).map(|text| text.to_owned().into());
    let flag = |key: &str| xml.get(key).and_then(Value::as_bool) == Some(true);
    facets.extend(text("name").map(Facet::XmlName));
    facets.extend(text("namespace").map(Facet::XmlNamespace));
    facets.extend(text("prefix").map(Facet::XmlPrefix));
    facets.extend(flag("attribute").then_some(Facet::XmlAttribute));
    facets.extend(flag("wrapped").then_some(Facet::XmlWrapped));
    facets
}

/// The shape of a form or multipart body whose properties are written as `encoding` says (OAS 4.8.15).
pub(crate) fn encoded(shape: Shape, encoding: &IndexMap<String, api::Encoding>) -> Shape {
    let Some(properties) = shape.properties.as_ref().filter(|_| !encoding.is_empty()) else { return shape };
    let stated = properties.iter().map(|(name, property)| {
        let mut property = property.clone();
        if let Some(encoding) = encoding.get(name) {
            property.facets.to_mut().extend(stated(encoding));
        }
        (name.to_owned(), Reference::from(property))
    });
    Shape { properties: Some(Properties::Shared(stated.collect())), ..shape.clone() }
}

fn stated(encoding: &api::Encoding) -> Vec<Facet> {
    let mut facets = Vec::new();
    facets.extend(encoding.content_type.clone().map(|types| Facet::ContentType(types.into())));
    facets.extend(encoding.style.map(|style| {
        let style = request::style_of(style);
        Facet::Encoded(Encoding { style, explode: encoding.explode, allow_reserved: encoding.allow_reserved })
    }));
    facets
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

//! The model's words for styles and shapes in the runtime's.

use std::sync::Arc;

use descant_model::api::{Encoding as Encoded, Location, MediaType, ParameterEncoding, Style};
use descant_runtime::param::{self, Encoding, Facet, Kinds, Properties, Reference, Shape};
use serde_json::Value;

use crate::media;

/// How a parameter or header is written; `None` where its media type is not JSON.
pub(crate) fn encoding(encoding: &ParameterEncoding) -> Option<Encoding> {
    match encoding {
        ParameterEncoding::Style { style, explode, allow_reserved, .. } => {
            Some(Encoding { style: named(*style), explode: *explode, allow_reserved: *allow_reserved })
        }
        ParameterEncoding::Content { media_type } if media::is_json(media_type) => Some(param::JSON),
        ParameterEncoding::Content { .. } => None,
    }
}

fn named(style: Style) -> param::Style {
    match style {
        Style::Simple => param::Style::Simple,
        Style::Label => param::Style::Label,
        Style::Matrix => param::Style::Matrix,
        Style::Form => param::Style::Form,
        Style::SpaceDelimited => param::Style::SpaceDelimited,
        Style::PipeDelimited => param::Style::PipeDelimited,
        Style::DeepObject => param::Style::DeepObject,
        Style::Cookie => param::Style::Cookie,
    }
}

/// A location by the name that OpenAPI gives it.
pub(crate) fn location(location: Location) -> &'static str {
    match location {
        Location::Path => "path",
        Location::Query => "query",
        Location::QueryString => "querystring",
        Location::Header => "header",
        Location::Cookie => "cookie",
    }
}

/// What text may stand for.
pub(crate) fn shape(shape: &descant_schema::Shape) -> Shape {
    use descant_schema::Kinds as Of;
    let has = |kind| shape.kinds.contains(kind);
    let scalars = [
        (Of::INTEGER, Kinds::INTEGER),
        (Of::NUMBER, Kinds::NUMBER),
        (Of::BOOLEAN, Kinds::BOOLEAN),
        (Of::STRING, Kinds::STRING),
        (Of::NULL, Kinds::NULL),
    ];
    let kinds = scalars.into_iter().filter(|(of, _)| has(*of)).fold(Kinds::NONE, |all, (_, kind)| all | kind);
    let shared = |inner: &descant_schema::Shape| Reference::Shared(Arc::new(self::shape(inner)));
    let text = || Reference::Shared(Arc::new(Shape::STRING));
    let properties = shape.properties.iter().map(|(name, inner)| (name.clone(), shared(inner)));
    Shape {
        kinds,
        items: has(Of::ARRAY).then(|| shape.items.as_deref().map_or_else(text, shared)),
        properties: has(Of::OBJECT).then(|| Properties::Shared(properties.collect())),
        additional: shape.additional.as_deref().filter(|_| has(Of::OBJECT)).map(shared),
        facets: facets(shape).into(),
    }
}

/// What codecs need to know: bytes, and what XML calls things (OAS 4.8.26).
fn facets(shape: &descant_schema::Shape) -> Vec<Facet> {
    let mut facets = Vec::new();
    facets.extend(shape.binary.then_some(Facet::Binary));
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

/// The shape of a body, each property written as the media type's `encoding` says (OAS 4.8.15).
pub(crate) fn body(shape: Shape, media: &MediaType) -> Shape {
    let Some(properties) = shape.properties.as_ref().filter(|_| !media.encoding.is_empty()) else {
        return shape;
    };
    let stated = properties.iter().map(|(name, property)| {
        let mut property = property.clone();
        if let Some(encoding) = media.encoding.get(name) {
            let facets = property.facets.to_mut();
            facets.extend(encoding.content_type.clone().map(|types| Facet::ContentType(types.into())));
            facets.extend(encoding.style.map(|style| {
                let Encoded { explode, allow_reserved, .. } = *encoding;
                Facet::Encoded(Encoding { style: named(style), explode, allow_reserved })
            }));
        }
        (name.to_owned(), Reference::from(property))
    });
    Shape { properties: Some(Properties::Shared(stated.collect())), ..shape.clone() }
}

/// What a value has become once it was written and read again.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reread {
    /// It cannot be written, or is left out.
    Unsent,
    /// It cannot be read.
    Unreadable,
    /// It reads as this value: what is sent as `7` for a string is the string `7`.
    As(Value),
}

/// Writes a value as a parameter and reads it again.
pub(crate) fn reread(
    location: Location,
    name: &str,
    value: &Value,
    encoding: Encoding,
    shape: &Shape,
) -> Reread {
    let written = match location {
        Location::Path => param::encode_path(name, value, encoding).map(Some),
        Location::Query => param::encode_query(name, value, encoding).map(Some),
        Location::Header => param::encode_header(name, value, encoding),
        Location::Cookie => param::encode_cookie(name, value, encoding).map(Some),
        Location::QueryString => return Reread::Unsent,
    };
    let Ok(Some(text)) = written else { return Reread::Unsent };
    let read = match location {
        Location::Path if matches!(text.as_str(), "." | "..") => return Reread::Unsent,
        Location::Path => param::decode_path(name, &text, encoding, shape).map(Some),
        Location::Query | Location::QueryString => param::Query::parse(&text).decode(name, encoding, shape),
        Location::Header => param::decode_header(name, text.trim(), encoding, shape).map(Some),
        Location::Cookie => param::decode_cookie(name, &text, encoding, shape),
    };
    match read {
        Ok(Some(value)) => Reread::As(value),
        Ok(None) => Reread::Unsent,
        Err(_) => Reread::Unreadable,
    }
}

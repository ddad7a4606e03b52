//! Typed schemas: keywords in the JSON Schema 2020-12 dialect, created by `lower`
//! from a document of any version, or by [`from_json`] from a raw schema. Only this module and `dialect` know keywords
//! by name.

mod definitions;
mod direction;
mod family;
mod from_json;
mod keyword;
mod kinds;
mod openapi;
pub(crate) mod payload;

use serde_json::{Map, Value};

pub use self::definitions::{Definition, SchemaId, SchemaName, Schemas};
pub use self::direction::Direction;
pub use self::from_json::{Flaw, from_json};
pub use self::keyword::{Keyword, Other, Role};
pub use self::kinds::Kinds;
pub use self::openapi::{Discriminator, Xml, XmlNode};
pub use self::payload::{Named, Subschemas};

/// A schema.
#[derive(Clone, Debug, PartialEq)]
pub enum Schema {
    /// `true` admits every value, `false` none.
    Boolean(bool),
    /// Keywords in the document's order, each at most once.
    Keywords(Vec<Keyword>),
}

impl Default for Schema {
    fn default() -> Self {
        Schema::Keywords(Vec::new())
    }
}

impl Schema {
    /// Returns a schema that consists of a reference only.
    pub(crate) fn to(target: SchemaId) -> Schema {
        Schema::Keywords(vec![Keyword::Ref(target)])
    }

    /// Returns the keywords; none for a boolean schema.
    pub fn keywords(&self) -> &[Keyword] {
        match self {
            Schema::Boolean(_) => &[],
            Schema::Keywords(keywords) => keywords,
        }
    }

    /// Whether it is the schema `false`.
    pub fn is_false(&self) -> bool {
        matches!(self, Schema::Boolean(false))
    }

    /// Returns the target, if the schema consists of a reference only.
    pub fn as_reference(&self) -> Option<SchemaId> {
        match self.keywords() {
            [Keyword::Ref(id)] => Some(*id),
            _ => None,
        }
    }

    /// Returns the members of `allOf`; none where it is absent.
    pub fn parts(&self) -> &[Schema] {
        self.all_of().map_or(&[], Vec::as_slice)
    }

    /// Returns the alternatives of `oneOf`, then those of `anyOf`.
    pub fn alternatives(&self) -> impl Iterator<Item = &Schema> {
        let one = self.one_of().map_or(&[][..], |schemas| schemas);
        one.iter().chain(self.any_of().into_iter().flatten())
    }

    /// Whether a string represents bytes: `format: binary`, or content of a media type without an encoding (OAS 3.1,
    /// 4.8.14.3).
    pub fn is_binary(&self) -> bool {
        self.format().is_some_and(|format| format == "binary")
            || self.content_media_type().is_some() && self.content_encoding().is_none()
    }

    /// Returns the direct subschemas, in the document's order.
    pub fn subschemas(&self) -> impl Iterator<Item = &Schema> {
        self.keywords().iter().flat_map(|keyword| keyword.subschemas().iter())
    }

    /// Returns this schema and all nested ones, without resolving references.
    pub fn within(&self) -> impl Iterator<Item = &Schema> {
        let mut open = vec![self];
        std::iter::from_fn(move || {
            let schema = open.pop()?;
            open.extend(schema.subschemas());
            Some(schema)
        })
    }

    /// Returns the schema as JSON, references written as `#/$defs/KEY`.
    pub fn to_json(&self, schemas: &Schemas) -> Value {
        match self {
            Schema::Boolean(admits) => Value::Bool(*admits),
            Schema::Keywords(keywords) => {
                let stated = keywords.iter().map(|one| (one.name().to_owned(), one.to_json(schemas)));
                Value::Object(stated.collect::<Map<_, _>>())
            }
        }
    }
}

impl Keyword {
    /// Whether the keyword does not restrict values, so that it may be beside a `$ref` of 3.0 or outside of a rewritten
    /// schema.
    pub fn is_prose(&self) -> bool {
        match self {
            Keyword::Other(other) => {
                other.name.starts_with("x-") || matches!(other.name.as_str(), "externalDocs" | "summary")
            }
            Keyword::ContentEncoding(_) | Keyword::ContentMediaType(_) | Keyword::ContentSchema(_) => false,
            Keyword::Discriminator(_) | Keyword::DynamicAnchor(_) => false,
            known => known.role() == Role::Annotation,
        }
    }
}

//! The closed set of keywords. A new keyword is one row of the table below; every exhaustive `match` on [`Keyword`] then
//! fails to compile until it handles the keyword (ARCHITECTURE.md, "How to add a JSON Schema keyword").

use std::sync::Arc;

use serde_json::{Number, Value};

use super::definitions::{SchemaId, Schemas};
use super::openapi::{Discriminator, Xml};
use super::payload::{Named, Payload, Reader, Subschemas, SubschemasMut};
use super::{Kinds, Schema};

/// The role of a keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Constrains the value by itself.
    Assertion,
    /// Applies other schemas to the same value (JSON Schema Core 10.2).
    InPlace,
    /// Applies other schemas to items, properties or names of the value (JSON Schema Core 10.3).
    Inside,
    /// Does not restrict values.
    Annotation,
}

/// One row per keyword: variant, payload, name in a document, accessor of [`Schema`], role.
macro_rules! keywords {
    ($($(#[$doc:meta])* $variant:ident($payload:ty) = $name:literal, $getter:ident, $role:ident;)*) => {
        /// A keyword of JSON Schema 2020-12 or OpenAPI, with its value.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Keyword {
            $(
                #[doc = concat!("`", $name, "`.")]
                $(#[$doc])*
                $variant($payload),
            )*
            /// A keyword outside the set: an extension, or an unknown keyword.
            Other(Box<Other>),
        }

        impl Keyword {
            /// Returns the name of the keyword in documents.
            pub fn name(&self) -> &str {
                match self {
                    $(Keyword::$variant(_) => $name,)*
                    Keyword::Other(other) => &other.name,
                }
            }

            $(
                #[doc = concat!("Returns the value, if the keyword is `", $name, "`.")]
                pub fn $getter(&self) -> Option<&$payload> {
                    match self {
                        Keyword::$variant(payload) => Some(payload),
                        _ => None,
                    }
                }
            )*

            /// Returns the role of the keyword.
            pub fn role(&self) -> Role {
                match self {
                    $(Keyword::$variant(_) => Role::$role,)*
                    Keyword::Other(_) => Role::Annotation,
                }
            }

            /// Reads the value of the keyword `name`.
            ///
            /// # Errors
            /// The expected kind of value, for a value of another kind.
            pub(crate) fn read<R: Reader>(
                reader: &mut R,
                name: &str,
                node: R::Node,
            ) -> Result<Keyword, &'static str> {
                match name {
                    $($name => {
                        let payload = <$payload as Payload>::read(reader, node);
                        payload.map(Keyword::$variant).ok_or(<$payload as Payload>::WANTED)
                    })*
                    _ => Ok(Keyword::Other(Box::new(Other { name: name.to_owned(), value: reader.data(node) }))),
                }
            }

            /// Returns the keyword's value as JSON, references written as `#/$defs/KEY`.
            pub fn to_json(&self, schemas: &Schemas) -> Value {
                match self {
                    $(Keyword::$variant(payload) => payload.to_json(schemas),)*
                    Keyword::Other(other) => other.value.clone(),
                }
            }

            /// Returns the direct subschemas of the keyword.
            pub fn subschemas(&self) -> Subschemas<'_> {
                match self {
                    $(Keyword::$variant(payload) => payload.subschemas(),)*
                    Keyword::Other(_) => Subschemas::None,
                }
            }

            pub(crate) fn subschemas_mut(&mut self) -> SubschemasMut<'_> {
                match self {
                    $(Keyword::$variant(payload) => payload.subschemas_mut(),)*
                    Keyword::Other(_) => SubschemasMut::None,
                }
            }
        }

        impl Schema {
            $(
                #[doc = concat!("Returns the value of `", $name, "`.")]
                pub fn $getter(&self) -> Option<&$payload> {
                    self.keywords().iter().find_map(Keyword::$getter)
                }
            )*
        }
    };
}

keywords! {
    Type(Kinds) = "type", kinds, Assertion;
    Enum(Vec<Value>) = "enum", values, Assertion;
    Const(Box<Value>) = "const", constant, Assertion;

    Minimum(Number) = "minimum", minimum, Assertion;
    Maximum(Number) = "maximum", maximum, Assertion;
    ExclusiveMinimum(Number) = "exclusiveMinimum", exclusive_minimum, Assertion;
    ExclusiveMaximum(Number) = "exclusiveMaximum", exclusive_maximum, Assertion;
    MultipleOf(Number) = "multipleOf", multiple_of, Assertion;

    MinLength(u64) = "minLength", min_length, Assertion;
    MaxLength(u64) = "maxLength", max_length, Assertion;
    Pattern(String) = "pattern", pattern, Assertion;
    Format(String) = "format", format, Assertion;
    ContentEncoding(String) = "contentEncoding", content_encoding, Annotation;
    ContentMediaType(String) = "contentMediaType", content_media_type, Annotation;
    ContentSchema(Box<Schema>) = "contentSchema", content_schema, Annotation;

    Items(Box<Schema>) = "items", items, Inside;
    PrefixItems(Vec<Schema>) = "prefixItems", prefix_items, Inside;
    Contains(Box<Schema>) = "contains", contains, Inside;
    MinContains(u64) = "minContains", min_contains, Assertion;
    MaxContains(u64) = "maxContains", max_contains, Assertion;
    MinItems(u64) = "minItems", min_items, Assertion;
    MaxItems(u64) = "maxItems", max_items, Assertion;
    UniqueItems(bool) = "uniqueItems", unique_items, Assertion;
    UnevaluatedItems(Box<Schema>) = "unevaluatedItems", unevaluated_items, Inside;

    Properties(Named<Schema>) = "properties", properties, Inside;
    PatternProperties(Named<Schema>) = "patternProperties", pattern_properties, Inside;
    AdditionalProperties(Box<Schema>) = "additionalProperties", additional_properties, Inside;
    UnevaluatedProperties(Box<Schema>) = "unevaluatedProperties", unevaluated_properties, Inside;
    PropertyNames(Box<Schema>) = "propertyNames", property_names, Inside;
    Required(Vec<String>) = "required", required, Assertion;
    MinProperties(u64) = "minProperties", min_properties, Assertion;
    MaxProperties(u64) = "maxProperties", max_properties, Assertion;
    DependentRequired(Named<Vec<String>>) = "dependentRequired", dependent_required, Assertion;

    Ref(SchemaId) = "$ref", reference, InPlace;
    /// The name of an anchor. Only schemas read from raw JSON have this keyword, not lowered documents.
    DynamicRef(String) = "$dynamicRef", dynamic_reference, InPlace;
    /// As [`Keyword::DynamicRef`].
    DynamicAnchor(String) = "$dynamicAnchor", dynamic_anchor, Annotation;
    AllOf(Vec<Schema>) = "allOf", all_of, InPlace;
    AnyOf(Vec<Schema>) = "anyOf", any_of, InPlace;
    /// Shared, because compiled schemas refer to the alternatives.
    OneOf(Arc<[Schema]>) = "oneOf", one_of, InPlace;
    Not(Box<Schema>) = "not", not, InPlace;
    If(Box<Schema>) = "if", condition, InPlace;
    Then(Box<Schema>) = "then", then, InPlace;
    Else(Box<Schema>) = "else", otherwise, InPlace;
    DependentSchemas(Named<Schema>) = "dependentSchemas", dependent_schemas, InPlace;

    Title(String) = "title", title, Annotation;
    Description(String) = "description", description, Annotation;
    Default(Box<Value>) = "default", default_value, Annotation;
    Examples(Vec<Value>) = "examples", examples, Annotation;
    Deprecated(bool) = "deprecated", deprecated, Annotation;
    ReadOnly(bool) = "readOnly", read_only, Annotation;
    WriteOnly(bool) = "writeOnly", write_only, Annotation;
    /// Set by `nullable: true` in a document of 3.1 or later, where it is not a keyword. The schema admits null by its other
    /// keywords; this one prevents samples of null.
    Nullable(bool) = "nullable", nullable, Annotation;
    Xml(Box<Xml>) = "xml", xml, Annotation;
    /// Names for the values of `enum`, in its order.
    ValueNames(Vec<Value>) = "x-enum-varnames", value_names, Annotation;
    /// The same, as NSwag writes it.
    EnumNames(Vec<Value>) = "x-enumNames", enum_names, Annotation;
    /// Descriptions of the values of `enum`, in its order.
    ValueDescriptions(Vec<Value>) = "x-enum-descriptions", value_descriptions, Annotation;
    Discriminator(Box<Discriminator>) = "discriminator", discriminator, Annotation;
}

/// A keyword outside the set of [`Keyword`].
#[derive(Clone, Debug, PartialEq)]
pub struct Other {
    /// The name of the keyword.
    pub name: String,
    /// Its value, as written.
    pub value: Value,
}

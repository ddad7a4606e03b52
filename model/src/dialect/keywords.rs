//! What each keyword of a schema holds, in any version: how it is carried over to the canonical form.

/// What a keyword's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// A schema; in 2.0 and 3.0 never a boolean, but for `additionalProperties`.
    Schema,
    /// `items`: a schema, or a list of them before 2020-12.
    Items,
    Schemas,
    NamedSchemas,
    Text,
    Number,
    /// A number above zero.
    Positive,
    /// An integer, zero or above.
    Count,
    Flag,
    /// Distinct strings.
    Names,
    /// Lists of names, by property.
    NameLists,
    /// A type's name, or a list of them.
    Types,
    /// `exclusiveMinimum` and its like: a number, or before 2020-12 a flag beside `minimum`.
    Bound,
    List,
    /// `dependencies`, which became two keywords.
    Dependencies,
    Discriminator,
    /// Any value; it is carried over as it is.
    Data,
    /// What it says is in the canonical form by other means, or says nothing there.
    Nothing,
}

/// What a keyword holds. Those that nobody knows are carried over, as annotations.
pub(super) fn holds(keyword: &str) -> Holds {
    match keyword {
        "not" | "if" | "then" | "else" | "contains" | "propertyNames" | "additionalProperties" => {
            Holds::Schema
        }
        "unevaluatedItems" | "unevaluatedProperties" | "contentSchema" | "additionalItems" => Holds::Schema,
        "items" => Holds::Items,
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => Holds::Schemas,
        "properties" | "patternProperties" | "dependentSchemas" => Holds::NamedSchemas,
        "format" | "title" | "description" | "pattern" | "contentEncoding" | "contentMediaType" => {
            Holds::Text
        }
        "minimum" | "maximum" => Holds::Number,
        "multipleOf" => Holds::Positive,
        "exclusiveMinimum" | "exclusiveMaximum" => Holds::Bound,
        "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties" => {
            Holds::Count
        }
        "minContains" | "maxContains" => Holds::Count,
        "uniqueItems" | "readOnly" | "writeOnly" | "deprecated" => Holds::Flag,
        "required" => Holds::Names,
        "dependentRequired" => Holds::NameLists,
        "dependencies" => Holds::Dependencies,
        "type" => Holds::Types,
        "enum" | "examples" => Holds::List,
        "discriminator" => Holds::Discriminator,
        // References are rewritten, so that what only names or holds their targets has no effect any more.
        "$ref" | "$dynamicRef" | "$id" | "$schema" | "$anchor" | "$dynamicAnchor" | "$vocabulary" => {
            Holds::Nothing
        }
        "$defs" | "definitions" | "$comment" | "nullable" | "example" => Holds::Nothing,
        _ => Holds::Data,
    }
}

/// The types of JSON Schema.
pub(super) const TYPES: &[&str] = &["string", "object", "array", "integer", "number", "boolean", "null"];

/// Keywords that say nothing about which values are valid; `x-` keywords do neither.
pub(super) fn is_annotation(keyword: &str) -> bool {
    const ANNOTATIONS: &[&str] = &[
        "title",
        "description",
        "default",
        "example",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
        "externalDocs",
        "xml",
        "summary",
    ];
    keyword.starts_with("x-") || ANNOTATIONS.contains(&keyword)
}

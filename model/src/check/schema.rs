//! The schema half of the table: the Schema Objects of 2.0 and 3.0, the JSON Schema 2020-12 of 3.1 and later, and the
//! typed values of 2.0's parameters.

use crate::check::table::Expect::{
    self, Any, Count, Either, Filled, Flag, List, Map, Number, Positive, Text, Word,
};
use crate::check::table::{
    ALL, FROM_31, Keys, OLDER, V2, V2_30, V3, V30, V32, Vocabulary, field, object, prose,
};

static TYPES: Expect = Word(&["string", "object", "array", "integer", "boolean", "number", "null"]);
static SCHEMAS: Expect = Map(Keys::Free, &SCHEMA);

/// A schema at any position.
pub(crate) static SCHEMA: Expect = Expect::Object(
    object(
        "a schema",
        &[
            // Those that documents use most come first: the search is linear.
            field("$ref", ALL, &Text),
            field("type", V2, &Word(&["string", "object", "array", "integer", "boolean", "number", "file"])),
            field("type", V30, &Word(&["string", "object", "array", "integer", "boolean", "number"])),
            field("type", FROM_31, &Either(&[&TYPES, &Filled(&TYPES)])),
            prose("description", ALL, &Text),
            field("properties", ALL, &SCHEMAS),
            prose("example", ALL, &Any),
            field("format", ALL, &Text),
            field("required", ALL, &List(&Text)),
            field("items", ALL, &SCHEMA),
            field("items", OLDER, &List(&SCHEMA)),
            field("enum", ALL, &List(&Any)),
            field("nullable", V30, &Flag),
            prose("title", ALL, &Text),
            field("default", ALL, &Any),
            prose("examples", FROM_31, &List(&Any)),
            field("readOnly", ALL, &Flag),
            field("writeOnly", V3, &Flag),
            field("deprecated", V3, &Flag),
            field("allOf", ALL, &Filled(&SCHEMA)),
            field("oneOf", V3, &Filled(&SCHEMA)),
            field("anyOf", V3, &Filled(&SCHEMA)),
            field("not", V3, &SCHEMA),
            field("additionalProperties", ALL, &Either(&[&Flag, &SCHEMA])),
            field("minimum", ALL, &Number),
            field("maximum", ALL, &Number),
            field("exclusiveMinimum", V2_30, &Flag),
            field("exclusiveMinimum", FROM_31, &Number),
            field("exclusiveMaximum", V2_30, &Flag),
            field("exclusiveMaximum", FROM_31, &Number),
            field("multipleOf", ALL, &Positive),
            field("minLength", ALL, &Count),
            field("maxLength", ALL, &Count),
            field("pattern", ALL, &Text),
            field("minItems", ALL, &Count),
            field("maxItems", ALL, &Count),
            field("uniqueItems", ALL, &Flag),
            field("minProperties", ALL, &Count),
            field("maxProperties", ALL, &Count),
            field("discriminator", V2, &Text),
            field("discriminator", V3, &DISCRIMINATOR),
            prose("xml", ALL, &XML),
            prose("externalDocs", ALL, &EXTERNAL_DOCS),
            field("const", FROM_31, &Any),
            field("prefixItems", FROM_31, &Filled(&SCHEMA)),
            field("contains", FROM_31, &SCHEMA),
            field("minContains", FROM_31, &Count),
            field("maxContains", FROM_31, &Count),
            field("patternProperties", FROM_31, &SCHEMAS),
            field("propertyNames", FROM_31, &SCHEMA),
            field("unevaluatedItems", FROM_31, &SCHEMA),
            field("unevaluatedProperties", FROM_31, &SCHEMA),
            field("dependentRequired", FROM_31, &Map(Keys::Free, &List(&Text))),
            field("dependentSchemas", FROM_31, &SCHEMAS),
            field("if", FROM_31, &SCHEMA),
            field("then", FROM_31, &SCHEMA),
            field("else", FROM_31, &SCHEMA),
            field("contentMediaType", FROM_31, &Text),
            field("contentEncoding", FROM_31, &Text),
            field("contentSchema", FROM_31, &SCHEMA),
            field("$id", FROM_31, &Text),
            field("$anchor", FROM_31, &Text),
            field("$dynamicRef", FROM_31, &Text),
            field("$dynamicAnchor", FROM_31, &Text),
            field("$defs", FROM_31, &SCHEMAS),
            field("$schema", FROM_31, &Text),
            field("$vocabulary", FROM_31, &Map(Keys::Free, &Flag)),
            prose("$comment", FROM_31, &Text),
            // JSON Schema keeps the names of these two older words reserved.
            field("definitions", FROM_31, &SCHEMAS),
            field("dependencies", FROM_31, &Map(Keys::Free, &Either(&[&SCHEMA, &List(&Text)]))),
        ],
    )
    .of(Vocabulary::Schema)
    .or_flag(),
);

static DISCRIMINATOR: Expect = Expect::Object(
    object(
        "a discriminator",
        &[
            field("propertyName", V3, &Text),
            field("mapping", V3, &Map(Keys::Free, &Text)),
            field("defaultMapping", V32, &Text),
        ],
    )
    .of(Vocabulary::Schema),
);

static XML: Expect = Expect::Object(
    object(
        "an XML form",
        &[
            field("name", ALL, &Text),
            field("namespace", ALL, &Text),
            field("prefix", ALL, &Text),
            field("attribute", ALL, &Flag),
            field("wrapped", ALL, &Flag),
            field("nodeType", V32, &Word(&["element", "attribute", "text", "cdata", "none"])),
        ],
    )
    .of(Vocabulary::Schema)
    .apart(&[("nodeType", "attribute"), ("nodeType", "wrapped")]),
);

static EXTERNAL_DOCS: Expect = Expect::Object(
    object(
        "a link to documentation",
        &[prose("url", ALL, &Text).should(ALL), prose("description", ALL, &Text)],
    )
    .of(Vocabulary::Schema),
);

/// The kinds of 2.0's parameters and headers.
pub(crate) static SIMPLE_TYPE: Expect = Word(&["string", "integer", "boolean", "number", "array", "file"]);

/// The items of an array in a parameter or header of 2.0.
pub(crate) static SIMPLE_SCHEMA: Expect = Expect::Object(
    object(
        "the items of an array",
        &[
            field("type", V2, &SIMPLE_TYPE).should(V2),
            field("format", V2, &Text),
            field("items", V2, &SIMPLE_SCHEMA),
            field("collectionFormat", V2, &Word(&["csv", "ssv", "tsv", "pipes"])),
            field("default", V2, &Any),
            field("enum", V2, &List(&Any)),
            field("maximum", V2, &Number),
            field("exclusiveMaximum", V2, &Flag),
            field("minimum", V2, &Number),
            field("exclusiveMinimum", V2, &Flag),
            field("maxLength", V2, &Count),
            field("minLength", V2, &Count),
            field("pattern", V2, &Text),
            field("maxItems", V2, &Count),
            field("minItems", V2, &Count),
            field("uniqueItems", V2, &Flag),
            field("multipleOf", V2, &Positive),
        ],
    )
    .of(Vocabulary::Schema),
);

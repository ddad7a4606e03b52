//! Tests: schemas of each version, and their form in 2020-12.

use expect_test::{Expect, expect};

use crate::load::{Options, load_text};

/// Loads a document of a version with the schema `S`, and shows it in the canonical form, then each finding.
#[track_caller]
fn check(version: &str, schema: &str, expected: Expect) {
    let (key, holder) = match version {
        "2.0" => ("swagger: '2.0'", format!("definitions: {{S: {schema}, T: {{type: object}}}}")),
        _ => ("openapi", format!("components: {{schemas: {{S: {schema}, T: {{type: object}}}}}}")),
    };
    let key = if version == "2.0" { key.to_owned() } else { format!("openapi: {version}") };
    let text = format!("{key}\ninfo: {{title: t, version: '1'}}\npaths: {{}}\n{holder}\n");
    let loaded = load_text("test.yaml", text, &Options::default());
    let mut out = String::new();
    let schemas = loaded.api.map(|api| api.schemas).unwrap_or_default();
    for schema in schemas.entries.iter().filter(|schema| schema.key != "T") {
        out.push_str(&format!("{}: {}\n", schema.key, schema.schema.to_json(&schemas)));
    }
    for finding in loaded.diagnostics {
        out.push_str(&format!("{} {}: {}\n", finding.code.as_str(), finding.pointer, finding.message));
    }
    expected.assert_eq(&out);
}

#[test]
fn a_branch_that_is_only_nullable_is_null() {
    check(
        "3.0.3",
        "{anyOf: [{$ref: '#/components/schemas/T'}, {nullable: true}]}",
        expect![[r##"
        S: {"anyOf":[{"$ref":"#/$defs/T"},{"type":"null"}]}
    "##]],
    );
    check(
        "3.0.3",
        "{oneOf: [{nullable: true, description: d}, {type: string}]}",
        expect![[r#"
        S: {"oneOf":[{"type":"null"},{"type":"string"}]}
    "#]],
    );
    check(
        "3.0.3",
        "{anyOf: [{nullable: true}]}",
        expect![[r#"
        S: {"anyOf":[{}]}
    "#]],
    );
}

#[test]
fn nullable_means_null_too() {
    check(
        "3.0.3",
        "{type: string, nullable: true}",
        expect![[r#"
        S: {"type":["string","null"]}
    "#]],
    );
    check(
        "3.0.3",
        "{type: string, nullable: false}",
        expect![[r#"
        S: {"type":"string"}
    "#]],
    );
    check(
        "3.0.3",
        "{type: string, enum: [a, b], nullable: true}",
        expect![[r#"
        S: {"type":["string","null"],"enum":["a","b",null]}
    "#]],
    );
    check(
        "3.0.3",
        "{nullable: true}",
        expect![[r#"
        S: {}
    "#]],
    );
    check(
        "3.0.3",
        "{allOf: [{$ref: '#/components/schemas/T'}], nullable: true, description: d}",
        expect![[r##"
        S: {"description":"d","anyOf":[{"allOf":[{"$ref":"#/$defs/T"}]},{"type":"null"}]}
    "##]],
    );
    check(
        "3.0.3",
        "{oneOf: [{$ref: '#/components/schemas/T'}], nullable: true}",
        expect![[r##"
        S: {"oneOf":[{"$ref":"#/$defs/T"},{"type":"null"}]}
    "##]],
    );
    check(
        "3.0.3",
        "{$ref: '#/components/schemas/T', nullable: true}",
        expect![[r##"
        S: {"anyOf":[{"$ref":"#/$defs/T"},{"type":"null"}]}
    "##]],
    );
    check(
        "3.1.0",
        "{type: string, nullable: true}",
        expect![[r#"
        S: {"type":["string","null"],"nullable":true}
        nullable-in-31 /components/schemas/S/nullable: `nullable` in a schema belongs to OpenAPI 3.0; this document is version 3.1
    "#]],
    );
    check(
        "3.1.0",
        "{type: [string, 'null'], nullable: true}",
        expect![[r#"
        S: {"type":["string","null"]}
        nullable-in-31 /components/schemas/S/nullable: `nullable` in a schema belongs to OpenAPI 3.0; this document is version 3.1
    "#]],
    );
    check(
        "2.0",
        "{type: string, x-nullable: true}",
        expect![[r#"
        S: {"type":["string","null"],"x-nullable":true}
    "#]],
    );
}

#[test]
fn keywords_that_changed() {
    check(
        "3.0.3",
        "{type: number, minimum: 1, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false}",
        expect![[r#"
        S: {"type":"number","maximum":9,"exclusiveMinimum":1}
    "#]],
    );
    check(
        "3.1.0",
        "{type: number, exclusiveMinimum: 1.50}",
        expect![[r#"
        S: {"type":"number","exclusiveMinimum":1.5}
    "#]],
    );
    check(
        "3.0.3",
        "{type: string, format: byte, example: aGk=}",
        expect![[r#"
        S: {"type":"string","format":"byte","examples":["aGk="],"contentEncoding":"base64"}
    "#]],
    );
    check(
        "3.1.0",
        "{type: string, example: a, examples: [b]}",
        expect![[r#"
        S: {"type":"string","examples":["a","b"]}
    "#]],
    );
    check(
        "2.0",
        "{type: object, discriminator: kind}",
        expect![[r#"
        S: {"type":"object","discriminator":{"propertyName":"kind"}}
    "#]],
    );
    check(
        "3.1.0",
        "{type: object, dependencies: {a: [b], c: {required: [d]}}}",
        expect![[r#"
        S: {"type":"object","dependentRequired":{"a":["b"]},"dependentSchemas":{"c":{"required":["d"]}}}
    "#]],
    );
    check(
        "3.0.3",
        "{type: array, items: [{type: string}], additionalItems: false}",
        expect![[r#"
            S: {"type":"array","prefixItems":[{"type":"string"}],"items":false}
            misplaced-field /components/schemas/S/items: `items` as an array belongs to an older JSON Schema; this document is version 3.0
            unknown-field /components/schemas/S/additionalItems: a schema has no field `additionalItems`
        "#]],
    );
}

#[test]
fn references_become_keys() {
    check(
        "3.0.3",
        "{$ref: '#/components/schemas/T'}",
        expect![[r##"
        S: {"$ref":"#/$defs/T"}
    "##]],
    );
    check(
        "3.0.3",
        "{$ref: '#/components/schemas/T', description: d, minLength: 1}",
        expect![[r##"
        S: {"$ref":"#/$defs/T","description":"d"}
        ref-siblings /components/schemas/S: `minLength` beside `$ref` has no effect before OpenAPI 3.1
    "##]],
    );
    check(
        "3.1.0",
        "{$ref: '#/components/schemas/T', minProperties: 1}",
        expect![[r##"
        S: {"$ref":"#/$defs/T","minProperties":1}
    "##]],
    );
    check(
        "3.1.0",
        "{$defs: {A: {type: string}}, properties: {a: {$ref: '#/components/schemas/S/$defs/A'}}}",
        expect![[r##"
        S: {"properties":{"a":{"$ref":"#/$defs/S.A"}}}
        S.A: {"type":"string"}
    "##]],
    );
    check(
        "3.1.0",
        "{$id: tree, properties: {a: {$ref: '#/$defs/A'}, b: {$ref: '#n'}}, $defs: {A: {$anchor: n}}}",
        expect![[r##"
        S: {"properties":{"a":{"$ref":"#/$defs/S.A"},"b":{"$ref":"#/$defs/S.A"}}}
        S.A: {}
    "##]],
    );
    check(
        "3.1.0",
        "{$id: 'https://x.y/tree', properties: {a: {$ref: 'https://x.y/tree'}, t: {$ref: '#/components/schemas/T'}}}",
        expect![[r##"
        S: {"properties":{"a":{"$ref":"#/$defs/S"},"t":{"$ref":"#/$defs/T"}}}
    "##]],
    );
    check(
        "3.1.0",
        "{$dynamicAnchor: node, properties: {next: {$dynamicRef: '#node'}}}",
        expect![[r##"
        S: {"properties":{"next":{"$ref":"#/$defs/S"}}}
    "##]],
    );
    check(
        "3.0.3",
        "{properties: {a: {properties: {b: {type: string}}}, c: {$ref: '#/components/schemas/S/properties/a/properties/b'}}}",
        expect![[r##"
        S: {"properties":{"a":{"properties":{"b":{"$ref":"#/$defs/S.a.b"}}},"c":{"$ref":"#/$defs/S.a.b"}}}
        S.a.b: {"type":"string"}
    "##]],
    );
    check(
        "3.0.3",
        "{oneOf: [{$ref: '#/components/schemas/T'}], discriminator: {propertyName: k, mapping: {a: T, b: '#/components/schemas/T', c: Gone}}}",
        expect![[r##"
            S: {"oneOf":[{"$ref":"#/$defs/T"}],"discriminator":{"propertyName":"k","mapping":{"a":"#/$defs/T","b":"#/$defs/T"}}}
            discriminator /components/schemas/S/oneOf/0: a branch does not require `k`
            discriminator /components/schemas/S/discriminator/mapping/b: `a` and `b` map to the same schema
            discriminator /components/schemas/S/discriminator/mapping/c: schema `Gone` does not exist
        "##]],
    );
}

#[test]
fn a_discriminator_that_tells_nothing_apart_is_left_out() {
    check(
        "3.0.3",
        "{oneOf: [{required: [k], properties: {k: {enum: [a]}}}], discriminator: {propertyName: k, mapping: {b: '#/components/schemas/S/oneOf/0'}}}",
        expect![[r##"
            S: {"oneOf":[{"$ref":"#/$defs/S.oneOf.0"}]}
            S.oneOf.0: {"required":["k"],"properties":{"k":{"enum":["a"]}}}
            discriminator /components/schemas/S/oneOf/0: an inline branch has no name
            discriminator /components/schemas/S/discriminator/mapping/b: `k` of the schema that `b` maps to cannot be `b`
        "##]],
    );
}

#[test]
fn what_is_no_schema_is_left_out() {
    check(
        "3.1.0",
        "{type: strnig, minLength: -1, maxLength: 2.0, required: [a, a], enum: 3, pattern: 1}",
        expect![[r#"
        S: {"maxLength":2,"required":["a"],"pattern":"1"}
        schema-keyword /components/schemas/S/type: `type` cannot be `strnig`
        schema-keyword /components/schemas/S/minLength: `minLength` must be an integer, zero or above, not `-1`
        schema-keyword /components/schemas/S/enum: `enum` must be an array, not a number
        schema-keyword /components/schemas/S/pattern: `pattern` must be a string, not a number
    "#]],
    );
    check(
        "3.1.0",
        "{properties: {a: 5, b: true}, items: 7, allOf: [], anyOf: {}, type: []}",
        expect![[r#"
            S: {"properties":{"a":true,"b":true}}
            schema-keyword /components/schemas/S/properties/a: `a` must be a schema, not a number
            schema-keyword /components/schemas/S/items: `items` must be a schema, not a number
            schema-keyword /components/schemas/S/allOf: `allOf` must not be empty
            schema-keyword /components/schemas/S/anyOf: `anyOf` must be an array with something in it, not an object
            schema-keyword /components/schemas/S/type: `type` must be a string, not an array
        "#]],
    );
    check(
        "3.1.0",
        "{default: 12345678901234567890123, const: 1e999, example: 0.1}",
        expect![[r#"
            S: {"default":1.2345678901234568e+22,"const":1.7976931348623157e+308,"examples":[0.1]}
            number-inexact /components/schemas/S/default: `12345678901234567890123` cannot be represented exactly in 64 bits; 1.2345678901234568e+22 is used
            number-inexact /components/schemas/S/const: `1e999` cannot be represented exactly in 64 bits; 1.7976931348623157e+308 is used
        "#]],
    );
    check(
        "3.1.0",
        "{additionalProperties: false, patternProperties: {'^x': {}}, if: {}, then: false, x-a: {b: [1]}}",
        expect![[r#"
        S: {"additionalProperties":false,"patternProperties":{"^x":{}},"if":{},"then":false,"x-a":{"b":[1]}}
    "#]],
    );
}

#[test]
fn cycles_without_a_value_are_cut() {
    check(
        "3.1.0",
        "{allOf: [{$ref: '#/components/schemas/S'}, {type: object}]}",
        expect![[r#"
        S: {"allOf":[{},{"type":"object"}]}
        schema-cycle /components/schemas/S: schemas include each other in a cycle: `S` → `S`
    "#]],
    );
    check(
        "3.1.0",
        "{$ref: '#/components/schemas/S'}",
        expect![[r#"
        S: true
        ref-cycle /components/schemas/S: reference cycle without a value: `#/components/schemas/S` → `#/components/schemas/S`
    "#]],
    );
    check(
        "3.1.0",
        "{properties: {a: {$ref: '#/components/schemas/S'}}}",
        expect![[r##"
        S: {"properties":{"a":{"$ref":"#/$defs/S"}}}
    "##]],
    );
    check(
        "3.1.0",
        "{$ref: '#/components/schemas/S/properties/a', properties: {a: {$ref: '#/components/schemas/S'}}}",
        expect![[r#"
        S: true
        ref-cycle /components/schemas/S/properties/a: reference cycle without a value: `#/components/schemas/S/properties/a` → `#/components/schemas/S` → `#/components/schemas/S/properties/a`
    "#]],
    );
    check(
        "3.1.0",
        "{$ref: '#/components/schemas/S/a/b'}",
        expect![[r#"
        S: true
        ref-cycle /components/schemas/S/$ref: `#/components/schemas/S/a/b` passes through references that lead back to it
    "#]],
    );
}

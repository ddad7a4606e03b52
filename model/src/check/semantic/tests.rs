//! Tests of semantic findings.

use expect_test::{Expect, expect};

use crate::load::{Options, load_text};

/// Loads a document; each finding as `line:column severity[code] message | label | help`.
fn check(text: &str, expected: Expect) {
    let loaded = load_text("test.yaml", text, &Options::default());
    let mut lines = String::new();
    for found in &loaded.diagnostics {
        let file = loaded.sources.get(found.span.file).unwrap();
        let (line, column) = file.line_column(found.span.start);
        lines += &format!(
            "{line}:{column} {:?}[{}] {} | {} | {}\n",
            found.severity,
            found.code.as_str(),
            found.message,
            found.label,
            found.help.as_deref().unwrap_or_default()
        );
    }
    expected.assert_eq(&lines);
}

/// A document of 3.0 with these paths, each of one line.
fn paths(lines: &str, expected: Expect) {
    let ok = "responses: {'200': {description: OK}}";
    let lines: String =
        lines.trim().lines().map(|line| format!("  {}\n", line.trim().replace("OK", ok))).collect();
    check(&format!("openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\npaths:\n{lines}"), expected);
}

/// A document of 3.1 with these schemas, each of one line.
fn schemas(lines: &str, expected: Expect) {
    let lines: String = lines.trim().lines().map(|line| format!("    {}\n", line.trim())).collect();
    let head = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\ncomponents:\n  schemas:\n";
    check(&format!("{head}{lines}"), expected);
}

#[test]
fn path_templates() {
    paths(
        "noslash: {get: {OK}}
        '/a/{id': {get: {OK}}
        '/b/{}': {get: {OK}}
        '/c}': {get: {OK}}
        /d?e=f: {get: {OK}}
        /g/:id: {get: {OK}}
        /h/*: {get: {OK}}
        /i.j-k:run: {get: {OK}}",
        expect![[r#"
            4:3 Warning[path-template] `noslash`: the path does not start with `/` | the path does not start with `/` | write `/noslash`
            5:3 Warning[path-template] `/a/{id`: a `{` is not closed | a `{` is not closed | close it with `}` in the same segment
            6:3 Warning[path-template] `/b/{}`: `{}` does not name a parameter | `{}` does not name a parameter | write a name between the braces, such as `{id}`
            7:3 Warning[path-template] `/c}`: a `}` has no matching `{` | a `}` has no matching `{` | write `%7D` for a literal brace
            8:3 Warning[path-template] `/d?e=f`: a path has no query and no fragment | a path has no query and no fragment | a query belongs to `parameters` with `in: query`, a fragment is never sent
            9:3 Warning[path-template] `/g/:id`: `:` does not begin a parameter in OpenAPI | `:` does not begin a parameter in OpenAPI | write `{id}`, if a parameter is meant
        "#]],
    );
}

#[test]
fn path_parameters() {
    paths(
        "/a/{id}: {get: {OK}, put: {parameters: [{name: id, in: path, required: true, schema: {}}], OK}}
        /b: {parameters: [{name: x, in: path, required: true, schema: {}}], get: {OK}, put: {OK}}
        /c/{id}/{id}: {get: {parameters: [{name: id, in: path, schema: {}}], OK}}
        /d/{a}.{b}: {parameters: [{name: a, in: path, required: true, schema: {}}, {name: b, in: path, required: true, schema: {}}], get: {OK}}
        /e/{x}: {parameters: [{name: x, in: path, required: true, schema: {}}], get: {OK}}
        /e/{y}: {parameters: [{name: y, in: path, required: true, schema: {}}], put: {OK}}",
        expect![[r#"
            4:13 Warning[path-parameter] `id` of `/a/{id}` is not declared as a parameter | no parameter `id` with `in: path` | add `{name: id, in: path, required: true, schema: {type: string}}`
            5:28 Warning[path-parameter] path parameter `x` is not in `/b` | the path has no `{x}` | add it to the path, or remove the parameter
            6:3 Warning[path-parameter] parameter `id` occurs twice in `/c/{id}/{id}` | twice in one path | give each a unique name
            6:44 Warning[path-parameter] path parameter `id` must be required | it is treated as required | add `required: true`
            9:3 Warning[path-duplicate] `/e/{y}` and `/e/{x}` match the same requests | differs only in the names of parameters | move the operations of both under one path
        "#]],
    );
}

#[test]
fn operations_and_parameters() {
    paths(
        "/a: {get: {operationId: a, OK}, put: {operationId: a, OK}, post: {operationId: '', OK}}
        /b: {get: {parameters: [{name: q, in: query, schema: {}}, {name: q, in: header, schema: {}}, {name: q, in: query, schema: {}}], OK}}
        /c: {get: {parameters: [{name: accept, in: header, schema: {}}, {name: Content-Length, in: header, schema: {}}], OK}}
        /d: {get: {parameters: [{name: q, in: query}, {name: r, in: query, schema: {}, content: {text/plain: {}}}, {name: s, in: query, content: {}}], OK}}
        /e: {get: {parameters: [{name: q, in: header, style: form, schema: {}}], OK}}",
        expect![[r#"
            4:89 Warning[operation-id-duplicate] `operationId` `a` occurs twice | used before | give each operation an id of its own
            4:152 Warning[operation-id-empty] `operationId` is empty | empty | give the operation a name, or remove `operationId`
            5:103 Warning[parameter-duplicate] query parameter `q` occurs twice | the last one applies | remove one of them
            6:34 Warning[header-ignored] header parameter `accept` has no effect | ignored (OAS 4.8.12.2.1) | use the keys of `content` in `responses`
            6:74 Warning[header-ignored] header parameter `Content-Length` has no effect | ignored (RFC 9110, 8.6) | remove it: clients compute the length themselves
            7:28 Warning[parameter-schema] the value of `q` is not described | either `schema` or `content` is required | add `schema: {type: string}`
            7:82 Warning[parameter-schema] `r` has both `schema` and `content` | either `schema` or `content` is required | remove one of them
            7:131 Warning[parameter-schema] `content` of `s` must have one media type | expected one media type | keep one media type
            8:56 Warning[parameter-style] a header parameter has no style `form` | not available for this location | write one of `simple`
        "#]],
    );
}

#[test]
fn security() {
    check(
        "openapi: 3.0.3
info: {title: T, version: '1'}
security: [{petKey: []}]
paths:
  /a: {get: {security: [{pet_key: []}, {other: []}, {}], responses: {'200': {description: OK}}}}
components:
  securitySchemes:
    pet_key: {type: apiKey, in: header}
    login: {type: http}
    token: {type: oauth2}
    forms: {type: http, scheme: bearer, x-descant: {forms: [Token, '{credential}']}}
",
        expect![[r#"
            3:13 Warning[security-unknown] security scheme `petKey` is not declared | did you mean `pet_key`? | write `pet_key`
            5:41 Warning[security-unknown] security scheme `other` is not declared | not declared | declared are `pet_key`, `login`, `token`, `forms`
            8:5 Error[missing-field] a security scheme with `type: apiKey` needs `name` | `name` is missing | add `name: …`
            9:5 Error[missing-field] a security scheme with `type: http` needs `scheme` | `scheme` is missing | add `scheme: …`
            10:5 Error[missing-field] a security scheme with `type: oauth2` needs `flows` | `flows` is missing | add `flows: …`
            11:61 Error[descant-value] a form must contain `{credential}` exactly once | the position of the credential is missing | write `{credential}` at its position, such as `Token {credential}`
        "#]],
    );
}

#[test]
fn discriminators() {
    schemas(
        "Cat: {type: object, properties: {meow: {type: string}}}
        Dog: {type: object, required: [kind], properties: {kind: {type: string}}}
        Cow: {allOf: [{$ref: '#/components/schemas/Dog'}]}
        Pet: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}, {$ref: '#/components/schemas/Cow'}, {type: object}], discriminator: {propertyName: kind, mapping: {dog: Dog, hound: Dog, bird: Bird}}}
        None: {oneOf: [{$ref: '#/components/schemas/Dog'}], discriminator: {}}
        Text: {type: string, discriminator: {propertyName: kind}}",
        expect![[r#"
            8:19 Warning[discriminator] a branch does not require `kind` | the discriminator cannot select it | add `kind` to its `properties` and to its `required`
            8:127 Warning[discriminator] an inline branch has no name | no value of `kind` selects it | make it a component, so that the discriminator can name it by `$ref`
            8:200 Note[discriminator] `dog` and `hound` map to the same schema | the first is written, both are accepted | 
            8:218 Warning[discriminator] schema `Bird` does not exist |  | declare it, or remove it from the mapping
            9:57 Warning[discriminator] a discriminator needs `propertyName` | `propertyName` is missing | name the property that distinguishes the branches
            10:26 Warning[discriminator] a discriminator has no effect on `type: string` | only objects have properties | remove it
        "#]],
    );
}

#[test]
fn discriminators_that_contradict_their_branches() {
    schemas(
        "Cat: {type: object, required: [kind], properties: {kind: {enum: [tom, queen]}}}
        Dog: {allOf: [{type: object, required: [kind], properties: {kind: {const: dog}}}]}
        Any: {type: object, required: [kind], properties: {kind: {type: string}}}
        Pet: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}, {$ref: '#/components/schemas/Any'}], discriminator: {propertyName: kind, mapping: {cat: Cat, dog: Dog, any: Any}}}
        Idle: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}, {$ref: '#/components/schemas/Any'}], discriminator: {propertyName: kind, mapping: {cat: Cat, hound: Dog, any: Any}}}",
        expect![[r#"
            8:174 Warning[discriminator] `kind` of the schema that `cat` maps to cannot be `cat` | the discriminator never selects it | map a value that `kind` of the schema admits
            9:175 Warning[discriminator] `kind` of the schema that `cat` maps to cannot be `cat` | the discriminator never selects it | map a value that `kind` of the schema admits; no value of it matches, so the discriminator is ignored
            9:185 Warning[discriminator] `kind` of the schema that `hound` maps to cannot be `hound` | the discriminator never selects it | map a value that `kind` of the schema admits; no value of it matches, so the discriminator is ignored
        "#]],
    );
}

#[test]
fn no_chain_of_schemas_overflows_the_stack() {
    let mut chain = "Pet: {oneOf: [{$ref: '#/components/schemas/A0'}], discriminator: {propertyName: kind, mapping: {a: A0}}}\n".to_owned();
    for index in 0..20_000 {
        chain += &format!("        A{index}: {{allOf: [{{$ref: '#/components/schemas/A{}'}}]}}\n", index + 1);
    }
    schemas(&(chain + "        A20000: {type: object}"), expect![""]);
}

#[test]
fn cycles() {
    schemas(
        "A: {allOf: [{$ref: '#/components/schemas/B'}, {type: object}]}
        B: {allOf: [{$ref: '#/components/schemas/A'}]}
        C: {anyOf: [{type: string}, {not: {$ref: '#/components/schemas/C'}}]}
        D: {type: object, properties: {d: {$ref: '#/components/schemas/D'}}, allOf: [{properties: {e: {$ref: '#/components/schemas/D'}}}]}",
        expect![[r#"
            5:8 Error[schema-cycle] schemas include each other in a cycle: `A` → `B` → `A` | includes itself | 
            7:8 Error[schema-cycle] schemas include each other in a cycle: `C` → `C` | includes itself | 
        "#]],
    );
}

#[test]
fn unsatisfiable() {
    schemas(
        "A: {type: object, required: [a], properties: {a: {$ref: '#/components/schemas/A'}}}
        B: {type: object, required: [c], properties: {c: {$ref: '#/components/schemas/C'}}}
        C: {type: object, required: [b], properties: {b: {type: array, minItems: 1, items: {$ref: '#/components/schemas/B'}}}}
        D: {type: object, required: [d], properties: {d: {oneOf: [{$ref: '#/components/schemas/D'}, {type: 'null'}]}}}
        E: {type: object, required: [e], properties: {e: {type: array, items: {$ref: '#/components/schemas/E'}}}}
        F: {type: integer, minimum: 5, maximum: 4, enum: []}
        G: {type: string, minLength: 1, maxLength: 1}",
        expect![[r#"
            5:5 Warning[schema-unsatisfiable] no finite value satisfies the schema: each value requires another inside | `a` must contain such a value again | make it optional, nullable, or an array that may be empty
            6:5 Warning[schema-unsatisfiable] no finite value satisfies the schema: each value requires another inside | `c` must contain such a value again | make it optional, nullable, or an array that may be empty
            7:5 Warning[schema-unsatisfiable] no finite value satisfies the schema: each value requires another inside | `b` must contain such a value again | make it optional, nullable, or an array that may be empty
            7:51 Warning[schema-unsatisfiable] no finite value satisfies the schema: each value requires another inside | an item must contain such a value again | make it optional, nullable, or an array that may be empty
            10:24 Warning[schema-unsatisfiable] `minimum` is above `maximum`: no value is valid | `5` is above `4` | 
            10:48 Warning[schema-unsatisfiable] `enum` is empty: no value is valid | no value | list the values, or remove it
        "#]],
    );
}

#[test]
fn patterns() {
    schemas(
        "A: {type: string, pattern: '^[a-z]+$'}
        B: {type: string, pattern: '(unclosed'}
        C: {type: string, pattern: '^(?=.*[0-9])(?!x)\\p{L}+$'}
        D: {type: object, patternProperties: {'[z-a]': {type: string}}}",
        expect![[r#"
            6:23 Warning[pattern] `(unclosed` cannot be compiled as a regular expression | not a regular expression of ECMA-262 | correct it: values are not matched against it
            8:43 Warning[pattern] `[z-a]` cannot be compiled as a regular expression | not a regular expression of ECMA-262 | correct it: values are not matched against it
        "#]],
    );
    check(
        "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {}\ncomponents: {schemas: {A: {type: array}, B: {type: array, items: {}}}}\n",
        expect![[r#"
            4:28 Warning[items-missing] an array does not declare its items | `items` is missing | add `items: {type: …}`; `items: {}` allows anything
        "#]],
    );
}

#[test]
fn sizes_and_types() {
    schemas(
        "A: {type: array, minItems: 2000, items: {type: array, minItems: 1000, items: {type: integer}}}
        B: {type: string, minLength: 99999999999999999999}
        C: {type: object, required: [a], properties: {a: {$ref: '#/components/schemas/A'}}}
        D: {type: integer, enum: ['1', 2, 2.5, null], default: x}
        E: {type: [string, 'null'], enum: [a, null], default: null}
        F: {allOf: [{type: object}, {type: [string, array]}]}
        G: {type: object, allOf: [{properties: {a: {type: number}}}, {properties: {a: {type: integer}}}, {properties: {a: {type: string}}}]}",
        expect![[r#"
            5:5 Warning[schema-huge] the smallest value of the schema is huge: 4002000 values or characters | its smallest value has this size | lower its minimum; a mock truncates its values
            6:5 Warning[schema-huge] the smallest value of the schema is huge: more than can be counted values or characters | its smallest value has this size | lower its minimum; a mock truncates its values
            8:31 Warning[schema-keyword] a string in `enum` does not have the schema's type | never valid | change `type`, or correct the value
            8:39 Warning[schema-keyword] a number in `enum` does not have the schema's type | never valid | change `type`, or correct the value
            8:44 Warning[schema-keyword] null in `enum` does not have the schema's type | never valid | change `type`, or correct the value
            8:51 Warning[default-invalid] the default is a string, which is not of the schema's type | violates its schema | correct the value, or the schema
            10:5 Warning[schema-unsatisfiable] no value has the types of all parts of `allOf` | the types exclude each other | 
            11:116 Warning[schema-unsatisfiable] property `a` has different types in another part of `allOf` | no value has both types | 
        "#]],
    );
}

#[test]
fn servers_and_exclusive_fields() {
    check(
        "openapi: 3.2.0
info: {title: T, version: '1'}
servers:
  - {url: 'https://{a}.{b}', variables: {b: {default: x, enum: [y]}}}
  - {url: 'https://{a}', variables: {a: {default: x, enum: []}}}
components:
  parameters:
    A: {name: 'a b', in: header, allowReserved: true, schema: {}, example: 1, examples: {}}
    B: {name: q, in: querystring, schema: {type: object}}
  pathItems:
    P: {get: {parameters: [{name: q, in: querystring, content: {text/plain: {}}}, {name: r, in: query, schema: {}}], responses: {'200': {headers: {'a b': {schema: {}}}}}}}
",
        expect![[r#"
            4:11 Warning[server-variable] `a` of the URL is not a variable of the server | `{a}` is not declared | add `variables: {a: {default: …}}`
            4:55 Warning[server-variable] the default of variable `b` is not one of its values | not in `enum` | add it to `enum`, or choose another default
            5:54 Warning[server-variable] variable `a` has no allowed value | `enum` is empty | list the values, or remove `enum`
            8:15 Warning[header-name] `a b` is not the name of a header | not a token (RFC 9110, 5.6.2) | use ASCII letters, digits and `-`, such as `X-Total`
            8:34 Warning[parameter-style] `allowReserved` has no effect here | this value is not percent-encoded | remove it
            8:79 Warning[fields-exclusive] a parameter may have `example` or `examples`, not both | `example` is present, too | remove one of them
            9:35 Warning[parameter-schema] `q` is the whole query string: it needs `content` | `schema` does not define its serialisation | write `content: {application/x-www-form-urlencoded: {schema: …}}`
            11:83 Warning[parameter-duplicate] the query string is described twice | part of what `in: querystring` describes | keep one `in: querystring`, or the parameters with `in: query`
            11:148 Warning[header-name] `a b` as a key: not the name of a header | not the name of a header | use ASCII letters, digits and `-`, such as `X-Total` (RFC 9110, 5.1)
        "#]],
    );
    check(
        "openapi: 3.1.0\ninfo: {title: T, version: '1'}\n",
        expect![[r#"
        1:1 Warning[missing-field] a document needs `paths`, `components` or `webhooks` | it describes nothing | add `paths: {/pets: {get: …}}`
    "#]],
    );
}

#[test]
fn required_properties_that_a_closed_schema_forbids() {
    schemas(
        "Never: {type: object, required: [nmae], properties: {name: {}}, additionalProperties: false}
        Base: {type: object, required: [name], properties: {name: {}}, additionalProperties: false}
        Dog: {allOf: [{$ref: '#/components/schemas/Base'}, {required: [bark], properties: {bark: {}}}]}
        Puppy: {allOf: [{$ref: '#/components/schemas/Dog'}, {type: object}]}
        Open: {required: [x-a], patternProperties: {'^x-': {}}, additionalProperties: false}
        Twice: {allOf: [{$ref: '#/components/schemas/Base'}, {required: [name]}]}",
        expect![[r#"
            5:38 Warning[schema-unsatisfiable] no object is valid: `nmae` is required, and `additionalProperties: false` forbids it | required | declare `nmae` in `properties`, or correct the name
            7:5 Warning[schema-unsatisfiable] no object is valid: `bark` is required, and `additionalProperties: false` forbids it | all its parts must be satisfied | remove `additionalProperties: false` from the part; in 3.1 the whole may have `unevaluatedProperties: false`
            8:5 Warning[schema-unsatisfiable] no object is valid: `bark` is required, and `additionalProperties: false` forbids it | all its parts must be satisfied | remove `additionalProperties: false` from the part; in 3.1 the whole may have `unevaluatedProperties: false`
        "#]],
    );
}

#[test]
fn content_of_a_status_without_a_body_is_reported() {
    paths(
        "/a: {get: {responses: {'204': {description: d, content: {a/b: {}}}, '200': {description: d, content: {a/b: {}}}}}}
        /b: {get: {responses: {'304': {$ref: '#/paths/~1a/get/responses/204'}, '205': {description: d, content: {}}}}}",
        expect![[r#"
            4:26 Warning[content-bodiless] a response of status 204 has no body, but content is described | the content is never sent | remove `content`, or describe the response of a status that has a body, such as 200
            5:26 Warning[content-bodiless] a response of status 304 has no body, but content is described | the content is never sent | remove `content`, or describe the response of a status that has a body, such as 200
        "#]],
    );
}

#[test]
fn what_a_path_item_and_its_reference_both_state_is_reported() {
    paths(
        "/a: {get: {OK}, summary: first}
        /b: {$ref: '#/paths/~1a', summary: second, description: own, put: {OK}}",
        expect![[r#"
            5:29 Warning[ref-siblings] `summary` is beside `$ref` and in its target | applies here; OpenAPI does not define this | keep one of them
        "#]],
    );
}

#[test]
fn an_operation_that_is_a_reference_is_read_and_reported() {
    paths(
        "/a: {get: {operationId: a, OK}}
        /b: {get: {$ref: '#/paths/~1a/get'}}
        /c: {get: {$ref: '#/paths/~1none/get'}, post: {OK}}",
        expect![[r#"
            5:14 Warning[unknown-field] an operation cannot be a reference in OpenAPI | resolved nevertheless; other tools may not | replace it by its target, or move it to an object that may be a reference: a path item, a schema, …
            6:14 Warning[unknown-field] an operation cannot be a reference in OpenAPI | resolved nevertheless; other tools may not | replace it by its target, or move it to an object that may be a reference: a path item, a schema, …
            6:20 Error[ref-missing] `#/paths/~1none/get` points to nothing: `/paths` has no `/none` |  | 
        "#]],
    );
}

#[test]
fn a_dynamic_reference_with_several_targets_is_reported() {
    let page = |anchors: &str| {
        format!(
            "openapi: 3.1.1
info: {{title: T, version: '1'}}
paths: {{}}
components:
  schemas:
    Page: {{$id: 'https://x/page', properties: {{a: {{$dynamicRef: '#t'}}}}, $defs: {{t: {{$dynamicAnchor: t}}}}}}
    Pets: {{$id: 'https://x/pets', $ref: 'https://x/page', $defs: {{t: {{{anchors}}}}}}}
"
        )
    };
    check(&page("type: string"), expect![""]);
    check(
        &page("$dynamicAnchor: t, type: string"),
        expect![[r#"
        6:52 Warning[dynamic-reference] `t` can mean 2 schemas, of which one is used | is read as `$ref: '#/components/schemas/Page/$defs/t'` | write a schema for each, which refers to its own by `$ref`
    "#]],
    );
}

#[test]
fn branches_need_no_property_where_one_is_the_default() {
    let message = |default: &str| {
        format!(
            "openapi: 3.2.0
info: {{title: T, version: '1'}}
paths: {{}}
components:
  schemas:
    Message: {{oneOf: [{{$ref: '#/components/schemas/A'}}, {{$ref: '#/components/schemas/B'}}], discriminator: {{propertyName: kind{default}}}}}
    A: {{type: object, properties: {{kind: {{const: A}}}}}}
    B: {{type: object, properties: {{kind: {{type: string}}}}}}
"
        )
    };
    check(&message(", defaultMapping: B"), expect![""]);
    check(
        &message(""),
        expect![[r#"
        6:23 Warning[discriminator] a branch does not require `kind` | the discriminator cannot select it | add `kind` to its `properties` and to its `required`
        6:57 Warning[discriminator] a branch does not require `kind` | the discriminator cannot select it | add `kind` to its `properties` and to its `required`
    "#]],
    );
}

//! Tests of structural findings: message, position and severity.

use expect_test::{Expect, expect};

use crate::diagnostic::Diagnostics;
use crate::parse::parse;
use crate::source::Sources;
use crate::tree::{NodeId, NodeKind, Tree};

/// Checks a document; each finding as `line:column severity[code] message | label | help`.
fn findings(text: &str) -> String {
    let (mut sources, mut out) = (Sources::default(), Diagnostics::default());
    let (file, tree) = parse(&mut sources, "test.yaml", None, text.as_bytes().to_vec(), &mut out);
    if let Some(tree) = tree {
        super::document(&tree, &mut out);
    }
    let file = sources.get(file).unwrap();
    let mut lines = String::new();
    for found in out.into_sorted() {
        let (line, column) = file.line_column(found.span.start);
        lines += &format!(
            "{line}:{column} {:?}[{}] {} | {} | {}\n",
            found.severity,
            found.code.as_str(),
            found.message,
            found.label,
            found.help.unwrap_or_default()
        );
    }
    lines
}

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&findings(text));
}

fn check_hostile(name: &str, expected: Expect) {
    if let Some(text) = hostile(name) {
        check(&text, expected);
    }
}

/// The hostile document of a name, where the corpus is at hand.
fn hostile(name: &str) -> Option<String> {
    let folder = std::env::var_os("DESCANT_SHARED").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        std::path::PathBuf::from,
    );
    let path = folder.join("corpus/hostile").join(name);
    let text = std::fs::read_to_string(&path);
    if text.is_err() {
        eprintln!("skipped: {} is not there", path.display());
    }
    text.ok()
}

#[test]
fn every_fault_is_reported_in_one_run() {
    check_hostile(
        "wrong-types.yaml",
        expect![[r#"
            2:7 Error[wrong-kind] `info` must be an object, not a string | a string | write an object such as `{title: …, version: …}`
            3:1 Error[wrong-kind] `paths` must be an object, not an array | an array | write an object such as `{/pets: {get: …}}`
            8:33 Warning[schema-keyword] `required` must be an array, not a boolean | a boolean | name the property in the `required: […]` of the object that has it
            8:39 Warning[schema-keyword] `properties` must be an object, not an array | an array | write an object such as `{name: {type: string}}`
            9:23 Warning[schema-keyword] `enum` must be an array, not an object | an object | write an array such as `[…]`
            10:8 Error[wrong-kind] `C` must be a schema, not a string | a string | write a schema such as `{type: string}`
            11:9 Warning[misplaced-field] `type` as an array belongs to OpenAPI 3.1 and later; this document is version 3.0 | still applies | 
            11:37 Warning[schema-keyword] `properties` must be an object, not null | null; read as empty | write `{}`
            12:36 Warning[schema-keyword] `deprecated` must be a boolean, not a string | a string; read as `true` | write `true`
            12:53 Warning[schema-keyword] `nullable` must be a boolean, not a string | a string; read as `true` | write `true`
            14:15 Warning[wrong-kind] `name` must be a string, not a number | a number; read as the string `5` | write `'5'`
            14:22 Error[invalid-value] `in` cannot be `body` | not an allowed value | move it: `requestBody: {content: {application/json: {schema: …}}}`
            14:38 Warning[wrong-kind] `required` must be a boolean, not a string | a string; read as `true` | write `true`
        "#]],
    );
}

#[test]
fn misspelt_keys_name_what_was_meant() {
    check_hostile(
        "unknown-fields.yaml",
        expect![[r#"
        3:1 Warning[unknown-field] a document has no field `schemas` | not a field of OpenAPI here; it has no effect | move it: `components: {schemas: …}`
        8:7 Warning[unknown-field] an operation has no field `operationID` | did you mean `operationId`? | write `operationId`
        9:44 Warning[unknown-field] a response has no field `contents` | did you mean `content`? | write `content`
        11:42 Warning[unknown-field] a schema has no field `requird` | did you mean `required`? | write `required`
        11:56 Warning[unknown-field] a schema has no field `propertes` | did you mean `properties`? | write `properties`
    "#]],
    );
}

#[test]
fn status_codes() {
    check_hostile(
        "responses-odd-codes.yaml",
        expect![[r#"
        10:9 Warning[status-code] `4xx` as a key: a range is written in upper case | a range is written in upper case | write `4XX`
        11:9 Warning[status-code] `600` as a key: not a status code | not a status code | status codes are from 100 to 599 (RFC 9110, 15)
        12:9 Warning[status-code] `20` as a key: not a status code | not a status code | write three digits such as `404`, a range such as `4XX`, or `default`
        13:9 Warning[status-code] ` 200` as a key: there is a space before or after the code | there is a space before or after the code | write `200`
        14:9 Warning[status-code] `200.0` as a key: the code is not written as an integer | the code is not written as an integer | write `200`
    "#]],
    );
    check_hostile(
        "responses-missing.yaml",
        expect![[r#"
            4:8 Warning[responses-missing] an operation needs `responses` | `responses` is missing | add `responses: {'200': {description: …}}`
            5:30 Warning[responses-missing] an operation has no responses | empty | add at least one, such as `'200': {description: OK}`
        "#]],
    );
}

#[test]
fn versions() {
    check("openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {}\n", expect![[""]]);
    check(
        "openapi: 3.1\ninfo: {title: T, version: '1'}\n",
        expect![[r#"
        1:10 Warning[version-form] the version is a number, not a string; read as 3.1 | a number | write `openapi: 3.1.2`
    "#]],
    );
    check(
        "openapi: '3.2'\ninfo: {title: T, version: '1'}\n",
        expect![[r#"
        1:10 Warning[version-form] the version is not in full form; read as 3.2 | the form of a version is `major.minor.patch` | write `openapi: 3.2.0`
    "#]],
    );
    check(
        "swagger: 2.0\ninfo: {title: T, version: '1'}\npaths: {}\n",
        expect![[r#"
        1:10 Warning[version-form] the version is a number, not a string; read as 2.0 | a number | write `swagger: '2.0'`
    "#]],
    );
    check(
        "openapi: 2.0\n",
        expect![[r#"
            1:1 Warning[missing-field] a document needs `info` | `info` is missing | add `info: {title: …, version: …}`
            1:1 Warning[missing-field] a document needs `paths` | `paths` is missing | add `paths: {/pets: {get: …}}`
            1:10 Warning[version-form] the version is a number, not a string; read as 2.0 | a number | write `swagger: '2.0'`
        "#]],
    );
    check(
        "openapi: '3.3.0'\n",
        expect![[r#"
        1:10 Error[version-unknown] version `3.3.0` of OpenAPI is not supported | this version | 2.0, 3.0.x, 3.1.x and 3.2.x are supported
    "#]],
    );
    check(
        "openapi: [3]\n",
        expect![[r#"
        1:10 Error[version-unknown] `openapi` must be a string such as `3.0.3`, not an array |  | 2.0, 3.0.x, 3.1.x and 3.2.x are supported
    "#]],
    );
    check(
        "opnapi: 3.0.3\n",
        expect![[r#"
        1:1 Error[not-openapi] `openapi` is missing | did you mean `openapi`? | 
    "#]],
    );
    check(
        "- a\n",
        expect![[r#"
        1:1 Error[not-openapi] not an OpenAPI document: an array, not an object |  | 
    "#]],
    );
    check(
        "services: {}\n",
        expect![[r#"
        1:1 Error[not-openapi] not an OpenAPI document: `openapi` is missing (`services` is that of a Docker Compose file) | the document starts here | if it is one, say of which version, such as `openapi: 3.1.2`
    "#]],
    );
}

#[test]
fn fields_of_other_versions_are_named_as_such() {
    check(
        "openapi: 3.0.3
info: {title: T, version: '1', summary: S}
host: example.com
webhooks: {}
paths:
  /a:
    get:
      consumes: [application/json]
      parameters: [{name: a, in: query, type: string}, {name: b, in: body, schema: {}}]
      responses: {'200': {description: OK}}
    query: {responses: {'200': {description: OK}}}
components:
  schemas:
    A: {const: 1, exclusiveMinimum: 5, type: [string, 'null'], items: true}
",
        expect![[r#"
            2:32 Warning[misplaced-field] `summary` in the information about the API belongs to OpenAPI 3.1 and later; this document is version 3.0 | still applies | 
            3:1 Warning[misplaced-field] `host` in a document belongs to OpenAPI 2.0; this document is version 3.0 | it has no effect here | write `servers: [{url: https://example.com/v1}]`
            4:1 Warning[misplaced-field] `webhooks` in a document belongs to OpenAPI 3.1 and later; this document is version 3.0 | still applies | 
            8:7 Warning[misplaced-field] `consumes` in an operation belongs to OpenAPI 2.0; this document is version 3.0 | it has no effect here | name the media types under `content`
            9:41 Warning[misplaced-field] `type` in a parameter belongs to OpenAPI 2.0; this document is version 3.0 | it has no effect here | write `schema: {type: …}`
            9:70 Error[invalid-value] `in` cannot be `body` | not an allowed value | move it: `requestBody: {content: {application/json: {schema: …}}}`
            11:5 Warning[misplaced-field] `query` in a path item belongs to OpenAPI 3.2; this document is version 3.0 | still applies | 
            14:9 Warning[misplaced-field] `const` in a schema belongs to OpenAPI 3.1 and later; this document is version 3.0 | still applies | write `enum` with one value
            14:37 Warning[misplaced-field] `exclusiveMinimum` as a number belongs to OpenAPI 3.1 and later; this document is version 3.0 | still applies | 
            14:40 Warning[misplaced-field] `type` as an array belongs to OpenAPI 3.1 and later; this document is version 3.0 | still applies | 
            14:71 Warning[misplaced-field] a boolean as a schema belongs to OpenAPI 3.1 and later; this document is version 3.0 | still applies | write `{}`
        "#]],
    );
    check(
        "openapi: 3.1.0
info: {title: T, version: '1'}
components:
  schemas:
    A: {nullable: true, exclusiveMinimum: true, minimum: '5', x-any: 1, ofMine: 2, typ: string, type: int}
",
        expect![[r#"
            5:9 Warning[nullable-in-31] `nullable` in a schema belongs to OpenAPI 3.0; this document is version 3.1 | still applies | write `type: [string, 'null']`
            5:43 Warning[misplaced-field] `exclusiveMinimum` as a boolean belongs to OpenAPI 2.0 and 3.0; this document is version 3.1 | still applies | 
            5:58 Warning[schema-keyword] `minimum` must be a number, not a string | a string; read as `5` | write `5`
            5:73 Note[unknown-field] a schema has no field `ofMine` | not a field of OpenAPI here; it has no effect | 
            5:84 Warning[unknown-field] a schema has no field `typ` | did you mean `type`? | write `type`
            5:103 Warning[schema-keyword] `type` cannot be `int` | a string; read as the string `integer` | write `integer`
        "#]],
    );
}

/// What an error costs: the nodes that must not be read, as pointers.
fn lost(text: &str) -> Vec<String> {
    let (mut sources, mut out) = (Sources::default(), Diagnostics::default());
    let (_, tree) = parse(&mut sources, "test.yaml", None, text.as_bytes().to_vec(), &mut out);
    let tree = tree.unwrap();
    let checked = super::document(&tree, &mut out).unwrap();
    let ids = (0..tree.nodes.len() as u32).map(crate::tree::NodeId);
    ids.filter(|id| checked.is_faulty(*id)).map(|id| tree.pointer(id)).collect()
}

#[test]
fn an_error_costs_the_operation_or_component_that_it_is_in() {
    let text = "openapi: 3.0.3
info: {title: T, version: '1', contact: nobody}
paths:
  /a:
    get: {responses: {'200': {description: 1, content: none}}}
    put: {responses: {'200': {description: OK}}, parameters: [{name: a}]}
  /b: {get: {responses: {'200': {description: OK}}}}
  /c: {parameters: 5}
components:
  parameters: {P: {name: p}, Q: {name: q, in: query}}
  schemas: {A: {properties: {x: {type: strng}, y: {allOf: 5}}}}
";
    let expected = [
        "/paths/~1a/get/responses/200/content",
        "/paths/~1a/get/responses/200",
        "/paths/~1a/get/responses",
        "/paths/~1a/get",
        "/paths/~1a/put/parameters/0",
        "/paths/~1a/put/parameters",
        "/paths/~1a/put",
        "/paths/~1c/parameters",
        "/paths/~1c",
        "/components/parameters/P",
        "/components/schemas/A/properties/x/type",
        "/components/schemas/A/properties/y/allOf",
        "/info/contact",
    ];
    let (mut lost, mut expected) = (lost(text), expected.map(str::to_owned).to_vec());
    lost.sort();
    expected.sort();
    assert_eq!(lost, expected);
}

#[test]
fn shared_and_deep_parts_are_checked_once() {
    let mut text = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {}\ncomponents:\n  schemas:\n    S0: &s0 {type: strng}\n".to_owned();
    for i in 1..60 {
        text += &format!("    S{i}: &s{i} {{properties: {{a: *s{p}, b: *s{p}, c: *s{p}}}}}\n", p = i - 1);
    }
    assert_eq!(findings(&text).lines().count(), 1, "2^60 ways to one fault");
}

/// Every object of 3.1, with most of its fields.
const WHOLE: &str = "openapi: 3.1.0
$self: a
info: {title: T, version: '1', summary: s, description: d, termsOfService: t, contact: {name: n, url: u, email: e}, license: {name: n, url: u}}
jsonSchemaDialect: d
servers: [{url: 'https://{v}', description: d, variables: {v: {default: a, enum: [a], description: d}}}]
security: [{key: [s]}]
tags: [{name: t, description: d, externalDocs: {url: u, description: d}}]
externalDocs: {url: u}
webhooks: {w: {post: {responses: {default: {description: d}}}}}
paths:
  /a/{id}:
    summary: s
    servers: [{url: /}]
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      tags: [t]
      operationId: a
      deprecated: true
      x-descant: {requires: [s], access: read, trailingSlash: either, state: {role: list, collection: c, item: i, identity: i, at: /a, paging: {limit: l}, filters: {f: p}, shownOnce: [s]}, pages: {by: page, parameter: p, next: /n, items: /i, more: /m, first: 1}}
      parameters:
        - {name: q, in: query, style: form, explode: true, allowReserved: true, allowEmptyValue: true, schema: {type: string}, examples: {e: {summary: s, value: 1}}}
        - {name: c, in: cookie, content: {text/plain: {schema: {type: string}}}}
      requestBody:
        description: d
        required: true
        content: {multipart/form-data: {schema: {type: object}, encoding: {a: {contentType: c, headers: {h: {description: d, required: true, schema: {type: string}}}, style: form, explode: true, allowReserved: true}}}}
      responses:
        '200': {description: d, x-descant: {when: {path: {p: a}}}, headers: {h: {deprecated: true, schema: {type: string}}}, content: {text/plain: {schema: {type: string}}}, links: {l: {operationId: a, parameters: {p: 1}, description: d, server: {url: /}}}}
      callbacks: {c: {'{$url}': {post: {responses: {default: {description: d}}}}}}
components:
  schemas:
    A: {type: object, title: t, required: [a], properties: {a: {type: [string, 'null'], minLength: 1, maxLength: 2, pattern: p, format: f}}, additionalProperties: false, minProperties: 1, discriminator: {propertyName: a, mapping: {a: A}}, xml: {name: n, attribute: true}, readOnly: true, externalDocs: {url: u}}
    B: {type: array, items: {type: integer, minimum: 1, exclusiveMaximum: 2, multipleOf: 3}, prefixItems: [{type: string}], contains: {type: string}, minItems: 1, uniqueItems: true, allOf: [{type: string}], if: {type: string}, dependentRequired: {a: [b]}, patternProperties: {p: {type: string}}, $defs: {D: {type: string}}, contentMediaType: c}
  securitySchemes:
    key: {type: apiKey, in: header, name: n, description: d, x-descant: {verify: value, key: {env: e, default: d}, forms: ['{credential}'], challenge: c, enabled: {env: e}, credentials: [{value: v, scopes: [s], access: read, status: active}]}}
    login: {type: oauth2, flows: {password: {tokenUrl: u, refreshUrl: r, scopes: {s: d}}}}
  pathItems: {P: {get: {}}}
";

#[test]
fn a_value_of_another_kind_is_noticed_wherever_it_stands() {
    let (mut sources, mut out) = (Sources::default(), Diagnostics::default());
    let (_, tree) = parse(&mut sources, "test.yaml", None, WHOLE.as_bytes().to_vec(), &mut out);
    let tree = tree.unwrap();
    let found = |tree: &Tree| {
        let mut out = Diagnostics::default();
        super::document(tree, &mut out);
        out.into_sorted()
    };
    let before = found(&tree);
    assert_eq!(before.len(), 1, "`$self` alone is of another version");
    for index in 0..tree.nodes.len() {
        let pointer = tree.pointer(NodeId(index as u32));
        // Any value may stand here.
        if ["/value", "/links/l/parameters/p", "/when/path/p", "/$self"]
            .iter()
            .any(|end| pointer.ends_with(end))
        {
            continue;
        }
        for kind in [
            NodeKind::Null,
            NodeKind::Bool(true),
            NodeKind::Number("-0.5".into()),
            NodeKind::String("~".into()),
            NodeKind::Array(vec![]),
        ] {
            let same = std::mem::discriminant(&kind) == std::mem::discriminant(&tree.nodes[index].kind);
            let is_schema =
                kind == NodeKind::Bool(true) && tree.field(NodeId(index as u32), "type").is_some();
            if same || is_schema {
                continue;
            }
            let mut damaged = tree.clone();
            damaged.nodes[index].kind = kind.clone();
            assert_ne!(found(&damaged), before, "{} at `{pointer}` goes unnoticed", kind.describe());
        }
    }
}

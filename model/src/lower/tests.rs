//! Tests: documents and their models, as text.

use expect_test::{Expect, expect};

use crate::dump::dump;
use crate::load::{Options, load_text};

/// Loads a document that lacks its first two lines, and shows the model, then each finding.
#[track_caller]
pub(super) fn check(version: &str, rest: &str, expected: Expect) {
    let text = format!("openapi: {version}\ninfo: {{title: t, version: '1'}}\n{rest}");
    let loaded = load_text("test.yaml", text, &Options::default());
    let mut out = loaded.api.as_ref().map(dump).unwrap_or_default();
    for finding in loaded.diagnostics {
        out.push_str(&format!("{} {}: {}\n", finding.code.as_str(), finding.pointer, finding.message));
    }
    expected.assert_eq(&out);
}

#[test]
fn parameters_have_the_defaults_of_their_place() {
    check(
        "3.0.3",
        "
paths:
  /a/{id}/{x}.json:
    parameters:
      - {name: id, in: path, schema: {type: string}}
      - {name: q, in: query, description: overridden, schema: {type: string}}
    get:
      parameters:
        - {name: q, in: query, style: deepObject, explode: true, schema: {type: object}, example: {a: 1}}
        - {name: c, in: cookie, required: true, schema: {type: integer}}
        - {name: h, in: header, content: {application/json: {schema: {type: array}, example: [1]}}}
        - {name: Authorization, in: header, schema: {type: string}}
        - {name: m, in: path, style: matrix, schema: {type: array, items: {type: string}}}
        - {name: r, in: query, allowReserved: true, allowEmptyValue: true, deprecated: true}
      responses: {'200': {description: ok}}
",
        expect![[r#"
            api "t" version "1"
            server "/"
            operation GET /a/{id}/{x}.json
              path "id" : a_id_x_.json.id required as Simple
              query "q" : GET_a_id_x_.json.q as DeepObject explode
                example {"a":1}
              cookie "c" : GET_a_id_x_.json.c required as Form explode
              header "h" : GET_a_id_x_.json.h as "application/json"
                example [1]
              query "r" deprecated as Form explode allowReserved allowEmpty
              path "x" required as Simple
              response 200
                description "ok"
            schema a_id_x_.json.id at ["/a/{id}/{x}.json", "id"]
              type: "string"
            schema a_id_x_.json.q at ["/a/{id}/{x}.json", "q"]
              type: "string"
            schema GET_a_id_x_.json.q at ["GET /a/{id}/{x}.json", "q"]
              type: "object"
            schema GET_a_id_x_.json.c at ["GET /a/{id}/{x}.json", "c"]
              type: "integer"
            schema GET_a_id_x_.json.h at ["GET /a/{id}/{x}.json", "h"]
              type: "array"
            schema GET_a_id_x_.json.m at ["GET /a/{id}/{x}.json", "m"]
              type: "array"
              items: {"type":"string"}
            path-parameter /paths/~1a~1{id}~1{x}.json/parameters/0/name: path parameter `id` must be required
            path-parameter /paths/~1a~1{id}~1{x}.json/get: `x` of `/a/{id}/{x}.json` is not declared as a parameter
            items-missing /paths/~1a~1{id}~1{x}.json/get/parameters/2/content/application~1json/schema/type: an array does not declare its items
            header-ignored /paths/~1a~1{id}~1{x}.json/get/parameters/3/name: header parameter `Authorization` has no effect
            path-parameter /paths/~1a~1{id}~1{x}.json/get/parameters/4/name: path parameter `m` is not in `/a/{id}/{x}.json`
            path-parameter /paths/~1a~1{id}~1{x}.json/get/parameters/4/name: path parameter `m` must be required
            parameter-schema /paths/~1a~1{id}~1{x}.json/get/parameters/5/name: the value of `r` is not described
        "#]],
    );
}

#[test]
fn what_is_referenced_is_shared_and_keeps_its_name() {
    check(
        "3.0.3",
        "
paths:
  /a:
    post: &op
      requestBody: {$ref: '#/components/requestBodies/B'}
      responses: {default: {$ref: '#/components/responses/R'}}
  /b: {put: *op}
  /c: {$ref: '#/paths/~1b'}
components:
  requestBodies: {B: {required: true, content: {text/plain: {schema: {type: string}}}}}
  responses: {R: {description: r, headers: {X: {$ref: '#/components/headers/H'}}, content: {'*/*': {examples: {e: {$ref: '#/components/examples/E'}}}}}}
  headers: {H: {schema: {type: integer}}}
  examples: {E: {summary: s, value: null}}
",
        expect![[r#"
            api "t" version "1"
            server "/"
            operation POST /a
              request required
                content "text/plain" : B.text_plain
              response default
                description "r"
                header "X" : H as Simple
                content "*/*"
                  example "e" null
                    summary "s"
            operation PUT /b
              request required
                content "text/plain" : B.text_plain
              response default
                description "r"
                header "X" : H as Simple
                content "*/*"
                  example "e" null
                    summary "s"
            operation PUT /c
              request required
                content "text/plain" : B.text_plain
              response default
                description "r"
                header "X" : H as Simple
                content "*/*"
                  example "e" null
                    summary "s"
            schema B.text_plain at ["B", "text/plain"]
              type: "string"
            schema H at ["H"]
              type: "integer"
        "#]],
    );
}

#[test]
fn security_and_servers_in_force() {
    check(
        "3.1.0",
        "
servers: [{url: 'https://{h}.x', variables: {h: {default: a, enum: [a, b]}}}]
security: [{k: []}, {}]
paths:
  /a:
    servers: [{url: /item}]
    get: {responses: {}}
    put: {security: [], servers: [{url: /op}], responses: {}}
    post: {security: [{k: [], o: [read]}], responses: {}}
components:
  securitySchemes:
    k: {type: apiKey, in: cookie, name: s}
    o: {type: oauth2, flows: {clientCredentials: {tokenUrl: /t, scopes: {read: r}}}}
    h: {type: http, scheme: Digest}
    m: {type: mutualTLS}
    i: {type: openIdConnect, openIdConnectUrl: /i}
    bad: {type: apiKey}
",
        expect![[r#"
            api "t" version "1"
            server "https://{h}.x"
              variable "h" = "a" of ["a", "b"]
            scheme "k" ApiKey { location: Cookie, name: "s" }
            scheme "o" OAuth2 { flows: [OAuthFlow { kind: "clientCredentials", authorization_url: None, token_url: Some("/t"), refresh_url: None, scopes: {"read": "r"} }], metadata_url: None }
            scheme "h" Http { scheme: "Digest" }
            scheme "m" MutualTls
            scheme "i" OpenIdConnect { url: "/i" }
            operation GET /a
              server "/item"
              needs k[]
              needs nothing
            operation PUT /a
              server "/op"
            operation POST /a
              server "/item"
              needs k[] and o["read"]
            responses-missing /paths/~1a/get/responses: an operation has no responses
            responses-missing /paths/~1a/put/responses: an operation has no responses
            responses-missing /paths/~1a/post/responses: an operation has no responses
            missing-field /components/securitySchemes/bad: a security scheme with `type: apiKey` needs `in`
            missing-field /components/securitySchemes/bad: a security scheme with `type: apiKey` needs `name`
        "#]],
    );
}

#[test]
fn links_callbacks_webhooks() {
    check(
        "3.1.0",
        "
paths:
  /a:
    get:
      operationId: a
      responses:
        '200':
          description: ok
          links:
            byId: {operationId: b, parameters: {id: $response.body#/id}}
            byRef: {operationRef: '#/paths/~1b~1{id}/get', requestBody: {x: 1}}
            gone: {operationId: gone}
      callbacks:
        on: {'{$request.body#/url}': {post: {requestBody: {content: {application/json: {schema: {type: object}}}}, responses: {}}}}
        loop: {$ref: '#/components/callbacks/loop'}
  /b/{id}: {get: {operationId: b, parameters: [{name: id, in: path, required: true, schema: {type: string}}], responses: {}}}
webhooks: {new thing: {post: {responses: {}}}}
components:
  callbacks: {loop: {'{$url}': {post: {responses: {}, callbacks: {again: {$ref: '#/components/callbacks/loop'}}}}}}
",
        expect![[r#"
            api "t" version "1"
            server "/"
            operation GET /a
              id "a"
              response 200
                description "ok"
                link "byId" to GET /b/{id}
                  with "id" = "$response.body#/id"
                link "byRef" to GET /b/{id}
                  body {"x":1}
                link "gone" to nowhere
              callback "on" POST {$request.body#/url}
                request
                  content "application/json" : POST_request.body_url.request.application_json
              callback "loop" POST {$url}
            operation GET /b/{id}
              id "b"
              path "id" : GET_b_id.id required as Simple
            webhook POST new thing
            schema POST_request.body_url.request.application_json at ["POST {$request.body#/url}", "request", "application/json"]
              type: "object"
            schema GET_b_id.id at ["GET /b/{id}", "id"]
              type: "string"
            responses-missing /paths/~1a/get/callbacks/on/{$request.body#~1url}/post/responses: an operation has no responses
            responses-missing /paths/~1b~1{id}/get/responses: an operation has no responses
            responses-missing /webhooks/new thing/post/responses: an operation has no responses
            unsupported /components/callbacks/loop: callback `again` contains itself; it is left out
            responses-missing /components/callbacks/loop/{$url}/post/responses: an operation has no responses
        "#]],
    );
}

#[test]
fn what_3_2_added() {
    check(
        "3.2.0",
        "
tags: [{name: a, summary: s, parent: b, kind: nav}]
paths:
  /a:
    query:
      parameters: [{name: f, in: querystring, content: {application/json: {schema: {type: object}}}}]
      responses:
        '200':
          summary: s
          content:
            text/event-stream: {itemSchema: {type: object}}
            application/xml: {examples: {x: {serializedValue: '<a/>'}, d: {dataValue: {a: 1}}, e: {externalValue: e.xml}}}
            application/json: {$ref: '#/components/mediaTypes/J'}
    additionalOperations:
      LOCK: {tags: [a, c], responses: {}}
components: {mediaTypes: {J: {schema: {type: string}}}}
",
        expect![[r#"
            api "t" version "1"
            server "/"
            tag "a"
              summary "s"
              parent "b"
              kind "nav"
            tag "c"
            operation QUERY /a
              querystring "f" : QUERY_a.f as "application/json"
              response 200
                content "text/event-stream" items : QUERY_a.200.text_event-stream.item
                content "application/xml"
                  example "x" serialized "<a/>"
                  example "d" {"a":1}
                  example "e" external "e.xml"
                content "application/json" : J
            operation LOCK /a
              tags ["a", "c"]
            schema QUERY_a.f at ["QUERY /a", "f"]
              type: "object"
            schema QUERY_a.200.text_event-stream.item at ["QUERY /a", "200", "text/event-stream", "item"]
              type: "object"
            schema J at ["J"]
              type: "string"
            responses-missing /paths/~1a/additionalOperations/LOCK/responses: an operation has no responses
        "#]],
    );
}

#[test]
fn a_fault_in_one_operation_costs_that_one() {
    check(
        "3.0.3",
        "
paths:
  /a:
    get: {parameters: [{$ref: '#/components/parameters/Gone'}], responses: {}}
    put: {responses: {'200': {description: ok}}}
    post: {parameters: [{name: x, in: body}], responses: {'200': {description: ok}}}
    patch: {responses: {'200': {$ref: '#/components/schemas/S'}}}
    delete: {responses: {'2': {description: no}, 4XX: {description: range}, '600': {description: no}}}
  b{: {get: {responses: {'200': {description: ok}}}}
components: {schemas: {S: {type: string}}}
",
        expect![[r#"
            api "t" version "1"
            server "/"
            operation PUT /a
              response 200
                description "ok"
            operation DELETE /a
              response 4XX
                description "range"
            operation GET /b{
              response 200
                description "ok"
            schema S component "S"
              type: "string"
            ref-missing /paths/~1a/get/parameters/0/$ref: `#/components/parameters/Gone` points to nothing: `/components` has no `parameters`
            responses-missing /paths/~1a/get/responses: an operation has no responses
            invalid-value /paths/~1a/post/parameters/0/in: `in` cannot be `body`
            ref-wrong-kind /paths/~1a/patch/responses/200/$ref: expected a response, but this points to a schema
            status-code /paths/~1a/delete/responses/2: `2` as a key: not a status code
            status-code /paths/~1a/delete/responses/600: `600` as a key: not a status code
            path-template /paths/b{: `b{`: a `{` is not closed
            path-template /paths/b{: `b{`: the path does not start with `/`
        "#]],
    );
}

#[test]
fn forms_and_their_encodings() {
    check(
        "3.1.0",
        "
paths:
  /a:
    post:
      requestBody:
        content:
          multipart/form-data:
            schema: {type: object, properties: {f: {type: string, format: binary}, t: {type: array, items: {type: string}}}}
            encoding:
              f: {contentType: 'image/png, image/*', headers: {X-A: {schema: {type: string}}}}
              t: {style: form, explode: false}
      responses: {'200': {description: ok}}
",
        expect![[r#"
            api "t" version "1"
            server "/"
            operation POST /a
              request
                content "multipart/form-data" : POST_a.request.multipart_form-data
                  encoding "f" "image/png, image/*"
                    header "X-A" : POST_a.request.multipart_form-data.f.X-A as Simple
                  encoding "t" Form
              response 200
                description "ok"
            schema POST_a.request.multipart_form-data.f.X-A at ["POST /a", "request", "multipart/form-data", "f", "X-A"]
              type: "string"
            schema POST_a.request.multipart_form-data at ["POST /a", "request", "multipart/form-data"]
              type: "object"
              properties: {"f":{"type":"string","format":"binary"},"t":{"type":"array","items":{"type":"string"}}}
        "#]],
    );
}

/// A style counts where its document's version says so, and nothing else of an encoding depends on it.
#[test]
fn styles_of_encodings_count_in_forms() {
    let encoding = |version: &str, media_type: &str| {
        let text = format!(
            "openapi: {version}\ninfo: {{title: t, version: '1'}}\npaths:\n  /a:\n    post:\n      requestBody:\n        content:\n          \
             {media_type}: {{schema: {{type: object}}, encoding: {{t: {{contentType: a/b, explode: false}}}}}}\n      \
             responses: {{'200': {{description: ok}}}}\n"
        );
        let api = load_text("api.yaml", text, &Options::default()).api.unwrap();
        let body = api.operations[0].request_body.clone().unwrap();
        let encoding = &body.content[media_type].encoding["t"];
        (encoding.style.is_some(), encoding.content_type.as_deref() == Some("a/b"))
    };
    for (version, media_type, counts) in [
        ("3.0.4", "application/x-www-form-urlencoded", true),
        ("3.0.4", "multipart/form-data", false),
        ("3.1.0", "multipart/form-data", true),
        ("3.2.0", "multipart/mixed", false),
    ] {
        assert_eq!(encoding(version, media_type), (counts, true), "{version} {media_type}");
    }
}

#[test]
fn names_that_need_care() {
    check(
        "3.1.0",
        "
paths: {}
components:
  schemas:
    Foo: {type: string}
    F oo: {type: string}
    F_oo: {type: string}
    你好: {type: string}
    «»: {type: string}
    Alias: {$ref: '#/components/schemas/Foo'}
    List[Foo]: {$ref: '#/components/schemas/F%20oo'}
",
        expect![[r##"
            api "t" version "1"
            server "/"
            schema Foo component "Foo"
              type: "string"
            schema F_oo component "F oo"
              type: "string"
            schema F_oo-2 component "F_oo"
              type: "string"
            schema u4f60u597d component "你好"
              type: "string"
            schema _ component "«»"
              type: "string"
            schema Alias component "Alias"
              $ref: "#/$defs/Foo"
            schema List_Foo component "List[Foo]"
              $ref: "#/$defs/F_oo"
            component-name /components/schemas/F oo: `F oo` as a key: the name of a component may contain only ASCII letters, digits, `.`, `-` and `_`
            component-name /components/schemas/你好: `你好` as a key: the name of a component may contain only ASCII letters, digits, `.`, `-` and `_`
            component-name /components/schemas/«»: `«»` as a key: the name of a component may contain only ASCII letters, digits, `.`, `-` and `_`
            component-name /components/schemas/List[Foo]: `List[Foo]` as a key: the name of a component may contain only ASCII letters, digits, `.`, `-` and `_`
        "##]],
    );
}

#[test]
fn what_is_as_good_as_what_is_wanted_is_taken() {
    check(
        "3.0.3",
        "
tags: [{name: t, description: {$ref: missing.md}}]
x-webhooks: {x-internal: true, gone: {post: {responses: {'200': {description: ok}}}}}
paths:
  /a:
    get:
      responses: {'200': {$ref: '#/components/requestBodies/B'}}
    put:
      responses: {'200': {description: ok, links: {l: {operationRef: '#/nowhere'}}}}
components: {requestBodies: {B: {description: b, content: {text/plain: {}}}}}
",
        expect![[r#"
            api "t" version "1"
            server "/"
            tag "t"
            operation GET /a
              response 200
                description "b"
                content "text/plain"
            operation PUT /a
              response 200
                description "ok"
                link "l" to nowhere
            webhook POST gone
              response 200
                description "ok"
            unknown-field /tags/0/description/$ref: a string cannot be a reference in OpenAPI
            ref-missing /tags/0/description/$ref: `missing.md` is a file, but this text has no folder
            ref-wrong-kind /paths/~1a/get/responses/200/$ref: expected a response, but this points to a request body
            ref-missing /paths/~1a/put/responses/200/links/l/operationRef: `#/nowhere` points to nothing: the document has no `nowhere`
        "#]],
    );
}

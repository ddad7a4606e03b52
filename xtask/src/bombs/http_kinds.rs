//! Kinds whose work grows in the HTTP half of a document: paths, parameters, security, links, callbacks, examples; and in
//! its text.

use serde_json::{Map, Value, json};

use super::kinds::{Kind, answer, at, document, kind, operations, paths, whole, with_root};

pub(super) const KINDS: &[Kind] = &[
    kind("mapping", 1_000, |n| {
        let branch = |i: usize| {
            let fields = json!({"k": {"type": "string"}, format!("p{i}"): {"type": "string"}});
            (format!("B{i}"), json!({"type": "object", "required": ["k"], "properties": fields}))
        };
        let mut schemas: Map<_, _> = (0..n / 10).map(branch).collect();
        let mapping: Map<_, _> =
            (0..n).map(|i| (format!("v{i}"), Value::from(at(&format!("B{}", i % (n / 10)))))).collect();
        let branches: Value = schemas.keys().map(|name| json!({"$ref": at(name)})).collect();
        let discriminator = json!({"propertyName": "k", "mapping": mapping});
        schemas.insert("N".to_owned(), json!({"oneOf": branches, "discriminator": discriminator}));
        document(Value::Object(schemas))
    }),
    kind("listed-unions", 100, |n| {
        let branch = |i: usize| {
            let fields = json!({format!("a{i}"): {"type": "integer"}, "next": {"$ref": at("N")}});
            json!({"type": "object", "properties": fields})
        };
        let branches: Value = (0..n).map(branch).collect();
        document(json!({"N": {"type": "array", "items": {"oneOf": branches}, "uniqueItems": true}}))
    }),
    kind("links", 100, |n| {
        let link = |i: usize| {
            let parameters = json!({"b": "$response.body#/id"});
            (format!("l{i}"), json!({"operationId": format!("o{i}"), "parameters": parameters}))
        };
        let links: Map<_, _> = (0..n).map(link).collect();
        let schema = json!({"type": "object", "properties": {"id": {"type": "string"}}});
        let parameter = path_parameter("b");
        let mut found = Map::new();
        for i in 0..n {
            let content = json!({"application/json": {"schema": schema}});
            // A few have them all.
            let own = if i % (n / 4).max(1) == 0 { links.clone() } else { Map::new() };
            let response = json!({"description": "d", "content": content, "links": own});
            let operation = json!({
                "operationId": format!("o{i}"), "parameters": [parameter], "responses": {"200": response},
            });
            found.insert(format!("/p{i}/{{b}}"), json!({"get": operation}));
        }
        paths(Value::Object(found))
    }),
    kind("nested-callbacks", 40, |n| {
        let first = json!({"responses": {"200": {"description": "d"}}});
        let post = (0..n).fold(first, |inner, i| {
            let callback = json!({"{$request.body#/url}": {"post": inner}});
            json!({
                "operationId": format!("c{i}"),
                "callbacks": {"x": callback},
                "responses": {"200": {"description": "d"}},
            })
        });
        paths(json!({"/a": {"post": post}}))
    }),
    kind("callbacks", 500, |n| {
        let callback = |i: usize| {
            let post = json!({"responses": {"200": {"description": "d"}}});
            (format!("c{i}"), json!({"{$request.query.url}": {"post": post}}))
        };
        let callbacks: Map<_, _> = (0..n).map(callback).collect();
        paths(
            json!({"/a": {"get": {"operationId": "a", "callbacks": callbacks, "responses": answer(json!({}))}}}),
        )
    }),
    kind("named-examples", 2_000, |n| {
        let example = |i: usize| (format!("e{i}"), json!({"value": {"x": i}}));
        let examples: Map<_, _> = (0..n).map(example).collect();
        let schema = json!({"type": "object", "properties": {"x": {"type": "integer"}}});
        let content = json!({"application/json": {"schema": schema, "examples": examples}});
        paths(json!({"/a": {"post": {
            "operationId": "a",
            "requestBody": {"content": content},
            "responses": {"200": {"description": "d", "content": content}},
        }}}))
    }),
    kind("security", 300, |n| {
        let scheme = |i: usize| {
            (format!("s{i}"), json!({"type": "apiKey", "in": "header", "name": format!("X-Key-{i}")}))
        };
        let schemes: Map<_, _> = (0..n).map(scheme).collect();
        let one: Map<_, _> = schemes.keys().map(|name| (name.clone(), json!([]))).collect();
        let each: Vec<Value> = schemes.keys().map(|name| json!({name.as_str(): []})).collect();
        let get = json!({"operationId": "g", "security": each, "responses": answer(json!({}))});
        let post = json!({"operationId": "p", "security": [one], "responses": answer(json!({}))});
        json!({
            "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
            "paths": {"/a": {"get": get, "post": post}},
            "components": {"securitySchemes": schemes},
        })
        .to_string()
    }),
    kind("server-variables", 1_000, |n| {
        let variable = |i: usize| (format!("v{i}"), json!({"default": "a", "enum": ["a", "b"]}));
        let variables: Map<_, _> = (0..n).map(variable).collect();
        let url: String = variables.keys().map(|name| format!("/{{{name}}}")).collect();
        let servers = json!([{"url": format!("https://example.com{url}"), "variables": variables}]);
        json!({
            "openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "servers": servers,
            "paths": {"/a": {"get": {"operationId": "a", "responses": answer(json!({}))}}},
        })
        .to_string()
    }),
    kind("overlapping-templates", 300, |n| {
        const SEGMENTS: usize = 12;
        let mut found = Map::new();
        for bits in 0..n {
            let segment = |i: usize| match bits >> i & 1 {
                0 => "/1".to_owned(),
                _ => format!("/{{v{i}}}"),
            };
            let path: String = (0..SEGMENTS).map(segment).collect();
            let names = (0..SEGMENTS).filter(|i| bits >> i & 1 == 1);
            let parameters: Value = names.map(|i| path_parameter(&format!("v{i}"))).collect();
            found.insert(path, json!({"get": {"parameters": parameters, "responses": answer(json!({}))}}));
        }
        paths(Value::Object(found))
    }),
    kind("variables-of-a-segment", 100, |n| {
        let path: String = (0..n).map(|i| format!("{{v{i}}}-")).collect();
        let parameters: Value = (0..n).map(|i| path_parameter(&format!("v{i}"))).collect();
        let get = json!({"operationId": "a", "parameters": parameters, "responses": answer(json!({}))});
        paths(json!({format!("/a/{path}x"): {"get": get}}))
    }),
    kind("deep-object", 40, |n| {
        let mut schemas = Map::from_iter([("N0".to_owned(), json!({"type": "string"}))]);
        for i in 1..=n {
            let next = json!({"$ref": at(&format!("N{}", i - 1))});
            schemas.insert(format!("N{i}"), json!({"type": "object", "properties": {"a": next, "b": next}}));
        }
        let root = json!({"$ref": at(&format!("N{n}"))});
        let parameter =
            json!({"name": "f", "in": "query", "style": "deepObject", "explode": true, "schema": root});
        let get = json!({"operationId": "a", "parameters": [parameter], "responses": answer(json!({}))});
        whole(json!({"/a": {"get": get}}), Value::Object(schemas))
    }),
    kind("long-keys", 20_000, |n| {
        let fields: Map<_, _> =
            (0..20).map(|i| (format!("{}{i}", "k".repeat(n)), json!({"type": "string"}))).collect();
        let required: Value = fields.keys().cloned().map(Value::String).collect();
        document(json!({"N": {"type": "object", "properties": fields, "required": required}}))
    }),
    kind("long-operation-ids", 20_000, |n| {
        let id = "o".repeat(n);
        paths(operations(
            20,
            |i| json!({"get": {"operationId": format!("{id}{i}"), "tags": [id], "responses": answer(json!({}))}}),
        ))
    }),
    kind("long-numbers", 20_000, |n| {
        let digits = "9".repeat(n);
        let text = document(
            json!({"N": {"type": "number", "maximum": "DIGITS", "multipleOf": "SMALL", "enum": ["DIGITS"]}}),
        );
        text.replace("\"DIGITS\"", &digits).replace("\"SMALL\"", &format!("0.{}1", "0".repeat(n)))
    }),
    kind("many-items", 50_000, |n| {
        document(json!({"N": {
            "type": "array", "minItems": n, "uniqueItems": true,
            "items": {"type": "object", "required": ["a", "b"], "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}},
        }}))
    }),
    kind("long-text", 1_000_000, |n| {
        document(
            json!({"N": {"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "minLength": n}}}}),
        )
    }),
    kind("dependent-required", 300, |n| {
        let names: Vec<String> = (0..n).map(|i| format!("p{i}")).collect();
        let dependent: Map<_, _> = names.iter().map(|name| (name.clone(), json!(names))).collect();
        document(json!({"N": {"type": "object", "required": ["p0"], "dependentRequired": dependent}}))
    }),
    kind("patterns-of-names", 300, |n| {
        let patterns: Map<_, _> =
            (0..n).map(|i| (format!("^p[0-9]*{i}$"), json!({"type": "string"}))).collect();
        let fields: Map<_, _> = (0..n).map(|i| (format!("p{i}"), json!({"type": "string"}))).collect();
        let required: Value = fields.keys().cloned().map(Value::String).collect();
        document(
            json!({"N": {"type": "object", "patternProperties": patterns, "properties": fields, "required": required, "additionalProperties": false}}),
        )
    }),
    kind("contained-schemas", 40, |n| {
        let schema = (0..n).fold(json!({"type": "integer"}), |inner, _| {
            json!({"type": "string", "contentMediaType": "application/json", "contentSchema": inner})
        });
        document(json!({"N": schema}))
    }),
    kind("parts", 300, |n| {
        let fields: Map<_, _> =
            (0..n).map(|i| (format!("p{i}"), json!({"type": "object", "properties": {"a": {}}}))).collect();
        let encoding: Map<_, _> = fields.keys().map(|name| (name.clone(), json!({"contentType": "application/json", "headers": {"X-A": {"schema": {"type": "string"}}}}))).collect();
        let schema = json!({"type": "object", "properties": fields});
        let content = json!({"multipart/form-data": {"schema": schema, "encoding": encoding}});
        paths(
            json!({"/a": {"post": {"operationId": "a", "requestBody": {"content": content}, "responses": answer(json!({}))}}}),
        )
    }),
    kind("scopes", 200, |n| {
        let scopes: Map<_, _> = (0..n).map(|i| (format!("s{i}"), json!("d"))).collect();
        let names: Vec<&String> = scopes.keys().take(20).collect();
        let flow = json!({"tokenUrl": "https://example.com/token", "scopes": scopes});
        let found = operations(n, |i| {
            json!({"get": {
                "operationId": format!("o{i}"), "security": [{"o": names}], "responses": answer(json!({})),
            }})
        });
        json!({
            "openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": found,
            "components": {"securitySchemes": {"o": {"type": "oauth2", "flows": {"clientCredentials": flow}}}},
        })
        .to_string()
    }),
    kind("referenced-items", 500, |n| {
        let chain = |i: usize| match i {
            0 => json!({"get": {"operationId": "a", "responses": answer(json!({}))}}),
            _ => json!({"$ref": format!("#/components/pathItems/i{}", i - 1)}),
        };
        let items: Map<_, _> = (0..n).map(|i| (format!("i{i}"), chain(i))).collect();
        json!({
            "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
            "paths": {"/a": {"$ref": format!("#/components/pathItems/i{}", n - 1)}},
            "components": {"pathItems": items},
        })
        .to_string()
    }),
    kind("referenced-parameters", 500, |n| {
        let chain = |i: usize| match i {
            0 => json!({"name": "q", "in": "query", "schema": {"type": "string"}}),
            _ => json!({"$ref": format!("#/components/parameters/p{}", i - 1)}),
        };
        let chained: Map<_, _> = (0..n).map(|i| (format!("p{i}"), chain(i))).collect();
        let get = json!({"operationId": "a", "parameters": [{"$ref": format!("#/components/parameters/p{}", n - 1)}], "responses": answer(json!({}))});
        json!({
            "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
            "paths": {"/a": {"get": get}}, "components": {"parameters": chained},
        })
        .to_string()
    }),
    kind("heirs-with-branches", 60, |n| {
        let branches: Value = (0..n).map(|i| json!({"$ref": at(&format!("B{i}"))})).collect();
        let base = json!({
            "type": "object", "required": ["k"], "properties": {"k": {"type": "string"}},
            "oneOf": branches, "discriminator": {"propertyName": "k"},
        });
        let heir = |i: usize| {
            let own = json!({"properties": {format!("p{i}"): {"$ref": at("N")}}});
            (format!("B{i}"), json!({"allOf": [{"$ref": at("N")}, own]}))
        };
        let mut schemas: Map<_, _> = (0..n).map(heir).collect();
        schemas.insert("N".to_owned(), base);
        with_root(schemas, "N")
    }),
    kind("yaml-merge", 12, |n| {
        let mut text = String::from("openapi: 3.1.0\ninfo: {title: t, version: '1'}\nx-m:\n  - &m0 {a: 1}\n");
        for i in 1..=n {
            let before = i - 1;
            text.push_str(&format!("  - &m{i} {{<<: [*m{before}, *m{before}], b{i}: *m{before}}}\n"));
        }
        text.push_str("paths: {}\n");
        text
    }),
    kind("yaml-depth", 50_000, |n| {
        format!(
            "openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\npaths: {{}}\nx-a: {}{}\n",
            "[".repeat(n),
            "]".repeat(n)
        )
    }),
    kind("yaml-anchors", 20_000, |n| {
        let anchors: String = (0..n).map(|i| format!("  - &a{i} x{i}\n  - *a{i}\n")).collect();
        format!("openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\npaths: {{}}\nx-a:\n{anchors}")
    }),
    kind("unknown-fields", 5_000, |n| {
        let fields: Map<_, _> = (0..n).map(|i| (format!("operationId{i}"), json!(1))).collect();
        paths(json!({"/a": {"get": fields}}))
    }),
    kind("missing-references", 2_000, |n| {
        let fields: Map<_, _> =
            (0..n).map(|i| (format!("p{i}"), json!({"$ref": at(&format!("Missing{i}"))}))).collect();
        let mut schemas: Map<_, _> =
            (0..n).map(|i| (format!("Present{i}"), json!({"type": "string"}))).collect();
        schemas.insert("N".to_owned(), json!({"type": "object", "properties": fields}));
        document(Value::Object(schemas))
    }),
];

fn path_parameter(name: &str) -> Value {
    json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}})
}

//! Documents that are built to make work grow with more than their size, one function a kind.

use serde_json::{Map, Value, json};

/// Documents of one kind.
pub(super) struct Kind {
    pub(super) name: &'static str,
    /// The size of the smaller document: levels, members or operations.
    pub(super) size: usize,
    pub(super) write: fn(usize) -> String,
}

pub(super) const KINDS: &[Kind] = &[
    kind("not-all", 20, |n| chain(n, |_, next| json!({"not": {"allOf": [{"not": next}, {"not": next}]}}))),
    kind("not-any", 20, |n| {
        chain(n, |_, next| json!({"not": {"anyOf": [{"not": next}, {"not": {"allOf": [next, {}]}}]}}))
    }),
    kind("one-of", 20, |n| chain(n, |_, next| json!({"oneOf": [next, next]}))),
    kind("any-of", 20, |n| {
        chain(n, |i, next| {
            let part = |name| json!({"allOf": [next, {"required": [format!("{name}{i}")]}]});
            json!({"anyOf": [part("a"), part("b")]})
        })
    }),
    kind("all-of", 20, |n| chain(n, |_, next| json!({"allOf": [next, next]}))),
    kind("all-of-inline", 20, |n| {
        chain(n, |_, next| json!({"allOf": [{"allOf": [next]}, {"allOf": [next]}]}))
    }),
    kind("product", 8, |n| {
        chain(n, |i, next| {
            let one = |name| json!({"oneOf": [next, {"required": [format!("{name}{i}")]}]});
            json!({"allOf": [one("a"), one("b")]})
        })
    }),
    kind("wide-product", 8, |n| {
        let one = |i: usize| {
            let branch = |name: &str| json!({"type": "object", "required": [name], "properties": {name: {}}});
            json!({"oneOf": [branch(&format!("a{i}")), branch(&format!("b{i}"))]})
        };
        document(json!({"N": {"allOf": (0..n).map(one).collect::<Value>()}}))
    }),
    kind("if", 20, |n| chain(n, |_, next| json!({"if": next, "then": next, "else": next}))),
    kind("dependent", 20, |n| chain(n, |_, next| json!({"dependentSchemas": {"x": next, "y": next}}))),
    kind("unevaluated", 20, |n| {
        chain(n, |_, next| json!({"anyOf": [next, next], "unevaluatedProperties": next}))
    }),
    kind("members", 20, |n| {
        chain(n, |_, next| json!({"type": "object", "properties": {"a": next, "b": next}}))
    }),
    kind("required-members", 20, |n| {
        chain(
            n,
            |_, next| json!({"type": "object", "required": ["a", "b"], "properties": {"a": next, "b": next}}),
        )
    }),
    kind("items", 20, |n| {
        chain(
            n,
            |_, next| json!({"type": "array", "minItems": 2, "prefixItems": [next, next], "items": next}),
        )
    }),
    kind("contains", 20, |n| {
        chain(
            n,
            |_, next| json!({"contains": next, "items": next, "propertyNames": next, "not": {"not": next}}),
        )
    }),
    kind("references", 2_000, |n| chain(n, |_, next| next.clone())),
    kind("titled-references", 2_000, |n| {
        chain(n, |i, next| json!({"$ref": next["$ref"], "title": format!("t{i}")}))
    }),
    kind("inheritance", 800, |n| {
        chain(n, |i, next| json!({"allOf": [next, {"properties": {format!("p{i}"): {"type": "string"}}}]}))
    }),
    kind("union", 400, union),
    kind("tagged-union", 400, tagged_union),
    kind("plain-union", 400, |n| {
        let branch =
            |i: usize| json!({"type": "object", "properties": {format!("p{i}"): {"type": "string"}}});
        document(json!({"N": {"oneOf": (0..n).map(branch).collect::<Value>()}}))
    }),
    kind("enums", 25_000, |n| {
        let values = (0..n).map(|i| Value::from(format!("v{i}"))).collect::<Value>();
        let part = json!({"enum": values});
        document(json!({"N": {"type": "string", "allOf": [part, part, part]}}))
    }),
    kind("numeric-enum", 25_000, |n| {
        let part = json!({"enum": (0..n).collect::<Vec<_>>()});
        document(json!({"N": {"oneOf": [part, {"enum": (1..n).collect::<Vec<_>>()}]}}))
    }),
    kind("properties", 2_000, |n| {
        let fields: Map<_, _> = (0..n).map(|i| (format!("p{i}"), json!({"type": "string"}))).collect();
        let required: Value = fields.keys().cloned().map(Value::String).collect();
        document(json!({"N": {"type": "object", "properties": fields, "required": required}}))
    }),
    kind("pattern-properties", 500, |n| {
        let patterns: Map<_, _> = (0..n).map(|i| (format!("^p{i}"), json!({"type": "string"}))).collect();
        document(json!({"N": {"type": "object", "patternProperties": patterns, "minProperties": 100}}))
    }),
    kind("folding-names", 400, |n| {
        let mut schemas: Map<_, _> = (0..n).map(|i| (folded("na", i), json!({"type": "object"}))).collect();
        let fields: Map<_, _> =
            schemas.keys().map(|name| (name.clone(), json!({"$ref": at(name)}))).collect();
        schemas.insert("N".to_owned(), json!({"type": "object", "properties": fields}));
        document(Value::Object(schemas))
    }),
    kind("folding-values", 1_000, |n| {
        document(json!({"N": {"type": "string", "enum": (0..n).map(|i| folded("va", i)).collect::<Value>()}}))
    }),
    kind("long-names", 2_000, |n| {
        let name = "a".repeat(n);
        let fields: Map<_, _> = (0..8).map(|i| (format!("{name}{i}"), json!({"enum": [name]}))).collect();
        document(json!({"N": {"type": "object", "title": name, "properties": fields}}))
    }),
    kind("long-place", 100_000, |n| {
        let fields: Map<_, _> =
            (0..n / 100).map(|i| (format!("p{i}"), json!({"if": {"minLength": 1}}))).collect();
        let inner = json!({"type": "object", "properties": fields});
        document(json!({"N": {"type": "object", "properties": {"a".repeat(n): inner}}}))
    }),
    kind("parameters", 400, |n| {
        let parameter = |i: usize| json!({"name": format!("q{i}"), "in": "query", "required": true, "schema": {"type": "string"}});
        let parameters: Value = (0..n).map(parameter).collect();
        paths(json!({"/a": {"get": {"parameters": parameters, "responses": answer(json!({}))}}}))
    }),
    kind("one-id", 1_000, |n| {
        paths(operations(n, |_| json!({"get": {"operationId": "same", "responses": answer(json!({}))}})))
    }),
    kind("operations", 500, |n| {
        let schema = json!({"type": "object", "properties": {"a": {"type": "string"}}});
        paths(operations(
            n,
            |i| json!({"get": {"operationId": format!("o{i}"), "responses": answer(schema.clone())}}),
        ))
    }),
    kind("templates", 500, |n| {
        let mut found = Map::new();
        for i in 0..n {
            let parameter =
                json!({"name": "b", "in": "path", "required": true, "schema": {"type": "string"}});
            let operation = json!({"parameters": [parameter], "responses": answer(json!({}))});
            found.insert(format!("/a{}/{{b}}", i % 7 + i), json!({"get": operation}));
        }
        paths(Value::Object(found))
    }),
    kind("responses", 200, |n| {
        let header = |i: usize| (format!("X-H{i}"), json!({"schema": {"type": "string"}}));
        let headers: Map<_, _> = (0..n).map(header).collect();
        let media = |i: usize| {
            (
                format!("application/v{i}+json"),
                json!({"schema": {"type": "object", "title": format!("T{i}")}}),
            )
        };
        let content: Map<_, _> = (0..n).map(media).collect();
        paths(
            json!({"/a": {"get": {"responses": {"200": {"description": "d", "headers": headers, "content": content}}}}}),
        )
    }),
    kind("counted-pattern", 5_000, |n| pattern(&format!("^([a-z0-9]{{{n}}}){{{n}}}$"))),
    kind("nested-count", 5, |n| pattern(&format!("^{}a{}$", "(".repeat(n), "{9})".repeat(n - 1) + "{9}"))),
    kind("patterns", 1_000, |n| {
        let field = |i: usize| {
            (
                format!("p{i}"),
                json!({"type": "string", "pattern": format!("^[\\w{i}]{{1,200}}(-\\w{{1,100}})?$")}),
            )
        };
        let fields: Map<_, _> = (0..n).map(field).collect();
        document(json!({"N": {"type": "object", "properties": fields}}))
    }),
    kind("look-aheads", 40, |n| {
        pattern(&format!("^{}.*$", (0..n).map(|i| format!("(?=.*{i})")).collect::<String>()))
    }),
    kind("look-ahead", 2, |_| pattern("(?=.*a)(?=.*b).*$")),
    kind("nested-repeats", 2, |_| pattern("^(?=(a+)+b)[a-z]+$")),
    kind("backreference", 2, |_| pattern(r"(\w+)\s+\1")),
    kind("aliases", 12, aliases),
    kind("deep-items", 60, |n| deep(n, "items", json!({"type": "string"}))),
    kind("deep-not", 60, |n| deep(n, "not", json!({"type": "string"}))),
    kind("example", 2_000, |n| {
        let mut schemas = chain_schemas(12, |_, next| json!({"oneOf": [next, next]}));
        let item = schemas.insert("I".to_owned(), json!({"$ref": "#/components/schemas/N"}));
        debug_assert!(item.is_none());
        let example: Value = (0..n).map(|_| json!({"x": "no"})).collect();
        schemas
            .insert("L".to_owned(), json!({"type": "array", "items": {"$ref": at("I")}, "example": example}));
        with_root(schemas, "L")
    }),
    kind("descriptions", 200, |n| {
        let schema = |i: usize| {
            (format!("S{i}"), json!({"type": "object", "description": "*a* `b` [c](d) <e> ".repeat(200)}))
        };
        let mut schemas: Map<_, _> = (0..n).map(schema).collect();
        let fields: Map<_, _> =
            schemas.keys().map(|name| (name.clone(), json!({"$ref": at(name)}))).collect();
        schemas.insert("N".to_owned(), json!({"type": "object", "properties": fields}));
        document(Value::Object(schemas))
    }),
];

pub(super) const fn kind(name: &'static str, size: usize, write: fn(usize) -> String) -> Kind {
    Kind { name, size, write }
}

/// Schemas of which each is made of references to the one before; the last is called N.
fn chain(levels: usize, link: fn(usize, &Value) -> Value) -> String {
    with_root(chain_schemas(levels, link), "N")
}

fn chain_schemas(levels: usize, link: fn(usize, &Value) -> Value) -> Map<String, Value> {
    let first = json!({"type": "object", "required": ["x"], "properties": {"x": {"type": "integer"}}});
    let mut schemas = Map::from_iter([("N0".to_owned(), first)]);
    for i in 1..=levels {
        let name = if i == levels { "N".to_owned() } else { format!("N{i}") };
        schemas.insert(name, link(i, &json!({"$ref": at(&format!("N{}", i - 1))})));
    }
    schemas
}

pub(super) fn at(name: &str) -> String {
    format!("#/components/schemas/{name}")
}

/// A document whose operations take and answer the schema N.
pub(super) fn document(schemas: Value) -> String {
    match schemas {
        Value::Object(schemas) => with_root(schemas, "N"),
        _ => String::new(),
    }
}

pub(super) fn with_root(schemas: Map<String, Value>, name: &str) -> String {
    let root = json!({"$ref": at(name)});
    let post = json!({
        "operationId": "b",
        "requestBody": {"content": {"application/json": {"schema": root}}},
        "responses": {"200": {"description": "d"}},
    });
    let paths = json!({"/a": {"get": {"operationId": "a", "responses": answer(root)}, "post": post}});
    whole(paths, Value::Object(schemas))
}

pub(super) fn paths(paths: Value) -> String {
    whole(paths, json!({}))
}

pub(super) fn whole(paths: Value, schemas: Value) -> String {
    let info = json!({"title": "t", "version": "1"});
    json!({"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": schemas}}).to_string()
}

pub(super) fn answer(schema: Value) -> Value {
    json!({"200": {"description": "d", "content": {"application/json": {"schema": schema}}}})
}

pub(super) fn operations(count: usize, item: impl Fn(usize) -> Value) -> Value {
    Value::Object((0..count).map(|i| (format!("/p{i}"), item(i))).collect())
}

fn pattern(pattern: &str) -> String {
    document(json!({"N": {"type": "string", "pattern": pattern}}))
}

/// Names that differ in what no identifier keeps.
fn folded(stem: &str, index: usize) -> String {
    let marks = ["-", "_", ".", " "];
    let mut name = stem.to_owned();
    let mut rest = index;
    for _ in 0..8 {
        name.push_str(marks.get(rest % marks.len()).copied().unwrap_or_default());
        rest /= marks.len();
    }
    name + "me"
}

/// A union of objects that each hold the union.
fn union(count: usize) -> String {
    let mut schemas = Map::new();
    for i in 0..count {
        let fields = json!({"k": {"const": format!("B{i}")}, "next": {"$ref": at("N")}});
        schemas.insert(format!("B{i}"), json!({"type": "object", "required": ["k"], "properties": fields}));
    }
    let branches: Value = schemas.keys().map(|name| json!({"$ref": at(name)})).collect();
    let discriminator = json!({"propertyName": "k"});
    schemas.insert("N".to_owned(), json!({"oneOf": branches, "discriminator": discriminator}));
    document(Value::Object(schemas))
}

/// A base with a discriminator that each schema of a chain extends.
fn tagged_union(count: usize) -> String {
    let base = json!({
        "type": "object", "required": ["k"], "properties": {"k": {"type": "string"}},
        "discriminator": {"propertyName": "k"},
    });
    let mut schemas = Map::from_iter([("N".to_owned(), base)]);
    let mut before = "N".to_owned();
    for i in 0..count {
        let name = format!("B{i}");
        let own = json!({"type": "object", "properties": {format!("p{i}"): {"type": "string"}}});
        schemas.insert(name.clone(), json!({"allOf": [{"$ref": at(&before)}, own]}));
        before = name;
    }
    document(Value::Object(schemas))
}

/// YAML whose aliases double with each level.
fn aliases(levels: usize) -> String {
    let mut text = String::from(
        "openapi: 3.1.0\ninfo: {title: t, version: '1'}\nx-bombs:\n  - &a0 {type: object, properties: {x: {type: integer}}}\n",
    );
    for i in 1..=levels {
        let before = i - 1;
        text.push_str(&format!(
            "  - &a{i} {{type: object, properties: {{a: *a{before}, b: *a{before}, c: *a{before}}}}}\n"
        ));
    }
    text.push_str("paths:\n  /a:\n    get:\n      operationId: a\n      responses:\n        '200':\n          description: d\n");
    text.push_str(&format!("          content: {{application/json: {{schema: *a{levels}}}}}\n"));
    text
}

fn deep(levels: usize, keyword: &str, innermost: Value) -> String {
    let nested = (0..levels).fold(innermost, |inner, _| json!({keyword: inner}));
    document(json!({"N": nested}))
}

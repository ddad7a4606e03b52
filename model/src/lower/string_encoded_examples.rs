//! Parses JSON examples that a document writes as a string.

use std::sync::Arc;

use serde_json::Value;

use super::Lower;
use super::view::View;
use crate::api::{Example, ExampleValue};
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::dialect::essence;

/// The maximum number of schemas searched for a type.
const MAX_SCHEMAS: usize = 64;

impl Lower<'_> {
    /// Parses string examples of a media type whose schema expects an object or an array, if the string contains one.
    pub(super) fn unquote(&mut self, media_type: &str, schema: View<'_>, examples: &mut [Example]) {
        if !is_json(media_type) {
            return;
        }
        for example in examples {
            let ExampleValue::Data(value) = &mut example.value else { continue };
            let Some(held) = value.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok()) else {
                continue;
            };
            let kind = match held {
                Value::Object(_) => "object",
                Value::Array(_) => "array",
                _ => continue,
            };
            if is_of(schema, kind, &mut 0) {
                let message =
                    format!("the example is a string that contains an {kind}, which is used instead");
                let found = Diagnostic::new(Code::ExampleQuoted, message, &example.origin);
                self.diagnostics.push(found.help("write the value itself, without the quotes"));
                *value = Arc::new(held);
            }
        }
    }
}

/// Whether the media type is JSON: `application/json` or a suffix `+json` (RFC 6839, 3.1).
fn is_json(media_type: &str) -> bool {
    let essence = essence(media_type);
    essence.ends_with("/json") || essence.ends_with("+json")
}

/// Whether a schema expects this kind and not strings, by its `type`, else by its keywords for objects or arrays.
fn is_of(schema: View<'_>, kind: &str, seen: &mut usize) -> bool {
    *seen += 1;
    let Some(schema) = schema.resolved().filter(|_| *seen <= MAX_SCHEMAS) else { return false };
    let types = match schema.str("type") {
        Some(one) => vec![one.to_owned()],
        None => schema.texts("type"),
    };
    if !types.is_empty() {
        return types.iter().any(|of| of == kind) && types.iter().all(|of| of != "string");
    }
    let mut every = |key| {
        let mut branches = schema.list(key).peekable();
        branches.peek().is_some() && branches.all(|branch| is_of(branch, kind, seen))
    };
    schema.raw(if kind == "object" { "properties" } else { "items" }).is_some()
        || every("oneOf")
        || every("anyOf")
        || schema.list("allOf").any(|part| is_of(part, kind, seen))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::lower::tests::check;

    #[test]
    fn examples_that_are_texts_of_json() {
        check(
            "3.0.3",
            r##"
paths:
  /a:
    post:
      requestBody:
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Pet'}
            examples: {rex: {value: '{"name": "Rex"}'}, list: {value: '["Rex"]'}, text: {value: Rex}}
          application/xml: {schema: {$ref: '#/components/schemas/Pet'}, example: '{"name": "Rex"}'}
      responses:
        '200': {description: ok, content: {application/vnd.a+json: {schema: {allOf: [{type: array, items: {}}]}, example: '[1]'}}}
        '201': {description: ok, content: {application/json: {schema: {oneOf: [{type: object}, {type: string}]}, example: '{}'}}}
        '202': {description: ok, content: {application/json: {schema: {oneOf: [{type: object}, {properties: {}}]}, example: '{}'}}}
components: {schemas: {Pet: {properties: {name: {type: string}}}}}
"##,
            expect![[r#"
                api "t" version "1"
                server "/"
                operation POST /a
                  request
                    content "application/json" : Pet
                      example "rex" {"name":"Rex"}
                      example "list" "[\"Rex\"]"
                      example "text" "Rex"
                    content "application/xml" : Pet
                      example "{\"name\": \"Rex\"}"
                  response 200
                    description "ok"
                    content "application/vnd.a+json" : POST_a.200.application_vnd.a_json
                      example [1]
                  response 201
                    description "ok"
                    content "application/json" : POST_a.201.application_json
                      example "{}"
                  response 202
                    description "ok"
                    content "application/json" : POST_a.202.application_json
                      example {}
                schema Pet component "Pet"
                  properties: {"name":{"type":"string"}}
                schema POST_a.200.application_vnd.a_json at ["POST /a", "200", "application/vnd.a+json"]
                  allOf: [{"type":"array","items":{}}]
                schema POST_a.201.application_json at ["POST /a", "201", "application/json"]
                  oneOf: [{"type":"object"},{"type":"string"}]
                schema POST_a.202.application_json at ["POST /a", "202", "application/json"]
                  oneOf: [{"type":"object"},{"properties":{}}]
                example-quoted /paths/~1a/post/requestBody/content/application~1json/examples/rex: the example is a string that contains an object, which is used instead
                example-quoted /paths/~1a/post/responses/200/content/application~1vnd.a+json/example: the example is a string that contains an array, which is used instead
                example-quoted /paths/~1a/post/responses/202/content/application~1json/example: the example is a string that contains an object, which is used instead
            "#]],
        );
    }
}

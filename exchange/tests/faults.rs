//! Which faults of a JSON body are told, and at which place: generated servers tell the same (`descant_runtime::check`).

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may")]

use descant_exchange::{Incoming, RequestPlan, Schemas};
use descant_model::load::{Options, load_text};
use http::{HeaderMap, HeaderValue, header};

const SCHEMAS: &str = "
    Pet: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}], discriminator: {propertyName: is, mapping: {canine: '#/components/schemas/Dog'}}}
    Cat: {type: object, required: [is, meow], properties: {is: {type: string}, meow: {type: boolean}}}
    Dog: {type: object, required: [is], properties: {is: {type: string}, bark: {type: string}}}
    Step: {oneOf: [{$ref: '#/components/schemas/Wait'}, {$ref: '#/components/schemas/Mail'}]}
    Wait: {type: object, required: [is], properties: {is: {const: wait}, seconds: {type: integer}}}
    Mail: {type: object, required: [is, to], properties: {is: {const: mail}, to: {type: string}, sent: {const: true}}}
";

/// The faults of a body by a schema, each as its pointer and keyword.
fn faults(schema: &str, body: &str) -> Vec<String> {
    let text = format!(
        "openapi: 3.1.0
info: {{title: t, version: '1'}}
paths:
  /a: {{post: {{requestBody: {{content: {{application/json: {{schema: {schema}}}}}}}, responses: {{'200': {{description: ok}}}}}}}}
components:
  schemas:{SCHEMAS}"
    );
    let api = load_text("test.yaml", text, &Options::default()).api.unwrap();
    let schemas = Schemas::new(&api);
    let plan = RequestPlan::new(&schemas, &api.operations[0]);
    let json = HeaderValue::from_static("application/json");
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, json)]);
    let request = Incoming { path: &[], query: None, headers: &headers, body: body.as_bytes() };
    let refused = plan.decode(&schemas, &request).err().map(|refusal| refusal.faults).unwrap_or_default();
    refused.iter().map(|fault| format!("{} {}", fault.pointer(), fault.keyword)).collect()
}

fn component(name: &str) -> String {
    format!("{{$ref: '#/components/schemas/{name}'}}")
}

#[test]
fn of_alternatives_the_one_is_told_that_a_discriminator_names() {
    let check =
        |body: &str, expected: &[&str]| assert_eq!(faults(&component("Pet"), body), expected, "{body}");
    check(r#"{"is": "canine", "bark": "wow"}"#, &[]);
    check(r#"{"is": "canine", "bark": 7}"#, &[" oneOf", "/bark type"]);
    // What is named is meant, though another alternative holds.
    check(r#"{"is": "Cat", "bark": "wow"}"#, &[" oneOf", " required"]);
    // A name that is none decides nothing, unless the mapping names every alternative.
    check(r#"{"is": "Bird", "bark": "wow"}"#, &[]);
    check(r#"{"is": "Bird", "bark": 7}"#, &["/is discriminator"]);
}

#[test]
fn of_alternatives_of_one_kind_the_nearest_is_told() {
    let check =
        |body: &str, expected: &[&str]| assert_eq!(faults(&component("Step"), body), expected, "{body}");
    check(r#"{"is": "wait", "seconds": "x"}"#, &[" oneOf", "/seconds type"]);
    check(r#"{"is": "mail"}"#, &[" oneOf", " required"]);
    check("7", &[" type"]);
    // A constant tells alternatives apart where it is required, and nowhere else.
    check(r#"{"is": "mail", "to": "a", "sent": false}"#, &[" oneOf", "/sent const"]);
}

#[test]
fn an_alternative_that_is_alone_in_its_kind_is_told_without_the_others() {
    let schema =
        "{anyOf: [{type: array, items: {type: integer}}, {type: 'null'}, {type: string, maxLength: 2}]}";
    let check = |body: &str, expected: &[&str]| assert_eq!(faults(schema, body), expected, "{body}");
    check("null", &[]);
    check(r#"[1, "a"]"#, &["/1 type"]);
    check(r#""abc""#, &[" maxLength"]);
    check("{}", &[" type"]);
}

#[test]
fn integers_have_64_bits_where_nothing_asks_for_more() {
    let beyond = "9223372036854775808";
    let check = |schema: &str, body: &str, expected: &[&str]| {
        assert_eq!(faults(schema, body), expected, "{body} by {schema}");
    };
    check("{type: integer}", "9223372036854775807", &[]);
    check("{type: integer}", beyond, &[" type"]);
    check("{type: integer}", "1e30", &[" type"]);
    check("{type: number}", beyond, &[]);
    check("{type: [integer, string]}", beyond, &[" type"]);
    check("{type: integer, format: int64}", beyond, &[" format"]);
    check("{type: integer, format: uint64}", beyond, &[]);
    check("{type: integer, maximum: 18446744073709551615}", beyond, &[]);
    check("{type: integer, examples: [18446744073709551615]}", beyond, &[]);
}

//! Which schemas apply to a sequential body: before OpenAPI 3.2, many documents describe an item where the list belongs.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may")]

use descant_exchange::{ResponseView, Schemas, judge};
use descant_model::load::{Options, load_text};
use http::{HeaderMap, HeaderValue, header};

/// Checks whether a stream follows its documented content.
fn check(media_type: &'static str, content: &str, body: &str, is_valid: bool) {
    let text = format!(
        "openapi: 3.2.0
info: {{title: t, version: '1'}}
paths:
  /a: {{get: {{responses: {{'200': {{description: ok, content: {{{media_type}: {content}}}}}}}}}}}"
    );
    let api = load_text("test.yaml", text, &Options::default()).api.unwrap();
    let schemas = Schemas::new(&api);
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(media_type))]);
    let response = ResponseView { status: 200, headers: &headers, body: body.as_bytes() };
    let found = judge(&schemas, &api.operations[0], &response);
    assert_eq!(found.is_empty(), is_valid, "{content} {body:?}: {found:?}");
}

#[test]
fn a_schema_of_no_list_describes_each_item() {
    let events = "text/event-stream";
    check(events, "{schema: {type: string}}", "data: one\n\ndata: two\n\n", true);
    check(events, "{schema: {type: integer}}", "data: 1\n\ndata: two\n\n", false);
    check(events, "{schema: {type: array, items: {type: integer}}}", "data: 1\n\ndata: 2\n\n", true);
    check(events, "{schema: {type: array, maxItems: 1, items: {}}}", "data: 1\n\ndata: 2\n\n", false);
    check(events, "{itemSchema: {type: object, properties: {data: {const: '1'}}}}", "data: 1\n\n", true);
    let lines = "application/jsonl";
    check(lines, "{schema: {type: object, required: [a]}}", "{\"a\": 1}\n{\"a\": 2}\n", true);
    check(lines, "{schema: {type: object, required: [a]}}", "{\"a\": 1}\n{\"b\": 2}\n", false);
}

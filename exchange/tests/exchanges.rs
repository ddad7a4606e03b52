//! What requests and responses of one small document mean: each rule where the voices once disagreed.

#![allow(clippy::unwrap_used, reason = "a test may")]

use descant_exchange::{Check, Incoming, RequestPlan, ResponseView, Schemas, judge, judge_head};
use descant_model::api::{Api, Operation};
use descant_model::load::{Options, load_text};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

const DOCUMENT: &str = "
openapi: 3.1.0
info: {title: t, version: '1'}
paths:
  /read:
    get:
      parameters:
        - {name: n, in: query, schema: {oneOf: [{type: integer, maximum: 9}, {type: string}]}}
        - {name: note, in: query, content: {text/plain: {schema: {type: string}}}}
        - {name: page, in: query, content: {application/xml: {schema: {type: integer}}}}
        - {name: empty, in: query, allowEmptyValue: true, schema: {type: integer}}
        - {name: X-Ids, in: header, schema: {type: array, items: {type: integer}}}
      responses: {'200': {description: ok}, '422': {description: no}}
  /form:
    post:
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema: {type: object, required: [ids], properties: {ids: {type: array, items: {type: string}}}}
          application/json: {schema: {type: object, required: [ids]}}
      responses: {'204': {description: ok}}
  /answer:
    get:
      responses:
        '200':
          description: ok
          headers:
            X-Note: {content: {text/plain: {schema: {type: string}}}}
            X-Ids: {schema: {type: array, items: {type: string}, minItems: 2}}
            Set-Cookie: {schema: {type: string, pattern: '^sid='}}
            X-Total: {required: true, schema: {type: integer}}
          content:
            application/json;version=1: {schema: {type: integer}}
            application/json;version=2: {schema: {type: string}}
            image/png: {schema: {type: object}}
        '204': {description: none}
  /thing:
    get:
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
  /denied:
    get:
      security: [{basic: []}]
      responses:
        '200': {description: ok, content: {'*/*': {schema: {type: object}}}}
        '401': {description: no}
        default: {description: else, content: {application/json: {schema: {type: object}}}}
  /any:
    get: {responses: {'200': {description: ok, content: {application/json: {schema: {}}}}}}
components:
  securitySchemes: {basic: {type: http, scheme: basic}}
  schemas:
    Thing: {type: object, properties: {secret: {type: string, writeOnly: true}, name: {type: string}}}
";

fn api() -> Api {
    load_text("doc.yaml", DOCUMENT.to_owned(), &Options::default()).api.unwrap()
}

fn operation<'a>(api: &'a Api, path: &str) -> &'a Operation {
    api.operations.iter().find(|operation| operation.path.raw == path).unwrap()
}

fn headers(lines: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
    }
    headers
}

/// The body's or query's value, or the status and keywords of the refusal.
fn decode(path: &str, query: &str, lines: &[(&str, &str)], body: &str) -> Result<Value, (u16, Vec<String>)> {
    let api = api();
    let schemas = Schemas::new(&api);
    let plan = RequestPlan::new(&schemas, operation(&api, path));
    let headers = headers(lines);
    let request = Incoming { path: &[], query: Some(query), headers: &headers, body: body.as_bytes() };
    let decoded = plan.decode(&schemas, &request).map_err(|refusal| {
        let keywords = refusal.faults.iter().map(|fault| fault.keyword.to_string()).collect();
        (refusal.status.as_u16(), keywords)
    })?;
    let all = [descant_runtime::param::Location::Query, descant_runtime::param::Location::Header];
    let values = all.into_iter().flat_map(|location| plan.values(&decoded, location));
    Ok(decoded.body.clone().unwrap_or_else(|| Value::Object(values.collect())))
}

#[test]
fn a_text_is_what_its_schema_admits() {
    let check = |query: &str, expected| assert_eq!(decode("/read", query, &[], ""), Ok(expected), "{query}");
    check("n=7", json!({"n": 7}));
    check("n=11", json!({"n": "11"}));
    check("note=a,b", json!({"note": "a,b"}));
    check("page=%3Cp/%3E", json!({"page": "<p/>"}));
    check("empty=", json!({}));
    let lines = [("x-ids", "1,2"), ("x-ids", "3")];
    assert_eq!(decode("/read", "", &lines, ""), Ok(json!({"X-Ids": [1, 2, 3]})));
}

#[test]
fn a_refusal_has_the_status_that_is_documented() {
    assert_eq!(decode("/read", "empty=x", &[], ""), Err((422, vec!["type".to_owned()])));
    let json = [("content-type", "application/json")];
    assert_eq!(decode("/form", "", &json, "{}"), Err((400, vec!["required".to_owned()])));
    assert_eq!(decode("/form", "", &json, "{"), Err((400, vec!["syntax".to_owned()])));
    assert_eq!(decode("/form", "", &json, ""), Err((400, vec!["required".to_owned()])));
    assert_eq!(decode("/form", "", &[("content-type", "text/csv")], "a"), Err((415, vec![])));
    assert_eq!(decode("/form", "", &[], "{}"), Err((415, vec![])));
}

#[test]
fn a_list_of_no_items_leaves_no_trace_in_a_form() {
    let form = [("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(decode("/form", "", &form, "other=1"), Ok(json!({"other": "1", "ids": []})));
}

/// What a response breaks, by what is looked at.
fn broken(path: &str, status: u16, lines: &[(&str, &str)], body: &str) -> Vec<Check> {
    let api = api();
    let headers = headers(lines);
    let answer = ResponseView { status, headers: &headers, body: body.as_bytes() };
    let found = judge(&Schemas::new(&api), operation(&api, path), &answer);
    found.into_iter().map(|violation| violation.check).collect()
}

/// A right answer, with other lines of a header in the place of its own.
fn with<'a>(name: &str, others: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut lines = vec![("content-type", "application/json;version=2"), ("x-total", "3")];
    lines.retain(|(own, _)| *own != name);
    lines.extend_from_slice(others);
    lines
}

#[test]
fn a_response_is_judged_by_the_media_type_that_its_parameters_name() {
    assert_eq!(broken("/answer", 200, &with("", &[]), "\"x\""), []);
    let first = with("content-type", &[("content-type", "Application/JSON; version=1")]);
    assert_eq!(broken("/answer", 200, &first, "\"x\""), [Check::Body]);
    let other = with("content-type", &[("content-type", "text/html")]);
    assert_eq!(broken("/answer", 200, &other, "x"), [Check::ContentType]);
    assert_eq!(broken("/answer", 200, &[("x-total", "3")], "1"), [Check::ContentType]);
    let image = with("content-type", &[("content-type", "image/png")]);
    assert_eq!(broken("/answer", 200, &image, "bytes"), [], "no schema of an object speaks of bytes");
}

#[test]
fn headers_are_read_by_all_their_lines() {
    let note = with("", &[("x-note", "hello, world")]);
    assert_eq!(broken("/answer", 200, &note, "\"x\""), []);
    assert_eq!(broken("/answer", 200, &with("", &[("x-ids", "a"), ("x-ids", "b")]), "\"x\""), []);
    assert_eq!(broken("/answer", 200, &with("", &[("x-ids", "a")]), "\"x\""), [Check::Header]);
    let cookies = with("", &[("set-cookie", "other=1"), ("set-cookie", "sid=1")]);
    assert_eq!(broken("/answer", 200, &cookies, "\"x\""), []);
    assert_eq!(broken("/answer", 200, &with("", &[("set-cookie", "other=1")]), "\"x\""), [Check::Header]);
    assert_eq!(broken("/answer", 200, &with("x-total", &[]), "\"x\""), [Check::Header]);
}

#[test]
fn an_absent_body_is_null() {
    assert_eq!(broken("/any", 200, &[], ""), []);
    assert_eq!(broken("/thing", 200, &[], ""), [Check::Body]);
    assert_eq!(broken("/any", 200, &[("content-type", "application/json")], ""), [Check::Body]);
    assert_eq!(broken("/answer", 204, &[], ""), []);
    assert_eq!(broken("/answer", 204, &[], "x"), [Check::Body]);
}

#[test]
fn a_range_of_statuses_promises_a_body_for_each() {
    assert_eq!(broken("/denied", 304, &[], ""), [Check::Body]);
    assert_eq!(broken("/denied", 200, &[], ""), [Check::Body], "an object is not absent as `*/*` either");
}

#[test]
fn a_401_has_a_challenge() {
    assert_eq!(broken("/denied", 401, &[], ""), [Check::Header]);
    assert_eq!(broken("/denied", 401, &[("www-authenticate", "Basic")], ""), []);
    assert_eq!(broken("/any", 401, &[], ""), [Check::Status], "nothing asks for a credential");
}

#[test]
fn what_only_requests_hold_is_no_answer() {
    let json = [("content-type", "application/json")];
    assert_eq!(broken("/thing", 200, &json, r#"{"name": "a"}"#), []);
    assert_eq!(broken("/thing", 200, &json, r#"{"secret": "a"}"#), [Check::Body]);
}

#[test]
fn a_head_is_judged_without_its_body() {
    let api = api();
    let schemas = Schemas::new(&api);
    let judged = |lines: &[(&str, &str)], status| {
        let headers = headers(lines);
        judge_head(
            &schemas,
            operation(&api, "/answer"),
            &ResponseView { status, headers: &headers, body: b"" },
        )
        .len()
    };
    assert_eq!(judged(&with("", &[]), 200), 0);
    assert_eq!(judged(&with("content-type", &[("content-type", "text/html")]), 200), 1);
    assert_eq!(judged(&[], 500), 1);
}

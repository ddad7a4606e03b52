//! How the next page of a list is requested, by what its document says.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may")]

use descant_exchange::{Pages, pointer};
use descant_model::load::{Options, load_text};

/// Compares the pages of `GET /pets` with these query parameters and this schema of the body.
fn check(parameters: &str, body: &str, expected: Option<&str>) {
    check_operation(
        parameters,
        &format!("content: {{application/json: {{schema: {body}}}}}"),
        "{}",
        expected,
    );
}

fn check_operation(parameters: &str, response: &str, settings: &str, expected: Option<&str>) {
    let parameters: Vec<String> = parameters
        .split_terminator(';')
        .map(|one| one.split_once(' ').unwrap())
        .map(|(name, schema)| format!("{{name: {name}, in: query, schema: {{{schema}}}}}"))
        .collect();
    let text = format!(
        "{{openapi: 3.1.0, info: {{title: t, version: '1'}}, paths: {{/pets: {{get: {{
            parameters: [{}], responses: {{'200': {{description: ok, {response}}}}}, x-descant: {settings}}}}}}}}}",
        parameters.join(", ")
    );
    let loaded = load_text("test.yaml", text.clone(), &Options::default());
    assert!(loaded.diagnostics.is_empty(), "{text}: {:?}", loaded.diagnostics);
    let api = loaded.api.unwrap();
    let operation = &api.operations[0];
    let pages = Pages::of(&api, operation, operation.descant.pages.as_deref());
    let shown = pages.map(|Pages { next, items, more }| {
        let more = more.map(|more| format!(" while {}", pointer(&more))).unwrap_or_default();
        format!("{next} in `{}`{more}", pointer(&items))
    });
    assert_eq!(shown.as_deref(), expected, "{text}");
}

const LIST: &str = "{type: array, items: {type: string}}";

#[test]
fn numbers_need_a_list_and_a_beginning() {
    check("page type: integer, default: 1", LIST, Some("page: page from 1 in ``"));
    check("pageIndex type: integer, minimum: 0", LIST, Some("page: pageIndex from 0 in ``"));
    check("page type: integer", LIST, None);
    check("page type: integer, default: 20", LIST, None);
    check("page type: string, default: '1'", LIST, None);
    check("page type: integer, default: 1", "{type: object, properties: {name: {type: string}}}", None);
    check("skip type: integer;limit type: integer", LIST, Some("offset: skip in ``"));
    check("offset type: integer;page type: integer, default: 1", LIST, Some("page: page from 1 in ``"));
    // Some count the first item as 1.
    check("startIndex type: integer", LIST, None);
}

#[test]
fn the_list_is_the_only_one_or_has_a_customary_name() {
    let body = |members: &str| format!("{{type: object, properties: {{{members}}}}}");
    let list = |members: &str, expected| check("offset type: integer", &body(members), expected);
    list(&format!("a: {LIST}, n: {{type: integer}}"), Some("offset: offset in `/a`"));
    list(&format!("a: {LIST}, b: {LIST}"), None);
    list(&format!("a: {LIST}, results: {LIST}"), Some("offset: offset in `/results`"));
    list(&format!("a: {LIST}, pets: {LIST}"), Some("offset: offset in `/pets`"));
    let inner = |name: &str| format!("{name}: {{type: object, properties: {{entries: {LIST}}}}}");
    list(&inner("a"), Some("offset: offset in `/a/entries`"));
    list(&[inner("a"), inner("b")].join(", "), None);
    list(&format!("a/b: {{type: object, properties: {{c: {LIST}}}}}"), Some("offset: offset in `/a~1b/c`"));
    list(
        &format!("data: {LIST}, hasNext: {{type: boolean}}"),
        Some("offset: offset in `/data` while /hasNext"),
    );
}

#[test]
fn a_cursor_needs_a_parameter_and_a_member() {
    let body = |next: &str| format!("{{type: object, properties: {{data: {LIST}, {next}}}}}");
    let next = |parameter: &str, member: &str, expected| {
        check(&format!("{parameter} type: string"), &body(member), expected);
    };
    next(
        "cursor",
        "next_cursor: {type: [string, 'null']}",
        Some("cursor: cursor from /next_cursor in `/data`"),
    );
    next(
        "page_token",
        "nextPageToken: {type: string}",
        Some("cursor: page_token from /nextPageToken in `/data`"),
    );
    next("after", "last_id: {type: string}", Some("cursor: after from /last_id in `/data`"));
    next("after", "next: {type: string}", Some("cursor: after from /next in `/data`"));
    next(
        "after",
        "page: {type: object, properties: {endCursor: {type: string}}}",
        Some("cursor: after from /page/endCursor in `/data`"),
    );
    next("next_token", "next_token: {type: string}", Some("cursor: next_token from /next_token in `/data`"));
    // It may be that of this page.
    next("cursor", "cursor: {type: string}", None);
    next("after", "created: {type: string}", None);
    next("cursor", "next_cursor: {type: object}", None);
    let stripe = "{type: object, properties: {has_more: {type: boolean}, data: {type: array, items: {properties: {id: {type: string}}}}}}";
    check(
        "starting_after type: string",
        stripe,
        Some("last: starting_after from /id in `/data` while /has_more"),
    );
    check("starting_after type: string", LIST, None);
}

#[test]
fn a_link_is_one_to_the_next_page() {
    let header = |header: &str| {
        format!(
            "headers: {{link: {{{header}, schema: {{type: string}}}}}}, content: {{application/json: {{schema: {LIST}}}}}"
        )
    };
    let linked =
        |parameters: &str, text: &str, expected| check_operation(parameters, &header(text), "{}", expected);
    linked("", "description: 'rel=\"next\" and more'", Some("link: header in ``"));
    linked("", "example: '</pets?page=2>; rel=\"next\"'", Some("link: header in ``"));
    linked("page type: integer, default: 1", "description: next", Some("link: header in ``"));
    linked("", "description: 'A description of the API'", None);
    let body = |next: &str| format!("{{type: object, properties: {{data: {LIST}, {next}}}}}");
    check("", &body("next: {type: [string, 'null'], format: uri}"), Some("link: /next in `/data`"));
    check("", &body("links: {properties: {next: {type: string}}}"), Some("link: /links/next in `/data`"));
    check("", &body("'@odata.nextLink': {type: string}"), Some("link: /@odata.nextLink in `/data`"));
    check("", &body("next: {type: string}"), None);
    let described = body("next_page: {type: string, description: The URL of the next page}");
    check("after type: string", &described, Some("link: /next_page in `/data`"));
}

#[test]
fn what_is_stated_needs_no_customary_name() {
    let response = format!(
        "content: {{application/json: {{schema: {{type: object, properties: {{a: {LIST}, b: {LIST}}}}}}}}}"
    );
    let stated = |settings: &str, expected| {
        check_operation("bis type: string", &response, &format!("{{pages: {{{settings}}}}}"), expected);
    };
    stated("by: cursor, parameter: bis, next: /x/y, items: /b", Some("cursor: bis from /x/y in `/b`"));
    stated(
        "by: last, parameter: bis, next: /id, items: /a, more: /m",
        Some("last: bis from /id in `/a` while /m"),
    );
    stated("by: link, next: /x, items: /a", Some("link: /x in `/a`"));
    stated("by: link, items: /a", Some("link: header in `/a`"));
    stated("by: page, parameter: bis, items: /a", None);
    stated("by: cursor, parameter: no, next: /x, items: /a", None);
    check_operation(
        "bis type: integer",
        &response,
        "{pages: {by: page, parameter: bis, first: 5, items: /a}}",
        Some("page: bis from 5 in `/a`"),
    );
    check_operation("page type: integer, default: 1", &response, "{pages: {by: none, items: /a}}", None);
    check_operation(
        "page type: integer, default: 1",
        &response,
        "{pages: {items: /a}}",
        Some("page: page from 1 in `/a`"),
    );
}

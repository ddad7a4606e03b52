//! Requests that no well-meant client sends: each is answered, with a status and a sentence that says why.

use std::io::Write as _;
use std::time::{Duration, Instant};

use descant_mock::{Limits, Running};

use crate::{connect, exchange, finish, serve};

const DOCUMENT: &str = r#"
openapi: 3.1.0
info: {title: Bad input, version: 1.0.0}
paths:
  /texts/{text}:
    get:
      parameters: [{name: text, in: path, required: true, schema: {type: string}}]
      responses: {'204': {description: fine}}
  /unions/{union}:
    get:
      parameters: [{name: union, in: path, required: true, schema: {oneOf: [{type: integer}, {enum: [me, all]}]}}]
      responses: {'200': {description: fine, content: {application/json: {example: fine}}}}
  /search:
    get:
      parameters:
        - {name: q, in: query, schema: {type: string}}
        - {name: n, in: query, schema: {type: integer}}
        - {name: X-Text, in: header, schema: {type: string}}
        - {name: session, in: cookie, schema: {type: integer}}
      responses: {'204': {description: fine}}
  /values:
    post:
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: '#/components/schemas/Value'}}
          application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/Value'}}
          multipart/form-data: {schema: {$ref: '#/components/schemas/Value'}}
          application/xml: {schema: {$ref: '#/components/schemas/Value'}}
      responses: {'204': {description: fine}}
  /calls/{Sid}.json:
    get:
      parameters: [{name: Sid, in: path, required: true, schema: {type: string, pattern: '^CA'}}]
      responses: {'200': {description: fine, content: {application/json: {example: call}}}}
  /items/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses: {'200': {description: fine, content: {application/json: {example: templated}}}}
  /items/mine:
    get:
      responses: {'200': {description: fine, content: {application/json: {example: concrete}}}}
  /locked:
    get:
      security: [{bearer: []}]
      responses: {'204': {description: fine}}
  /answers:
    get:
      responses:
        '200':
          description: fine
          content:
            application/json: {schema: {type: object, required: [tree], properties: {tree: {$ref: '#/components/schemas/Tree'}}}}
            application/xml: {schema: {type: object, xml: {name: a}, properties: {b: {type: string, const: '<&>'}}, required: [b]}}
            text/event-stream: {itemSchema: {type: object, required: [data], properties: {data: {const: hello}}, additionalProperties: false}}
  /endless:
    get:
      responses: {'200': {description: no value can be, content: {application/json: {schema: {$ref: '#/components/schemas/Endless'}}}}}
  /many:
    get:
      responses: {'200': {description: more than fits, content: {application/json: {schema: {type: array, minItems: 1000000000, items: {const: 1}}}}}}
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
  schemas:
    Value:
      type: object
      properties: {v: {type: number}, t: {type: string}}
      unevaluatedProperties: false
    Tree: {type: object, required: [name], properties: {name: {const: leaf}, below: {type: array, items: {$ref: '#/components/schemas/Tree'}}}}
    Endless: {type: object, required: [below], properties: {below: {$ref: '#/components/schemas/Endless'}}}
"#;

fn run() -> Running {
    let mut limits = Limits::default();
    limits.header_timeout = Duration::from_millis(500);
    limits.body_timeout = Duration::from_millis(500);
    limits.body_bytes = 256 * 1024;
    serve(DOCUMENT, limits)
}

/// A request must be answered with this status and, somewhere, each of these texts; the next client is served all the
/// same.
fn check(sent: impl AsRef<[u8]>, status: u16, texts: &[&str]) {
    let mock = run();
    let sent = sent.as_ref();
    let found = exchange(&mock, sent);
    let shown = String::from_utf8_lossy(sent.get(..120).unwrap_or(sent));
    assert!(found.starts_with(&format!("HTTP/1.1 {status} ")), "{shown}\n{found}");
    for text in texts {
        assert!(found.contains(text), "{shown}\n{found}\nlacks {text}");
    }
    let next = exchange(&mock, b"GET /items/mine HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    assert!(next.ends_with("\"concrete\""), "after {shown}\n{next}");
}

fn get(target: impl AsRef<[u8]>, headers: impl AsRef<[u8]>) -> Vec<u8> {
    let rest: &[u8] = b" HTTP/1.1\r\nhost: x\r\nconnection: close\r\n";
    [b"GET ", target.as_ref(), rest, headers.as_ref(), b"\r\n"].concat()
}

fn post(content_type: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!(
        "POST /values HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

#[test]
fn a_head_that_drips_is_cut_off() {
    let mock = run();
    let mut stream = connect(&mock);
    let started = Instant::now();
    // A byte at a time, and never the last: each one must not start the time anew.
    let drip = b"GET /items/mine HTTP/1.1\r\nhost: x\r\nx-more: ".iter().chain(std::iter::repeat(&b'a'));
    for byte in drip {
        if stream.write_all(&[*byte]).is_err() || started.elapsed() > Duration::from_secs(8) {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[test]
fn a_body_that_drips_or_never_ends_is_answered() {
    let mock = run();
    let mut stream = connect(&mock);
    let head = "POST /values HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    stream.write_all(format!("{head}content-length: 100000\r\n\r\n").as_bytes()).unwrap();
    let mut writer = stream.try_clone().unwrap();
    let dripping = std::thread::spawn(move || {
        while writer.write_all(b" ").is_ok() {
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let found = finish(stream);
    assert!(found.starts_with("HTTP/1.1 408 "), "{found}");
    assert!(found.contains("did not arrive in time"), "{found}");
    dripping.join().unwrap();
    let chunks = "1000\r\n".to_owned() + &" ".repeat(0x1000) + "\r\n";
    let endless = format!("{head}transfer-encoding: chunked\r\n\r\n{}", chunks.repeat(100));
    check(endless, 413, &["longer than the mock accepts"]);
}

#[test]
fn a_flood_of_headers_is_refused() {
    check(get("/items/mine", "a: b\r\n".repeat(100_000)), 431, &[]);
    check(get("/items/mine", format!("a: {}\r\n", "b".repeat(1_000_000))), 431, &[]);
    check(get(format!("/items/{}", "1".repeat(1_000_000)), ""), 431, &[]);
    check(get(format!("/search?q={}", "a".repeat(60_000)), ""), 204, &[]);
}

#[test]
fn lengths_that_conflict_are_refused() {
    let framed = |framing: &str, body: &str| {
        let head =
            "POST /values HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n";
        format!("{head}{framing}\r\n{body}")
    };
    check(framed("content-length: 2\r\ncontent-length: 3\r\n", "{} "), 400, &[]);
    check(framed("content-length: -2\r\n", "{}"), 400, &[]);
    check(framed("content-length: 99999999999999999999\r\n", "{}"), 400, &[]);
    check(framed("transfer-encoding: gzip\r\n", "{}"), 400, &[]);
    check(
        framed("transfer-encoding: chunked\r\n", "zz\r\n{}\r\n0\r\n\r\n"),
        400,
        &["not framed as HTTP asks"],
    );
    check(
        framed("transfer-encoding: chunked\r\n", "fffffffffffffffff\r\n{}"),
        400,
        &["not framed as HTTP asks"],
    );
}

/// Both framings at once are the way to smuggle a second request past a proxy (RFC 9112, 6.1).
#[test]
fn a_length_beside_chunks_smuggles_nothing() {
    let head = "POST /values HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 4\r\n";
    let smuggled = "GET /items/mine HTTP/1.1\r\nhost: x\r\n\r\n";
    let found = exchange(
        &run(),
        format!("{head}transfer-encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n{smuggled}").as_bytes(),
    );
    assert!(!found.contains("concrete"), "{found}");
}

#[test]
fn json_that_is_none_is_answered() {
    for body in ["{\"v\":", "{'v': 1}", "nul", "{\"v\": 1}}", "\u{feff}", "[1,]", "NaN", "\"\u{1}\""] {
        check(post("application/json", body), 400, &["not JSON", "\"keyword\":\"syntax\""]);
    }
    // A byte order mark is passed over (RFC 8259, 8.1), once.
    check(post("application/json", "\u{feff}{\"v\": 1}"), 204, &[]);
    check(post("application/json", "\u{feff}\u{feff}{\"v\": 1}"), 400, &["not JSON"]);
    check(post("application/json", "[".repeat(100_000)), 400, &["not JSON"]);
    check(post("application/json", "{\"a\":".repeat(40_000)), 400, &["not JSON"]);
    let deep = "[".repeat(100) + &"]".repeat(100);
    check(post("application/json", format!("{{\"v\": {deep}}}")), 400, &["#/v", "expected a number"]);
}

#[test]
fn numbers_beyond_every_bound_are_judged() {
    check(post("application/json", "{\"v\": 1e400}"), 400, &["application/problem+json"]);
    check(post("application/json", "{\"v\": -1e999999999999}"), 400, &["application/problem+json"]);
    check(post("application/json", "{\"v\": 1e-400}"), 204, &[]);
    check(
        post("application/json", format!("{{\"v\": \"{}\"}}", "9".repeat(100_000))),
        400,
        &["expected a number"],
    );
    check(get(format!("/search?n={}", "9".repeat(50_000)), ""), 400, &["query parameter `n`"]);
    check(get("/search?n=1e400", ""), 400, &["query parameter `n`"]);
    check(get("/items/1e99999", ""), 400, &["path parameter `id`"]);
    check(get("/items/--1", ""), 400, &["path parameter `id`"]);
}

#[test]
fn text_that_is_not_utf8_is_refused_in_each_place() {
    check(get("/texts/%ff", ""), 400, &["path parameter `text`", "UTF-8"]);
    check(get(b"/texts/\xff", ""), 400, &[]);
    check(get("/search?q=%c3%28", ""), 400, &["query parameter `q`", "UTF-8"]);
    check(get(b"/search?q=\xff", ""), 400, &[]);
    check(get("/search", b"x-text: \xff\xfe\r\n"), 400, &["header parameter `X-Text`", "UTF-8"]);
    check(get("/search", "x-text: gr\u{fc}n\r\n"), 204, &[]);
    check(get("/search", b"cookie: session=\xff\r\n"), 400, &["cookie parameter `session`", "UTF-8"]);
    check(post("application/json", b"{\"t\": \"\xff\"}"), 400, &["not JSON"]);
    check(post("application/json", b"{\"\xff\": 1}"), 400, &["not JSON"]);
    check(post("application/json", "{\"t\": \"\\ud800\"}"), 400, &["not JSON"]);
    check(post("application/x-www-form-urlencoded", "t=%ff"), 400, &["UTF-8"]);
    check(post("application/x-www-form-urlencoded", "%ff=t"), 400, &["UTF-8"]);
    check(post("application/xml", b"<a><t>\xff</t></a>"), 400, &["UTF-8"]);
    let part = |name: &[u8], body: &[u8]| {
        let form: [&[u8]; 5] =
            [b"--b\r\ncontent-disposition: form-data; name=\"", name, b"\"\r\n\r\n", body, b"\r\n--b--\r\n"];
        post("multipart/form-data; boundary=b", form.concat())
    };
    check(part(b"t", b"fine"), 204, &[]);
    check(part(b"t", b"\xff"), 400, &["UTF-8"]);
    check(part(b"\xff", b"t"), 400, &[]);
}

#[test]
fn bodies_of_other_types_that_are_none_are_answered() {
    for body in ["<a>", "</a>", "<a><b></a></b>", "<a>&unknown;</a>", "text"] {
        check(post("application/xml", body), 400, &["application/problem+json"]);
    }
    // Entities that grow: none is ever expanded.
    let laughs = "<!DOCTYPE a [<!ENTITY x \"ha\"><!ENTITY y \"&x;&x;&x;&x;\">]><a><t>&y;</t></a>";
    check(post("application/xml", laughs), 400, &["application/problem+json"]);
    check(post("application/xml", "<a>".repeat(50_000)), 400, &["application/problem+json"]);
    check(post("multipart/form-data", "x"), 400, &["boundary"]);
    check(post("multipart/form-data; boundary=b", "--b\r\n"), 400, &["application/problem+json"]);
    check(post("multipart/form-data; boundary=b", "x".repeat(100_000)), 400, &["application/problem+json"]);
    check(post("text/plain", "x"), 415, &["accept: application/json, "]);
    check(post("nonsense", "x"), 415, &["`nonsense` is not a documented one"]);
    check(post("application/json", ""), 400, &["a body is required"]);
}

#[test]
fn many_names_cost_no_more_than_their_bytes() {
    let names = (0..30_000).map(|n| format!("a{n}&")).collect::<String>();
    check(post("application/x-www-form-urlencoded", names), 400, &["unevaluatedProperties"]);
    let members = (0..15_000).map(|n| format!("\"a{n}\":0,")).collect::<String>();
    check(post("application/json", format!("{{{members}\"v\":0}}")), 400, &["unevaluatedProperties"]);
}

#[test]
fn an_answer_larger_than_the_limit_is_not_sent() {
    let mut limits = Limits::default();
    limits.response_bytes = 4;
    let found = exchange(&serve(DOCUMENT, limits), &get("/items/mine", ""));
    assert!(
        found.starts_with("HTTP/1.1 501 ") && found.contains("10 bytes, and the mock sends at most 4"),
        "{found}"
    );
}

#[test]
fn what_a_status_asks_for_is_sent() {
    check(
        "DELETE /items/mine HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        405,
        &["allow: GET, HEAD, OPTIONS\r\n"],
    );
    check("BREW /items/mine HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", 405, &["allow: "]);
    check(get("/locked", ""), 401, &["www-authenticate: Bearer"]);
    check(get("/locked", "authorization: Basic eDp5\r\n"), 401, &["www-authenticate: Bearer"]);
    check(
        "OPTIONS /items/mine HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        204,
        &["allow: GET, HEAD, OPTIONS\r\n"],
    );
    check(
        get("/answers", "accept: image/png\r\n"),
        406,
        &["application/json, application/xml, text/event-stream"],
    );
    check(get("/nowhere", ""), 404, &["no path of the document matches `/nowhere`"]);
}

#[test]
fn head_is_get_without_a_body() {
    let found = exchange(&run(), b"HEAD /items/mine HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    assert!(found.starts_with("HTTP/1.1 200 OK\r\n"), "{found}");
    assert!(found.contains("content-length: 10\r\n") && found.ends_with("\r\n\r\n"), "{found}");
}

#[test]
fn cookies_are_parameters() {
    check(get("/search", "cookie: other=1; session=7\r\n"), 204, &[]);
    check(
        get("/search", "cookie: session=seven\r\n"),
        400,
        &["cookie parameter `session`", "expected an integer"],
    );
}

#[test]
fn unevaluated_properties_are_refused() {
    check(post("application/json", "{\"v\": 1, \"w\": 1}"), 400, &["unevaluatedProperties", "#/w"]);
}

#[test]
fn a_path_value_may_be_a_union() {
    check(get("/unions/7", ""), 200, &["fine"]);
    check(get("/unions/me", ""), 200, &["fine"]);
    check(get("/unions/you", ""), 400, &["\"parameter\":\"union\"", "one of \\\"me\\\", \\\"all\\\""]);
}

#[test]
fn concrete_paths_and_suffixes_find_their_operation() {
    check(get("/items/mine", ""), 200, &["concrete"]);
    check(get("/items/7", ""), 200, &["templated"]);
    check(get("/calls/CA1.json", ""), 200, &["call"]);
    check(get("/calls/XX1.json", ""), 400, &["path parameter `Sid`"]);
    check(get("/calls/CA1", ""), 404, &[]);
    check(get("/calls/.json", ""), 404, &[]);
}

#[test]
fn xml_and_events_are_well_formed() {
    check(get("/answers", "accept: application/xml\r\n"), 200, &["<a><b>&lt;&amp;&gt;</b></a>"]);
    check(get("/answers", "accept: text/event-stream\r\n"), 200, &["data: hello\n\n"]);
}

#[test]
fn recursion_ends_and_what_no_value_can_be_is_said() {
    check(get("/answers", ""), 200, &["\"name\":\"leaf\""]);
    check(get("/endless", ""), 501, &["no value found"]);
}

#[test]
fn more_items_than_fit_are_capped() {
    check(get("/many", ""), 200, &["descant-notice: ", "1000000000", "[1,1,1,"]);
}

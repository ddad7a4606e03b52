//! What only a real socket shows: framing, limits, timeouts, faults on the wire, shutdown.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // in tests

mod bad_input;
mod control;
mod memory;
mod mutations;
mod room;
mod streams;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use descant_mock::{Limits, Mock, Running, Settings, start_with};
use descant_model::diagnostic::Severity;
use descant_model::load::{Options, load_text};

const DOCUMENT: &str = r#"
openapi: 3.1.0
info: {title: Pets, version: 1.0.0}
paths:
  /pets:
    get:
      responses: {'200': {description: all, content: {application/json: {example: [one, two]}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
      responses: {'201': {description: made}}
"#;

fn run() -> Running {
    let mut limits = Limits::default();
    limits.header_timeout = Duration::from_millis(500);
    limits.body_timeout = Duration::from_millis(500);
    limits.body_bytes = 1000;
    limits.connections = 2;
    serve(DOCUMENT, limits)
}

/// Serves a document that has no errors.
fn serve(document: &str, limits: Limits) -> Running {
    let loaded = load_text("document.yaml", document, &Options::default());
    assert!(!loaded.diagnostics.iter().any(|it| it.severity == Severity::Error), "{:#?}", loaded.diagnostics);
    start_with(Mock::new(Arc::new(loaded.api.unwrap()), Settings::default()), None, limits).unwrap()
}

fn connect(mock: &Running) -> TcpStream {
    let stream = TcpStream::connect(mock.url().strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}

/// Sends bytes and reads until the connection is closed.
fn exchange(mock: &Running, sent: &[u8]) -> String {
    let mut stream = connect(mock);
    // The other side may have refused what comes and be gone before it is all written.
    let _ = stream.write_all(sent);
    finish(stream)
}

/// Reads until the connection is closed.
fn finish(mut stream: TcpStream) -> String {
    let mut found = Vec::new();
    match stream.read_to_end(&mut found) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("{error}"),
        _ => String::from_utf8_lossy(&found).into_owned(),
    }
}

/// The answer to a request must begin with this; an empty one means that the connection is closed without an answer.
fn check(sent: impl AsRef<[u8]>, expected: &str) {
    let mock = run();
    let found = exchange(&mock, sent.as_ref());
    let fits = if expected.is_empty() { found.is_empty() } else { found.starts_with(expected) };
    let sent = String::from_utf8_lossy(sent.as_ref().get(..80).unwrap_or(sent.as_ref())).into_owned();
    assert!(fits, "{sent:?} gave {found:?}, expected {expected:?}");
    // Whatever came, the next client is served.
    assert!(
        exchange(&mock, b"GET /pets HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            .contains("[\"one\",\"two\"]")
    );
}

fn post(headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let head = format!(
        "POST /pets HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n{headers}\r\n"
    );
    [head.as_bytes(), body.as_ref()].concat()
}

fn sized(body: impl AsRef<[u8]>) -> Vec<u8> {
    post(&format!("content-length: {}\r\n", body.as_ref().len()), body)
}

#[test]
fn malformed_json_is_answered() {
    check(sized("{\"v\":"), "HTTP/1.1 400 Bad Request\r\n");
    check(sized([0xff, 0xfe]), "HTTP/1.1 400 Bad Request\r\n");
    check(sized("[".repeat(900)), "HTTP/1.1 400 Bad Request\r\n");
    check(sized("1e999999999"), "HTTP/1.1 400 Bad Request\r\n");
    check(sized("{}"), "HTTP/1.1 201 Created\r\n");
}

#[test]
fn head_has_the_length_and_no_body() {
    let found = exchange(&run(), b"HEAD /pets HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    assert!(found.starts_with("HTTP/1.1 200 OK\r\n"), "{found}");
    assert!(found.contains("content-length: 13\r\n") && found.ends_with("\r\n\r\n"), "{found}");
}

#[test]
fn bodies_have_limits() {
    check(sized("x".repeat(1001)), "HTTP/1.1 413 Payload Too Large\r\n");
    let chunks = "64\r\n".to_owned() + &"x".repeat(100) + "\r\n";
    check(post("transfer-encoding: chunked\r\n", chunks.repeat(20)), "HTTP/1.1 413 Payload Too Large\r\n");
    // A body that never ends.
    check(post("content-length: 100\r\n", "{"), "HTTP/1.1 408 Request Timeout\r\n");
}

/// The refusal comes before the body is asked for.
#[test]
fn a_body_beyond_the_limit_is_refused_before_it_is_sent() {
    let head = |expected: &str| post(&format!("content-length: 1001\r\nexpect: {expected}\r\n"), "");
    check(head("100-continue"), "HTTP/1.1 413 Payload Too Large\r\n");
    check(post("content-length: 2\r\nexpect: money\r\n", "{}"), "HTTP/1.1 417 ");
    check(
        post("content-length: 2\r\nexpect: 100-Continue\r\n", "{}"),
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 ",
    );
}

/// A page would else see a network error in place of the status (Fetch, 4.10).
#[test]
fn pages_can_read_what_is_refused_before_the_body_is_read() {
    let server = run();
    let origin = "origin: https://shop.example\r\n";
    let check = |request: Vec<u8>, status: &str| {
        let found = exchange(&server, &request).to_lowercase();
        assert!(found.starts_with(&format!("http/1.1 {status} ")), "{found}");
        for field in [
            "access-control-allow-origin: https://shop.example\r\n",
            "access-control-allow-credentials: true\r\n",
            "access-control-expose-headers: content-type",
            "vary: origin\r\n",
        ] {
            assert!(found.contains(field), "{field} {found}");
        }
    };
    check(post(&format!("{origin}content-length: 1001\r\n"), ""), "413");
    check(post(&format!("{origin}content-length: 2\r\nexpect: money\r\n"), "{}"), "417");
    check(post(&format!("{origin}content-length: 100\r\n"), "{"), "408");
    check(post(&format!("{origin}transfer-encoding: chunked\r\n"), "nonsense"), "400");
    // The interface is for its own page alone.
    let interface =
        format!("POST /__descant/rules HTTP/1.1\r\nhost: x\r\n{origin}content-length: 1001\r\n\r\n");
    let found = exchange(&server, interface.as_bytes());
    assert!(found.starts_with("HTTP/1.1 413 ") && !found.contains("access-control"), "{found}");
}

#[test]
fn a_request_has_one_host() {
    check("GET /pets HTTP/1.1\r\nconnection: close\r\n\r\n", "HTTP/1.1 400 ");
    check("GET /pets HTTP/1.1\r\nhost: a\r\nhost: a\r\nconnection: close\r\n\r\n", "HTTP/1.1 400 ");
    check("GET /pets HTTP/1.0\r\n\r\n", "HTTP/1.0 200 ");
}

#[test]
fn heads_have_limits() {
    let flood =
        |count: usize, line: &str| format!("GET /pets HTTP/1.1\r\nhost: x\r\n{}\r\n", line.repeat(count));
    check(flood(100_000, "a: b\r\n"), "HTTP/1.1 431 ");
    check(flood(1, &format!("a: {}\r\n", "b".repeat(1_000_000))), "HTTP/1.1 431 ");
    check(format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "b".repeat(70_000)), "HTTP/1.1 414 ");
    check(format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "b".repeat(1_000_000)), "HTTP/1.1 4");
    check(flood(1, &format!("a: {}\r\n", "b".repeat(66_000))), "HTTP/1.1 431 ");
    check(flood(1, &format!("connection: close\r\na: {}\r\n", "b".repeat(65_000))), "HTTP/1.1 200 ");
    check("nonsense\r\n\r\n", "HTTP/1.1 400 ");
    check("GET /pets HTTP/1.1\r\nhost: x\r\nconnection: close\r\na: \u{ff}\r\n\r\n", "HTTP/1.1 200 ");
    check("GET /%ff%00?a=%ff HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", "HTTP/1.1 404 ");
}

#[test]
fn conflicting_lengths_are_refused() {
    check(post("content-length: 2\r\ncontent-length: 3\r\n", "{}"), "HTTP/1.1 400 ");
    check(post("content-length: -1\r\n", "{}"), "HTTP/1.1 400 ");
}

#[test]
fn a_slow_head_is_cut_off() {
    let mock = run();
    let mut stream = connect(&mock);
    let started = Instant::now();
    stream.write_all(b"GET /pets HTTP/1.1\r\n").unwrap();
    let mut found = String::new();
    let _ = stream.read_to_string(&mut found);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[test]
fn more_connections_than_allowed_wait() {
    let mock = run();
    let (first, second) = (connect(&mock), connect(&mock));
    let waiting = connect(&mock);
    drop((first, second));
    drop(waiting);
    assert!(exchange(&mock, b"GET /pets HTTP/1.0\r\n\r\n").contains("[\"one\",\"two\"]"));
}

#[test]
fn faults_on_the_wire() {
    let asked = |fault: &str| {
        let request =
            format!("GET /pets HTTP/1.1\r\nhost: x\r\nconnection: close\r\nprefer: {fault}\r\n\r\n");
        exchange(&run(), request.as_bytes())
    };
    assert_eq!(asked("fault=reset"), "");
    let empty = asked("fault=empty");
    assert!(empty.contains("content-length: 13\r\n") && empty.ends_with("\r\n\r\n"), "{empty}");
    assert!(asked("fault=malformed").ends_with("[\"one\""), "{}", asked("fault=malformed"));
    assert!(asked("fault=slow").ends_with("[\"one\",\"two\"]"));
    let started = Instant::now();
    assert!(asked("delay=300").ends_with("[\"one\",\"two\"]"));
    assert!(started.elapsed() >= Duration::from_millis(300));
}

/// The usual delay holds for what is admitted, unless a rule states another.
#[test]
fn responses_are_late_by_setting_and_by_rule() {
    let api = load_text("document.yaml", DOCUMENT, &Options::default()).api.unwrap();
    let settings = Settings::default().with_delay("200..300ms".parse().ok());
    let mock = start_with(Mock::new(Arc::new(api), settings), None, Limits::default()).unwrap();
    let elapsed = |target: &str| {
        let started = Instant::now();
        let request = format!("GET {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        exchange(&mock, request.as_bytes());
        started.elapsed().as_millis()
    };
    assert!(elapsed("/pets") >= 200, "by setting");
    assert!(elapsed("/dogs") < 200, "a refusal is not late");
    let rule = r#"{"operation": "GET /pets", "answers": [{"delay": 0}, {"delay": "400..500ms"}]}"#;
    mock.mock().rules().set(vec![serde_json::from_str(rule).unwrap()]);
    assert!(elapsed("/pets") < 200, "a rule states another");
    assert!(elapsed("/pets") >= 400, "a range of a rule");
}

#[test]
fn dropping_it_stops_it() {
    let mock = run();
    let url = mock.url();
    let idle = connect(&mock);
    let started = Instant::now();
    drop(mock);
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    assert!(TcpStream::connect(url.strip_prefix("http://").unwrap()).is_err());
    drop(idle);
}

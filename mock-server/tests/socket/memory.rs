//! Clients that do not read, or do not finish what they send, hold a bounded part of memory for a bounded time.

use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use descant_mock::{Limits, Mock, Overlay, Request, Response, Running, Settings, start_with};
use descant_model::load::{Options, load_text};
use futures_util::future::BoxFuture;

use crate::{connect, exchange, finish, post};

const LISTS: &str = r#"
openapi: 3.1.0
info: {title: Lists, version: 1.0.0}
paths:
  /short: {get: {responses: {'200': {description: short, content: {application/json: {example: short}}}}}}
  /long: {get: {responses: {'200': {description: long, content: {application/octet-stream: {}}}}}}
  /pets:
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: string}}}}
      responses: {'204': {description: taken}}
"#;

/// The length of the response of `/long`: more than the buffers of a connection hold.
const LONG: usize = 20_000_000;

/// Makes the response of `/long` anew at each call.
struct Long;

impl Overlay for Long {
    fn call(&self, request: Request) -> BoxFuture<'_, Option<Response>> {
        let is_long = request.uri().path() == "/long";
        Box::pin(async move { is_long.then(|| Response::new(Bytes::from(vec![b'x'; LONG]))) })
    }
}

fn run() -> Running {
    let mut limits = Limits::default();
    limits.buffer_bytes = LONG * 5 / 4;
    limits.body_bytes = LONG;
    limits.stall_timeout = Duration::from_millis(700);
    let api = load_text("lists.yaml", LISTS, &Options::default()).api.unwrap();
    start_with(Mock::new(Arc::new(api), Settings::default()), Some(Arc::new(Long)), limits).unwrap()
}

fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").into_bytes()
}

#[test]
fn a_client_that_does_not_read_gives_its_memory_back() {
    let mock = run();
    assert!(exchange(&mock, &get("/long")).len() > LONG);
    let mut idle = connect(&mock);
    idle.write_all(&get("/long")).unwrap();
    // The first bytes are there: the response was made, and takes most of the budget.
    idle.read_exact(&mut [0; 100]).unwrap();
    assert!(exchange(&mock, &get("/short")).contains("short"), "others are served meanwhile");
    let started = Instant::now();
    let second = exchange(&mock, &get("/long"));
    let is_refused = second.starts_with("HTTP/1.1 503 ") && second.contains("retry-after: 1\r\n");
    assert!(is_refused || second.len() > LONG, "{}", &second[..200]);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    std::thread::sleep(Duration::from_secs(1));
    assert!(exchange(&mock, &get("/long")).len() > LONG, "the idle client was cut off");
}

#[test]
fn a_large_body_that_stalls_is_refused() {
    let mock = run();
    let length = format!("content-length: {LONG}\r\n");
    let mut stalled = connect(&mock);
    stalled.write_all(&post(&length, "\"".repeat(100_000))).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    let small = post("content-length: 4\r\n", "\"ab\"");
    assert!(exchange(&mock, &small).starts_with("HTTP/1.1 204 "), "small bodies are not counted");
    let large = post(&length, format!("\"{}\"", "a".repeat(LONG - 2)));
    let started = Instant::now();
    let found = exchange(&mock, &large);
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
    assert!(found.starts_with("HTTP/1.1 503 ") || found.starts_with("HTTP/1.1 204 "), "{found}");
    assert!(finish(stalled).starts_with("HTTP/1.1 408 "));
    assert!(exchange(&mock, &large).starts_with("HTTP/1.1 204 "), "the memory is free again");
}

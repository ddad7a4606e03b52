//! Callbacks and webhooks that a mock sends: to a receiver of the test, on a socket.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // in tests

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use descant_mock::state::Memory;
use descant_mock::{Journal, JournalEntry, Mock, MountedApi, Server, Settings};
use descant_model::load::{Options, load_text};
use serde_json::{Value, json};

const DOCUMENT: &str = "
openapi: 3.1.0
info: {title: Shop, version: '1'}
paths:
  /orders:
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {callbackUrl: {type: string}, item: {type: string}}}}}}
      responses: {'201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}}
      callbacks:
        shipped:
          '{$request.body#/callbackUrl}?order={$response.body#/id}':
            post:
              parameters: [{name: X-Event, in: header, required: true, schema: {const: order.shipped}}]
              security: [{hook: []}]
              requestBody: {content: {application/json: {schema: {type: object, required: [order], properties: {order: {$ref: '#/components/schemas/Order'}}}}}}
              responses: {'204': {description: received}}
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {'200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}}}
webhooks:
  stockLow:
    post:
      requestBody: {content: {application/json: {schema: {type: object}, example: {left: 3}}}}
      responses: {'204': {description: received}}
components:
  securitySchemes:
    hook: {type: apiKey, in: header, name: X-Hook-Key, x-descant: {credentials: [{value: hook-key}]}}
  schemas:
    Order: {type: object, required: [id], properties: {id: {type: integer}, item: {type: string}}}
";

/// A served mock.
struct Served {
    url: String,
    journal: Arc<Journal>,
    runtime: tokio::runtime::Runtime,
}

impl Served {
    fn new(settings: Settings) -> Self {
        let api = load_text("shop.yaml", DOCUMENT, &Options::default()).api.unwrap();
        let mock = Mock::new(Arc::new(api), settings.with_items(0)).with_state(Arc::new(Memory::default()));
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let api = MountedApi::new(Arc::new(mock));
        let journal = api.journal().clone();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(Server::new([api]).with_admin(true).run(listener, std::future::pending()));
        Self { url, journal, runtime }
    }

    /// Sends a request, and returns the status and the time to the response.
    fn call(&self, method: &str, path: &str, origin: Option<&str>, body: Value) -> (u16, Duration) {
        let started = Instant::now();
        let request = reqwest::Client::new().request(method.parse().unwrap(), format!("{}{path}", self.url));
        let request = request.header("content-type", "application/json").body(body.to_string());
        let request = origin.into_iter().fold(request, |request, origin| request.header("origin", origin));
        let response = self.runtime.block_on(request.send()).unwrap();
        (response.status().as_u16(), started.elapsed())
    }

    /// Waits for the exchange of a callback or webhook in the journal.
    fn logged(&self, operation: &str) -> JournalEntry {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            let mut entries = self.journal.since(0);
            entries.retain(|entry| entry.operation.as_deref() == Some(operation));
            match entries.pop() {
                Some(entry) => return entry,
                None if Instant::now() > end => panic!("`{operation}` is not in the journal"),
                None => thread::sleep(Duration::from_millis(20)),
            }
        }
    }
}

/// A request as the receiver got it: its lines, and its body.
type Received = (Vec<String>, String);

/// A receiver that responds with these heads in turn, each on a connection of its own; a head that is empty never comes.
fn receiver(heads: Vec<&'static str>) -> (String, Receiver<Received>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, received) = channel();
    thread::spawn(move || {
        let mut open = Vec::new();
        for head in heads {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let lines: Vec<String> =
                reader.by_ref().lines().map(Result::unwrap).take_while(|line| !line.is_empty()).collect();
            let length = lines
                .iter()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |text| text.parse().unwrap());
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            sender.send((lines, String::from_utf8(body).unwrap())).unwrap();
            if !head.is_empty() {
                write!(stream, "HTTP/1.1 {head}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
            }
            open.push(stream);
        }
        thread::sleep(Duration::from_secs(30));
    });
    (url, received)
}

const WAIT: Duration = Duration::from_secs(20);

#[test]
fn a_callback_shows_what_the_call_created() {
    let (url, received) = receiver(vec!["204 No Content"]);
    let mock = Served::new(Settings::default());
    let body = json!({"callbackUrl": format!("{url}/hooks"), "item": "tea"});
    assert_eq!(mock.call("POST", "/orders", Some("http://localhost:5173"), body).0, 201);
    let (lines, body) = received.recv_timeout(WAIT).unwrap();
    assert_eq!(lines[0], "POST /hooks?order=1 HTTP/1.1");
    assert!(lines.contains(&"x-event: order.shipped".to_owned()), "{lines:?}");
    assert!(
        lines.contains(&"x-hook-key: hook-key".to_owned()),
        "the document says that it is authorized so: {lines:?}"
    );
    let shown: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&shown["order"]["id"], &shown["order"]["item"]), (&json!(1), &json!("tea")), "{body}");
    let entry = mock.logged("callback shipped");
    assert_eq!((entry.status, entry.response.as_deref()), (204, None));
    assert_eq!(entry.target, format!("{url}/hooks?order=1"));
}

#[test]
fn a_busy_receiver_is_tried_again_and_a_redirect_is_not_followed() {
    let (url, received) = receiver(vec!["503 Busy", "503 Busy", "204 No Content"]);
    let mock = Served::new(Settings::default());
    mock.call("POST", "/orders", None, json!({"callbackUrl": url}));
    assert_eq!(mock.logged("callback shipped").status, 204);
    assert_eq!(received.try_iter().count(), 3);

    let (other, seen_there) = receiver(vec!["204 No Content"]);
    let head = format!("302 Found\r\nlocation: {other}/").leak();
    let (url, received) = receiver(vec![head]);
    let mock = Served::new(Settings::default());
    mock.call("POST", "/orders", None, json!({"callbackUrl": url}));
    let entry = mock.logged("callback shipped");
    assert_eq!(entry.response.as_deref(), Some("not delivered: a redirect of the receiver is not followed"));
    assert_eq!((entry.status, received.try_iter().count(), seen_there.try_iter().count()), (302, 1, 0));
}

#[test]
fn a_receiver_that_hangs_stalls_nobody() {
    let (url, received) = receiver(vec![""; 3]);
    let mock = Served::new(Settings::default());
    let (status, took) = mock.call("POST", "/orders", None, json!({"callbackUrl": url}));
    assert!(status == 201 && took < Duration::from_secs(2), "{status} after {took:?}");
    received.recv_timeout(WAIT).unwrap();
    let (status, took) = mock.call("GET", "/orders/1", None, Value::Null);
    assert!(status == 200 && took < Duration::from_secs(2), "{status} after {took:?}");
    let entry = mock.logged("callback shipped");
    let reason = "not delivered: no response within 5 seconds (3 attempts)";
    assert_eq!((entry.status, entry.response.as_deref()), (504, Some(reason)));
}

#[test]
fn other_hosts_and_pages_of_other_sites_cause_no_connection() {
    let mock = Served::new(Settings::default());
    mock.call("POST", "/orders", None, json!({"callbackUrl": "http://203.0.113.7/hooks"}));
    let entry = mock.logged("callback shipped");
    let reason = "not delivered: `203.0.113.7` is not the loopback: --allow-callbacks 203.0.113.7 allows it";
    assert_eq!((entry.status, entry.response.as_deref()), (403, Some(reason)));

    let (url, received) = receiver(vec!["204 No Content"]);
    let mock = Served::new(Settings::default());
    mock.call("POST", "/orders", Some("https://example.com"), json!({"callbackUrl": url}));
    assert!(received.recv_timeout(Duration::from_millis(500)).is_err());
    mock.call("POST", "/orders", None, json!({"item": "no URL"}));
    assert_eq!(mock.journal.since(0).len(), 2, "an expression without a value causes nothing");
}

#[test]
fn webhooks_are_sent_by_hand_and_by_a_rule() {
    let (url, received) = receiver(vec!["204 No Content"; 3]);
    let mock = Served::new(Settings::default());
    let post = |body: Value| mock.call("POST", "/__descant/webhooks/stockLow", None, body).0;
    assert_eq!(post(json!({})), 400, "no receiver is known");
    assert_eq!(post(json!({"url": "http://example.com/"})), 400);
    assert_eq!(post(json!({"url": format!("{url}/one"), "body": {"left": 0}})), 202);
    let (lines, body) = received.recv_timeout(WAIT).unwrap();
    assert_eq!((lines[0].as_str(), body.as_str()), ("POST /one HTTP/1.1", r#"{"left":0}"#));

    assert_eq!(mock.call("PUT", "/__descant/webhooks", None, json!({"url": format!("{url}/all")})).0, 204);
    assert_eq!(post(json!({})), 202);
    let (lines, body) = received.recv_timeout(WAIT).unwrap();
    assert_eq!((lines[0].as_str(), body.as_str()), ("POST /all HTTP/1.1", r#"{"left":3}"#));
    assert_eq!(mock.call("POST", "/__descant/webhooks/stock", None, json!({})).0, 404);

    let rules = json!([{"operation": "POST /orders", "answers": [{"webhook": "stockLow"}]}]);
    assert_eq!(mock.call("PUT", "/__descant/rules", None, rules).0, 204);
    assert_eq!(mock.call("POST", "/orders", None, json!({})).0, 201, "the state responds");
    assert_eq!(received.recv_timeout(WAIT).unwrap().1, r#"{"left":3}"#);
    let unknown = json!([{"operation": "*", "answers": [{"webhook": "stock"}]}]);
    assert_eq!(mock.call("PUT", "/__descant/rules", None, unknown).0, 400);
}

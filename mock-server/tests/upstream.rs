//! A mock before a real service over real sockets: what it passes on, what it finds, and what it makes up for.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // in tests

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use descant_mock::{
    Journal, JournalEntry, Mock, MountedApi, Recorder, Rule, Server, Settings, Upstream, UpstreamConfig,
    respond,
};
use descant_model::load::{Options, load_text};
use futures_util::StreamExt;
use reqwest::redirect::Policy;
use reqwest::{Client, Method};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const DOCUMENT: &str = r#"
openapi: 3.1.0
info: {title: Pets, version: 1.0.0}
servers: [{url: https://pets.example.com/v2}]
paths:
  /pets:
    get:
      security: [{key: []}, {}]
      parameters: [{name: limit, in: query, schema: {type: integer}}]
      responses:
        '200':
          description: all
          headers: {x-total: {required: true, schema: {type: integer}}}
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
      responses: {'201': {description: made}}
  /pets/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        '200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}, example: {id: 1, name: Rex}}}}
        '404': {description: none, content: {application/json: {schema: {type: object, required: [error]}}}}
  /planned: {get: {responses: {'200': {description: later, content: {application/json: {example: planned}}}}}}
  /events: {get: {responses: {'200': {description: as they come, content: {text/event-stream: {schema: {type: array}}}}}}}
  /moved: {get: {responses: {'302': {description: elsewhere}}}}
  /login:
    post:
      security: [{key: []}]
      requestBody: {content: {application/json: {schema: {type: object, properties: {user: {type: string}, pin: {type: string, format: password}}}}}}
      responses:
        '200':
          description: in
          content: {application/json: {schema: {type: object, required: [name, accessToken], properties: {name: {type: string}, accessToken: {type: string, minLength: 3}, echo: {type: string}, phrase: {$ref: '#/components/schemas/Phrase'}}}}}
  /secret: {get: {security: [{key: []}], responses: {'204': {description: fine}}}}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: x-key, x-descant: {credentials: [{value: known-to-the-mock}]}}}
  schemas:
    Phrase: {type: string, format: password}
    Pet: {type: object, required: [id, name], properties: {id: {type: integer}, name: {type: string}, chip: {type: string, writeOnly: true}}}
"#;

/// The heads of the requests that a service got.
type Seen = Arc<Mutex<Vec<(String, HeaderMap)>>>;

fn json(body: &'static str) -> Response {
    ([("content-type", "application/json"), ("x-total", "2")], body).into_response()
}

/// A service with faults: pet 2 has no name, pet 4 shows what is `writeOnly`, the list has no `x-total` where `limit` is 1, `/events` never ends.
fn service(seen: Seen) -> Router {
    let events = || async {
        let events = futures_util::stream::iter([Ok::<_, Infallible>(Bytes::from("data: 1\n\n"))]);
        let events = events.chain(futures_util::stream::pending());
        ([("content-type", "text/event-stream")], Body::from_stream(events))
    };
    let list = |request: Request| async move {
        match request.uri().query() {
            Some("limit=1") => ([("content-type", "application/json")], "[]").into_response(),
            _ => json(r#"[{"id": 1, "name": "Rex"}]"#),
        }
    };
    let login = |headers: HeaderMap| async move {
        let key = headers["x-key"].to_str().unwrap().to_owned();
        let body = format!(
            r#"{{"name": "Ida", "accessToken": "token-of-ida", "echo": "by {key}", "phrase": "open sesame"}}"#
        );
        ([("content-type", "application/json"), ("set-cookie", "sid=session-of-ida")], body)
    };
    let api = Router::new()
        .route("/pets", get(list).post(|| async { axum::http::StatusCode::CREATED }))
        .route("/pets/1", get(|| async { json(r#"{"id": 1, "name": "Ida"}"#) }))
        .route("/pets/2", get(|| async { json(r#"{"id": 2}"#) }))
        .route("/pets/4", get(|| async { json(r#"{"id": 4, "name": "Leo", "chip": "secret"}"#) }))
        .route("/pets/3", get(|| async { (axum::http::StatusCode::NOT_FOUND, json(r#"{"error": "gone"}"#)) }))
        .route("/events", get(events))
        .route("/moved", get(|| async { (axum::http::StatusCode::FOUND, [("location", "/v2/pets/1")]) }))
        .route(
            "/shared",
            get(|| async { ([("access-control-allow-origin", "http://own.example.com")], json("1")) }),
        )
        .route("/secret", any(|| async { axum::http::StatusCode::NO_CONTENT }))
        .route("/login", post(login))
        .route("/unknown", post(|body: Bytes| async move { body }));
    let note = move |request: Request, next: axum::middleware::Next| {
        seen.lock().unwrap().push((request.uri().to_string(), request.headers().clone()));
        next.run(request)
    };
    Router::new().nest("/v2", api).layer(axum::middleware::from_fn(note))
}

/// A mock before the service.
struct Proxy {
    url: String,
    client: Client,
    seen: Seen,
    journal: Arc<Journal>,
    recorder: Arc<Recorder>,
}

fn mock() -> Mock {
    let api = load_text("pets.yaml", DOCUMENT, &Options::default()).api.unwrap();
    Mock::new(Arc::new(api), Settings::default())
}

impl Proxy {
    async fn new(settings: UpstreamConfig) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let upstream = format!("http://{}/v2", listener.local_addr().unwrap());
        let seen = Seen::default();
        let service = service(seen.clone());
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self::before(&upstream, settings, seen).await
    }

    async fn before(upstream: &str, settings: UpstreamConfig, seen: Seen) -> Self {
        let recorder = Arc::new(Recorder::default());
        let upstream = Upstream::new(upstream, settings).unwrap().with_recorder(recorder.clone());
        let mock = Arc::new(mock().accept_any_credentials());
        let api = MountedApi::new(mock).with_upstream(Arc::new(upstream));
        let journal = api.journal().clone();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(Server::new([api]).run(listener, std::future::pending()));
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        Self { url, client, seen, journal, recorder }
    }

    fn request(&self, method: &str, target: &str) -> reqwest::RequestBuilder {
        self.client.request(Method::from_bytes(method.as_bytes()).unwrap(), format!("{}{target}", self.url))
    }

    /// Status, what the mock has to say, and the body.
    async fn call(&self, request: reqwest::RequestBuilder) -> (u16, String, String) {
        let response = request.send().await.unwrap();
        let notice = response.headers().get("descant-notice");
        let notice = notice.map(|notice| notice.to_str().unwrap().to_owned()).unwrap_or_default();
        (response.status().as_u16(), notice, response.text().await.unwrap())
    }

    async fn get(&self, target: &str) -> (u16, String, String) {
        self.call(self.request("GET", target)).await
    }

    fn last(&self) -> JournalEntry {
        self.journal.since(0).pop().unwrap()
    }
}

fn fallback() -> UpstreamConfig {
    UpstreamConfig::default().with_fallback(true)
}

#[tokio::test]
async fn what_follows_the_document_passes_unchanged() {
    let proxy = Proxy::new(UpstreamConfig::default()).await;
    let found = proxy.get("/pets").await;
    assert_eq!(found, (200, String::new(), r#"[{"id": 1, "name": "Rex"}]"#.into()));
    // With the base path of the document's server, too.
    assert_eq!(proxy.get("/v2/pets/1").await.2, r#"{"id": 1, "name": "Ida"}"#);
    let targets: Vec<_> = proxy.seen.lock().unwrap().iter().map(|(target, _)| target.clone()).collect();
    assert_eq!(targets, ["/v2/pets", "/v2/pets/1"]);
    let last = proxy.last();
    assert_eq!(
        (last.operation.as_deref(), last.request, last.response),
        (Some("GET /pets/{id}"), None, None)
    );
}

#[tokio::test]
async fn what_breaks_the_document_passes_with_a_notice() {
    let proxy = Proxy::new(UpstreamConfig::default()).await;
    let check = async |request, status: u16, notice: &str| {
        let found = proxy.call(request).await;
        assert_eq!((found.0, found.1.as_str()), (status, notice), "{}", found.2);
        let last = proxy.last();
        let said = last.request.map(|it| format!("request: {it}")).into_iter();
        let said: Vec<_> = said.chain(last.response.map(|it| format!("response: {it}"))).collect();
        assert_eq!(said.join("; "), notice);
    };
    let get = |target| proxy.request("GET", target);
    check(get("/pets/2"), 200, "response: body: expected the property \"name\"").await;
    check(get("/pets/4"), 200, "response: body: /chip: expected no writeOnly property in this direction")
        .await;
    check(get("/pets?limit=1"), 200, "response: header: `x-total` is required, but absent").await;
    check(get("/pets?limit=x"), 200, "request: query parameter `limit`: expected an integer, found `x`")
        .await;
    check(get("/cats"), 404, "request: no path of the document matches `/cats`").await;
    check(get("/planned"), 404, "response: status: the document describes no response for 404").await;
    // Who presents any key is the service's business; who presents none breaks the document.
    check(get("/secret").header("x-key", "any"), 204, "").await;
    check(get("/secret"), 204, "request: header `x-key` is missing (scheme `key`)").await;
    // An operation that the document does not know reaches the service with its body.
    let found = proxy.call(proxy.request("POST", "/unknown").body("as it is")).await;
    assert_eq!((found.0, found.2.as_str()), (200, "as it is"));
}

#[tokio::test]
async fn strict_stops_what_breaks_the_document() {
    let proxy = Proxy::new(UpstreamConfig::default().with_strict(true)).await;
    let (status, _, body) = proxy.get("/pets/2").await;
    assert!(status == 502 && body.contains("body: expected the property"), "{body}");
    assert_eq!(proxy.get("/pets?limit=x").await.0, 400);
    assert_eq!(proxy.get("/cats").await.0, 404);
    assert_eq!(proxy.seen.lock().unwrap().len(), 1, "a request that is refused goes no further");
    assert_eq!(proxy.get("/pets").await.0, 200);
}

#[tokio::test]
async fn fallback_mocks_what_the_service_lacks() {
    let proxy = Proxy::new(fallback()).await;
    let (status, notice, body) = proxy.get("/planned").await;
    assert_eq!((status, body.as_str()), (200, "\"planned\""));
    assert_eq!(notice, "mocked, for the upstream has no such operation");
    // A 404 as the document describes it is the service's answer.
    assert_eq!(proxy.get("/pets/3").await.0, 404);
    assert_eq!(proxy.get("/pets/1").await.2, r#"{"id": 1, "name": "Ida"}"#);
    // The caller may ask for an answer of the document.
    let found = proxy.call(proxy.request("GET", "/pets/1").header("prefer", "code=404")).await;
    assert_eq!(found.0, 404);
    // Nothing listens there.
    let nobody = Proxy::before("http://127.0.0.1:1", fallback(), Seen::default()).await;
    assert_eq!(nobody.get("/pets/1").await.2, r#"{"id":1,"name":"Rex"}"#);
    let nobody = Proxy::before("http://127.0.0.1:1", UpstreamConfig::default(), Seen::default()).await;
    assert_eq!(nobody.get("/pets/1").await.0, 502);
    assert!(nobody.last().response.unwrap().starts_with("the upstream does not answer: "));
}

#[tokio::test]
async fn fields_of_one_connection_stay_behind() {
    let proxy = Proxy::new(UpstreamConfig::default()).await;
    let request = proxy.request("GET", "/pets").header("connection", "close, x-hop").header("x-hop", "1");
    let request = request.header("te", "trailers").header("proxy-authorization", "Basic eDp5");
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let request = request.header("host", "localhost:1").header("traceparent", trace);
    assert_eq!(proxy.call(request.header("x-kept", "1").header("accept-encoding", "gzip")).await.0, 200);
    let (_, headers) = proxy.seen.lock().unwrap().pop().unwrap();
    for gone in ["x-hop", "te", "proxy-authorization", "connection"] {
        assert!(!headers.contains_key(gone), "{gone}");
    }
    assert_ne!(headers["host"], "localhost:1");
    let kept =
        ["x-kept", "traceparent", "via", "accept-encoding"].map(|name| headers[name].to_str().unwrap());
    assert_eq!(kept, ["1", trace, "1.1 descant", "identity"]);
}

#[tokio::test]
async fn streams_come_as_they_are_sent() {
    let proxy = Proxy::new(UpstreamConfig::default()).await;
    let response = proxy.request("GET", "/events").send().await.unwrap();
    let mut events = response.bytes_stream();
    // The service never ends this stream: held back, the event would not come.
    let first = tokio::time::timeout(Duration::from_secs(20), events.next()).await.unwrap();
    assert_eq!(first.unwrap().unwrap(), "data: 1\n\n");
    drop(events);
    while proxy.journal.since(0).is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!((proxy.last().status, proxy.last().response), (200, None));
}

#[tokio::test]
async fn a_body_too_long_to_be_held_passes_unjudged() {
    let proxy = Proxy::new(UpstreamConfig::default().with_body_bytes(4)).await;
    assert_eq!(proxy.get("/pets/2").await.2, r#"{"id": 2}"#);
    while proxy.journal.since(0).is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(proxy.last().response.unwrap(), "the body has more than 4 bytes, and was not judged");
}

#[tokio::test]
async fn redirects_come_back_to_the_mock() {
    let proxy = Proxy::new(UpstreamConfig::default()).await;
    for (target, expected) in [("/moved", "/pets/1"), ("/v2/moved", "/v2/pets/1")] {
        let response = proxy.request("GET", target).send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["location"]),
            (302, &expected.parse().unwrap())
        );
    }
    assert_eq!(proxy.seen.lock().unwrap().len(), 2, "none is followed");
}

#[tokio::test]
async fn head_and_options() {
    let proxy = Proxy::new(UpstreamConfig::default()).await;
    let head = proxy.request("HEAD", "/pets").send().await.unwrap();
    assert_eq!((head.status().as_u16(), head.headers()["content-length"].to_str().unwrap()), (200, "26"));
    assert_eq!(proxy.last().response, None);
    // What the service says of a method that it lacks comes back with its `Allow`.
    let lacking = proxy.request("PUT", "/pets").send().await.unwrap();
    assert_eq!(
        (lacking.status().as_u16(), lacking.headers()["allow"].to_str().unwrap()),
        (405, "GET,HEAD,POST")
    );
}

/// The service of the tests sends CORS fields for `http://own.example.com` alone.
#[tokio::test]
async fn the_service_decides_which_pages_read_it_unless_all_may() {
    let preflight = |proxy: &Proxy| {
        let preflight = proxy.request("OPTIONS", "/pets").header("origin", "http://page.example.com");
        preflight.header("access-control-request-method", "POST").send()
    };
    let page =
        |proxy: &Proxy| proxy.request("GET", "/shared").header("origin", "http://page.example.com").send();
    let closed = Proxy::new(UpstreamConfig::default()).await;
    let found = page(&closed).await.unwrap();
    assert_eq!(found.headers()["access-control-allow-origin"], "http://own.example.com");
    let refused = preflight(&closed).await.unwrap();
    assert_eq!(refused.headers().get("access-control-allow-origin"), None, "{refused:?}");
    assert_eq!(closed.seen.lock().unwrap().len(), 2, "the service answers the preflight");

    let open = Proxy::new(UpstreamConfig::default().with_cors(true)).await;
    let found = page(&open).await.unwrap();
    assert_eq!(found.headers()["access-control-allow-origin"], "http://page.example.com");
    let allowed = preflight(&open).await.unwrap();
    assert_eq!(allowed.headers()["access-control-allow-methods"], "GET, POST, HEAD, OPTIONS");
    assert_eq!(open.seen.lock().unwrap().len(), 1, "the mock answers a preflight itself");
}

/// What is validated is what is sent: a client of HTTP would resolve these, so they go by a socket.
#[tokio::test]
async fn no_target_leaves_the_base_path() {
    let proxy = Proxy::new(UpstreamConfig::default()).await;
    for target in ["/../admin", "/%2e%2e/admin", "/pets/..%2e", "/pets/%2E/1", "/pets/../../admin"] {
        let found = raw(&proxy.url, target).await;
        let leaves = !matches!(target, "/pets/..%2e");
        assert_eq!(found.starts_with("HTTP/1.1 400 "), leaves, "{target}: {found}");
    }
    let seen: Vec<_> = proxy.seen.lock().unwrap().iter().map(|(target, _)| target.clone()).collect();
    assert_eq!(seen, ["/v2/pets/..%2e"], "a segment of three dots is a name");
}

/// Sends a request by a socket, and reads its response to the end.
async fn raw(url: &str, target: &str) -> String {
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).await.unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut found = String::new();
    stream.read_to_string(&mut found).await.unwrap();
    found
}

/// A page whose name was rebound to this machine reaches no service through it.
#[tokio::test]
async fn hosts_of_others_are_refused() {
    let proxy = Proxy::new(UpstreamConfig::default()).await;
    let call = proxy.request("GET", "/pets").header("host", "rebound.example.com");
    assert_eq!(proxy.call(call).await.0, 421);
    assert!(proxy.seen.lock().unwrap().is_empty());
    assert_eq!(proxy.call(proxy.request("GET", "/pets").header("host", "localhost:1")).await.0, 200);
}

#[tokio::test]
async fn a_service_that_switches_protocols_unasked_gives_502() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let upstream = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await;
        let switch = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: raw\r\nconnection: upgrade\r\n\r\n";
        stream.write_all(switch).await.unwrap();
        std::future::pending::<()>().await;
    });
    let proxy = Proxy::before(&upstream, UpstreamConfig::default(), Seen::default()).await;
    let (status, notice, _) = proxy.get("/pets").await;
    assert_eq!(status, 502, "{notice}");
}

#[test]
fn an_upstream_is_one_plain_url() {
    for url in ["ftp://a", "http://user:secret@a", "http://a/?b", "http://a/#b", "a", ""] {
        let error = Upstream::new(url, UpstreamConfig::default()).err().unwrap_or_else(|| panic!("{url}"));
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[tokio::test]
async fn what_is_recorded_a_mock_answers_by_without_the_secrets() {
    let proxy = Proxy::new(UpstreamConfig::default()).await;
    for target in ["/pets", "/pets/1", "/pets/2", "/pets/3", "/pets?limit=x", "/cats"] {
        proxy.get(target).await;
    }
    let login =
        proxy.request("POST", "/login").header("x-key", "key-of-ida").header("cookie", "a=cookie-of-ida");
    let login = login.header("content-type", "application/json").body(r#"{"user": "ida", "pin": "1234"}"#);
    assert_eq!(proxy.call(login).await.0, 200);
    let rules = proxy.recorder.changed().unwrap();
    assert!(proxy.recorder.changed().is_none(), "nothing is new");
    let text = serde_json::to_string(&rules).unwrap();
    for secret in ["key-of-ida", "cookie-of-ida", "session-of-ida", "token-of-ida", "1234", "sesame"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let operations: Vec<_> = rules.iter().map(|rule| rule.operation.as_str()).collect();
    // What breaks the document on either side is not recorded.
    assert_eq!(operations, ["GET /pets/{id}", "GET /pets/{id}", "POST /login", "GET /pets"]);

    let rules: Vec<Rule> = serde_json::from_str(&text).unwrap();
    let mock = mock();
    mock.rules().set(rules);
    let check = |method: &str, target: &str, body: &'static str, expected: (u16, &str)| {
        let request =
            http::Request::builder().method(method).uri(target).header("x-key", "known-to-the-mock");
        let request = request.header("content-type", "application/json").body(Bytes::from(body)).unwrap();
        let response = respond(&mock, &request);
        let found = String::from_utf8_lossy(response.body()).into_owned();
        assert_eq!(response.status(), expected.0, "{found}");
        assert!(found.starts_with(expected.1), "{target}: {found}");
        response
    };
    assert_eq!(check("GET", "/pets", "", (200, r#"[{"id":1,"name":"Rex"}]"#)).headers()["x-total"], "2");
    check("GET", "/pets/1", "", (200, r#"{"id":1,"name":"Ida"}"#));
    check("GET", "/pets/3", "", (404, r#"{"error":"gone"}"#));
    check("GET", "/pets/4", "", (200, r#"{"id":4,"name":""#));
    check(
        "POST",
        "/login",
        r#"{"user": "ida", "pin": "any"}"#,
        (200, r#"{"name":"Ida","echo":"by ***","accessToken":""#),
    );
}

#[tokio::test]
async fn a_service_that_says_nothing_gives_504() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let upstream = format!("http://{}", listener.local_addr().unwrap());
    // Its connections are accepted by the system, and nobody reads from them.
    let brief = UpstreamConfig::default().with_read_timeout(Duration::from_millis(100));
    let proxy = Proxy::before(&upstream, brief.clone(), Seen::default()).await;
    let (status, notice, body) = proxy.get("/pets/1").await;
    assert!(status == 504 && notice.contains("the upstream does not answer"), "{notice} {body}");
    let replaced = Proxy::before(&upstream, brief.with_fallback(true), Seen::default()).await;
    assert_eq!(replaced.get("/pets/1").await.0, 200, "the mock answers in its place");
    drop(listener);
}

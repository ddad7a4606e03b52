//! The mock's own interface over a real socket, and what a test in the same process can ask of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // in tests

use std::sync::Arc;
use std::time::Duration;

use descant_mock::state::Memory;
use descant_mock::{Mock, MountedApi, Server, Settings, start};
use descant_model::codes::Code;
use descant_model::diagnostic::Diagnostic;
use descant_model::load::{Options, load_text};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

const DOCUMENT: &str = r#"
openapi: 3.1.0
info: {title: Pets, version: 1.0.0}
paths:
  /pets:
    get:
      operationId: listPets
      security: [{key: []}]
      responses:
        '200': {description: all, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}, example: [{id: 1, name: Rex}]}}}
        '503': {description: not now}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
      responses: {'201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}}
  /resets/{token}:
    get:
      parameters:
        - {name: token, in: path, required: true, schema: {type: integer}}
        - {name: page, in: query, schema: {type: integer}}
        - {name: X-Client-Secret, in: header, schema: {type: integer}}
      responses: {'204': {description: done}}
  /pets/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        '200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
        '404': {description: none}
components:
  securitySchemes: {key: {type: apiKey, in: query, name: key}}
  schemas: {Pet: {type: object, required: [name], properties: {id: {type: integer, readOnly: true}, name: {type: string}}}}
"#;

fn mock() -> Mock {
    let api = load_text("pets.yaml", DOCUMENT, &Options::default()).api.unwrap();
    Mock::new(Arc::new(api), Settings::default().with_items(0)).with_state(Arc::new(Memory::default()))
}

/// A served mock with its own interface; it ends with the test.
struct Served {
    mock: Arc<Mock>,
    url: String,
    client: Client,
    /// Ends the server when it is dropped.
    stop: Option<oneshot::Sender<()>>,
}

impl Served {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mock = Arc::new(mock());
        let server = Server::new([MountedApi::new(mock.clone())]).with_admin(true);
        let (stop, stopped) = oneshot::channel();
        tokio::spawn(server.run(listener, async { _ = stopped.await }));
        Self { mock, url, client: Client::new(), stop: Some(stop) }
    }

    async fn call(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default())
    }

    async fn status(&self, method: &str, path: &str) -> u16 {
        self.call(method, path, None).await.0
    }
}

#[tokio::test]
async fn the_log_has_verdicts_and_no_secrets() {
    let mock = Served::new().await;
    mock.status("GET", "/pets?key=very-secret&a=1").await;
    mock.status("GET", "/pets").await;
    mock.status("GET", "/dogs?CLIENT_SECRET=very-secret").await;
    let (_, log) = mock.call("GET", "/__descant/log", None).await;
    let shown = |entry: &Value| {
        let fields = ["number", "method", "target", "operation", "status", "request"];
        fields.map(|field| entry[field].clone())
    };
    let expected = [
        json!([1, "GET", "/pets?key=***&a=1", "GET /pets", 200, null]),
        json!([2, "GET", "/pets", "GET /pets", 401, "query parameter `key` is missing (scheme `key`)"]),
        json!([3, "GET", "/dogs?CLIENT_SECRET=***", null, 404, "no path of the document matches `/dogs`"]),
    ];
    let found: Vec<_> = log.as_array().unwrap().iter().map(|entry| json!(shown(entry))).collect();
    assert_eq!(found, expected);
    let (_, later) = mock.call("GET", "/__descant/log?since=2", None).await;
    assert_eq!(later.as_array().unwrap().len(), 1);
    assert_eq!(mock.status("DELETE", "/__descant/log").await, 204);
    assert_eq!(mock.call("GET", "/__descant/log", None).await.1, json!([]));
}

/// Neither target, message nor violation shows the value of a parameter that is named as a secret, at any length.
#[tokio::test]
async fn violations_show_no_secrets() {
    let mock = Served::new().await;
    let url = format!("{}/resets/abc?page=next", mock.url);
    mock.client.get(&url).header("x-client-secret", "very-secret").send().await.unwrap();
    mock.status("GET", "/resets/abc").await;
    let (_, log) = mock.call("GET", "/__descant/log", None).await;
    let text = log.to_string();
    assert!(!text.contains("abc") && !text.contains("very-secret"), "{text}");
    assert!(text.contains("/resets/***?page=next") && text.contains("found `next`"), "{text}");
    assert_eq!(log[1]["request"], "path parameter `token`: expected an integer");
}

#[tokio::test]
async fn coverage_counts_operations_and_statuses() {
    let mock = Served::new().await;
    mock.status("GET", "/pets?key=1").await;
    mock.status("GET", "/pets").await;
    let (_, coverage) = mock.call("GET", "/__descant/coverage", None).await;
    assert_eq!(coverage["percent"].as_f64().unwrap().round(), 25.0);
    let list = &coverage["operations"][0];
    assert_eq!(list["documented"], json!([{"status": "200", "met": true}, {"status": "503", "met": false}]));
    assert_eq!(list["met"]["401"], json!({"times": 1, "brokenRequests": 1, "brokenResponses": 0}));
}

#[tokio::test]
async fn rules_change_answers_until_they_are_taken_back() {
    let mock = Served::new().await;
    let rules = json!([{"operation": "listPets", "answers": [{"code": 503}, {}]}]);
    assert_eq!(mock.call("PUT", "/__descant/rules", Some(rules)).await.0, 204);
    assert_eq!(mock.status("GET", "/pets?key=1").await, 503);
    assert_eq!(mock.status("GET", "/pets?key=1").await, 200);
    assert_eq!(mock.call("PUT", "/__descant/rules", Some(json!([{"operations": "x"}]))).await.0, 400);
    let (status, refused) =
        mock.call("PUT", "/__descant/rules", Some(json!([{"operation": "listPet"}]))).await;
    let detail = refused["detail"].as_str().unwrap();
    assert!(status == 400 && detail.ends_with("; did you mean `listPets`?"), "{refused}");
    assert_eq!(mock.call("GET", "/__descant/rules/counts", None).await.1, json!([2]));
    assert_eq!(
        mock.call("PUT", "/__descant/rules", Some(json!([{"operation": "*", "answers": [{"code": 99}]}])))
            .await
            .0,
        400
    );
    assert_eq!(mock.status("DELETE", "/__descant/rules").await, 204);
    assert_eq!(mock.call("GET", "/__descant/rules", None).await.1, json!([]));
}

#[tokio::test]
async fn state_is_shown_put_back_and_reset() {
    let mock = Served::new().await;
    let (status, made) = mock.call("POST", "/pets", Some(json!({"name": "Ida"}))).await;
    assert_eq!((status, &made["id"]), (201, &json!(2)));
    let (_, snapshot) = mock.call("GET", "/__descant/state", None).await;
    assert_eq!(mock.status("POST", "/__descant/reset").await, 204);
    assert_eq!(mock.status("GET", "/pets/2").await, 404);
    assert_eq!(mock.call("PUT", "/__descant/state", Some(snapshot)).await.0, 204);
    for foreign in [json!({"[\"/cats\",[]]": {}}), json!({"[\"/pets\",[\"1\"]]": {}}), json!({"pets": {}})] {
        let (status, refused) = mock.call("PUT", "/__descant/state", Some(foreign)).await;
        assert_eq!(status, 400, "{refused}");
    }
    let (_, refused) = mock.call("PUT", "/__descant/state", Some(json!({"[\"/cats\",[]]": {}}))).await;
    assert!(refused["detail"].as_str().unwrap().contains("no collection `/cats`"), "{refused}");
    assert_eq!(mock.status("GET", "/pets/2").await, 200);
    let (_, collections) = mock.call("GET", "/__descant/collections", None).await;
    assert_eq!(collections[0]["path"], "/pets");
    assert_eq!(mock.call("PUT", "/__descant/seed", Some(json!(7))).await.0, 204);
    assert_eq!(mock.call("GET", "/__descant/seed", None).await.1, json!(7));
}

#[tokio::test]
async fn pages_of_other_origins_are_turned_away() {
    let mock = Served::new().await;
    let reset = || mock.client.post(format!("{}/__descant/reset", mock.url));
    let status = async |request: reqwest::RequestBuilder| request.send().await.unwrap().status().as_u16();
    assert_eq!(status(reset().header("origin", "https://example.com")).await, 403);
    assert_eq!(status(reset().header("host", "rebound.example.com")).await, 403);
    assert_eq!(status(reset().header("origin", &mock.url)).await, 204);
    assert_eq!(mock.status("GET", "/__descant/nothing").await, 404);
    assert_eq!(mock.status("GET", "/__descant/").await, 200);
}

#[tokio::test]
async fn the_page_is_protected_and_found() {
    let mock = Served::new().await;
    let page = mock.client.get(format!("{}/__descant/", mock.url)).send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(page.headers()["x-frame-options"], "DENY");
    let redirects = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let visit = redirects.get(&mock.url).header("accept", "text/html,*/*;q=0.8").send().await.unwrap();
    assert_eq!(
        (visit.status().as_u16(), &visit.headers()["location"]),
        (302, &"/__descant/".parse().unwrap())
    );
    assert_eq!(mock.status("GET", "/").await, 404, "programs are told that there is no operation");
    let path = redirects.get(format!("{}/__descant", mock.url)).send().await.unwrap();
    assert_eq!((path.status().as_u16(), &path.headers()["location"]), (308, &"__descant/".parse().unwrap()));
}

/// Reads events until one of exchanges.
async fn exchanges(events: &mut reqwest::Response) -> String {
    let mut text = String::new();
    while !text.contains("event: exchanges") || !text.ends_with("\n\n") {
        let chunk = events.chunk().await.unwrap().expect("the stream stays open");
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    text
}

#[tokio::test]
async fn a_page_that_was_away_gets_what_followed() {
    let mock = Served::new().await;
    for path in ["/pets?key=1", "/dogs", "/cats"] {
        mock.status("GET", path).await;
    }
    let (_, document) = mock.call("GET", "/__descant/document", None).await;
    let check = async |run: &Value, expected: [bool; 3]| {
        let url = format!("{}/__descant/events?run={run}&since=2", mock.url);
        let text = exchanges(&mut mock.client.get(url).send().await.unwrap()).await;
        assert_eq!(["/pets", "/dogs", "/cats"].map(|path| text.contains(path)), expected, "{text}");
    };
    check(&document["run"], [false, false, true]).await;
    check(&json!(1), [true, true, true]).await;
}

#[tokio::test]
async fn events_tell_of_exchanges_and_end_with_the_mock() {
    let mut mock = Served::new().await;
    let mut events = mock.client.get(format!("{}/__descant/events", mock.url)).send().await.unwrap();
    assert_eq!(events.headers()["content-type"], "text/event-stream");
    mock.status("GET", "/pets?key=1").await;
    let text = exchanges(&mut events).await;
    assert!(text.starts_with("retry: 1000\nevent: hello\ndata: {\"run\":"), "{text}");
    assert!(text.contains("\"operation\":\"GET /pets\"") && text.contains("\"skipped\":0"), "{text}");
    drop(mock.stop.take());
    let ended = tokio::time::timeout(Duration::from_secs(2), async {
        while let Ok(Some(_)) = events.chunk().await {}
    });
    ended.await.expect("an open page does not delay the end");
}

#[tokio::test]
async fn an_exchange_is_shown_without_secrets() {
    let mock = Served::new().await;
    let request = mock.client.post(format!("{}/pets?api_key=s1&a=1", mock.url));
    let request = request.header("content-type", "application/json").header("authorization", "Bearer s2");
    let body = json!({"name": "Ida", "owner": {"clientSecret": "s3"}}).to_string();
    request.header("cookie", "session=s4").body(body).send().await.unwrap();
    let (_, shown) = mock.call("GET", "/__descant/log/1", None).await;
    let text = shown.to_string();
    for secret in ["s1", "s2", "s3", "s4"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    assert!(text.contains("Ida") && shown["received"]["headers"].to_string().contains("location"), "{text}");
    assert_eq!(mock.status("GET", "/__descant/log/2").await, 404);
}

#[tokio::test]
async fn violations_have_their_places() {
    let mock = Served::new().await;
    mock.call("POST", "/pets", Some(json!({"name": 1}))).await;
    let (_, log) = mock.call("GET", "/__descant/log", None).await;
    let expected = json!([["#/name", "type"]]);
    let found: Vec<_> = log[0]["violations"].as_array().unwrap().iter().collect();
    let found: Vec<_> = found.iter().map(|one| json!([one["pointer"], one["keyword"]])).collect();
    assert_eq!(json!(found), expected);
}

#[tokio::test]
async fn items_are_edited_by_hand() {
    let mock = Served::new().await;
    let items = |more: &str| format!("/__descant/items?collection=/pets{more}");
    let (_, page) = mock.call("GET", &items(""), None).await;
    assert_eq!(page, json!({"items": [{"id": "1", "item": {"id": 1, "name": "Rex"}}], "total": 1}));
    assert_eq!(mock.call("POST", &items("&count=25"), None).await, (200, json!({"added": 25})));
    assert_eq!(mock.call("PUT", &items("&id=1"), Some(json!({"id": 1, "name": "Max"}))).await.0, 204);
    assert_eq!(mock.call("GET", "/pets/1", None).await.1["name"], "Max");
    assert_eq!(mock.status("DELETE", &items("&id=1")).await, 204);
    assert_eq!(mock.status("DELETE", &items("&id=1")).await, 404);
    assert_eq!(mock.call("GET", &items("&limit=2"), None).await.1["total"], 25);
    assert_eq!(mock.call("GET", "/__descant/state/scopes", None).await.1[0]["count"], 25);
    for wrong in ["/__descant/items", "/__descant/items?collection=/pets&parents=x"] {
        assert_eq!(mock.status("GET", wrong).await, 400, "{wrong}");
    }
    assert_eq!(mock.status("GET", "/__descant/items?collection=/cats").await, 404);
}

#[tokio::test]
async fn an_operation_is_shown_with_its_schemas() {
    let mock = Served::new().await;
    let (_, list) = mock.call("GET", "/__descant/operations", None).await;
    assert_eq!(list["operations"][0]["key"], "GET /pets");
    let (_, shown) = mock.call("GET", "/__descant/operation?key=GET%20/pets", None).await;
    assert_eq!(shown["responses"][0]["content"][0]["examples"][0]["value"][0]["name"], "Rex");
    assert_eq!(shown["definitions"]["Pet"]["schema"]["properties"]["name"], json!({"type": "string"}));
    assert_eq!(mock.status("GET", "/__descant/operation?key=GET%20/cats").await, 404);
}

#[tokio::test]
async fn invalid_examples_are_shown_once_they_were_validated() {
    let mock = Served::new().await;
    assert_eq!(mock.call("GET", "/__descant/examples", None).await, (200, Value::Null));
    let origin = &mock.mock.api().operations[0].origin;
    mock.mock.set_invalid_examples(vec![Diagnostic::new(Code::ExampleInvalid, "not so", origin)]);
    let shown = json!([{"code": "example-invalid", "pointer": "/paths/~1pets/get", "message": "not so"}]);
    assert_eq!(mock.call("GET", "/__descant/examples", None).await, (200, shown));
}

#[tokio::test]
async fn a_trace_is_kept() {
    let running = start(mock()).unwrap();
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    for (sent, noted) in [(trace, Some("4bf92f3577b34da6a3ce929d0e0e4736")), ("nonsense", None)] {
        let request = Client::new().get(format!("{}/dogs", running.url())).header("traceparent", sent);
        assert_eq!(request.send().await.unwrap().headers()["traceparent"], sent);
        assert_eq!(running.calls().pop().unwrap().trace.as_deref(), noted);
    }
}

#[tokio::test]
async fn a_test_can_ask_for_the_calls_received() {
    let running = start(mock()).unwrap();
    let client = Client::new();
    let body = json!({"name": "Ida"}).to_string();
    let request = client.post(format!("{}/pets", running.url())).header("content-type", "application/json");
    request.body(body.clone()).send().await.unwrap();
    // Without `admin` the interface is not there.
    assert_eq!(client.get(format!("{}/__descant/log", running.url())).send().await.unwrap().status(), 404);
    let calls = running.calls();
    assert_eq!(calls[0].operation.as_deref(), Some("POST /pets"));
    assert_eq!(calls[0].body, body);
    assert_eq!(running.journal().coverage(running.mock().api()).percent().round(), 25.0);
}

//! Sessions over a real socket: tests that share a mock and do not meet.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // in tests

use std::sync::Arc;

use descant_mock::state::Memory;
use descant_mock::{Limits, Live, Mock, MountedApi, Server, Settings};
use descant_model::load::{Options, load_text};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::net::TcpListener;

const DOCUMENT: &str = r#"
openapi: 3.1.0
info: {title: Notes, version: '1'}
servers: [{url: 'https://notes.example/v1'}]
paths:
  /notes:
    get:
      operationId: listNotes
      parameters: [{name: limit, in: query, schema: {type: integer}}, {name: offset, in: query, schema: {type: integer}}]
      responses:
        '200':
          description: all
          headers: {Link: {schema: {type: string}}}
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Note'}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
      responses: {'201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}}
  /notes/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        '200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
        '404': {description: none}
  /me:
    get:
      security: [{login: []}]
      responses: {'204': {description: you}}
components:
  securitySchemes:
    login:
      type: oauth2
      x-descant: {credentials: []}
      flows: {clientCredentials: {tokenUrl: /token, scopes: {}}}
  schemas: {Note: {type: object, required: [text], properties: {id: {type: integer, readOnly: true}, text: {type: string}}}}
"#;

fn mock() -> Mock {
    let api = load_text("notes.yaml", DOCUMENT, &Options::default()).api.unwrap();
    Mock::new(Arc::new(api), Settings::default().with_items(0)).with_state(Arc::new(Memory::default()))
}

struct Served {
    url: String,
    client: Client,
    live: Arc<Live>,
}

impl Served {
    async fn new(mock: Mock, sessions: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}{}", listener.local_addr().unwrap(), mock.prefix());
        let api = MountedApi::new(Arc::new(mock));
        let live = api.mock().clone();
        let mut limits = Limits::default();
        limits.sessions = sessions;
        let server = Server::new([api]).with_admin(true).with_limits(limits);
        tokio::spawn(server.run(listener, std::future::pending()));
        Self { url, client: Client::new(), live }
    }

    fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.client.request(method, format!("{}{path}", self.url))
    }

    /// Sends a request of a session, which a header names; without session where it is empty.
    async fn call(&self, session: &str, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut request = self.request(method, path);
        if !session.is_empty() {
            request = request.header("x-descant-session", session);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default())
    }

    async fn get(&self, session: &str, path: &str) -> (u16, Value) {
        self.call(session, "GET", path, None).await
    }
}

#[tokio::test]
async fn state_rules_log_and_tokens_belong_to_one_session() {
    let mock = Served::new(mock(), 10).await;
    let note = json!({"text": "of a"});
    assert_eq!(mock.call("a", "POST", "/notes", Some(note)).await, (201, json!({"id": 1, "text": "of a"})));
    for other in ["", "b"] {
        assert_eq!(mock.get(other, "/notes").await, (200, json!([])), "`{other}`");
    }
    let rules = json!([{"operation": "listNotes", "answers": [{"code": 503}]}]);
    assert_eq!(mock.call("b", "PUT", "/__descant/rules", Some(rules)).await.0, 204);
    assert_eq!(mock.get("b", "/notes").await.0, 503);
    assert_eq!(mock.get("a", "/notes").await, (200, json!([{"id": 1, "text": "of a"}])));
    assert_eq!(mock.get("", "/__descant/rules").await.1, json!([]));

    let (_, log) = mock.get("a", "/__descant/log").await;
    let shown: Vec<_> =
        log.as_array().unwrap().iter().map(|it| json!([it["number"], it["method"], it["session"]])).collect();
    assert_eq!(shown, [json!([1, "POST", "a"]), json!([2, "GET", "a"])]);
    assert_eq!(mock.get("", "/__descant/log").await.1.as_array().unwrap().len(), 1);
    let (_, coverage) = mock.get("", "/__descant/coverage").await;
    let times = |index: usize, status: &str| coverage["operations"][index]["met"][status]["times"].clone();
    assert_eq!([times(0, "200"), times(0, "503"), times(1, "201")], [3, 1, 1], "{coverage}");

    let token = mock.request("POST", "/token").header("x-descant-session", "a");
    let token =
        token.header("content-type", "application/x-www-form-urlencoded").basic_auth("app", Some("x"));
    let token = token.body("grant_type=client_credentials").send().await.unwrap();
    let token: Value = serde_json::from_slice(&token.bytes().await.unwrap()).unwrap();
    let token = token["access_token"].as_str().unwrap();
    for (session, expected) in [("a", 204), ("b", 401)] {
        let me = mock.request("GET", "/me").header("x-descant-session", session).bearer_auth(token);
        assert_eq!(me.send().await.unwrap().status(), expected, "{session}");
    }
    assert_eq!(mock.call("a", "POST", "/__descant/reset", None).await.0, 204);
    assert_eq!(mock.get("a", "/notes").await.1, json!([]));
    assert_eq!(mock.get("b", "/notes").await.0, 503, "a reset concerns its session alone");
}

#[tokio::test]
async fn a_session_begins_with_the_rules_of_the_mock() {
    let mock = Served::new(mock(), 10).await;
    let rules = json!([{"operation": "listNotes", "answers": [{"code": 503}]}]);
    mock.call("", "PUT", "/__descant/rules", Some(rules)).await;
    assert_eq!(mock.get("a", "/notes").await.0, 503);
    mock.call("a", "DELETE", "/__descant/rules", None).await;
    assert_eq!((mock.get("a", "/notes").await.0, mock.get("b", "/notes").await.0), (200, 503));
}

/// Every link of a response, and the page, stay below the path of the session.
#[tokio::test]
async fn a_path_names_a_session_and_links_stay_in_it() {
    for prefix in ["", "/docs"] {
        let mock = Served::new(mock().with_prefix(prefix), 10).await;
        let path = "/__descant/session/a";
        let made =
            mock.request("POST", &format!("{path}/v1/notes")).header("content-type", "application/json");
        let made = made.body(r#"{"text":"one"}"#).send().await.unwrap();
        assert_eq!(made.status(), 201);
        let location = made.headers()["location"].to_str().unwrap().to_owned();
        assert_eq!(location, format!("{prefix}{path}/v1/notes/1"));
        mock.call("a", "POST", "/notes", Some(json!({"text": "two"}))).await;
        for (path, base) in [("", prefix.to_owned()), (path, format!("{prefix}{path}"))] {
            let page = mock
                .request("GET", &format!("{path}/notes?limit=1"))
                .header("cookie", "x=y; descant-session=a");
            let page = page.send().await.unwrap();
            let link = page.headers()["link"].to_str().unwrap();
            assert!(link.contains(&format!("<{base}/notes?")), "{link}");
        }
        assert_eq!(mock.get("", &format!("{path}/__descant/log")).await.1.as_array().unwrap().len(), 4);
        let page = mock.request("GET", &format!("{path}/__descant/")).send().await.unwrap();
        assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
        let (status, problem) = mock.get("", &format!("{path}/note")).await;
        assert_eq!(
            (status, &problem["detail"]),
            (
                404,
                &json!(format!(
                    "no path of the document matches `{prefix}{path}/note`; did you mean `/notes`?"
                ))
            )
        );
    }
}

#[tokio::test]
async fn sessions_are_listed_ended_and_bounded() {
    let mock = Served::new(mock(), 3).await;
    for name in ["a", "b", "c"] {
        mock.get(name, "/notes").await;
    }
    let (status, problem) = mock.get("d", "/notes").await;
    assert_eq!(status, 503);
    assert!(problem["detail"].as_str().unwrap().contains("all 3 sessions"), "{problem}");
    let (_, list) = mock.get("", "/__descant/sessions").await;
    assert_eq!(
        list[1],
        json!({"name": "b", "exchanges": 1, "idleSeconds": 0, "path": "/__descant/session/b"})
    );
    assert_eq!(mock.call("", "DELETE", "/__descant/sessions/b", None).await.0, 204);
    assert_eq!(mock.call("", "DELETE", "/__descant/sessions/b", None).await.0, 404);
    assert_eq!(mock.get("d", "/notes").await.0, 200);
    assert_eq!(mock.call("", "DELETE", "/__descant/sessions", None).await.0, 204);
    assert_eq!(mock.get("", "/__descant/sessions").await.1, json!([]));
    let (status, problem) = mock.get("a b", "/notes").await;
    assert_eq!(status, 400);
    assert!(problem["detail"].as_str().unwrap().contains("found `a b`"), "{problem}");
    assert_eq!(mock.call("a", "PUT", "/__descant/seed", Some(json!(7))).await.0, 400, "the seed is shared");
    let (_, log) = mock.get("", "/__descant/log").await;
    assert_eq!(log.as_array().unwrap().len(), 2, "the mock's own log shows what no session took: {log}");
}

#[tokio::test]
async fn a_session_outlives_a_reload() {
    let mock = Served::new(mock(), 3).await;
    mock.call("a", "POST", "/notes", Some(json!({"text": "kept"}))).await;
    let api = load_text("notes.yaml", DOCUMENT.replace("title: Notes", "title: New"), &Options::default())
        .api
        .unwrap();
    let next =
        Mock::new(Arc::new(api), Settings::default().with_items(0)).with_state(Arc::new(Memory::default()));
    mock.live.set(Arc::new(next.replacing(&mock.live.get())));
    assert_eq!(mock.get("a", "/notes").await.1, json!([{"id": 1, "text": "kept"}]));
    assert_eq!(mock.get("a", "/__descant/operations").await.1["title"], "New");
    assert_eq!(mock.get("a", "/__descant/log").await.1.as_array().unwrap().len(), 2);
}

/// Ten thousand sessions, each with state, on a mock that has 1,000: the first requests are answered, and what remains is
/// refused until sessions end.
#[tokio::test]
async fn ten_thousand_sessions_are_bounded() {
    let mock = Served::new(mock(), 1_000).await;
    let mut statuses = std::collections::BTreeMap::new();
    for number in 0..10_000 {
        let (status, _) =
            mock.call(&format!("s{number}"), "POST", "/notes", Some(json!({"text": "x"}))).await;
        *statuses.entry(status).or_insert(0) += 1;
    }
    let (_, list) = mock.get("", "/__descant/sessions").await;
    assert_eq!(list.as_array().unwrap().len(), 1_000);
    assert_eq!(statuses.values().sum::<u32>(), 10_000);
    assert!(
        statuses[&201] >= 1_000 && statuses.keys().all(|status| matches!(status, 201 | 503)),
        "{statuses:?}"
    );
}

/// State of a session beyond its room is refused, and others go on.
#[tokio::test]
async fn the_state_of_a_session_is_bounded() {
    let mock = Served::new(mock(), 10).await;
    let large = json!({"text": "x".repeat(8 << 20)});
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(mock.call("a", "POST", "/notes", Some(large.clone())).await.0);
    }
    assert_eq!(statuses, [201, 201, 201, 507, 507]);
    assert_eq!(mock.call("b", "POST", "/notes", Some(large)).await.0, 201);
}

/// A state by hand replaces the state; what does not fit the document is told, and changes nothing.
#[tokio::test]
async fn a_session_begins_with_the_beginning_and_loads_fixtures() {
    let mock = mock();
    let written = mock.state().unwrap().read(&json!({"notes": [{"text": "first"}]})).unwrap();
    let mock = mock.with_beginning(Arc::new(written)).await.unwrap();
    let mock = Served::new(mock, 10).await;
    let first = json!([{"text": "first", "id": 1}]);
    let texts = async |session: &str| {
        let (_, notes) = mock.get(session, "/notes").await;
        notes
            .as_array()
            .unwrap()
            .iter()
            .map(|note| note["text"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (texts("").await, texts("a").await),
        (vec!["first".to_owned()], vec!["first".to_owned()]),
        "{first}"
    );
    let by_hand = json!({"notes": [{"text": "x"}, {"text": "y"}]});
    assert_eq!(mock.call("a", "PUT", "/__descant/state", Some(by_hand)).await.0, 204);
    assert_eq!((texts("").await.len(), texts("a").await.len()), (1, 2));
    let (status, problem) =
        mock.call("a", "PUT", "/__descant/state", Some(json!({"notes": [{"text": 5}]}))).await;
    assert_eq!(
        (status, &problem["detail"]),
        (400, &json!("state.yaml:1:19: /notes/0/text: expected a string"))
    );
    assert_eq!(texts("a").await.len(), 2, "nothing has changed");

    assert_eq!(mock.call("a", "PUT", "/__descant/fixtures/two%20notes", None).await.0, 204);
    let yaml = mock.request("PUT", "/__descant/fixtures/none").body("notes: []").send().await.unwrap();
    assert_eq!(yaml.status(), 204);
    let listed = json!([{"name": "none", "records": 0}, {"name": "two notes", "records": 2}]);
    assert_eq!(mock.get("b", "/__descant/fixtures").await.1, listed);
    mock.call("b", "POST", "/__descant/fixtures/two%20notes", None).await;
    mock.call("c", "POST", "/__descant/fixtures/none", None).await;
    assert_eq!((texts("b").await.len(), texts("c").await.len(), texts("d").await.len()), (2, 0, 1));
    assert_eq!(mock.call("b", "POST", "/__descant/fixtures/three", None).await.0, 404);
    assert_eq!(mock.call("b", "DELETE", "/__descant/fixtures/none", None).await.0, 204);
    assert_eq!(mock.call("b", "POST", "/__descant/reset", None).await.0, 204);
    assert_eq!(texts("b").await.len(), 1, "a reset returns to the beginning");
}

//! Many callers at once over HTTP: nothing that was acknowledged is lost, and nothing happens twice.

use std::collections::BTreeSet;
use std::sync::Arc;

use descant_mock::state::{Room, Store};
use descant_mock::{Mock, Running, Settings, start};
use descant_model::load::{Options, load_text};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{Storage, storages};

const DOCUMENT: &str = r#"
openapi: 3.1.0
info: {title: Notes, version: 1.0.0}
paths:
  /notes:
    get:
      parameters: [{name: limit, in: query, schema: {type: integer, default: 2000}}]
      responses: {'200': {description: all, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Note'}}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
      responses:
        '201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
        '409': {description: taken}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {'200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}, '404': {description: none}}}
    put:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
      responses: {'200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}}
    patch:
      requestBody: {required: true, content: {application/merge-patch+json: {schema: {type: object}}}}
      responses: {'200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}}
    delete: {responses: {'204': {description: gone}, '404': {description: none}}}
  /notes/{id}/lines:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {'200': {description: all, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Note'}}}}}, '404': {description: no such note}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
      responses:
        '201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
        '404': {description: no such note}
  /notes/{id}/lines/{line}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer}}
      - {name: line, in: path, required: true, schema: {type: integer}}
    delete: {responses: {'204': {description: gone}, '404': {description: none}}}
components:
  schemas: {Note: {type: object, required: [id, text], properties: {id: {type: integer, readOnly: true}, text: {type: string}}}}
"#;

const CALLERS: usize = 16;

/// Replicas of a mock on one storage.
struct Replicas {
    name: &'static str,
    mocks: Vec<Running>,
    client: Client,
    _storage: Storage,
}

fn serve(store: Arc<dyn Store>) -> Running {
    let api = load_text("notes.yaml", DOCUMENT, &Options::default()).api.unwrap();
    start(Mock::new(Arc::new(api), Settings::default().with_items(0)).with_state(store)).unwrap()
}

async fn all_replicas() -> Vec<Replicas> {
    let serve = |storage: Storage| Replicas {
        name: storage.name,
        mocks: storage.handles.iter().cloned().map(serve).collect(),
        client: Client::new(),
        _storage: storage,
    };
    storages(Room::default()).await.into_iter().map(serve).collect()
}

/// Method, target and body of one call.
type Sent = (Method, String, Option<Value>);

async fn send(client: &Client, base: &str, (method, target, body): Sent) -> (u16, Value) {
    let kind = if method == Method::PATCH { "application/merge-patch+json" } else { "application/json" };
    let mut request = client.request(method, format!("{base}{target}"));
    if let Some(body) = body {
        request = request.header("content-type", kind).body(body.to_string());
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default())
}

impl Replicas {
    /// Sends calls from many callers at once, each over one replica.
    async fn race(&self, calls: impl Iterator<Item = Sent>) -> Vec<(u16, Value)> {
        let mut shares = vec![Vec::new(); CALLERS];
        calls.enumerate().for_each(|(at, call)| shares[at % CALLERS].push(call));
        let mut callers = JoinSet::new();
        for (at, share) in shares.into_iter().enumerate() {
            let (client, base) = (self.client.clone(), self.mocks[at % self.mocks.len()].url());
            callers.spawn(async move {
                let mut answers = Vec::new();
                for call in share {
                    answers.push(send(&client, &base, call).await);
                }
                answers
            });
        }
        callers.join_all().await.into_iter().flatten().collect()
    }

    async fn call(&self, method: Method, target: &str, body: Option<Value>) -> (u16, Value) {
        send(&self.client, &self.mocks[0].url(), (method, target.to_owned(), body)).await
    }
}

fn count(answers: &[(u16, Value)], status: u16) -> usize {
    answers.iter().filter(|(found, _)| *found == status).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_post_makes_an_item() {
    for replicas in all_replicas().await {
        let name = replicas.name;
        let post = |n: usize| (Method::POST, "/notes".to_owned(), Some(json!({"text": format!("t{n}")})));
        let answers = replicas.race((0..800).map(post)).await;
        assert_eq!(
            count(&answers, 201),
            800,
            "{name}: {:?}",
            answers.iter().find(|(status, _)| *status != 201)
        );
        let made: BTreeSet<u64> = answers.iter().map(|(_, note)| note["id"].as_u64().unwrap()).collect();
        assert_eq!(made.len(), 800, "{name}: distinct identities");
        let (_, listed) = replicas.call(Method::GET, "/notes", None).await;
        let listed: BTreeSet<u64> =
            listed.as_array().unwrap().iter().map(|note| note["id"].as_u64().unwrap()).collect();
        assert_eq!(listed, made, "{name}: listed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_post_of_an_identity_makes_it() {
    for replicas in all_replicas().await {
        let post = |n: usize| {
            (Method::POST, "/notes".to_owned(), Some(json!({"id": n % 4, "text": format!("t{n}")})))
        };
        let answers = replicas.race((0..64).map(post)).await;
        assert_eq!((count(&answers, 201), count(&answers, 409)), (4, 60), "{}", replicas.name);
        let (_, listed) = replicas.call(Method::GET, "/notes", None).await;
        assert_eq!(listed.as_array().unwrap().len(), 4, "{}", replicas.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_of_one_item_are_all_kept() {
    for replicas in all_replicas().await {
        let name = replicas.name;
        assert_eq!(replicas.call(Method::POST, "/notes", Some(json!({"id": 1, "text": "t"}))).await.0, 201);
        let patch = |n: usize| (Method::PATCH, "/notes/1".to_owned(), Some(json!({(format!("m{n}")): n})));
        let answers = replicas.race((0..100).map(patch)).await;
        assert_eq!(count(&answers, 200), 100, "{name}");
        let (_, note) = replicas.call(Method::GET, "/notes/1", None).await;
        let missing: Vec<_> = (0..100).filter(|n| note.get(format!("m{n}")).is_none()).collect();
        assert!(missing.is_empty(), "{name}: lost {missing:?}");
        // Replacements do not mix: what is read is one of those that were sent, whole.
        let put = |n: usize| {
            (
                Method::PUT,
                "/notes/1".to_owned(),
                Some(json!({"text": format!("t{n}"), "twin": format!("t{n}")})),
            )
        };
        let answers = replicas.race((0..64).map(put)).await;
        assert_eq!(count(&answers, 200), 64, "{name}");
        let (_, note) = replicas.call(Method::GET, "/notes/1", None).await;
        assert_eq!(note["text"], note["twin"], "{name}");
        assert_eq!(note.as_object().unwrap().len(), 3, "{name}: {note}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_item_is_deleted_once_and_no_change_revives_it() {
    for replicas in all_replicas().await {
        let name = replicas.name;
        for id in 0..4 {
            assert_eq!(
                replicas.call(Method::POST, "/notes", Some(json!({"id": id, "text": "t"}))).await.0,
                201
            );
        }
        let calls = (0..96).map(|n| match n % 3 {
            0 => (Method::DELETE, format!("/notes/{}", n / 3 % 4), None),
            1 => (Method::PATCH, format!("/notes/{}", n / 3 % 4), Some(json!({"text": "p"}))),
            _ => (Method::PUT, format!("/notes/{}", n / 3 % 4), Some(json!({"text": "q"}))),
        });
        let answers = replicas.race(calls).await;
        assert_eq!(count(&answers, 204), 4, "{name}");
        let (_, listed) = replicas.call(Method::GET, "/notes", None).await;
        assert_eq!(listed, json!([]), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_made_below_a_deleted_item() {
    for replicas in all_replicas().await {
        let name = replicas.name;
        for round in 0..12 {
            let note = Some(json!({"id": 1, "text": "t"}));
            assert_eq!(replicas.call(Method::POST, "/notes", note.clone()).await.0, 201, "{name}");
            let calls = (0..32).map(|n| match n {
                24 => (Method::DELETE, "/notes/1".to_owned(), None),
                _ => (Method::POST, "/notes/1/lines".to_owned(), Some(json!({"text": format!("t{n}")}))),
            });
            let answers = replicas.race(calls).await;
            assert_eq!(
                (count(&answers, 204), count(&answers, 201) + count(&answers, 404)),
                (1, 31),
                "{name}"
            );
            assert_eq!(replicas.call(Method::POST, "/notes", note).await.0, 201, "{name}");
            let listed = replicas.call(Method::GET, "/notes/1/lines", None).await;
            assert_eq!(listed, (200, json!([])), "{name}, round {round}: survived the item above");
            assert_eq!(replicas.call(Method::DELETE, "/notes/1", None).await.0, 204, "{name}");
        }
    }
}

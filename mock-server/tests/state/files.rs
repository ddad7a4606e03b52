//! Files that were uploaded: on every backend, in snapshots, and no longer than their item.

use descant_mock::state::{Room, Scope};
use descant_mock::{Mock, Response, Settings, respond_with};
use descant_model::load::{Options, load_text};
use http::StatusCode;
use serde_json::json;

use super::{Storage, storages};

const DOCUMENT: &str = "
openapi: 3.1.0
info: {title: Users, version: '1'}
paths:
  /users:
    post: {responses: {'201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}}}}
  /users/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {'200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}}}}
    delete: {responses: {'204': {description: gone}}}
  /users/{id}/avatar:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    put: {requestBody: {content: {image/png: {}}}, responses: {'204': {description: kept}, '404': {description: none}}}
    get: {responses: {'200': {description: the picture, content: {image/png: {}}}, '404': {description: none}}}
components:
  schemas:
    User: {type: object, required: [id], properties: {id: {type: integer}, name: {type: string}}}
";

/// Bytes that are no text.
const FILE: &[u8] = &[0x89, b'P', b'N', b'G', 0, 0xff, b'\r', b'\n'];

async fn call(mock: &Mock, method: &str, target: &str, body: &'static [u8]) -> Response {
    let kind = if body.is_empty() { "application/json" } else { "image/png" };
    let request = http::Request::builder().method(method).uri(target).header("content-type", kind);
    respond_with(mock, None, &request.body(body.into()).unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_comes_back_on_every_backend() {
    let api = std::sync::Arc::new(load_text("users.yaml", DOCUMENT, &Options::default()).api.unwrap());
    for Storage { name, handles, _held } in storages(Room::default()).await {
        let mock = |at: usize| {
            let settings = Settings::default().with_items(0);
            Mock::new(api.clone(), settings).with_state(handles[at].clone())
        };
        let (here, there) = (mock(0), mock(handles.len() - 1));
        assert_eq!(
            call(&here, "PUT", "/users/1/avatar", FILE).await.status(),
            StatusCode::NOT_FOUND,
            "{name}"
        );
        assert_eq!(call(&here, "POST", "/users", b"").await.status(), StatusCode::CREATED, "{name}");
        assert_eq!(
            call(&here, "PUT", "/users/1/avatar", FILE).await.status(),
            StatusCode::NO_CONTENT,
            "{name}"
        );
        assert_eq!(call(&there, "GET", "/users/1/avatar", b"").await.body(), FILE, "{name}");

        let snapshot = handles[0].snapshot().await.unwrap();
        call(&there, "DELETE", "/users/1", b"").await;
        assert_eq!(
            call(&here, "GET", "/users/1/avatar", b"").await.status(),
            StatusCode::NOT_FOUND,
            "{name}"
        );
        let scope = Scope { collection: "/users/{}".to_owned(), parents: vec!["1".to_owned()] };
        assert!(
            !handles[0].snapshot().await.unwrap().contains_key(&scope),
            "{name}: the file ends with its item"
        );
        handles[0].restore(snapshot).await.unwrap();
        assert_eq!(call(&there, "GET", "/users/1/avatar", b"").await.body(), FILE, "{name}");
    }
}

#[test]
fn a_snapshot_with_a_broken_file_is_refused() {
    let api = load_text("users.yaml", DOCUMENT, &Options::default()).api.unwrap();
    let mock = Mock::new(api.into(), Settings::default());
    let mock = mock.with_state(std::sync::Arc::new(descant_mock::state::Memory::default()));
    let read = |file| {
        let snapshot = json!({"[\"/users/{}\",[\"1\"]]": {"file": file}});
        mock.state().unwrap().read(&snapshot).map_err(|misfit| misfit.message)
    };
    assert!(read(json!({"name": "a.png", "content": "iVBORw=="})).is_ok());
    for broken in [json!(7), json!({}), json!({"content": "?"}), json!({"content": 7})] {
        let message = read(broken.clone()).unwrap_err();
        assert_eq!(message, "expected a file: an object with `content` in base64", "{broken}");
    }
}

//! What the mock keeps of requests has an end, and a request beyond it is told so.

use std::sync::Arc;

use descant_mock::state::{Memory, Room};
use descant_mock::{Limits, Mock, Running, Settings, start_with};
use descant_model::load::{Options, load_text};

use crate::exchange;

const TOYS: &str = r#"
openapi: 3.1.0
info: {title: Toys, version: 1.0.0}
paths:
  /pets/{pet}/toys:
    parameters: [{name: pet, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        '200': {description: all, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Toy'}}, example: [{id: 1, name: ball}]}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Toy'}}}}
      responses: {'201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Toy'}}}}}
  /pets/{pet}/toys/{id}:
    parameters:
      - {name: pet, in: path, required: true, schema: {type: string}}
      - {name: id, in: path, required: true, schema: {type: integer}}
    get: {responses: {'200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/Toy'}}}}}}
    delete: {responses: {'204': {description: gone}}}
components:
  schemas: {Toy: {type: object, required: [name], properties: {id: {type: integer, readOnly: true}, name: {type: string}}}}
"#;

fn run(room: Room) -> Running {
    let api = load_text("toys.yaml", TOYS, &Options::default()).api.unwrap();
    let mock = Mock::new(Arc::new(api), Settings::default().with_items(0))
        .with_state(Arc::new(Memory::with_room(room)));
    start_with(mock, None, Limits::default()).unwrap()
}

/// A call must be answered with this status; the answer is returned.
fn check(mock: &Running, call: &str, body: &str, status: u16) -> String {
    let length = body.len();
    let request = format!(
        "{call} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    let answer = exchange(mock, request.as_bytes());
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{call}\n{answer}");
    answer
}

#[test]
fn parents_are_counted_when_their_collections_are_written_to() {
    let mock = run(Room { scopes: 2, ..Room::default() });
    for pet in 0..10 {
        assert!(
            check(&mock, &format!("GET /pets/{pet}/toys"), "", 200).contains("ball"),
            "reading costs nothing"
        );
        check(&mock, &format!("GET /pets/{pet}/toys/1"), "", 200);
    }
    check(&mock, "POST /pets/1/toys", r#"{"name": "mouse"}"#, 201);
    check(&mock, "DELETE /pets/2/toys/1", "", 204);
    let refused = check(&mock, "POST /pets/3/toys", r#"{"name": "bone"}"#, 507);
    assert!(refused.contains("no more than collections of 2 parents"), "{refused}");
    check(&mock, "DELETE /pets/3/toys/1", "", 507);
    check(&mock, "GET /pets/3/toys/1", "", 200);
    check(&mock, "POST /pets/2/toys", r#"{"name": "bone"}"#, 201);
    assert!(check(&mock, "GET /pets/1/toys", "", 200).contains("mouse"), "what is kept stays");
}

#[test]
fn bytes_are_counted_and_given_back() {
    let mock = run(Room { bytes: 10_000, ..Room::default() });
    let long = format!(r#"{{"name": "{}"}}"#, "x".repeat(6_000));
    check(&mock, "POST /pets/1/toys", &long, 201);
    assert!(check(&mock, "POST /pets/1/toys", &long, 507).contains("no more than 10000 bytes of items"));
    check(&mock, "DELETE /pets/1/toys/2", "", 204);
    check(&mock, "POST /pets/1/toys", &long, 201);
}

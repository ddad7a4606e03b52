//! What answers show of what is kept: unions, `writeOnly`, pages, and why the state cannot serve a call.

use std::fmt::Write as _;
use std::sync::Arc;

use descant_mock::state::{Items, Memory, Room, Scope, Store};
use descant_mock::{Mock, Response, Settings, respond, start};
use descant_model::load::{Options, load_text};
use serde_json::{Value, json};

const UNION: &str = r#"
openapi: 3.0.3
info: {title: Accounts, version: 1.0.0}
paths:
  /accounts:
    get: {responses: {'200': {description: all, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Account'}}}}}}}
    post: {requestBody: {content: {application/x-www-form-urlencoded: {schema: {type: object, properties: {name: {type: string}}}}}}, responses: {'200': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Account'}}}}}}
  /accounts/{account}:
    parameters: [{name: account, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: one, content: {application/json: {schema: {KIND: [{$ref: '#/components/schemas/Closed'}, {$ref: '#/components/schemas/Account'}]}}}}}}
components:
  schemas:
    Account: {type: object, required: [id, opened], properties: {id: {type: string}, opened: {type: integer}, name: {type: string}}}
    Closed: {type: object, required: [id, closed], properties: {id: {type: string}, closed: {type: boolean, enum: [true]}}}
"#;

fn mock(document: &str, store: Arc<dyn Store>) -> Mock {
    let api = load_text("document.yaml", document, &Options::default()).api.unwrap();
    Mock::new(Arc::new(api), Settings::default().with_items(0)).with_state(store)
}

fn in_memory(document: &str) -> Mock {
    mock(document, Arc::new(Memory::default()))
}

fn call(mock: &Mock, method: &str, target: &str, (kind, body): (&str, &str)) -> Response {
    let request = http::Request::builder().method(method).uri(target).header("content-type", kind);
    respond(mock, &request.body(body.to_owned().into()).unwrap())
}

fn json_of(response: &Response) -> Value {
    serde_json::from_slice(response.body()).unwrap_or_default()
}

fn get(mock: &Mock, target: &str) -> Value {
    let response = call(mock, "GET", target, ("text/plain", ""));
    assert_eq!(notice(&response), "", "{target}");
    json_of(&response)
}

fn post(mock: &Mock, target: &str, body: Value) -> Response {
    call(mock, "POST", target, ("application/json", &body.to_string()))
}

fn notice(response: &Response) -> &str {
    response.headers().get("descant-notice").map_or("", |notice| notice.to_str().unwrap())
}

#[test]
fn an_item_may_be_one_of_several_schemas() {
    for kind in ["anyOf", "oneOf"] {
        let mock = in_memory(&UNION.replace("KIND", kind));
        for name in ["Ann", "Bob", "Cid"] {
            let form = ("application/x-www-form-urlencoded", format!("name={name}"));
            let made = call(&mock, "POST", "/accounts", (form.0, &form.1));
            assert_eq!((made.status().as_u16(), notice(&made)), (200, ""), "{kind}");
            let made = json_of(&made);
            assert_eq!(made["name"], name);
            assert_eq!(get(&mock, &format!("/accounts/{}", made["id"].as_str().unwrap())), made, "{kind}");
        }
        assert_eq!(get(&mock, "/accounts").as_array().unwrap().len(), 3, "{kind}");
    }
}

const SECRETS: &str = r#"
openapi: 3.0.3
info: {title: Users, version: 1.0.0}
paths:
  /users:
    get: {responses: {'200': {description: all, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/User'}}}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}}
      responses: {'201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}}}
  /users/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {'200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}}}}
    patch:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}}
      responses: {'200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/User'}}}}}
  /example: {get: {responses: {'200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/User'}, example: {id: 1, name: Eve, pin: '1234', keys: [{label: a, key: k}]}}}}}}}
components:
  schemas:
    User:
      type: object
      required: [name, pin]
      properties:
        id: {type: integer, readOnly: true}
        name: {type: string}
        pin: {type: string, writeOnly: true}
        keys: {type: array, items: {type: object, properties: {label: {type: string}, key: {allOf: [{$ref: '#/components/schemas/Key'}]}}}}
    Key: {type: string, writeOnly: true}
"#;

#[test]
fn what_is_write_only_is_kept_and_never_shown() {
    let mock = in_memory(SECRETS);
    let made =
        post(&mock, "/users", json!({"name": "Ann", "pin": "1", "keys": [{"label": "a", "key": "k"}]}));
    let ann = json!({"id": 1, "name": "Ann", "keys": [{"label": "a"}]});
    assert_eq!((made.status().as_u16(), notice(&made), json_of(&made)), (201, "", ann.clone()));
    assert_eq!(get(&mock, "/users"), json!([ann]));
    assert_eq!(get(&mock, "/users/1"), ann);
    let patched = call(&mock, "PATCH", "/users/1", ("application/json", r#"{"name": "Bea", "pin": "2"}"#));
    assert_eq!(json_of(&patched), json!({"id": 1, "name": "Bea", "keys": [{"label": "a"}]}));
    let example = json_of(&call(&mock, "GET", "/example", ("text/plain", "")));
    assert_eq!(example, json!({"id": 1, "name": "Eve", "keys": [{"label": "a"}]}));
    for seed in 0..20 {
        mock.set_seed(seed);
        let sampled = call(&mock, "GET", "/example?__dynamic=true", ("text/plain", ""));
        let text = String::from_utf8_lossy(sampled.body());
        assert!(!text.contains("\"pin\"") && !text.contains("\"key\""), "{text}");
    }
}

const PAGES: &str = r#"
openapi: 3.0.3
info: {title: Things, version: 1.0.0}
paths:
  /things:
    get:
      parameters: [{name: page, in: query, schema: {type: integer, minimum: 1}}, {name: page_size, in: query, schema: {type: integer, default: 10}}, {name: view, in: query, schema: {type: string}}]
      responses:
        '200':
          description: a page
          headers: {X-Total-Count: {schema: {type: integer}}, Link: {schema: {type: string}}}
          content:
            application/json:
              schema:
                type: object
                properties:
                  data: {type: array, items: {$ref: '#/components/schemas/Thing'}}
                  meta: {type: object, properties: {total: {type: integer}, page: {type: integer}, page_size: {type: integer}, total_pages: {type: integer}, has_next: {type: boolean}, has_prev: {type: boolean}}}
                  links: {type: object, properties: {next: {type: string, nullable: true}, prev: {type: string}}}
              example: {data: [{id: a}], meta: {total: 120, page: 7, page_size: 3, total_pages: 40, has_next: true, has_prev: true}, links: {next: '/things?page=8', prev: '/things?page=6'}}
    post: {requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}, responses: {'201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}}}
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}, '404': {description: none}}}
components: {schemas: {Thing: {type: object, required: [id], properties: {id: {type: string}}}}}
"#;

#[test]
fn what_an_envelope_says_of_pages_is_true() {
    let mock = in_memory(PAGES);
    for n in 1..25 {
        post(&mock, "/things", json!({"id": format!("t{n}")}));
    }
    let meta = |page: u64, next: bool, prev: bool| json!({"total": 25, "page": page, "page_size": 10, "total_pages": 3, "has_next": next, "has_prev": prev});
    let first = call(&mock, "GET", "/things?view=a%20b", ("text/plain", ""));
    assert_eq!(first.headers()["x-total-count"], "25");
    let link = first.headers()["link"].to_str().unwrap();
    assert!(link.contains("</things?view=a+b&page=2>; rel=\"next\""), "{link}");
    let first = json_of(&first);
    assert_eq!((first["data"].as_array().unwrap().len(), &first["meta"]), (10, &meta(1, true, false)));
    assert_eq!(first["links"], json!({"next": "/things?view=a+b&page=2"}), "no page before");
    let last = get(&mock, "/things?page=3");
    assert_eq!((last["data"].as_array().unwrap().len(), &last["meta"]), (5, &meta(3, false, true)));
    assert_eq!(last["links"], json!({"next": null, "prev": "/things?page=2"}));
}

const PLAIN: &str = r#"
openapi: 3.1.0
info: {title: Pets, version: 1.0.0}
paths:
  /pets:
    get: {responses: {'200': {description: all, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
      responses: {'201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}}
  /pets/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {'200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}}}
components: {schemas: {Pet: {type: object, required: [REQUIRED], properties: {id: {type: integer}, name: {type: string}, born: {type: string, format: date}}}}}
"#;

#[tokio::test]
async fn a_list_without_pages_shows_every_item_or_says_where_it_was_cut() {
    let store = Arc::new(Memory::with_room(Room { items: 20_000, ..Room::default() }));
    let scope = Scope { collection: "/pets".into(), parents: vec![] };
    let many = |count: u64| -> Items { (1..=count).map(|n| (n.to_string(), json!({"id": n}))).collect() };
    let mock = mock(&PLAIN.replace("REQUIRED", "id"), store.clone());
    store.begin(&scope, many(1_000)).await.unwrap();
    assert_eq!(get(&mock, "/pets").as_array().unwrap().len(), 1_000);
    store.restore([(scope, many(10_001))].into()).await.unwrap();
    let cut = call(&mock, "GET", "/pets", ("text/plain", ""));
    assert_eq!(json_of(&cut).as_array().unwrap().len(), 10_000);
    assert!(notice(&cut).contains("10000 of 10001 items"), "{}", notice(&cut));
}

#[test]
fn what_happens_to_other_items_is_said() {
    let mock = mock(
        &PLAIN.replace("REQUIRED", "id"),
        Arc::new(Memory::with_room(Room { items: 2, ..Room::default() })),
    );
    for n in 1..3 {
        assert_eq!(notice(&post(&mock, "/pets", json!({"id": n}))), "");
    }
    let replaced = post(&mock, "/pets", json!({"id": 2, "name": "Tom"}));
    assert!(notice(&replaced).contains("`2` was there already, and was replaced"), "{}", notice(&replaced));
    let evicting = post(&mock, "/pets", json!({}));
    assert!(notice(&evicting).contains("its oldest item `1` was evicted"), "{}", notice(&evicting));
}

/// Items of before a reload lack a property that is required now: the document answers, and says why.
#[tokio::test]
async fn why_the_state_cannot_serve_a_call_is_said_in_answer_and_log() {
    let store = Arc::new(Memory::default());
    let before = mock(&PLAIN.replace("REQUIRED", "id"), store.clone());
    post(&before, "/pets", json!({"name": "Tom"}));
    let after = start(mock(&PLAIN.replace("REQUIRED", "id, born"), store)).unwrap();
    for target in ["/pets", "/pets/1"] {
        let response = reqwest::get(format!("{}{target}", after.url())).await.unwrap();
        assert_eq!(response.status(), 200);
        let mut said = String::new();
        write!(said, "{:?}", response.headers()["descant-notice"]).unwrap();
        assert!(said.contains("answered without the state") && said.contains("born"), "{said}");
        let entry = after.calls().pop().unwrap();
        assert!(entry.response.unwrap().contains("answered without the state"));
    }
}

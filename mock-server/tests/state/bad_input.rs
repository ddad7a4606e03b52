//! Storage that is not what it should be, or fails: a message that names the place, 503 for the calls that need it and for
//! no other, nothing acknowledged lost, and work goes on once the storage is back.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use descant_mock::state::{Redis, Room, Sqlite, Store, StoreError};
use descant_mock::{Mock, Running, Settings, start};
use descant_model::load::{Options, load_text};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::redis_server::RedisServer;

const DOCUMENT: &str = r#"
openapi: 3.1.0
info: {title: Notes, version: 1.0.0}
paths:
  /health: {get: {responses: {'200': {description: fine, content: {application/json: {schema: {const: fine}}}}}}}
  /notes:
    get: {responses: {'200': {description: all, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Note'}}}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
      responses: {'201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {'200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}}}
    delete: {responses: {'204': {description: gone}}}
components:
  schemas: {Note: {type: object, required: [id, text], properties: {id: {type: integer, readOnly: true}, text: {type: string}}}}
"#;

struct Served {
    mock: Running,
    client: Client,
}

impl Served {
    fn new(store: impl Store + 'static) -> Self {
        let api = load_text("notes.yaml", DOCUMENT, &Options::default()).api.unwrap();
        let mock = Mock::new(Arc::new(api), Settings::default().with_items(0)).with_state(Arc::new(store));
        Self { mock: start(mock).unwrap(), client: Client::new() }
    }

    async fn call(&self, method: Method, target: &str, body: Option<Value>) -> (u16, String) {
        let mut request = self.client.request(method, format!("{}{target}", self.mock.url()));
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    async fn get(&self, target: &str) -> (u16, String) {
        self.call(Method::GET, target, None).await
    }

    async fn post(&self, text: &str) -> (u16, String) {
        self.call(Method::POST, "/notes", Some(json!({"text": text}))).await
    }

    /// A call gets 503, whose detail names the place; a route without state answers.
    async fn fails(&self, target: &str, expected: &[&str]) {
        let (status, detail) = self.get(target).await;
        assert_eq!(status, 503, "{detail}");
        expected.iter().for_each(|expected| assert!(detail.contains(expected), "{detail}"));
        assert_eq!(self.get("/health").await.0, 200);
    }
}

/// The message of a store that must not open.
fn refused<T>(opened: Result<T, StoreError>, expected: &[&str]) {
    let Err(error) = opened else { panic!("it opened, but should say {expected:?}") };
    let said = error.to_string();
    expected.iter().for_each(|expected| assert!(said.contains(expected), "{said}"));
}

fn open(path: &Path) -> Result<Sqlite, StoreError> {
    Sqlite::open(path, "notes.yaml")
}

#[test]
fn a_file_that_is_not_ours_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let text = "no database, but a text that is long enough to be one: ".repeat(100);
    std::fs::write(path("text"), &text).unwrap();
    refused(open(&path("text")), &["text: ", "not a database"]);
    assert_eq!(std::fs::read_to_string(path("text")).unwrap(), text);

    let other = rusqlite::Connection::open(path("other.db")).unwrap();
    other.execute_batch("CREATE TABLE items (name TEXT); INSERT INTO items VALUES ('theirs');").unwrap();
    drop(other);
    refused(open(&path("other.db")), &["other.db: ", "another program", "name another file"]);
    let other = rusqlite::Connection::open(path("other.db")).unwrap();
    let name: String = other.query_row("SELECT name FROM items", [], |row| row.get(0)).unwrap();
    assert_eq!(name, "theirs");

    drop(open(&path("later.db")).unwrap());
    let later = rusqlite::Connection::open(path("later.db")).unwrap();
    later.pragma_update(None, "user_version", 99).unwrap();
    refused(open(&path("later.db")), &["later.db: ", "another version"]);

    std::fs::create_dir(path("folder")).unwrap();
    refused(open(&path("folder")), &["folder: ", "unable to open"]);
    refused(open(&path("none/state.db")), &["none/state.db: ", "unable to open"]);
}

#[cfg(unix)]
#[test]
fn a_read_only_file_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    drop(open(&path).unwrap());
    let lock = |mode: u32| {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(mode | 0o111)).unwrap();
    };
    lock(0o444);
    // The superuser may write whatever the mode says.
    match std::fs::OpenOptions::new().append(true).open(&path) {
        Ok(_) => drop(open(&path).unwrap()),
        Err(_) => refused(open(&path), &["state.db: ", "readonly"]),
    }
    lock(0o755);
}

#[tokio::test]
async fn a_file_that_is_removed_while_it_is_open_is_missed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let served = Served::new(open(&path).unwrap());
    assert_eq!(served.post("one").await.0, 201);
    for file in std::fs::read_dir(folder.path()).unwrap() {
        std::fs::remove_file(file.unwrap().path()).unwrap();
    }
    served.fails("/notes", &["state.db: ", "removed or replaced", "begins anew"]).await;
    assert_eq!(served.get("/notes").await, (200, "[]".to_owned()));
    assert_eq!(served.post("two").await.0, 201);
    assert!(served.get("/notes").await.1.contains("two"));
    assert!(path.exists());
}

/// The room of the file stands in for the disk: SQLite says the same of both.
#[tokio::test]
async fn a_full_file_lets_delete_and_reset_through() {
    let folder = tempfile::tempdir().unwrap();
    let room = Room { bytes: 100 * 1024, ..Room::default() };
    let store = Sqlite::with_room(&folder.path().join("state.db"), "notes.yaml", room).unwrap();
    let served = Served::new(store);
    let long = "x".repeat(10_000);
    let mut made = 0;
    let detail = loop {
        match served.post(&long).await {
            (201, _) => made += 1,
            (507, detail) => break detail,
            other => panic!("{other:?}"),
        }
    };
    assert!(made > 2 && detail.contains("state.db"), "{made}: {detail}");
    let all: Vec<Value> = serde_json::from_str(&served.get("/notes").await.1).unwrap();
    assert_eq!(all.len(), made, "what was acknowledged is there");
    assert_eq!(served.call(Method::DELETE, "/notes/1", None).await.0, 204);
    assert_eq!(served.call(Method::DELETE, "/notes/2", None).await.0, 204);
    assert_eq!(served.post(&long).await.0, 201);
    while served.post(&long).await.0 == 201 {}
    served.mock.mock().reset().await.unwrap();
    assert_eq!(served.get("/notes").await.1, "[]");
    assert_eq!(served.post(&long).await.0, 201);
}

async fn connect(url: &str) -> Result<Redis, StoreError> {
    Redis::connect(url, "notes.yaml").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_hangs_stalls_no_other_route_and_heals() {
    let server = RedisServer::start(&[]);
    let served = Served::new(connect(&server.url()).await.unwrap());
    assert_eq!(served.post("one").await.0, 201);
    server.signal("STOP");
    let waiting = (0..32).map(|_| async {
        let start = Instant::now();
        let (status, detail) = served.get("/notes").await;
        assert_eq!(status, 503);
        assert!(detail.contains("Redis at 127.0.0.1") && detail.contains("no answer within"), "{detail}");
        assert!(start.elapsed() < Duration::from_millis(1_500), "{:?}", start.elapsed());
    });
    let others = async {
        for _ in 0..50 {
            let start = Instant::now();
            assert_eq!(served.get("/health").await.0, 200);
            assert!(start.elapsed() < Duration::from_millis(300), "{:?}", start.elapsed());
        }
    };
    futures_util::future::join(futures_util::future::join_all(waiting), others).await;
    server.signal("CONT");
    let start = Instant::now();
    while served.get("/notes").await.0 != 200 {
        assert!(start.elapsed() < Duration::from_secs(5), "it does not heal");
    }
    assert!(served.get("/notes").await.1.contains("one"), "what was acknowledged is there");
    assert_eq!(served.post("two").await.0, 201);
}

#[tokio::test]
async fn a_redis_that_is_killed_fails_says_what_it_lost_and_heals() {
    let mut server = RedisServer::start(&[]);
    let served = Served::new(connect(&server.url()).await.unwrap());
    assert_eq!(served.post("one").await.0, 201);
    server.kill();
    served.fails("/notes", &["Redis at 127.0.0.1"]).await;
    server.run();
    served.fails("/notes", &["Redis at 127.0.0.1", "lost what the mock kept", "begins anew"]).await;
    assert_eq!(served.get("/notes").await, (200, "[]".to_owned()));
    assert_eq!(served.post("two").await.0, 201);
}

#[tokio::test]
async fn a_redis_that_evicts_is_refused_and_what_it_evicted_is_missed() {
    let evicting = RedisServer::start(&["--maxmemory", "50mb", "--maxmemory-policy", "allkeys-lru"]);
    refused(connect(&evicting.url()).await, &["Redis at 127.0.0.1", "allkeys-lru", "noeviction"]);

    let server = RedisServer::start(&[]);
    let served = Served::new(connect(&server.url()).await.unwrap());
    assert_eq!(served.post("one").await.0, 201);
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let keys: Vec<String> = redis::cmd("KEYS").arg("*items*").query_async(&mut connection).await.unwrap();
    let _: () = redis::cmd("DEL").arg(&keys).query_async(&mut connection).await.unwrap();
    served.fails("/notes", &["lost a part", "reset the state"]).await;
    served.mock.mock().reset().await.unwrap();
    assert_eq!(served.post("two").await.0, 201);
    let _: () = redis::cmd("FLUSHALL").query_async(&mut connection).await.unwrap();
    served.fails("/notes", &["lost what the mock kept"]).await;
    assert_eq!(served.get("/notes").await, (200, "[]".to_owned()));
}

#[tokio::test]
async fn a_full_redis_lets_delete_through() {
    let server = RedisServer::start(&["--maxmemory", "4mb", "--maxmemory-policy", "noeviction"]);
    let served = Served::new(connect(&server.url()).await.unwrap());
    let long = "x".repeat(100_000);
    let mut made = 0;
    let detail = loop {
        match served.post(&long).await {
            (201, _) => made += 1,
            (507, detail) => break detail,
            other => panic!("{other:?}"),
        }
    };
    assert!(made > 2 && detail.contains("Redis at 127.0.0.1"), "{made}: {detail}");
    for id in 1..=3 {
        assert_eq!(served.call(Method::DELETE, &format!("/notes/{id}"), None).await.0, 204);
    }
    assert_eq!(served.post(&long).await.0, 201);
}

#[tokio::test]
async fn what_is_no_open_redis_is_named() {
    let server = RedisServer::start(&["--requirepass", "secret"]);
    refused(connect(&server.url()).await, &["Redis at 127.0.0.1", "redis://:PASSWORD@HOST"]);
    let with = |password: &str| server.url().replace("//", &format!("//:{password}@"));
    refused(connect(&with("wrong")).await, &["Redis at 127.0.0.1", "PASSWORD"]);
    assert!(connect(&with("secret")).await.is_ok());
    let error = connect(&with("hush")).await.err().unwrap().to_string();
    assert!(!error.contains("hush"), "{error}");
    refused(connect("rediss://127.0.0.1/").await, &["TLS to Redis is not supported"]);
    refused(connect("redis://[").await, &["redis://HOST:PORT/DB"]);

    for answer in ["HTTP/1.1 400 Bad Request\r\n\r\n", "", "$99999999999999\r\n", "*1000000000\r\n"] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("redis://{}/", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(answer.as_bytes());
            std::thread::sleep(Duration::from_secs(3));
        });
        let start = Instant::now();
        refused(connect(&url).await, &["Redis at 127.0.0.1"]);
        assert!(start.elapsed() < Duration::from_millis(1_500), "{answer:?}: {:?}", start.elapsed());
    }
}

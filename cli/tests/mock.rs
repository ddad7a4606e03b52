//! `descant mock` as a process: what it prints, how it follows its document, what it leaves behind.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // in tests

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// `--state-from` and `--fixture` fill the state; a fault names its line, and the mock does not start.
#[test]
fn a_state_is_read_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let schema =
        "{type: object, required: [id, name], properties: {id: {type: integer}, name: {type: string}}}";
    let responses = |schema: &str| {
        format!(
            "{{responses: {{'200': {{description: d, content: {{application/json: {{schema: {schema}}}}}}}}}}}"
        )
    };
    let list = responses(&format!("{{type: array, items: {schema}}}"));
    let (create, read) = (responses(schema), responses(schema));
    let read = read.replacen(
        '{',
        "{parameters: [{name: id, in: path, required: true, schema: {type: integer}}], ",
        1,
    );
    write(
        "pets.yaml",
        &format!(
            "openapi: 3.1.0\ninfo: {{title: Pets, version: 1.0.0}}\npaths:\n  /pets: {{get: {list}, post: {create}}}\n  /pets/{{id}}: {{get: {read}}}\n"
        ),
    );
    write("state.yaml", "pets:\n  - {name: Rex}\n");
    write("none.json", "{\"pets\": []}");
    write("broken.yaml", "pets:\n  - {name: [Rex]}\n");
    let mock = Mock::new(folder.path(), &["--state-from", "state.yaml", "--fixture", "none=none.json"]);
    assert!(mock.get("/pets").ends_with("\r\n\r\n[{\"id\":1,\"name\":\"Rex\"}]"), "{}", mock.get("/pets"));
    assert_eq!(mock.exchange("POST", "/__descant/fixtures/none", "").0, 204);
    assert_eq!(mock.exchange("GET", "/pets", "").1, "[]");
    for (file, code, expected) in [
        ("broken.yaml", 1, "broken.yaml:2:12: /pets/0/name: expected a string"),
        ("missing.yaml", 2, "no such file: missing.yaml"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_descant"));
        command.args(["mock", "pets.yaml", "--port", "0", "--state-from", file]).current_dir(folder.path());
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{file}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(expected), "{output:?}");
    }
}

fn document(name: &str) -> String {
    format!(
        "openapi: 3.1.0\ninfo: {{title: Pets, version: 1.0.0}}\npaths:\n  /pets:\n    get:\n      responses:\n        '200': {{$ref: 'parts.yaml#/{name}'}}\n  /dogs:\n    get: {{responses: {{'204': {{description: none}}}}}}\n"
    )
}

const PARTS: &str = "one: {description: one, content: {application/json: {example: one}}}\ntwo: {description: two, content: {application/json: {example: two}}}\n";

/// A running mock; it is killed with the test.
struct Mock {
    child: Child,
    lines: BufReader<ChildStdout>,
    address: String,
}

impl Mock {
    fn new(folder: &Path, arguments: &[&str]) -> Self {
        Self::of(folder, &[&["pets.yaml"], arguments].concat())
    }

    fn of(folder: &Path, arguments: &[&str]) -> Self {
        Self::start(folder, arguments, "http")
    }

    fn start(folder: &Path, arguments: &[&str], scheme: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_descant"));
        command.args(["mock", "--port", "0"]).args(arguments).current_dir(folder);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        lines.read_line(&mut first).unwrap();
        assert!(first.contains(&format!(" on {scheme}://127.0.0.1:")), "{first}");
        let address = first.split("://").nth(1).unwrap().split([' ', '/', '\n']).next().unwrap().to_owned();
        Self { child, lines, address }
    }

    fn get(&self, target: &str) -> String {
        self.send("GET", target)
    }

    fn send(&self, method: &str, target: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "{method} {target} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address)
            .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    /// Sends a body of JSON, and returns the status and the body of the answer; 0 where there is none.
    fn exchange(&self, method: &str, target: &str, body: &str) -> (u16, String) {
        self.with_head(method, target, "", body)
    }

    /// The same with further lines of the head.
    fn with_head(&self, method: &str, target: &str, head: &str, body: &str) -> (u16, String) {
        let Ok(mut stream) = TcpStream::connect(&self.address) else { return (0, String::new()) };
        let (host, length) = (&self.address, body.len());
        let request = format!(
            "{method} {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{head}\r\n{body}"
        );
        let mut text = String::new();
        let answered = stream.write_all(request.as_bytes()).and_then(|()| stream.read_to_string(&mut text));
        let Some((head, body)) = text.split_once("\r\n\r\n").filter(|_| answered.is_ok()) else {
            return (0, String::new());
        };
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line
    }

    /// Waits until a request is answered so.
    fn until(&self, target: &str, end: &str) {
        let started = Instant::now();
        loop {
            let found = self.get(target);
            if found.ends_with(end) {
                return;
            }
            assert!(started.elapsed() < Duration::from_secs(10), "{found}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    #[cfg(unix)]
    fn terminate(mut self) -> i32 {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.child.wait().unwrap().code().unwrap()
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pets.yaml"), document("one")).unwrap();
    std::fs::write(folder.path().join("parts.yaml"), PARTS).unwrap();
    folder
}

#[test]
fn it_follows_every_file_and_keeps_the_last_good_document() {
    let folder = folder();
    let mut mock = Mock::new(folder.path(), &[]);
    assert!(mock.get("/pets").ends_with("\"one\""));
    std::fs::write(folder.path().join("pets.yaml"), document("two")).unwrap();
    mock.until("/pets", "\"two\"");
    assert!(mock.line().starts_with("reloaded in "), "a line says so");
    assert_eq!(mock.line(), "  ~ operation GET /pets\n");
    std::fs::write(folder.path().join("pets.yaml"), "openapi: 3.1.0\npaths: [").unwrap();
    std::thread::sleep(Duration::from_millis(400));
    assert!(mock.get("/pets").ends_with("\"two\""), "a broken document changes nothing");
    std::fs::write(folder.path().join("pets.yaml"), document("two")).unwrap();
    std::fs::write(folder.path().join("parts.yaml"), PARTS.replace("example: two", "example: three"))
        .unwrap();
    mock.until("/pets", "\"three\"");
}

#[test]
fn the_log_tells_what_is_not_as_the_document_says() {
    let folder = folder();
    let mut mock = Mock::new(folder.path(), &[]);
    mock.get("/pets");
    mock.get("/cats");
    assert!(mock.line()[9..].starts_with("404 GET /cats ("));
    assert!(mock.line().starts_with("    request: no path of the document matches `/cats`"));
    let mut all = Mock::new(folder.path(), &["--log", "all", "--json"]);
    all.get("/pets");
    let entry: serde_json::Value = serde_json::from_str(&all.line()).unwrap();
    assert_eq!((&entry["status"], &entry["operation"]), (&200.into(), &"GET /pets".into()));
}

#[cfg(unix)]
#[test]
fn coverage_decides_the_exit_code() {
    let folder = folder();
    let file = folder.path().join("coverage.json");
    let mock = Mock::new(folder.path(), &["--coverage", "coverage.json", "--min-coverage", "50"]);
    mock.get("/pets");
    assert_eq!(mock.terminate(), 0);
    let report: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!((&report[0]["document"], &report[0]["percent"]), (&"Pets".into(), &50.0.into()));
    let mock = Mock::new(folder.path(), &["--min-coverage", "51"]);
    mock.get("/pets");
    assert_eq!(mock.terminate(), 1);
}

#[test]
fn rules_come_from_a_file() {
    let folder = folder();
    let rules = r#"[{"operation": "GET /pets", "answers": [{"code": 503}, {}]}]"#;
    std::fs::write(folder.path().join("rules.json"), rules).unwrap();
    let mock = Mock::new(folder.path(), &["--rules", "rules.json"]);
    assert!(mock.get("/pets").starts_with("HTTP/1.1 503 "));
    assert!(mock.get("/pets").starts_with("HTTP/1.1 200 "));
}

/// Each set of rules of a built-in API is known to its mock, and a client that tries again succeeds.
#[test]
fn rules_of_a_built_in_api_have_names() {
    let folder = tempfile::tempdir().unwrap();
    let tried = |rules: &str, target: &str, body: &str| {
        let mock = Mock::of(folder.path(), &["cognitive3d", "--rules", rules]);
        let key = "authorization: APIKEY:ORGANIZATION sample0000write\r\n";
        let method = if body.is_empty() { "GET" } else { "POST" };
        [(); 2].map(|()| mock.with_head(method, target, key, body).0)
    };
    let who = "/v0/organizations/apiKeys/whoami";
    assert_eq!(tried("rate-limited", who, ""), [429, 200]);
    assert_eq!(tried("html-errors", who, ""), [500, 200]);
    let slicer = "/v0/datasets/sessions/slicerQueries";
    let query = r#"{"entityFilters": {"projectId": 1204}, "sessionFilters": [],
        "aggregations": [{"name": "main", "operations": [{"name": "sessions", "type": "sessionCount"}]}]}"#;
    assert_eq!(tried("unbounded-ranges", slicer, query), [502, 502]);
}

#[test]
fn a_rule_for_no_operation_is_refused() {
    let folder = folder();
    let rules = r#"[{"operation": "GET /pet", "answers": [{"code": 503}]}]"#;
    std::fs::write(folder.path().join("rules.json"), rules).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_descant"));
    command.args(["mock", "pets.yaml", "--port", "0", "--rules", "rules.json"]).current_dir(folder.path());
    let output = command.output().unwrap();
    let found = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{found}");
    assert!(found.contains("did you mean `GET /pets`?"), "{found}");
}

#[test]
fn rules_belong_to_one_document() {
    let folder = folder();
    std::fs::write(folder.path().join("cats.yaml"), document("two").replace("title: Pets", "title: Cats"))
        .unwrap();
    let rules = r#"[{"operation": "GET /pets", "answers": [{"code": 503}, {}]}]"#;
    std::fs::write(folder.path().join("rules.json"), rules).unwrap();
    let mock = Mock::of(folder.path(), &["/a=pets.yaml", "/b=cats.yaml", "--rules", "rules.json"]);
    let status = |target: &str| mock.get(target).split(' ').nth(1).unwrap().parse::<u16>().unwrap();
    assert_eq!((status("/a/pets"), status("/a/pets")), (503, 200), "the file is for each document");
    assert_eq!((status("/b/pets"), status("/b/pets")), (503, 200), "which counts its own calls");
    let teapot = r#"[{"operation": "*", "answers": [{"code": 418}]}]"#;
    assert_eq!(mock.exchange("PUT", "/a/__descant/rules", teapot).0, 204);
    assert_eq!((status("/a/pets"), status("/b/pets")), (418, 200));
    assert!(mock.send("POST", "/b/__descant/reset").starts_with("HTTP/1.1 204"));
    assert_eq!(status("/a/pets"), 418, "a reset is one document's, too");
}

#[test]
fn documents_under_prefixes_share_a_port() {
    let folder = folder();
    std::fs::write(folder.path().join("cats.yaml"), document("two").replace("title: Pets", "title: Cats"))
        .unwrap();
    let mut mock = Mock::of(folder.path(), &["/a=pets.yaml", "/b=cats.yaml"]);
    assert_eq!(mock.line(), format!("Cats on http://{0}/b (page: http://{0}/b/__descant/)\n", mock.address));
    assert!(mock.get("/a/pets").ends_with("\"one\""));
    assert!(mock.get("/b/pets").ends_with("\"two\""));
    assert!(mock.get("/pets").contains("no document is under `/pets`; there are /a, /b"));
    let log = mock.get("/b/__descant/log");
    assert!(
        log.contains("\"target\":\"/b/pets\"") && !log.contains("/a/pets"),
        "each has its own log: {log}"
    );
    let cats = document("one").replace("title: Pets", "title: Cats");
    std::fs::write(folder.path().join("cats.yaml"), cats).unwrap();
    mock.until("/b/pets", "\"one\"");
}

const TOKENS: &str = "openapi: 3.1.0
info: {title: Pets, version: 1.0.0}
paths:
  /pets: {get: {security: [{o: [read]}], responses: {'200': {description: all, content: {application/json: {example: one}}}}}}
components:
  securitySchemes:
    o: {type: oauth2, x-descant: {credentials: []}, flows: {clientCredentials: {tokenUrl: /token, scopes: {read: r}}}}
";

#[test]
fn a_reload_keeps_connections_and_tokens() {
    let folder = folder();
    std::fs::write(folder.path().join("pets.yaml"), TOKENS).unwrap();
    let mut mock = Mock::new(folder.path(), &[]);
    let mut stream = TcpStream::connect(&mock.address).unwrap();
    let mut call = |line: &str, field: &str, body: &str| {
        write!(
            stream,
            "{line} HTTP/1.1\r\nhost: x\r\n{field}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut lines = BufReader::new(&stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(lines.read_line(&mut head).unwrap(), 0, "the connection is closed after {head}");
        }
        let length = head
            .to_lowercase()
            .split("content-length: ")
            .nth(1)
            .unwrap()
            .split("\r\n")
            .next()
            .unwrap()
            .parse();
        let mut body = vec![0; length.unwrap()];
        lines.read_exact(&mut body).unwrap();
        String::from_utf8(body).unwrap()
    };
    let grant = "grant_type=client_credentials&client_id=a&client_secret=b";
    let token = call("POST /token", "content-type: application/x-www-form-urlencoded", grant);
    let token: serde_json::Value = serde_json::from_str(&token).unwrap();
    let token = token["access_token"].as_str().unwrap();
    std::fs::write(folder.path().join("pets.yaml"), TOKENS.replace("example: one", "example: two")).unwrap();
    assert!(mock.line().starts_with("reloaded in "));
    assert_eq!(call("GET /pets", &format!("authorization: Bearer {token}"), ""), "\"two\"");
}

#[test]
fn tls_is_trusted_by_the_certificate_that_it_prints() {
    let folder = folder();
    let check = |arguments: &[&str]| {
        let mut mock = Mock::start(folder.path(), &[&["pets.yaml", "--tls"], arguments].concat(), "https");
        let line = mock.line();
        let file = line.strip_prefix("certificate: ").unwrap().split(' ').next().unwrap();
        let pem = std::fs::read(folder.path().join(file)).unwrap();
        let certificate = reqwest::Certificate::from_pem(&pem).unwrap();
        let client = reqwest::blocking::Client::builder().no_proxy();
        let client = client.tls_certs_only([certificate]).build().unwrap();
        let get =
            |client: &reqwest::blocking::Client| client.get(format!("https://{}/pets", mock.address)).send();
        assert_eq!(get(&client).unwrap().text().unwrap(), "\"one\"");
        let stranger = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
        assert!(get(&stranger).is_err(), "nobody else trusts it");
        pem
    };
    assert_ne!(check(&[]), check(&[]), "each start has its own");
    let files = ["--tls-cert", "own.pem", "--tls-key", "own-key.pem"];
    assert_eq!(check(&files), check(&files), "files stay");
}

#[cfg(unix)]
#[test]
fn a_service_is_judged_and_recorded() {
    let folder = folder();
    // The service has another document: its list is not one of numbers.
    let service = Mock::new(folder.path(), &[]);
    let typed = document("one").replace("parts.yaml", "typed.yaml");
    std::fs::write(
        folder.path().join("typed.yaml"),
        PARTS.replace("example: one", "schema: {type: integer}"),
    )
    .unwrap();
    std::fs::write(folder.path().join("own.yaml"), typed).unwrap();
    let url = format!("http://{}", service.address);
    let proxied = |document: &str, arguments: &[&str]| {
        let base = [document, "--upstream", &url, "--record", "seen.json"];
        Mock::of(folder.path(), &[&base[..], arguments].concat())
    };
    let sound = proxied("pets.yaml", &["--max-faults", "0"]);
    assert!(sound.get("/pets").ends_with("\"one\""));
    assert_eq!(sound.terminate(), 0);
    let mut broken = proxied("own.yaml", &["--max-faults", "0"]);
    broken.get("/pets");
    assert!(broken.line()[9..].starts_with("200 GET /pets ("));
    assert!(broken.line().starts_with("    response: body: "));
    assert_eq!(broken.terminate(), 1);
    std::fs::write(folder.path().join("pets.yaml"), document("two")).unwrap();
    let replayed = Mock::new(folder.path(), &["--rules", "seen.json"]);
    assert!(replayed.get("/pets").ends_with("\"one\""), "what was recorded stays");
}

#[test]
fn an_https_service_is_trusted_by_a_certificate_that_is_named() {
    let folder = folder();
    let files = ["pets.yaml", "--tls", "--tls-cert", "own.pem", "--tls-key", "own-key.pem"];
    let service = Mock::start(folder.path(), &files, "https");
    let url = format!("https://{}", service.address);
    let stranger = Mock::new(folder.path(), &["--upstream", &url]);
    let refused = stranger.get("/pets");
    assert!(refused.starts_with("HTTP/1.1 502"), "{refused}");
    let friend = Mock::new(folder.path(), &["--upstream", &url, "--upstream-ca", "own.pem"]);
    let found = friend.get("/pets");
    assert!(found.starts_with("HTTP/1.1 200") && found.ends_with("\"one\""), "{found}");
}

const KEPT: &str = "openapi: 3.1.0
info: {title: Pets, version: 1.0.0}
paths:
  /pets/{name}:
    parameters: [{name: name, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}, example: {name: Rex, of: FOLDER}}}}}}
    delete: {responses: {'204': {description: gone}}}
components: {schemas: {Pet: {type: object, required: [name], properties: {name: {type: string}}}}}
";

#[test]
fn documents_that_share_a_file_of_state_keep_their_own() {
    let folder = folder();
    for name in ["a", "b"] {
        std::fs::write(folder.path().join(format!("{name}.yaml")), KEPT.replace("FOLDER", name)).unwrap();
    }
    let both = ["/a=a.yaml", "/b=b.yaml", "--state", "items.db", "--items", "0"];
    let start = || {
        let mut mock = Mock::of(folder.path(), &both);
        mock.line();
        mock
    };
    let has = |mock: &Mock, target: &str, end: &str| {
        let found = mock.get(target);
        assert!(found.ends_with(end), "{found}");
    };
    let mock = start();
    has(&mock, "/a/pets/Rex", r#""of":"a"}"#);
    has(&mock, "/b/pets/Rex", r#""of":"b"}"#);
    assert!(mock.send("DELETE", "/a/pets/Rex").starts_with("HTTP/1.1 204"));
    assert!(mock.get("/a/pets/Rex").starts_with("HTTP/1.1 404"));
    has(&mock, "/b/pets/Rex", r#""of":"b"}"#);
    drop(mock);
    let mock = start();
    assert!(mock.get("/a/pets/Rex").starts_with("HTTP/1.1 404"), "it outlives the mock");
    assert!(mock.send("POST", "/b/__descant/reset").starts_with("HTTP/1.1 204"));
    assert!(mock.get("/a/pets/Rex").starts_with("HTTP/1.1 404"), "another document's reset changes nothing");
}

const NOTES: &str = "openapi: 3.1.0
info: {title: Pets, version: 1.0.0}
paths:
  /notes:
    get: {responses: {'200': {description: all, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Note'}}}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
      responses: {'201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}, '409': {description: taken}}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {'200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}}}
    patch:
      requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
      responses: {'200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}}
components:
  schemas: {Note: {type: object, required: [id, text], properties: {id: {type: integer, readOnly: true}, text: {type: string}}}}
";

/// The identities of the notes that a mock lists.
fn listed(mock: &Mock) -> BTreeSet<u64> {
    let notes: serde_json::Value = serde_json::from_str(&mock.exchange("GET", "/notes", "").1).unwrap();
    notes.as_array().unwrap().iter().map(|note| note["id"].as_u64().unwrap()).collect()
}

fn id_of(body: &str) -> u64 {
    serde_json::from_str::<serde_json::Value>(body).unwrap()["id"].as_u64().unwrap()
}

#[test]
fn two_processes_share_a_file_and_lose_nothing() {
    let folder = folder();
    std::fs::write(folder.path().join("notes.yaml"), NOTES).unwrap();
    let start = || Mock::of(folder.path(), &["notes.yaml", "--state", "items.db", "--items", "0"]);
    let (first, second) = (start(), start());
    let mocks = [&first, &second];
    let caller = |caller: usize| {
        let mock = mocks[caller % 2];
        let made =
            (0..25).map(|n| mock.exchange("POST", "/notes", &format!(r#"{{"text": "{caller}-{n}"}}"#)));
        let made: Vec<_> = made.map(|(status, body)| (status, id_of(&body))).collect();
        assert!(made.iter().all(|(status, _)| *status == 201), "{made:?}");
        let one = mock.exchange("POST", "/notes", r#"{"id": 5000, "text": "one"}"#).0;
        let patched = mock.exchange("PATCH", "/notes/5000", &format!(r#"{{"m{caller}": 1}}"#)).0;
        (made.into_iter().map(|(_, id)| id).collect::<Vec<_>>(), one, patched)
    };
    let answers: Vec<_> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..8).map(|at| scope.spawn(move || caller(at))).collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).collect()
    });
    let mut made: BTreeSet<u64> = answers.iter().flat_map(|(made, ..)| made).copied().collect();
    assert_eq!(made.len(), 200, "each its own identity");
    assert_eq!(answers.iter().filter(|(_, status, _)| *status == 201).count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|(.., status)| *status == 200).count(), 8, "{answers:?}");
    made.insert(5000);
    assert_eq!((listed(&first), listed(&second)), (made.clone(), made));
    let one = first.exchange("GET", "/notes/5000", "").1;
    assert!((0..8).all(|at| one.contains(&format!("\"m{at}\":1"))), "{one}");
}

/// `kill -9` in the midst of writes: the next process finds every note that was acknowledged.
#[test]
fn what_was_acknowledged_survives_the_process() {
    let folder = folder();
    std::fs::write(folder.path().join("notes.yaml"), NOTES).unwrap();
    let start = || Mock::of(folder.path(), &["notes.yaml", "--state", "items.db", "--items", "0"]);
    let acknowledged = Mutex::new(BTreeSet::new());
    for round in 0..3 {
        let mut mock = start();
        let killed = AtomicBool::new(false);
        let before = acknowledged.lock().unwrap().len();
        let (running, killed, acknowledged) = (&mock, &killed, &acknowledged);
        let write = move || {
            while !killed.load(Ordering::Relaxed) {
                if let (201, body) = running.exchange("POST", "/notes", r#"{"text": "t"}"#) {
                    acknowledged.lock().unwrap().insert(id_of(&body));
                }
            }
        };
        std::thread::scope(|scope| {
            (0..4).for_each(|_| _ = scope.spawn(write));
            std::thread::sleep(Duration::from_millis(150 + 50 * round));
            let id = running.child.id().to_string();
            assert!(Command::new("kill").args(["-KILL", &id]).status().unwrap().success());
            killed.store(true, Ordering::Relaxed);
        });
        mock.child.wait().unwrap();
        let after = acknowledged.lock().unwrap().clone();
        assert!(after.len() > before, "there were writes");
        let lost: Vec<_> = after.difference(&listed(&start())).copied().collect();
        assert!(lost.is_empty(), "lost {lost:?} of {}", after.len());
    }
}

#[test]
fn where_state_cannot_be_kept_is_named() {
    let folder = folder();
    std::fs::write(folder.path().join("text"), "no database: ".repeat(200)).unwrap();
    for (place, expected) in [
        ("text", "text: file is not a database"),
        ("none/items.db", "none/items.db: unable to open"),
        ("rediss://127.0.0.1/", "TLS to Redis is not supported"),
        ("redis://127.0.0.1:1/", "Redis at 127.0.0.1:1: "),
        ("postgres://127.0.0.1/", "unknown store `postgres://`"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_descant"));
        let output =
            command.args(["mock", "pets.yaml", "--state", place]).current_dir(folder.path()).output();
        let output = output.unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(expected), "{place}: {said}");
    }
}

#[test]
fn broken_examples_are_in_the_interface() {
    let folder = folder();
    let broken = PARTS.replace("example: one", "schema: {type: integer}, example: one");
    std::fs::write(folder.path().join("parts.yaml"), broken).unwrap();
    let mock = Mock::new(folder.path(), &[]);
    let started = Instant::now();
    while mock.get("/__descant/examples").ends_with("null") {
        assert!(started.elapsed() < Duration::from_secs(10));
        std::thread::sleep(Duration::from_millis(20));
    }
    let found = mock.get("/__descant/examples");
    assert!(found.contains(r#""code":"example-invalid""#), "{found}");
}

//! `--allow-remote` as a user types it, against a server on this machine: what is fetched, and what is not.

#![allow(clippy::expect_used, reason = "a test: what it expects is on this machine")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use snapbox::cmd::{Command, cargo_bin};

/// A server, and the paths that it was asked for.
struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

fn serve() -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let asked = Arc::new(Mutex::new(Vec::new()));
    let noted = asked.clone();
    std::thread::spawn(move || listener.incoming().flatten().for_each(|stream| answer(stream, &noted)));
    Server { address, asked }
}

fn answer(mut stream: TcpStream, asked: &Mutex<Vec<String>>) {
    let mut line = String::new();
    _ = BufReader::new(&stream).read_line(&mut line);
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let (status, location, body) = match path.split('?').next().unwrap_or_default() {
        "/api/pets.yaml" => {
            ("200 OK", "", "Pet: {type: object, properties: {owner: {$ref: 'people.yaml#/Owner'}}}")
        }
        "/api/people.yaml" => ("200 OK", "", "Owner: {type: string}"),
        "/api/root.yaml" => ("200 OK", "", ROOT),
        "/moved" => ("302 Found", "location: /api/root.yaml\r\n", ""),
        "/loop" => ("302 Found", "location: /loop\r\n", ""),
        "/private" => ("302 Found", "location: http://127.0.0.2/x\r\n", ""),
        "/away" => ("302 Found", "location: http://elsewhere.test/x\r\n", ""),
        "/evil.yaml" => ("200 OK", "", "A: {$ref: 'file:///etc/passwd'}\nB: {$ref: '/etc/passwd'}"),
        _ => ("404 Not Found", "", ""),
    };
    asked.lock().expect("the list").push(path);
    let length = body.len();
    _ = write!(
        stream,
        "HTTP/1.1 {status}\r\n{location}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
}

/// A document with references: to itself, to its host, and to a file of this machine.
const ROOT: &str = "openapi: 3.1.0
info: {title: T, version: '1'}
paths:
  /owner:
    get: {responses: {'200': {description: d, content: {application/json: {schema: {$ref: 'root.yaml#/components/schemas/Own'}}}}}}
components:
  schemas:
    Own: {type: object, required: [name], properties: {name: {$ref: 'people.yaml#/Owner'}}}
";

/// Runs `descant` with a document by URL or standard input; returns the exit code, and what is printed.
fn by_name(arguments: &[&str], input: &str) -> (Option<i32>, String) {
    let output =
        Command::new(cargo_bin!("descant")).args(arguments).stdin(input).output().expect("an outcome");
    let printed = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    (output.status.code(), printed.concat())
}

#[test]
fn a_document_by_url_refers_to_its_own_host() {
    let server = serve();
    for path in ["/api/root.yaml?key=secret", "/moved"] {
        let url = format!("http://{}{path}", server.address);
        let (code, printed) = by_name(&["mock", &url, "--call", "GET /owner"], "");
        assert_eq!(code, Some(0), "{printed}");
        assert!(printed.starts_with("200 OK") && printed.contains("\"name\""), "{printed}");
    }
    let mut asked = std::mem::take(&mut *server.asked.lock().expect("the list"));
    asked.sort_unstable();
    // Of the URL with a query `root.yaml` is another file.
    let people = "/api/people.yaml";
    assert_eq!(
        asked,
        [people, people, "/api/root.yaml", "/api/root.yaml", "/api/root.yaml?key=secret", "/moved"]
    );
}

#[test]
fn a_document_by_url_is_refused_with_its_reason() {
    let server = serve();
    let check = |path: &str, expected: &str| {
        let url = format!("http://{}{path}", server.address);
        let (code, printed) = by_name(&["lint", &url], "");
        assert!(code == Some(1) && printed.contains(expected), "{path}: {code:?} {printed}");
    };
    check("/loop", "it redirects more than 5 times");
    check("/private", "it redirects to 127.0.0.2");
    check("/missing?key=secret", "the response is 404 Not Found");
    let (_, printed) = by_name(&["lint", &format!("http://{}/missing?key=secret", server.address)], "");
    assert!(!printed.contains("secret"), "{printed}");
    let (code, printed) = by_name(&["lint", "http://ann:secret@localhost:1/"], "");
    assert!(code == Some(1) && !printed.contains("secret"), "{printed}");
}

#[test]
fn a_document_of_standard_input_is_read() {
    let document = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths: {/a: {get: {responses: {'204': {description: d}}}}}\n";
    let (code, printed) = by_name(&["mock", "-", "--call", "GET /a"], document);
    assert!(code == Some(0) && printed.starts_with("204 No Content"), "{printed}");
    let (code, printed) = by_name(&["lint", "-", "--format", "concise"], "openapi: 3.1.0\ninfo: {}\n");
    assert!(code == Some(0) && printed.contains("stdin:2:1: warning[missing-field]"), "{printed}");
}

/// Lints a document with references to the server; returns the exit code, what is printed, and what the server was asked.
fn lint(options: &[&str], references: &[&str]) -> (Option<i32>, String, Vec<String>) {
    let (server, folder) = (serve(), tempfile::tempdir().expect("a folder"));
    let schemas = references.iter().enumerate().map(|(number, reference)| {
        format!("    S{number}: {{$ref: 'http://{}{reference}'}}\n", server.address)
    });
    let document = format!(
        "openapi: 3.1.0\ninfo: {{title: T, version: '1'}}\npaths: {{}}\ncomponents:\n  schemas:\n{}",
        schemas.collect::<String>()
    );
    std::fs::write(Path::join(folder.path(), "api.yaml"), document).expect("a file");
    let command = Command::new(cargo_bin!("descant")).current_dir(folder.path()).arg("lint").args(options);
    let output = command.args(["--format", "concise", "api.yaml"]).output().expect("an outcome");
    let printed =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    let asked = std::mem::take(&mut *server.asked.lock().expect("the list"));
    (output.status.code(), printed, asked)
}

#[test]
fn an_allowed_host_is_asked_once_for_each_file() {
    let references = ["/api/pets.yaml#/Pet", "/api/pets.yaml#/Pet/properties/owner"];
    let (code, printed, asked) = lint(&["--allow-remote", "127.0.0.1"], &references);
    assert_eq!((code, printed.as_str()), (Some(0), ""));
    assert_eq!(asked, ["/api/pets.yaml", "/api/people.yaml"]);
}

#[test]
fn no_other_host_is_asked() {
    for options in [&[][..], &["--allow-remote", "example.com"], &["--allow-remote", "localhost"]] {
        let (code, printed, asked) = lint(options, &["/api/pets.yaml#/Pet"]);
        assert_eq!((code, asked), (Some(1), Vec::new()), "{options:?}");
        assert!(printed.contains("error[ref-remote]"), "{printed}");
    }
}

#[test]
fn a_redirect_leads_to_no_other_host() {
    let (code, printed, asked) = lint(&["--allow-remote", "127.0.0.1"], &["/away"]);
    assert_eq!((code, asked), (Some(1), vec!["/away".to_owned()]));
    assert!(printed.contains("`http://elsewhere.test/x` is not fetched: it is on another host"), "{printed}");
}

#[test]
fn a_remote_file_reads_no_local_one() {
    let (code, printed, asked) = lint(&["--allow-remote", "127.0.0.1"], &["/evil.yaml#/A", "/evil.yaml#/B"]);
    assert_eq!((code, asked), (Some(1), vec!["/evil.yaml".to_owned(), "/etc/passwd".to_owned()]));
    assert!(!printed.contains("root:") && printed.contains("404"), "{printed}");
}

#[test]
fn a_host_that_is_none_is_a_wrong_command_line() {
    let (code, printed, asked) = lint(&["--allow-remote", "http://example.com/"], &[]);
    assert_eq!((code, asked), (Some(2), Vec::new()));
    assert!(printed.contains("`http://example.com/` is not a host"), "{printed}");
}

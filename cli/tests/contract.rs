//! `descant test` as a process, against `descant mock` as a process.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // in tests

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// A service with a login, one operation that answers what it states, and one that does not.
const DOCUMENT: &str = "
openapi: 3.1.0
info: {title: Pets, version: 1.0.0}
paths:
  /login:
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [user], properties: {user: {type: string}}}}}}
      responses: {'200': {description: OK, content: {application/json: {schema: {type: object, required: [data], properties: {data: {type: object, required: [token], properties: {token: {const: right}}}}}}}}}
  /pets:
    get:
      security: [{bearer: []}]
      parameters: [{name: X-Tenant, in: header, required: true, schema: {type: string, pattern: '^[a-z]+$'}}]
      responses:
        '200': {description: OK, content: {application/json: {schema: {type: array, items: {type: string}}}}}
        '401': {description: no credential}
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer, x-descant: {credentials: [{value: right}]}}
";

/// A running mock; it is killed with the test.
struct Mock(Child, String);

impl Mock {
    fn of(document: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_descant"));
        command.args(["mock", "--port", "0", "--log", "quiet"]).arg(document);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let address = first.split("://").nth(1).unwrap_or_else(|| panic!("{first}"));
        Self(child, format!("http://{}", address.split([' ', '/', '\n']).next().unwrap()))
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn test(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_descant"));
    command.current_dir(folder).env("LOGIN_USER", "rex").args(["test", "pets.yaml"]);
    command.args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[&*output.stdout, &*output.stderr].concat()).into_owned()
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("served.yaml"), DOCUMENT).unwrap();
    // The mock knows a credential that the tests do not.
    let plain = DOCUMENT.replace(", x-descant: {credentials: [{value: right}]}", "");
    std::fs::write(folder.path().join("pets.yaml"), plain).unwrap();
    folder
}

#[test]
fn a_file_says_what_the_command_line_can() {
    let folder = folder();
    let mock = Mock::of(&folder.path().join("served.yaml"));
    let config = format!(
        "[test]\nurl = '{}'\nset = {{X-Tenant = 'acme'}}\nmin-coverage = 100\nsetup = 'echo on > setup.txt'\n\
         teardown = ['echo off > teardown.txt']\n\
         [test.login]\nscheme = 'bearer'\nrequest = 'POST /login'\nbody = {{user = '$LOGIN_USER'}}\ntoken = '/data/token'\n",
        mock.1
    );
    std::fs::write(folder.path().join("descant.toml"), &config).unwrap();
    let output = test(folder.path(), &[]);
    assert!(output.status.success(), "{}", text(&output));
    assert!(text(&output).contains("2 of 2 operations tested"), "{}", text(&output));
    assert!(folder.path().join("setup.txt").exists() && folder.path().join("teardown.txt").exists());

    let overridden = test(folder.path(), &["--operation", "POST /login", "--min-coverage", "0"]);
    assert!(text(&overridden).contains("1 of 1 operations tested"), "{}", text(&overridden));

    let check = |from: &str, to: &str, message: &str| {
        std::fs::write(folder.path().join("descant.toml"), config.replace(from, to)).unwrap();
        let output = test(folder.path(), &[]);
        assert_eq!(output.status.code(), Some(2), "{}", text(&output));
        assert!(text(&output).contains(message), "{message}:\n{}", text(&output));
    };
    check("echo on > setup.txt", "exit 3", "`exit 3` failed");
    check("/data/token", "/token", "the answer has no text at `/token`");
    check("POST /login", "POST /nowhere", "404 Not Found came");
    check("'bearer'", "'other'", "the document has no such security scheme");
    check("$LOGIN_USER", "$NO_SUCH_USER", "the environment variable NO_SUCH_USER is not set");
    check("min-coverage", "max-coverage", "unexpected argument '--max-coverage'");
}

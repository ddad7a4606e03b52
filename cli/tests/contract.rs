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

/// Credentials that nobody lists, two paths that match one target, and records whose values are those of an example.
const SHOP: &str = "
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
security: [{bearer: []}]
paths:
  /variables:
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Variable'}, example: {name: USERNAME, value: octocat}}}}
      responses:
        '201': {description: Created, content: {application/json: {schema: {$ref: '#/components/schemas/Variable'}, example: {name: USERNAME, value: octocat}}}}
        default: {$ref: '#/components/responses/Refused'}
  /variables/{name}:
    parameters: [{name: name, in: path, required: true, schema: {type: string, minLength: 1}}]
    get:
      responses:
        '200': {description: OK, content: {application/json: {schema: {$ref: '#/components/schemas/Variable'}, example: {name: USERNAME, value: octocat}}}}
        default: {$ref: '#/components/responses/Refused'}
    delete: {responses: {'204': {description: Gone}, default: {$ref: '#/components/responses/Refused'}}}
  /variables/search:
    post: {responses: {'200': {description: OK, content: {application/json: {schema: {type: array, items: {type: string}}}}}, default: {$ref: '#/components/responses/Refused'}}}
components:
  responses:
    Refused: {description: Refused, content: {application/problem+json: {schema: {type: object}}}}
  schemas:
    Variable: {type: object, required: [name, value], properties: {name: {type: string, minLength: 1}, value: {type: string}}}
  securitySchemes:
    bearer: {type: http, scheme: bearer}
";

/// A running mock; it is killed with the test.
struct Mock(Child, String);

impl Mock {
    fn of(document: &Path) -> Self {
        Self::with(document, &[])
    }

    fn with(document: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_descant"));
        command.args(["mock", "--port", "0", "--log", "quiet"]).arg(document).args(arguments);
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

/// A mock has no errors against its own document, also where it knows less than a service would.
#[test]
fn a_mock_keeps_its_own_document() {
    let folder = tempfile::tempdir().unwrap();
    let document = folder.path().join("pets.yaml");
    std::fs::write(&document, SHOP).unwrap();
    for arguments in [&[][..], &["--state"]] {
        let mock = Mock::with(&document, arguments);
        let output = test(folder.path(), &["--url", &mock.1, "--credential", "bearer=any"]);
        let printed = text(&output);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {printed}");
        assert!(
            printed.contains("0 errors, 0 warnings; 4 of 4 operations tested"),
            "{arguments:?}: {printed}"
        );
        assert!(printed.contains("the service is a mock that accepts any credential"), "{printed}");
    }
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
    assert!(output.stderr.is_empty(), "how far a run has come is for terminals: {}", text(&output));
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

/// A mock whose document says texts, and a document that says numbers.
fn faulty() -> (tempfile::TempDir, Mock) {
    let folder = folder();
    let mock = Mock::of(&folder.path().join("served.yaml"));
    let document = std::fs::read_to_string(folder.path().join("pets.yaml")).unwrap();
    let document = document.replace("items: {type: string}", "items: {type: integer}");
    std::fs::write(folder.path().join("pets.yaml"), document).unwrap();
    (folder, mock)
}

#[test]
fn reports_have_the_cause_with_its_line() {
    let (folder, mock) = faulty();
    let formats =
        ["junit=r.xml", "sarif=r.sarif", "jsonl=r.jsonl", "har=r.har", "html=r.html", "markdown=r.md"];
    let mut arguments = vec!["--url", &mock.1, "--credential", "bearer=right", "--github"];
    formats.iter().for_each(|format| arguments.extend(["--report", format]));
    let output = test(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    let printed = text(&output);
    assert!(printed.contains("document: pets.yaml:11:7 #/paths/~1pets/get"), "{printed}");
    assert!(printed.contains("::error file=pets.yaml,line=11,col=7,title=GET /pets"), "{printed}");

    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let json = |name: &str| serde_json::from_str::<serde_json::Value>(&read(name)).unwrap();
    let sarif = json("r.sarif");
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["level"], "error", "{sarif:#}");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "pets.yaml");
    assert_eq!(place["region"]["startLine"], 11);
    let last = read("r.jsonl").lines().last().unwrap().to_owned();
    let last: serde_json::Value = serde_json::from_str(&last).unwrap();
    assert_eq!(last["summary"]["errors"], 1, "{last:#}");
    let har = json("r.har");
    let entries = har["log"]["entries"].as_array().unwrap();
    assert!(entries.len() > 50, "every exchange: {}", entries.len());
    assert!(!har.to_string().contains("Bearer right\""), "no secret in the archive");
    assert!(read("r.xml").contains("<failure"));
    assert!(read("r.md").contains("| error | GET /pets |"), "{}", read("r.md"));
    let page = read("r.html");
    assert!(page.contains("expected an integer") && !page.contains("<script"), "{page}");
}

#[test]
fn known_causes_are_no_errors() {
    let (folder, mock) = faulty();
    let with = |more: &[&str]| {
        let arguments = ["--url", &mock.1, "--credential", "bearer=right", "--baseline", "known.toml"];
        test(folder.path(), &[&arguments, more].concat())
    };
    let written = with(&["--write-baseline"]);
    assert!(text(&written).contains("known.toml: 1 causes written"), "{}", text(&written));
    let known = folder.path().join("known.toml");
    let baseline = std::fs::read_to_string(&known).unwrap();
    let output = with(&[]);
    assert!(output.status.success() && text(&output).contains("\nknown, "), "{}", text(&output));

    let check = |text_of: String, message: &str| {
        std::fs::write(&known, text_of).unwrap();
        let output = with(&[]);
        assert_ne!(output.status.code(), Some(0), "{message}");
        assert!(text(&output).contains(message), "{message}:\n{}", text(&output));
    };
    check(format!("{baseline}until = 2020-01-01\n"), "the day 2020-01-01 is over");
    check(
        format!("{baseline}\n[[known]]\ncause = 'no such'\nreason = 'none'\n"),
        "this cause is gone: no such",
    );
    check("[[known]]\ncause = 'a'\n".to_owned(), "missing field `reason`");
}

#[test]
fn requests_go_through_the_proxy_that_is_named() {
    let folder = folder();
    let mock = Mock::of(&folder.path().join("served.yaml"));
    let arguments =
        ["--url", "http://service.invalid", "--credential", "bearer=right", "--set", "X-Tenant=acme"];
    let output = test(folder.path(), &[&arguments[..], &["--proxy", &mock.1]].concat());
    assert!(output.status.success(), "{}", text(&output));
    assert!(text(&output).contains("2 of 2 operations tested"), "{}", text(&output));
    for (option, message) in [
        (["--proxy", "no proxy"], "is no URL of a proxy"),
        (["--ca", "pets.yaml"], "no certificate in PEM"),
        (["--client-certificate", "pets.yaml"], "no certificate and private key in PEM"),
    ] {
        let output = test(folder.path(), &[&arguments[..], &option].concat());
        assert_eq!(output.status.code(), Some(2), "{}", text(&output));
        assert!(text(&output).contains(message), "{}", text(&output));
    }
}

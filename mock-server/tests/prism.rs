//! The cases of Prism's own harness, which lie beside the repository: each is answered as Prism answers it, but for
//! those that `docs/prism.md` lists with a reason. A row of that list that is no longer needed fails too.

#![allow(clippy::unwrap_used)] // a test fails by them

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use descant_mock::{Mock, Request, Response, Settings, respond};
use descant_model::load::{Options, load, load_text};
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
#[ignore = "needs the corpus beside the repository"]
fn every_case_is_answered_alike_or_better() {
    let folder = root().join("../shared/corpus/suites/prism-harness");
    let mut known = known();
    let mut unknown = Vec::new();
    for path in files(&folder) {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let expected = known.remove(&name);
        match (case(&path), expected) {
            (Some(difference), None) => unknown.push(format!("{name}: {difference}")),
            (None, Some(reason)) => unknown.push(format!("{name}: alike, but docs/prism.md says: {reason}")),
            _ => {}
        }
    }
    unknown.extend(known.keys().map(|name| format!("{name}: in docs/prism.md, but there is no such case")));
    assert!(unknown.is_empty(), "{} cases\n{}", unknown.len(), unknown.join("\n"));
}

/// What `docs/prism.md` says of overrides is so: header and query select the same.
#[test]
fn overrides_are_those_of_prism() {
    const DOCUMENT: &str = "
openapi: 3.1.0
info: {title: T, version: '1'}
paths:
  /a:
    get:
      responses:
        '200': {description: d, content: {application/json: {schema: {type: string}, examples: {one: {value: one}, two: {value: two}}}}}
        '404': {description: d, content: {application/json: {example: none}}}
";
    let page = fs::read_to_string(root().join("docs/prism.md")).unwrap();
    assert!(page.contains("`Prefer: code=404, example=name, dynamic=true`"), "{page}");
    assert!(page.contains("`?__code=404&__example=name&__dynamic=true`"), "{page}");
    let api = load_text("t.yaml", DOCUMENT, &Options::default()).api.unwrap();
    let mock = Mock::new(Arc::new(api), Settings::default());
    let check = |prefer: &str, query: &str, status: u16, body: Option<&str>| {
        let by_header = http::Request::builder().uri("/a").header("prefer", prefer);
        for request in [by_header, http::Request::builder().uri(format!("/a?{query}"))] {
            let response = respond(&mock, &request.body(Bytes::new()).unwrap());
            assert_eq!(response.status().as_u16(), status, "{prefer}");
            assert!(body.is_none_or(|body| response.body() == body), "{prefer}: {:?}", response.body());
        }
    };
    check("code=404", "__code=404", 404, Some("\"none\""));
    check("example=two", "__example=two", 200, Some("\"two\""));
    check("code=200, example=two", "__code=200&__example=two", 200, Some("\"two\""));
    check("dynamic=true", "__dynamic=true", 200, None);
}

/// The rows of the table of `docs/prism.md`: the case, and why it differs.
fn known() -> BTreeMap<String, String> {
    let text = fs::read_to_string(root().join("docs/prism.md")).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| {
        let (name, rest) = row.split_once('`').unwrap();
        (name.to_owned(), rest.trim_matches([' ', '|']).to_owned())
    })
    .collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    found.sort();
    found
}

/// What differs from the answer that a case expects.
fn case(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).unwrap();
    let section = |name: &str| {
        let (_, rest) = text.split_once(&format!("===={name}===="))?;
        Some(rest.split("\n====").next().unwrap_or_default().trim().to_owned())
    };
    let document = tempfile::Builder::new().suffix(".yaml").tempfile().unwrap();
    fs::write(document.path(), section("spec").unwrap()).unwrap();
    let loaded = load(document.path(), &Options::default());
    let Some(api) = loaded.api else { return Some("the document is refused".to_owned()) };
    let words = words(&section("server").unwrap());
    let dynamic = words.iter().any(|word| word == "-d" || word == "--dynamic");
    let mock = Mock::new(Arc::new(api), Settings::default().with_dynamic(dynamic));
    let response = respond(&mock, &request(&section("command").unwrap()));
    let expected = section("expect").or_else(|| section("expect-loose")).unwrap();
    difference(&expected, &response)
}

/// The words of a command line of the shell.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') => word.get_or_insert_default().extend(characters.next()),
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// The request of a `curl` command. Prism's wishes in the query become preferences, as they may be there too.
fn request(command: &str) -> Request {
    let mut request = http::Request::builder();
    let (mut method, mut body, mut form) = (None, None, Vec::new());
    let mut words = words(command).into_iter().skip(1).peekable();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-X" | "--request" => method = words.next(),
            "-sIXGET" => method = Some("GET".to_owned()),
            "--head" => method = Some("HEAD".to_owned()),
            "-H" | "--header" => {
                let header = words.next().unwrap();
                let (name, value) = header.split_once(':').unwrap();
                if !value.contains("multipart") {
                    request = request.header(name, value.trim());
                }
            }
            "-d" | "--data" => body = words.next(),
            "-F" => form.push(words.next().unwrap()),
            "-i" | "--location" => {}
            url => {
                let rest = url.split_once(":4010").unwrap().1;
                let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
                let (wishes, query): (Vec<&str>, Vec<&str>) =
                    query.split('&').filter(|pair| !pair.is_empty()).partition(|pair| pair.starts_with("__"));
                if !wishes.is_empty() {
                    request = request.header("prefer", wishes.join(", ").replace("__", ""));
                }
                request = request.uri(format!("{path}?{}", query.join("&")).trim_end_matches('?'));
            }
        }
    }
    if !form.is_empty() {
        request = request.header("content-type", "multipart/form-data; boundary=part");
        let parts = form.iter().map(|pair| {
            let (name, value) = pair.split_once('=').unwrap();
            format!("--part\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        });
        body = Some(parts.collect::<String>() + "--part--\r\n");
    }
    let method = method.unwrap_or_else(|| if body.is_some() { "POST" } else { "GET" }.to_owned());
    request.method(method.as_str()).body(body.unwrap_or_default().into()).unwrap()
}

/// Status and headers have to be alike. A body has to be the same where an example stands in the document; where Prism
/// makes one up, or writes an error of its own, it has to be of the same kind.
fn difference(expected: &str, response: &Response) -> Option<String> {
    let (head, body) = expected.split_once("\n\n").unwrap_or((expected, ""));
    let mut lines = head.lines();
    let status: u16 = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    if status != response.status().as_u16() {
        return Some(format!("{status} there, {} here: {}", response.status(), text(response.body())));
    }
    for line in lines {
        let (name, value) = line.split_once(':').unwrap();
        let (name, value) = (name.trim(), value.trim());
        if name == "sl-violations" || name == "date" {
            continue;
        }
        let found = response.headers().get(name).and_then(|value| value.to_str().ok());
        if found.is_none_or(|found| found.split(';').next() != value.split(';').next()) {
            return Some(format!("`{name}: {value}` there, {found:?} here"));
        }
    }
    let (there, here) =
        (serde_json::from_str(body.trim()).ok(), serde_json::from_slice(response.body()).ok());
    match (there, here) {
        (Some(there), Some(here)) if is_alike(&there, &here) => None,
        (Some(there), here) => Some(format!("`{there}` there, `{here:?}` here")),
        (None, _) if body.trim().is_empty() || !response.body().is_empty() => None,
        (None, _) => Some("no body here".to_owned()),
    }
}

fn is_alike(there: &Value, here: &Value) -> bool {
    match (there, here) {
        (Value::Object(there), Value::Object(_)) if there.contains_key("title") => true,
        (Value::Object(there), Value::Object(here)) => {
            there.iter().all(|(name, there)| here.get(name).is_some_and(|here| is_alike(there, here)))
        }
        (there, here) => std::mem::discriminant(there) == std::mem::discriminant(here),
    }
}

fn text(body: &Bytes) -> String {
    String::from_utf8_lossy(body).chars().take(200).collect()
}

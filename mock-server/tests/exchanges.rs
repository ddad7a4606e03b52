//! Literate exchanges: each file under `exchanges/` is prose with a document and requests, each with the response that
//! `respond` must give, which is a test of its own. `UPDATE_EXPECT=1` writes the responses down as they are now.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)] // in tests

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use descant_mock::state::Memory;
use descant_mock::{Mock, Request, Response, Settings, respond};
use descant_model::diagnostic::Severity;
use descant_model::load::{Options, load_text};
use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exchanges");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    files.sort();
    let trials = files.iter().flat_map(|path| trials(path)).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// One test for each response of a file. The file is run once, when the first of them is; later requests of a file may lean
/// on the state that earlier ones made.
fn trials(path: &Path) -> Vec<Trial> {
    let text: Arc<str> = std::fs::read_to_string(path).unwrap().into();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(path, run(&text).unwrap().text).unwrap();
    }
    let ran = Arc::new(OnceLock::new());
    let name = path.file_stem().unwrap().to_string_lossy();
    let trial = |(at, exchange): (usize, Exchange)| {
        let (text, ran) = (text.clone(), ran.clone());
        Trial::test(format!("{name}::{}: {}", at + 1, exchange.request), move || {
            let ran: &Result<Run, String> = ran.get_or_init(|| run(&text));
            let found = ran.as_ref()?.responses.get(at).ok_or("the file ends before it")?;
            compare(&exchange.response, found)
                .map_err(|difference| format!("line {}: {difference}", exchange.line).into())
        })
    };
    stated(&text).into_iter().enumerate().map(trial).collect()
}

/// A request of a file, by its first line, and the response that it must have.
struct Exchange {
    request: String,
    response: String,
    /// Where the response begins in its file.
    line: usize,
}

fn stated(text: &str) -> Vec<Exchange> {
    let (mut exchanges, mut request, mut line) = (Vec::new(), String::new(), 1);
    for block in blocks(text) {
        line += block.before.matches('\n').count();
        match block.label {
            "request" => request = block.inner.lines().next().unwrap_or_default().to_owned(),
            "response" => {
                exchanges.push(Exchange { request: request.clone(), response: block.inner.to_owned(), line });
            }
            _ => {}
        }
        line += block.inner.matches('\n').count();
    }
    exchanges
}

/// A file as it would be written now, and its responses.
struct Run {
    text: String,
    responses: Vec<String>,
}

/// Runs one file: a `document` block is served from there on, a `request` is sent, a `response` must have come.
fn run(text: &str) -> Result<Run, String> {
    let mut mock = None;
    let mut response = None;
    let (mut found, mut responses) = (String::new(), Vec::new());
    for block in blocks(text) {
        let inner = match block.label {
            "document" => {
                mock = Some(serve(block.inner, block.fence)?);
                block.inner.to_owned()
            }
            "request" => {
                let mock = mock.as_ref().ok_or("a request stands before the document")?;
                response = Some(respond(mock, &request(block.inner)?));
                block.inner.to_owned()
            }
            "response" => {
                responses.push(written(&response.take().ok_or("a response without a request")?));
                responses.last().cloned().unwrap_or_default()
            }
            _ => block.inner.to_owned(),
        };
        found.push_str(block.before);
        found.push_str(&inner);
    }
    Ok(Run { text: found, responses })
}

/// A stretch of a file: what stands before the inside of a code block, and the inside.
struct Block<'t> {
    before: &'t str,
    fence: &'t str,
    label: &'t str,
    inner: &'t str,
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find("```") {
        let line = open + rest[open..].find('\n').map_or(rest.len() - open, |end| end + 1);
        let close = line + rest[line..].find("```").expect("a code block is closed");
        let fence = rest[open + 3..line].trim();
        let label = fence.split_whitespace().nth(1).unwrap_or("");
        let end = close + 3;
        blocks.push(Block { before: &rest[..line], fence, label, inner: &rest[line..close] });
        blocks.push(Block { before: &rest[close..end], fence: "", label: "", inner: "" });
        rest = &rest[end..];
    }
    blocks.push(Block { before: rest, fence: "", label: "", inner: "" });
    blocks
}

/// Serves a document; words of the fence after the second set the mock: `state`, `dynamic`, `seed=2`, `errors=document`,
/// `examples=verbatim`.
fn serve(document: &str, fence: &str) -> Result<Mock, String> {
    let mut settings = Settings::default();
    let mut state = false;
    for word in fence.split_whitespace().skip(2) {
        match word.split_once('=').unwrap_or((word, "")) {
            // What a state begins with is the matter of `stock.md`.
            ("state", _) => (state, settings.items) = (true, 0),
            ("items", items) => settings.items = items.parse().map_err(|_| format!("items {items}"))?,
            ("dynamic", _) => settings.dynamic = true,
            ("seed", seed) => settings.seed = seed.parse().map_err(|_| format!("seed {seed}"))?,
            ("errors", "document") => settings.errors = descant_mock::ErrorFormat::Document,
            ("examples", "verbatim") => settings.examples = descant_mock::ExamplePolicy::Verbatim,
            _ => return Err(format!("unknown setting {word}")),
        }
    }
    let loaded = load_text("document.yaml", document, &Options::default());
    if let Some(error) = loaded.diagnostics.iter().find(|finding| finding.severity == Severity::Error) {
        return Err(format!("{}: {}", error.code.as_str(), error.message));
    }
    let api = loaded.api.ok_or("not a document")?;
    let mock = Mock::with_environment(Arc::new(api), settings, &|_| None);
    Ok(if state { mock.with_state(Arc::new(Memory::default())) } else { mock })
}

/// `METHOD target`, header lines, an empty line and the body, as HTTP has it.
fn request(text: &str) -> Result<Request, String> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text.trim_end(), ""));
    let mut lines = head.lines();
    let start = lines.next().unwrap_or_default();
    let (method, target) = start.split_once(' ').ok_or("METHOD target")?;
    let mut request = http::Request::builder().method(method).uri(target);
    for line in lines {
        let (name, value) = line.split_once(':').ok_or_else(|| format!("header {line}"))?;
        request = request.header(name.trim(), value.trim());
    }
    let mut body = body.strip_suffix('\n').unwrap_or(body).to_owned();
    // The lines of parts end as those of a message do (RFC 2046, 4.1.1).
    if head.contains("multipart/") {
        body = body.replace('\n', "\r\n");
    }
    request.body(body.into()).map_err(|error| error.to_string())
}

/// The status, the headers in their order, and the body, JSON spread over lines.
fn written(response: &Response) -> String {
    let status = response.status();
    let mut text = format!("{} {}\n", status.as_u16(), status.canonical_reason().unwrap_or_default());
    for (name, value) in response.headers() {
        writeln!(text, "{name}: {}", String::from_utf8_lossy(value.as_bytes())).unwrap();
    }
    if !response.body().is_empty() {
        let body = match serde_json::from_slice::<serde_json::Value>(response.body()) {
            Ok(value) => format!("{value:#}"),
            Err(_) => String::from_utf8_lossy(response.body()).into_owned(),
        };
        write!(text, "\n{body}\n").unwrap();
    }
    text
}

fn compare(expected: &str, found: &str) -> Result<(), String> {
    if expected == found { Ok(()) } else { Err(format!("\n--- expected\n{expected}\n--- found\n{found}")) }
}

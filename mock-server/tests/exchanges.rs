//! Literate exchanges: each file under `exchanges/` is prose with a document and requests, each with the response that
//! `respond` must give. `UPDATE_EXPECT=1` writes the responses down as they are now.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)] // in tests

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use descant_mock::state::Memory;
use descant_mock::{Mock, Request, Response, Settings, respond};
use descant_model::diagnostic::Severity;
use descant_model::load::{Options, load_text};

datatest_stable::harness! {
    { test = exchanges, root = "tests/exchanges", pattern = r"\.md$" },
}

/// Runs one file: a `document` block is served from there on, a `request` is sent, a `response` must have come.
fn exchanges(path: &Path) -> datatest_stable::Result<()> {
    let text = std::fs::read_to_string(path)?;
    let mut mock = None;
    let mut response = None;
    let mut found = String::new();
    for block in blocks(&text) {
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
            "response" => written(&response.take().ok_or("a response without a request")?),
            _ => block.inner.to_owned(),
        };
        found.push_str(block.before);
        found.push_str(&inner);
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(path, &found)?;
    }
    compare(&text, &found)
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
            ("state", _) => state = true,
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

fn compare(expected: &str, found: &str) -> datatest_stable::Result<()> {
    let differing = expected.lines().zip(found.lines()).position(|(expected, found)| expected != found);
    let shorter = (expected != found).then(|| expected.lines().count().min(found.lines().count()));
    let Some(at) = differing.or(shorter) else { return Ok(()) };
    let around = |text: &str| text.lines().skip(at.saturating_sub(3)).take(12).collect::<Vec<_>>().join("\n");
    Err(format!("line {}:\n--- expected\n{}\n--- found\n{}", at + 1, around(expected), around(found)).into())
}

//! Any bytes as a request to a mock: what the fuzz target and the seeded test of `cargo test` share.

use std::sync::Arc;

use bytes::Bytes;
use descant_mock::state::Memory;
use descant_mock::{ErrorFormat, Mock, Request, Settings, respond};
use descant_model::load::{Options, load_text};

/// Requests to begin with, with `%%` on a line between them.
#[allow(dead_code)] // the fuzz target reads them from its corpus
pub(super) const REQUESTS: &str = include_str!("requests.txt");

/// A mock of the document beside this file; it remembers, and writes refusals in both ways.
pub(super) fn mock() -> Mock {
    let loaded = load_text("document.yaml", include_str!("document.yaml"), &Options::default());
    let settings = Settings::default().with_errors(ErrorFormat::Document);
    let api = loaded.api.expect("the document has no errors");
    Mock::with_environment(Arc::new(api), settings, &|_| None).with_state(Arc::new(Memory::default()))
}

/// Sends bytes as a request, where HTTP would let them through: the answer is never the mock's own fault.
pub(super) fn send(mock: &Mock, bytes: &[u8]) {
    let Some(request) = request(bytes) else { return };
    let status = respond(mock, &request).status().as_u16();
    let is_fault = status >= 500 && status != 501;
    assert!(!is_fault || is_told(&request), "{status} for {}", String::from_utf8_lossy(bytes));
}

/// Whether the request itself asks for a status, by a `Prefer` header or a parameter: in any case, and encoded too.
fn is_told(request: &Request) -> bool {
    let query = form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes());
    let headers = request.headers().get_all("prefer").iter();
    let wishes = headers.map(|line| String::from_utf8_lossy(line.as_bytes()).into_owned());
    wishes.chain(query.map(|(name, _)| name.into_owned())).any(|wish| {
        let wish = wish.to_ascii_lowercase();
        wish.contains("code") || wish.contains("fault")
    })
}

/// `METHOD target`, header lines, an empty line and the body.
fn request(bytes: &[u8]) -> Option<Request> {
    let end = bytes.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = end.map_or((bytes, &[][..]), |at| (&bytes[..at], &bytes[at + 2..]));
    let mut lines = head.split(|byte| *byte == b'\n');
    let start = std::str::from_utf8(lines.next()?).ok()?;
    let (method, target) = start.split_once(' ')?;
    let mut request = http::Request::builder().method(method).uri(target);
    for line in lines {
        let at = line.iter().position(|byte| *byte == b':')?;
        request = request.header(&line[..at], line[at + 1..].trim_ascii());
    }
    request.body(Bytes::copy_from_slice(body)).ok()
}

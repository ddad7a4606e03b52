//! Any bytes as a document, a request to it and a response of it: what the fuzz target and the seeded test of `cargo test`
//! share.

use descant_exchange::{Incoming, RequestPlan, ResponseView, Schemas, judge, judge_content, judge_head};
use descant_model::api::{Operation, PathPiece};
use descant_model::load::{Options, load_text};
use http::{HeaderMap, HeaderName, HeaderValue};

/// Exchanges to begin with, with `%%%` on a line between them.
#[allow(dead_code)] // the fuzz target reads them from its corpus
pub(super) const EXCHANGES: &str = include_str!("exchanges.txt");

/// Operations of one document that are tried.
const MAX_OPERATIONS: usize = 8;

/// Reads bytes as a document, a request and a response, with `%%` on a line between them, and has every operation of the
/// document read both. Reading them again gives the same, and a refusal says why.
pub(super) fn exchange(bytes: &[u8]) {
    let mut parts = split(bytes, b"\n%%\n");
    let document = parts.next().unwrap_or_default();
    let (request, response) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let Some(api) = load_text("document.yaml", document, &Options::default()).api else { return };
    let schemas = Schemas::new(&api);
    for operation in api.operations.iter().take(MAX_OPERATIONS) {
        request_of(&schemas, operation, request);
        response_of(&schemas, operation, response);
    }
}

/// `query`, header lines, an empty line and the body: the query is also the text of every parameter of the path.
fn request_of(schemas: &Schemas, operation: &Operation, bytes: &[u8]) {
    let (query, headers, body) = message(bytes);
    let parameters = operation.path.pieces.iter().filter_map(|piece| match piece {
        PathPiece::Parameter(name) => Some((name.as_str(), query)),
        PathPiece::Literal(_) => None,
    });
    let path: Vec<_> = parameters.collect();
    let plan = RequestPlan::new(schemas, operation);
    let incoming = Incoming { path: &path, query: Some(query), headers: &headers, body };
    let read = || plan.decode(schemas, &incoming);
    match (read(), read()) {
        (Ok(one), Ok(other)) => assert_eq!(one.body, other.body),
        (Err(one), Err(other)) => {
            assert_eq!(one.faults, other.faults);
            assert!(matches!(one.status.as_u16(), 400 | 415 | 422), "{}", one.status);
            assert!(!one.faults.is_empty() || !one.detail.is_empty(), "refused without a reason");
        }
        _ => panic!("a request is both taken and refused"),
    }
}

/// The status, header lines, an empty line and the body.
fn response_of(schemas: &Schemas, operation: &Operation, bytes: &[u8]) {
    let (status, headers, body) = message(bytes);
    let status = status.trim().parse().unwrap_or(200);
    let answer = ResponseView { status, headers: &headers, body };
    let found = judge(schemas, operation, &answer);
    assert_eq!(found, judge(schemas, operation, &answer));
    let of_content = judge_content(schemas, operation, &answer);
    assert!(of_content.iter().all(|violation| found.contains(violation)), "content is judged in two ways");
    judge_head(schemas, operation, &answer);
}

/// The first line, the header lines that HTTP would let through, and what follows an empty line.
fn message(bytes: &[u8]) -> (&str, HeaderMap, &[u8]) {
    let end = bytes.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = end.map_or((bytes, &[][..]), |at| (&bytes[..at], &bytes[at + 2..]));
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = lines.next().and_then(|line| std::str::from_utf8(line).ok()).unwrap_or_default();
    let mut headers = HeaderMap::new();
    for line in lines {
        let Some(at) = line.iter().position(|byte| *byte == b':') else { continue };
        let name = HeaderName::from_bytes(&line[..at]);
        let value = HeaderValue::from_bytes(line[at + 1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    (first, headers, body)
}

fn split<'b>(bytes: &'b [u8], between: &'static [u8]) -> impl Iterator<Item = &'b [u8]> {
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let bytes = rest?;
        let at = bytes.windows(between.len()).position(|window| window == between);
        rest = at.map(|at| &bytes[at + between.len()..]);
        Some(at.map_or(bytes, |at| &bytes[..at]))
    })
}

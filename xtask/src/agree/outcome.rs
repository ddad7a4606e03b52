//! Compares the outcomes of one request on a mock and a server.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;

use super::curl::cut;

/// Headers of a refusal that tell the caller what would be right.
const HEADERS: [&str; 5] = ["content-type", "allow", "www-authenticate", "accept", "accept-encoding"];

/// What one voice makes of a request.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcome {
    /// The operation that accepted it; `None`: it was refused, or answered without one.
    pub(super) taken: Option<String>,
    status: u16,
    /// Each with its place and the keyword that it breaks.
    faults: BTreeSet<(String, String)>,
    headers: Vec<BTreeSet<String>>,
    detail: String,
    /// Whether it is a refusal that names no faults, as one in a documented shape of its own.
    is_mute: bool,
}

impl Outcome {
    pub(super) fn new(
        taken: Option<String>,
        status: u16,
        headers: &HeaderMap,
        body: &Bytes,
        is_head: bool,
    ) -> Self {
        let problem = serde_json::from_slice::<Value>(body).unwrap_or_default();
        let faults = problem.get("errors").and_then(Value::as_array).into_iter().flatten().map(fault);
        // HEAD has no body, and so the same headers as GET but no faults.
        let headers = HEADERS.iter().map(|name| values(headers, name, is_head)).collect();
        let detail = problem.get("detail").and_then(Value::as_str).unwrap_or_default();
        let is_mute = problem.get("detail").is_none();
        Self { taken, status, faults: faults.collect(), headers, detail: cut(detail), is_mute }
    }

    /// As an example shows it.
    pub(super) fn describe(&self) -> String {
        match &self.taken {
            Some(operation) => format!("taken by {operation}"),
            None => format!("{} {}{}", self.status, self.detail, self.told()),
        }
    }

    fn told(&self) -> String {
        let headers = HEADERS.iter().zip(&self.headers).skip(1).filter(|(_, values)| !values.is_empty());
        headers.map(|(name, values)| format!(" [{name}: {}]", joined(values))).collect()
    }

    fn keywords(&self) -> String {
        let keywords: BTreeSet<_> = self.faults.iter().map(|(_, keyword)| keyword.clone()).collect();
        if keywords.is_empty() { String::new() } else { format!(" ({})", joined(&keywords)) }
    }
}

/// How two outcomes differ, each difference in words that are the same for all of its kind.
pub(super) fn differences(mock: &Outcome, server: &Outcome) -> Vec<String> {
    match (&mock.taken, &server.taken) {
        (Some(one), Some(other)) if one == other => Vec::new(),
        (Some(_), Some(_)) => vec!["taken by different operations".to_owned()],
        (Some(_), None) => vec![format!("mock takes, server {}{}", server.status, server.keywords())],
        (None, Some(_)) => vec![format!("mock {}{}, server takes", mock.status, mock.keywords())],
        (None, None) => refusals(mock, server),
    }
}

fn refusals(mock: &Outcome, server: &Outcome) -> Vec<String> {
    let mut found = Vec::new();
    if mock.status != server.status {
        found.push(format!(
            "mock {}{}, server {}{}",
            mock.status,
            mock.keywords(),
            server.status,
            server.keywords()
        ));
    } else if mock.faults != server.faults && !mock.is_mute {
        found.push(match mock.keywords() == server.keywords() {
            true => format!("{}{}: faults at other places", mock.status, mock.keywords()),
            false => format!("{}: mock{}, server{}", mock.status, mock.keywords(), server.keywords()),
        });
    }
    for ((name, mock), server) in HEADERS.iter().zip(&mock.headers).zip(&server.headers) {
        if mock != server {
            found.push(format!("{name} differs"));
        }
    }
    found
}

/// A fault of problem details: `query parameter `limit` /0` and `maximum`.
fn fault(fault: &Value) -> (String, String) {
    let text = |key: &str| fault.get(key).and_then(Value::as_str).unwrap_or_default();
    let place = match text("parameter") {
        "" => format!("body {}", text("pointer").trim_start_matches('#')),
        name => format!("{} {name} {}", text("in"), text("pointer").trim_start_matches('#')),
    };
    (place, text("keyword").to_owned())
}

/// The members of a header's lists, in no order; challenges are whole lines.
fn values(headers: &HeaderMap, name: &str, is_head: bool) -> BTreeSet<String> {
    let lines =
        headers.get_all(name).iter().map(|line| String::from_utf8_lossy(line.as_bytes()).into_owned());
    match name {
        "www-authenticate" => lines.collect(),
        "content-type" if is_head => BTreeSet::new(),
        _ => lines
            .flat_map(|line| line.split(',').map(|part| part.trim().to_owned()).collect::<Vec<_>>())
            .collect(),
    }
}

fn joined(values: &BTreeSet<String>) -> String {
    values.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, body: &str, headers: &[(&'static str, &str)]) -> Outcome {
        let mut lines = HeaderMap::new();
        for (name, value) in headers {
            lines.append(*name, value.parse().unwrap());
        }
        Outcome::new(None, status, &lines, &Bytes::from(body.to_owned()), false)
    }

    fn taken(operation: &str) -> Outcome {
        Outcome { taken: Some(operation.to_owned()), ..Outcome::default() }
    }

    #[test]
    fn outcomes_differ_in_each_thing_that_a_caller_can_tell() {
        let fault = |place: &str, keyword: &str| {
            format!(r##"{{"detail": "d", "errors": [{{"pointer": "#{place}", "keyword": "{keyword}"}}]}}"##)
        };
        let check = |mock: &Outcome, server: &Outcome, expected: &[&str]| {
            assert_eq!(differences(mock, server), expected);
        };
        let (a, b) = (taken("GET /a"), taken("GET /b"));
        check(&a, &a, &[]);
        check(&a, &b, &["taken by different operations"]);
        let bad = refused(400, &fault("/a", "type"), &[]);
        check(&a, &bad, &["mock takes, server 400 (type)"]);
        check(&bad, &a, &["mock 400 (type), server takes"]);
        check(&bad, &refused(422, &fault("/a", "type"), &[]), &["mock 400 (type), server 422 (type)"]);
        check(&bad, &refused(400, &fault("/b", "type"), &[]), &["400 (type): faults at other places"]);
        check(&bad, &refused(400, &fault("/a", "enum"), &[]), &["400: mock (type), server (enum)"]);
        let allow = |value: &'static str| refused(405, "", &[("allow", value)]);
        check(&allow("GET, PUT"), &allow("PUT, GET"), &[]);
        check(&allow("GET, PUT"), &allow("GET"), &["allow differs"]);
        let asked = |lines: &[(&'static str, &str)]| refused(401, "", lines);
        let two = asked(&[("www-authenticate", "Basic"), ("www-authenticate", "Bearer")]);
        check(&two, &asked(&[("www-authenticate", "Basic")]), &["www-authenticate differs"]);
    }
}

//! Generates requests whose method, path or `Accept` deviates from the document.

use descant_contract::HttpRequest;

use super::trials::Trials;

const METHODS: [&str; 11] =
    ["GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "QUERY", "DESCANT", "get"];

/// A media type that no document states.
const UNKNOWN: &str = "application/x-descant";

/// One request for each of them.
pub(super) fn derive(trials: &mut Trials<'_>, index: usize) {
    methods(trials, index);
    paths(trials);
    accepts(trials);
}

/// Methods that the path lacks, once a path.
fn methods(trials: &mut Trials<'_>, index: usize) {
    let raw = &trials.operation.path.raw;
    let siblings = trials.api.operations.iter().filter(|other| other.path.raw == *raw);
    let declared: Vec<&str> = siblings.map(|sibling| sibling.method.as_str()).collect();
    let is_first = trials.api.operations.iter().position(|other| other.path.raw == *raw) == Some(index);
    for method in METHODS.into_iter().filter(|method| is_first && !declared.contains(method)) {
        trials.changed(format!("undeclared method {method}"), |wire| wire.method = method.to_owned());
    }
}

fn paths(trials: &mut Trials<'_>) {
    let mut path = |kind: &str, change: &dyn Fn(&str) -> String| {
        trials.changed(format!("path {kind}"), |wire| {
            let (path, query) =
                wire.target.split_once('?').map_or((wire.target.as_str(), None), |(p, q)| (p, Some(q)));
            let query = query.map(|query| format!("?{query}")).unwrap_or_default();
            wire.target = format!("{}{query}", change(path));
        });
    };
    path("with a slash at its end", &|path| format!("{path}/"));
    path("with two slashes", &|path| format!("/{path}"));
    path("with a segment more", &|path| format!("{path}/descant"));
    path("in upper case", &str::to_ascii_uppercase);
    path("with escapes", &escaped);
    for (kind, pair) in
        [("an undeclared parameter", "descant=1"), ("an empty pair", ""), ("a broken escape", "descant=%zz")]
    {
        trials.changed(format!("query with {kind}"), |wire| {
            let sign = if wire.target.contains('?') { '&' } else { '?' };
            wire.target = format!("{}{sign}{pair}", wire.target);
        });
    }
}

/// The path with its last letter escaped (RFC 3986, 6.2.2.2: it is the same path).
fn escaped(path: &str) -> String {
    match path.char_indices().rev().find(|(_, c)| c.is_ascii_lowercase()) {
        Some((at, c)) => {
            let (before, after) = path.split_at(at);
            format!("{before}%{:02X}{}", u32::from(c), after.get(1..).unwrap_or_default())
        }
        None => path.to_owned(),
    }
}

/// What the caller accepts, on one line and on several (RFC 9110, 12.5.1 and 5.3).
fn accepts(trials: &mut Trials<'_>) {
    let content = trials.operation.responses.iter().flat_map(|(_, response)| response.content.keys());
    let mut keys: Vec<&str> = Vec::new();
    for key in content {
        if !keys.contains(&key.as_str()) && keys.len() < 4 {
            keys.push(key);
        }
    }
    let mut accept = |kind: &str, lines: &[&str]| {
        trials.changed(format!("Accept {kind}"), |wire| put(wire, lines));
    };
    accept("unknown", &[UNKNOWN]);
    accept("empty", &[""]);
    accept("malformed", &[";;,/"]);
    accept("anything", &["*/*"]);
    accept("nothing", &["*/*;q=0"]);
    accept("problems alone", &["application/problem+json"]);
    for key in &keys {
        let (ty, _) = key.split_once('/').unwrap_or((key, ""));
        accept("a documented type", &[key]);
        accept("the second line alone", &[UNKNOWN, key]);
        accept("the second of a list", &[&format!("{UNKNOWN}, {key};q=0.1")]);
        accept("not this", &[&format!("{key};q=0")]);
        accept("not this but any", &[&format!("{key};q=0, */*")]);
        accept("not this, on a second line", &["*/*", &format!("{key};q=0")]);
        accept("a range", &[&format!("{ty}/*")]);
        accept("upper case", &[&key.to_ascii_uppercase()]);
        accept("with a parameter", &[&format!("{key};version=1")]);
        accept("with a charset", &[&format!("{key};charset=utf-8")]);
        accept("a malformed weight", &[&format!("{key};q=descant")]);
    }
}

fn put(wire: &mut HttpRequest, lines: &[&str]) {
    wire.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("accept"));
    wire.headers.extend(lines.iter().map(|line| ("Accept".to_owned(), (*line).to_owned())));
}

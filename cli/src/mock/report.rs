//! What the page shows of a document: its findings with their lines, the places of its operations, and the changes of
//! the last reload.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use descant_model::api::{Api, Operation};
use descant_model::dump::dump;
use descant_model::load::Loaded;
use descant_model::render::{Format, render};
use descant_model::source::{Origin, Sources};
use serde_json::{Map, Value, json};

/// The findings that the page lists.
const MAX_FINDINGS: usize = 500;
/// The changes that are listed.
const MAX_CHANGES: usize = 200;
/// The characters of a line of source.
const MAX_LINE: usize = 300;

/// Returns the report of a document with the changes of a reload; `is_served` says whether the mock serves it.
pub(super) fn report(api: Option<&Api>, loaded: &Loaded, changes: &[Change], is_served: bool) -> Value {
    let files: Vec<_> = loaded.sources.iter().map(|file| file.name.as_str()).collect();
    let listed: Vec<_> = loaded.diagnostics.iter().take(MAX_FINDINGS).cloned().collect();
    let rendered = render(Format::Json, &listed, &loaded.sources);
    let mut findings = serde_json::from_str::<Value>(&rendered).unwrap_or_default();
    let mut findings = findings.get_mut("diagnostics").map(Value::take).unwrap_or_default();
    for (finding, shown) in findings.as_array_mut().into_iter().flatten().zip(&listed) {
        let source = line(&loaded.sources, shown.span.file, shown.span.start);
        finding.as_object_mut().map(|finding| finding.insert("source".to_owned(), source.into()));
    }
    let places = api.map(|api| {
        let places = api.operations.iter();
        places.map(|one| (one.key(), place(one, &loaded.sources))).collect::<Map<_, _>>()
    });
    let changes: Vec<_> = changes.iter().take(MAX_CHANGES).map(Change::to_value).collect();
    json!({
        "files": files,
        "findings": findings,
        "findingCount": loaded.diagnostics.len(),
        "changes": changes,
        "isServed": is_served,
        "places": places,
    })
}

/// Returns a line of source, cut to a bounded length.
fn line(sources: &Sources, file: descant_model::source::FileId, offset: u32) -> String {
    let Some(file) = sources.get(file) else { return String::new() };
    let text = file.text.get(file.line(offset)).unwrap_or_default();
    text.chars().take(MAX_LINE).collect()
}

/// Returns the file and line of an operation, and the lines of its parameters and body.
fn place(operation: &Operation, sources: &Sources) -> Value {
    let at = |origin: &Origin| {
        let file = sources.get(origin.span.file)?;
        Some((file.name.as_str(), file.line_column(origin.span.start).0))
    };
    let shown = |origin: &Origin| at(origin).map(|(file, line)| json!({"file": file, "line": line}));
    let parameters = operation.parameters.iter().map(|parameter| {
        (format!("{} {}", parameter.location.as_str(), parameter.name), json!(shown(&parameter.origin)))
    });
    let parameters: Map<_, _> = parameters.collect();
    let body = operation.request_body.as_ref().and_then(|body| shown(&body.origin));
    let (file, line) = at(&operation.origin).unwrap_or_default();
    json!({"file": file, "line": line, "parameters": parameters, "body": body})
}

/// A part of a document that a reload added, removed or changed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    kind: &'static str,
    /// `operation GET /pets`, `schema Pet`.
    part: String,
}

impl Change {
    fn to_value(&self) -> Value {
        json!({"kind": self.kind, "part": self.part})
    }
}

/// Returns the differences between two versions of a document.
pub(super) fn changes(before: &Api, after: &Api) -> Vec<Change> {
    let (before, after) = (dump(before), dump(after));
    let (before, after) = (parts(&before), parts(&after));
    let change = |kind, part: &&str| Change { kind, part: (*part).to_owned() };
    let removed = before.keys().filter(|part| !after.contains_key(*part)).map(|part| change("removed", part));
    let found = after.iter().filter_map(|(part, text)| match before.get(part) {
        None => Some(change("added", part)),
        Some(known) if known != text => Some(change("changed", part)),
        Some(_) => None,
    });
    found.chain(removed).collect()
}

/// Returns the blocks of a dump by their first lines.
fn parts(dump: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut parts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut name = "";
    for line in dump.lines() {
        if !line.starts_with(' ') {
            name = heading(line);
        }
        parts.entry(name).or_default().push(line);
    }
    parts
}

/// Returns the first words of a line, which name what the block describes.
fn heading(line: &str) -> &str {
    let words = if line.starts_with("operation ") || line.starts_with("webhook ") { 3 } else { 2 };
    let end = line.match_indices(' ').nth(words - 1).map_or(line.len(), |(end, _)| end);
    let name =
        if line.starts_with("api ") || line.starts_with("server ") { line.split(' ').next() } else { None };
    name.unwrap_or(line.get(..end).unwrap_or(line))
}

/// Returns the changes for a terminal: one line each, at most ten.
pub(super) fn describe(changes: &[Change]) -> String {
    const SHOWN: usize = 10;
    let mut text = String::new();
    for Change { kind, part } in changes.iter().take(SHOWN) {
        let sign = match *kind {
            "added" => '+',
            "removed" => '-',
            _ => '~',
        };
        let _ = writeln!(text, "  {sign} {}", part.escape_debug());
    }
    if changes.len() > SHOWN {
        let _ = writeln!(text, "  and {} more", changes.len() - SHOWN);
    }
    text
}

#[cfg(test)]
mod tests {
    use descant_model::load::{Options, load_text};

    use super::*;

    fn load(paths: &str) -> Loaded {
        let text = format!("openapi: 3.1.0\ninfo: {{title: T, version: '1'}}\npaths:\n{paths}");
        load_text("t.yaml", text.as_str(), &Options::default())
    }

    const PETS: &str = "  /pets: {get: {responses: {'200': {description: all}}}}\n";

    #[test]
    fn a_reload_names_what_it_changed() {
        let dogs = "  /dogs: {get: {responses: {'204': {description: none}}}}\n";
        let changed = PETS.replace("'200'", "'201'");
        let found = |before: &str, after: &str| {
            let (before, after) = (load(before).api.unwrap(), load(after).api.unwrap());
            let shown =
                changes(&before, &after).into_iter().map(|change| format!("{} {}", change.kind, change.part));
            shown.collect::<Vec<_>>()
        };
        assert_eq!(found(PETS, PETS), [""; 0]);
        assert_eq!(found(PETS, &format!("{dogs}{PETS}")), ["added operation GET /dogs"]);
        assert_eq!(
            found(&format!("{dogs}{PETS}"), &changed),
            ["changed operation GET /pets", "removed operation GET /dogs"]
        );
    }

    #[test]
    fn findings_and_operations_have_their_lines() {
        let loaded = load("  /pets: {get: {operationID: x, responses: {'200': {description: all}}}}\n");
        let value = report(loaded.api.as_ref(), &loaded, &[], true);
        assert_eq!(value["findings"][0]["line"], 4);
        assert!(value["findings"][0]["source"].as_str().unwrap().contains("operationID"));
        assert_eq!(value["places"]["GET /pets"]["line"], 4);
    }
}

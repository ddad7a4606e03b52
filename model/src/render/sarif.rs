//! SARIF 2.1.0 (OASIS), for code scanning services and editors.

use serde_json::{Value, json};

use super::Location;
use super::clean::escape_json;
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::source::{Sources, Span};

pub(super) fn render(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut codes: Vec<Code> = diagnostics.iter().map(|found| found.code).collect();
    codes.sort();
    codes.dedup();
    let results: Vec<Value> = diagnostics.iter().map(|found| result(found, &codes, sources)).collect();
    let value = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "descant",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": codes.iter().copied().map(rule).collect::<Vec<Value>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{}\n", escape_json(&format!("{value:#}")))
}

fn rule(code: Code) -> Value {
    json!({
        "id": code.as_str(),
        "shortDescription": { "text": code.title() },
        "defaultConfiguration": { "level": code.severity().as_str() },
    })
}

fn result(found: &Diagnostic, codes: &[Code], sources: &Sources) -> Value {
    let help = found.help.as_deref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    let related = found.related.iter().enumerate();
    let related: Vec<Value> = related
        .map(|(id, (span, label))| {
            json!({ "id": id, "message": { "text": label }, "physicalLocation": place(*span, sources) })
        })
        .collect();
    json!({
        "ruleId": found.code.as_str(),
        "ruleIndex": codes.binary_search(&found.code).unwrap_or_default(),
        "level": found.severity.as_str(),
        "message": { "text": format!("{}{help}", found.message) },
        "locations": [{
            "physicalLocation": place(found.span, sources),
            "logicalLocations": [{ "fullyQualifiedName": &*found.pointer, "kind": "value" }],
        }],
        "relatedLocations": related,
    })
}

fn place(span: Span, sources: &Sources) -> Value {
    let at = Location::new(span, sources);
    json!({
        "artifactLocation": { "uri": uri(at.file) },
        "region": {
            "startLine": at.line,
            "startColumn": at.column,
            "endLine": at.end_line,
            "endColumn": at.end_column,
        },
    })
}

/// Returns a file's name as a relative reference (RFC 3986, 4.2), percent-encoded except unreserved characters and `/`.
fn uri(name: &str) -> String {
    let mut uri = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(byte.into())
            }
            b'\\' => uri.push('/'),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

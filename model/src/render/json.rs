//! Findings as one JSON object, for other programs. The format is stable: keys are added, never changed.

use serde_json::{Value, json};

use super::Location;
use super::clean::escape_json;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Sources;

pub(super) fn render(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let count = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
    let list: Vec<Value> = diagnostics.iter().map(|found| finding(found, sources)).collect();
    let value = json!({
        "diagnostics": list,
        "summary": {
            "errors": count(Severity::Error),
            "warnings": count(Severity::Warning),
            "notes": count(Severity::Note),
        },
    });
    format!("{}\n", escape_json(&format!("{value:#}")))
}

fn finding(found: &Diagnostic, sources: &Sources) -> Value {
    let at = Location::new(found.span, sources);
    let related: Vec<Value> = found
        .related
        .iter()
        .map(|(span, label)| {
            let at = Location::new(*span, sources);
            json!({ "file": at.file, "line": at.line, "column": at.column, "label": label })
        })
        .collect();
    json!({
        "code": found.code.as_str(),
        "severity": found.severity.as_str(),
        "message": found.message,
        "file": at.file,
        "line": at.line,
        "column": at.column,
        "endLine": at.end_line,
        "endColumn": at.end_column,
        "pointer": &*found.pointer,
        "label": found.label,
        "help": found.help,
        "related": related,
    })
}

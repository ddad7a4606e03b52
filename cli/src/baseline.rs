//! The baseline of `descant lint`: a list of accepted findings. An entry consists of a file, a code and a JSON
//! pointer, so it remains valid when lines move; an entry without a finding is stale, so that the list only shrinks.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use descant_model::diagnostic::Diagnostic;
use descant_model::source::Sources;
use serde_json::{Value, json};

use crate::exit::{Exit, broken};

/// Accepted findings, in the order of detection.
pub(crate) struct Baseline {
    known: Vec<Entry>,
}

/// One known finding.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Entry {
    file: String,
    code: String,
    pointer: String,
}

impl Baseline {
    /// Returns a baseline of all findings.
    pub(crate) fn of(found: &[Diagnostic], sources: &Sources) -> Self {
        Self { known: found.iter().map(|finding| Entry::of(finding, sources)).collect() }
    }

    /// Reads a baseline file; prints the reason if it cannot.
    pub(crate) fn read(path: &Path) -> Result<Self, Exit> {
        crate::exit::existing(path)?;
        let read = std::fs::read(path).map_err(|error| error.to_string()).and_then(|text| {
            let value: Value = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
            parse(&value).ok_or_else(|| "it is not a baseline of `descant lint`".to_owned())
        });
        read.map_err(|error| broken(format_args!("the baseline {} cannot be read: {error}", path.display())))
    }

    /// Writes a baseline file.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Exit> {
        let known: Vec<Value> = self
            .known
            .iter()
            .map(|entry| json!({ "file": entry.file, "code": entry.code, "pointer": entry.pointer }))
            .collect();
        let text = format!("{:#}\n", json!({ "known": known }));
        std::fs::write(path, text).map_err(|error| {
            broken(format_args!("the baseline {} cannot be written: {error}", path.display()))
        })
    }

    /// Removes accepted findings, one per entry; returns the entries without a finding.
    pub(crate) fn take(self, found: &mut Vec<Diagnostic>, sources: &Sources) -> Vec<Entry> {
        let mut open: HashMap<Entry, usize> = HashMap::new();
        self.known.iter().for_each(|entry| *open.entry(entry.clone()).or_default() += 1);
        let mut close = |entry: &Entry| match open.get_mut(entry) {
            Some(count @ 1..) => {
                *count -= 1;
                true
            }
            _ => false,
        };
        found.retain(|finding| !close(&Entry::of(finding, sources)));
        self.known.into_iter().filter(close).collect()
    }
}

/// Parses a baseline file.
fn parse(value: &Value) -> Option<Baseline> {
    let text = |entry: &Value, key: &str| Some(entry.get(key)?.as_str()?.to_owned());
    let entry = |value: &Value| {
        Some(Entry {
            file: text(value, "file")?,
            code: text(value, "code")?,
            pointer: text(value, "pointer")?,
        })
    };
    Some(Baseline { known: value.get("known")?.as_array()?.iter().map(entry).collect::<Option<_>>()? })
}

impl Entry {
    fn of(finding: &Diagnostic, sources: &Sources) -> Self {
        let file =
            sources.get(finding.span.file).map(|file| file.name.replace('\\', "/")).unwrap_or_default();
        Self { file, code: finding.code.as_str().to_owned(), pointer: finding.pointer.to_string() }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}#{}", self.code, self.file, self.pointer.escape_debug())
    }
}

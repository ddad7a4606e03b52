//! Names schemas: the words of an inline schema's position, and keys that need no escapes.

use std::collections::HashMap;

use crate::api::SchemaName;
use crate::references::{FileNode, Graph};
use crate::tree::unescape_token;

/// The words of the current position, from the outside in.
#[derive(Clone, Debug, Default)]
pub(super) struct Way(Vec<String>);

impl Way {
    pub(super) fn new(word: impl Into<String>) -> Self {
        Self(vec![word.into()])
    }

    pub(super) fn with(&self, word: impl Into<String>) -> Self {
        let mut words = self.0.clone();
        words.push(word.into());
        Self(words)
    }

    pub(super) fn name(self) -> SchemaName {
        SchemaName::Path(self.0)
    }
}

/// Returns the name of a place from its position: a component's name, or the words of its pointer. The name does not
/// depend on references or their order.
pub(crate) fn of_place(graph: &Graph, place: FileNode) -> SchemaName {
    let pointer = graph.origin(place).pointer;
    let tokens: Vec<String> =
        pointer.split('/').skip(1).map(|token| unescape_token(token).into_owned()).collect();
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    match tokens.as_slice() {
        [] => SchemaName::Component(graph.stem(place.file).to_owned()),
        ["components", "schemas", name] | ["definitions" | "$defs" | "schemas", name] | [name] => {
            SchemaName::Component((*name).to_owned())
        }
        ["components", _, rest @ ..] | ["definitions" | "$defs", rest @ ..] => SchemaName::Path(words(rest)),
        ["paths", path, method, rest @ ..] => {
            let operation = format!("{} {path}", method.to_uppercase());
            SchemaName::Path(std::iter::once(operation).chain(words(rest)).collect())
        }
        rest => SchemaName::Path(words(rest)),
    }
}

/// The tokens that say something, of a pointer that is not empty.
fn words(tokens: &[&str]) -> Vec<String> {
    const SILENT: &[&str] =
        &["$defs", "definitions", "properties", "schema", "content", "responses", "schemas"];
    let words: Vec<String> =
        tokens.iter().filter(|token| !SILENT.contains(token)).map(|token| (*token).to_owned()).collect();
    if words.is_empty() { tokens.iter().map(|token| (*token).to_owned()).collect() } else { words }
}

/// Assigns unique keys.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// The number of requests for each key.
    given: HashMap<String, usize>,
}

impl Keys {
    pub(super) fn key(&mut self, name: &SchemaName) -> String {
        let wanted = match name {
            SchemaName::Component(name) => sanitized(name),
            SchemaName::Path(words) => words.iter().map(|word| sanitized(word)).collect::<Vec<_>>().join("."),
        };
        let mut key = wanted.clone();
        while self.given.contains_key(&key) {
            let count = self.given.entry(wanted.clone()).or_insert(1);
            *count += 1;
            key = format!("{wanted}-{count}");
        }
        self.given.insert(key.clone(), 1);
        key
    }
}

/// A word with nothing but letters and digits of ASCII, `-` and `_`. Other letters become their code point, so that
/// names in other scripts stay apart.
fn sanitized(word: &str) -> String {
    let mut result = String::new();
    for c in word.chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.' => result.push(c),
            c if c.is_alphanumeric() => result.push_str(&format!("u{:x}", u32::from(c))),
            _ if result.ends_with('_') || result.is_empty() => {}
            _ => result.push('_'),
        }
    }
    let trimmed = result.trim_end_matches('_');
    if trimmed.is_empty() { "_".to_owned() } else { trimmed.to_owned() }
}

//! Parses bytes into a [`Tree`]: detects JSON or YAML, and reports the first syntax error.

mod builder;
mod encoding;
mod indent;
mod json;
mod scalar;
mod yaml;

use std::path::PathBuf;
use std::sync::Arc;

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{FileId, Origin, Sources, Span};
use crate::tree::Tree;

pub use builder::{MAX_DEPTH, MAX_NODES};

/// The maximum size of a file in bytes.
pub const MAX_BYTES: u64 = 64 << 20;

/// The parser has reported why it cannot go on.
struct Stop;

/// A file's text as a tree, before it has its number among the sources.
pub(crate) struct Parsed {
    text: Arc<String>,
    /// For the first file, like its findings.
    tree: Option<Tree>,
    diagnostics: Diagnostics,
}

/// Parses the bytes of a file and adds it to the sources. Returns no tree if the text is invalid, which is reported.
pub fn parse(
    sources: &mut Sources,
    name: &str,
    path: Option<PathBuf>,
    bytes: Vec<u8>,
    diagnostics: &mut Diagnostics,
) -> (FileId, Option<Tree>) {
    Parsed::new(name, bytes).add(sources, name, path, diagnostics)
}

impl Parsed {
    /// Reads one file's bytes.
    pub(crate) fn new(name: &str, bytes: Vec<u8>) -> Self {
        let (file, mut diagnostics) = (FileId::default(), Diagnostics::default());
        if bytes.len() as u64 > MAX_BYTES {
            let message = format!("the file has {} bytes; the limit is {MAX_BYTES}", bytes.len());
            diagnostics.push(at(Code::TooLarge, message, file, 0, 0));
            return Self { text: Arc::default(), tree: None, diagnostics };
        }
        let (text, fault) = encoding::decode(bytes);
        let tree = match fault {
            Some((message, offset)) => {
                diagnostics.push(at(Code::Encoding, message, file, offset, offset));
                None
            }
            None => parse_text(file, name, &text, &mut diagnostics),
        };
        Self { text: text.into(), tree, diagnostics }
    }

    /// Adds the file to the sources, and what was found in it to the findings.
    pub(crate) fn add(
        self,
        sources: &mut Sources,
        name: &str,
        path: Option<PathBuf>,
        diagnostics: &mut Diagnostics,
    ) -> (FileId, Option<Tree>) {
        let file = sources.add(name.to_owned(), path, self.text);
        diagnostics.extend(self.diagnostics.renumbered(file.0));
        (file, self.tree.map(|tree| Tree { file, ..tree }))
    }
}

/// Detects JSON (`{`, `[`) or YAML by the first character. A `.yaml` file that is not JSON is parsed as YAML, because
/// flow mappings begin like objects; if it is neither, the parser that got further reports the fault.
fn parse_text(file: FileId, name: &str, text: &str, diagnostics: &mut Diagnostics) -> Option<Tree> {
    let body = text.trim_start();
    let start = (text.len() - body.len()) as u32;
    if body.is_empty() {
        diagnostics.push(at(Code::NotOpenapi, "the document is empty", file, 0, 0));
        return None;
    }
    if body.starts_with('<') {
        let message = "this is not an OpenAPI document: it looks like HTML or XML";
        let help = "was a login or error page saved instead of the document?";
        diagnostics.push(at(Code::NotOpenapi, message, file, start, start + 1).help(help));
        return None;
    }
    if !body.starts_with(['{', '[']) {
        return yaml::parse(file, text, diagnostics);
    }
    let mut as_json = Diagnostics::default();
    let tree = json::parse(file, text, &mut as_json);
    if tree.is_some() || !(name.ends_with(".yaml") || name.ends_with(".yml")) {
        diagnostics.extend(as_json);
        return tree;
    }
    let mut as_yaml = Diagnostics::default();
    let tree = yaml::parse(file, text, &mut as_yaml);
    let farther = tree.is_some() || as_yaml.farthest() >= as_json.farthest();
    diagnostics.extend(if farther { as_yaml } else { as_json });
    tree
}

/// A finding of the text, which has no pointer yet.
fn at(code: Code, message: impl Into<String>, file: FileId, start: u32, end: u32) -> Diagnostic {
    Diagnostic::new(code, message, &Origin { span: Span { file, start, end }, pointer: "".into() })
}

#[cfg(test)]
mod tests;

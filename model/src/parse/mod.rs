//! Bytes to a [`Tree`]: decides between JSON and YAML, and reports the one fault at which the text stops making sense.

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

/// Bytes that one file may have.
pub const MAX_BYTES: u64 = 64 << 20;

/// The parser has reported why it cannot go on.
struct Stop;

/// Reads one file's bytes and adds it to the sources. `None` where there is no tree, the reason being reported.
pub fn parse(
    sources: &mut Sources,
    name: &str,
    path: Option<PathBuf>,
    bytes: Vec<u8>,
    diagnostics: &mut Diagnostics,
) -> (FileId, Option<Tree>) {
    if bytes.len() as u64 > MAX_BYTES {
        return (too_large(sources, name, path, bytes.len(), diagnostics), None);
    }
    let (text, fault) = encoding::decode(bytes);
    let text: Arc<str> = text.into();
    let file = sources.add(name.to_owned(), path, text.clone());
    if let Some((message, offset)) = fault {
        diagnostics.push(at(Code::Encoding, message, file, offset, offset));
        return (file, None);
    }
    (file, parse_text(file, name, &text, diagnostics))
}

/// By its first character, text is JSON (`{`, `[`) or YAML. A `.yaml` file that is no JSON after all is tried as YAML,
/// because flow mappings begin like objects; where it is neither, the parser that came farther says why.
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

fn too_large(
    sources: &mut Sources,
    name: &str,
    path: Option<PathBuf>,
    length: usize,
    diagnostics: &mut Diagnostics,
) -> FileId {
    let file = sources.add(name.to_owned(), path, "".into());
    let message = format!("the file has {length} bytes; at most {MAX_BYTES} are read");
    diagnostics.push(at(Code::TooLarge, message, file, 0, 0));
    file
}

/// A finding of the text, which has no pointer yet.
fn at(code: Code, message: impl Into<String>, file: FileId, start: u32, end: u32) -> Diagnostic {
    Diagnostic::new(code, message, &Origin { span: Span { file, start, end }, pointer: "".into() })
}

#[cfg(test)]
mod tests;

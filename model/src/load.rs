//! The front end on one page: loads a document as an [`Api`] with all findings.

use std::path::Path;
use std::sync::Arc;

use crate::api::Api;
use crate::check::{self, Version};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::dialect;
use crate::lower;
use crate::parse;
use crate::references::{self, Access, Graph};
use crate::source::{Origin, Sources};
use crate::threads::{beside, discard, on_own_stack};

/// Options for loading a document.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The permitted targets of references.
    pub access: Access,
}

/// The result for a document.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The valid part of the document, without faulty objects; `None` if the text is not an OpenAPI document.
    pub api: Option<Api>,
    /// The document's version of OpenAPI.
    pub version: Option<Version>,
    /// The findings, sorted by position.
    pub diagnostics: Vec<Diagnostic>,
    /// Every file that was read.
    pub sources: Sources,
}

/// A document as a checked graph of all its files: what comes before the model.
pub(crate) struct Reading {
    /// `None` where the text is no OpenAPI document.
    pub(crate) graph: Option<Graph>,
    pub(crate) diagnostics: Diagnostics,
    pub(crate) sources: Sources,
}

/// Loads the document in a file, and the files that it refers to.
pub fn load(path: &Path, options: &Options) -> Loaded {
    let loaded = on_own_stack(|| lowered(read(path, options)));
    loaded.unwrap_or_else(|why| lowered(unreadable(&path.to_string_lossy(), Some(path), &why)))
}

/// Loads a document from text. A name that ends in `.yaml` or `.json` selects the syntax.
pub fn load_text(name: &str, text: impl Into<Vec<u8>>, options: &Options) -> Loaded {
    let text = text.into();
    let loaded = on_own_stack(|| lowered(reading(name, None, text, options)));
    loaded.unwrap_or_else(|why| lowered(unreadable(name, None, &why)))
}

/// Reads and checks the document in a file, and the files that it refers to.
pub(crate) fn read(path: &Path, options: &Options) -> Reading {
    let name = path.to_string_lossy();
    match bytes(path) {
        Ok(bytes) => reading(&name, Some(path), bytes, options),
        Err(message) => unreadable(&name, Some(path), &message),
    }
}

/// Runs the first half of the pipeline.
fn reading(name: &str, path: Option<&Path>, bytes: Vec<u8>, options: &Options) -> Reading {
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let path = path.map(|path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
    let (_, tree) = parse::parse(&mut sources, name, path, bytes, &mut diagnostics);
    let graph = tree.and_then(|tree| {
        let checked = check::document(&tree, &mut diagnostics)?;
        Some(references::resolve(tree, checked, &mut sources, &options.access, &mut diagnostics))
    });
    Reading { graph, diagnostics, sources }
}

/// Runs the second half of the pipeline: semantic checks, in parallel with lowering.
fn lowered(reading: Reading) -> Loaded {
    let Reading { graph, mut diagnostics, sources } = reading;
    let version = graph.as_ref().map(|graph| graph.version(graph.root().file));
    let api = graph.map(|mut graph| {
        let (mut semantic, mut found) = <(Diagnostics, Diagnostics)>::default();
        let api = if version == Some(Version::V2) {
            check::semantics(&graph, &mut semantic);
            dialect::upgrade(&mut graph, &mut found);
            lower::lower(&graph, &mut found)
        } else {
            beside(|| check::semantics(&graph, &mut semantic), || lower::lower(&graph, &mut found))
        };
        diagnostics.extend(semantic);
        diagnostics.extend(found);
        discard(graph);
        api
    });
    Loaded { api, version, diagnostics: diagnostics.into_sorted(), sources }
}

fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    let metadata = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if metadata.is_dir() {
        return Err("it is a folder".to_owned());
    }
    if metadata.len() > parse::MAX_BYTES {
        return Err(format!("it has {} bytes, more than {}", metadata.len(), parse::MAX_BYTES));
    }
    std::fs::read(path).map_err(|error| error.to_string())
}

/// Returns the result for a document that cannot be read.
pub(crate) fn unreadable(name: &str, path: Option<&Path>, message: &str) -> Reading {
    let mut sources = Sources::default();
    sources.add(name.to_owned(), path.map(Path::to_owned), Arc::default());
    let message = format!("`{name}` cannot be read: {message}");
    let mut diagnostics = Diagnostics::default();
    diagnostics.push(Diagnostic::new(Code::Unreadable, message, &Origin::default()));
    Reading { graph: None, diagnostics, sources }
}

//! The front end on one page: text to [`Api`], with everything that was found on the way.

use std::path::Path;

use crate::api::Api;
use crate::check::{self, Version};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::dialect;
use crate::lower;
use crate::parse;
use crate::references::{self, Access};
use crate::source::{Origin, Sources};

/// Bytes of stack for the pipeline: more than [`parse::MAX_DEPTH`] levels take in a build for debugging.
const STACK: usize = 4 << 20;

/// How a document is loaded.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What the document may lead to.
    pub access: Access,
}

/// What came of a document.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// `None` where the text is no OpenAPI document at all. Otherwise what is sound of it, even where there are errors:
    /// what they cost is left out.
    pub api: Option<Api>,
    /// The version of OpenAPI that the document says it is of.
    pub version: Option<Version>,
    /// Sorted by place.
    pub diagnostics: Vec<Diagnostic>,
    /// Every file that was read.
    pub sources: Sources,
}

/// Loads the document in a file, and the files that it refers to.
pub fn load(path: &Path, options: &Options) -> Loaded {
    let name = path.to_string_lossy();
    match read(path) {
        Ok(bytes) => run(&name, Some(path), bytes, options),
        Err(message) => unreadable(&name, Some(path), &message),
    }
}

/// Loads the document in a text that is no file. A name that ends in `.yaml` or `.json` says what it is written in.
pub fn load_text(name: &str, text: impl Into<Vec<u8>>, options: &Options) -> Loaded {
    run(name, None, text.into(), options)
}

/// Runs the pipeline on a stack of its own: it recurses once a level of nesting, of which there are at most
/// [`parse::MAX_DEPTH`], and cannot know how small its caller's stack is.
fn run(name: &str, path: Option<&Path>, bytes: Vec<u8>, options: &Options) -> Loaded {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        match thread.spawn_scoped(scope, || pipeline(name, path, bytes, options)) {
            Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(error) => unreadable(name, path, &error.to_string()),
        }
    })
}

/// The pipeline.
fn pipeline(name: &str, path: Option<&Path>, bytes: Vec<u8>, options: &Options) -> Loaded {
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let path = path.map(|path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
    let (_, tree) = parse::parse(&mut sources, name, path, bytes, &mut diagnostics);
    let mut version = None;
    let api = tree.and_then(|tree| {
        let checked = check::document(&tree, &mut diagnostics)?;
        version = Some(checked.version);
        let mut graph = references::resolve(tree, checked, &mut sources, &options.access, &mut diagnostics);
        check::sense(&graph, &mut diagnostics);
        dialect::upgrade(&mut graph, &mut diagnostics);
        Some(lower::lower(&graph, &mut diagnostics))
    });
    Loaded { api, version, diagnostics: diagnostics.into_sorted(), sources }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let metadata = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if metadata.is_dir() {
        return Err("it is a folder".to_owned());
    }
    if metadata.len() > parse::MAX_BYTES {
        return Err(format!("it has {} bytes, more than {}", metadata.len(), parse::MAX_BYTES));
    }
    std::fs::read(path).map_err(|error| error.to_string())
}

fn unreadable(name: &str, path: Option<&Path>, message: &str) -> Loaded {
    let mut sources = Sources::default();
    sources.add(name.to_owned(), path.map(Path::to_owned), "".into());
    let message = format!("`{name}` cannot be read: {message}");
    let finding = Diagnostic::new(Code::Unreadable, message, &Origin::default());
    Loaded { api: None, version: None, diagnostics: vec![finding], sources }
}

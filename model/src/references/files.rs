//! Which file a reference means, and whether it may be read: below the document's folder, symbolic links resolved.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

use super::Access;
use super::reference::Fault;
use crate::codes::Code;
use crate::parse::MAX_BYTES;
use crate::source::{FileId, Sources};

/// Files that one document may reach.
const MAX_FILES: usize = 20_000;

/// Bytes that all files of a document may have together.
const MAX_TOTAL: u64 = 4 * MAX_BYTES;

/// The files of a document and the folder that holds them.
pub(super) struct Files {
    /// Absolute, without symbolic links; `None` where the document is no file.
    root: Option<PathBuf>,
    /// Absolute path without symbolic links, to its id.
    known: HashMap<PathBuf, FileId>,
    /// What the user called the document's folder: names of files begin with it.
    prefix: PathBuf,
    /// The document's folder, from which names are counted.
    base: PathBuf,
    total: u64,
}

/// A file that is to be read, or has been.
pub(super) enum Found {
    Known(FileId),
    New { path: PathBuf, name: String, bytes: Vec<u8> },
}

impl Files {
    pub(super) fn new(document: FileId, sources: &Sources, access: &Access) -> Self {
        let file = sources.get(document);
        let path = file.and_then(|file| file.path.as_deref());
        let base = path.and_then(Path::parent).and_then(|folder| folder.canonicalize().ok());
        let root = access.root.as_ref().and_then(|root| root.canonicalize().ok());
        let prefix = file.and_then(|file| Path::new(&file.name).parent().map(Path::to_owned));
        let mut known = HashMap::new();
        if let Some(canonical) = path.and_then(|path| path.canonicalize().ok()) {
            known.insert(canonical, document);
        }
        Self {
            root: base.clone().map(|base| root.unwrap_or(base)),
            known,
            prefix: prefix.unwrap_or_default(),
            base: base.unwrap_or_default(),
            total: 0,
        }
    }

    /// Finds the file that `relative` means to a file of the document.
    pub(super) fn find(&mut self, from: FileId, relative: &str, sources: &Sources) -> Result<Found, Fault> {
        let Some(root) = self.root.clone() else {
            return Err(refuse(
                Code::RefMissing,
                format!("`{relative}` is another file, and this text has no folder"),
            ));
        };
        let folder = sources.get(from).and_then(|file| file.path.as_deref()).and_then(Path::parent);
        let folder = folder.and_then(|folder| folder.canonicalize().ok());
        let wanted = normalized(&folder.as_ref().unwrap_or(&root).join(relative));
        let outside = || {
            let help = "a document may only read files below its own folder";
            refuse(Code::RefEscape, format!("`{relative}` leaves the document's folder: {help}"))
        };
        if !wanted.starts_with(&root) {
            return Err(outside());
        }
        let missing = || refuse(Code::RefMissing, format!("there is no file `{relative}`"));
        let path = wanted.canonicalize().map_err(|_| missing())?;
        if !path.starts_with(&root) {
            return Err(outside());
        }
        if let Some(id) = self.known.get(&path) {
            return Ok(Found::Known(*id));
        }
        let bytes = self.read(&path, relative)?;
        let name = self.prefix.join(path.strip_prefix(&self.base).unwrap_or(&path));
        Ok(Found::New { name: name.to_string_lossy().into_owned(), path, bytes })
    }

    pub(super) fn add(&mut self, path: PathBuf, id: FileId) {
        self.known.insert(path, id);
    }

    fn read(&mut self, path: &Path, relative: &str) -> Result<Vec<u8>, Fault> {
        let unreadable = |why: &dyn std::fmt::Display| {
            refuse(Code::Unreadable, format!("the file `{relative}` cannot be read: {why}"))
        };
        let metadata = std::fs::metadata(path).map_err(|error| unreadable(&error))?;
        if !metadata.is_file() {
            return Err(unreadable(&"it is no regular file"));
        }
        self.total = self.total.saturating_add(metadata.len());
        if self.known.len() >= MAX_FILES || self.total > MAX_TOTAL || metadata.len() > MAX_BYTES {
            let limit = format!("{MAX_FILES} files, {MAX_TOTAL} bytes or {MAX_BYTES} bytes a file");
            return Err(refuse(
                Code::TooLarge,
                format!("with `{relative}` the document has more than {limit}"),
            ));
        }
        std::fs::read(path).map_err(|error| unreadable(&error))
    }
}

fn refuse(code: Code, message: String) -> Fault {
    Fault { code, message, help: None }
}

/// The path without `.` and `..`, by its text alone, so that nothing is asked of the file system outside the root.
fn normalized(path: &Path) -> PathBuf {
    let mut result = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                result.pop();
            }
            part => result.push(part),
        }
    }
    result
}

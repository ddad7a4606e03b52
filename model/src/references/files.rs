//! Finds the file of a reference, and permits it only below the root, with symbolic links resolved.

use std::collections::{HashMap, HashSet};
use std::path::{Component, Path, PathBuf};

use super::reference::Fault;
use super::{Access, root};
use crate::codes::Code;
use crate::parse::{MAX_BYTES, Parsed};
use crate::source::{FileId, Sources};
use crate::threads::each;

/// The maximum number of files of a document.
const MAX_FILES: usize = 20_000;

/// The maximum total size of a document's files in bytes.
const MAX_TOTAL: u64 = 4 * MAX_BYTES;

/// The files of a document and the folder that they must lie below.
pub(super) struct Files {
    /// The absolute root without symbolic links; `None` if the document is not a file.
    root: Option<PathBuf>,
    /// The ids of files by absolute path without symbolic links.
    known: HashMap<PathBuf, FileId>,
    /// Resolved paths, cached because the system visits each folder of a path.
    canonical: HashMap<PathBuf, PathBuf>,
    /// The document's folder as given by the user: the prefix of file names.
    prefix: PathBuf,
    /// The document's folder, from which names are counted.
    base: PathBuf,
    /// Files that were read ahead.
    ahead: HashMap<PathBuf, Parsed>,
    /// The number of read files, and their total size.
    count: usize,
    total: u64,
}

/// A known or a new file.
pub(super) enum Found {
    Known(FileId),
    New { path: PathBuf, name: String, parsed: Parsed },
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
            root: base.as_deref().map(|base| root.unwrap_or_else(|| root::default(base))),
            known,
            canonical: HashMap::new(),
            prefix: prefix.unwrap_or_default(),
            base: base.unwrap_or_default(),
            ahead: HashMap::new(),
            count: 0,
            total: 0,
        }
    }

    /// Finds the file that `relative` means to a file of the document.
    pub(super) fn find(&mut self, from: FileId, relative: &str, sources: &Sources) -> Result<Found, Fault> {
        let path = self.locate(from, relative, sources)?;
        if let Some(id) = self.known.get(&path) {
            return Ok(Found::Known(*id));
        }
        let name = self.name(&path);
        let parsed = match self.ahead.remove(&path) {
            Some(parsed) => parsed,
            None => Parsed::new(&name, self.read(&path, relative)?),
        };
        Ok(Found::New { path, name, parsed })
    }

    /// Reads what files of the document are about to ask for, several at a time. What cannot be read is left for then.
    pub(super) fn read_ahead(&mut self, wanted: impl Iterator<Item = (FileId, String)>, sources: &Sources) {
        let mut waiting = Vec::new();
        let mut met = HashSet::new();
        for (from, relative) in wanted {
            let Ok(path) = self.locate(from, &relative, sources) else { continue };
            let is_read = self.known.contains_key(&path) || self.ahead.contains_key(&path);
            if !is_read
                && met.insert(path.clone())
                && let Ok(bytes) = self.read(&path, &relative)
            {
                waiting.push((self.name(&path), path, bytes));
            }
        }
        self.ahead.extend(each(waiting, |(name, path, bytes)| (path, Parsed::new(&name, bytes))));
    }

    /// The path of a file, symbolic links resolved.
    fn locate(&mut self, from: FileId, relative: &str, sources: &Sources) -> Result<PathBuf, Fault> {
        let Some(root) = self.root.clone() else {
            return Err(refuse(
                Code::RefMissing,
                format!("`{relative}` is a file, but this text has no folder"),
            ));
        };
        let folder = sources.get(from).and_then(|file| file.path.as_deref()).and_then(Path::parent);
        let folder = folder.and_then(|folder| self.canonical(folder)).unwrap_or_else(|| root.clone());
        let wanted = normalized(&folder.join(relative));
        if !wanted.starts_with(&root) {
            return Err(outside(relative, &root));
        }
        let missing = || refuse(Code::RefMissing, format!("file `{relative}` does not exist"));
        let path = self.canonical(&wanted).ok_or_else(missing)?;
        if path.starts_with(&root) { Ok(path) } else { Err(outside(relative, &root)) }
    }

    /// Returns the name of a file for the user.
    fn name(&self, path: &Path) -> String {
        let common = self.base.ancestors().find(|folder| path.starts_with(folder)).unwrap_or(Path::new(""));
        let up = self.base.strip_prefix(common).map_or(0, |below| below.components().count());
        let mut name = self.prefix.clone();
        for _ in 0..up {
            match name.components().next_back() {
                Some(Component::Normal(_)) => _ = name.pop(),
                _ => name.push(".."),
            }
        }
        name.push(path.strip_prefix(common).unwrap_or(path));
        name.to_string_lossy().into_owned()
    }

    /// A path without symbolic links; `None` where nothing is there.
    fn canonical(&mut self, path: &Path) -> Option<PathBuf> {
        if let Some(known) = self.canonical.get(path) {
            return Some(known.clone());
        }
        let canonical = path.canonicalize().ok()?;
        self.canonical.insert(path.to_owned(), canonical.clone());
        Some(canonical)
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
            return Err(unreadable(&"it is not a regular file"));
        }
        let total = self.total.saturating_add(metadata.len());
        if self.count >= MAX_FILES || total > MAX_TOTAL || metadata.len() > MAX_BYTES {
            let limit = format!("{MAX_FILES} files, {MAX_TOTAL} bytes or {MAX_BYTES} bytes a file");
            return Err(refuse(
                Code::TooLarge,
                format!("with `{relative}` the document has more than {limit}"),
            ));
        }
        let bytes = std::fs::read(path).map_err(|error| unreadable(&error))?;
        (self.count, self.total) = (self.count + 1, total);
        Ok(bytes)
    }
}

fn refuse(code: Code, message: String) -> Fault {
    Fault { cause: Some(message.clone()), code, message, help: None }
}

/// The refusal of a file that lies outside the root. All such references of a document have one cause: a root that is too
/// narrow.
fn outside(relative: &str, root: &Path) -> Fault {
    let message = format!("`{relative}` lies outside the folder that references must stay in");
    let root = root.display();
    let help = format!("the root is `{root}`; `--root FOLDER` sets another one");
    Fault { help: Some(help), cause: Some(String::new()), ..refuse(Code::RefEscape, message) }
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

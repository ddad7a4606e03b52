//! Where text came from: files, places in them, and the origin that every node of the model carries.

use std::path::PathBuf;
use std::sync::Arc;

/// Index into [`Sources`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A stretch of a file, in bytes of its text. `end` is never before `start`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

/// Where a node of the model stands: its file's place and its JSON pointer in that file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    pub span: Span,
    /// RFC 6901, without `#`; empty for the document itself.
    pub pointer: Arc<str>,
}

/// One file that was read.
#[derive(Clone, Debug)]
pub struct File {
    /// As the user named it, or relative to the document's root: what diagnostics print.
    pub name: String,
    /// Absolute; `None` for text that came from no file (standard input, a URL, a test).
    pub path: Option<PathBuf>,
    pub text: Arc<str>,
    /// Byte offset of the start of each line.
    lines: Vec<u32>,
}

/// Every file that was read for a document, the document itself first.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<File>,
}

impl Sources {
    /// Adds a file; its text is UTF-8 without a byte order mark.
    pub fn add(&mut self, name: String, path: Option<PathBuf>, text: Arc<str>) -> FileId {
        let starts = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32 + 1);
        let lines = std::iter::once(0).chain(starts).collect();
        self.files.push(File { name, path, text, lines });
        FileId(self.files.len() as u32 - 1)
    }

    /// The file of an id.
    pub fn get(&self, id: FileId) -> Option<&File> {
        self.files.get(id.0 as usize)
    }

    /// Every file, in the order in which they were read.
    pub fn iter(&self) -> impl Iterator<Item = &File> {
        self.files.iter()
    }
}

impl File {
    /// Line and column of a byte offset, both counted from 1; the column counts characters.
    pub fn line_column(&self, offset: u32) -> (usize, usize) {
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|i| self.lines.get(i)).copied().unwrap_or(0);
        let before = self.text.get(start as usize..offset as usize).unwrap_or("");
        (line.max(1), before.chars().count() + 1)
    }
}

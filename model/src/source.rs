//! Where text came from: files, places in them, and the origin that every node of the model carries.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

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
    /// In an `Arc<str>` it would be copied, and there are documents of many megabytes.
    pub text: Arc<String>,
    /// Made when the first finding asks for it: most documents have none.
    index: OnceLock<Index>,
}

/// Bytes of a file between two counts of characters.
const BLOCK: usize = 4096;

/// What tells line and column of an offset in bounded time, however long a line is.
#[derive(Clone, Debug)]
struct Index {
    /// Byte offset of the start of each line.
    lines: Vec<u32>,
    /// Characters before each block of bytes.
    characters: Vec<u32>,
}

impl Index {
    fn new(text: &str) -> Self {
        let starts = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32 + 1);
        let mut characters = vec![0];
        for block in text.as_bytes().chunks(BLOCK) {
            let before = characters.last().copied().unwrap_or(0);
            characters.push(before + count_characters(block));
        }
        Self { lines: std::iter::once(0).chain(starts).collect(), characters }
    }

    /// Characters before an offset.
    fn characters(&self, text: &str, offset: u32) -> u32 {
        let block = offset as usize / BLOCK;
        let rest = text.as_bytes().get(block * BLOCK..offset as usize).unwrap_or_default();
        self.characters.get(block).or(self.characters.last()).copied().unwrap_or(0) + count_characters(rest)
    }
}

/// Characters that begin in these bytes of UTF-8.
fn count_characters(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count() as u32
}

/// Every file that was read for a document, the document itself first.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<File>,
}

impl Sources {
    /// Adds a file; its text is UTF-8 without a byte order mark.
    pub fn add(&mut self, name: String, path: Option<PathBuf>, text: Arc<String>) -> FileId {
        self.files.push(File { name, path, text, index: OnceLock::new() });
        FileId(self.files.len() as u32 - 1)
    }

    /// Adds the files of another run; their ids grow by what is returned.
    pub fn append(&mut self, other: Sources) -> u32 {
        let before = self.files.len() as u32;
        self.files.extend(other.files);
        before
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
        let index = self.index();
        let line = index.lines.partition_point(|start| *start <= offset).max(1);
        let start = index.lines.get(line - 1).copied().unwrap_or(0);
        let column = index.characters(&self.text, offset).saturating_sub(index.characters(&self.text, start));
        (line, column as usize + 1)
    }

    /// The byte offsets between which the line of an offset stands, its end mark left out.
    pub fn line(&self, offset: u32) -> std::ops::Range<usize> {
        let lines = &self.index().lines;
        let line = lines.partition_point(|start| *start <= offset).max(1);
        let start = lines.get(line - 1).copied().unwrap_or(0) as usize;
        let end = lines.get(line).map_or(self.text.len(), |next| *next as usize - 1);
        let end =
            if self.text.get(start..end).is_some_and(|text| text.ends_with('\r')) { end - 1 } else { end };
        start..end
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::new(&self.text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters() {
        let text = format!("ab\r\n{}é€😀x\n", "é".repeat(BLOCK));
        let mut sources = Sources::default();
        let id = sources.add("t".into(), None, text.clone().into());
        let file = sources.get(id).unwrap();
        for (offset, character) in text.char_indices() {
            let before = &text[..offset];
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
            assert_eq!(file.line_column(offset as u32), (line, column), "of {character:?} at {offset}");
        }
        assert_eq!(&text[file.line(1)], "ab");
        assert_eq!(file.line_column(text.len() as u32), (3, 1));
        assert_eq!(file.line(text.len() as u32), text.len()..text.len());
    }
}

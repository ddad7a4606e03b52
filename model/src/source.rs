//! Files, positions in them, and the origin of each node of the model.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// Index into [`Sources`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A range of bytes of a file's text. `end` is never before `start`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The offset of the first byte.
    pub start: u32,
    /// The offset behind the last byte.
    pub end: u32,
}

/// The position of a node of the model: its range in a file and its JSON pointer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The position in the file.
    pub span: Span,
    /// The pointer in the file (RFC 6901), without `#`; empty for the root.
    pub pointer: Arc<str>,
}

/// A file that was read.
#[derive(Clone, Debug)]
pub struct File {
    /// The name in diagnostics: as the user gave it, or relative to the root.
    pub name: String,
    /// The absolute path; `None` for text from standard input, a URL or a test.
    pub path: Option<PathBuf>,
    /// The text. An `Arc<str>` would need a copy of documents of many megabytes.
    pub text: Arc<String>,
    /// The index, created for the first finding.
    index: OnceLock<Index>,
}

/// The number of bytes between two entries of the index.
const BLOCK: usize = 4096;

/// An index for line and column of an offset, in bounded time for lines of any length.
#[derive(Clone, Debug)]
struct Index {
    /// The byte offset of the start of each line.
    lines: Vec<u32>,
    /// The number of characters before each block of bytes.
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

    /// Returns the number of characters before an offset.
    fn characters(&self, text: &str, offset: u32) -> u32 {
        let block = offset as usize / BLOCK;
        let rest = text.as_bytes().get(block * BLOCK..offset as usize).unwrap_or_default();
        self.characters.get(block).or(self.characters.last()).copied().unwrap_or(0) + count_characters(rest)
    }
}

/// Counts the characters that begin in these bytes of UTF-8.
fn count_characters(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count() as u32
}

/// The files of a document, the document itself first.
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

    /// Adds the files of another run; returns the offset of their ids.
    pub fn append(&mut self, other: Sources) -> u32 {
        let before = self.files.len() as u32;
        self.files.extend(other.files);
        before
    }

    /// Returns the file of an id.
    pub fn get(&self, id: FileId) -> Option<&File> {
        self.files.get(id.0 as usize)
    }

    /// Returns every file, in the order of reading.
    pub fn iter(&self) -> impl Iterator<Item = &File> {
        self.files.iter()
    }
}

impl File {
    /// Returns line and column of a byte offset, both counted from 1; the column counts characters.
    pub fn line_column(&self, offset: u32) -> (usize, usize) {
        let index = self.index();
        let line = index.lines.partition_point(|start| *start <= offset).max(1);
        let start = index.lines.get(line - 1).copied().unwrap_or(0);
        let column = index.characters(&self.text, offset).saturating_sub(index.characters(&self.text, start));
        (line, column as usize + 1)
    }

    /// Returns the byte range of the line of an offset, without its line break.
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

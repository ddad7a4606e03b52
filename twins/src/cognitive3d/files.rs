//! Stores uploaded files with their content types.

use std::collections::VecDeque;

use bytes::Bytes;

/// The maximum size of all files in bytes; the oldest files are deleted first.
pub(crate) const MAX_BYTES: usize = 64 << 20;

/// Uploaded files, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Files(VecDeque<File>);

/// An uploaded file.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// Project, medium and name.
    pub(crate) key: (i64, i64, String),
    /// The content type of the upload.
    pub(crate) content_type: String,
    pub(crate) bytes: Bytes,
}

/// The file in the document's examples, which has the document's content.
const EXAMPLE: (i64, i64, &str) = (1204, 401, "source_albedo.png");

/// Whether a key is that of the file in the document's examples.
pub(crate) fn is_example(key: &(i64, i64, String)) -> bool {
    (key.0, key.1, key.2.as_str()) == EXAMPLE
}

impl Files {
    /// Stores a file, replacing any file with its key.
    pub(crate) fn put(&mut self, file: File) {
        self.0.retain(|known| known.key != file.key);
        self.0.push_back(file);
        while self.0.iter().map(|file| file.bytes.len()).sum::<usize>() > MAX_BYTES {
            self.0.pop_front();
        }
    }

    /// Returns the file of a key.
    pub(crate) fn get(&self, key: &(i64, i64, String)) -> Option<&File> {
        self.0.iter().find(|file| file.key == *key)
    }
}

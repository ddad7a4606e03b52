//! Files as they were uploaded, each with its content type.

use std::collections::VecDeque;

use bytes::Bytes;

/// How many bytes all files together may have; the oldest are forgotten first.
pub(crate) const MAX_BYTES: usize = 64 << 20;

/// Uploaded files, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Files(VecDeque<File>);

/// An uploaded file.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// Project, medium and name.
    pub(crate) key: (i64, i64, String),
    /// As the upload stated it.
    pub(crate) content_type: String,
    pub(crate) bytes: Bytes,
}

impl Files {
    /// Keeps a file in the place of any that has its key.
    pub(crate) fn put(&mut self, file: File) {
        self.0.retain(|known| known.key != file.key);
        self.0.push_back(file);
        while self.0.iter().map(|file| file.bytes.len()).sum::<usize>() > MAX_BYTES {
            self.0.pop_front();
        }
    }

    /// The file of a key.
    pub(crate) fn get(&self, key: &(i64, i64, String)) -> Option<&File> {
        self.0.iter().find(|file| file.key == *key)
    }
}

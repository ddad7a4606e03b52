//! Stores the files of a form in one unnamed temporary file per request, which nobody else can open and which is
//! deleted with the last of them.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::stream;

use crate::body::Body;

/// How much is read at once.
const PIECE: u64 = 64 << 10;

/// An unnamed file, written at its end and then read anywhere.
pub(super) struct Spool {
    file: Arc<Mutex<File>>,
    length: u64,
}

impl Spool {
    /// In this folder, or in the system's for temporary files.
    pub(super) async fn open(folder: Option<Arc<Path>>) -> Result<Self> {
        let open = move || folder.map_or_else(tempfile::tempfile, tempfile::tempfile_in);
        Ok(Self { file: Arc::new(Mutex::new(blocking(open).await?)), length: 0 })
    }

    /// Where the next piece goes.
    pub(super) fn end(&self) -> u64 {
        self.length
    }

    pub(super) async fn append(&mut self, bytes: Bytes) -> Result<()> {
        self.length += bytes.len() as u64;
        self.with(move |file| file.write_all(&bytes)).await
    }

    /// What was written since the end was here.
    pub(super) fn since(&self, start: u64) -> Body {
        let shared = Self { file: Arc::clone(&self.file), length: self.length };
        Body::stream(stream::try_unfold((shared, start), async |(spool, at)| {
            let left = spool.length.saturating_sub(at).min(PIECE);
            if left == 0 {
                return Ok::<_, Error>(None);
            }
            let piece = spool.with(move |file| read(file, at, left)).await?;
            let next = at + left;
            Ok(Some((piece, (spool, next))))
        }))
    }

    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut File) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let file = Arc::clone(&self.file);
        blocking(move || work(&mut file.lock().unwrap_or_else(PoisonError::into_inner))).await
    }
}

fn read(file: &mut File, at: u64, length: u64) -> Result<Bytes> {
    file.seek(SeekFrom::Start(at))?;
    let mut piece = Vec::new();
    match file.take(length).read_to_end(&mut piece)? as u64 {
        read if read == length => Ok(piece.into()),
        _ => Err(ErrorKind::UnexpectedEof.into()),
    }
}

/// Off the threads that others wait on; without tokio there are none.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) => runtime.spawn_blocking(work).await.unwrap_or_else(|error| Err(Error::other(error))),
        Err(_) => work(),
    }
}

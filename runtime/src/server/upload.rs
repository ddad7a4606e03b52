//! Receives forms with files part by part: values into memory and large files into a [`Spool`], so that a method has
//! all fields at once, in any order.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Poll;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, stream};
use http::StatusCode;

use super::spool::Spool;
use crate::body::{Body, BoxError, ReadError};
use crate::media::{self, Part};
use crate::multipart::FileNames;
use crate::problem::Fault;

/// The longest file that stays in memory, and what a longer one is written in.
const SMALL: usize = 64 << 10;

/// The most parts of a form.
const MOST_PARTS: usize = 1000;

/// What may come between two parts and before the first: their headers above all.
const LONGEST_HEAD: usize = 16 << 10;

/// What a request may take up.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    /// Bytes in memory.
    pub(super) memory: usize,
    /// Bytes of all files of a form together.
    pub(super) files: u64,
    /// Where longer files are kept.
    pub(super) folder: Option<Arc<Path>>,
}

/// Why there are no parts.
pub(super) enum Stop {
    /// The body is invalid; other parts of the request may be invalid as well.
    Fault(Fault),
    /// The body cannot be read further, for this reason.
    Refused(StatusCode, String),
}

/// Reads a form whose files are called so.
pub(super) async fn receive(
    content_type: &str,
    body: Body,
    files: FileNames,
    limits: &Limits,
) -> Result<Vec<Part>, Stop> {
    let boundary = media::boundary_of(content_type).map_err(Stop::Fault)?;
    let gate = Arc::new(Gate::default());
    let mut reader = multer::Multipart::new(Arc::clone(&gate).through(body), boundary);
    let mut intake = Intake { limits, memory: 0, files: 0, spool: None };
    let mut parts = Vec::new();
    while let Some(field) = reader.next_field().await.map_err(stop)? {
        gate.passed();
        if parts.len() == MOST_PARTS {
            return Err(too_large(format!("the form has more than {MOST_PARTS} parts")));
        }
        let part = media::opened(&field);
        let is_file = files.has(&part.name);
        parts.push(Part { body: intake.hold(field, &gate, is_file).await?, ..part });
    }
    Ok(parts)
}

/// What was taken in so far.
struct Intake<'l> {
    limits: &'l Limits,
    memory: usize,
    files: u64,
    spool: Option<Spool>,
}

impl Intake<'_> {
    async fn hold(&mut self, mut field: multer::Field<'_>, gate: &Gate, is_file: bool) -> Result<Body, Stop> {
        let mut held = BytesMut::new();
        let mut start = None;
        while let Some(piece) = field.chunk().await.map_err(stop)? {
            gate.passed();
            held.extend_from_slice(&piece);
            match is_file {
                true => self.count_file(piece.len())?,
                false => self.fit(held.len())?,
            }
            if is_file && held.len() > SMALL {
                start = Some(self.put(start, held.split().freeze()).await?);
            }
        }
        let has_room = self.fit(held.len()).is_ok();
        if start.is_none() && has_room {
            self.memory += held.len();
            return Ok(held.freeze().into());
        }
        let start = self.put(start, held.freeze()).await?;
        Ok(self.spool.as_ref().map(|spool| spool.since(start)).unwrap_or_default())
    }

    /// Writes a piece of a file, and says where the file begins.
    async fn put(&mut self, start: Option<u64>, piece: Bytes) -> Result<u64, Stop> {
        let spool = match &mut self.spool {
            Some(spool) => spool,
            none => {
                none.insert(Spool::open(self.limits.folder.clone()).await.map_err(|error| unkept(&error))?)
            }
        };
        let start = start.unwrap_or_else(|| spool.end());
        spool.append(piece).await.map_err(|error| unkept(&error))?;
        Ok(start)
    }

    fn fit(&self, more: usize) -> Result<(), Stop> {
        let limit = self.limits.memory;
        match more <= limit.saturating_sub(self.memory) {
            true => Ok(()),
            false => Err(too_large(format!("what is no file in the form is longer than {limit} bytes"))),
        }
    }

    fn count_file(&mut self, more: usize) -> Result<(), Stop> {
        let limit = self.limits.files;
        self.files = self.files.saturating_add(more as u64);
        match self.files <= limit {
            true => Ok(()),
            false => Err(too_large(format!("the files in the form are longer than {limit} bytes"))),
        }
    }
}

/// Hands pieces of a body to multer when it has used up the last one. By itself multer takes in all that there is,
/// which for a fast sender is the whole body; and it looks for the end of a part's headers however long they are.
#[derive(Default)]
struct Gate {
    /// It was asked before without having found anything in what it had.
    is_hungry: AtomicBool,
    /// How much was handed on since it last found something.
    since: AtomicUsize,
}

impl Gate {
    /// It found something.
    fn passed(&self) {
        self.is_hungry.store(false, Ordering::Relaxed);
        self.since.store(0, Ordering::Relaxed);
    }

    fn through(self: Arc<Self>, mut body: Body) -> impl Stream<Item = Result<Bytes, BoxError>> + Send {
        // Of a longer piece what is behind a part's headers would count as part of them.
        let mut rest = Bytes::new();
        stream::poll_fn(move |context| {
            if !self.is_hungry.fetch_not(Ordering::Relaxed) {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            if rest.is_empty() {
                match body.poll_next_unpin(context) {
                    Poll::Ready(Some(Ok(piece))) => rest = piece,
                    Poll::Pending => {
                        self.is_hungry.store(true, Ordering::Relaxed);
                        return Poll::Pending;
                    }
                    end => return end,
                }
            }
            let piece = rest.split_to(rest.len().min(LONGEST_HEAD));
            let since = self.since.fetch_add(piece.len(), Ordering::Relaxed);
            match since > LONGEST_HEAD {
                true => Poll::Ready(Some(Err(HeadTooLong.into()))),
                false => Poll::Ready(Some(Ok(piece))),
            }
        })
    }
}

#[derive(Debug)]
struct HeadTooLong;

impl std::fmt::Display for HeadTooLong {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "the headers of a part are longer than {LONGEST_HEAD} bytes")
    }
}

impl std::error::Error for HeadTooLong {}

fn stop(error: multer::Error) -> Stop {
    match error {
        multer::Error::StreamReadFailed(error) if error.is::<HeadTooLong>() => {
            Stop::Refused(StatusCode::BAD_REQUEST, error.to_string())
        }
        multer::Error::StreamReadFailed(error) => unread(&ReadError::Broken(error)),
        error => Stop::Fault(media::unparted(&error)),
    }
}

fn too_large(detail: String) -> Stop {
    Stop::Refused(StatusCode::PAYLOAD_TOO_LARGE, detail)
}

/// The server's own fault; where its files are is nobody's business.
fn unkept(error: &io::Error) -> Stop {
    let status = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StatusCode::INSUFFICIENT_STORAGE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    Stop::Refused(status, format!("a file could not be kept: {}", error.kind()))
}

/// As it stops where a body could not be read.
pub(super) fn unread(error: &ReadError) -> Stop {
    let status = match error {
        ReadError::TooLong(_) => StatusCode::PAYLOAD_TOO_LARGE,
        ReadError::Broken(_) => StatusCode::BAD_REQUEST,
    };
    Stop::Refused(status, error.to_string())
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::{Stop, unkept};

    #[test]
    fn a_full_disk_is_told_from_a_broken_one() {
        for (kind, expected) in [(ErrorKind::StorageFull, 507), (ErrorKind::PermissionDenied, 500)] {
            let Stop::Refused(status, detail) = unkept(&kind.into()) else {
                panic!("{kind} is no fault of the form")
            };
            assert_eq!((status.as_u16(), detail), (expected, format!("a file could not be kept: {kind}")));
        }
    }
}

//! Calls without async: each call blocks on a runtime that all callers share.
//!
//! ```no_run
//! use descant_runtime::client::{Error, blocking::Wait};
//!
//! # async fn list_pets() -> Result<(), Error> { Ok(()) }
//! # fn main() -> Result<(), Error> {
//! let pets = list_pets().wait()?;
//! # Ok(()) }
//! ```

use std::io;
use std::sync::LazyLock;

use futures_util::{Stream, StreamExt};
use tokio::runtime::{Builder, Runtime};

use super::Error;

/// The runtime: one thread drives every connection, also between calls.
static RUNTIME: LazyLock<io::Result<Runtime>> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(1).enable_all().build());

fn runtime() -> Result<&'static Runtime, Error> {
    RUNTIME.as_ref().map_err(|error| Error::Configuration(format!("no runtime can be started: {error}")))
}

/// Waits for a call.
pub trait Wait<T, E> {
    /// Blocks the thread until the response arrives. It must not be called from async code, which it would block.
    ///
    /// # Errors
    /// As the call itself.
    fn wait(self) -> Result<T, E>;
}

impl<T, E: From<Error>, F: Future<Output = Result<T, E>>> Wait<T, E> for F {
    fn wait(self) -> Result<T, E> {
        runtime()?.block_on(self)
    }
}

/// Returns the items of a stream; the thread blocks for each item.
///
/// # Errors
/// Returns an error if no runtime can be started.
pub fn iterate<S: Stream + Unpin>(mut stream: S) -> Result<impl Iterator<Item = S::Item>, Error> {
    let runtime = runtime()?;
    Ok(std::iter::from_fn(move || runtime.block_on(stream.next())))
}

//! Runs work that may take long where other connections do not wait for it: validating and making large bodies.

use std::sync::LazyLock;
use std::thread::available_parallelism;

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Semaphore;
use tokio::task::block_in_place;

use super::memory::UNCOUNTED;
use crate::vocabulary::message::{Request, target};

/// One heavy exchange a core: further ones wait, so that light ones always find a core.
static TURNS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(available_parallelism().map_or(1, usize::from)));

/// Whether an exchange may take long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    Light,
    Heavy,
}

impl Weight {
    /// Weighs an exchange by the length of its request, and that of the last response of its path.
    pub(crate) fn of(request: &Request, expected_response: usize) -> Self {
        let length = request.body().len().saturating_add(target(request).len());
        match length > UNCOUNTED / 4 || expected_response > UNCOUNTED {
            true => Self::Heavy,
            false => Self::Light,
        }
    }

    /// Runs work that does not wait. Heavy work waits for its turn, and leaves the thread of the connections where the
    /// runtime has more than one.
    pub(crate) async fn run<T>(self, work: impl FnOnce() -> T) -> T {
        if self == Self::Light {
            return work();
        }
        let _turn = TURNS.acquire().await.ok();
        if has_other_threads() { block_in_place(work) } else { work() }
    }

    /// Runs work that may wait, without a turn: others are not to wait with it.
    pub(crate) async fn run_future<F: Future>(self, work: F) -> F::Output {
        match self == Self::Heavy && has_other_threads() {
            true => block_in_place(|| Handle::current().block_on(work)),
            false => work.await,
        }
    }
}

fn has_other_threads() -> bool {
    Handle::try_current().is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread)
}

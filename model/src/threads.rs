//! Threads of the front end: for deep recursion, and for parallel work.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{Builder, available_parallelism, scope};

/// The stack size of the pipeline: more than [`crate::parse::MAX_DEPTH`] levels need in a debug build.
const STACK: usize = 4 << 20;

/// The most threads that share a work, and the fewest items for which one is worth its start.
const MOST: usize = 8;
const SHARE: usize = 32;

/// Runs a pipeline on a separate stack: it recurses per level of nesting, at most [`crate::parse::MAX_DEPTH`] times,
/// and the size of the caller's stack is unknown.
pub(crate) fn on_own_stack<T: Send>(pipeline: impl FnOnce() -> T + Send) -> Result<T, String> {
    scope(|scope| {
        let thread = Builder::new().stack_size(STACK).spawn_scoped(scope, pipeline);
        let thread = thread.map_err(|error| error.to_string())?;
        Ok(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// Runs one function on a separate thread while another runs here; one after the other if no thread is available.
pub(crate) fn beside<T>(one: impl FnOnce() + Send, other: impl FnOnce() -> T) -> T {
    let one = Mutex::new(Some(one));
    let run = || {
        let one = lock(&one).take();
        one.into_iter().for_each(|one| one());
    };
    scope(|scope| {
        if Builder::new().stack_size(STACK).spawn_scoped(scope, run).is_err() {
            run();
        }
        other()
    })
}

/// Frees a large value in the background: a million nodes take about ten milliseconds.
pub(crate) fn discard<T: Send + 'static>(large: T) {
    // Without a thread it is freed right here.
    let _ = Builder::new().spawn(move || drop(large));
}

/// Applies a function to items in parallel; returns the results in order.
pub(crate) fn each<T: Send, R: Send + Sync>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let threads = match items.len() / SHARE {
        0 | 1 => 1,
        // To ask the system for the number takes as long as an item or two.
        most => available_parallelism().map_or(1, usize::from).min(MOST).min(most),
    };
    let next = AtomicUsize::new(0);
    let items: Vec<_> = items.into_iter().map(|item| (Mutex::new(Some(item)), OnceLock::new())).collect();
    let run = || {
        while let Some((item, result)) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            let item = lock(item).take();
            item.into_iter().for_each(|item| _ = result.set(work(item)));
        }
    };
    scope(|scope| {
        // Without a thread the others do its part.
        (1..threads).for_each(|_| _ = Builder::new().stack_size(STACK).spawn_scoped(scope, run));
        run();
    });
    items.into_iter().filter_map(|(_, result)| result.into_inner()).collect()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_of_items_is_in_their_order() {
        for count in [0, 1, 2, 1000] {
            let doubled: Vec<usize> = (0..count).map(|item| item * 2).collect();
            assert_eq!(each((0..count).collect(), |item: usize| item * 2), doubled, "of {count}");
        }
    }

    #[test]
    fn both_of_two_things_are_done() {
        let mut one = 0;
        let other = beside(|| one = 1, || 2);
        assert_eq!((one, other), (1, 2));
    }
}

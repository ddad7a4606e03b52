//! Time that a thread has computed for, where the system tells it: tests run beside each other, and the machine may be
//! busy. Else time on the clock.

use std::time::{Duration, Instant};

/// A point in time of one thread.
pub(crate) struct CpuTime {
    clock: Instant,
    thread: Option<Duration>,
}

impl CpuTime {
    pub(crate) fn now() -> Self {
        Self { clock: Instant::now(), thread: thread_time() }
    }

    /// Since then, on the same thread.
    pub(crate) fn elapsed(&self) -> Duration {
        let thread = self.thread.zip(thread_time()).map(|(before, now)| now.saturating_sub(before));
        thread.unwrap_or_else(|| self.clock.elapsed())
    }
}

/// The first number of Linux's `schedstat`, in nanoseconds.
fn thread_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split(' ').next()?.parse().ok()?))
}

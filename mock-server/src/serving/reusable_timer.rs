//! The timeout of a connection that waits for the head of a request.
//!
//! hyper asks for a sleep before each head, and drops it once the head is there. A sleep of tokio's would enter and leave
//! the runtime's timers each time, under a lock that all connections share; here a connection reuses one, and resets it
//! only where it fires too early (measured: docs/figures.md).

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};
use tokio::time;

/// The timer of one connection.
#[derive(Clone, Default)]
pub(crate) struct ReusableTimer(Arc<Mutex<Option<Pin<Box<time::Sleep>>>>>);

/// A sleep until an instant.
struct SleepUntil {
    at: Instant,
    timer: ReusableTimer,
}

impl Timer for ReusableTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(Instant::now() + duration)
    }

    fn sleep_until(&self, at: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(SleepUntil { at, timer: self.clone() })
    }
}

impl Sleep for SleepUntil {}

impl Future for SleepUntil {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let at = time::Instant::from_std(self.at);
        let mut sleep = self.timer.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sleep = sleep.get_or_insert_with(|| Box::pin(time::sleep_until(at)));
        ready!(sleep.as_mut().poll(context));
        while sleep.deadline() < at {
            sleep.as_mut().reset(at);
            ready!(sleep.as_mut().poll(context));
        }
        Poll::Ready(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_timer_fires_no_earlier_than_it_should() {
        let timer = ReusableTimer::default();
        let start = Instant::now();
        let after = |milliseconds| timer.sleep_until(start + Duration::from_millis(milliseconds));
        let early = time::timeout(Duration::from_millis(5), after(500)).await;
        assert!(early.is_err(), "it is not yet time");
        after(600).await;
        assert!(start.elapsed() >= Duration::from_millis(600), "the first sleep was shorter");
        after(700).await;
        assert!(start.elapsed() >= Duration::from_millis(700), "a timer that has fired fires again");
    }
}

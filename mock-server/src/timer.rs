//! When a connection has waited too long for the head of a request.
//!
//! hyper asks for a sleep before each head, and drops it once the head is there. Tokio's own would be put among the
//! runtime's timers and taken out again each time, under a lock that all connections share; here a connection has one
//! of them, set anew only where it rings before its time.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};
use tokio::time;

/// The timer of one connection.
#[derive(Clone, Default)]
pub(crate) struct Patience(Arc<Mutex<Option<Pin<Box<time::Sleep>>>>>);

/// Rings when its time has come.
struct Until {
    at: Instant,
    timer: Patience,
}

impl Timer for Patience {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(Instant::now() + duration)
    }

    fn sleep_until(&self, at: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(Until { at, timer: self.clone() })
    }
}

impl Sleep for Until {}

impl Future for Until {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let at = time::Instant::from_std(self.at);
        let mut alarm = self.timer.0.lock().unwrap_or_else(PoisonError::into_inner);
        let alarm = alarm.get_or_insert_with(|| Box::pin(time::sleep_until(at)));
        ready!(alarm.as_mut().poll(context));
        while alarm.deadline() < at {
            alarm.as_mut().reset(at);
            ready!(alarm.as_mut().poll(context));
        }
        Poll::Ready(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_later_time_is_waited_for() {
        let timer = Patience::default();
        let start = Instant::now();
        let after = |milliseconds| timer.sleep_until(start + Duration::from_millis(milliseconds));
        let early = time::timeout(Duration::from_millis(5), after(500)).await;
        assert!(early.is_err(), "it is not yet time");
        after(600).await;
        assert!(start.elapsed() >= Duration::from_millis(600), "the first alarm was for less");
        after(700).await;
        assert!(start.elapsed() >= Duration::from_millis(700), "an alarm that has rung rings again");
    }
}

//! Retries, as a middleware.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::header::RETRY_AFTER;
use http::{Method, StatusCode};

use super::{Error, Middleware, Next};

/// What a retry costs, in tenths: a success gives back one.
const COST: u32 = 10;
/// The most that can be saved up, in tenths: ten retries.
const SAVED: u32 = 100;

/// Sends a request again if that is safe and may help.
///
/// Requests with an idempotent method (RFC 9110, 9.2.2) or an `Idempotency-Key` are repeated after a failed connection, a
/// timeout, and the statuses 429, 502, 503 and 504; other requests only if no connection was made. The delay is that of
/// `Retry-After` in seconds, else it doubles with each attempt, with jitter. If many requests of a client fail, a budget
/// ends the retries: ten, and one more for ten successes. A body that is a stream is never repeated.
///
/// ```
/// use descant_runtime::client::{Config, Retry};
///
/// let config = Config::new("https://api.example.com").middleware(Retry::default());
/// ```
#[derive(Debug)]
pub struct Retry {
    attempts: u32,
    delay: Duration,
    max_delay: Duration,
    budget: AtomicU32,
}

/// Returns retries with three attempts in all, and delays from 200 milliseconds to 20 seconds.
impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: 3,
            delay: Duration::from_millis(200),
            max_delay: Duration::from_secs(20),
            budget: AtomicU32::new(SAVED),
        }
    }
}

impl Retry {
    /// Sets the number of attempts, the first included.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Sets the delay before the second attempt, and the longest delay. A response whose `Retry-After` is longer is
    /// returned.
    #[must_use]
    pub fn delay(mut self, first: Duration, longest: Duration) -> Self {
        (self.delay, self.max_delay) = (first, longest);
        self
    }

    /// Returns the delay before the next attempt; `None` if there is none.
    fn wait(&self, attempt: u32, safe: bool, result: &Result<reqwest::Response, Error>) -> Option<Duration> {
        let stated = match result {
            Ok(response) if safe && repeatable(response.status()) => retry_after(response),
            Err(Error::Transport { error, .. }) if safe || error.is_connect() => None,
            Err(Error::Timeout { .. }) if safe => None,
            _ => return None,
        };
        let delay = stated.unwrap_or_else(|| self.backoff(attempt));
        (delay <= self.max_delay && self.spend()).then_some(delay)
    }

    /// Returns a delay between half of the attempt's and the whole.
    fn backoff(&self, attempt: u32) -> Duration {
        let whole = self.delay.saturating_mul(2_u32.saturating_pow(attempt)).min(self.max_delay);
        let random = RandomState::new().hash_one(attempt);
        let share = f64::from(u32::try_from(random >> 32).unwrap_or_default()) / f64::from(u32::MAX);
        whole.mul_f64(0.5 + share / 2.0)
    }

    /// Takes a retry out of the budget.
    fn spend(&self) -> bool {
        let spend = |budget: u32| budget.checked_sub(COST);
        self.budget.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend).is_ok()
    }

    fn save(&self) {
        let save = |budget: u32| (budget < SAVED).then_some(budget + 1);
        _ = self.budget.fetch_update(Ordering::Relaxed, Ordering::Relaxed, save);
    }
}

fn repeatable(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    )
}

fn retry_after(response: &reqwest::Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// Whether a request may be sent twice.
fn is_safe(request: &reqwest::Request) -> bool {
    let idempotent = [Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE, Method::PUT, Method::DELETE];
    idempotent.contains(request.method()) || request.headers().contains_key("idempotency-key")
}

impl Middleware for Retry {
    fn handle<'a>(
        &'a self,
        mut request: reqwest::Request,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<reqwest::Response, Error>> {
        Box::pin(async move {
            let safe = is_safe(&request);
            let mut attempt = 0;
            loop {
                let copy = if attempt + 1 < self.attempts { request.try_clone() } else { None };
                let result = next.run(request).await;
                let Some((copy, delay)) =
                    copy.and_then(|copy| Some((copy, self.wait(attempt, safe, &result)?)))
                else {
                    if result.is_ok() {
                        self.save();
                    }
                    return result;
                };
                tokio::time::sleep(delay).await;
                request = copy;
                attempt += 1;
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_with_jitter_up_to_the_longest() {
        let retry = Retry::default().delay(Duration::from_secs(1), Duration::from_secs(5));
        for (attempt, whole) in [(0, 1.0), (1, 2.0), (2, 4.0), (3, 5.0), (40, 5.0)] {
            for _ in 0..100 {
                let delay = retry.backoff(attempt).as_secs_f64();
                assert!((whole / 2.0..=whole).contains(&delay), "{attempt}: {delay}");
            }
        }
    }

    #[test]
    fn a_budget_ends_retries() {
        let retry = Retry::default();
        assert_eq!((0..20).filter(|_| retry.spend()).count(), 10);
        (0..10).for_each(|_| retry.save());
        assert_eq!((0..20).filter(|_| retry.spend()).count(), 1);
    }
}

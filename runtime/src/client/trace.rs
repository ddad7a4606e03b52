//! Spans of calls and their attempts, with the feature `tracing`. They contain no value of a request or response: neither
//! credentials nor parameters.

use std::sync::atomic::AtomicU32;

use super::Error;

/// The attempts of a call that were begun.
#[derive(Debug, Default)]
pub(super) struct Attempts(
    #[cfg_attr(not(feature = "tracing"), allow(dead_code, reason = "it is shown"))] AtomicU32,
);

/// Returns a call, up to the head of its response, in the span `call`.
#[cfg(feature = "tracing")]
pub(super) fn call<T>(
    operation: &'static str,
    call: impl Future<Output = Result<T, Error>>,
    status: impl Fn(&T) -> http::StatusCode,
) -> impl Future<Output = Result<T, Error>> {
    use tracing::field::Empty;
    let (method, path) = operation.split_once(' ').unwrap_or(("", operation));
    observed(
        tracing::info_span!("call", operation, method, path, status = Empty, error = Empty),
        call,
        status,
    )
}

/// Returns an attempt, up to the head of its response, in the span `attempt` with its number, counted from 1.
#[cfg(feature = "tracing")]
pub(super) fn attempt<T>(
    attempts: &Attempts,
    attempt: impl Future<Output = Result<T, Error>>,
    status: impl Fn(&T) -> http::StatusCode,
) -> impl Future<Output = Result<T, Error>> {
    use tracing::field::Empty;
    let number = attempts.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
    observed(tracing::info_span!("attempt", attempt = number, status = Empty, error = Empty), attempt, status)
}

/// Records the status of a response, or the kind of an error: its text may quote a response.
#[cfg(feature = "tracing")]
fn observed<T>(
    span: tracing::Span,
    step: impl Future<Output = Result<T, Error>>,
    status: impl Fn(&T) -> http::StatusCode,
) -> impl Future<Output = Result<T, Error>> {
    use tracing::Instrument;
    let recorded = span.clone();
    let step = async move {
        let result = step.await;
        _ = match &result {
            Ok(response) => recorded.record("status", status(response).as_u16()),
            Err(error) => recorded.record("error", error.kind()),
        };
        result
    };
    step.instrument(span)
}

/// Returns a call as it is.
#[cfg(not(feature = "tracing"))]
pub(super) fn call<T>(
    _: &'static str,
    call: impl Future<Output = Result<T, Error>>,
    _: impl Fn(&T) -> http::StatusCode,
) -> impl Future<Output = Result<T, Error>> {
    call
}

/// Returns an attempt as it is.
#[cfg(not(feature = "tracing"))]
pub(super) fn attempt<T>(
    _: &Attempts,
    attempt: impl Future<Output = Result<T, Error>>,
    _: impl Fn(&T) -> http::StatusCode,
) -> impl Future<Output = Result<T, Error>> {
    attempt
}

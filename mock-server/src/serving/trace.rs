//! A `tracing` span for each exchange, where the feature `tracing` is on. It has method, operation and status: no target, no
//! header field and no body, which may hold secrets.

use crate::vocabulary::message::Request;
use crate::vocabulary::pending::PendingResponse;

/// Runs an exchange within its span.
#[cfg(feature = "tracing")]
pub(crate) fn exchange<'f>(
    request: &Request,
    response: impl Future<Output = PendingResponse> + 'f,
) -> impl Future<Output = PendingResponse> + 'f {
    use tracing::Instrument;
    use tracing::field::{Empty, display};
    let (operation, status) = (Empty, Empty);
    let span = tracing::info_span!("exchange", method = %request.method(), operation, status);
    let recorded = span.clone();
    let response = async move {
        let pending = response.await;
        recorded.record("status", pending.response.status().as_u16());
        if let Some(operation) = &pending.verdict.operation {
            recorded.record("operation", display(operation));
        }
        pending
    };
    response.instrument(span)
}

/// Returns an exchange as it is.
#[cfg(not(feature = "tracing"))]
pub(crate) fn exchange<'f>(
    _: &Request,
    response: impl Future<Output = PendingResponse> + 'f,
) -> impl Future<Output = PendingResponse> + 'f {
    response
}

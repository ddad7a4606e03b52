//! Overlays: handlers that respond in place of the document.

use bytes::Bytes;
use futures_util::future::BoxFuture;

use super::admitted::AdmittedRequest;
use crate::auth::Credentials;
use crate::vocabulary::message::{Request, Response};

/// Handlers of operations. Requests are authorized and valid; their extensions hold the [`OperationKey`], the
/// [`Principal`](crate::Principal) and the [`Credentials`].
pub trait Overlay: Send + Sync {
    /// Returns the response to a request; `None` falls back to state and document.
    fn call(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Option<Response>>;
}

/// A generated server: operations without a handler fall back to the document.
#[cfg(feature = "server")]
impl Overlay for descant_runtime::server::Service {
    fn call(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Option<Response>> {
        /// The greatest length of a body.
        const MAX_BYTES: usize = 64 << 20;
        Box::pin(async move {
            let (parts, body) = self.call(request).await?.into_parts();
            Some(Response::from_parts(parts, body.read(MAX_BYTES).await.ok()?))
        })
    }
}

/// The operation that a request was routed to: `GET /pets/{petId}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationKey(pub String);

/// Returns the request that an overlay gets.
pub(crate) fn request(credentials: &Credentials, admitted: &AdmittedRequest<'_>) -> Request {
    let mut request = admitted.request.clone();
    if let Ok(target) = admitted.target.parse() {
        *request.uri_mut() = target;
    }
    let extensions = request.extensions_mut();
    extensions.insert(OperationKey(admitted.operation.key.to_string()));
    extensions.insert(admitted.principal.clone());
    extensions.insert(credentials.clone());
    request
}

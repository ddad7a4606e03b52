//! Operations that are written by hand: an overlay is asked first, and what it leaves the document answers.

use bytes::Bytes;
use futures_util::future::BoxFuture;

use crate::respond::Accepted;
use crate::{Mock, Request, Response};

/// Hand-written operations over a document. Requests reach it authorized and valid; their extensions hold the
/// [`OperationKey`], the [`crate::Principal`] and the [`crate::Credentials`].
pub trait Overlay: Send + Sync {
    /// Answers, or leaves the request to the document: `None`.
    fn call(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Option<Response>>;
}

/// A generated server: operations that are not written yet are left to the document.
#[cfg(feature = "server")]
impl Overlay for descant_runtime::server::Service {
    fn call(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Option<Response>> {
        /// The most bytes of an answer that the mock looks at.
        const MOST: usize = 64 << 20;
        Box::pin(async move {
            let (parts, body) = self.call(request).await?.into_parts();
            Some(Response::from_parts(parts, body.read(MOST).await.ok()?))
        })
    }
}

/// Which operation a request was routed to: `GET /pets/{petId}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationKey(pub String);

/// The request that an overlay gets.
pub(crate) fn request(mock: &Mock, accepted: &Accepted<'_>) -> Request {
    let mut request = accepted.request.clone();
    if let Ok(target) = accepted.target.parse() {
        *request.uri_mut() = target;
    }
    let extensions = request.extensions_mut();
    extensions.insert(OperationKey(accepted.called.key.to_string()));
    extensions.insert(accepted.principal.clone());
    extensions.insert(mock.credentials().clone());
    request
}

//! A generated service in front of a mock: what it does not answer is left to the document.

use bytes::Bytes;
use descant_mock::{Overlay, Response};
use descant_runtime::server::Service;
use futures_util::future::BoxFuture;

/// The most bytes of an answer that is handed to the mock.
const MAX_BODY: usize = 64 << 20;

/// A generated service as an overlay.
pub(crate) struct Written(pub(crate) Service);

impl Overlay for Written {
    fn call(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Option<Response>> {
        Box::pin(async move {
            let (parts, body) = self.0.call(request).await?.into_parts();
            let body = body.read(MAX_BODY).await.ok()?;
            Some(Response::from_parts(parts, body))
        })
    }
}

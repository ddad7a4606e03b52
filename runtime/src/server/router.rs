//! Mounts a service in axum as one fallback, so that no path template reaches axum's own router, whose syntax may
//! differ.

use axum::body::HttpBody;
use axum::extract::Request;
use axum::response::IntoResponse;

use super::Service;
use crate::body::Body;

impl Service {
    /// Returns the service as a router that answers every request: refusals are problem+json (RFC 9457). It can be
    /// nested below the path of the document's server, and wrapped in layers.
    pub fn into_router(self) -> axum::Router {
        axum::Router::new().fallback(move |request: Request| {
            let service = self.clone();
            async move {
                let request = request.map(|body| match body.is_end_stream() {
                    true => Body::default(),
                    false => Body::stream(body.into_data_stream()),
                });
                service.respond(request).await.map(axum::body::Body::from_stream).into_response()
            }
        })
    }
}

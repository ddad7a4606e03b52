//! A service in this process: it is called without a socket.

use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use tower_service::Service;

use crate::exchange::{HttpResponse, NoAnswer};

/// A `tower` service that can be called in this process: an axum `Router`, a generated service. Every service that meets the
/// bounds is one.
pub trait InProcessService:
    Service<
        Request<Full<Bytes>>,
        Response = Response<Self::ResponseBody>,
        Future: Send,
        Error: Into<Box<dyn Error + Send + Sync>>,
    > + Clone
    + Send
    + Sync
    + 'static
{
    /// The body of its responses.
    type ResponseBody: http_body::Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static;
}

impl<S, Out> InProcessService for S
where
    S: Service<Request<Full<Bytes>>, Response = Response<Out>> + Clone + Send + Sync + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    Out: http_body::Body + Send + 'static,
    Out::Data: Send,
    Out::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type ResponseBody = Out;
}

type Answered = Pin<Box<dyn Future<Output = Result<HttpResponse, NoAnswer>> + Send>>;

/// A service that takes a request of any kind of body and is called without a socket.
#[derive(Clone)]
pub(crate) struct Handler(Arc<dyn Fn(Request<Bytes>) -> Answered + Send + Sync>);

impl fmt::Debug for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handler")
    }
}

impl Handler {
    /// Wraps a service; answers of more than `most` bytes are cut off with a reason.
    pub(crate) fn new(service: impl InProcessService, most: usize) -> Self {
        Self(Arc::new(move |request| {
            let mut service = service.clone();
            Box::pin(async move {
                let answered = async move {
                    poll_fn(|context| service.poll_ready(context)).await.map_err(Into::into)?;
                    let answer = service.call(request.map(Full::new)).await.map_err(Into::into)?;
                    let (parts, body) = answer.into_parts();
                    let body = Limited::new(body, most).collect().await?.to_bytes();
                    Ok::<_, Box<dyn Error + Send + Sync>>(HttpResponse {
                        status: parts.status,
                        headers: parts.headers,
                        body,
                    })
                };
                // A task of its own, so that a panic ends one request.
                match tokio::spawn(answered).await {
                    Ok(Ok(answer)) => Ok(answer),
                    Ok(Err(error)) => Err(NoAnswer::Broken(error.to_string())),
                    Err(_) => Err(NoAnswer::Broken("the service panicked".to_owned())),
                }
            })
        }))
    }

    /// Calls the service.
    pub(crate) async fn call(&self, request: Request<Bytes>) -> Result<HttpResponse, NoAnswer> {
        (self.0)(request).await
    }
}

//! Middleware between a client and the network: retries, tracing, headers, another transport.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::Error;
use super::trace::{self, Attempts};

/// A step in the processing of a request. It may change the request, send it more than once, or return a response
/// itself.
///
/// ```
/// use descant_runtime::client::{Error, Middleware, Next};
/// use futures_util::future::BoxFuture;
///
/// /// Tries again once where the server is out of order.
/// struct Again;
///
/// impl Middleware for Again {
///     fn handle<'a>(
///         &'a self,
///         request: reqwest::Request,
///         next: Next<'a>,
///     ) -> BoxFuture<'a, Result<reqwest::Response, Error>> {
///         Box::pin(async move {
///             let copy = request.try_clone();
///             match (next.run(request).await, copy) {
///                 (Ok(response), Some(copy)) if response.status() == 503 => next.run(copy).await,
///                 (result, _) => result,
///             }
///         })
///     }
/// }
/// ```
pub trait Middleware: Send + Sync + 'static {
    /// Handles a request. [`Next::run`] sends it on.
    fn handle<'a>(
        &'a self,
        request: reqwest::Request,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<reqwest::Response, Error>>;
}

/// The remaining steps of a request.
#[derive(Clone, Copy)]
pub struct Next<'a> {
    pub(super) http: &'a reqwest::Client,
    pub(super) rest: &'a [Arc<dyn Middleware>],
    pub(super) operation: &'static str,
    /// The time limit of an attempt.
    pub(super) limit: Option<Duration>,
    /// Those of the call.
    pub(super) attempts: &'a Attempts,
}

impl<'a> Next<'a> {
    /// Returns the called operation: `GET /pets/{petId}`.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// Passes the request to the next step.
    ///
    /// # Errors
    /// Returns an error if a later step or the exchange fails.
    pub async fn run(self, request: reqwest::Request) -> Result<reqwest::Response, Error> {
        match self.rest.split_first() {
            Some((first, rest)) => first.handle(request, Self { rest, ..self }).await,
            None => trace::attempt(self.attempts, self.send(request), reqwest::Response::status).await,
        }
    }

    /// Sends the request to the server.
    async fn send(self, request: reqwest::Request) -> Result<reqwest::Response, Error> {
        let operation = self.operation;
        let response = self.http.execute(request);
        let response = match self.limit {
            Some(limit) => tokio::time::timeout(limit, response)
                .await
                .map_err(|_| Error::Timeout { operation, limit })?,
            None => response.await,
        };
        response.map_err(|error| Error::transport(operation, error))
    }
}

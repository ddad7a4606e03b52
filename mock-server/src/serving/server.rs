//! The listener: connections with limits and timeouts, which dispatch requests to mounted APIs.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::uri::Scheme;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::{GracefulConnection, GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::delivery::{Outgoing, deliver, whole};
use super::mounted_api::MountedApi;
use super::reusable_timer::ReusableTimer;
use crate::vocabulary::pending::PendingResponse;
use crate::vocabulary::problem::Problem;

/// The limits of connections and messages.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// The timeout of the whole head of a request, and of an idle connection.
    pub header_timeout: Duration,
    /// The timeout of the whole body of a request.
    pub body_timeout: Duration,
    /// The bytes of a head.
    pub header_bytes: usize,
    /// The number of header fields.
    pub headers: usize,
    /// The bytes of a body.
    pub body_bytes: usize,
    /// The bytes of a response's body.
    pub response_bytes: usize,
    /// The number of connections; further ones wait.
    pub connections: usize,
    /// The time that open exchanges have to finish on shutdown.
    pub grace: Duration,
}

/// The number of header fields that hyper has by default.
const DEFAULT_HEADERS: usize = 100;

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(60),
            header_bytes: 64 * 1024,
            headers: DEFAULT_HEADERS,
            body_bytes: 16 * 1024 * 1024,
            response_bytes: 64 * 1024 * 1024,
            connections: 4096,
            grace: Duration::from_secs(5),
        }
    }
}

/// A server of mounted APIs.
pub struct Server {
    apis: Vec<MountedApi>,
    limits: Limits,
    admin: bool,
    tls: Option<Arc<dyn TlsHandshake>>,
}

/// Encrypts connections. The server knows no TLS: its caller brings it.
pub trait TlsHandshake: Send + Sync {
    /// Performs the TLS handshake.
    fn accept(&self, stream: TcpStream) -> BoxFuture<'_, io::Result<Pin<Box<dyn Connection>>>>;
}

/// A connection.
pub trait Connection: AsyncRead + AsyncWrite + Send + 'static {}

impl<T: AsyncRead + AsyncWrite + Send + 'static> Connection for T {}

impl Server {
    /// Makes a server of APIs, each below a prefix of its own: a request goes to the API with the longest prefix of its
    /// path. Without admin interface and encryption.
    pub fn new(apis: impl IntoIterator<Item = MountedApi>) -> Self {
        Self { apis: apis.into_iter().collect(), limits: Limits::default(), admin: false, tls: None }
    }

    /// Sets the limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Sets whether each API has an admin interface under `/__descant/`.
    #[must_use]
    pub fn with_admin(self, admin: bool) -> Self {
        Self { admin, ..self }
    }

    /// Encrypts every connection.
    #[must_use]
    pub fn with_tls(self, tls: Arc<dyn TlsHandshake>) -> Self {
        Self { tls: Some(tls), ..self }
    }

    /// Serves until `stop` is ready, then lets open exchanges finish within [`Limits::grace`].
    ///
    /// # Errors
    /// Where the listener fails for good.
    pub async fn run(self, listener: TcpListener, stop: impl Future<Output = ()>) -> io::Result<()> {
        let server = Arc::new(self);
        let graceful = GracefulShutdown::new();
        let places = Arc::new(Semaphore::new(server.limits.connections));
        let mut stop = std::pin::pin!(stop);
        loop {
            let next = async {
                let place = places.clone().acquire_owned().await;
                (listener.accept().await, place)
            };
            let (stream, place) = tokio::select! {
                (accepted, place) = next => match accepted {
                    Ok((stream, _)) => (stream, place),
                    Err(error) => { pause(&error).await; continue }
                },
                () = &mut stop => break,
            };
            let connected = server.clone().connected(stream, graceful.watcher());
            tokio::spawn(async move {
                connected.await;
                drop(place);
            });
        }
        drop(listener);
        server.apis.iter().for_each(|api| api.journal().close());
        let _ = tokio::time::timeout(server.limits.grace, graceful.shutdown()).await;
        Ok(())
    }

    /// Serves one connection to its end. A broken connection concerns its client alone.
    async fn connected(self: Arc<Self>, stream: TcpStream, watcher: Watcher) {
        let _ = stream.set_nodelay(true);
        let Some(tls) = &self.tls else {
            let _ = watcher.watch(self.clone().connection(stream, None)).await;
            return;
        };
        let encrypted = tokio::time::timeout(self.limits.header_timeout, tls.accept(stream)).await;
        if let Ok(Ok(stream)) = encrypted {
            let _ = watcher.watch(self.clone().connection(stream, Some(Scheme::HTTPS))).await;
        }
    }

    /// Serves HTTP on a connection; requests carry the scheme as an extension where it is not plain HTTP.
    fn connection(
        self: Arc<Self>,
        stream: impl Connection + Unpin,
        scheme: Option<Scheme>,
    ) -> impl GracefulConnection<Error = hyper::Error> {
        let limits = self.limits.clone();
        let service = service_fn(move |mut request| {
            let server = self.clone();
            scheme.iter().for_each(|scheme| _ = request.extensions_mut().insert(scheme.clone()));
            async move { server.exchange(request).await }
        });
        let mut http = http1::Builder::new();
        http.timer(ReusableTimer::default())
            .header_read_timeout(limits.header_timeout)
            .max_buf_size(limits.header_bytes.max(8192));
        // With a number, hyper allocates that many fields for each request; its default is on the stack.
        if limits.headers != DEFAULT_HEADERS {
            http.max_headers(limits.headers);
        }
        http.serve_connection(TokioIo::new(stream), service)
    }

    async fn exchange(&self, request: Request<Incoming>) -> io::Result<Response<Outgoing>> {
        let path = request.uri().path();
        let api = self.apis.iter().filter(|api| api.has(path)).max_by_key(|api| api.prefix().len());
        let Some(api) = api else { return Ok(whole(self.not_found(path), None)) };
        let PendingResponse { response, delivery, rest, .. } = match self.read(request).await {
            Ok(request) => api.respond(&request, self.admin, self.limits.response_bytes).await,
            Err(refused) => return Ok(whole(refused, None)),
        };
        match delivery {
            None => Ok(whole(response, rest)),
            Some(delivery) => Box::pin(deliver(response, rest, delivery)).await,
        }
    }

    /// Returns the response to a request for no API.
    fn not_found(&self, path: &str) -> Response<Bytes> {
        let prefixes: Vec<_> = self.apis.iter().map(MountedApi::prefix).collect();
        let detail = format!("no document is under `{path}`; there are {}", prefixes.join(", "));
        Problem::new(StatusCode::NOT_FOUND, detail).into_response()
    }

    /// Reads the whole body, within the limits.
    async fn read(&self, request: Request<Incoming>) -> Result<Request<Bytes>, Response<Bytes>> {
        let (parts, body) = request.into_parts();
        if body.is_end_stream() {
            return Ok(Request::from_parts(parts, Bytes::new()));
        }
        let limited = Limited::new(body, self.limits.body_bytes).collect();
        match Box::pin(tokio::time::timeout(self.limits.body_timeout, limited)).await {
            Ok(Ok(body)) => Ok(Request::from_parts(parts, body.to_bytes())),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                Err(refuse(StatusCode::PAYLOAD_TOO_LARGE, "the body is longer than the mock accepts"))
            }
            Ok(Err(_)) => {
                Err(refuse(StatusCode::BAD_REQUEST, "the body broke off or is not framed as HTTP asks"))
            }
            Err(_) => Err(refuse(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time")),
        }
    }
}

/// Returns a refusal that closes the connection.
fn refuse(status: StatusCode, detail: &str) -> Response<Bytes> {
    let mut response = Problem::new(status, detail).into_response();
    response.headers_mut().insert(http::header::CONNECTION, http::HeaderValue::from_static("close"));
    response
}

/// Waits after an error that the machine causes, as a lack of file descriptors; not after one that a client causes.
async fn pause(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

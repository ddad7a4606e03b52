//! The mock on a socket: connections with limits and timeouts, round the pure `accept` and `answer`.

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

use crate::Site;
use crate::deliver::{Outgoing, deliver, whole};
use crate::problem::Problem;
use crate::respond::Answered;
use crate::timer::Patience;

/// What one client may take of the machine.
#[derive(Clone, Debug)]
pub struct Limits {
    /// For the whole head of a request; also how long an idle connection is kept.
    pub header_timeout: Duration,
    /// For the whole body of a request.
    pub body_timeout: Duration,
    /// The most bytes of a head.
    pub header_bytes: usize,
    /// The most header fields.
    pub headers: usize,
    /// The most bytes of a body.
    pub body_bytes: usize,
    /// The most bytes of a response's body.
    pub response_bytes: usize,
    /// The most connections at once; more of them wait.
    pub connections: usize,
    /// How long open connections may finish their exchange on shutdown.
    pub grace: Duration,
}

/// How many header fields hyper takes by itself.
const OWN_HEADERS: usize = 100;

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(60),
            header_bytes: 64 * 1024,
            headers: OWN_HEADERS,
            body_bytes: 16 * 1024 * 1024,
            response_bytes: 64 * 1024 * 1024,
            connections: 4096,
            grace: Duration::from_secs(5),
        }
    }
}

/// Documents with all that it takes to serve them.
pub struct Server {
    /// Each under a prefix of its own; a request is for the one whose prefix is the longest of those that fit.
    pub sites: Vec<Arc<Site>>,
    pub limits: Limits,
    /// Whether each answers under `/__descant/` itself.
    pub admin: bool,
    /// What encrypts connections, if they are to be.
    pub tls: Option<Arc<dyn Encrypted>>,
}

/// What turns a connection into an encrypted one. The server knows no TLS: whoever starts it brings it.
pub trait Encrypted: Send + Sync {
    /// Shakes hands.
    fn accept(&self, stream: TcpStream) -> BoxFuture<'_, io::Result<Pin<Box<dyn Io>>>>;
}

/// A connection.
pub trait Io: AsyncRead + AsyncWrite + Send + 'static {}

impl<T: AsyncRead + AsyncWrite + Send + 'static> Io for T {}

impl Server {
    /// A server of one document.
    pub fn new(site: Site) -> Self {
        Self { sites: vec![Arc::new(site)], limits: Limits::default(), admin: false, tls: None }
    }

    /// Serves until `stop` is ready, then lets open exchanges finish.
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
        let _ = tokio::time::timeout(server.limits.grace, graceful.shutdown()).await;
        Ok(())
    }

    /// Serves one connection to its end. One that breaks concerns its client alone.
    async fn connected(self: Arc<Self>, stream: TcpStream, watcher: Watcher) {
        let _ = stream.set_nodelay(true);
        let Some(tls) = &self.tls else {
            let _ = watcher.watch(self.clone().connection(stream, None)).await;
            return;
        };
        let shaken = tokio::time::timeout(self.limits.header_timeout, tls.accept(stream)).await;
        if let Ok(Ok(stream)) = shaken {
            let _ = watcher.watch(self.clone().connection(stream, Some(Scheme::HTTPS))).await;
        }
    }

    /// A connection; `scheme` is told to those who ask for it where it is not plain HTTP.
    fn connection(
        self: Arc<Self>,
        stream: impl Io + Unpin,
        scheme: Option<Scheme>,
    ) -> impl GracefulConnection<Error = hyper::Error> {
        let limits = self.limits.clone();
        let service = service_fn(move |mut request| {
            let server = self.clone();
            scheme.iter().for_each(|scheme| _ = request.extensions_mut().insert(scheme.clone()));
            async move { server.exchange(request).await }
        });
        let mut http = http1::Builder::new();
        http.timer(Patience::default())
            .header_read_timeout(limits.header_timeout)
            .max_buf_size(limits.header_bytes.max(8192));
        // Told of a number, hyper makes room for so many at each request; its own costs nothing.
        if limits.headers != OWN_HEADERS {
            http.max_headers(limits.headers);
        }
        http.serve_connection(TokioIo::new(stream), service)
    }

    async fn exchange(&self, request: Request<Incoming>) -> io::Result<Response<Outgoing>> {
        let path = request.uri().path();
        let site = self.sites.iter().filter(|site| site.has(path)).max_by_key(|site| site.prefix.len());
        let Some(site) = site else { return Ok(whole(self.astray(path), None)) };
        let Answered { response, delivery, rest, .. } = match self.read(request).await {
            Ok(request) => site.respond(&request, self.admin, self.limits.response_bytes).await,
            Err(refused) => return Ok(whole(refused, None)),
        };
        match delivery {
            None => Ok(whole(response, rest)),
            Some(delivery) => Box::pin(deliver(response, rest, delivery)).await,
        }
    }

    /// The response to a request that is for no document.
    fn astray(&self, path: &str) -> Response<Bytes> {
        let prefixes: Vec<_> = self.sites.iter().map(|site| site.prefix.as_str()).collect();
        let detail = format!("no document is under `{path}`; there are {}", prefixes.join(", "));
        Problem::new(StatusCode::NOT_FOUND, detail).into_response()
    }

    /// Reads the whole body, within its limits.
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

/// A refusal after which the connection is of no further use.
fn refuse(status: StatusCode, detail: &str) -> Response<Bytes> {
    let mut response = Problem::new(status, detail).into_response();
    response.headers_mut().insert(http::header::CONNECTION, http::HeaderValue::from_static("close"));
    response
}

/// Waits where the machine lacks something for a new connection, as file descriptors; a client's own fault needs none.
async fn pause(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

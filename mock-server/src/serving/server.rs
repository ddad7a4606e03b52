//! The listener: connections with limits and timeouts, which dispatch requests to mounted APIs.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::uri::Scheme;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::{GracefulConnection, GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::delivery::{Outgoing, deliver, whole};
use super::heavy::Weight;
use super::limits::{DEFAULT_HEADERS, Limits};
use super::memory::{ByteBudget, ResponseLengths, UNCOUNTED};
use super::mounted_api::MountedApi;
use super::receive::{busy, receive};
use super::reusable_timer::ReusableTimer;
use super::write_timeout::WriteTimeout;
use crate::vocabulary::cors;
use crate::vocabulary::pending::PendingResponse;
use crate::vocabulary::problem::Problem;

/// A server of mounted APIs.
pub struct Server {
    apis: Vec<MountedApi>,
    limits: Limits,
    memory: Memory,
    admin: bool,
    tls: Option<Arc<dyn TlsHandshake>>,
}

/// What making a response takes, as a multiple of its length: the values of a state, and the text of them.
const COPIES_WHILE_MADE: usize = 3;

/// What the bodies of all exchanges may take.
struct Memory {
    received: ByteBudget,
    sent: ByteBudget,
    lengths: ResponseLengths,
}

impl Memory {
    fn new(limits: &Limits) -> Self {
        let budget = || ByteBudget::new(limits.buffer_bytes);
        Self { received: budget(), sent: budget(), lengths: ResponseLengths::default() }
    }
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
        let limits = Limits::default();
        let memory = Memory::new(&limits);
        Self { apis: apis.into_iter().collect(), limits, memory, admin: false, tls: None }
    }

    /// Sets the limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { memory: Memory::new(&limits), limits, ..self }
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
        server.apis.iter().for_each(MountedApi::close);
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
            // The exact limits are checked once the head is parsed.
            .max_buf_size(limits.header_bytes.saturating_add(limits.target_bytes).saturating_add(8192));
        // With a number, hyper allocates that many fields for each request; its default is on the stack.
        if limits.headers != DEFAULT_HEADERS {
            http.max_headers(limits.headers);
        }
        http.serve_connection(TokioIo::new(WriteTimeout::new(stream, limits.stall_timeout)), service)
    }

    async fn exchange(&self, request: Request<Incoming>) -> io::Result<Response<Outgoing>> {
        let path = request.uri().path();
        let api = self.apis.iter().filter(|api| api.has(path)).max_by_key(|api| api.prefix().len());
        let Some(api) = api else { return Ok(whole(self.not_found(path), None)) };
        let reader = api.reader(&request);
        let refuse = |mut refusal| {
            reader.iter().for_each(|origin| cors::share_with(origin, &mut refusal));
            Ok(whole(refusal, None))
        };
        let (request, received) = match receive(request, &self.limits, &self.memory.received).await {
            Ok(received) => received,
            Err(refusal) => return refuse(refusal),
        };
        let sent = self.respond(api, &request).await;
        drop((request, received));
        let Some(PendingResponse { response, delivery, rest, .. }) = sent else {
            return refuse(busy().into_response());
        };
        match delivery {
            None => Ok(whole(response, rest)),
            Some(delivery) => Box::pin(deliver(response, rest, delivery, self.limits.failure_timeout)).await,
        }
    }

    /// Responds within the budget of what is being sent; `None` where it is spent.
    async fn respond(&self, api: &MountedApi, request: &Request<Bytes>) -> Option<PendingResponse> {
        let Memory { sent, lengths, .. } = &self.memory;
        let path = request.uri().path();
        let expected = lengths.expected(path);
        let making = expected.saturating_mul(COPIES_WHILE_MADE);
        let mut reservation = sent.reserve(making, self.limits.stall_timeout).await?;
        let weight = Weight::of(request, expected);
        let mut pending = api.respond(request, self.admin, weight, &self.limits).await;
        let body = pending.response.body_mut();
        lengths.record(path, body.len());
        // A body that others hold as well, as an example of the document, takes no memory of its own.
        if body.len() <= UNCOUNTED || !body.is_unique() {
            return Some(pending);
        }
        sent.shrink(&mut reservation, body.len());
        let is_reserved = sent.try_extend(&mut reservation, body.len());
        *body = reservation.keep_with(std::mem::take(body));
        is_reserved.then_some(pending)
    }

    /// Returns the response to a request for no API.
    fn not_found(&self, path: &str) -> Response<Bytes> {
        let prefixes: Vec<_> = self.apis.iter().map(MountedApi::prefix).collect();
        let detail = format!("no document is under `{path}`; there are {}", prefixes.join(", "));
        Problem::new(StatusCode::NOT_FOUND, detail).into_response()
    }
}

/// Waits after an error that the machine causes, as a lack of file descriptors; not after one that a client causes.
async fn pause(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

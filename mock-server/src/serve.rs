//! The mock on a socket: connections with limits and timeouts, round the pure `accept` and `answer`.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::deliver::{Outgoing, deliver};
use crate::{Entry, Journal, Live, Mock, Overlay, admin, respond_with};

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

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(60),
            header_bytes: 64 * 1024,
            headers: 100,
            body_bytes: 16 * 1024 * 1024,
            response_bytes: 64 * 1024 * 1024,
            connections: 4096,
            grace: Duration::from_secs(5),
        }
    }
}

/// Is told of every exchange.
pub type Observer = Arc<dyn Fn(&Entry) + Send + Sync>;

/// A mock with all that it takes to serve it.
pub struct Server {
    pub mock: Arc<Live>,
    /// What is written by hand.
    pub overlay: Option<Arc<dyn Overlay>>,
    pub limits: Limits,
    /// What it saw.
    pub journal: Arc<Journal>,
    pub observer: Option<Observer>,
    /// Whether it answers under `/__descant/` itself.
    pub admin: bool,
}

impl Server {
    /// A server of a mock alone.
    pub fn new(mock: Arc<Mock>) -> Self {
        Self {
            mock: Arc::new(Live::new(mock)),
            overlay: None,
            limits: Limits::default(),
            journal: Arc::default(),
            observer: None,
            admin: false,
        }
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
            let connection = graceful.watch(server.clone().connection(stream));
            tokio::spawn(async move {
                // A connection that breaks concerns its client alone.
                let _ = connection.await;
                drop(place);
            });
        }
        drop(listener);
        let _ = tokio::time::timeout(server.limits.grace, graceful.shutdown()).await;
        Ok(())
    }

    fn connection(
        self: Arc<Self>,
        stream: TcpStream,
    ) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> {
        let _ = stream.set_nodelay(true);
        let limits = self.limits.clone();
        let service = service_fn(move |request| {
            let server = self.clone();
            async move { server.exchange(request).await }
        });
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.header_timeout)
            .max_buf_size(limits.header_bytes.max(8192))
            .max_headers(limits.headers)
            .serve_connection(TokioIo::new(stream), service)
    }

    async fn exchange(&self, request: Request<Incoming>) -> io::Result<Response<Outgoing>> {
        let mock = self.mock.get();
        let response = match self.read(request).await {
            Ok(request) => self.respond(&mock, &request).await,
            Err(refused) => refused,
        };
        deliver(response).await
    }

    /// Answers, and notes down what came and went.
    async fn respond(&self, mock: &Mock, request: &Request<Bytes>) -> Response<Bytes> {
        let own = self.admin.then(|| admin::respond(mock, &self.journal, request)).flatten();
        if let Some(response) = own {
            return response;
        }
        let started = Instant::now();
        let response = self.fitting(respond_with(mock, self.overlay.as_deref(), request).await);
        let entry = self.journal.note(request, mock.shown(request), &response, started.elapsed());
        if let Some(observer) = &self.observer {
            observer(&entry);
        }
        response
    }

    /// The response, or why it is not sent.
    fn fitting(&self, response: Response<Bytes>) -> Response<Bytes> {
        let (length, most) = (response.body().len(), self.limits.response_bytes);
        if length <= most {
            return response;
        }
        let detail = format!("the answer has {length} bytes, and the mock sends at most {most}");
        crate::problem::Problem::new(StatusCode::NOT_IMPLEMENTED, detail).into_response()
    }

    /// Reads the whole body, within its limits.
    async fn read(&self, request: Request<Incoming>) -> Result<Request<Bytes>, Response<Bytes>> {
        let (parts, body) = request.into_parts();
        if body.is_end_stream() {
            return Ok(Request::from_parts(parts, Bytes::new()));
        }
        let limited = Limited::new(body, self.limits.body_bytes).collect();
        match tokio::time::timeout(self.limits.body_timeout, limited).await {
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
    let mut response = crate::problem::Problem::new(status, detail).into_response();
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

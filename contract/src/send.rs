//! Sends requests: no redirects followed, bounded time and size, a paced rate, pauses that the service asks for, and a
//! second attempt where a reused connection was lost.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::Request;
use reqwest::Url;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::exchange::{Exchange, HttpRequest, HttpResponse, NoAnswer};
use crate::handler::{Handler, InProcessService};
use crate::settings::Settings;

/// The most bytes of an answer.
const MAX_BODY: usize = 32 << 20;
/// How long an event stream is read.
const MOMENT: Duration = Duration::from_millis(500);
/// The longest pause of one request, and of the whole run, that a service may ask for (429, `Retry-After`).
const MAX_PAUSE: Duration = Duration::from_secs(60);
const MAX_PAUSES: Duration = Duration::from_secs(180);
/// The pause where the service states none.
const PAUSE: Duration = Duration::from_secs(1);
/// How often one request is repeated because of 429.
const MAX_REPEATS: usize = 8;

/// A way to the service under test.
#[derive(Debug)]
pub struct Sender {
    way: Way,
    base: String,
    headers: Vec<(String, String)>,
    /// The time between two requests, and the start of the next one.
    pace: Option<(Duration, Mutex<Instant>)>,
    /// Milliseconds of all pauses.
    paused: AtomicU64,
}

/// How requests reach the service.
#[derive(Debug)]
enum Way {
    Network {
        client: reqwest::Client,
        /// One that reuses no connection.
        fresh: reqwest::Client,
    },
    Process {
        handler: Handler,
        timeout: Duration,
    },
}

/// The base URL of a service in this process.
const IN_PROCESS: &str = "http://localhost";

/// Why a service cannot be tested at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetError {
    /// Not an absolute `http` or `https` URL.
    Url(String),
    /// The client cannot be made.
    Client(String),
}

impl std::fmt::Display for TargetError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TargetError::Url(url) => write!(f, "`{url}` is not an http or https URL"),
            TargetError::Client(reason) => write!(f, "no HTTP client: {reason}"),
        }
    }
}

impl std::error::Error for TargetError {}

impl Sender {
    /// Returns a way to the service at a base URL, to which the document's paths are added.
    ///
    /// # Errors
    /// Where the URL cannot be called, or the client cannot be made.
    pub fn new(base: &str, settings: &Settings) -> Result<Self, TargetError> {
        let parsed =
            Url::parse(base).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let mut url = parsed.ok_or_else(|| TargetError::Url(base.to_owned()))?;
        url.set_query(None);
        url.set_fragment(None);
        let client = |idle: usize| {
            let builder = settings.client.begin().redirect(reqwest::redirect::Policy::none());
            let client = builder.timeout(settings.timeout).pool_max_idle_per_host(idle).build();
            client.map_err(|error| TargetError::Client(error.to_string()))
        };
        let way = Way::Network { client: client(usize::MAX)?, fresh: client(0)? };
        Ok(Self::by(way, url.as_str().trim_end_matches('/').to_owned(), settings))
    }

    /// Returns a way to a service in this process.
    pub(crate) fn in_process(service: impl InProcessService, settings: &Settings) -> Self {
        let handler = Handler::new(service, MAX_BODY);
        Self::by(Way::Process { handler, timeout: settings.timeout }, IN_PROCESS.to_owned(), settings)
    }

    fn by(way: Way, base: String, settings: &Settings) -> Self {
        let gap = settings.rate.map(|rate| Duration::from_secs(1) / rate.max(1));
        Self {
            way,
            base,
            headers: settings.headers.clone(),
            pace: gap.map(|gap| (gap, Mutex::new(Instant::now()))),
            paused: AtomicU64::new(0),
        }
    }

    /// Returns the base URL, without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Sends a request and reads the answer; waits and repeats it while the service asks for a pause (RFC 6585, 4).
    pub async fn send(&self, request: HttpRequest) -> Exchange {
        let mut repeats = 0;
        loop {
            self.wait_for_turn().await;
            let start = Instant::now();
            let answer = match &self.way {
                Way::Network { client, fresh } => {
                    let answer = self.attempt(client, &request).await;
                    // A server that dies closes its connections without saying so: the next request on one is lost
                    // with it.
                    match answer {
                        Err(Lost::Before(_)) => self.attempt(fresh, &request).await,
                        answer => answer,
                    }
                }
                Way::Process { handler, timeout } => self.call(handler, *timeout, &request).await,
            };
            let elapsed = start.elapsed();
            match answer.as_ref().ok().and_then(|answer| self.pause(answer)) {
                Some(pause) if repeats < MAX_REPEATS => {
                    repeats += 1;
                    tokio::time::sleep(pause).await;
                }
                _ => return Exchange { request, answer: answer.map_err(Lost::reason), elapsed },
            }
        }
    }

    async fn wait_for_turn(&self) {
        let Some((gap, next)) = &self.pace else { return };
        let mut next = next.lock().await;
        tokio::time::sleep_until(*next).await;
        *next = Instant::now() + *gap;
    }

    /// Returns the pause that an answer asks for, as long as the run has time for it.
    fn pause(&self, answer: &HttpResponse) -> Option<Duration> {
        if answer.status != 429 {
            return None;
        }
        let stated = answer.header("retry-after").and_then(|text| text.trim().parse().ok());
        let pause = stated.map_or(PAUSE, Duration::from_secs).min(MAX_PAUSE);
        let millis = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        let before = self.paused.fetch_add(millis, Ordering::Relaxed);
        (u128::from(before) < MAX_PAUSES.as_millis()).then_some(pause)
    }

    async fn call(
        &self,
        handler: &Handler,
        timeout: Duration,
        request: &HttpRequest,
    ) -> Result<HttpResponse, Lost> {
        let mut builder = Request::builder().method(request.method.as_str()).uri(request.target.as_str());
        let host = ("host".to_owned(), "localhost".to_owned());
        for (name, value) in std::iter::once(&host).chain(&self.headers).chain(&request.headers) {
            builder = builder.header(name, value);
        }
        let request = builder.body(request.body.clone().unwrap_or_default());
        let broken = |reason: String| Lost::After(NoAnswer::Broken(reason));
        let request = request.map_err(|error| broken(error.to_string()))?;
        match tokio::time::timeout(timeout, handler.call(request)).await {
            Ok(answer) => answer.map_err(Lost::After),
            Err(_) => Err(broken("the time for an answer is over".to_owned())),
        }
    }

    async fn attempt(&self, client: &reqwest::Client, request: &HttpRequest) -> Result<HttpResponse, Lost> {
        let url = format!("{}{}", self.base, request.target);
        let unsendable = || Lost::After(NoAnswer::Broken("the method cannot be sent".to_owned()));
        let method = request.method.parse().map_err(|_| unsendable())?;
        let mut builder = client.request::<&str>(method, &url);
        for (name, value) in self.headers.iter().chain(&request.headers) {
            builder = builder.header(name, value);
        }
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        let response = builder.send().await.map_err(Lost::before)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let is_stream = headers
            .get(http::header::CONTENT_TYPE)
            .is_some_and(|value| value.as_bytes().to_ascii_lowercase().starts_with(b"text/event-stream"));
        let body = if is_stream { read_events(response).await } else { read(response).await? };
        Ok(HttpResponse { status, headers, body })
    }
}

/// Why there is no answer, and whether the connection was lost before the first byte of one.
enum Lost {
    Before(NoAnswer),
    After(NoAnswer),
}

impl Lost {
    fn before(error: reqwest::Error) -> Self {
        if error.is_connect() || error.is_timeout() || error.is_builder() {
            Lost::After(reason(error))
        } else {
            Lost::Before(reason(error))
        }
    }

    fn reason(self) -> NoAnswer {
        match self {
            Lost::Before(reason) | Lost::After(reason) => reason,
        }
    }
}

async fn read(mut response: reqwest::Response) -> Result<Bytes, Lost> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| Lost::After(reason(error)))? {
        if body.len() + chunk.len() > MAX_BODY {
            let reason = format!("its body is longer than {MAX_BODY} bytes");
            return Err(Lost::After(NoAnswer::Broken(reason)));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// Reads the events of a moment, and no part of one: a stream of events need not end.
async fn read_events(mut response: reqwest::Response) -> Bytes {
    let mut body = BytesMut::new();
    let end = Instant::now() + MOMENT;
    while let Ok(Ok(Some(chunk))) = tokio::time::timeout_at(end, response.chunk()).await {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_BODY {
            break;
        }
    }
    let ends = body.windows(2).rposition(|pair| pair == b"\n\n").map(|at| at + 2);
    let crlf = body.windows(4).rposition(|four| four == b"\r\n\r\n").map(|at| at + 4);
    body.truncate(ends.max(crlf).unwrap_or(0));
    body.freeze()
}

/// Why there is no answer, without the URL: a query may hold a secret.
fn reason(error: reqwest::Error) -> NoAnswer {
    let unreachable = error.is_connect();
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    if unreachable { NoAnswer::Unreachable(text) } else { NoAnswer::Broken(text) }
}

//! A proxy in front of a real service: requests and responses are validated by the document, and what the service lacks
//! can fall back to the mock.
//!
//! Requests go to that one service alone: no redirect is followed, no proxy of the environment is used, and no cookie
//! is kept.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use descant_runtime::media::MediaKind;
use futures_util::{StreamExt, TryStreamExt};
use http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HOST, LOCATION, VIA,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Url};

use super::forwarding::{remove_hop_by_hop, remove_sharing, upstream_url};
use super::heavy::Weight;
use super::memory::{ByteBudget, Reservation};
use super::recorder::Recorder;
use crate::mock::Mock;
use crate::respond::{accept, answer};
use crate::sources::admitted::AdmittedRequest;
use crate::sources::overlay::Overlay;
use crate::sources::response_validation::{head_violation, violation};
use crate::tables::operation_table::RoutedOperation;
use crate::vocabulary::cors::is_preflight;
use crate::vocabulary::host::{host_of, is_own_host};
use crate::vocabulary::message::{Request, Response, SESSION, notify, target};
use crate::vocabulary::pending::{PendingResponse, Rest, Verdict};
use crate::vocabulary::problem::Problem;

/// A service behind the mock.
pub struct Upstream {
    base: Url,
    client: Client,
    config: UpstreamConfig,
    buffers: ByteBudget,
    recorder: Option<Arc<Recorder>>,
}

/// How requests are forwarded.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UpstreamConfig {
    /// Whether the mock responds where the service cannot be reached, responds 501, or responds 404 without the document
    /// describing it.
    pub fallback: bool,
    /// Whether violations are stopped: an invalid request is refused as by the mock, an invalid response becomes 502.
    pub strict: bool,
    /// The timeout of a connection to the service.
    pub connect_timeout: Duration,
    /// The timeout of each read from it.
    pub read_timeout: Duration,
    /// The greatest length of a body that is buffered to be validated; a longer one is passed on as it comes.
    pub body_bytes: usize,
    /// The bytes of all bodies that are buffered at once; further ones are passed on as they come.
    pub buffer_bytes: usize,
    /// Whether pages of any origin may call the service: the mock answers preflights, and its CORS fields replace those of
    /// the service.
    pub cors: bool,
}

impl UpstreamConfig {
    /// Sets whether the mock responds for what the service lacks.
    #[must_use]
    pub fn with_fallback(self, fallback: bool) -> Self {
        Self { fallback, ..self }
    }

    /// Sets whether violations are stopped.
    #[must_use]
    pub fn with_strict(self, strict: bool) -> Self {
        Self { strict, ..self }
    }

    /// Sets whether pages of any origin may call the service.
    #[must_use]
    pub fn with_cors(self, cors: bool) -> Self {
        Self { cors, ..self }
    }

    /// Sets the timeout of each read from the service.
    #[must_use]
    pub fn with_read_timeout(self, read_timeout: Duration) -> Self {
        Self { read_timeout, ..self }
    }

    /// Sets the bytes of all bodies that are buffered at once.
    #[must_use]
    pub fn with_buffer_bytes(self, buffer_bytes: usize) -> Self {
        Self { buffer_bytes, ..self }
    }

    /// Sets the greatest length of a body that is buffered to be validated.
    #[must_use]
    pub fn with_body_bytes(self, body_bytes: usize) -> Self {
        Self { body_bytes, ..self }
    }
}

impl Default for UpstreamConfig {
    fn default() -> Self {
        Self {
            fallback: false,
            strict: false,
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(60),
            body_bytes: 16 * 1024 * 1024,
            buffer_bytes: 32 * 1024 * 1024,
            cors: false,
        }
    }
}

/// Why no upstream can be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpstreamError {
    /// The URL cannot be parsed.
    #[error("an upstream is a URL: {0}")]
    InvalidUrl(#[source] Box<dyn Error + Send + Sync>),
    /// The URL has another scheme than http and https, or a user, query or fragment.
    #[error("an upstream is an http or https URL without user, query and fragment")]
    UnsuitableUrl,
    /// The HTTP client cannot be built: TLS is not available, say.
    #[error("{}", innermost(.0))]
    Client(#[source] reqwest::Error),
}

/// The mock in `Via` (RFC 9110, 7.6.3).
const SELF: HeaderValue = HeaderValue::from_static("1.1 descant");

impl Upstream {
    /// Makes an upstream of a base URL, which stands for the server's URL of the document.
    ///
    /// # Errors
    /// Where the URL is not one of http or https without user, query and fragment, or TLS is not available.
    pub fn new(url: &str, config: UpstreamConfig) -> Result<Self, UpstreamError> {
        Self::with_client_builder(url, config, Client::builder())
    }

    /// Makes an upstream that is called by a client of the builder, as to trust a certificate authority.
    ///
    /// # Errors
    /// As [`Upstream::new`].
    pub fn with_client_builder(
        url: &str,
        config: UpstreamConfig,
        client: ClientBuilder,
    ) -> Result<Self, UpstreamError> {
        let base = Url::parse(url).map_err(|error| UpstreamError::InvalidUrl(error.into()))?;
        let is_plain = base.username().is_empty() && base.password().is_none();
        let is_base = matches!(base.scheme(), "http" | "https") && base.query().is_none();
        if !is_plain || !is_base || base.fragment().is_some() {
            return Err(UpstreamError::UnsuitableUrl);
        }
        let client = client.redirect(Policy::none()).no_proxy();
        let client = client.connect_timeout(config.connect_timeout).read_timeout(config.read_timeout);
        let client = client.build().map_err(UpstreamError::Client)?;
        let buffers = ByteBudget::new(config.buffer_bytes);
        Ok(Self { base, client, config, buffers, recorder: None })
    }

    /// Records the exchanges without violations.
    #[must_use]
    pub fn with_recorder(self, recorder: Arc<Recorder>) -> Self {
        Self { recorder: Some(recorder), ..self }
    }

    /// Returns the greatest length of a body that is buffered to be validated.
    pub(crate) fn body_bytes(&self) -> usize {
        self.config.body_bytes
    }

    /// Returns the budget of all buffered bodies.
    pub(crate) fn buffers(&self) -> ByteBudget {
        self.buffers.clone()
    }

    /// Forwards a request, and returns the response of the service, both validated.
    pub(crate) async fn respond(
        &self,
        mock: &Mock,
        overlay: Option<&dyn Overlay>,
        request: &Request,
        weight: Weight,
    ) -> PendingResponse {
        // A page whose name was rebound to this machine would reach the service through it.
        if !host_of(request).is_some_and(|host| is_own_host(&host, &mock.settings().hosts)) {
            let detail = "the proxy answers requests to an address, `localhost` or a name of --allow-host";
            let refused = Problem::new(StatusCode::MISDIRECTED_REQUEST, detail).into_response();
            return PendingResponse::new(refused, Verdict::default());
        }
        match weight.run(|| accept(mock, request)).await {
            Ok(admitted) if admitted.directive.chooses() => {
                answer(mock, overlay, &admitted).await.finish(request)
            }
            Ok(admitted) => self.forward_admitted(mock, overlay, admitted).await,
            Err(refused) if self.config.cors && is_preflight(request) => refused.finish(request),
            Err(refused) => self.forward_refused(mock, request, *refused).await,
        }
    }

    async fn forward_admitted(
        &self,
        mock: &Mock,
        overlay: Option<&dyn Overlay>,
        admitted: AdmittedRequest<'_>,
    ) -> PendingResponse {
        let request = admitted.request;
        let pending = self.forward(mock, Some(admitted.operation), request, None).await;
        match self.lack(&pending) {
            None => {
                self.record(mock, &admitted, &pending);
                self.finish(request, self.stopped(pending).delivered(&admitted.directive))
            }
            Some(why) => {
                let mut pending = answer(mock, overlay, &admitted).await;
                notify(&mut pending.response, Some(&format!("mocked, for {why}")));
                pending.finish(request)
            }
        }
    }

    /// Whether pages of any origin may read its responses.
    pub(crate) fn shares(&self) -> bool {
        self.config.cors
    }

    /// Applies what every response gets. The service's own CORS fields decide which pages read it, unless pages of any
    /// origin may.
    fn finish(&self, request: &Request, pending: PendingResponse) -> PendingResponse {
        match self.config.cors {
            true => pending.finish(request),
            false => pending.finish_unshared(request),
        }
    }

    /// Records an exchange without violations that is no failure of the service.
    fn record(&self, mock: &Mock, admitted: &AdmittedRequest<'_>, pending: &PendingResponse) {
        let Some(recorder) = self.recorder.as_ref().filter(|_| pending.rest.is_none()) else { return };
        let is_valid = pending.verdict.request.is_none() && pending.verdict.response.is_none();
        if is_valid
            && !pending.response.status().is_server_error()
            && admitted.request.method() != Method::HEAD
        {
            let secrets = mock.guard.presented(admitted.request);
            recorder.record(&mock.api, mock.context(), &secrets, admitted, &pending.response);
        }
    }

    /// Forwards a request that the mock would refuse, unless violations are stopped.
    async fn forward_refused(
        &self,
        mock: &Mock,
        request: &Request,
        refused: PendingResponse,
    ) -> PendingResponse {
        if self.config.strict && refused.verdict.request.is_some() {
            return self.finish(request, refused);
        }
        let operation = refused.verdict.operation.as_deref().and_then(|key| mock.operations.named(key));
        let violation = refused.verdict.request.clone();
        let pending = self.forward(mock, operation, request, violation).await;
        match is_preflight(request) && self.lack(&pending).is_some() {
            true => refused.finish(request),
            false => self.finish(request, self.stopped(pending)),
        }
    }

    /// Forwards a request with the violation that it has; the response is 502 or 504 where the service does not respond.
    async fn forward(
        &self,
        mock: &Mock,
        operation: Option<RoutedOperation<'_>>,
        request: &Request,
        request_violation: Option<String>,
    ) -> PendingResponse {
        let sent = target(request);
        let target = mock.router.strip_base_path(sent, self.base.path() != "/");
        let local = sent.strip_suffix(target).unwrap_or_default();
        let (mut response, rest, lost) = match self.fetch(request, target, local).await {
            Ok((response, rest)) => (response, rest, None),
            Err(lost) => {
                let mut response = lost.response();
                response.extensions_mut().insert(Unreachable);
                (response, None, Some(lost.detail))
            }
        };
        let is_whole = rest.is_none() && request.method() != Method::HEAD;
        let validated = || match is_whole {
            true => violation(&mock.schemas, operation?.operation, &response),
            false => head_violation(&mock.schemas, operation?.operation, &response),
        };
        let judged = Weight::of(request, response.body().len()).run(validated).await;
        let response_violation = lost.or(judged).or_else(|| encoded(&response));
        let sides = [("request", &request_violation), ("response", &response_violation)];
        let sides = sides.iter().filter_map(|(side, found)| Some(format!("{side}: {}", found.as_ref()?)));
        let notice = sides.collect::<Vec<_>>().join("; ");
        notify(&mut response, Some(notice.as_str()).filter(|notice| !notice.is_empty()));
        let operation = operation.map(|operation| operation.key.clone());
        let verdict = Verdict {
            operation,
            request: request_violation,
            response: response_violation,
            ..Verdict::default()
        };
        PendingResponse { rest, ..PendingResponse::new(response, verdict) }
    }

    /// Returns what the service lacks, where the mock is to respond in its place.
    fn lack(&self, pending: &PendingResponse) -> Option<String> {
        let PendingResponse { response, verdict, .. } = pending;
        let violation = verdict.response.clone();
        let lacks = "the upstream has no such operation".to_owned();
        match response.status() {
            _ if !self.config.fallback => None,
            StatusCode::NOT_IMPLEMENTED => Some(lacks),
            StatusCode::NOT_FOUND => violation.map(|_| lacks),
            _ => response.extensions().get::<Unreachable>().and(violation),
        }
    }

    /// Returns a response, or 502 in place of an invalid one where violations are stopped.
    fn stopped(&self, pending: PendingResponse) -> PendingResponse {
        let passes = !self.config.strict || pending.response.extensions().get::<Unreachable>().is_some();
        let Some(violation) = pending.verdict.response.as_ref().filter(|_| !passes) else {
            return pending;
        };
        let detail = format!("the upstream's response is not as the document says: {violation}");
        let response = Problem::new(StatusCode::BAD_GATEWAY, detail).into_response();
        PendingResponse::new(response, pending.verdict)
    }

    /// Fetches the response of the service; a stream, or a body too long to be buffered, has a rest.
    async fn fetch(
        &self,
        request: &Request,
        target: &str,
        local: &str,
    ) -> Result<(Response, Option<Rest>), Problem> {
        let response = self.client.execute(self.request(request, target)?).await.map_err(lost)?;
        if response.status().is_informational() {
            let detail = "the upstream switches to another protocol, which the request does not ask for";
            return Err(Problem::new(StatusCode::BAD_GATEWAY, detail));
        }
        let (status, mut headers) = (response.status(), response.headers().clone());
        remove_hop_by_hop(&mut headers);
        if self.config.cors {
            remove_sharing(&mut headers);
        }
        headers.append(VIA, SELF);
        self.relocate(&mut headers, response.url(), local);
        let mut rest: Rest = response.bytes_stream().map_err(std::io::Error::other).boxed();
        let (buffered, is_whole) = match is_streamed(&headers) {
            true => (Bytes::new(), false),
            false => self.buffer(&mut rest).await?,
        };
        if is_whole && request.method() != Method::HEAD {
            headers.remove(CONTENT_LENGTH);
        }
        let mut response = Response::new(buffered);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok((response, (!is_whole).then_some(rest)))
    }

    /// Buffers a body to its end, to the greatest length, or to the end of the budget; returns whether it is whole.
    async fn buffer(&self, rest: &mut Rest) -> Result<(Bytes, bool), Problem> {
        let (mut buffered, mut reservation) = (BytesMut::new(), Reservation::default());
        while let Some(chunk) = rest.try_next().await.map_err(|error| broken_off(&error))? {
            buffered.extend_from_slice(&chunk);
            let is_reserved = self.buffers.try_extend(&mut reservation, buffered.capacity());
            if !is_reserved || buffered.len() > self.config.body_bytes {
                return Ok((reservation.keep_with(buffered.freeze()), false));
            }
        }
        Ok((reservation.keep_with(buffered.freeze()), true))
    }

    /// Builds the request to the service.
    fn request(&self, request: &Request, target: &str) -> Result<reqwest::Request, Problem> {
        let url = upstream_url(&self.base, target).ok_or_else(|| {
            let detail = format!("`{target}` is no target for the upstream: it names another path there");
            Problem::new(StatusCode::BAD_REQUEST, detail)
        })?;
        let mut outgoing = reqwest::Request::new(request.method().clone(), url);
        let mut headers = request.headers().clone();
        remove_hop_by_hop(&mut headers);
        for own in [HOST, CONTENT_LENGTH, EXPECT, SESSION] {
            headers.remove(own);
        }
        // An encoded body could not be validated.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.append(VIA, SELF);
        *outgoing.headers_mut() = headers;
        *outgoing.body_mut() = (!request.body().is_empty()).then(|| request.body().clone().into());
        Ok(outgoing)
    }

    /// Rewrites a `Location` on the service to one on the mock; a `Location` elsewhere stays.
    fn relocate(&self, headers: &mut HeaderMap, requested: &Url, local: &str) {
        let location = headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let url = location.and_then(|location| requested.join(location).ok());
        let Some(url) = url.filter(|url| url.origin() == self.base.origin()) else { return };
        let (_, path) = url.as_str().split_at(url.origin().ascii_serialization().len());
        let below = path.strip_prefix(self.base.path().trim_end_matches('/'));
        let value = below.and_then(|below| HeaderValue::try_from(format!("{local}{below}")).ok());
        if let Some(value) = value {
            headers.insert(LOCATION, value);
        }
    }
}

/// Marks a response in place of a service that did not respond.
#[derive(Clone, Copy)]
struct Unreachable;

/// Whether a body is passed on as it comes: its reader may wait for each part, or no schema applies to it.
fn is_streamed(headers: &HeaderMap) -> bool {
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media.is_some_and(|media| {
        matches!(MediaKind::of(media), MediaKind::EventStream | MediaKind::JsonLines | MediaKind::Binary)
    })
}

/// Returns the notice of a body that is encoded although the request accepts none.
fn encoded(response: &Response) -> Option<String> {
    let coding = response.headers().get(CONTENT_ENCODING)?.to_str().unwrap_or_default();
    (coding != "identity").then(|| format!("the body is encoded as `{coding}`, and was not judged"))
}

fn lost(error: reqwest::Error) -> Problem {
    let status = if error.is_timeout() { StatusCode::GATEWAY_TIMEOUT } else { StatusCode::BAD_GATEWAY };
    // The URL may hold secrets.
    Problem::new(status, format!("the upstream does not answer: {}", innermost(&error.without_url())))
}

fn broken_off(error: &std::io::Error) -> Problem {
    let is_late = error.get_ref().and_then(|it| it.downcast_ref()).is_some_and(reqwest::Error::is_timeout);
    let status = if is_late { StatusCode::GATEWAY_TIMEOUT } else { StatusCode::BAD_GATEWAY };
    Problem::new(status, "the upstream's response broke off")
}

/// Returns the text of the innermost source of an error: the outer ones only say that there was one.
fn innermost(error: &dyn Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

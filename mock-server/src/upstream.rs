//! A service behind the mock: each request is judged by the document and passed on, and so is what comes back. What the
//! service lacks the mock can answer itself.
//!
//! Requests go to that one service alone: no redirect is followed, no proxy of the environment is asked, and no cookie
//! is kept.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use descant_runtime::media::Kind;
use futures_util::{StreamExt, TryStreamExt};
use http::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HOST, LOCATION,
    ORIGIN, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, VIA,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Url};

use crate::deliver::Rest;
use crate::journal::Verdict;
use crate::mock::{Called, Mock};
use crate::problem::Problem;
use crate::respond::{Accepted, Answered, accept, answer_with, is_preflight};
use crate::{Overlay, Recorder, Request, Response, answer, check};

/// A service behind the mock.
pub struct Upstream {
    base: Url,
    client: Client,
    settings: Forwarding,
    recorder: Option<Arc<Recorder>>,
}

/// How requests are passed on.
#[derive(Clone, Debug)]
pub struct Forwarding {
    /// Whether the mock answers what the service lacks: where it cannot be reached, answers 501, or a 404 that the
    /// document does not describe.
    pub fallback: bool,
    /// Whether what breaks the document is stopped: a request is refused as by the mock, a response becomes 502.
    pub strict: bool,
    /// For a connection to the service.
    pub connect_timeout: Duration,
    /// For each read from it.
    pub read_timeout: Duration,
    /// The most bytes of a response that are held to be judged; a longer one is passed on as it comes.
    pub body_bytes: usize,
}

impl Default for Forwarding {
    fn default() -> Self {
        Self {
            fallback: false,
            strict: false,
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(60),
            body_bytes: 16 * 1024 * 1024,
        }
    }
}

/// Fields that are for one connection alone (RFC 9110, 7.6.1), beside those that `Connection` names.
const HOP_BY_HOP: [HeaderName; 9] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// What the mock calls itself in `Via` (RFC 9110, 7.6.3).
const SELF: HeaderValue = HeaderValue::from_static("1.1 descant");

impl Upstream {
    /// A service at a base URL, which stands for the server's URL of the document.
    ///
    /// # Errors
    /// Where the URL is not one of http or https without user, query and fragment, or no TLS is to be had.
    pub fn new(url: &str, settings: Forwarding) -> Result<Self, String> {
        Self::by(url, settings, Client::builder())
    }

    /// The same, by a client that trusts what it was told to.
    ///
    /// # Errors
    /// As [`Upstream::new`].
    pub fn by(url: &str, settings: Forwarding, client: ClientBuilder) -> Result<Self, String> {
        let base = Url::parse(url).map_err(|error| format!("an upstream is a URL: {error}"))?;
        let is_plain = base.username().is_empty() && base.password().is_none();
        let is_base = matches!(base.scheme(), "http" | "https") && base.query().is_none();
        if !is_plain || !is_base || base.fragment().is_some() {
            return Err("an upstream is an http or https URL without user, query and fragment".to_owned());
        }
        let client = client.redirect(Policy::none()).no_proxy();
        let client = client.connect_timeout(settings.connect_timeout).read_timeout(settings.read_timeout);
        let client = client.build().map_err(|error| innermost(&error))?;
        Ok(Self { base, client, settings, recorder: None })
    }

    /// Records what follows the document.
    #[must_use]
    pub fn with_recorder(self, recorder: Arc<Recorder>) -> Self {
        Self { recorder: Some(recorder), ..self }
    }

    /// How many bytes of a response are held to be judged, at most.
    pub(crate) fn body_bytes(&self) -> usize {
        self.settings.body_bytes
    }

    /// Passes a request on and its response back, both judged.
    pub(crate) async fn respond(
        &self,
        mock: &Mock,
        overlay: Option<&dyn Overlay>,
        request: &Request,
    ) -> Answered {
        let answered = match accept(mock, request) {
            Ok(accepted) if accepted.prefer.chooses() => answer_with(mock, overlay, &accepted).await,
            Ok(accepted) => self.accepted(mock, overlay, accepted).await,
            Err(refused) if is_preflight(request) => *refused,
            Err(refused) => self.refused(mock, request, *refused).await,
        };
        mock.finish(request, answered)
    }

    async fn accepted(&self, mock: &Mock, overlay: Option<&dyn Overlay>, accepted: Accepted<'_>) -> Answered {
        let answered = self.forward(mock, Some(accepted.called), accepted.request, None).await;
        match self.lack(&answered) {
            None => {
                self.record(mock, &accepted, &answered);
                self.stopped(answered).delivered(&accepted)
            }
            Some(why) => {
                let mut answered = answer_with(mock, overlay, &accepted).await;
                answer::notify(&mut answered.response, Some(&format!("mocked, for {why}")));
                answered
            }
        }
    }

    /// Records an exchange where both sides follow the document, and it is no fault of the service.
    fn record(&self, mock: &Mock, accepted: &Accepted<'_>, answered: &Answered) {
        let Some(recorder) = self.recorder.as_ref().filter(|_| answered.rest.is_none()) else { return };
        let is_sound = answered.verdict.request.is_none() && answered.verdict.response.is_none();
        if is_sound
            && !answered.response.status().is_server_error()
            && accepted.request.method() != Method::HEAD
        {
            recorder.note(mock, accepted, &answered.response);
        }
    }

    /// What becomes of a request that the mock would refuse.
    async fn refused(&self, mock: &Mock, request: &Request, refused: Answered) -> Answered {
        if self.settings.strict && refused.verdict.request.is_some() {
            return refused;
        }
        let called = refused.verdict.operation.as_deref().and_then(|key| mock.named(key));
        self.stopped(self.forward(mock, called, request, refused.verdict.request).await)
    }

    /// Passes a request on; `fault` is what the document has against it. 502 or 504 where there is no answer.
    async fn forward(
        &self,
        mock: &Mock,
        called: Option<Called<'_>>,
        request: &Request,
        fault: Option<String>,
    ) -> Answered {
        let sent = request.uri().path_and_query().map_or("/", |target| target.as_str());
        let target = mock.below(sent, self.base.path() != "/");
        let local = sent.strip_suffix(target).unwrap_or_default();
        let (mut response, rest, lost) = match self.fetch(request, target, local).await {
            Ok((response, rest)) => (response, rest, None),
            Err(lost) => {
                let mut response = lost.response();
                response.extensions_mut().insert(Lost);
                (response, None, Some(lost.detail))
            }
        };
        let is_whole = rest.is_none() && request.method() != Method::HEAD;
        let judged = || match is_whole {
            true => check::fault(mock, called?, &response),
            false => check::head_fault(mock, called?, &response),
        };
        let broken = lost.or_else(judged).or_else(|| encoded(&response));
        let faults = [("request", &fault), ("response", &broken)];
        let faults = faults.iter().filter_map(|(side, fault)| Some(format!("{side}: {}", fault.as_ref()?)));
        let notice = faults.collect::<Vec<_>>().join("; ");
        answer::notify(&mut response, Some(notice.as_str()).filter(|notice| !notice.is_empty()));
        let operation = called.map(|called| called.key.clone());
        let verdict = Verdict { operation, request: fault, response: broken };
        Answered { rest, ..Answered::new(response, verdict) }
    }

    /// What the service lacks, by a response that the mock is to answer in place of; `None`: it is to be passed on.
    fn lack(&self, answered: &Answered) -> Option<String> {
        let Answered { response, verdict, .. } = answered;
        let fault = verdict.response.clone();
        let lacks = "the upstream has no such operation".to_owned();
        match response.status() {
            _ if !self.settings.fallback => None,
            StatusCode::NOT_IMPLEMENTED => Some(lacks),
            StatusCode::NOT_FOUND => fault.map(|_| lacks),
            _ => response.extensions().get::<Lost>().and(fault),
        }
    }

    /// What is sent in place of a response that breaks the document, where that is to be stopped.
    fn stopped(&self, answered: Answered) -> Answered {
        let is_passed_on = !self.settings.strict || answered.response.extensions().get::<Lost>().is_some();
        let Some(fault) = answered.verdict.response.as_ref().filter(|_| !is_passed_on) else {
            return answered;
        };
        let detail = format!("the upstream's response is not as the document says: {fault}");
        Answered::new(Problem::new(StatusCode::BAD_GATEWAY, detail).into_response(), answered.verdict)
    }

    /// The response to a request; one that is a stream, or too long to be held, has a rest.
    async fn fetch(
        &self,
        request: &Request,
        target: &str,
        local: &str,
    ) -> Result<(Response, Option<Rest>), Problem> {
        let response = self.client.execute(self.request(request, target)?).await.map_err(lost)?;
        let (status, mut headers) = (response.status(), response.headers().clone());
        leave_hop(&mut headers);
        if request.headers().contains_key(ORIGIN) {
            // The mock says itself which pages may read.
            let named: Vec<_> = headers.keys().filter(|name| is_sharing(name)).cloned().collect();
            named.iter().for_each(|name| _ = headers.remove(name));
        }
        headers.append(VIA, SELF);
        self.relocate(&mut headers, response.url(), local);
        let mut rest: Rest = response.bytes_stream().map_err(std::io::Error::other).boxed();
        let mut held = BytesMut::new();
        let mut is_open = true;
        while is_open && !is_streamed(&headers) && held.len() <= self.settings.body_bytes {
            let chunk = rest.try_next().await.map_err(|error| broken_off(&error))?;
            is_open = chunk.is_some();
            held.extend_from_slice(&chunk.unwrap_or_default());
        }
        if !is_open && request.method() != Method::HEAD {
            headers.remove(CONTENT_LENGTH);
        }
        let mut response = Response::new(held.freeze());
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok((response, is_open.then_some(rest)))
    }

    /// The request that goes out.
    fn request(&self, request: &Request, target: &str) -> Result<reqwest::Request, Problem> {
        let base = self.base.as_str().trim_end_matches('/');
        let url = Url::parse(&format!("{base}{target}")).ok();
        let url = url.filter(|url| url.origin() == self.base.origin());
        let url = url.ok_or_else(|| {
            Problem::new(StatusCode::BAD_REQUEST, format!("`{target}` is no target for the upstream"))
        })?;
        let mut outgoing = reqwest::Request::new(request.method().clone(), url);
        let mut headers = request.headers().clone();
        leave_hop(&mut headers);
        for own in [HOST, CONTENT_LENGTH, EXPECT] {
            headers.remove(own);
        }
        // What is encoded could not be judged.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.append(VIA, SELF);
        *outgoing.headers_mut() = headers;
        *outgoing.body_mut() = (!request.body().is_empty()).then(|| request.body().clone().into());
        Ok(outgoing)
    }

    /// Turns a `Location` on the service into one on the mock; one elsewhere stays.
    fn relocate(&self, headers: &mut HeaderMap, called: &Url, local: &str) {
        let location = headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let url = location.and_then(|location| called.join(location).ok());
        let Some(url) = url.filter(|url| url.origin() == self.base.origin()) else { return };
        let (_, path) = url.as_str().split_at(url.origin().ascii_serialization().len());
        let below = path.strip_prefix(self.base.path().trim_end_matches('/'));
        let value = below.and_then(|below| HeaderValue::try_from(format!("{local}{below}")).ok());
        if let Some(value) = value {
            headers.insert(LOCATION, value);
        }
    }
}

/// Marks a response that the service did not give.
#[derive(Clone, Copy)]
struct Lost;

/// Whether a body is to be passed on as it comes: its reader may wait for each part, or it has none that a schema judges.
fn is_streamed(headers: &HeaderMap) -> bool {
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media.is_some_and(|media| matches!(Kind::of(media), Kind::EventStream | Kind::JsonLines | Kind::Binary))
}

/// That a body is encoded although the request asked for none of it.
fn encoded(response: &Response) -> Option<String> {
    let coding = response.headers().get(CONTENT_ENCODING)?.to_str().unwrap_or_default();
    (coding != "identity").then(|| format!("the body is encoded as `{coding}`, and was not judged"))
}

/// Takes out what is for one connection alone.
fn leave_hop(headers: &mut HeaderMap) {
    let named = headers.get_all(CONNECTION).iter().filter_map(|line| line.to_str().ok());
    let named: Vec<HeaderName> =
        named.flat_map(|line| line.split(',')).filter_map(|name| name.trim().parse().ok()).collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
}

/// Whether a field is of CORS.
fn is_sharing(name: &HeaderName) -> bool {
    name.as_str().starts_with("access-control-")
}

fn lost(error: reqwest::Error) -> Problem {
    let status = if error.is_timeout() { StatusCode::GATEWAY_TIMEOUT } else { StatusCode::BAD_GATEWAY };
    // The URL may hold what is secret.
    Problem::new(status, format!("the upstream does not answer: {}", innermost(&error.without_url())))
}

fn broken_off(error: &std::io::Error) -> Problem {
    let is_late = error.get_ref().and_then(|it| it.downcast_ref()).is_some_and(reqwest::Error::is_timeout);
    let status = if is_late { StatusCode::GATEWAY_TIMEOUT } else { StatusCode::BAD_GATEWAY };
    Problem::new(status, "the upstream's response broke off")
}

/// What lies at the bottom of an error: those above it only say that there was one.
fn innermost(error: &dyn Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

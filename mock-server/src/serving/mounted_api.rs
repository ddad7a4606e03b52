//! A document on a server: its mock, overlay and upstream, and the journal of its exchanges.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::header::ORIGIN;
use http::{HeaderValue, StatusCode};

use super::admin::{self, Interface, RequestMaker};
use super::heavy::Weight;
use super::journal::Journal;
use super::limits::Limits;
use super::live::Live;
use super::notifications::{callbacks, webhook};
use super::notifier::Notifier;
use super::recording::{Observer, Recording};
use super::sessions::{Named, Sessions};
use super::upstream::Upstream;
use super::{response_capture, trace};
use crate::mock::Mock;
use crate::respond::{accept, answer, pending};
use crate::sources::overlay::Overlay;
use crate::sources::pictures;
use crate::vocabulary::message::{Request, interface_path};
use crate::vocabulary::pending::{PendingResponse, Verdict};
use crate::vocabulary::problem::Problem;

/// A document on a server.
pub struct MountedApi {
    /// The prefix of the mock's paths.
    prefix: String,
    mock: Arc<Live>,
    overlay: Option<Arc<dyn Overlay>>,
    upstream: Option<Arc<Upstream>>,
    requests: Option<RequestMaker>,
    recording: Recording,
    sessions: Sessions,
    notifier: Arc<Notifier>,
}

/// The time after a response until what it causes is sent: the client may expect the response first.
const AFTER_RESPONSE: Duration = Duration::from_millis(20);

/// What holds for the response to one request.
#[derive(Clone, Copy)]
struct Within {
    /// Whether the admin interface responds.
    admin: bool,
    weight: Weight,
    /// The bytes of its body.
    max_bytes: usize,
}

impl MountedApi {
    /// Mounts a mock at its prefix.
    pub fn new(mock: Arc<Mock>) -> Self {
        let settings = mock.settings();
        let (hosts, receiver) = (settings.callback_hosts.clone(), settings.webhook_receiver.clone());
        Self {
            notifier: Arc::new(Notifier::new(hosts, receiver)),
            prefix: mock.prefix().to_owned(),
            mock: Arc::new(Live::new(mock)),
            overlay: None,
            upstream: None,
            requests: None,
            recording: Recording { journal: Arc::default(), whole: None, observer: None },
            sessions: Sessions::new(),
        }
    }

    /// Adds handlers that take precedence over the document.
    #[must_use]
    pub fn with_overlay(self, overlay: Arc<dyn Overlay>) -> Self {
        Self { overlay: Some(overlay), ..self }
    }

    /// Forwards requests to a service.
    #[must_use]
    pub fn with_upstream(self, upstream: Arc<Upstream>) -> Self {
        Self { upstream: Some(upstream), ..self }
    }

    /// Adds what makes the requests of the page's forms.
    #[must_use]
    pub fn with_requests(self, requests: RequestMaker) -> Self {
        Self { requests: Some(requests), ..self }
    }

    /// Adds a callback for each exchange.
    #[must_use]
    pub fn with_observer(mut self, observer: Observer) -> Self {
        self.recording.observer = Some(observer);
        self
    }

    /// Returns the prefix of its paths: `/billing`, or empty where it has the whole server.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Returns the mock that is served.
    pub fn mock(&self) -> &Arc<Live> {
        &self.mock
    }

    /// Returns the journal of its exchanges.
    pub fn journal(&self) -> &Arc<Journal> {
        &self.recording.journal
    }

    /// Ends the streams that follow its journals.
    pub(crate) fn close(&self) {
        self.journal().close();
        self.sessions.end_all();
    }

    /// Whether a path is below its prefix.
    pub(crate) fn has(&self, path: &str) -> bool {
        path.strip_prefix(&self.prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Returns the origin whose pages may read a refusal of the server: none of the interface, and none of a proxy that
    /// leaves that to its service.
    pub(crate) fn reader<B>(&self, request: &http::Request<B>) -> Option<HeaderValue> {
        let origin = request.headers().get(ORIGIN)?;
        let is_shared = self.upstream.as_ref().is_none_or(|upstream| upstream.shares());
        (is_shared && interface_path(&self.prefix, request).is_none()).then(|| origin.clone())
    }

    /// Responds within the limits, by the session that a request names, and records the exchange.
    pub(crate) async fn respond(
        &self,
        request: &Request,
        admin: bool,
        weight: Weight,
        limits: &Limits,
    ) -> PendingResponse {
        let mock = self.mock.get();
        let within = Within { admin, weight, max_bytes: limits.response_bytes };
        match Named::of(&self.prefix, request) {
            None => self.respond_by(mock, &self.recording, request, within).await,
            Some(named) => Box::pin(self.respond_in(named, mock, limits.sessions, request, within)).await,
        }
    }

    /// Responds by a session, of which there are at most `most`.
    async fn respond_in(
        &self,
        named: Named<'_>,
        main: Arc<Mock>,
        most: usize,
        request: &Request,
        within: Within,
    ) -> PendingResponse {
        let started = SystemTime::now();
        match self.sessions.find(named, &main, most) {
            Ok(session) => {
                let Recording { journal, observer, .. } = self.recording.clone();
                let journals = (session.journal.clone(), Some(journal));
                let recording = Recording { journal: journals.0, whole: journals.1, observer };
                self.respond_by(session.mock(named).clone(), &recording, request, within).await
            }
            Err(problem) => {
                let verdict = Verdict { request: Some(problem.detail.clone()), ..Verdict::default() };
                let pending = PendingResponse::new(problem.into_response(), verdict.clone()).finish(request);
                self.recording.record(&main.guard, request, &pending.response, verdict, started);
                pending
            }
        }
    }

    /// Responds by a mock, and records the exchange.
    async fn respond_by(
        &self,
        mock: Arc<Mock>,
        recording: &Recording,
        request: &Request,
        Within { admin, weight, max_bytes }: Within,
    ) -> PendingResponse {
        let prefix = mock.prefix();
        if let Some(picture) = pictures::respond(prefix, request) {
            return PendingResponse::new(picture, Verdict::default()).finish(request);
        }
        if admin && let Some(path) = interface_path(prefix, request) {
            let (live, requests, sessions) = (&self.mock, self.requests.as_ref(), &self.sessions);
            let notifier = &self.notifier;
            let interface = Interface { mock: &mock, live, recording, requests, sessions, notifier };
            return Box::pin(admin::respond(&interface, request, path)).await;
        }
        if admin && admin::is_visit(prefix, request) && mock.router.find_operations(request).is_err() {
            return PendingResponse::new(admin::visit(prefix), Verdict::default());
        }
        let started = SystemTime::now();
        let mut pending = trace::exchange(request, self.pending(&mock, request, weight, max_bytes)).await;
        match (pending.rest.take(), &self.upstream) {
            (Some(rest), Some(upstream)) => {
                let recording = recording.clone();
                let (request, verdict) = (request.clone(), pending.verdict.clone());
                let response = pending.response.clone();
                let on_end = move |end: response_capture::CaptureEnd| {
                    let (response, verdict) = end.verdict(&mock.operations, &mock.schemas, verdict);
                    recording.record(&mock.guard, &request, &response, verdict, started);
                };
                let (max_bytes, budget) = (upstream.body_bytes(), upstream.buffers());
                pending.rest = Some(response_capture::capture(rest, response, max_bytes, budget, on_end));
            }
            _ => {
                let verdict = std::mem::take(&mut pending.verdict);
                let key = verdict.operation.clone();
                recording.record(&mock.guard, request, &pending.response, verdict, started);
                if let Some(key) = key.filter(|_| self.upstream.is_none()) {
                    self.notify(&mock, recording, (&key, request), &pending);
                }
            }
        }
        pending
    }
}

impl MountedApi {
    /// Responds by the upstream or the mock. Futures that wait are boxed: most mocks have none, and would move their size
    /// about at each request.
    async fn pending(
        &self,
        mock: &Mock,
        request: &Request,
        weight: Weight,
        max_bytes: usize,
    ) -> PendingResponse {
        match (&self.upstream, self.overlay.as_deref(), weight) {
            (None, None, Weight::Light) if mock.state().is_none() => {
                limited(pending(mock, request), max_bytes)
            }
            (None, None, Weight::Heavy) if mock.state().is_none() => {
                limited(Box::pin(weight.run(|| pending(mock, request))).await, max_bytes)
            }
            (None, overlay, _) => {
                limited(Box::pin(pending_by_weight(mock, overlay, request, weight)).await, max_bytes)
            }
            (Some(upstream), overlay, _) => Box::pin(upstream.respond(mock, overlay, request, weight)).await,
        }
    }
}

impl MountedApi {
    /// Sends the callbacks that an exchange causes, and the webhook of a rule.
    fn notify(
        &self,
        mock: &Mock,
        recording: &Recording,
        (key, request): (&str, &Request),
        pending: &PendingResponse,
    ) {
        let url = || self.notifier.receiver().unwrap_or_default();
        let webhook = pending.webhook.as_deref().and_then(|name| webhook(mock, name, &url(), None));
        let delay = pending.delivery.map_or(AFTER_RESPONSE, |delivery| delivery.delay + AFTER_RESPONSE);
        for notification in callbacks(mock, key, request, &pending.response).into_iter().chain(webhook) {
            if self.notifier.trusts(request, &mock.settings().hosts) {
                self.notifier.send(notification, recording.clone(), mock.guard.clone(), delay);
            }
        }
    }
}

/// Responds by overlay, state and document.
async fn pending_by_weight(
    mock: &Mock,
    overlay: Option<&dyn Overlay>,
    request: &Request,
    weight: Weight,
) -> PendingResponse {
    let pending = match weight.run(|| accept(mock, request)).await {
        Ok(admitted) => weight.run_future(answer(mock, overlay, &admitted)).await,
        Err(refused) => *refused,
    };
    pending.finish(request)
}

/// Returns a response, or 501 where its body is too long.
fn limited(pending: PendingResponse, max_bytes: usize) -> PendingResponse {
    let length = pending.response.body().len();
    if length <= max_bytes {
        return pending;
    }
    let detail = format!("the answer has {length} bytes, and the mock sends at most {max_bytes}");
    let response = Problem::new(StatusCode::NOT_IMPLEMENTED, detail).into_response();
    PendingResponse { response, ..pending }
}

//! The whole of a mock on one page: route ▸ authorize ▸ decode and validate, then negotiate and answer.

use std::time::Duration;

use bytes::Bytes;
use descant_exchange::{Decoded, Incoming, Refusal};
use descant_runtime::param::Location;
use descant_runtime::route::{self, Find, Found};
use futures_util::FutureExt;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ALLOW, CONTENT_LENGTH, ORIGIN, VARY,
    WWW_AUTHENTICATE,
};
use http::{HeaderValue, Method, StatusCode};
use serde_json::Value;

use crate::auth::Principal;
use crate::deliver::{Delivery, Rest};
use crate::journal::TRACEPARENT;
use crate::journal::Verdict;
use crate::mock::{Called, Mock};
use crate::prefer::Prefer;
use crate::problem::Problem;
use crate::remember::{self, Remembered};
use crate::{Overlay, Request, Response, answer as answering, check, overlay};

/// A request that the mock would answer: routed, authorized and found valid.
pub(crate) struct Accepted<'m> {
    pub(crate) request: &'m Request,
    /// Path and query, without the base path of a server.
    pub(crate) target: &'m str,
    pub(crate) called: Called<'m>,
    /// The path's parameters as they were sent.
    pub(crate) texts: Vec<(&'m str, &'m str)>,
    pub(crate) decoded: Decoded,
    pub(crate) principal: Principal,
    pub(crate) prefer: Prefer,
}

impl Accepted<'_> {
    /// The value of a parameter, where it was sent.
    pub(crate) fn parameter(&self, location: Location, name: &str) -> Option<&Value> {
        self.called.prepared.requests.value(&self.decoded, location, name)
    }

    /// The value of the body, where one was sent in a media type that has values.
    pub(crate) fn body(&self) -> Option<&Value> {
        self.decoded.body.as_ref()
    }
}

/// What is to go out for a request, and what is known of it.
pub(crate) struct Answered {
    pub(crate) response: Response,
    pub(crate) verdict: Verdict,
    /// What is to be done to it on its way.
    pub(crate) delivery: Option<Delivery>,
    /// What follows its body while it is sent.
    pub(crate) rest: Option<Rest>,
}

impl Answered {
    /// As it stands.
    pub(crate) fn new(response: Response, verdict: Verdict) -> Self {
        Self { response, verdict, delivery: None, rest: None }
    }

    /// With what the caller or a rule wants done to it on its way.
    pub(crate) fn delivered(self, accepted: &Accepted<'_>) -> Self {
        let Prefer { delay, fault, .. } = accepted.prefer;
        let delay = Duration::from_millis(delay.unwrap_or(0));
        let delivery = (!delay.is_zero() || fault.is_some()).then_some(Delivery { delay, fault });
        Self { delivery, ..self }
    }
}

/// Answers a request at once. Pure but for the state that the mock keeps.
///
/// A mock whose state is elsewhere than in [`crate::state::Memory`] may have to wait for it: such a request gets 503
/// here, and its answer by [`respond_with`].
pub fn respond(mock: &Mock, request: &Request) -> Response {
    let waiting = || {
        let detail = "the state is kept where an answer takes time";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail).into_response()
    };
    respond_with(mock, None, request).now_or_never().unwrap_or_else(waiting)
}

/// Answers a request, an overlay being asked before state and document.
pub async fn respond_with(mock: &Mock, overlay: Option<&dyn Overlay>, request: &Request) -> Response {
    answered_with(mock, overlay, request).await.response
}

/// Answers a request to a mock without state and overlay, which never waits.
pub(crate) fn answered(mock: &Mock, request: &Request) -> Answered {
    let answered = match accept(mock, request) {
        Ok(accepted) => answer(mock, &accepted, None),
        Err(refused) => *refused,
    };
    mock.finish(request, answered)
}

pub(crate) async fn answered_with(mock: &Mock, overlay: Option<&dyn Overlay>, request: &Request) -> Answered {
    let answered = match accept(mock, request) {
        Ok(accepted) => answer_with(mock, overlay, &accepted).await,
        Err(refused) => *refused,
    };
    mock.finish(request, answered)
}

/// Answers a request that was accepted: an overlay, unless the caller or a rule wants a certain answer of the document;
/// then the state; then the document.
pub(crate) async fn answer_with(
    mock: &Mock,
    overlay: Option<&dyn Overlay>,
    accepted: &Accepted<'_>,
) -> Answered {
    if let Some(overlay) = overlay.filter(|_| !accepted.prefer.chooses())
        && let Some(response) = overlay.call(overlay::request(mock, accepted)).await
    {
        return written(mock, accepted, response);
    }
    match remember::answer(mock, accepted).await {
        Ok(Remembered::Response(response)) => noticed(accepted, response).delivered(accepted),
        Ok(Remembered::Nothing(reason)) => answer(mock, accepted, reason.as_deref()),
        Err(problem) => refuse(mock, accepted.request, accepted.called, problem).delivered(accepted),
    }
}

/// What an overlay wrote: on its way as rules and the caller have it, and judged by the document.
fn written(mock: &Mock, accepted: &Accepted<'_>, response: Response) -> Answered {
    let fault = check::fault(mock, accepted.called, &response);
    Answered::new(response, accepted.called.verdict(fault)).delivered(accepted)
}

/// Says whether the mock would answer a request, or how it refuses it.
///
/// # Errors
/// The refusal: 400, 401, 403, 404, 405, 415; or what OPTIONS and a CORS preflight ask for.
pub(crate) fn accept<'m>(mock: &'m Mock, request: &'m Request) -> Result<Accepted<'m>, Box<Answered>> {
    let routed = route(mock, request)?;
    let mut refused = None;
    for called in routed.candidates().filter_map(|index| mock.called(index)) {
        match admit(mock, request, called, &routed) {
            Ok(accepted) => return Ok(accepted),
            Err(problem) => _ = refused.get_or_insert((called, problem)),
        }
    }
    Err(Box::new(match refused {
        Some((called, problem)) => refuse(mock, request, called, problem),
        None => astray(not_found(mock, request, routed.target)),
    }))
}

/// The response to a request that an operation refuses.
fn refuse(mock: &Mock, request: &Request, called: Called<'_>, problem: Problem) -> Answered {
    let response = answering::refuse(mock, request, called, &problem);
    Answered::new(response, Verdict { request: Some(problem.detail), ..called.verdict(None) })
}

/// The response to a request that is for no operation.
fn astray(problem: Problem) -> Answered {
    let verdict = Verdict { request: Some(problem.detail.clone()), ..Verdict::default() };
    Answered::new(problem.into_response(), verdict)
}

/// Lets a request in to an operation, or says why not.
fn admit<'m>(
    mock: &'m Mock,
    request: &'m Request,
    called: Called<'m>,
    routed: &Routed<'m>,
) -> Result<Accepted<'m>, Problem> {
    let principal = authorize(mock, request, called)?;
    let prefer = Prefer::read(request).map_err(|wish| unknown_wish(&wish))?;
    let texts: Vec<_> = called.parameters().zip(routed.texts()).collect();
    let (query, headers, body) = (request.uri().query(), request.headers(), request.body());
    let incoming = Incoming { path: &texts, query, headers, body };
    let decoded = called.prepared.requests.decode(&mock.schemas, &incoming)?;
    let mut accepted = Accepted { request, target: routed.target, called, texts, decoded, principal, prefer };
    if let Some(ruled) = mock.rules.apply(&accepted, mock.seed())? {
        accepted.prefer = accepted.prefer.or(ruled);
    }
    Ok(accepted)
}

/// Answers a request that was accepted: by an example, or a sampled value. `notice`: what else is to be said of it.
pub(crate) fn answer(mock: &Mock, accepted: &Accepted<'_>, notice: Option<&str>) -> Answered {
    if let Some(stated) = &accepted.prefer.response {
        let status = accepted.prefer.code.unwrap_or_default();
        return written(mock, accepted, stated.response(mock, accepted, status));
    }
    let answered = match answering::answer(mock, accepted) {
        Ok(mut response) => {
            answering::notify(&mut response, notice);
            noticed(accepted, response)
        }
        Err(problem) => refuse(mock, accepted.request, accepted.called, problem),
    };
    answered.delivered(accepted)
}

/// A response of the mock's own; what its notices say goes to the log.
fn noticed(accepted: &Accepted<'_>, response: Response) -> Answered {
    let notices = response.headers().get_all(answering::NOTICE).iter();
    let notices: Vec<&str> = notices.filter_map(|notice| notice.to_str().ok()).collect();
    let verdict = accepted.called.verdict(Some(notices.join("; ")).filter(|text| !text.is_empty()));
    Answered::new(response, verdict)
}

/// The operations that a request may be for. There are several where HTTP cannot tell them apart, as by a fragment or
/// by the names of parameters: then the first that takes the request has it.
struct Routed<'m> {
    found: Found<'m, 'm, usize>,
    /// Path and query, without the base path of a server.
    target: &'m str,
}

impl<'m> Routed<'m> {
    fn candidates(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.found.value).chain(self.found.alternatives.iter().copied()).copied()
    }

    /// Of the path's parameters, in order.
    fn texts(&self) -> impl Iterator<Item = &'m str> {
        self.found.parameters.iter().map(|(_, text)| *text)
    }
}

fn route<'m>(mock: &'m Mock, request: &'m Request) -> Result<Routed<'m>, Box<Answered>> {
    let method = request.method().as_str();
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    if is_preflight(request) {
        return Err(Box::new(allow(find_methods(mock, request, target))));
    }
    let mut allowed = Vec::new();
    for target in targets(mock, target) {
        match mock.routes.find(method, target, request.headers()) {
            Find::Found(found) => return Ok(Routed { found, target }),
            Find::MethodNotAllowed(methods) => allowed.extend(methods),
            Find::NotFound => {}
        }
    }
    Err(Box::new(match allowed.is_empty() {
        true if target == "*" => allow(Vec::new()),
        true => targets(mock, target)
            .find_map(|target| mock.authority.answer(mock, request, target))
            .map(|response| Answered::new(response, Verdict::default()))
            .unwrap_or_else(|| astray(not_found(mock, request, target))),
        false if request.method() == Method::OPTIONS => allow(allowed),
        false => astray(not_allowed(method, allowed)),
    }))
}

/// The target as sent, and before it without the base path of a server.
fn targets<'m>(mock: &'m Mock, target: &'m str) -> impl Iterator<Item = &'m str> {
    let stripped = mock.bases.iter().filter_map(move |base| target.strip_prefix(base.as_str()));
    stripped.filter(|rest| rest.starts_with('/')).chain([target])
}

fn authorize(mock: &Mock, request: &Request, called: Called<'_>) -> Result<Principal, Problem> {
    mock.guard.authorize(called.need, request).map_err(|refusal| {
        let status = if refusal.forbidden { StatusCode::FORBIDDEN } else { StatusCode::UNAUTHORIZED };
        let mut problem = Problem::new(status, refusal.reason);
        problem.headers.extend(refusal.challenges.into_iter().map(|challenge| (WWW_AUTHENTICATE, challenge)));
        problem
    })
}

fn not_found(mock: &Mock, request: &Request, target: &str) -> Problem {
    let (path, query) = target.split_once('?').map_or((target, ""), |(path, query)| (path, query));
    let other = path.strip_suffix('/').map_or_else(|| format!("{path}/"), str::to_owned);
    let with_query = format!("{other}?{query}");
    let known = targets(mock, &with_query).any(|target| {
        mock.routes.find(request.method().as_str(), target, request.headers()) != Find::NotFound
    });
    let hint = if known { format!("; the document has `{other}`") } else { String::new() };
    Problem::new(StatusCode::NOT_FOUND, format!("no path of the document matches `{path}`{hint}"))
}

fn not_allowed(method: &str, allowed: Vec<&str>) -> Problem {
    let allowed = route::allow(allowed);
    let detail = format!("the document has no {method} on this path; it has {allowed}");
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail).header(ALLOW, &allowed)
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let Refusal { status, detail, faults, headers } = refusal;
        Self { status, detail, faults, headers }
    }
}

fn unknown_wish(wish: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, format!("the preference `{wish}` makes no sense to the mock"))
}

/// Every method that the path of a request has.
fn find_methods<'m>(mock: &'m Mock, request: &Request, target: &str) -> Vec<&'m str> {
    let found = targets(mock, target).map(|target| mock.routes.find("", target, request.headers()));
    let found = found
        .filter_map(|found| if let Find::MethodNotAllowed(methods) = found { Some(methods) } else { None });
    found.flatten().chain(targets(mock, target).flat_map(|target| mock.authority.methods(target))).collect()
}

/// 204 with the methods of a path (RFC 9110, 9.3.7).
fn allow(methods: Vec<&str>) -> Answered {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    if let Ok(methods) = HeaderValue::from_str(&route::allow(methods)) {
        response.headers_mut().insert(ALLOW, methods);
    }
    Answered::new(response, Verdict::default())
}

pub(crate) fn is_preflight(request: &Request) -> bool {
    let headers = request.headers();
    request.method() == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

impl Mock {
    /// What every response gets, whoever made it: the CORS headers where a browser asks, the caller's trace, no body for
    /// HEAD.
    pub(crate) fn finish(&self, request: &Request, mut answered: Answered) -> Answered {
        let response = &mut answered.response;
        share(request, response);
        if let Some(trace) = request.headers().get(TRACEPARENT) {
            response.headers_mut().entry(TRACEPARENT).or_insert_with(|| trace.clone());
        }
        if request.method() == Method::HEAD && !response.body().is_empty() {
            let length = HeaderValue::from(response.body().len());
            response.headers_mut().entry(CONTENT_LENGTH).or_insert(length);
            *response.body_mut() = Bytes::new();
        }
        answered
    }
}

/// Lets a page of any origin read the response, where one asks (Fetch, 3.3).
fn share(request: &Request, response: &mut Response) {
    let Some(origin) = request.headers().get(ORIGIN) else { return };
    let names: Vec<_> = response.headers().keys().map(|name| name.as_str()).collect();
    let exposed = HeaderValue::from_str(&names.join(", "));
    let allowed = response.headers().get(ALLOW).cloned();
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    headers.append(VARY, HeaderValue::from_static("Origin"));
    if !is_preflight(request) {
        headers.extend(exposed.ok().map(|names| (ACCESS_CONTROL_EXPOSE_HEADERS, names)));
        return;
    }
    let asked = request.headers().get(ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    headers.extend(allowed.map(|methods| (ACCESS_CONTROL_ALLOW_METHODS, methods)));
    headers.extend(asked.map(|names| (ACCESS_CONTROL_ALLOW_HEADERS, names)));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
}

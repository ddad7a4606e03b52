//! What is sent for a request that was accepted, and for one that was not: status, representation, headers, body.

use std::borrow::Cow;

use bytes::Bytes;
use descant_exchange::{accept, is_bodiless};
use descant_model::api::StatusPattern;
use descant_runtime::param::Location;
use descant_runtime::{media, problem};
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

use crate::content::{Body, Choice, Content};
use crate::mock::{Called, Mock};
use crate::prefer::{Errors, Prefer};
use crate::prepared::{Answer, Prepared};
use crate::problem::Problem;
use crate::respond::Accepted;
use crate::sample::Seed;
use crate::state::split_item;
use crate::{Request, Response, errors, negotiate, rules};

/// Says of an answer why it is not quite what the document or the caller had in mind.
pub(crate) const NOTICE: HeaderName = HeaderName::from_static("descant-notice");

/// As the draft before RFC 9745 had it: the document does not say since when an operation is deprecated.
const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");

/// Answers a request that was accepted as the document does: without state.
///
/// # Errors
/// 400 where the caller's preference names nothing, 406 where no representation is accepted, 501 where the document
/// asks for what no value can be.
pub(crate) fn answer(mock: &Mock, accepted: &Accepted<'_>) -> Result<Response, Problem> {
    let prefer = &accepted.prefer;
    if prefer.code.is_none() && is_switch(accepted.called.prepared) {
        let detail =
            "the document states no answer but a change to another protocol, which the mock does not speak";
        return Err(Problem::new(StatusCode::NOT_IMPLEMENTED, detail));
    }
    let Some((status, answer)) = choose(accepted, prefer.code) else {
        return Ok(undocumented(prefer.code));
    };
    let mut response = documented(mock, accepted, status, answer)?;
    response.headers_mut().extend(answer.headers.iter().cloned());
    if prefer.code.is_none() && answer.when.is_none() && status.as_u16() >= 400 {
        notify(&mut response, Some("the document states no response of success"));
    }
    if accepted.called.operation.deprecated {
        response.headers_mut().insert(DEPRECATION, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// The response that the document describes for a status: an example or a sampled value, without headers yet.
///
/// # Errors
/// As [`answer`].
pub(crate) fn documented(
    mock: &Mock,
    accepted: &Accepted<'_>,
    status: StatusCode,
    answer: &Answer,
) -> Result<Response, Problem> {
    let prefer = &accepted.prefer;
    let choice = Choice {
        example: prefer.example.as_deref(),
        call: Some(accepted),
        dynamic: prefer.dynamic.unwrap_or(mock.settings.dynamic),
        examples: mock.settings.examples,
        seed: &|| seed(mock, accepted),
        item: item(accepted).filter(|_| status.is_success()),
    };
    let mut response = match answer.contents.is_empty() || is_bodiless(status.as_u16()) {
        true => Response::new(Bytes::new()),
        false => represent(mock, accepted.request, answer, &choice)?,
    };
    *response.status_mut() = status;
    Ok(response)
}

/// The parameter at the end of the path, which names the item that the call is about.
fn item<'a>(accepted: &'a Accepted<'_>) -> Option<(&'a str, &'a Value)> {
    let (_, name) = split_item(&accepted.called.operation.path.pieces)?;
    Some((name, accepted.parameter(Location::Path, name)?))
}

/// Whether the caller or a condition of the document chooses the answer, so that the state of the mock is not asked.
pub(crate) fn is_told(accepted: &Accepted<'_>) -> bool {
    let mut conditions = accepted.called.prepared.answers.iter().filter_map(|answer| answer.when.as_deref());
    accepted.prefer.chooses() || conditions.any(|when| rules::holds(when, accepted))
}

/// Which response to send, and its status: the one asked for, else the first that means success, else what there is.
/// One whose condition the call meets goes before all others, and one whose condition it does not comes after them.
fn choose<'m>(accepted: &Accepted<'m>, wanted: Option<StatusCode>) -> Option<(StatusCode, &'m Answer)> {
    let prepared = accepted.called.prepared;
    if let Some(status) = wanted {
        return Some((status, prepared.answer(status.as_u16())?));
    }
    let met = |answer: &Answer| answer.when.as_deref().map(|when| rules::holds(when, accepted));
    let by_condition =
        |answer: &Answer| [Some(true), None, Some(false)].iter().position(|one| *one == met(answer));
    let answer = prepared.answers.iter().min_by_key(|answer| (by_condition(answer), rank(answer.pattern)))?;
    let code = match answer.pattern {
        // 1xx is no final status (RFC 9110, 15.2).
        StatusPattern::Code(code @ 200..) => code,
        StatusPattern::Range(digit @ 2..=5) => digit * 100,
        _ => 200,
    };
    Some((StatusCode::from_u16(code).ok()?, answer))
}

/// Whether an operation means nothing but a change of the protocol, 101 (RFC 9110, 15.2.2): what else it states are errors.
fn is_switch(prepared: &Prepared) -> bool {
    const SWITCH: StatusPattern = StatusPattern::Code(101);
    let mut patterns = prepared.answers.iter().map(|answer| answer.pattern);
    let is_error = |pattern| matches!(pattern, StatusPattern::Code(400..) | StatusPattern::Range(4..));
    patterns.clone().any(|pattern| pattern == SWITCH)
        && patterns.all(|pattern| pattern == SWITCH || is_error(pattern))
}

/// Success first, then what comes nearest.
fn rank(pattern: StatusPattern) -> (u8, u16) {
    match pattern {
        StatusPattern::Code(code @ 200..=299) => (0, code),
        StatusPattern::Range(2) => (1, 0),
        StatusPattern::Code(code @ 300..=399) => (2, code),
        StatusPattern::Range(3) => (3, 0),
        StatusPattern::Default => (4, 0),
        StatusPattern::Code(code) => (5, code),
        StatusPattern::Range(digit) => (6, digit),
    }
}

/// The answer where the document states no response at all, or not the one asked for.
fn undocumented(wanted: Option<StatusCode>) -> Response {
    let Some(status) = wanted else { return Response::new(Bytes::new()) };
    let notice = format!("the document states no response for {}", status.as_u16());
    let mut response = match is_bodiless(status.as_u16()) || status.is_success() {
        true => Response::new(Bytes::new()),
        false => Problem::new(status, notice.clone()).response(),
    };
    *response.status_mut() = status;
    notify(&mut response, Some(&notice));
    response
}

/// A response in the representation that the caller likes best.
fn represent(
    mock: &Mock,
    request: &Request,
    answer: &Answer,
    choice: &Choice<'_>,
) -> Result<Response, Problem> {
    let (content, name, content_type) = chosen(request, answer)?;
    let body = content.body(&mock.schemas, &name, choice).map_err(|reason| {
        let status =
            if choice.example.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::NOT_IMPLEMENTED };
        Problem::new(status, reason)
    })?;
    Ok(body.response(content_type))
}

/// The representation that the caller likes best, with the media type to send it as, also as a header.
///
/// # Errors
/// 406 where it is none of them.
pub(crate) fn chosen<'a>(
    request: &Request,
    answer: &'a Answer,
) -> Result<(&'a Content, Cow<'a, str>, HeaderValue), Problem> {
    let accept = accept(request.headers());
    let Some((content, name)) = answer.choose(accept.as_deref()) else {
        let offers: Vec<_> = answer.contents.iter().map(|content| content.name.as_str()).collect();
        let detail = format!("the response comes as {} alone", offers.join(", "));
        return Err(Problem::new(StatusCode::NOT_ACCEPTABLE, detail));
    };
    let header = match &name {
        Cow::Borrowed(_) => content.content_type.clone(),
        Cow::Owned(name) => HeaderValue::try_from(name).unwrap_or_else(|_| content.content_type.clone()),
    };
    Ok((content, name, header))
}

impl Body {
    /// A response of this body; its status is still to be set.
    pub(crate) fn response(self, mut content_type: HeaderValue) -> Response {
        if content_type.as_bytes().starts_with(b"multipart/") {
            let stated = media::content_type(content_type.to_str().unwrap_or_default(), &self.bytes);
            content_type = HeaderValue::try_from(stated).unwrap_or(content_type);
        }
        let mut response = Response::new(self.bytes);
        response.headers_mut().insert(CONTENT_TYPE, content_type);
        notify(&mut response, self.notice.as_deref());
        response
    }
}

pub(crate) fn notify(response: &mut Response, notice: Option<&str>) {
    let notice = notice
        .and_then(|text| HeaderValue::from_str(&text.replace(|c: char| !c.is_ascii_graphic(), " ")).ok());
    response.headers_mut().extend(notice.map(|notice| (NOTICE, notice)));
}

/// What makes this request: the operation, the texts of the path's parameters and the query.
pub(crate) fn seed(mock: &Mock, accepted: &Accepted<'_>) -> Seed {
    let seed = Seed::new(mock.seed()).with(accepted.called.key);
    let seed = accepted.texts.iter().fold(seed, |seed, (name, text)| seed.with(name).with(text));
    seed.with(accepted.request.uri().query().unwrap_or_default())
}

/// The answer to a request that is refused: problem details, unless the caller names types without a wildcard, and one
/// of them is documented for this status; then it is the documented response, so that a typed client can read it.
pub(crate) fn refuse(mock: &Mock, request: &Request, called: Called<'_>, problem: &Problem) -> Response {
    let answer = called.prepared.answer(problem.status.as_u16());
    let wanted = Prefer::read(request).ok().and_then(|prefer| prefer.errors);
    let documented = answer.and_then(|answer| match wanted.unwrap_or(mock.settings.errors) {
        Errors::Document => errors::shaped(mock, request, answer, problem),
        Errors::Problem => readable(mock, request, answer, problem),
    });
    let mut response = documented.unwrap_or_else(|| problem.response());
    *response.status_mut() = problem.status;
    for (name, value) in &problem.headers {
        response.headers_mut().append(name, value.clone());
    }
    response
}

/// The documented response for a problem, where the problem itself is not what the caller can read.
fn readable(mock: &Mock, request: &Request, answer: &Answer, problem: &Problem) -> Option<Response> {
    let accept = accept(request.headers());
    let fits = |content: &&Content| content.name.eq_ignore_ascii_case(problem::MEDIA_TYPE);
    let content = match accept.as_deref().filter(|accept| negotiate::is_particular(accept)) {
        Some(accept) => answer.choose(Some(accept))?.0,
        None => answer.contents.iter().find(fits)?,
    };
    if fits(&content) && content.admits(&mock.schemas, &problem.body()) {
        return None;
    }
    let seed = Seed::new(mock.seed()).with(problem.status.as_str());
    let examples = mock.settings.examples;
    let choice = Choice { example: None, call: None, dynamic: false, examples, seed: &|| seed, item: None };
    let body = content.body(&mock.schemas, &content.usual, &choice).ok()?;
    let mut response = body.response(content.content_type.clone());
    let headers =
        answer.headers.iter().filter(|(name, _)| problem.headers.iter().all(|(known, _)| known != name));
    response.headers_mut().extend(headers.cloned());
    Some(response)
}

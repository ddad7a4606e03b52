//! Receives a request: the rules of its head that hyper leaves to servers, and its body within limits and budget.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{EXPECT, HOST, RETRY_AFTER};
use http::{HeaderValue, Request, StatusCode, Version, request::Parts};
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use tokio::time::{Instant, timeout, timeout_at};

use super::limits::Limits;
use super::memory::{ByteBudget, Reservation, UNCOUNTED};
use super::write_timeout::PROGRESS;
use crate::vocabulary::message::Response;
use crate::vocabulary::problem::Problem;

/// The bytes around the name and value of a header line: `: ` and the end of the line.
const LINE: usize = 4;

/// A received request with the memory that its body takes.
pub(crate) type Received = (Request<Bytes>, Reservation);

/// Receives the body of a request.
///
/// # Errors
/// The refusal, which closes the connection.
pub(crate) async fn receive(
    request: Request<Incoming>,
    limits: &Limits,
    budget: &ByteBudget,
) -> Result<Received, Response> {
    let (parts, body) = request.into_parts();
    check_head(&parts, limits).map_err(closing)?;
    if body.is_end_stream() {
        return Ok((Request::from_parts(parts, Bytes::new()), Reservation::default()));
    }
    let declared = body.size_hint().lower();
    if declared > limits.body_bytes as u64 {
        return Err(closing(too_long()));
    }
    let declared = usize::try_from(declared).unwrap_or(usize::MAX);
    let received = read(body, declared, limits, budget);
    let received = Box::pin(timeout(limits.body_timeout, received)).await.unwrap_or_else(|_| Err(late()));
    let (bytes, reservation) = received.map_err(closing)?;
    Ok((Request::from_parts(parts, bytes), reservation))
}

/// Checks what hyper does not: the length of target and head, `Host` (RFC 9112, 3.2) and `Expect` (RFC 9110, 10.1.1).
fn check_head(parts: &Parts, limits: &Limits) -> Result<(), Problem> {
    let Parts { uri, headers, version, .. } = parts;
    let target = uri.path_and_query().map_or(0, |target| target.as_str().len());
    if target > limits.target_bytes {
        let detail = format!("the target has {target} bytes, and the mock accepts {}", limits.target_bytes);
        return Err(Problem::new(StatusCode::URI_TOO_LONG, detail));
    }
    let (mut head, mut hosts, mut expects_more) = (target, 0, false);
    for (name, value) in headers {
        head += name.as_str().len() + value.len() + LINE;
        hosts += usize::from(name == HOST);
        expects_more |= name == EXPECT && !value.as_bytes().eq_ignore_ascii_case(b"100-continue");
    }
    if head > limits.header_bytes {
        let detail = format!("the head has {head} bytes, and the mock accepts {}", limits.header_bytes);
        return Err(Problem::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, detail));
    }
    if hosts > 1 || hosts == 0 && *version >= Version::HTTP_11 {
        let detail = "a request has one `Host` header field (RFC 9112, 3.2)";
        return Err(Problem::new(StatusCode::BAD_REQUEST, detail));
    }
    if expects_more {
        let detail = "the mock knows one expectation: `100-continue`";
        return Err(Problem::new(StatusCode::EXPECTATION_FAILED, detail));
    }
    Ok(())
}

/// Reads a body. A large one reserves its declared length before its first byte is read, so that it can be read to its
/// end; one of unknown length reserves more as it grows.
async fn read(
    mut body: Incoming,
    declared: usize,
    limits: &Limits,
    budget: &ByteBudget,
) -> Result<(Bytes, Reservation), Problem> {
    let mut reservation = budget.reserve(declared, limits.stall_timeout).await.ok_or_else(busy)?;
    let mut bytes = BytesMut::with_capacity(declared);
    let mut window = Window::new(limits.stall_timeout);
    loop {
        let is_counted = bytes.len() > UNCOUNTED;
        let frame = match is_counted {
            false => body.frame().await,
            true => timeout_at(window.end, body.frame()).await.map_err(|_| late())?,
        };
        let Some(frame) = frame else { return Ok((bytes.freeze(), reservation)) };
        let frame = frame.map_err(|_| {
            Problem::new(StatusCode::BAD_REQUEST, "the body broke off or is not framed as HTTP asks")
        })?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > limits.body_bytes {
            return Err(too_long());
        }
        window.advance(data.len());
        bytes.extend_from_slice(&data);
        if !budget.try_extend(&mut reservation, bytes.capacity()) {
            return Err(busy());
        }
    }
}

/// The time in which the next 64 KiB have to come.
struct Window {
    length: Duration,
    end: Instant,
    received: usize,
}

impl Window {
    fn new(length: Duration) -> Self {
        Self { length, end: Instant::now() + length, received: 0 }
    }

    fn advance(&mut self, received: usize) {
        self.received += received;
        if self.received >= PROGRESS {
            (self.received, self.end) = (0, Instant::now() + self.length);
        }
    }
}

fn too_long() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is longer than the mock accepts")
}

fn late() -> Problem {
    Problem::new(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time")
}

/// Returns the refusal of a body for which no memory is free.
pub(crate) fn busy() -> Problem {
    let detail = "the mock is moving as many bytes as it may at once (--max-buffer-bytes)";
    let mut problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail);
    problem.headers.push((RETRY_AFTER, HeaderValue::from_static("1")));
    problem
}

/// Returns a refusal that closes the connection: the rest of the request is not read.
pub(crate) fn closing(problem: Problem) -> Response {
    let mut response = problem.into_response();
    response.headers_mut().insert(http::header::CONNECTION, HeaderValue::from_static("close"));
    response
}

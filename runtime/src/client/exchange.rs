//! Sends a request, and reads its response as the documented response.

use std::time::{Duration, Instant};

use http::{HeaderValue, StatusCode, header};
use serde_json::Value;

use super::placed::Placed;
use super::{Call, Error, Next, Request};
use crate::body::Body;
use crate::param;
use crate::payload::Payload;
use crate::problem::Fault;
use crate::response::{self, Case, Reply, Responses};
use crate::security;

impl Request {
    /// Returns the call that sends the request and reads the documented response. It owns its data, so it can be
    /// spawned.
    pub fn send<R: Responses>(self) -> Call<R> {
        Call::new(self, |request| Box::pin(request.answer()))
    }

    async fn answer<R: Responses>(self) -> Result<R, Error> {
        let (case, reply) = self.reply(R::CASES).await?;
        let (status, body) = (reply.status, reply.payload.body.as_bytes().cloned().unwrap_or_default());
        R::read(case.status, reply).map_err(|fault| Error::Decode { status, fault: fault.into(), body })
    }

    /// Sends the request and waits for the documented response. A streamed body has no time limit.
    async fn reply(self, cases: &'static [Case]) -> Result<(Case, Reply), Error> {
        let (limit, timer) = (self.core.inner.config.body_limit, Timer::start(self.timeout));
        let reply = timer.bound(self.exchange(&response::accept(cases))).await?;
        let Some(case) = response::case_of(cases, reply.status) else {
            return Err(timer.bound(async { Ok(undocumented(reply, limit).await) }).await?);
        };
        let content_type = reply.payload.content_type();
        let hand_over =
            case.streams.says(content_type) && response::is_documented(content_type, case.media_types);
        let reply = match hand_over {
            true => reply,
            false => timer.bound(read(reply, case.media_types, limit)).await?,
        };
        Ok((*case, reply))
    }

    /// Sends the request, without reading the response's body.
    async fn exchange(self, accept: &str) -> Result<Reply, Error> {
        let (core, operation) = (self.core.clone(), self.operation);
        let next = Next { http: &core.inner.http, rest: &core.inner.config.middleware, operation };
        let response = next.run(self.build(accept)?).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Reply {
            status,
            payload: Payload { headers, body: Body::stream(without_url(response)), ..Payload::default() },
        })
    }

    fn build(mut self, accept: &str) -> Result<reqwest::Request, Error> {
        self.authorize()?;
        let (method, template) = self.operation.split_once(' ').unwrap_or(("GET", self.operation));
        let url = self.target(template);
        let method = method.parse().map_err(|_| Fault::new("syntax", "an HTTP method", method));
        let (method, url) = match (method, url) {
            (Ok(method), Ok(url)) if self.faults.is_empty() => (method, url),
            (method, url) => {
                self.faults.extend(method.err().into_iter().chain(url.err()));
                return Err(Error::InvalidRequest(self.faults));
            }
        };
        let mut request = reqwest::Request::new(method, url);
        let headers = &mut self.payload.headers;
        if let (false, Ok(accept)) = (headers.contains_key(header::ACCEPT), HeaderValue::try_from(accept)) {
            headers.insert(header::ACCEPT, accept);
        }
        *request.headers_mut() = std::mem::take(headers);
        *request.body_mut() = Some(match self.payload.body.as_bytes() {
            Some(bytes) => bytes.clone().into(),
            None => reqwest::Body::wrap_stream(self.payload.body),
        });
        Ok(request)
    }

    /// Returns the URL with its query. Faults must not contain it: it may contain a credential.
    fn target(&self, template: &str) -> Result<reqwest::Url, Fault> {
        let mut url = match &self.url {
            Some(url) => url.clone(),
            None => {
                let base =
                    self.base.as_deref().or(self.core.inner.config.base_url.as_deref()).unwrap_or_default();
                format!("{}{}", base.trim_end_matches('/'), param::fill_path(template, &self.path)?)
            }
        };
        param::push_query(&mut url, &self.query);
        let parsed = reqwest::Url::parse(&url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        parsed.ok_or_else(|| Fault::new("syntax", "an http or https URL", "…"))
    }

    /// Adds the credentials that the operation asks for, and no others.
    fn authorize(&mut self) -> Result<(), Error> {
        let missing = || Error::MissingCredential { operation: self.operation, alternatives: self.security };
        let chosen = security::choose(self.security, &self.core.inner.credentials).ok_or_else(missing)?;
        let mut placed = Placed::default();
        self.faults.extend(chosen.iter().filter_map(|credential| placed.put(credential).err()));
        let Placed { headers, query, cookies } = placed;
        self.query.extend(query);
        self.cookies.extend(cookies);
        self.payload.headers.extend(headers);
        if !self.cookies.is_empty() {
            let name = header::COOKIE.as_str();
            let cookies = Value::from(self.cookies.join("; "));
            let put = response::put_header(&mut self.payload.headers, name, param::SIMPLE, &cookies);
            self.faults.extend(put.err());
        }
        Ok(())
    }
}

/// Returns the time limit of a call, including retries of middleware and the response body.
#[derive(Clone, Copy)]
struct Timer(Option<(Duration, Instant)>);

impl Timer {
    fn start(timeout: Option<Duration>) -> Self {
        Self(timeout.map(|limit| (limit, Instant::now())))
    }

    async fn bound<T>(self, step: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let Some((limit, begun)) = self.0 else { return step.await };
        let left = limit.saturating_sub(begun.elapsed());
        tokio::time::timeout(left, step).await.map_err(|_| Error::Timeout(limit))?
    }
}

fn without_url(
    response: reqwest::Response,
) -> impl futures_util::Stream<Item = Result<bytes::Bytes, reqwest::Error>> {
    use futures_util::StreamExt;
    response.bytes_stream().map(|piece| piece.map_err(reqwest::Error::without_url))
}

/// Reads the body of a documented status, if its media type is a documented one.
async fn read(reply: Reply, media_types: &'static [&'static str], limit: usize) -> Result<Reply, Error> {
    let Reply { status, payload: Payload { headers, body, .. } } = reply;
    let body = whole(status, body, limit).await?;
    let reply =
        Reply { status, payload: Payload { headers, body: body.clone().into(), ..Payload::default() } };
    if response::is_documented(reply.payload.content_type(), media_types) {
        return Ok(reply);
    }
    let expected = format!("a body of {}", media_types.join(" or "));
    let fault = Fault::new("content", expected, reply.payload.content_type()).into();
    Err(Error::Decode { status, fault, body })
}

async fn undocumented(reply: Reply, limit: usize) -> Error {
    let Reply { status, payload: Payload { headers, body, .. } } = reply;
    match whole(status, body, limit).await {
        Ok(body) => Error::UndocumentedStatus { status, headers: headers.into(), body },
        Err(error) => error,
    }
}

async fn whole(status: StatusCode, body: Body, limit: usize) -> Result<bytes::Bytes, Error> {
    body.read(limit).await.map_err(|error| Error::Body { status, error })
}

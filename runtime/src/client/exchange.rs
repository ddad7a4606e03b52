//! Sends a request.

use std::time::{Duration, Instant};

use http::{HeaderValue, StatusCode, header};
use serde_json::Value;

use super::placed::Placed;
use super::trace::{self, Attempts};
use super::{Error, Next, Received, Request};
use crate::body::Body;
use crate::param;
use crate::payload::Payload;
use crate::problem::Fault;
use crate::response::{self, Reply};
use crate::security::{self, Credential};

impl Request {
    /// Sends the request, without reading the response's body. After a 401 it is sent again with fresh credentials, if
    /// those can be fetched and the body is not a stream.
    pub(super) async fn exchange(self, accept: &str) -> Result<Reply, Error> {
        trace::call(self.operation, self.attempted(accept), |reply| reply.status).await
    }

    async fn attempted(self, accept: &str) -> Result<Reply, Error> {
        let attempts = Attempts::default();
        let (core, operation) = (self.core.clone(), self.operation);
        let source = &core.inner.credentials;
        let unfetched = |error| Error::Credentials { operation, error };
        let needed = !self.security.is_empty();
        let held = if needed { source.get(None).await.map_err(unfetched)? } else { [].into() };
        let again = if needed && source.refreshes() { self.again() } else { None };
        let reply = self.attempt(accept, &held, &attempts).await?;
        let (StatusCode::UNAUTHORIZED, Some(again)) = (reply.status, again) else { return Ok(reply) };
        let fresh = source.get(Some(&held)).await.map_err(unfetched)?;
        again.attempt(accept, &fresh, &attempts).await
    }

    async fn attempt(
        self,
        accept: &str,
        credentials: &[(&'static str, Credential)],
        attempts: &Attempts,
    ) -> Result<Reply, Error> {
        let (core, operation) = (self.core.clone(), self.operation);
        let config = &core.inner.config;
        let (rest, limit) = (config.middleware.as_slice(), config.attempt_timeout);
        let next = Next { http: &core.inner.http, rest, operation, limit, attempts };
        let response = next.run(self.build(accept, credentials)?).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Reply {
            status,
            payload: Payload { headers, body: Body::stream(without_url(response)), ..Payload::default() },
        })
    }

    fn build(
        mut self,
        accept: &str,
        credentials: &[(&'static str, Credential)],
    ) -> Result<reqwest::Request, Error> {
        self.authorize(credentials)?;
        let (method, _) = self.operation.split_once(' ').unwrap_or(("GET", ""));
        let url = self.target();
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
    pub(super) fn target(&self) -> Result<reqwest::Url, Fault> {
        let (_, template) = self.operation.split_once(' ').unwrap_or_default();
        let mut url = match &self.url {
            Some(url) => url.clone(),
            None => {
                let base =
                    self.base.as_deref().or(self.core.inner.config.base_url.as_deref()).unwrap_or_default();
                format!("{}{}", base.trim_end_matches('/'), param::fill_path(template, &self.path)?)
            }
        };
        let query: Vec<&str> = self.query.iter().map(|(_, part)| part.as_str()).collect();
        param::push_query(&mut url, &query);
        let parsed = reqwest::Url::parse(&url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        parsed.ok_or_else(|| Fault::new("syntax", "an http or https URL", "…"))
    }

    /// Adds the credentials that the operation asks for, and no others.
    fn authorize(&mut self, credentials: &[(&'static str, Credential)]) -> Result<(), Error> {
        let missing = || Error::MissingCredential { operation: self.operation, alternatives: self.security };
        let chosen = security::choose(self.security, credentials).ok_or_else(missing)?;
        for credential in &chosen {
            // A link to the next page may repeat the credential.
            if let (Credential::Query(name, _), Some(url)) = (credential, &mut self.url) {
                *url = without(url, name);
            }
        }
        let mut placed = Placed::default();
        self.faults.extend(chosen.iter().filter_map(|credential| placed.put(credential).err()));
        let Placed { headers, query, cookies } = placed;
        self.query.extend(query.into_iter().map(|part| ("", part)));
        self.cookies.extend(cookies.into_iter().map(|pair| ("", pair)));
        self.payload.headers.extend(headers);
        if !self.cookies.is_empty() {
            let name = header::COOKIE.as_str();
            let cookies = Value::from(
                self.cookies.iter().map(|(_, pair)| pair.as_str()).collect::<Vec<_>>().join("; "),
            );
            let put = response::put_header(&mut self.payload.headers, name, param::SIMPLE, &cookies);
            self.faults.extend(put.err());
        }
        Ok(())
    }
}

/// Removes a parameter from the query of a URL.
fn without(url: &str, name: &str) -> String {
    let Some((path, query)) = url.split_once('?') else { return url.to_owned() };
    let is_it = |pair: &str| {
        let key = pair.split('=').next().unwrap_or_default();
        percent_encoding::percent_decode_str(key).decode_utf8_lossy() == name
    };
    let kept: Vec<&str> = query.split('&').filter(|pair| !is_it(pair)).collect();
    let mut url = path.to_owned();
    param::push_query(&mut url, &kept);
    url
}

/// Bounds the steps of a call by one time limit, including retries of middleware and the response body.
#[derive(Clone, Copy)]
pub(super) struct Timer {
    operation: &'static str,
    limit: Option<(Duration, Instant)>,
}

impl Timer {
    pub(super) fn start(operation: &'static str, timeout: Option<Duration>) -> Self {
        Self { operation, limit: timeout.map(|limit| (limit, Instant::now())) }
    }

    pub(super) async fn bound<T>(self, step: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let Some((limit, begun)) = self.limit else { return step.await };
        let left = limit.saturating_sub(begun.elapsed());
        let late = |_| Error::Timeout { operation: self.operation, limit };
        tokio::time::timeout(left, step).await.map_err(late)?
    }
}

fn without_url(
    response: reqwest::Response,
) -> impl futures_util::Stream<Item = Result<bytes::Bytes, reqwest::Error>> {
    use futures_util::StreamExt;
    response.bytes_stream().map(|piece| piece.map_err(reqwest::Error::without_url))
}

/// Reads a body into memory, beside the rest of its response.
pub(super) async fn whole(mut received: Received, body: Body, limit: usize) -> Result<Received, Error> {
    match body.read(limit).await {
        Ok(body) => {
            received.body = body;
            Ok(received)
        }
        Err(error) => Err(Error::Body { received: received.into(), error }),
    }
}

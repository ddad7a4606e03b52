//! Sends requests: no redirects followed, bounded time and size.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::Url;

use crate::exchange::{Exchange, HttpRequest, HttpResponse, NoAnswer};

/// How long a call may take, from its start to the last byte of its answer.
const DEADLINE: Duration = Duration::from_secs(20);
/// How long an answer may be.
const MAX_BODY: usize = 32 << 20;

/// A way to the service under test.
#[derive(Clone, Debug)]
pub struct Sender {
    client: reqwest::Client,
    base: String,
}

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
    /// A way to the service at a base URL, to which the document's paths are added.
    pub fn new(base: &str) -> Result<Self, TargetError> {
        let parsed =
            Url::parse(base).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let mut url = parsed.ok_or_else(|| TargetError::Url(base.to_owned()))?;
        url.set_query(None);
        url.set_fragment(None);
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(DEADLINE);
        let client = client.build().map_err(|error| TargetError::Client(error.to_string()))?;
        Ok(Self { client, base: url.as_str().trim_end_matches('/').to_owned() })
    }

    /// The base URL, without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Sends a request and reads the answer.
    pub async fn send(&self, request: HttpRequest) -> Exchange {
        let answer = self.attempt(&request).await;
        Exchange { request, answer }
    }

    async fn attempt(&self, request: &HttpRequest) -> Result<HttpResponse, NoAnswer> {
        let url = format!("{}{}", self.base, request.target);
        let method =
            request.method.parse().map_err(|_| NoAnswer::Broken("the method cannot be sent".to_owned()))?;
        let mut builder = self.client.request::<&str>(method, &url);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        let response = builder.send().await.map_err(reason)?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(HttpResponse { status, headers, body: read(response).await? })
    }
}

async fn read(mut response: reqwest::Response) -> Result<Bytes, NoAnswer> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(reason)? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(NoAnswer::Broken(format!("its body is longer than {MAX_BODY} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
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

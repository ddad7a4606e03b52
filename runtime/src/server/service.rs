//! Decides which endpoint a request is for, and reads its body before the endpoint sees it.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use http::request::Parts;
use http::{HeaderValue, StatusCode, header};

use super::handler::{Endpoint, Handler, Operation};
use super::{Context, FromRequest, Request, Response, refusal};
use crate::body::{Body, ReadError};
use crate::problem::Problem;
use crate::response::Responses;
use crate::route::{self, Find, Table, TrailingSlash};
use crate::security::{self, Credential, Credentials, Security};

/// The routes of a generated server. Cloning it is cheap.
#[derive(Clone)]
pub struct Service {
    table: Arc<Table<Entry>>,
    body_limit: usize,
}

struct Entry {
    operation: &'static str,
    guard: Option<Guard>,
    endpoint: Box<dyn Endpoint>,
}

/// What a request must present before its operation looks at it.
struct Guard {
    security: Security,
    presented: fn(&Parts) -> Vec<(&'static str, Credential)>,
    challenges: &'static [&'static str],
}

/// A [`Service`] in the making.
pub struct Builder<A> {
    api: Arc<A>,
    table: Table<Entry>,
    slash: TrailingSlash,
}

impl<A: Send + Sync + 'static> Builder<A> {
    /// Whether the routes added from here on answer with and without a slash at their end.
    #[must_use]
    pub fn trailing_slash(mut self, slash: TrailingSlash) -> Self {
        self.slash = slash;
        self
    }

    /// Adds an operation, `GET /pets/{petId}`, and the method that answers it.
    #[must_use]
    pub fn route<I, R, H>(mut self, operation: &'static str, handler: H) -> Self
    where
        I: FromRequest,
        R: Responses + Send,
        H: for<'a> Handler<'a, A, I, R> + 'static,
    {
        let endpoint = Operation { api: Arc::clone(&self.api), handler, types: PhantomData };
        self.add(Entry { operation, guard: None, endpoint: Box::new(endpoint) });
        self
    }

    /// Lets the operation added last be reached only with what it asks for: a request that presents none of the
    /// alternatives is answered with 401. Whether what is presented is any good, the method says
    /// ([`Context::credentials`]).
    #[must_use]
    pub fn requires<C: Credentials>(mut self, security: Security) -> Self {
        if let Some(entry) = self.table.last_mut() {
            let presented = |parts: &Parts| C::presented(parts).held();
            entry.guard = Some(Guard { security, presented, challenges: C::CHALLENGES });
        }
        self
    }

    fn add(&mut self, entry: Entry) {
        let (method, template) = entry.operation.split_once(' ').unwrap_or(("GET", entry.operation));
        self.table.add(method, &route::parse(template), self.slash, entry);
    }

    /// Ends the table.
    pub fn build(self) -> Service {
        Service { table: Arc::new(self.table), body_limit: 2 << 20 }
    }
}

/// What a request came to.
pub(super) enum Outcome {
    Answered(Response),
    NotWritten,
    NotFound,
    MethodNotAllowed(String),
}

impl Service {
    /// The beginning of a service whose operations are methods of this value. HEAD is answered as GET.
    pub fn builder<A: Send + Sync + 'static>(api: A) -> Builder<A> {
        Builder { api: Arc::new(api), table: Table::new().head_is_get(), slash: TrailingSlash::Strict }
    }

    /// How many bytes of a request's body are read into memory at most; 2 MiB if nothing is said.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Answers a request; `None` where no route is for it, or its operation is not written, so that another can
    /// answer.
    pub async fn call<B: Into<Body>>(&self, request: http::Request<B>) -> Option<Response> {
        match self.outcome(request.map(Into::into)).await {
            Outcome::Answered(response) => Some(response),
            _ => None,
        }
    }

    pub(super) async fn outcome(&self, request: http::Request<Body>) -> Outcome {
        let (parts, body) = request.into_parts();
        let target = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        let found = match self.table.find(parts.method.as_str(), target, &parts.headers) {
            Find::Found(found) => found,
            Find::NotFound => return Outcome::NotFound,
            Find::MethodNotAllowed(allowed) => return Outcome::MethodNotAllowed(allowed.join(", ")),
        };
        let path =
            found.parameters.iter().map(|(name, raw)| ((*name).to_owned(), (*raw).to_owned())).collect();
        let Entry { operation, guard, endpoint } = found.value;
        if let Some(refusal) = guard.as_ref().and_then(|guard| guard.refuse(&parts)) {
            return Outcome::Answered(refusal);
        }
        let body = match body {
            body if endpoint.streams() => body,
            body => match body.read(self.body_limit).await {
                Ok(bytes) => bytes.into(),
                Err(error) => return Outcome::Answered(unread(&error)),
            },
        };
        let request = Request::new(Context { operation, parts }, path, body);
        endpoint.answer(request).await.map_or(Outcome::NotWritten, Outcome::Answered)
    }
}

impl Guard {
    /// 401 with a challenge for each scheme (RFC 9110, 15.5.2), where no alternative is presented in full.
    fn refuse(&self, parts: &Parts) -> Option<Response> {
        if security::choose(self.security, &(self.presented)(parts)).is_some() {
            return None;
        }
        let alternatives: Vec<String> = self.security.iter().map(|all| all.join(" and ")).collect();
        let detail = format!("a credential is needed: {}", alternatives.join(", or "));
        let mut response = refusal::response(&Problem::new(StatusCode::UNAUTHORIZED).detail(detail));
        for challenge in self.challenges {
            response.headers_mut().append(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        Some(response)
    }
}

fn unread(error: &ReadError) -> Response {
    let status = match error {
        ReadError::TooLong(_) => StatusCode::PAYLOAD_TOO_LARGE,
        ReadError::Broken(_) => StatusCode::BAD_REQUEST,
    };
    refusal::response(&Problem::new(status).detail(error.to_string()))
}

impl Outcome {
    /// A response for every outcome: 404, 405 with `Allow` (RFC 9110, 15.5.6) and 501 where there is no answer.
    pub(super) fn into_response(self) -> Response {
        match self {
            Self::Answered(response) => response,
            Self::NotFound => refusal::response(&Problem::new(StatusCode::NOT_FOUND)),
            Self::NotWritten => refusal::response(&Problem::new(StatusCode::NOT_IMPLEMENTED)),
            Self::MethodNotAllowed(allowed) => {
                let problem =
                    Problem::new(StatusCode::METHOD_NOT_ALLOWED).detail(format!("allowed: {allowed}"));
                let mut response = refusal::response(&problem);
                response
                    .headers_mut()
                    .extend(HeaderValue::try_from(allowed).ok().map(|value| (header::ALLOW, value)));
                response
            }
        }
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.table.values().map(|entry| entry.operation)).finish()
    }
}

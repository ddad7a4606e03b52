//! Routes requests to endpoints, and reads their bodies first.

use std::fmt;
use std::marker::PhantomData;
use std::path::Path;
use std::sync::Arc;

use http::request::Parts;
use http::{HeaderValue, Method, StatusCode, header};
use serde::Serialize;
use serde_json::Value;

use super::guard::{self, Checked, Guard, Nobody};
use super::handler::{Endpoint, Handler, Operation, OwnFault};
use super::refusal::Outcome;
use super::request::Intake;
use super::upload::{self, Limits, Stop};
use super::{Context, FromRequest, Request, Response, refusal};
use crate::body::Body;
use crate::media::{self, MediaKind};
use crate::multipart::Upload;
use crate::problem::{Fault, Problem};
use crate::response::{self, Answers, Case};
use crate::route::{self, Find, Table, TrailingSlash};
use crate::security::{Credentials, Security};

/// The routes of a generated server. Cloning it is cheap.
#[derive(Clone)]
pub struct Service {
    table: Arc<Table<Entry>>,
    guard: Arc<dyn Guard>,
    limits: Limits,
    problems: Option<Arc<Describe>>,
    faults: Arc<Report>,
}

/// Describes a problem in the API's own schema of errors.
type Describe = dyn Fn(&Problem) -> Value + Send + Sync;
/// Reports the fault of an operation's own response.
type Report = dyn Fn(&'static str, &Fault) + Send + Sync;

struct Entry {
    operation: &'static str,
    security: Security,
    endpoint: Box<dyn Endpoint>,
}

/// A builder of a [`Service`].
pub struct Builder<A> {
    api: Arc<A>,
    table: Table<Entry>,
    slash: TrailingSlash,
    guard: Arc<dyn Guard>,
    path: Option<String>,
}

impl<A: Send + Sync + 'static> Builder<A> {
    /// Sets whether the following routes match with and without a final slash.
    #[must_use]
    pub fn trailing_slash(mut self, slash: TrailingSlash) -> Self {
        self.slash = slash;
        self
    }

    /// Sets the method that verifies credentials before the operation receives a request, and returns the principal. It
    /// is called for operations that require a credential ([`Builder::requires`]).
    #[must_use]
    pub fn guarded_by<C, P, H>(mut self, check: H) -> Self
    where
        C: Credentials + 'static,
        P: Send + Sync + 'static,
        H: for<'a> Handler<'a, A, (), C, P> + 'static,
    {
        self.guard = Arc::new(Checked { api: Arc::clone(&self.api), check, types: PhantomData });
        self
    }

    /// Sets the path template of the next operation, instead of the one in its name: for webhooks and callbacks, whose
    /// receiver chooses the path.
    #[must_use]
    pub fn at(mut self, path: &str) -> Self {
        self.path = Some(path.to_owned());
        self
    }

    /// Adds an operation, `GET /pets/{petId}`, with its method.
    #[must_use]
    pub fn route<P, I, R, H>(mut self, operation: &'static str, handler: H) -> Self
    where
        P: Send + Sync + 'static,
        I: FromRequest,
        R: Answers + Send,
        H: for<'a> Handler<'a, A, P, I, R> + 'static,
    {
        let endpoint = Operation { api: Arc::clone(&self.api), handler, types: PhantomData };
        self.add(Entry { operation, security: &[], endpoint: Box::new(endpoint) });
        self
    }

    /// Sets the security of the last added operation: a request without the credentials of any alternative is answered
    /// with 401. The method of [`Builder::guarded_by`] verifies them; without it, all are refused.
    #[must_use]
    pub fn requires(mut self, security: Security) -> Self {
        self.table.last_mut().into_iter().for_each(|entry| entry.security = security);
        self
    }

    fn add(&mut self, entry: Entry) {
        let (method, template) = entry.operation.split_once(' ').unwrap_or(("GET", entry.operation));
        let path = self.path.take();
        let template = route::parse(path.as_deref().unwrap_or(template));
        self.table.add(method, &template, self.slash, entry);
    }

    /// Returns the service.
    pub fn build(self) -> Service {
        let limits = Limits { memory: 2 << 20, files: 64 << 20, folder: None };
        Service {
            table: Arc::new(self.table),
            guard: self.guard,
            limits,
            problems: None,
            faults: Arc::new(log),
        }
    }
}

impl Service {
    /// Returns a builder for a service whose operations are methods of this value. HEAD is handled as GET.
    pub fn builder<A: Send + Sync + 'static>(api: A) -> Builder<A> {
        let table = Table::new().head_is_get();
        Builder {
            api: Arc::new(api),
            table,
            slash: TrailingSlash::default(),
            guard: Arc::new(Nobody),
            path: None,
        }
    }

    /// Sets the maximum size of a request body in memory, by default 2 MiB.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.limits.memory = bytes;
        self
    }

    /// Sets the maximum total size of the files in a form, by default 64 MiB. Larger files are not kept in memory, but
    /// in an unnamed temporary file ([`Service::file_folder`]).
    #[must_use]
    pub fn file_limit(mut self, bytes: u64) -> Self {
        self.limits.files = bytes;
        self
    }

    /// Sets the folder for the files of a form, by default the system's folder for temporary files, which on some
    /// systems is in memory.
    #[must_use]
    pub fn file_folder(mut self, folder: impl AsRef<Path>) -> Self {
        self.limits.folder = Some(folder.as_ref().into());
        self
    }

    /// Describes every refusal, those of the service itself too, as a JSON value of this type instead of problem details
    /// (RFC 9457): the API's own schema of errors. Its media type is the one that the operation documents for the status.
    #[must_use]
    pub fn problems<T: Serialize>(
        mut self,
        describe: impl Fn(&Problem) -> T + Send + Sync + 'static,
    ) -> Self {
        let describe = move |problem: &Problem| serde_json::to_value(describe(problem)).unwrap_or_default();
        self.problems = Some(Arc::new(describe));
        self
    }

    /// Reports each response of an operation that its document does not allow, such as an undocumented status or a value
    /// without a JSON form; its caller gets a 500 without the reason. By default it is an error event of `tracing`, with this
    /// feature, else a line of the standard error.
    #[must_use]
    pub fn faults(mut self, report: impl Fn(&'static str, &Fault) + Send + Sync + 'static) -> Self {
        self.faults = Arc::new(report);
        self
    }

    /// Answers a request; `None` if no route matches or the operation is not implemented, so that a fallback can
    /// answer.
    pub async fn call<B: Into<Body>>(&self, request: http::Request<B>) -> Option<Response> {
        match self.outcome(request.map(Into::into)).await {
            (Outcome::Answered(response), cases) => Some(self.described(response, cases)),
            _ => None,
        }
    }

    /// Answers every request: those that [`Service::call`] does not answer are refused with problem details (RFC 9457).
    pub async fn respond<B: Into<Body>>(&self, request: http::Request<B>) -> Response {
        let (outcome, cases) = self.outcome(request.map(Into::into)).await;
        self.described(outcome.into_response(), cases)
    }

    /// Writes a refusal in the API's own schema of errors, if it has one.
    fn described(&self, mut response: Response, cases: &'static [Case]) -> Response {
        let (Some(describe), Some(problem)) = (&self.problems, response.extensions_mut().remove::<Problem>())
        else {
            return response;
        };
        let documented = response::case_of(cases, response.status()).map_or(&[][..], |case| case.media_types);
        let json = documented.iter().copied().find(|media_type| MediaKind::of(media_type) == MediaKind::Json);
        let media_type = HeaderValue::from_static(json.unwrap_or("application/json"));
        response.headers_mut().insert(header::CONTENT_TYPE, media_type);
        *response.body_mut() = Body::from(describe(&problem).to_string());
        response
    }

    /// Returns what a request comes to, and the documented responses of its operation.
    async fn outcome(&self, request: http::Request<Body>) -> (Outcome, &'static [Case]) {
        let (parts, body) = request.into_parts();
        let target = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        let found = match self.table.find(parts.method.as_str(), target, &parts.headers) {
            Find::Found(found) => found,
            Find::MethodNotAllowed(methods) if parts.method == Method::OPTIONS => {
                return (Outcome::Options(route::allow(methods)), &[]);
            }
            Find::MethodNotAllowed(methods) => {
                return (Outcome::MethodNotAllowed(route::allow(methods)), &[]);
            }
            Find::NotFound if parts.method == Method::OPTIONS && target == "*" => {
                return (Outcome::Options(route::allow(Vec::new())), &[]);
            }
            Find::NotFound => return (Outcome::NotFound, &[]),
        };
        let path =
            found.parameters.iter().map(|(name, raw)| ((*name).to_owned(), (*raw).to_owned())).collect();
        let entry = found.value;
        let mut outcome = self.reach(entry, parts, path, body).await;
        if let Outcome::Answered(response) = &mut outcome {
            guard::challenge(&*self.guard, entry.security, response);
            if let Some(OwnFault(fault)) = response.extensions_mut().remove() {
                (self.faults)(entry.operation, &fault);
            }
        }
        (outcome, entry.endpoint.cases())
    }

    /// Has an operation answer a request, where its credentials are good and its body can be read.
    async fn reach(&self, entry: &Entry, parts: Parts, path: Vec<(String, String)>, body: Body) -> Outcome {
        let Entry { operation, security, endpoint } = entry;
        let context = Context { operation, parts, requirement: &[], principal: None };
        let context = match guard::admit(&*self.guard, security, context).await {
            Ok(context) => context,
            Err(outcome) => return outcome,
        };
        let intake = match self.take_in(&**endpoint, content_type(&context.parts), body).await {
            Ok(intake) => intake,
            Err(Stop::Fault(fault)) => Intake::Parts(Err(fault)),
            Err(Stop::Refused(status, detail)) => {
                return Outcome::Answered(refusal::response(&Problem::new(status).detail(detail)));
            }
        };
        let request = Request::new(context, path, intake);
        endpoint.answer(request).await.map_or(Outcome::Unimplemented, Outcome::Answered)
    }

    /// Takes a body in as its operation wants it.
    async fn take_in(&self, endpoint: &dyn Endpoint, content_type: &str, body: Body) -> Result<Intake, Stop> {
        if endpoint.streams().says(content_type) {
            return Ok(Intake::Body(body));
        }
        let is_it = |upload: &&Upload| media::select(content_type, upload.media_types).is_some();
        match endpoint.uploads().iter().flatten().find(is_it) {
            // No byte is no form; what is absent is reported when the arguments are read.
            Some(form) if !body.as_bytes().is_some_and(bytes::Bytes::is_empty) => {
                let parts = upload::receive(content_type, body, form.files, &self.limits).await?;
                Ok(Intake::Parts(Ok(parts)))
            }
            _ => {
                let bytes = body.read(self.limits.memory).await.map_err(|error| upload::unread(&error))?;
                Ok(Intake::Body(bytes.into()))
            }
        }
    }
}

#[cfg(feature = "tracing")]
fn log(operation: &'static str, fault: &Fault) {
    tracing::error!(operation, %fault, "the response is not as documented");
}

#[cfg(not(feature = "tracing"))]
fn log(operation: &'static str, fault: &Fault) {
    eprintln!("{operation}: the response is not as documented: {fault}");
}

fn content_type(parts: &Parts) -> &str {
    parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

impl Outcome {
    /// Returns a response for every outcome: where there is no answer 404, 405 with `Allow` (RFC 9110, 15.5.6), or 501; for
    /// OPTIONS 204 with `Allow` (RFC 9110, 9.3.7).
    fn into_response(self) -> Response {
        match self {
            Self::Answered(response) => response,
            Self::NotFound => refusal::response(&Problem::new(StatusCode::NOT_FOUND)),
            Self::Unimplemented => refusal::response(&Problem::new(StatusCode::NOT_IMPLEMENTED)),
            Self::MethodNotAllowed(allowed) => {
                let problem =
                    Problem::new(StatusCode::METHOD_NOT_ALLOWED).detail(format!("allowed: {allowed}"));
                allowing(refusal::response(&problem), allowed)
            }
            Self::Options(allowed) => {
                let mut response = Response::new(Body::default());
                *response.status_mut() = StatusCode::NO_CONTENT;
                allowing(response, allowed)
            }
        }
    }
}

fn allowing(mut response: Response, methods: String) -> Response {
    response.headers_mut().extend(HeaderValue::try_from(methods).ok().map(|value| (header::ALLOW, value)));
    response
}

impl fmt::Debug for Service {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.table.values().map(|entry| entry.operation)).finish()
    }
}

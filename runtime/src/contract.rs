//! Calls operations of a generated client by name, with JSON values as arguments, for contract tests and the closed
//! loop.

use std::pin::Pin;

use bytes::Bytes;
use futures_util::stream;
use http::StatusCode;
use indexmap::IndexMap;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::body::Body;
use crate::client::Error;
use crate::items::Items;
use crate::multipart::{self, Form};
use crate::param::{self, Location};
use crate::payload::Content;
use crate::problem::Fault;
use crate::response::{Answers, Reply};

/// A call's arguments as JSON values.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// The parameters by location and name.
    pub parameters: IndexMap<(Location, String), Value>,
    /// The body; for bytes, a string with one character per byte.
    pub body: Option<Value>,
    /// The media type of the body; `None`: the first documented one.
    pub media_type: Option<String>,
}

/// The outcome of a call: a documented response, decoded into its type and encoded again.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The status of the response.
    pub status: StatusCode,
    /// The media type of the body, or `""`.
    pub media_type: String,
    /// The body, encoded from its type.
    pub body: Bytes,
}

impl Input {
    /// Sets a parameter.
    #[must_use]
    pub fn with(mut self, location: Location, name: &str, value: Value) -> Self {
        self.parameters.insert((location, name.to_owned()), value);
        self
    }

    /// Returns a path parameter as its type.
    ///
    /// # Errors
    /// Returns an error if it is missing or does not match its type.
    pub fn path<T: DeserializeOwned>(&self, name: &str) -> Result<T, Error> {
        self.parameter(Location::Path, name)
    }

    /// Returns a query parameter as its type.
    ///
    /// # Errors
    /// Returns an error if it is missing or does not match its type.
    pub fn query<T: DeserializeOwned>(&self, name: &str) -> Result<T, Error> {
        self.parameter(Location::Query, name)
    }

    /// Returns a header as its type.
    ///
    /// # Errors
    /// Returns an error if it is missing or does not match its type.
    pub fn header<T: DeserializeOwned>(&self, name: &str) -> Result<T, Error> {
        self.parameter(Location::Header, name)
    }

    /// Returns a cookie as its type.
    ///
    /// # Errors
    /// Returns an error if it is missing or does not match its type.
    pub fn cookie<T: DeserializeOwned>(&self, name: &str) -> Result<T, Error> {
        self.parameter(Location::Cookie, name)
    }

    fn parameter<T: DeserializeOwned>(&self, location: Location, name: &str) -> Result<T, Error> {
        let value = self.parameters.get(&(location, name.to_owned())).cloned();
        param::typed(value).map_err(|fault| invalid(fault.of(location, name)))
    }

    /// Returns the body as its type; an absent body is null, which an `Option` accepts.
    ///
    /// # Errors
    /// Returns an error if it is missing or does not match its type.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T, Error> {
        param::typed(self.body.clone()).map_err(invalid)
    }

    /// Returns the body as bytes.
    ///
    /// # Errors
    /// Returns an error if it is missing or no text.
    pub fn stream(&self) -> Result<Body, Error> {
        match &self.body {
            Some(Value::String(text)) => Ok(crate::media::encode_binary(text).into()),
            _ => Err(invalid(Fault::new("type", "a body of bytes", ""))),
        }
    }

    /// Returns the body as bytes with their media type.
    ///
    /// # Errors
    /// As [`Input::stream`].
    pub fn content(&self) -> Result<Content, Error> {
        let stated = self.media_type.as_deref().filter(|media_type| !media_type.contains('*'));
        Ok(Content::new(stated.unwrap_or("application/octet-stream"), self.stream()?))
    }

    /// Returns the body, which is a list, as items.
    ///
    /// # Errors
    /// Returns an error if it is missing or does not match its type.
    pub fn items<T: DeserializeOwned + Send + 'static>(&self) -> Result<Items<T>, Error> {
        Ok(Items::new(stream::iter(self.body::<Vec<T>>()?)))
    }

    /// Returns the body, which is an object, as a multipart form.
    ///
    /// # Errors
    /// Returns an error if it is missing or does not match its type.
    pub fn form<T: Form>(&self) -> Result<T, Error> {
        match &self.body {
            Some(Value::Object(map)) => multipart::of(map).map_err(invalid),
            _ => Err(invalid(Fault::new("type", "an object, as a form is", ""))),
        }
    }
}

/// The future of a call. It is boxed, because the futures of hundreds of operations would exceed the stack.
pub type Calling<'a> = Pin<Box<dyn Future<Output = Result<Outcome, Error>> + Send + 'a>>;

/// A response for a server to send.
pub type Response = http::Response<Bytes>;

/// A server implementation whose responses come from a function: contract tests compare servers with it.
#[cfg(feature = "server")]
#[derive(Clone)]
pub struct Stub {
    /// Returns the response of an operation, `GET /pets/{petId}`; called once for each accepted request.
    pub answer: std::sync::Arc<dyn Fn(&'static str) -> Response + Send + Sync>,
    /// Verifies the credentials of a request, each with the name of its scheme.
    pub check: std::sync::Arc<Check>,
}

/// Whether a request's credentials satisfy the requirement of its context.
#[cfg(feature = "server")]
pub type Check =
    dyn Fn(&crate::server::Context, &[(&'static str, crate::security::Credential)]) -> bool + Send + Sync;

#[cfg(feature = "server")]
impl Stub {
    /// Returns the response of an operation as its type.
    ///
    /// # Errors
    /// As [`answer`].
    pub fn answer<R: crate::response::Responses>(
        &self,
        operation: &'static str,
    ) -> crate::server::HandlerResult<R> {
        answer((self.answer)(operation))
    }

    /// Refuses invalid credentials.
    ///
    /// # Errors
    /// 401 for them.
    pub fn check(
        &self,
        credentials: &impl crate::security::Credentials,
        context: &crate::server::Context,
    ) -> crate::server::HandlerResult<()> {
        match (self.check)(context, &credentials.held()) {
            true => Ok(()),
            false => Err(crate::problem::Problem::new(StatusCode::UNAUTHORIZED).into()),
        }
    }
}

/// An answer in the types of an operation, as its client would read it.
///
/// # Errors
/// Returns an error if it is none of the operation's: a server then answers 500, with the fault.
#[cfg(feature = "server")]
fn answer<R: crate::response::Responses>(response: Response) -> crate::server::HandlerResult<R> {
    let (http::response::Parts { status, headers, .. }, body) = response.into_parts();
    let payload = crate::payload::Payload { headers, body: body.into(), ..Default::default() };
    let reply = Reply { status, payload };
    let undocumented = || Fault::new("status", "a documented status", status.as_str());
    let case = crate::response::case_of(R::CASES, status).ok_or_else(undocumented);
    case.and_then(|case| R::read(case.status, reply)).map_err(|fault| {
        let problem = crate::problem::Problem::new(StatusCode::INTERNAL_SERVER_ERROR);
        problem.detail(fault.to_string()).faults(vec![fault]).into()
    })
}

fn invalid(fault: Fault) -> Error {
    Error::InvalidRequest(vec![fault])
}

impl Outcome {
    /// Returns the outcome of a decoded response. A stream is read up to 64 mebibytes.
    ///
    /// # Errors
    /// Returns an error if the type cannot be written back, or a stream ends early.
    pub async fn of(answer: impl Answers) -> Result<Self, Error> {
        let status = answer.status();
        let again = |error: &dyn std::error::Error| {
            Error::Configuration(format!("the response {status} cannot be written again: {error}"))
        };
        let Reply { payload, .. } = answer.write().map_err(|fault| again(&fault))?;
        let media_type = payload.content_type().to_owned();
        let body = payload.body.read(64 << 20).await.map_err(|error| again(&error))?;
        Ok(Self { status, media_type, body })
    }

    /// Returns the error for an unknown operation.
    ///
    /// # Errors
    /// Always.
    pub fn unknown(operation: &str) -> Result<Self, Error> {
        Err(Error::Configuration(format!("the client has no operation `{operation}`")))
    }
}

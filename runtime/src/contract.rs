//! Decides how an operation of a generated client is called by its name, with values in place of typed arguments: what
//! contract tests and the closed loop need.

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
    /// By location and name; what is absent is not sent.
    pub parameters: IndexMap<(Location, String), Value>,
    /// The body; bytes are a string of which each character is one.
    pub body: Option<Value>,
    /// Which of the documented media types the body is of; `None`: the first.
    pub media_type: Option<String>,
}

/// What a call came to: a documented answer, decoded into its type and written back from it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The status of the answer.
    pub status: StatusCode,
    /// The media type of the body, or `""`.
    pub media_type: String,
    /// The body as the type holds it.
    pub body: Bytes,
}

impl Input {
    /// Sets a parameter.
    #[must_use]
    pub fn with(mut self, location: Location, name: &str, value: Value) -> Self {
        self.parameters.insert((location, name.to_owned()), value);
        self
    }

    /// A path parameter as its type.
    ///
    /// # Errors
    /// Where it is missing or does not fit.
    pub fn path<T: DeserializeOwned>(&self, name: &str) -> Result<T, Error> {
        self.parameter(Location::Path, name)
    }

    /// A query parameter as its type.
    ///
    /// # Errors
    /// Where it is missing or does not fit.
    pub fn query<T: DeserializeOwned>(&self, name: &str) -> Result<T, Error> {
        self.parameter(Location::Query, name)
    }

    /// A header as its type.
    ///
    /// # Errors
    /// Where it is missing or does not fit.
    pub fn header<T: DeserializeOwned>(&self, name: &str) -> Result<T, Error> {
        self.parameter(Location::Header, name)
    }

    /// A cookie as its type.
    ///
    /// # Errors
    /// Where it is missing or does not fit.
    pub fn cookie<T: DeserializeOwned>(&self, name: &str) -> Result<T, Error> {
        self.parameter(Location::Cookie, name)
    }

    fn parameter<T: DeserializeOwned>(&self, location: Location, name: &str) -> Result<T, Error> {
        let value = self.parameters.get(&(location, name.to_owned())).cloned();
        param::typed(value).map_err(|fault| invalid(fault.of(location, name)))
    }

    /// The body as its type; an absent one is null, which an `Option` takes.
    ///
    /// # Errors
    /// Where it is missing or does not fit.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T, Error> {
        param::typed(self.body.clone()).map_err(invalid)
    }

    /// The body as bytes.
    ///
    /// # Errors
    /// Where it is missing or no text.
    pub fn stream(&self) -> Result<Body, Error> {
        match &self.body {
            Some(Value::String(text)) => Ok(crate::media::encode_binary(text).into()),
            _ => Err(invalid(Fault::new("type", "a body of bytes", ""))),
        }
    }

    /// The body as bytes that say what they are.
    ///
    /// # Errors
    /// As [`Input::stream`].
    pub fn content(&self) -> Result<Content, Error> {
        let stated = self.media_type.as_deref().filter(|media_type| !media_type.contains('*'));
        Ok(Content::new(stated.unwrap_or("application/octet-stream"), self.stream()?))
    }

    /// The body, a list, as items.
    ///
    /// # Errors
    /// Where it is missing or does not fit.
    pub fn items<T: DeserializeOwned + Send + 'static>(&self) -> Result<Items<T>, Error> {
        Ok(Items::new(stream::iter(self.body::<Vec<T>>()?)))
    }

    /// The body, an object, as a multipart form.
    ///
    /// # Errors
    /// Where it is missing or does not fit.
    pub fn form<T: Form>(&self) -> Result<T, Error> {
        match &self.body {
            Some(Value::Object(map)) => multipart::of(map).map_err(invalid),
            _ => Err(invalid(Fault::new("type", "an object, as a form is", ""))),
        }
    }
}

/// A call of an operation on its way. It has a place of its own in memory: those of hundreds of operations would need more
/// than a stack has.
pub type Calling<'a> = Pin<Box<dyn Future<Output = Result<Outcome, Error>> + Send + 'a>>;

/// An answer that a server is to give.
pub type Response = http::Response<Bytes>;

/// Gives every operation of a generated server an answer from elsewhere: contract tests compare servers by it.
#[cfg(feature = "server")]
#[derive(Clone)]
pub struct Stub {
    /// Returns the answer of an operation, `GET /pets/{petId}`; called once for each request that is accepted.
    pub answer: std::sync::Arc<dyn Fn(&'static str) -> Response + Send + Sync>,
    /// Whether the credentials that a request presents, each with the name of its scheme, are the right ones.
    pub check: std::sync::Arc<Check>,
}

/// Says whether a request's credentials meet the requirement that its context names.
#[cfg(feature = "server")]
pub type Check =
    dyn Fn(&crate::server::Context, &[(&'static str, crate::security::Credential)]) -> bool + Send + Sync;

#[cfg(feature = "server")]
impl Stub {
    /// Returns the answer of an operation in its own type.
    ///
    /// # Errors
    /// As [`answer`].
    pub fn answer<R: crate::response::Responses>(
        &self,
        operation: &'static str,
    ) -> crate::server::HandlerResult<R> {
        answer((self.answer)(operation))
    }

    /// Refuses credentials that are not the right ones.
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
/// Where it is none of the operation's: a server then answers 500, with the fault.
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
    /// What an answer is once it was decoded. A stream is read to its end, or to its 64th mebibyte.
    ///
    /// # Errors
    /// Where the type cannot be written back, or a stream breaks off.
    pub async fn of(answer: impl Answers) -> Result<Self, Error> {
        let status = answer.status();
        let decode = |fault: Fault| Error::Decode { status, fault: fault.into(), body: Bytes::new() };
        let Reply { payload, .. } = answer.write().map_err(decode)?;
        let media_type = payload.content_type().to_owned();
        let body = payload.body.read(64 << 20).await.map_err(|error| Error::Body { status, error })?;
        Ok(Self { status, media_type, body })
    }

    /// The operation is none of this client's.
    ///
    /// # Errors
    /// Always.
    pub fn unknown(operation: &str) -> Result<Self, Error> {
        Err(Error::Configuration(format!("the client has no operation `{operation}`")))
    }
}

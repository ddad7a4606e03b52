//! Decides how a call's arguments become a request, and its response the documented answer.

use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::Value;

use super::security::{self, Placed};
use super::{Core, Error, Next, Security};
use crate::body::{Body, Payload};
use crate::choice::Choice;
use crate::codec;
use crate::items::Items;
use crate::multipart::Form;
use crate::param::{self, Encoding, Location, Shape};
use crate::problem::Fault;
use crate::response::{self, Reply, Responses};

/// A request in the making. Faults are gathered and told by [`Request::send`], all at once, before anything is sent.
pub struct Request<'c> {
    core: &'c Core,
    operation: &'static str,
    security: Security,
    path: Vec<(&'c str, String)>,
    query: Vec<String>,
    cookies: Vec<String>,
    payload: Payload,
    faults: Vec<Fault>,
}

impl<'c> Request<'c> {
    pub(super) fn new(core: &'c Core, operation: &'static str, security: Security) -> Self {
        let payload = Payload { headers: core.inner.config.headers.clone(), body: Body::default() };
        let (path, query, cookies, faults) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { core, operation, security, path, query, cookies, payload, faults }
    }

    /// Sets a path parameter.
    #[must_use]
    pub fn path<T: Serialize + ?Sized>(self, name: &'c str, encoding: Encoding, value: &T) -> Self {
        self.put(Location::Path, name, encoding, param::untyped(value))
    }

    /// Sets a query parameter; `None` is left out.
    #[must_use]
    pub fn query<T: Serialize + ?Sized>(self, name: &'c str, encoding: Encoding, value: &T) -> Self {
        self.put(Location::Query, name, encoding, param::untyped(value))
    }

    /// Sets a header; `None` is left out.
    #[must_use]
    pub fn header<T: Serialize + ?Sized>(self, name: &'c str, encoding: Encoding, value: &T) -> Self {
        self.put(Location::Header, name, encoding, param::untyped(value))
    }

    /// Sets a cookie; `None` is left out.
    #[must_use]
    pub fn cookie<T: Serialize + ?Sized>(self, name: &'c str, encoding: Encoding, value: &T) -> Self {
        self.put(Location::Cookie, name, encoding, param::untyped(value))
    }

    fn put(
        mut self,
        location: Location,
        name: &'c str,
        encoding: Encoding,
        value: Result<Value, Fault>,
    ) -> Self {
        let result = value.and_then(|value| self.place(location, name, encoding, &value));
        self.faults.extend(result.err().map(|fault| fault.of(location, name)));
        self
    }

    fn place(
        &mut self,
        location: Location,
        name: &'c str,
        encoding: Encoding,
        value: &Value,
    ) -> Result<(), Fault> {
        let (pairs, text) = match location {
            Location::Header => {
                return response::put_header(&mut self.payload.headers, name, encoding, value);
            }
            Location::Path => {
                self.path.push((name, param::encode_path(name, value, encoding)?));
                return Ok(());
            }
            Location::Query => (&mut self.query, param::encode_query(name, value, encoding)?),
            Location::Cookie => (&mut self.cookies, param::encode_cookie(name, value, encoding)?),
        };
        pairs.extend((!text.is_empty()).then_some(text));
        Ok(())
    }

    /// Sets a JSON body.
    #[must_use]
    pub fn json<T: Serialize + ?Sized>(mut self, media_type: &'static str, body: &T) -> Self {
        let result = codec::json::write(body, media_type, &mut self.payload);
        self.faults.extend(result.err());
        self
    }

    /// Sets a body of the media type that its shape is for: a form, XML, text.
    #[must_use]
    pub fn shaped<T: Serialize>(mut self, media_type: &'static str, body: T, shape: &Shape) -> Self {
        let result = codec::shaped::write(body, media_type, &mut self.payload, shape);
        self.faults.extend(result.err());
        self
    }

    /// Sets a multipart body. Files are sent as they are read.
    #[must_use]
    pub fn multipart<T: Form>(mut self, media_type: &'static str, body: T) -> Self {
        let result = codec::multipart::write(body, media_type, &mut self.payload);
        self.faults.extend(result.err());
        self
    }

    /// Sets a body of items, a line of JSON each.
    #[must_use]
    pub fn lines<T: Serialize + Send + 'static>(mut self, media_type: &'static str, body: Items<T>) -> Self {
        let result = codec::lines::write(body, media_type, &mut self.payload);
        self.faults.extend(result.err());
        self
    }

    /// Sets a body of items, each the data of a server-sent event.
    #[must_use]
    pub fn data<T: Serialize + Send + 'static>(mut self, media_type: &'static str, body: Items<T>) -> Self {
        let result = codec::data::write(body, media_type, &mut self.payload);
        self.faults.extend(result.err());
        self
    }

    /// Sets a body of server-sent events.
    #[must_use]
    pub fn events<T: Serialize + Send + 'static>(mut self, media_type: &'static str, body: Items<T>) -> Self {
        let result = codec::events::write(body, media_type, &mut self.payload);
        self.faults.extend(result.err());
        self
    }

    /// Sets a body in one of several representations.
    #[must_use]
    pub fn choice<T: Choice>(mut self, body: T) -> Self {
        self.faults.extend(body.write(&mut self.payload).err());
        self
    }

    /// Sets a body of text, bytes or a stream.
    #[must_use]
    pub fn body(mut self, media_type: &'static str, body: impl Into<Body>) -> Self {
        self.payload.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        self.payload.body = body.into();
        self
    }

    /// Sends the request and reads the documented answer.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn send<R: Responses>(self) -> Result<R, Error> {
        let limit = self.core.inner.config.body_limit;
        let reply = self.exchange(&response::accept(R::CASES)).await?;
        let Some(case) = response::case_of(R::CASES, reply.status) else {
            return Err(undocumented(reply, limit).await);
        };
        let reply = if case.streams { reply } else { read(reply, case.media_types, limit).await? };
        let (status, body) = (reply.status, reply.payload.body.as_bytes().cloned().unwrap_or_default());
        (case.read)(reply).map_err(|fault| Error::Decode { status, fault: fault.into(), body })
    }

    /// Sends the request; the response's body is not read yet.
    async fn exchange(self, accept: &str) -> Result<Reply, Error> {
        let Self { core, operation, .. } = self;
        let inner = &core.inner;
        let mut request = self.build(accept)?;
        *request.timeout_mut() = inner.config.timeout;
        let next = Next { http: &inner.http, rest: &inner.config.middleware, operation };
        let response = next.run(request).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Reply { status, payload: Payload { headers, body: Body::stream(without_url(response)) } })
    }

    fn build(mut self, accept: &str) -> Result<reqwest::Request, Error> {
        self.authorize()?;
        let (method, template) = self.operation.split_once(' ').unwrap_or(("GET", self.operation));
        let path = match param::fill_path(template, &self.path) {
            Ok(path) if self.faults.is_empty() => path,
            Ok(_) => return Err(Error::InvalidRequest(self.faults)),
            Err(fault) => {
                self.faults.push(fault);
                return Err(Error::InvalidRequest(self.faults));
            }
        };
        let mut url = format!("{}{path}", self.core.inner.config.base_url);
        for pair in &self.query {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(pair);
        }
        let unsendable = |what: &str| Error::InvalidRequest(vec![Fault::new("syntax", what, "…")]);
        let url = reqwest::Url::parse(&url).map_err(|_| unsendable("a URL"))?;
        let method = method.parse().map_err(|_| unsendable("an HTTP method"))?;
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

fn without_url(
    response: reqwest::Response,
) -> impl futures_util::Stream<Item = Result<bytes::Bytes, reqwest::Error>> {
    use futures_util::StreamExt;
    response.bytes_stream().map(|piece| piece.map_err(reqwest::Error::without_url))
}

/// Reads the body of a documented status, if its media type is a documented one.
async fn read(reply: Reply, media_types: &'static [&'static str], limit: usize) -> Result<Reply, Error> {
    let Reply { status, payload: Payload { headers, body } } = reply;
    let body = whole(status, body, limit).await?;
    let reply = Reply { status, payload: Payload { headers, body: body.clone().into() } };
    if response::is_documented(reply.payload.content_type(), media_types) {
        return Ok(reply);
    }
    let expected = format!("a body of {}", media_types.join(" or "));
    let fault = Fault::new("content", expected, reply.payload.content_type()).into();
    Err(Error::Decode { status, fault, body })
}

async fn undocumented(reply: Reply, limit: usize) -> Error {
    let Reply { status, payload: Payload { headers, body } } = reply;
    match whole(status, body, limit).await {
        Ok(body) => Error::UndocumentedStatus { status, headers: headers.into(), body },
        Err(error) => error,
    }
}

async fn whole(status: StatusCode, body: Body, limit: usize) -> Result<bytes::Bytes, Error> {
    body.read(limit).await.map_err(|error| Error::Body { status, error })
}

//! Builds a request from the arguments of a call.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use super::{Core, Security, Server};
use crate::body::Body;
use crate::choice::Choice;
use crate::codec;
use crate::items::Items;
use crate::multipart::Form;
use crate::param::{self, Encoding, Location, Shape};
use crate::payload::{Content, Payload};
use crate::problem::Fault;
use crate::querystring;
use crate::response;

/// A request builder. [`Request::send`] reports all faults at once, before anything is sent.
pub struct Request {
    pub(super) core: Core,
    pub(super) operation: &'static str,
    pub(super) security: Security,
    /// The server's URL, if it is not the client's.
    pub(super) base: Option<String>,
    /// A whole URL in the place of the server's and the path.
    pub(super) url: Option<String>,
    pub(super) path: Vec<(&'static str, String)>,
    /// The parts of the query, each with its parameter.
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) cookies: Vec<(&'static str, String)>,
    pub(super) payload: Payload,
    /// The client's, if the call has none of its own.
    pub(super) timeout: Option<Duration>,
    pub(super) faults: Vec<Fault>,
}

impl Request {
    pub(super) fn new(core: Core, operation: &'static str, security: Security) -> Self {
        let payload = Payload { headers: core.inner.config.headers.clone(), ..Payload::default() };
        let (path, query, cookies, faults) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let timeout = core.inner.config.timeout;
        Self {
            core,
            operation,
            security,
            base: None,
            url: None,
            path,
            query,
            cookies,
            payload,
            timeout,
            faults,
        }
    }

    /// Returns a copy to send again; `None` if the body is a stream.
    pub(super) fn again(&self) -> Option<Self> {
        let body = self.payload.body.as_bytes()?.clone();
        let payload =
            Payload { headers: self.payload.headers.clone(), body: body.into(), ..Payload::default() };
        Some(Self {
            core: self.core.clone(),
            base: self.base.clone(),
            url: self.url.clone(),
            path: self.path.clone(),
            query: self.query.clone(),
            cookies: self.cookies.clone(),
            payload,
            faults: self.faults.clone(),
            ..*self
        })
    }

    /// Sets the URL, instead of the client's server: for webhooks and callbacks.
    #[must_use]
    pub fn at(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// Sets the operation's own servers, which apply if the client uses a server of the document (OAS 4.8.10); a client
    /// of another server, such as a mock, sends everything there.
    #[must_use]
    pub fn servers(mut self, documented: &[Server], own: &[Server]) -> Self {
        let base = self.core.inner.config.base_url.as_deref().unwrap_or_default();
        let known = documented.iter().any(|server| server.is_at(base));
        match own.first().filter(|_| known).map(|server| server.resolve(base)) {
            Some(Ok(url)) => self.base = Some(url),
            Some(Err(error)) => self.faults.push(Fault::new("server", "a URL", "").detail(error.to_string())),
            None => {}
        }
        self
    }

    /// Sets a path parameter.
    #[must_use]
    pub fn path<T: Serialize + ?Sized>(self, name: &'static str, encoding: Encoding, value: &T) -> Self {
        self.put(Location::Path, name, encoding, param::untyped(value))
    }

    /// Sets a query parameter; `None` is omitted.
    #[must_use]
    pub fn query<T: Serialize + ?Sized>(self, name: &'static str, encoding: Encoding, value: &T) -> Self {
        self.put(Location::Query, name, encoding, param::untyped(value))
    }

    /// Sets a header; `None` is omitted.
    #[must_use]
    pub fn header<T: Serialize + ?Sized>(self, name: &'static str, encoding: Encoding, value: &T) -> Self {
        self.put(Location::Header, name, encoding, param::untyped(value))
    }

    /// Sets a cookie; `None` is omitted.
    #[must_use]
    pub fn cookie<T: Serialize + ?Sized>(self, name: &'static str, encoding: Encoding, value: &T) -> Self {
        self.put(Location::Cookie, name, encoding, param::untyped(value))
    }

    /// Sets the whole query string (OAS 3.2, `in: querystring`); `None` is omitted.
    #[must_use]
    pub fn query_string<T: Serialize + ?Sized>(mut self, media_type: &str, value: &T, shape: &Shape) -> Self {
        let text = param::untyped(value).and_then(|value| match value {
            Value::Null => Ok(String::new()),
            value => querystring::encode(media_type, &value, shape),
        });
        match text {
            Ok(text) => self.query = (!text.is_empty()).then_some(("", text)).into_iter().collect(),
            Err(fault) => self.faults.push(fault),
        }
        self
    }

    /// Sets an optional parameter; `None` is omitted in every encoding, also where a required one would be `null` in JSON, and
    /// removes a query parameter or cookie that was set before.
    #[must_use]
    pub fn optional<T: Serialize + ?Sized>(
        mut self,
        location: Location,
        name: &'static str,
        encoding: Encoding,
        value: &T,
    ) -> Self {
        match param::untyped(value) {
            Ok(Value::Null) => {
                self.query.retain(|(known, _)| location != Location::Query || *known != name);
                self.cookies.retain(|(known, _)| location != Location::Cookie || *known != name);
                self
            }
            value => self.put(location, name, encoding, value),
        }
    }

    fn put(
        mut self,
        location: Location,
        name: &'static str,
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
        name: &'static str,
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
        // A parameter that is set again is replaced.
        pairs.retain(|(known, _)| *known != name);
        pairs.extend((!text.is_empty()).then_some((name, text)));
        Ok(())
    }

    /// Sets a JSON body.
    #[must_use]
    pub fn json<T: Serialize + ?Sized>(mut self, media_type: &'static str, body: &T) -> Self {
        let result = codec::json::write(body, media_type, &mut self.payload);
        self.faults.extend(result.err());
        self
    }

    /// Sets a body that is encoded by its shape: a form, XML, text.
    #[must_use]
    pub fn shaped<T: Serialize>(mut self, media_type: &'static str, body: T, shape: &Shape) -> Self {
        let result = codec::shaped::write(body, media_type, &mut self.payload, shape);
        self.faults.extend(result.err());
        self
    }

    /// Sets a multipart body. Files are streamed.
    #[must_use]
    pub fn multipart<T: Form>(mut self, media_type: &'static str, body: T) -> Self {
        let result = codec::multipart::write(body, media_type, &mut self.payload);
        self.faults.extend(result.err());
        self
    }

    /// Sets a body of items, with one line of JSON each.
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

    /// Sets a body of text.
    #[must_use]
    pub fn text(mut self, media_type: &'static str, body: &str) -> Self {
        let result = codec::text::write(body, media_type, &mut self.payload);
        self.faults.extend(result.err());
        self
    }

    /// Sets a body of bytes or a stream.
    #[must_use]
    pub fn body(mut self, media_type: &'static str, body: impl Into<Body>) -> Self {
        let result = codec::stream::write(body, media_type, &mut self.payload);
        self.faults.extend(result.err());
        self
    }

    /// Sets a body with its own media type.
    #[must_use]
    pub fn content(mut self, body: Content) -> Self {
        let result = codec::content::write(body, "", &mut self.payload);
        self.faults.extend(result.err());
        self
    }
}

//! Decides how a request becomes typed arguments: every fault is gathered before it is refused.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Rejection, refusal};
use crate::body::{Body, Payload};
use crate::codec::Streams;
use crate::media::{Kind, Part};
use crate::multipart::Upload;
use crate::param::{self, Encoding, Location, Query, Shape};
use crate::problem::{Fault, Problem};
use crate::response;
use crate::security::Credentials;
use crate::{check, codec, media};

/// The arguments of an operation. Implemented by [`request!`](crate::request), never by hand.
pub trait FromRequest: Sized + Send + 'static {
    /// Whether the body is handed over unread.
    const STREAMS: Streams;
    /// The forms with files that it may be.
    const UPLOADS: &'static [Option<Upload>] = &[];

    /// Reads them.
    ///
    /// # Errors
    /// Where the request is not what the document says.
    fn read(request: &mut Request) -> Result<Self, Rejection>;
}

/// What else a method may want to know of its request.
#[derive(Debug)]
pub struct Context {
    /// The operation: `GET /pets/{petId}`.
    pub operation: &'static str,
    /// Method, URI, headers and extensions, as they came.
    pub parts: Parts,
    /// The schemes of the requirement that the request meets: one of the operation's alternatives (OAS 4.8.30), empty
    /// where it may be anonymous.
    pub requirement: &'static [&'static str],
}

impl Context {
    /// What the request presents, whether it was asked for or not.
    pub fn credentials<C: Credentials>(&self) -> C {
        C::presented(&self.parts)
    }
}

/// A body that has come in.
pub(super) enum Intake {
    /// Whole, or as it comes.
    Body(Body),
    /// As the parts of a form, or what is wrong with it.
    Parts(Result<Vec<Part>, Fault>),
}

/// A routed request while its arguments are read.
#[derive(Debug)]
pub struct Request {
    context: Context,
    path: Vec<(String, String)>,
    payload: Payload,
    faults: Vec<Fault>,
    /// The names of what the operation reads from the query; `None` for what it reads elsewhere.
    queried: &'static [Option<&'static str>],
    /// A check found faults in the body.
    is_bad_body: bool,
}

impl Request {
    pub(super) fn new(context: Context, path: Vec<(String, String)>, body: Intake) -> Self {
        // A body's codec looks at the headers that describe it, and at nothing else.
        let mut headers = HeaderMap::new();
        headers.extend(
            context
                .parts
                .headers
                .get(header::CONTENT_TYPE)
                .map(|value| (header::CONTENT_TYPE, value.clone())),
        );
        let (body, parts) = match body {
            Intake::Body(body) => (body, None),
            Intake::Parts(parts) => (Body::default(), Some(parts)),
        };
        let payload = Payload { headers, body, parts };
        Self { context, path, payload, faults: Vec::new(), queried: &[], is_bad_body: false }
    }

    pub(super) fn accept(&self) -> Option<&str> {
        self.context.parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok())
    }

    pub(super) fn into_context(self) -> Context {
        self.context
    }

    /// Tells it which parameters the query has: an exploded object with free names is not made of the others.
    pub fn declare(&mut self, queried: &'static [Option<&'static str>]) {
        self.queried = queried;
    }

    /// A path parameter; `None` where it is faulty, which [`Request::refused`] then tells.
    pub fn path<T: DeserializeOwned>(&mut self, name: &str, encoding: Encoding, shape: &Shape) -> Option<T> {
        self.typed(Location::Path, name, encoding, shape)
    }

    /// A query parameter.
    pub fn query<T: DeserializeOwned>(&mut self, name: &str, encoding: Encoding, shape: &Shape) -> Option<T> {
        self.typed(Location::Query, name, encoding, shape)
    }

    /// A header.
    pub fn header<T: DeserializeOwned>(
        &mut self,
        name: &str,
        encoding: Encoding,
        shape: &Shape,
    ) -> Option<T> {
        self.typed(Location::Header, name, encoding, shape)
    }

    /// A cookie.
    pub fn cookie<T: DeserializeOwned>(
        &mut self,
        name: &str,
        encoding: Encoding,
        shape: &Shape,
    ) -> Option<T> {
        self.typed(Location::Cookie, name, encoding, shape)
    }

    /// The whole query string as one value (OAS 3.2, `in: querystring`).
    pub fn query_string<T: DeserializeOwned>(&mut self, media_type: &str, shape: &Shape) -> Option<T> {
        let value = match self.context.parts.uri.query() {
            Some(query) => param::decode_query_string(media_type, query, shape).map(Some),
            None => Ok(None),
        };
        self.judged(value, shape, &|fault| fault)
    }

    fn typed<T: DeserializeOwned>(
        &mut self,
        location: Location,
        name: &str,
        encoding: Encoding,
        shape: &Shape,
    ) -> Option<T> {
        let value = self.read(location, name, encoding, shape);
        self.judged(value, shape, &|fault| fault.of(location, name))
    }

    /// A value that keeps what its shape says, as its type.
    fn judged<T: DeserializeOwned>(
        &mut self,
        value: Result<Option<Value>, Fault>,
        shape: &Shape,
        place: &dyn Fn(Fault) -> Fault,
    ) -> Option<T> {
        let value = value.map_err(|fault| self.faults.push(place(fault))).ok()?;
        let faults = value.as_ref().map(|value| check::check(value, shape)).unwrap_or_default();
        if !faults.is_empty() {
            self.faults.extend(faults.into_iter().map(place));
            return None;
        }
        param::typed(value).map_err(|fault| self.faults.push(place(fault))).ok()
    }

    fn read(
        &self,
        location: Location,
        name: &str,
        encoding: Encoding,
        shape: &Shape,
    ) -> Result<Option<Value>, Fault> {
        let parts = &self.context.parts;
        match location {
            Location::Path => {
                let raw = self.path.iter().find(|(key, _)| key == name);
                raw.map(|(_, raw)| param::decode_path(name, raw, encoding, shape)).transpose()
            }
            Location::Query => {
                let query = Query::parse(parts.uri.query().unwrap_or_default());
                let is_free = encoding.explode && shape.additional.is_some();
                let is_another =
                    |other: &str| is_free && other != name && self.queried.contains(&Some(other));
                query.without(is_another).decode(name, encoding, shape)
            }
            Location::Header => response::header_value(&parts.headers, name, encoding, shape),
            Location::Cookie => {
                let lines =
                    parts.headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
                param::decode_cookie(name, &lines.collect::<Vec<_>>().join("; "), encoding, shape)
            }
        }
    }

    /// States the documented media types of the body: one without a `Content-Type` is taken for the first
    /// (RFC 9110, 8.3).
    pub fn documented(&mut self, media_types: &[&str]) {
        let first = media_types.first().filter(|first| !first.contains('*'));
        let value = first.and_then(|first| HeaderValue::from_str(first).ok());
        if let (Some(value), false) = (value, self.payload.headers.contains_key(header::CONTENT_TYPE)) {
            self.payload.headers.insert(header::CONTENT_TYPE, value);
        }
    }

    /// Checks the body, if it is of this media type.
    pub fn check(&mut self, media_type: &str, shape: &Shape) {
        let is_there = self.payload.body.as_bytes().is_some_and(|body| !body.is_empty());
        if !is_there || !media::matches(media_type, self.payload.content_type()) {
            return;
        }
        let before = self.faults.len();
        match codec::value(&self.payload, shape) {
            Ok(value) => self.faults.extend(check::check(&value, shape)),
            Err(fault) => self.faults.push(fault),
        }
        self.is_bad_body |= self.faults.len() > before;
    }

    /// Reads the body by one of a [`codec`](crate::codec)'s functions.
    ///
    /// # Errors
    /// Where its media type is none of the documented ones: 415 with `Accept` (RFC 9110, 15.5.16).
    pub fn body<T>(
        &mut self,
        media_types: &[&str],
        read: impl FnOnce(&mut Payload) -> Result<T, Fault>,
    ) -> Result<Option<T>, Rejection> {
        if !self.is_sent() {
            return Ok(self.missing());
        }
        self.admit(media_types)?;
        // Where a check has told what is wrong, its type would only say it again.
        let told = self.is_bad_body;
        Ok(read(&mut self.payload).map_err(|fault| self.faults.extend((!told).then_some(fault))).ok())
    }

    /// Reads the body as a value of this shape, and checks it.
    ///
    /// # Errors
    /// As [`Request::body`].
    pub fn shaped_body<T: DeserializeOwned>(
        &mut self,
        media_types: &[&str],
        shape: &Shape,
    ) -> Result<Option<T>, Rejection> {
        if !self.is_sent() {
            return Ok(self.missing());
        }
        self.admit(media_types)?;
        Ok(self
            .checked(shape)
            .and_then(|value| param::typed(Some(value)).map_err(|fault| self.faults.push(fault)).ok()))
    }

    fn checked(&mut self, shape: &Shape) -> Option<Value> {
        match codec::value(&self.payload, shape) {
            Ok(value) => {
                let faults = check::check(&value, shape);
                let sound = faults.is_empty();
                self.faults.extend(faults);
                sound.then_some(value)
            }
            Err(fault) => {
                self.faults.push(fault);
                None
            }
        }
    }

    /// Reads the body if there is one: no byte means that there is none, but for an empty text or file.
    ///
    /// # Errors
    /// As [`Request::body`].
    pub fn optional_body<T>(
        &mut self,
        media_types: &[&str],
        read: impl FnOnce(&mut Payload) -> Result<T, Fault>,
    ) -> Result<Option<Option<T>>, Rejection> {
        match self.is_sent() {
            true => Ok(self.body(media_types, read)?.map(Some)),
            false => Ok(Some(None)),
        }
    }

    /// Reads the body, if there is one, as a value of this shape, and checks it.
    ///
    /// # Errors
    /// As [`Request::body`].
    pub fn optional_shaped_body<T: DeserializeOwned>(
        &mut self,
        media_types: &[&str],
        shape: &Shape,
    ) -> Result<Option<Option<T>>, Rejection> {
        match self.is_sent() {
            true => Ok(self.shaped_body(media_types, shape)?.map(Some)),
            false => Ok(Some(None)),
        }
    }

    /// Whether a body was sent. Of an empty one only the media type tells: a text or a file may be empty.
    fn is_sent(&self) -> bool {
        let is_empty =
            self.payload.parts.is_none() && self.payload.body.as_bytes().is_some_and(Bytes::is_empty);
        let stated = self.context.parts.headers.get(header::CONTENT_TYPE);
        let stated = stated.and_then(|value| value.to_str().ok()).map(Kind::of);
        !is_empty || matches!(stated, Some(Kind::Text | Kind::Binary))
    }

    fn missing<T>(&mut self) -> Option<T> {
        let fault = Fault::new("required", "a body", "");
        self.faults.push(fault.detail("a body is required, but none was sent"));
        None
    }

    fn admit(&self, media_types: &[&str]) -> Result<(), Rejection> {
        let content_type = self.payload.content_type();
        if media_types.is_empty() || media::select(content_type, media_types).is_some() {
            return Ok(());
        }
        let documented = media_types.join(", ");
        let detail = format!("the Content-Type `{content_type}` is none of the documented: {documented}");
        let mut response =
            refusal::response(&Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE).detail(detail));
        // RFC 9110, 15.5.16: what would be taken.
        response
            .headers_mut()
            .extend(HeaderValue::try_from(documented).ok().map(|value| (header::ACCEPT, value)));
        Err(response.into())
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// With 400 and every fault, where there was one.
    pub fn refused(&mut self) -> Result<(), Rejection> {
        match self.faults.is_empty() {
            true => Ok(()),
            false => Err(Rejection::faults(std::mem::take(&mut self.faults))),
        }
    }
}

/// Gives a struct of arguments its form as a request. Each line is a field and where it stands: `path`, `query`,
/// `header` or `cookie` with the name, the encoding and the shape; `body` or `optional_body` with the codec and the
/// media types, and after `as` the static shape that it is decoded and checked by. A field of type `Option` takes
/// what is absent. Below, after `checks`, stand the static shapes that bodies are checked by, JSON and those of a choice.
///
/// ```
/// use descant_runtime as rt;
///
/// pub struct UpdatePetRequest {
///     pub pet_id: i64,
///     pub fields: Option<Vec<String>>,
///     pub body: rt::Value,
/// }
/// static PET: rt::param::Shape = rt::shape!({ "name": (string, MaxLength(40)) });
/// rt::request! {
///     UpdatePetRequest {
///         pet_id = path("petId", SIMPLE, integer, Minimum(0.0)),
///         fields = query("fields", FORM_JOINED, [string]),
///         body = body(json "application/json" | "application/merge-patch+json"),
///     }
///     checks { "application/json" => PET }
/// }
/// ```
#[macro_export]
macro_rules! request {
    ($name:ident { $($field:ident = $place:ident($($how:tt)*)),* $(,)? }
        $(checks { $($media:literal => $shape:path),* $(,)? })?) => {
        impl $crate::server::FromRequest for $name {
            const STREAMS: $crate::codec::Streams =
                $crate::codec::Streams::Never $(.or($crate::request!(@streams $place $($how)*)))*;
            $($crate::request! { @uploads $name $field $place $($how)* })*

            fn read(request: &mut $crate::server::Request) -> Result<Self, $crate::server::Rejection> {
                request.declare(&[$($crate::request!(@queried $place $($how)*)),*]);
                $($crate::request!(@documented request $place $($how)*);)*
                $($(request.check($media, &$shape);)*)?
                $(let $field = $crate::request!(@read request $place $($how)*);)*
                request.refused()?;
                Ok(Self { $($field: $field.ok_or_else($crate::server::Rejection::unread)?),* })
            }
        }
    };
    (@queried query $name:literal, $($how:tt)*) => { Some($name) };
    (@queried $($other:tt)*) => { None };
    (@documented $request:ident body $codec:ident $($media:literal)|+ $(as $shape:path)?) => {
        $request.documented(&[$($media),+])
    };
    (@documented $request:ident optional_body $codec:ident $($media:literal)|+ $(as $shape:path)?) => {
        $request.documented(&[$($media),+])
    };
    (@documented $($other:tt)*) => {};
    (@read $request:ident body $codec:ident $($media:literal)|+) => {
        $request.body(&[$($media),+], $crate::codec::$codec::read)?
    };
    (@read $request:ident optional_body $codec:ident $($media:literal)|+) => {
        $request.optional_body(&[$($media),+], $crate::codec::$codec::read)?
    };
    (@read $request:ident body $codec:ident $($media:literal)|+ as $shape:path) => {
        $request.shaped_body(&[$($media),+], &$shape)?
    };
    (@read $request:ident optional_body $codec:ident $($media:literal)|+ as $shape:path) => {
        $request.optional_shaped_body(&[$($media),+], &$shape)?
    };
    (@read $request:ident query_string $media:literal, $($shape:tt)+) => {{
        static SHAPE: $crate::param::Shape = $crate::shape!($($shape)+);
        $request.query_string($media, &SHAPE)
    }};
    (@read $request:ident $place:ident $name:literal, $encoding:ident $(.$switch:ident())?, $($shape:tt)+) => {{
        static SHAPE: $crate::param::Shape = $crate::shape!($($shape)+);
        $request.$place($name, $crate::param::$encoding $(.$switch())?, &SHAPE)
    }};
    (@uploads $name:ident $field:ident body $codec:ident $($media:literal)|+) => {
        $crate::request! { @uploads $codec [$($media),+] |request: &$name| Some(&request.$field) }
    };
    (@uploads $name:ident $field:ident optional_body $codec:ident $($media:literal)|+) => {
        $crate::request! { @uploads $codec [$($media),+] |request: &$name| request.$field.as_ref() }
    };
    (@uploads multipart $media:tt $($body:tt)+) => {
        const UPLOADS: &'static [Option<$crate::multipart::Upload>] =
            &[$crate::multipart::upload(&$media, $($body)+)];
    };
    (@uploads choice $media:tt $($body:tt)+) => {
        const UPLOADS: &'static [Option<$crate::multipart::Upload>] = $crate::choice::uploads($($body)+);
    };
    (@uploads $($other:tt)*) => {};
    (@streams $place:ident $codec:ident $($media:literal)|+ as $shape:path) => { $crate::codec::Streams::Never };
    (@streams body $codec:ident $($media:literal)|+) => { $crate::codec::$codec::STREAMS };
    (@streams optional_body $codec:ident $($media:literal)|+) => { $crate::codec::$codec::STREAMS };
    (@streams $place:ident $($how:tt)*) => { $crate::codec::Streams::Never };
}

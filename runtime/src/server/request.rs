//! Decodes a request to typed arguments, and collects every fault before it is refused.

use std::any::Any;
use std::borrow::Cow;

use http::{HeaderMap, StatusCode, header, request::Parts};
use serde::de::DeserializeOwned;

use super::{Rejection, refusal};
use crate::body::Body;
use crate::codec::Streams;
use crate::exchange::{self, Parameter, Source, body};
use crate::media::Part;
use crate::multipart::Upload;
use crate::param::{self, Encoding, Kinds, Location, Query, Shape};
use crate::payload::Payload;
use crate::problem::{Fault, Problem};
use crate::security::Credentials;
use crate::{check, media};

/// The arguments of an operation. Implemented by [`request!`](crate::request), never by hand.
pub trait FromRequest: Sized + Send + 'static {
    /// Whether the body is handed over unread.
    const STREAMS: Streams;
    /// The forms with files that it may be.
    const UPLOADS: &'static [Option<Upload>] = &[];

    /// Reads them.
    ///
    /// # Errors
    /// Returns an error if the request is not what the document says.
    fn read(request: &mut Request) -> Result<Self, Rejection>;
}

/// The context of a request for a method, with the principal that the check of its credentials returned.
#[derive(Debug)]
pub struct Context<P = ()> {
    /// The operation: `GET /pets/{petId}`.
    pub operation: &'static str,
    /// Method, URI, headers and extensions, as received.
    pub parts: Parts,
    /// The schemes of the satisfied requirement: one of the operation's alternatives (OAS 4.8.30), empty for anonymous
    /// requests.
    pub requirement: &'static [&'static str],
    /// Who calls; `None` for anonymous requests.
    pub principal: Option<P>,
}

/// A principal of any type, on its way from the check to the method.
pub(super) type Carried = Box<dyn Any + Send + Sync>;

impl Context<Carried> {
    /// Returns the context with the principal's type.
    pub(super) fn typed<P: 'static>(self) -> Context<P> {
        let Self { operation, parts, requirement, principal } = self;
        let principal = principal.and_then(|carried| carried.downcast().ok()).map(|principal| *principal);
        Context { operation, parts, requirement, principal }
    }
}

impl Context {
    /// Returns the context with a principal.
    pub(super) fn of(self, principal: Option<Carried>) -> Context<Carried> {
        let Self { operation, parts, requirement, .. } = self;
        Context { operation, parts, requirement, principal }
    }
}

impl<P> Context<P> {
    /// Returns who calls.
    ///
    /// # Errors
    /// Returns 401 for an anonymous request.
    pub fn principal(&self) -> Result<&P, Rejection> {
        self.principal.as_ref().ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED).into())
    }

    /// Returns the credentials of the request, required or not.
    pub fn credentials<C: Credentials>(&self) -> C {
        C::presented(&self.parts)
    }
}

/// A body that has come in.
pub(super) enum Intake {
    /// Buffered or streamed.
    Body(Body),
    /// The parts of a form, or its fault.
    Parts(Result<Vec<Part>, Fault>),
}

/// A routed request while its arguments are read.
#[derive(Debug)]
pub struct Request {
    context: Context<Carried>,
    path: Vec<(String, String)>,
    /// The query, taken apart when the first parameter is read.
    pairs: Option<Query<'static>>,
    payload: Payload,
    faults: Vec<Fault>,
    /// The names of what the operation reads from the query; `None` for what it reads elsewhere.
    queried: &'static [Option<&'static str>],
    /// A check found faults in the body.
    is_bad_body: bool,
}

impl Request {
    pub(super) fn new(context: Context<Carried>, path: Vec<(String, String)>, body: Intake) -> Self {
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
        let payload = Payload { headers, body, parts, faults: Vec::new() };
        Self { context, path, pairs: None, payload, faults: Vec::new(), queried: &[], is_bad_body: false }
    }

    pub(super) fn accept(&self) -> Option<Cow<'_, str>> {
        exchange::accept(&self.context.parts.headers)
    }

    pub(super) fn into_context<P: 'static>(self) -> Context<P> {
        self.context.typed()
    }

    /// Declares the query parameters, which do not belong to an exploded object with arbitrary names.
    pub fn declare(&mut self, queried: &'static [Option<&'static str>]) {
        self.queried = queried;
    }

    /// Returns a path parameter; `None` if it is invalid, which [`Request::refused`] reports.
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
    pub fn query_string<T: DeserializeOwned>(
        &mut self,
        name: &str,
        media_type: &str,
        shape: &Shape,
    ) -> Option<T> {
        let query_string = Some(media_type);
        let encoding = param::FORM;
        let location = Location::Query;
        self.read(&Parameter { location, name, encoding, shape, query_string })
    }

    fn typed<T: DeserializeOwned>(
        &mut self,
        location: Location,
        name: &str,
        encoding: Encoding,
        shape: &Shape,
    ) -> Option<T> {
        self.read(&Parameter { location, name, encoding, shape, query_string: None })
    }

    /// A valid value as its type.
    fn read<T: DeserializeOwned>(&mut self, parameter: &Parameter<'_>) -> Option<T> {
        let parts = &self.context.parts;
        let query = parts.uri.query();
        let pairs = self.pairs.get_or_insert_with(|| Query::parse(query.unwrap_or_default()).into_owned());
        let path: Vec<_> = self.path.iter().map(|(name, raw)| (name.as_str(), raw.as_str())).collect();
        let source = Source { path: &path, query, pairs, headers: &parts.headers };
        let is_sibling =
            |name: &str| parameter.location == Location::Query && self.queried.contains(&Some(name));
        let mut value = parameter.read(&source, is_sibling, |value| check::check(value, parameter.shape));
        // What has no type is validated as what it may stand for, and handed on as text.
        if let Ok(Some(known)) = &mut value
            && parameter.shape.kinds == Kinds::SCALAR
            && let Some(text) = parameter.text(&source, is_sibling)
        {
            *known = text;
        }
        let typed = value.and_then(|value| {
            param::typed(value).map_err(|fault| vec![fault.of(parameter.location, parameter.name)])
        });
        typed.map_err(|faults| self.faults.extend(faults)).ok()
    }

    /// Validates the body, if it is of this media type.
    pub fn check(&mut self, media_type: &str, shape: &Shape) {
        let is_read = self.payload.body.as_bytes().is_some();
        if !is_read || !self.has_body() || !media::matches(media_type, self.payload.content_type()) {
            return;
        }
        let before = self.faults.len();
        let bytes = self.payload.body.as_bytes().cloned().unwrap_or_default();
        let read = body::read(self.payload.content_type(), &bytes, shape, |value| check::check(value, shape));
        self.faults.extend(read.err().into_iter().flatten());
        self.is_bad_body |= self.faults.len() > before;
    }

    /// Reads the body with a function of a [`codec`](crate::codec).
    ///
    /// # Errors
    /// Returns an error if its media type is not a documented one: 415 (RFC 9110, 15.5.16).
    pub fn body<T>(
        &mut self,
        media_types: &[&str],
        read: impl FnOnce(&mut Payload) -> Result<T, Fault>,
    ) -> Result<Option<T>, Rejection> {
        if !self.has_body() {
            self.faults.push(body::missing());
            return Ok(None);
        }
        self.admit(media_types)?;
        // Where validation has reported what is wrong, the type would only report it again.
        let is_reported = self.is_bad_body;
        let read = read(&mut self.payload);
        let others = std::mem::take(&mut self.payload.faults);
        Ok(read
            .map_err(|fault| self.faults.extend(others.into_iter().chain([fault]).filter(|_| !is_reported)))
            .ok())
    }

    /// Reads the body as a valid value of this shape.
    ///
    /// # Errors
    /// As [`Request::body`].
    pub fn shaped_body<T: DeserializeOwned>(
        &mut self,
        media_types: &[&str],
        shape: &Shape,
    ) -> Result<Option<T>, Rejection> {
        if !self.has_body() {
            self.faults.push(body::missing());
            return Ok(None);
        }
        self.admit(media_types)?;
        let bytes = self.payload.body.as_bytes().cloned().unwrap_or_default();
        let value =
            body::read(self.payload.content_type(), &bytes, shape, |value| check::check(value, shape));
        let typed = value.and_then(|value| param::typed(Some(value)).map_err(|fault| vec![fault]));
        Ok(typed.map_err(|faults| self.faults.extend(faults)).ok())
    }

    /// Reads the body if there is one.
    ///
    /// # Errors
    /// As [`Request::body`].
    pub fn optional_body<T>(
        &mut self,
        media_types: &[&str],
        read: impl FnOnce(&mut Payload) -> Result<T, Fault>,
    ) -> Result<Option<Option<T>>, Rejection> {
        match self.has_body() {
            true => Ok(self.body(media_types, read)?.map(Some)),
            false => Ok(Some(None)),
        }
    }

    /// Reads the body, if there is one, as a valid value of this shape.
    ///
    /// # Errors
    /// As [`Request::body`].
    pub fn optional_shaped_body<T: DeserializeOwned>(
        &mut self,
        media_types: &[&str],
        shape: &Shape,
    ) -> Result<Option<Option<T>>, Rejection> {
        match self.has_body() {
            true => Ok(self.shaped_body(media_types, shape)?.map(Some)),
            false => Ok(Some(None)),
        }
    }

    fn has_body(&self) -> bool {
        let is_empty = self.payload.body.as_bytes().is_some_and(bytes::Bytes::is_empty);
        body::is_present(body::content_type(&self.payload.headers), is_empty && self.payload.parts.is_none())
    }

    fn admit(&self, media_types: &[&str]) -> Result<(), Rejection> {
        if media_types.is_empty() {
            return Ok(());
        }
        let selected = body::select(&self.context.parts.headers, media_types);
        selected.map(drop).map_err(|why| refusal::unsupported(&why))
    }

    /// Finishes reading.
    ///
    /// # Errors
    /// With every fault, where there was one.
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
                $($(request.check($media, &$shape);)*)?
                $(let $field = $crate::request!(@read request $place $($how)*);)*
                request.refused()?;
                Ok(Self { $($field: $field.ok_or_else($crate::server::Rejection::unread)?),* })
            }
        }
    };
    (@queried query $name:literal, $($how:tt)*) => { Some($name) };
    (@queried $($other:tt)*) => { None };
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
    (@read $request:ident query_string $name:literal, $media:literal, $($shape:tt)+) => {{
        static SHAPE: $crate::param::Shape = $crate::shape!($($shape)+);
        $request.query_string($name, $media, &SHAPE)
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

//! From a call to the request on the wire, by the runtime's own styles and media types, with credentials in place.

use std::collections::HashMap;

use descant_exchange::{Schemas, TextCodec};
use descant_model::api::{Api, Location, Operation, Parameter};
use descant_runtime::param::{self, Shape};
use descant_runtime::problem::Fault;
use descant_runtime::querystring;
use serde_json::Value;

use crate::case::{Body, Call, Input, Presented};
use crate::credentials::Credentials;
use crate::exchange::{Exchange, HttpRequest};
use crate::expression::evaluate;
use crate::round_trip::{self, RoundTrip};

mod auth;
mod body;

pub(crate) use auth::{BASE64, UPPER_CASE};
pub use body::{concrete, encode as encode_body};

/// The request of a call. `earlier` are the exchanges of the case so far.
///
/// # Errors
/// Where the call cannot be written down: a value that no path can hold, an expression that finds nothing.
pub fn encode(
    api: &Api,
    call: &Call,
    credentials: &Credentials,
    earlier: &[Exchange],
) -> Result<HttpRequest, String> {
    let operation = call.operation(api).ok_or("the operation does not exist")?;
    let mut draft = Draft::default();
    draft.wire.method = call.method.clone().unwrap_or_else(|| operation.method.clone());
    let declared: HashMap<(Location, &str), &Parameter> =
        operation.parameters.iter().map(|it| ((it.location, it.name.as_str()), &**it)).collect();
    for (location, name, input) in &call.parameters {
        let Some(parameter) = declared.get(&(*location, name.as_str())) else { continue };
        draft.parameter(parameter, input, earlier).map_err(|reason| format!("{name}: {reason}"))?;
    }
    draft.body(api, operation, call.body.as_ref())?;
    if call.credential != Presented::Nothing
        && let Ok(Some(requirement)) = credentials.choose(operation)
    {
        for (location, name) in requirement.schemes.keys().filter_map(|scheme| auth::place(api, scheme)) {
            draft.remove(location, name);
        }
        for scheme in requirement.schemes.keys() {
            auth::present(api, scheme, credentials, call.credential, &mut draft)?;
        }
    }
    draft.finish(&operation.path.raw)
}

/// A request that is being put together.
#[derive(Default)]
struct Draft {
    wire: HttpRequest,
    path: Vec<(String, String)>,
    /// Each pair with the name of its parameter.
    query: Vec<(String, String)>,
    cookies: Vec<(String, String)>,
}

impl Draft {
    fn parameter(
        &mut self,
        parameter: &Parameter,
        input: &Input,
        earlier: &[Exchange],
    ) -> Result<(), String> {
        let name = parameter.name.as_str();
        let value = match input {
            Input::Raw(text) => {
                self.place(parameter.location, name, text.clone());
                return Ok(());
            }
            Input::Value(value) => value.clone(),
            Input::Link { step, expression } => {
                let found = earlier.get(*step).and_then(|exchange| evaluate(expression, exchange));
                found.ok_or_else(|| format!("`{expression}` finds nothing in the answer"))?
            }
        };
        let codec = TextCodec::of_parameter(parameter);
        let cannot = |fault: descant_runtime::problem::Fault| fault.detail;
        let text = write(parameter, &codec, &value).map_err(cannot)?;
        self.wire.values.push((parameter.location.as_str(), name.to_owned(), value));
        if let Some(text) = text.filter(|text| !text.is_empty() || parameter.location == Location::Header) {
            self.place(parameter.location, name, text);
        }
        Ok(())
    }

    /// Puts text where it travels; of queries and cookies it is the whole pair.
    fn place(&mut self, location: Location, name: &str, text: String) {
        match location {
            Location::Path => self.path.push((name.to_owned(), text)),
            Location::Query | Location::QueryString => self.query.push((name.to_owned(), text)),
            Location::Header => self.wire.headers.push((name.to_owned(), text)),
            Location::Cookie => self.cookies.push((name.to_owned(), text)),
        }
    }

    /// Takes out a parameter: some documents declare a credential as one, too.
    fn remove(&mut self, location: Location, name: &str) {
        match location {
            Location::Path => {}
            Location::Query | Location::QueryString => self.query.retain(|(other, _)| other != name),
            Location::Header => self.wire.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name)),
            Location::Cookie => self.cookies.retain(|(other, _)| other != name),
        }
    }

    fn body(&mut self, api: &Api, operation: &Operation, body: Option<&Body>) -> Result<(), String> {
        let (media_type, bytes) = match body {
            None => return Ok(()),
            Some(Body::Raw { media_type, bytes }) => (media_type.clone(), bytes.clone()),
            Some(Body::Value { media_type, value }) => body::write(api, operation, media_type, value)?,
        };
        self.wire.headers.push(("Content-Type".to_owned(), media_type));
        self.wire.body = Some(bytes);
        Ok(())
    }

    fn finish(mut self, template: &str) -> Result<HttpRequest, String> {
        let texts: Vec<(&str, String)> =
            self.path.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
        self.wire.target = param::fill_path(template, &texts).map_err(|fault| fault.detail)?;
        let texts =
            |pairs: Vec<(String, String)>| pairs.into_iter().map(|(_, text)| text).collect::<Vec<_>>();
        param::push_query(&mut self.wire.target, &texts(self.query));
        if !self.cookies.is_empty() {
            self.wire.headers.push(("Cookie".to_owned(), texts(self.cookies).join("; ")));
        }
        Ok(self.wire)
    }
}

/// The text of a parameter's value; `None` where nothing is sent for it.
fn write(parameter: &Parameter, codec: &TextCodec, value: &Value) -> Result<Option<String>, Fault> {
    let (name, encoding) = (parameter.name.as_str(), codec.encoding());
    match (parameter.location, codec) {
        (_, TextCodec::QueryString(media_type)) => {
            querystring::encode(media_type, value, &Shape::STRING).map(Some)
        }
        (Location::Path, _) => param::encode_path(name, value, encoding).map(Some),
        (Location::Query | Location::QueryString, _) => param::encode_query(name, value, encoding).map(Some),
        (Location::Header, _) => param::encode_header(name, value, encoding),
        (Location::Cookie, _) => param::encode_cookie(name, value, encoding).map(Some),
    }
}

/// Whether a value can be written as its parameter is: in a path, it has to be a text other than the empty one and dots.
pub(crate) fn is_writable(parameter: &Parameter, value: &Value) -> bool {
    let text = write(parameter, &TextCodec::of_parameter(parameter), value);
    let is_segment = |text: Option<String>| !matches!(text.as_deref(), Some("" | "." | ".."));
    text.is_ok_and(|text| parameter.location != Location::Path || is_segment(text))
}

/// What a parameter's value has become once it was written and read again.
pub(crate) fn round_trip(schemas: &Schemas, parameter: &Parameter, value: &Value) -> RoundTrip {
    match TextCodec::of_parameter(parameter) {
        TextCodec::Encoded(encoding) => {
            let shape = schemas.shape(parameter.schema);
            round_trip::round_trip(parameter.location, &parameter.name, value, encoding, &shape)
        }
        // No value of it is known to be broken.
        TextCodec::QueryString(_) | TextCodec::Unsupported(_) => RoundTrip::Unsent,
    }
}

//! From a call to the request on the wire, by the runtime's own styles and media types, with credentials in place.

use descant_model::api::{Api, Location, Operation, Parameter};
use descant_runtime::param;
use serde_json::Value;

use crate::case::{Body, Call, Input, Presented};
use crate::credentials::Credentials;
use crate::exchange::{Exchange, Wire};
use crate::expression::evaluate;
use crate::reread::{self, Reread};

mod auth;
mod body;

pub(crate) use auth::{BASE64, has_challenge};
pub use body::encode as encode_body;
pub(crate) use body::read as read_body;

/// The request of a call. `earlier` are the exchanges of the case so far.
///
/// # Errors
/// Where the call cannot be written down: a value that no path can hold, an expression that finds nothing.
pub fn encode(
    api: &Api,
    call: &Call,
    credentials: &Credentials,
    earlier: &[Exchange],
) -> Result<Wire, String> {
    let operation = call.operation(api).ok_or("the operation does not exist")?;
    let mut draft = Draft::default();
    draft.wire.method = call.method.clone().unwrap_or_else(|| operation.method.clone());
    for (location, name, input) in &call.parameters {
        let Some(parameter) = find(operation, *location, name) else { continue };
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

fn find<'a>(operation: &'a Operation, location: Location, name: &str) -> Option<&'a Parameter> {
    operation.parameters.iter().find(|p| p.location == location && p.name == name).map(|p| &**p)
}

/// A whole query string (OAS 3.2, `in: querystring`): JSON, or a form.
fn whole(value: &Value, encoding: param::Encoding) -> Result<String, String> {
    let text = param::encode_query("", value, encoding).map_err(|fault| fault.detail)?;
    Ok(text.strip_prefix('=').map(str::to_owned).unwrap_or(text))
}

/// A request that is being put together.
#[derive(Default)]
struct Draft {
    wire: Wire,
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
        let encoding = match descant_wire::encoding(&parameter.encoding) {
            None if parameter.location == Location::QueryString => Some(param::FORM),
            encoding => encoding,
        };
        let encoding = encoding.ok_or("its media type cannot be written")?;
        let cannot = |fault: descant_runtime::problem::Fault| fault.detail;
        let text = match parameter.location {
            Location::Path => Some(param::encode_path(name, &value, encoding).map_err(cannot)?),
            Location::Query => Some(param::encode_query(name, &value, encoding).map_err(cannot)?),
            Location::Header => param::encode_header(name, &value, encoding).map_err(cannot)?,
            Location::Cookie => Some(param::encode_cookie(name, &value, encoding).map_err(cannot)?),
            Location::QueryString => Some(whole(&value, encoding)?),
        };
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

    fn finish(mut self, template: &str) -> Result<Wire, String> {
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

/// Whether a value can be written as its parameter is: in a path, it has to be a text other than the empty one and dots.
pub(crate) fn is_writable(parameter: &Parameter, value: &Value) -> bool {
    let Some(encoding) = descant_wire::encoding(&parameter.encoding) else { return true };
    let name = &parameter.name;
    match parameter.location {
        Location::Path => param::encode_path(name, value, encoding)
            .is_ok_and(|text| !matches!(text.as_str(), "" | "." | "..")),
        Location::Header => param::encode_header(name, value, encoding).is_ok(),
        Location::Cookie => param::encode_cookie(name, value, encoding).is_ok(),
        Location::Query | Location::QueryString => param::encode_query(name, value, encoding).is_ok(),
    }
}

/// What a parameter's value has become once it was written and read again.
pub(crate) fn reread(api: &Api, parameter: &Parameter, value: &Value) -> Reread {
    let Some(encoding) = descant_wire::encoding(&parameter.encoding) else { return Reread::Unsent };
    let shape = descant_wire::shape(&api.schemas, parameter.schema);
    reread::reread(parameter.location, &parameter.name, value, encoding, &shape)
}

/// Reads a response header.
pub(crate) fn read_header(
    api: &Api,
    header: &descant_model::api::Header,
    text: &str,
) -> Result<Value, String> {
    let encoding = descant_wire::encoding(&header.encoding).ok_or("its media type cannot be read")?;
    let shape = descant_wire::shape(&api.schemas, header.schema);
    param::decode_header("", text, encoding, &shape).map_err(|fault| fault.detail)
}

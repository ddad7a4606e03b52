//! What a request says: its parameters and body as JSON values, each judged by its schema, all faults at once.

use descant_model::api::{self, Operation, ParameterEncoding, SchemaId};
use descant_runtime::param::{self, Encoding, Kinds, Location, Query, Shape, Style};
use descant_runtime::problem::{Fault, Place};
use descant_schema::Validator;
use http::header::COOKIE;
use http::{HeaderMap, HeaderName, StatusCode};
use indexmap::IndexMap;
use serde_json::Value;

use crate::Request;
use crate::body::Bodies;
use crate::problem::Problem;
use crate::schemas::Schemas;

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// What the requests of an operation must follow.
pub(crate) struct Requests {
    parameters: Vec<Parameter>,
    bodies: Option<Bodies>,
    /// What a request answers that cannot be read, and one that breaks a constraint: 400 and 422 where the document
    /// knows both, else the one that it knows, else 400.
    unreadable: StatusCode,
    invalid: StatusCode,
}

/// A parameter with what it takes to read and judge it.
struct Parameter {
    name: String,
    location: Location,
    encoding: Encoding,
    shape: Shape,
    required: bool,
    allow_empty: bool,
    schema: Option<SchemaId>,
}

/// The values of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Decoded {
    /// Those that were sent, each with the index of its parameter.
    parameters: Vec<(usize, Value)>,
    pub(crate) body: Option<Value>,
}

impl Requests {
    pub(crate) fn new(schemas: &Schemas, operation: &Operation) -> Self {
        let knows = |status| {
            operation.responses.iter().any(|(pattern, _)| *pattern == api::StatusPattern::Code(status))
        };
        Self {
            parameters: operation.parameters.iter().map(|one| Parameter::new(schemas, one)).collect(),
            bodies: operation.request_body.as_deref().map(|body| Bodies::new(schemas, body)),
            unreadable: if knows(422) && !knows(400) { UNPROCESSABLE } else { StatusCode::BAD_REQUEST },
            invalid: if knows(422) { UNPROCESSABLE } else { StatusCode::BAD_REQUEST },
        }
    }

    /// The values of a request; `texts` are those of the path's parameters.
    ///
    /// # Errors
    /// 415 where the body's type is not documented, else every fault.
    pub(crate) fn decode(
        &self,
        schemas: &Schemas,
        texts: &[(&str, &str)],
        request: &Request,
    ) -> Result<Decoded, Problem> {
        let mut decoded = Decoded { parameters: Vec::with_capacity(self.parameters.len()), body: None };
        let mut faults = Vec::new();
        let source = Source::new(texts, request);
        for (index, parameter) in self.parameters.iter().enumerate() {
            match parameter.read(schemas, &source, &self.parameters) {
                Ok(Some(value)) => {
                    faults.extend(parameter.faults(schemas, &value));
                    decoded.parameters.push((index, value));
                }
                Ok(None) if parameter.required => faults.push(parameter.missing()),
                Ok(None) => {}
                Err(fault) => faults.push(fault),
            }
        }
        if let Some(bodies) = &self.bodies {
            decoded.body = bodies.read(schemas, request, &mut faults)?;
        }
        if faults.is_empty() { Ok(decoded) } else { Err(self.refuse(faults)) }
    }

    /// The values of the parameters at a place, by name.
    pub(crate) fn values(&self, decoded: &Decoded, location: Location) -> IndexMap<String, Value> {
        let known = decoded
            .parameters
            .iter()
            .filter_map(|(index, value)| Some((self.parameters.get(*index)?, value)));
        let there = known.filter(|(parameter, _)| parameter.location == location);
        there.map(|(parameter, value)| (parameter.name.clone(), value.clone())).collect()
    }

    /// The value of one parameter, where it was sent.
    pub(crate) fn value<'d>(
        &self,
        decoded: &'d Decoded,
        location: Location,
        name: &str,
    ) -> Option<&'d Value> {
        let known = |index: &usize| self.parameters.get(*index);
        let is_it = |one: &Parameter| one.location == location && one.name == name;
        decoded.parameters.iter().find(|(index, _)| known(index).is_some_and(is_it)).map(|(_, value)| value)
    }

    fn refuse(&self, faults: Vec<Fault>) -> Problem {
        let unreadable = |fault: &Fault| matches!(&*fault.keyword, "syntax" | "encoding");
        let status = if faults.iter().any(unreadable) { self.unreadable } else { self.invalid };
        let detail = match faults.as_slice() {
            [one] => one.to_string(),
            many => format!("the request has {} faults", many.len()),
        };
        Problem { faults, ..Problem::new(status, detail) }
    }
}

/// The parts of a request that hold parameters.
struct Source<'r> {
    texts: &'r [(&'r str, &'r str)],
    raw_query: &'r str,
    query: Query<'r>,
    headers: &'r HeaderMap,
}

impl<'r> Source<'r> {
    fn new(texts: &'r [(&'r str, &'r str)], request: &'r Request) -> Self {
        let raw_query = request.uri().query().unwrap_or_default();
        Self { texts, raw_query, query: Query::parse(raw_query), headers: request.headers() }
    }
}

/// Every line of a header as one text (RFC 9110, 5.3).
///
/// # Errors
/// Where one is not UTF-8.
pub(crate) fn lines(headers: &HeaderMap, name: &HeaderName, joint: &str) -> Result<Option<String>, Fault> {
    let lines = headers.get_all(name).iter().map(|line| std::str::from_utf8(line.as_bytes()));
    let lines: Vec<_> = lines
        .collect::<Result<_, _>>()
        .map_err(|_| Fault::new("encoding", "UTF-8", "").detail("not UTF-8"))?;
    Ok((!lines.is_empty()).then(|| lines.join(joint)))
}

impl Parameter {
    fn new(schemas: &Schemas, parameter: &api::Parameter) -> Self {
        let whole = parameter.location == api::Location::QueryString;
        let allow_empty = matches!(parameter.encoding, ParameterEncoding::Style { allow_empty: true, .. });
        let text = if whole { param::FORM } else { param::FORM_JOINED };
        let encoding = descant_wire::encoding(&parameter.encoding).unwrap_or(text);
        let shape = schemas.shape(parameter.schema);
        Self {
            name: if whole { String::new() } else { parameter.name.clone() },
            location: location_of(parameter.location),
            encoding,
            shape,
            required: parameter.required,
            allow_empty,
            schema: parameter.schema,
        }
    }

    fn read(&self, schemas: &Schemas, source: &Source<'_>, all: &[Self]) -> Result<Option<Value>, Fault> {
        let value = self.decode(source, &self.shape)?;
        let refused = |value: &Value| self.validator(schemas).is_some_and(|it| !it.is_valid(value));
        Ok(match value {
            // An exploded object with free names is not made of the parameters beside it.
            Some(Value::Object(mut members)) if self.takes_others() => {
                let others =
                    all.iter().filter(|other| other.location == self.location && other.name != self.name);
                others.for_each(|other| _ = members.shift_remove(&other.name));
                (!members.is_empty()).then_some(Value::Object(members))
            }
            // `007` may be a number, but where the schema refuses it as one it may still be text.
            Some(value) if !value.is_string() && self.shape.kinds.has(Kinds::STRING) && refused(&value) => {
                let text = self.decode(source, &Shape { kinds: Kinds::STRING, ..self.shape.clone() })?;
                text.filter(|text| !refused(text)).or(Some(value))
            }
            value => value,
        })
    }

    fn decode(&self, source: &Source<'_>, shape: &Shape) -> Result<Option<Value>, Fault> {
        match self.location {
            Location::Path => {
                let text = source.texts.iter().find(|(name, _)| *name == self.name);
                text.map(|(_, text)| param::decode_path(&self.name, text, self.encoding, shape)).transpose()
            }
            Location::Query if self.name.is_empty() && self.encoding.style == Style::Json => {
                self.whole(source)
            }
            Location::Query => source.query.decode(&self.name, self.encoding, shape),
            Location::Header => {
                let Ok(name) = self.name.parse() else { return Ok(None) };
                let text = lines(source.headers, &name, ",");
                let text = text.map_err(|fault| fault.of(self.location, &self.name))?;
                text.map(|text| param::decode_header(&self.name, &text, self.encoding, shape)).transpose()
            }
            Location::Cookie => {
                let text = lines(source.headers, &COOKIE, "; ");
                let text = text.map_err(|fault| fault.of(self.location, &self.name))?.unwrap_or_default();
                param::decode_cookie(&self.name, &text, self.encoding, shape)
            }
        }
    }

    /// The whole query string as one JSON text (OAS 3.2, `in: querystring`).
    fn whole(&self, source: &Source<'_>) -> Result<Option<Value>, Fault> {
        let pair = format!("={}", source.raw_query);
        let query = if source.raw_query.is_empty() { Query::default() } else { Query::parse(&pair) };
        query.decode("", self.encoding, &self.shape)
    }

    fn validator<'s>(&self, schemas: &'s Schemas) -> Option<&'s Validator> {
        schemas.request(self.schema?)
    }

    fn takes_others(&self) -> bool {
        self.encoding.explode && self.shape.additional.is_some() && self.encoding.style != Style::DeepObject
    }

    fn faults(&self, schemas: &Schemas, value: &Value) -> Vec<Fault> {
        let Some(validator) = self.validator(schemas).filter(|it| !it.is_valid(value)) else {
            return Vec::new();
        };
        if self.allow_empty && value.as_str() == Some("") {
            return Vec::new();
        }
        let place = |pointer| Place::Parameter { location: self.location, name: self.name.clone(), pointer };
        validator.faults(value).into_iter().map(|fault| judged(fault, Some(value), &place)).collect()
    }

    fn missing(&self) -> Fault {
        Fault::new("required", "a value", "").detail("required, but not sent").of(self.location, &self.name)
    }
}

/// A fault that the schema found, at its place in the request.
///
/// `texts` is the value where it was read from text: what is of the wrong kind there is shown as it was sent.
pub(crate) fn judged(
    fault: descant_schema::Fault,
    texts: Option<&Value>,
    place: &dyn Fn(String) -> Place,
) -> Fault {
    let texts = texts.filter(|_| fault.keyword == "type");
    let told = match texts.and_then(|value| value.pointer(&fault.pointer)).and_then(Value::as_str) {
        Some(text) => Fault::new(&fault.keyword, fault.expected, text),
        None => Fault::new(&fault.keyword, fault.expected, "").detail(fault.message),
    };
    Fault { place: place(fault.pointer), ..told }
}

fn location_of(location: api::Location) -> Location {
    match location {
        api::Location::Path => Location::Path,
        api::Location::Query | api::Location::QueryString => Location::Query,
        api::Location::Header => Location::Header,
        api::Location::Cookie => Location::Cookie,
    }
}

/// How a parameter or header is written; by `content` it is JSON, or text as it stands.
pub(crate) fn encoding_of(encoding: &ParameterEncoding) -> Encoding {
    descant_wire::encoding(encoding).unwrap_or(param::FORM_JOINED)
}

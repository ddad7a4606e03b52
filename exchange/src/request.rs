//! What a request says: its parameters and body as JSON values, each validated by its schema, all faults at once.

use descant_model::api::{self, Operation, ParameterEncoding, SchemaId};
use descant_runtime::exchange::{self, Refusals, Source};
use descant_runtime::param::{Encoding, Facet, Location, Query, Shape};
use descant_runtime::problem::Fault;
use indexmap::IndexMap;
use serde_json::Value;

use crate::body::BodyPlan;
use crate::codec::{self, TextCodec};
use crate::incoming::{Incoming, Refusal, located};
use crate::schemas::Schemas;

/// What the requests of an operation must follow.
pub struct RequestPlan {
    parameters: Vec<ParameterPlan>,
    body: Option<BodyPlan>,
    refusals: Refusals,
}

/// A parameter with what it takes to read and validate it.
struct ParameterPlan {
    name: String,
    location: Location,
    encoding: Encoding,
    /// The media type of the whole query string, where it is that.
    query_string: Option<String>,
    shape: Shape,
    required: bool,
    /// `None` where everything is valid.
    schema: Option<SchemaId>,
}

/// The values of a request.
#[derive(Clone, Debug, Default)]
pub struct Decoded {
    /// Those that were sent, each with the index of its parameter.
    parameters: Vec<(usize, Value)>,
    /// `None` where none was sent, or the operation describes none.
    pub body: Option<Value>,
}

impl RequestPlan {
    /// Prepares the requests of an operation. Compiles no schema.
    pub fn new(schemas: &Schemas, operation: &Operation) -> Self {
        Self {
            parameters: operation.parameters.iter().map(|one| ParameterPlan::new(schemas, one)).collect(),
            body: operation.request_body.as_deref().map(|body| BodyPlan::new(schemas, body)),
            refusals: Refusals::new(|status| operation.documents_code(status)),
        }
    }

    /// Returns the values of a request.
    ///
    /// # Errors
    /// 415 where the body's media type is not documented, else every fault.
    pub fn decode(&self, schemas: &Schemas, request: &Incoming<'_>) -> Result<Decoded, Refusal> {
        let mut decoded = Decoded { parameters: Vec::with_capacity(self.parameters.len()), body: None };
        let mut faults = Vec::new();
        let Incoming { path, query, headers, .. } = *request;
        let pairs = Query::parse(query.unwrap_or_default());
        let source = Source { path, query, pairs: &pairs, headers };
        for (index, parameter) in self.parameters.iter().enumerate() {
            match parameter.read(schemas, &source, &self.parameters) {
                Ok(Some(value)) => decoded.parameters.push((index, value)),
                Ok(None) if parameter.required => faults.push(parameter.terms().missing()),
                Ok(None) => {}
                Err(found) => faults.extend(found),
            }
        }
        if let Some(body) = &self.body {
            decoded.body = body.read(schemas, request, &mut faults)?;
        }
        if faults.is_empty() { Ok(decoded) } else { Err(self.refuse(faults)) }
    }

    /// Returns the values of the parameters at a place, by name.
    pub fn values(&self, decoded: &Decoded, location: Location) -> IndexMap<String, Value> {
        let known = decoded
            .parameters
            .iter()
            .filter_map(|(index, value)| Some((self.parameters.get(*index)?, value)));
        let there = known.filter(|(parameter, _)| parameter.location == location);
        there.map(|(parameter, value)| (parameter.name.clone(), value.clone())).collect()
    }

    /// Returns the value of one parameter, where it was sent.
    pub fn value<'d>(&self, decoded: &'d Decoded, location: Location, name: &str) -> Option<&'d Value> {
        let known = |index: &usize| self.parameters.get(*index);
        let is_it = |one: &ParameterPlan| one.location == location && one.name == name;
        decoded.parameters.iter().find(|(index, _)| known(index).is_some_and(is_it)).map(|(_, value)| value)
    }

    fn refuse(&self, faults: Vec<Fault>) -> Refusal {
        let detail = match faults.as_slice() {
            [one] => one.to_string(),
            many => format!("the request has {} faults", many.len()),
        };
        Refusal { status: self.refusals.status(&faults), detail, faults, headers: Vec::new() }
    }
}

impl ParameterPlan {
    fn new(schemas: &Schemas, parameter: &api::Parameter) -> Self {
        let codec = TextCodec::of_parameter(parameter);
        let allow_empty = matches!(parameter.encoding, ParameterEncoding::Style { allow_empty: true, .. });
        let schema = parameter.schema.filter(|_| codec.is_supported());
        let mut shape = schemas.shape(schema);
        if allow_empty {
            shape.facets.to_mut().push(Facet::MayBeEmpty);
        }
        Self {
            name: parameter.name.clone(),
            location: codec::location(parameter.location),
            encoding: codec.encoding(),
            shape,
            required: parameter.required,
            schema,
            query_string: match codec {
                TextCodec::QueryString(media_type) => Some(media_type),
                TextCodec::Encoded(_) | TextCodec::Unsupported(_) => None,
            },
        }
    }

    fn terms(&self) -> exchange::Parameter<'_> {
        exchange::Parameter {
            location: self.location,
            name: &self.name,
            encoding: self.encoding,
            shape: &self.shape,
            query_string: self.query_string.as_deref(),
        }
    }

    fn read(
        &self,
        schemas: &Schemas,
        source: &Source<'_>,
        all: &[Self],
    ) -> Result<Option<Value>, Vec<Fault>> {
        let is_sibling = |name: &str| all.iter().any(|one| one.location == self.location && one.name == name);
        let validator = self.schema.and_then(|schema| schemas.request(schema));
        self.terms().read(source, is_sibling, |value| match validator {
            Some(validator) if !validator.is_valid(value) => {
                validator.faults(value).into_iter().map(|fault| located(fault, Some(value))).collect()
            }
            _ => Vec::new(),
        })
    }
}

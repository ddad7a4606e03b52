//! The body of a request: which documented media type it is, its value, and what its schema says of that.

use descant_model::api::{self, SchemaId};
use descant_runtime::media::{self, Hints, Kind};
use descant_runtime::param::Shape;
use descant_runtime::problem::{Fault, Place};
use http::StatusCode;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE};
use serde_json::Value;

use crate::Request;
use crate::problem::Problem;
use crate::request::judged;
use crate::schemas::Schemas;

/// The media types that an operation takes.
pub(crate) struct Bodies {
    required: bool,
    forms: Vec<Form>,
}

/// One media type of a body.
struct Form {
    name: String,
    shape: Shape,
    schema: Option<SchemaId>,
}

/// Whether a request says of nothing what it is: an empty file or text.
fn is_empty_file(request: &Request) -> bool {
    let stated = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    stated.is_some_and(|stated| matches!(Kind::of(stated), Kind::Text | Kind::Binary))
}

impl Bodies {
    pub(crate) fn new(schemas: &Schemas, body: &api::RequestBody) -> Self {
        let forms = body.content.iter().map(|(name, model)| {
            let shape = schemas.body(model);
            Form { name: name.clone(), shape, schema: model.schema }
        });
        Self { required: body.required, forms: forms.collect() }
    }

    /// The value of a body, if one was sent; what is wrong with it is added to `faults`.
    ///
    /// # Errors
    /// 415 where its type is not documented, or it is encoded.
    pub(crate) fn read(
        &self,
        schemas: &Schemas,
        request: &Request,
        faults: &mut Vec<Fault>,
    ) -> Result<Option<Value>, Problem> {
        if request.body().is_empty() && !(self.required && is_empty_file(request)) {
            if self.required {
                faults.push(
                    Fault::new("required", "a body", "").detail("a body is required, but none was sent"),
                );
            }
            return Ok(None);
        }
        let (form, content_type) = self.documented(request)?;
        let value = match media::decode(content_type, request.body(), Hints { shape: Some(&form.shape) }) {
            Ok(value) => value,
            Err(fault) => {
                faults.push(fault);
                return Ok(None);
            }
        };
        let Some(validator) = form.schema.and_then(|id| schemas.request(id)) else { return Ok(Some(value)) };
        if validator.is_valid(&value) {
            return Ok(Some(value));
        }
        let pointers =
            |value: &Value| validator.faults(value).into_iter().map(|fault| fault.pointer).collect();
        let filled = media::with_empty_lists(content_type, &value, &form.shape, pointers);
        let filled = filled.filter(|filled| validator.is_valid(filled));
        if filled.is_none() {
            let texts = (Kind::of(content_type) != Kind::Json).then_some(&value);
            let found = validator.faults(&value).into_iter();
            faults.extend(found.map(|fault| judged(fault, texts, &Place::Body)));
        }
        Ok(filled.or(Some(value)))
    }

    /// Which documented type a body is, and the type itself; one without a `Content-Type` is taken for the first
    /// (RFC 9110, 8.3).
    fn documented<'r>(&'r self, request: &'r Request) -> Result<(&'r Form, &'r str), Problem> {
        if let Some(coding) = media::coding(request.headers()) {
            let detail = format!("the body is encoded by `{coding}`, which is not decoded here");
            let problem = Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail);
            return Err(problem.header(ACCEPT_ENCODING, "identity"));
        }
        let names: Vec<_> = self.forms.iter().map(|form| form.name.as_str()).collect();
        let sent = request.headers().get(CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default());
        let index = sent.map_or(Some(0), |sent| media::select(sent, &names));
        let found = index.and_then(|at| self.forms.get(at));
        let found = found.map(|form| (form, sent.unwrap_or(&form.name)));
        found.ok_or_else(|| {
            let names = names.join(", ");
            let detail = format!(
                "`{}` is not a documented type of this body; it takes {names}",
                sent.unwrap_or_default()
            );
            Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail).header(ACCEPT, &names)
        })
    }
}

//! The body of a request: which documented media type it is of, its value, and what its schema has against that.

use descant_model::api::{self, SchemaId};
use descant_runtime::exchange::body;
use descant_runtime::media::MediaKind;
use descant_runtime::param::Shape;
use descant_runtime::problem::Fault;
use serde_json::Value;

use crate::incoming::{Incoming, Refusal, located};
use crate::schemas::Schemas;

/// The media types that an operation takes.
pub(crate) struct BodyPlan {
    required: bool,
    contents: Vec<Content>,
}

/// One media type of a body.
struct Content {
    name: String,
    shape: Shape,
    schema: Option<SchemaId>,
}

impl BodyPlan {
    pub(crate) fn new(schemas: &Schemas, body: &api::RequestBody) -> Self {
        let contents = body.content.iter().map(|(name, media)| Content {
            name: name.clone(),
            shape: schemas.body(media),
            schema: media.schema,
        });
        Self { required: body.required, contents: contents.collect() }
    }

    /// Returns the value of a body, if one was sent; what is wrong with it is added to `faults`.
    ///
    /// # Errors
    /// 415 where its media type is not documented.
    pub(crate) fn read(
        &self,
        schemas: &Schemas,
        request: &Incoming<'_>,
        faults: &mut Vec<Fault>,
    ) -> Result<Option<Value>, Refusal> {
        let stated = body::content_type(request.headers);
        if !body::is_present(stated, request.body.is_empty()) {
            faults.extend(self.required.then(body::missing));
            return Ok(None);
        }
        let names: Vec<_> = self.contents.iter().map(|content| content.name.as_str()).collect();
        let index = body::select(request.headers, &names)?;
        let Some((content, stated)) = self.contents.get(index).zip(stated) else { return Ok(None) };
        let stated = if content.is_opaque() { OPAQUE } else { stated };
        let read =
            body::read(stated, request.body, &content.shape, |value| content.faults(schemas, value, stated));
        Ok(read.map_err(|found| faults.extend(found)).ok())
    }
}

/// A media type whose values are bytes.
const OPAQUE: &str = "application/octet-stream";

impl Content {
    /// Whether the body is bytes, whatever media type it states: by its schema, or because the document states a range of
    /// media types that nothing is known of.
    fn is_opaque(&self) -> bool {
        let is_any = self.name.starts_with("*/") || self.name.starts_with("application/");
        let is_range = self.name.contains('*') && MediaKind::of(&self.name) == MediaKind::Binary;
        self.shape.is_binary() || is_range && !(is_any && self.schema.is_some())
    }

    fn faults(&self, schemas: &Schemas, value: &Value, media_type: &str) -> Vec<Fault> {
        let validator = self.schema.and_then(|id| schemas.request(id));
        let Some(validator) = validator.filter(|validator| !validator.is_valid(value)) else {
            return Vec::new();
        };
        let texts = (MediaKind::of(media_type) != MediaKind::Json).then_some(value);
        validator.faults(value).into_iter().map(|fault| located(fault, texts)).collect()
    }
}

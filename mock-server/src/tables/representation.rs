//! A representation of a response: its examples as encoded bytes, each validated once, and sampled values as fallback.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use descant_exchange::Schemas;
use descant_model::api::{Example, ExampleValue, MediaType, Response as ApiResponse, SchemaId, When};
use descant_runtime::media::{self, Hints, MediaKind};
use descant_runtime::param::Shape;
use descant_schema::{Sampler, Unsatisfiable};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use serde_json::Value;

use super::echoes::Echoes;
use super::example_repair::repaired;
use crate::vocabulary::condition::{RequestView, holds};
use crate::vocabulary::message::{Response, notify};
use crate::vocabulary::picture::Picture;
use crate::vocabulary::placeholder;
use crate::vocabulary::seed::Seed;
use crate::vocabulary::settings::ExamplePolicy;
use crate::vocabulary::value_path::{at, plain};

/// The number of items of a sampled sequence.
const ITEMS: u64 = 3;

/// A representation of a response.
pub(crate) struct Representation {
    /// The media type or range, as the document writes it.
    pub(crate) name: String,
    /// The media type, or the usual media type of the range.
    pub(crate) usual: String,
    /// `usual` as a header field.
    pub(crate) content_type: HeaderValue,
    response: Arc<ApiResponse>,
    index: usize,
    encoded: OnceLock<Encoded>,
    /// The members that repeat the path's parameters.
    echoes: OnceLock<Echoes>,
    /// The last sampled body, for a request that is repeated (measured: docs/figures.md).
    last_sample: Mutex<Option<Sample>>,
    /// The value that refusals of one seed begin with.
    error_template: Mutex<Option<(u64, Arc<ErrorTemplate>)>>,
}

/// A value of an error response, whose members with customary names each refusal replaces.
pub(crate) struct ErrorTemplate {
    pub(crate) value: Value,
    pub(crate) is_example: bool,
}

/// A sampled body with everything it depends on beside the document.
struct Sample {
    seed: u64,
    path: Vec<Value>,
    media_type: String,
    bytes: Bytes,
}

/// The greatest length of a sampled body that is cached.
const MAX_CACHED: usize = 16 * 1024;

/// The parts that are made when a representation is first sent.
struct Encoded {
    examples: Vec<EncodedExample>,
    /// The values that text stands for where the media type has no kinds of its own.
    shape: Shape,
}

/// An example as bytes.
struct EncodedExample {
    /// Its place among the examples of the document.
    index: usize,
    name: Option<String>,
    bytes: Bytes,
    /// The condition of requests that get this example; `None` for all.
    when: Option<Arc<When>>,
    violation: Option<ExampleViolation>,
}

/// What an example violates, and the example with the violations repaired, where that is possible.
struct ExampleViolation {
    message: String,
    repaired: Option<Bytes>,
}

/// An encoded body, and a notice where it is not what the document or the caller asked for.
pub(crate) struct EncodedBody {
    pub(crate) bytes: Bytes,
    pub(crate) notice: Option<String>,
}

/// Which body to send.
pub(crate) struct BodySelection<'a> {
    /// The name of the example.
    pub(crate) example: Option<&'a str>,
    /// The request whose values select among examples with conditions; `None` skips these.
    pub(crate) request: Option<&'a dyn RequestView>,
    /// Whether to sample even where there are examples.
    pub(crate) dynamic: bool,
    pub(crate) policy: ExamplePolicy,
    /// Returns the seed of a sampled value; called only where one is sampled.
    pub(crate) seed: &'a dyn Fn() -> Seed,
    /// The path's parameters and their values.
    pub(crate) path: &'a [(&'a str, &'a Value)],
    /// Whether the last of them identifies the item.
    pub(crate) names_item: bool,
    /// Returns the width and height of a picture; called only where one is drawn.
    pub(crate) picture_size: &'a dyn Fn() -> (u32, u32),
}

impl EncodedBody {
    /// Returns a response with this body; the caller sets its status.
    pub(crate) fn into_response(self, mut content_type: HeaderValue) -> Response {
        if content_type.as_bytes().starts_with(b"multipart/") {
            let stated = media::content_type(content_type.to_str().unwrap_or_default(), &self.bytes);
            content_type = HeaderValue::try_from(stated).unwrap_or(content_type);
        }
        let mut response = Response::new(self.bytes);
        response.headers_mut().insert(CONTENT_TYPE, content_type);
        notify(&mut response, self.notice.as_deref());
        response
    }
}

impl Representation {
    /// Compiles every representation of a response; a key that is no media type has a finding, and is skipped.
    pub(crate) fn all(schemas: &Schemas, response: &Arc<ApiResponse>) -> Vec<Self> {
        let all = response.content.iter().enumerate().filter_map(|(index, (name, model))| {
            let usual = media::concrete(name, name.contains('*') && schemas.shape(model.schema).is_text());
            Some(Self {
                name: name.clone(),
                content_type: content_type(&usual).filter(|_| name.contains('/'))?,
                usual: usual.into_owned(),
                response: response.clone(),
                index,
                encoded: OnceLock::new(),
                echoes: OnceLock::new(),
                last_sample: Mutex::default(),
                error_template: Mutex::default(),
            })
        });
        all.collect()
    }

    /// Returns the body to send as a media type, which is this representation's own or one of its range.
    ///
    /// # Errors
    /// Why there is none: no example of that name, or a schema that admits no value.
    pub(crate) fn body(
        &self,
        schemas: &Schemas,
        media_type: &str,
        selection: &BodySelection<'_>,
    ) -> Result<EncodedBody, String> {
        let encoded = self.encoded(schemas);
        let chosen = match selection.example {
            Some(name) => Some(encoded.named(name)?),
            None if selection.dynamic => None,
            None => self.of_item(schemas, selection).or_else(|| encoded.best(selection.request)),
        };
        if let Some(bytes) = chosen.and_then(|example| self.echoing(schemas, media_type, example, selection))
        {
            return Ok(EncodedBody { bytes, notice: None });
        }
        if let Some(body) = chosen.and_then(|example| example.body(selection.policy)) {
            return Ok(body);
        }
        let violation = chosen.and_then(|example| example.violation.as_ref());
        let notice = violation.map(|violation| {
            format!("sampled, for the document's example breaks its schema: {}", violation.message)
        });
        let seed = (selection.seed)();
        if let Some(bytes) = self.cached(media_type, selection, seed) {
            return Ok(EncodedBody { bytes, notice });
        }
        if let Some(bytes) = self.placeholder(schemas, media_type, selection, seed) {
            self.cache(media_type, selection, seed, &bytes);
            return Ok(EncodedBody { bytes, notice });
        }
        match self.sample(schemas, seed, selection) {
            Ok(value) => {
                let bytes = self.encode(schemas, media_type, &value)?;
                self.cache(media_type, selection, seed, &bytes);
                Ok(EncodedBody { bytes, notice })
            }
            Err(reason) => match self.cut(schemas, seed).filter(|_| encoded.examples.is_empty()) {
                Some((value, cut)) => {
                    let notice = Some(format!("the sample was cut to its limits: {cut}"));
                    Ok(EncodedBody { bytes: self.encode(schemas, media_type, &value)?, notice })
                }
                None => encoded.last_resort(reason),
            },
        }
    }

    /// Returns a picture, or the placeholder file of another binary media type, where the schema admits it.
    fn placeholder(
        &self,
        schemas: &Schemas,
        media_type: &str,
        selection: &BodySelection<'_>,
        seed: Seed,
    ) -> Option<Bytes> {
        let is_picture = media_type.trim_start().to_ascii_lowercase().starts_with("image/");
        let drawn = || Picture::new((selection.picture_size)(), seed).encode(media_type);
        let admitted = |file: &Bytes| {
            let value = Value::String(file.iter().map(|byte| char::from(*byte)).collect());
            self.admits(schemas, &value)
        };
        let drawn = if is_picture { drawn().filter(admitted) } else { None };
        drawn.or_else(|| placeholder::of(media_type).map(Bytes::from_static).filter(admitted))
    }

    /// Encodes a value as a media type, which is this representation's own or one of its range.
    pub(crate) fn encode(&self, schemas: &Schemas, media_type: &str, value: &Value) -> Result<Bytes, String> {
        encode(media_type, value, self.shape(schemas))
    }

    /// Returns the shape that text in a body is decoded by.
    pub(crate) fn shape(&self, schemas: &Schemas) -> &Shape {
        &self.encoded(schemas).shape
    }

    /// Samples a value; without a schema any will do. It repeats the path's parameters where that is valid.
    fn sample(&self, schemas: &Schemas, seed: Seed, selection: &BodySelection<'_>) -> Result<Value, String> {
        let sampler = |schema: SchemaId| schemas.response(schema).map_err(str::to_owned);
        let reason = |error: Unsatisfiable| error.to_string();
        match self.model().map(|model| (model.schema, model.item_schema)) {
            Some((Some(schema), _)) if selection.path.is_empty() => {
                sampler(schema)?.sample(seed.value()).map_err(reason)
            }
            Some((Some(schema), _)) => {
                let echoes = self.echoes(schemas, selection);
                let echoing = |value| echoes.apply(value, selection.path);
                sampler(schema)?.sample_with(seed.value(), echoing).map_err(reason)
            }
            Some((None, Some(item))) => {
                let each = |at| sampler(item)?.sample(seed.value().wrapping_add(at)).map_err(reason);
                (0..ITEMS).map(each).collect()
            }
            _ => Ok(Value::Object(Default::default())),
        }
    }

    fn echoes(&self, schemas: &Schemas, selection: &BodySelection<'_>) -> &Echoes {
        self.echoes.get_or_init(|| {
            let schema = self.model().and_then(|model| model.schema);
            let names = selection.path.iter().map(|(name, _)| *name);
            schema
                .map(|schema| Echoes::new(schemas.model(), schema, names, selection.names_item))
                .unwrap_or_default()
        })
    }

    /// Returns the first example of the item that the path identifies.
    fn of_item(&self, schemas: &Schemas, selection: &BodySelection<'_>) -> Option<&EncodedExample> {
        let (_, id) = selection.path.last().filter(|_| selection.names_item)?;
        let path = self.echoes(schemas, selection).identity()?;
        let shows = |example: &&EncodedExample| {
            let shown = self.value(example).and_then(|value| at(value, path));
            example.when.is_none() && shown.is_some_and(|shown| plain(shown) == plain(id))
        };
        self.encoded(schemas).examples.iter().find(shows)
    }

    /// Returns an example with the values of the path's parameters, where it has others and stays valid.
    fn echoing(
        &self,
        schemas: &Schemas,
        media_type: &str,
        example: &EncodedExample,
        selection: &BodySelection<'_>,
    ) -> Option<Bytes> {
        let is_plain = example.when.is_none() && example.violation.is_none() && selection.example.is_none();
        if !is_plain || selection.path.is_empty() || selection.policy == ExamplePolicy::Verbatim {
            return None;
        }
        let value = self.value(example)?;
        let echoed = self.echoes(schemas, selection).apply(value.clone(), selection.path);
        let is_new = echoed != *value && self.admits(schemas, &echoed);
        is_new.then(|| self.encode(schemas, media_type, &echoed).ok()).flatten()
    }

    /// Returns the value of an example.
    fn value(&self, example: &EncodedExample) -> Option<&Value> {
        match &self.model()?.examples.get(example.index)?.value {
            ExampleValue::Data(value) => Some(value),
            ExampleValue::Serialized(_) | ExampleValue::External(_) => None,
        }
    }

    /// Returns the value that refusals of a seed begin with, which `make` makes where the last one had another seed.
    pub(crate) fn error_template(
        &self,
        seed: u64,
        make: impl FnOnce(u64) -> Option<ErrorTemplate>,
    ) -> Option<Arc<ErrorTemplate>> {
        let last = || self.error_template.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, template)) = last().as_ref().filter(|(known, _)| *known == seed) {
            return Some(template.clone());
        }
        let template = Arc::new(make(seed)?);
        *last() = Some((seed, template.clone()));
        Some(template)
    }

    /// Returns the last sampled body, where it depends on the same values.
    fn cached(&self, media_type: &str, selection: &BodySelection<'_>, seed: Seed) -> Option<Bytes> {
        let last = self.last_sample.lock().unwrap_or_else(PoisonError::into_inner);
        let is_same = |it: &&Sample| {
            it.seed == seed.value()
                && it.media_type == media_type
                && it.path.iter().eq(selection.path.iter().map(|(_, value)| *value))
        };
        last.as_ref().filter(is_same).map(|it| it.bytes.clone())
    }

    fn cache(&self, media_type: &str, selection: &BodySelection<'_>, seed: Seed, bytes: &Bytes) {
        if bytes.len() <= MAX_CACHED {
            let path = selection.path.iter().map(|(_, value)| (*value).clone()).collect();
            let (seed, media_type, bytes) = (seed.value(), media_type.to_owned(), bytes.clone());
            let mut last = self.last_sample.lock().unwrap_or_else(PoisonError::into_inner);
            *last = Some(Sample { seed, path, media_type, bytes });
        }
    }

    /// Samples as much of a value as fits, where the schema asks for more than is ever sent, and what was cut.
    fn cut(&self, schemas: &Schemas, seed: Seed) -> Option<(Value, Unsatisfiable)> {
        schemas.response(self.model()?.schema?).ok()?.sample_cut(seed.value())
    }

    /// Whether the schema admits a value.
    pub(crate) fn admits(&self, schemas: &Schemas, value: &Value) -> bool {
        let schema = self.model().and_then(|model| model.schema);
        schema.is_none_or(|schema| schemas.is_valid(schema, value))
    }

    /// Returns the media type of the document.
    pub(crate) fn model(&self) -> Option<&MediaType> {
        self.response.content.get_index(self.index).map(|(_, model)| model)
    }

    fn encoded(&self, schemas: &Schemas) -> &Encoded {
        self.encoded.get_or_init(|| self.encode_examples(schemas))
    }

    fn encode_examples(&self, schemas: &Schemas) -> Encoded {
        let Some(model) = self.model() else { return Encoded { examples: Vec::new(), shape: Shape::STRING } };
        let shape = schemas.body(model);
        // Other media types have no kinds: their examples are often written as texts, and are sent as written.
        let schema = model.schema.filter(|_| MediaKind::of(&self.usual) == MediaKind::Json);
        let sampler = schema.and_then(|schema| schemas.response(schema).ok());
        let examples = model.examples.iter().enumerate();
        let examples =
            examples.filter_map(|(index, example)| self.encode_example(index, example, &shape, sampler));
        let examples = examples.collect();
        Encoded { examples, shape }
    }

    /// Encodes an example. An external one is never fetched, and has a finding.
    fn encode_example(
        &self,
        index: usize,
        example: &Example,
        shape: &Shape,
        sampler: Option<&Sampler>,
    ) -> Option<EncodedExample> {
        let (bytes, violation) = match &example.value {
            ExampleValue::Data(value) => {
                let violation = sampler.and_then(|sampler| self.violation(value, shape, sampler));
                (self.example_bytes(value, shape).ok()?, violation)
            }
            ExampleValue::Serialized(text) => (Bytes::copy_from_slice(text.as_bytes()), None),
            ExampleValue::External(_) => return None,
        };
        Some(EncodedExample {
            index,
            name: example.name.clone(),
            bytes,
            when: example.when.clone(),
            violation,
        })
    }

    /// Encodes an example's value. A text under a media type of other structure is the body itself (OAS 4.8.14).
    fn example_bytes(&self, value: &Value, shape: &Shape) -> Result<Bytes, String> {
        use MediaKind::{EventStream, Form, JsonLines, Multipart, Xml};
        match (MediaKind::of(&self.usual), value) {
            (EventStream | Form | JsonLines | Multipart | Xml, Value::String(text)) => {
                Ok(text.clone().into())
            }
            _ => encode(&self.usual, value, shape),
        }
    }

    /// Validates an example, and repairs it where it is not valid.
    fn violation(&self, value: &Value, shape: &Shape, sampler: &Sampler) -> Option<ExampleViolation> {
        let validator = sampler.validator();
        if validator.is_valid(value) {
            return None;
        }
        let violation = validator.faults(value).into_iter().next()?;
        let repaired = repaired(value, sampler, Seed::new(0).value());
        let repaired = repaired.and_then(|value| encode(&self.usual, &value, shape).ok());
        Some(ExampleViolation { message: violation.to_string(), repaired })
    }
}

/// Returns a media type as a header field. The usual one is static: copies of others are counted.
fn content_type(name: &str) -> Option<HeaderValue> {
    match name {
        "application/json" => Some(HeaderValue::from_static("application/json")),
        name => HeaderValue::from_str(name).ok(),
    }
}

fn encode(media_type: &str, value: &Value, shape: &Shape) -> Result<Bytes, String> {
    media::encode(media_type, value, Hints { shape: Some(shape) }).map_err(|fault| fault.to_string())
}

impl Encoded {
    /// Returns the example of a name.
    fn named(&self, name: &str) -> Result<&EncodedExample, String> {
        let found = self.examples.iter().find(|example| example.name.as_deref() == Some(name));
        found.ok_or_else(|| {
            let names: Vec<_> = self.examples.iter().filter_map(|example| example.name.as_deref()).collect();
            let known = if names.is_empty() { "none has a name".to_owned() } else { names.join(", ") };
            format!("no example is named `{name}`; those of this response: {known}")
        })
    }

    /// Returns the first example whose condition the request meets. Without one, of the examples without a condition:
    /// the first valid one, else the first that could be repaired, else the first.
    fn best(&self, request: Option<&dyn RequestView>) -> Option<&EncodedExample> {
        let is_meant = |example: &&EncodedExample| {
            example.when.as_deref().zip(request).is_some_and(|(when, request)| holds(when, request))
        };
        let for_any = self.examples.iter().filter(|example| example.when.is_none());
        self.examples.iter().find(is_meant).or_else(|| {
            for_any.min_by_key(|example| match &example.violation {
                None => 0,
                Some(ExampleViolation { repaired: Some(_), .. }) => 1,
                Some(ExampleViolation { repaired: None, .. }) => 2,
            })
        })
    }

    /// Returns an example in spite of its violation, where no value follows the schema.
    fn last_resort(&self, reason: String) -> Result<EncodedBody, String> {
        let Some(example) = self.examples.first() else { return Err(reason) };
        let notice = format!("the example breaks its schema, and no other value was found: {reason}");
        Ok(EncodedBody { bytes: example.bytes.clone(), notice: Some(notice) })
    }
}

impl EncodedExample {
    /// Returns the bytes to send, unless they are invalid and the policy forbids that.
    fn body(&self, policy: ExamplePolicy) -> Option<EncodedBody> {
        match (&self.violation, policy) {
            (None, _) | (_, ExamplePolicy::Verbatim) => {
                Some(EncodedBody { bytes: self.bytes.clone(), notice: None })
            }
            (Some(ExampleViolation { message, repaired }), ExamplePolicy::Checked) => Some(EncodedBody {
                bytes: repaired.clone()?,
                notice: Some(format!(
                    "the document's example was mended, for it breaks its schema: {message}"
                )),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use descant_model::load::{Options, load_text};
    use serde_json::json;

    use super::*;

    /// Loads a document whose one response has this media type object, and compiles its representation.
    fn representation(name: &str, media_type: Value) -> (Schemas, Representation) {
        let document = json!({
            "openapi": "3.1.0",
            "info": {"title": "T", "version": "1"},
            "paths": {"/pets": {"get": {"responses": {"200": {"description": "d", "content": {name: media_type}}}}}},
        });
        let api = load_text("document.json", document.to_string(), &Options::default()).api.unwrap();
        let schemas = Schemas::new(&api);
        let response = &api.operations[0].responses[0].1;
        let representation = Representation::all(&schemas, response).pop().unwrap();
        (schemas, representation)
    }

    /// Returns the text and the notice of a body, or why there is none.
    fn body(name: &str, media_type: Value, example: Option<&str>, dynamic: bool) -> (String, Option<String>) {
        let (schemas, representation) = representation(name, media_type);
        let (policy, seed) = (ExamplePolicy::Checked, Seed::new(1));
        let selection = BodySelection {
            example,
            request: None,
            dynamic,
            policy,
            seed: &|| seed,
            path: &[],
            names_item: false,
            picture_size: &|| (4, 4),
        };
        match representation.body(&schemas, &representation.usual, &selection) {
            Ok(EncodedBody { bytes, notice }) => (String::from_utf8_lossy(&bytes).into_owned(), notice),
            Err(reason) => (format!("no body: {reason}"), None),
        }
    }

    fn check(media_type: Value, example: Option<&str>, dynamic: bool, expected: &str, notice: Option<&str>) {
        let (text, found) = body("application/json", media_type.clone(), example, dynamic);
        assert_eq!(text, expected, "{media_type}");
        match (found, notice) {
            (Some(found), Some(notice)) => assert!(found.contains(notice), "{found}"),
            (found, notice) => assert_eq!(found.as_deref(), notice, "{media_type}"),
        }
    }

    #[test]
    fn a_valid_example_comes_first() {
        let named = json!({
            "schema": {"type": "integer"},
            "examples": {"bad": {"value": "x"}, "good": {"value": 2}},
        });
        check(named.clone(), None, false, "2", None);
        check(named.clone(), Some("good"), false, "2", None);
        check(
            named,
            Some("other"),
            false,
            "no body: no example is named `other`; those of this response: bad, good",
            None,
        );
    }

    #[test]
    fn an_invalid_example_is_repaired_or_replaced_with_a_notice() {
        let pet = json!({
            "schema": {"type": "object", "required": ["id"], "properties": {"id": {"const": 7}, "name": {"type": "string"}}},
            "example": {"name": "Rex"},
        });
        check(pet, None, false, r#"{"name":"Rex","id":7}"#, Some("was mended"));
        check(json!({"schema": {"const": 7}, "example": "x"}), None, false, "7", Some("breaks its schema"));
    }

    #[test]
    fn a_value_is_sampled_without_example_or_on_request() {
        check(json!({"schema": {"const": 7}}), None, false, "7", None);
        check(json!({"schema": {"enum": [7]}, "example": 7}), None, true, "7", None);
        check(json!({}), None, false, "{}", None);
        let (found, _) = body(
            "application/json",
            json!({"schema": {"minimum": 2, "maximum": 1, "type": "integer"}}),
            None,
            false,
        );
        assert!(found.starts_with("no body: "), "{found}");
    }

    #[test]
    fn a_binary_media_type_has_a_placeholder_file() {
        let (found, notice) = body("image/gif", json!({}), None, false);
        assert!(found.starts_with("GIF87a") && notice.is_none(), "{found}");
    }

    #[test]
    fn a_range_has_a_usual_type() {
        let (_, representation) = representation("*/*", json!({"schema": {"type": "integer"}}));
        assert_eq!(representation.usual, "application/json");
        let (_, representation) = self::representation("text/*", json!({}));
        assert_eq!(representation.content_type, "text/plain");
    }
}

//! One representation of a response: its examples as bytes, each judged by the schema once, and the sampler behind them.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use descant_exchange::Schemas;
use descant_model::api::{Example, ExampleValue, MediaType, Response, SchemaId, When};
use descant_runtime::media::{self, Hints, Kind};
use descant_runtime::param::Shape;
use descant_schema::{Sampler, Unsatisfiable};
use http::HeaderValue;
use serde_json::Value;

use crate::mock::Examples;
use crate::placeholder;
use crate::repair::repaired;
use crate::rules::{self, Call};
use crate::sample::Seed;
use crate::state::{Place, at, place_of, put};

/// How many items a sampled sequence has.
const ITEMS: u64 = 3;

/// One representation of a response.
pub(crate) struct Content {
    /// The media type or range, as the document writes it.
    pub(crate) name: String,
    /// The same, or a usual media type of the range.
    pub(crate) usual: String,
    /// That as a header.
    pub(crate) content_type: HeaderValue,
    response: Arc<Response>,
    index: usize,
    ready: OnceLock<Ready>,
    /// Where the property stands that the path's last parameter names.
    identity: OnceLock<Option<Place>>,
    /// The last sampled body: a request that is repeated gets the same one.
    sampled: Mutex<Option<Sampled>>,
}

/// A sampled body, and all that it was made from beside the document.
struct Sampled {
    seed: u64,
    item: Option<Value>,
    media: String,
    bytes: Bytes,
}

/// The longest sampled body that is kept.
const KEPT: usize = 16 * 1024;

/// What is made when a representation is first sent.
struct Ready {
    examples: Vec<Written>,
    /// What text may stand for where the media type carries no kinds of its own.
    shape: Shape,
}

/// An example as bytes.
struct Written {
    name: Option<String>,
    body: Bytes,
    /// The calls that it is for; `None`: any.
    when: Option<Arc<When>>,
    /// What its schema has against it, and the bytes of the example without that, where it could be mended.
    fault: Option<(String, Option<Bytes>)>,
}

/// A body to send, and what is to be said of it.
pub(crate) struct Body {
    pub(crate) bytes: Bytes,
    /// Why it is not what the document or the caller had in mind.
    pub(crate) notice: Option<String>,
}

/// Which body the caller wants.
pub(crate) struct Choice<'a> {
    pub(crate) example: Option<&'a str>,
    /// Whose conditions choose among the examples; `None`: those with a condition are passed over.
    pub(crate) call: Option<&'a dyn Call>,
    pub(crate) dynamic: bool,
    pub(crate) examples: Examples,
    /// What a value is sampled from: asked for where one is.
    pub(crate) seed: &'a dyn Fn() -> Seed,
    /// The path's last parameter, where it names what is asked for, and its value.
    pub(crate) item: Option<(&'a str, &'a Value)>,
}

impl Content {
    /// Every representation of a response; a key that is no media type was diagnosed and is passed over.
    pub(crate) fn all(schemas: &Schemas, response: &Arc<Response>) -> Vec<Self> {
        let contents = response.content.iter().enumerate().filter_map(|(index, (name, model))| {
            let usual = media::concrete(name, name.contains('*') && schemas.shape(model.schema).is_text());
            Some(Self {
                name: name.clone(),
                content_type: content_type(&usual).filter(|_| name.contains('/'))?,
                usual: usual.into_owned(),
                response: response.clone(),
                index,
                ready: OnceLock::new(),
                identity: OnceLock::new(),
                sampled: Mutex::default(),
            })
        });
        contents.collect()
    }

    /// The body to send as `media`, which is this representation's own type or one of its range.
    ///
    /// # Errors
    /// Why there is none: no example of that name, or a schema that no value follows.
    pub(crate) fn body(&self, schemas: &Schemas, media: &str, choice: &Choice<'_>) -> Result<Body, String> {
        let ready = self.ready.get_or_init(|| self.ready(schemas));
        let chosen = match choice.example {
            Some(name) => Some(ready.named(name)?),
            None if choice.dynamic => None,
            None => ready.best(choice.call),
        };
        if let Some(body) = chosen.and_then(|example| example.body(choice.examples)) {
            return Ok(body);
        }
        let fault = chosen.and_then(|example| example.fault.as_ref());
        let notice =
            fault.map(|(fault, _)| format!("sampled, for the document's example breaks its schema: {fault}"));
        let seed = (choice.seed)();
        if let Some(bytes) = self.repeated(media, choice, seed) {
            return Ok(Body { bytes, notice });
        }
        if let Some(bytes) = self.placeholder(schemas, media) {
            return Ok(Body { bytes, notice });
        }
        match self.sample(schemas, seed, choice.item) {
            Ok(value) => {
                let bytes = self.encode(schemas, media, &value)?;
                self.keep(media, choice, seed, &bytes);
                Ok(Body { bytes, notice })
            }
            Err(reason) => match self.cut(schemas, seed).filter(|_| ready.examples.is_empty()) {
                Some((value, cut)) => {
                    let notice = Some(format!("the sample was cut to its limits: {cut}"));
                    Ok(Body { bytes: self.encode(schemas, media, &value)?, notice })
                }
                None => ready.last_resort(reason),
            },
        }
    }

    /// The placeholder of a binary media type, where the schema admits it.
    fn placeholder(&self, schemas: &Schemas, media: &str) -> Option<Bytes> {
        let file = placeholder::of(media)?;
        let value = Value::String(file.iter().map(|byte| char::from(*byte)).collect());
        self.admits(schemas, &value).then_some(Bytes::from_static(file))
    }

    /// Writes a value in this media type, or in one of its range.
    pub(crate) fn encode(&self, schemas: &Schemas, media: &str, value: &Value) -> Result<Bytes, String> {
        encode(media, value, self.shape(schemas))
    }

    /// What a body of this representation may stand for.
    pub(crate) fn shape(&self, schemas: &Schemas) -> &Shape {
        &self.ready.get_or_init(|| self.ready(schemas)).shape
    }

    /// A value that follows the schema; where there is none, any does. It has the identity of the item that was asked
    /// for, where that is valid.
    fn sample(&self, schemas: &Schemas, seed: Seed, item: Option<(&str, &Value)>) -> Result<Value, String> {
        let sampler = |schema: SchemaId| schemas.response(schema).map_err(str::to_owned);
        let reason = |error: Unsatisfiable| error.to_string();
        match self.model().map(|model| (model.schema, model.item_schema)) {
            Some((Some(schema), _)) => {
                let place = |parameter| {
                    self.identity.get_or_init(|| place_of(schemas.model(), schema, parameter)).as_ref()
                };
                match item.and_then(|(parameter, id)| Some((place(parameter)?, id))) {
                    Some((place, id)) => {
                        let named = |value| identified(value, place, id);
                        sampler(schema)?.sample_with(seed.value(), named).map_err(reason)
                    }
                    None => sampler(schema)?.sample(seed.value()).map_err(reason),
                }
            }
            Some((None, Some(item))) => {
                let each = |at| sampler(item)?.sample(seed.value().wrapping_add(at)).map_err(reason);
                (0..ITEMS).map(each).collect()
            }
            _ => Ok(Value::Object(Default::default())),
        }
    }

    /// The last sampled body, where it was made from the same.
    fn repeated(&self, media: &str, choice: &Choice<'_>, seed: Seed) -> Option<Bytes> {
        let sampled = self.sampled.lock().unwrap_or_else(PoisonError::into_inner);
        let is_same = |it: &&Sampled| {
            it.seed == seed.value() && it.media == media && it.item.as_ref() == choice.item.map(|(_, id)| id)
        };
        sampled.as_ref().filter(is_same).map(|it| it.bytes.clone())
    }

    fn keep(&self, media: &str, choice: &Choice<'_>, seed: Seed, bytes: &Bytes) {
        if bytes.len() <= KEPT {
            let item = choice.item.map(|(_, id)| id.clone());
            let (seed, media, bytes) = (seed.value(), media.to_owned(), bytes.clone());
            let mut sampled = self.sampled.lock().unwrap_or_else(PoisonError::into_inner);
            *sampled = Some(Sampled { seed, item, media, bytes });
        }
    }

    /// A value as far as it goes, where the schema asks for more than is ever sent, and what was cut.
    fn cut(&self, schemas: &Schemas, seed: Seed) -> Option<(Value, Unsatisfiable)> {
        schemas.response(self.model()?.schema?).ok()?.sample_cut(seed.value())
    }

    /// Whether a value follows the schema of this representation.
    pub(crate) fn admits(&self, schemas: &Schemas, value: &Value) -> bool {
        let schema = self.model().and_then(|model| model.schema);
        schema.is_none_or(|schema| schemas.is_valid(schema, value))
    }

    /// The representation as the document describes it.
    pub(crate) fn model(&self) -> Option<&MediaType> {
        self.response.content.get_index(self.index).map(|(_, model)| model)
    }

    fn ready(&self, schemas: &Schemas) -> Ready {
        let Some(model) = self.model() else { return Ready { examples: Vec::new(), shape: Shape::STRING } };
        let shape = schemas.body(model);
        // Other media types carry no kinds: their examples are often written as texts, and stand as they are.
        let judge = model.schema.filter(|_| Kind::of(&self.usual) == Kind::Json);
        let judge = judge.and_then(|schema| schemas.response(schema).ok());
        let examples =
            model.examples.iter().filter_map(|example| self.written(example, &shape, judge)).collect();
        Ready { examples, shape }
    }

    /// An example as bytes. An external one is never fetched, and was diagnosed.
    fn written(&self, example: &Example, shape: &Shape, judge: Option<&Sampler>) -> Option<Written> {
        let (body, fault) = match &example.value {
            ExampleValue::Data(value) => {
                let fault = judge.and_then(|judge| self.fault(value, shape, judge));
                (self.example(value, shape).ok()?, fault)
            }
            ExampleValue::Serialized(text) => (Bytes::copy_from_slice(text.as_bytes()), None),
            ExampleValue::External(_) => return None,
        };
        Some(Written { name: example.name.clone(), body, when: example.when.clone(), fault })
    }

    /// An example's value as bytes. A text under a media type of other structure is the body itself (OAS 4.8.14).
    fn example(&self, value: &Value, shape: &Shape) -> Result<Bytes, String> {
        use Kind::{EventStream, Form, JsonLines, Multipart, Xml};
        match (Kind::of(&self.usual), value) {
            (EventStream | Form | JsonLines | Multipart | Xml, Value::String(text)) => {
                Ok(text.clone().into())
            }
            _ => encode(&self.usual, value, shape),
        }
    }

    /// What a schema has against an example, and the example without that.
    fn fault(&self, value: &Value, shape: &Shape, judge: &Sampler) -> Option<(String, Option<Bytes>)> {
        let validator = judge.validator();
        if validator.is_valid(value) {
            return None;
        }
        let fault = validator.faults(value).into_iter().next()?;
        let mended = repaired(value, judge, Seed::new(0).value());
        Some((fault.to_string(), mended.and_then(|value| encode(&self.usual, &value, shape).ok())))
    }
}

/// A media type as a header. The usual one is static: copies of others are counted.
fn content_type(name: &str) -> Option<HeaderValue> {
    match name {
        "application/json" => Some(HeaderValue::from_static("application/json")),
        name => HeaderValue::from_str(name).ok(),
    }
}

/// A value with another identity, where it has one.
fn identified(value: Value, place: &Place, id: &Value) -> Value {
    if at(&value, place).is_some() { put(value, place, id.clone()) } else { value }
}

fn encode(media: &str, value: &Value, shape: &Shape) -> Result<Bytes, String> {
    media::encode(media, value, Hints { shape: Some(shape) }).map_err(|fault| fault.to_string())
}

impl Ready {
    /// The example of a name.
    fn named(&self, name: &str) -> Result<&Written, String> {
        let found = self.examples.iter().find(|example| example.name.as_deref() == Some(name));
        found.ok_or_else(|| {
            let names: Vec<_> = self.examples.iter().filter_map(|example| example.name.as_deref()).collect();
            let known = if names.is_empty() { "none has a name".to_owned() } else { names.join(", ") };
            format!("no example is named `{name}`; those of this response: {known}")
        })
    }

    /// The first example whose condition the call meets; where there is none, of those without a condition the first
    /// that follows its schema, else the first that could be mended, else the first.
    fn best(&self, call: Option<&dyn Call>) -> Option<&Written> {
        let meant = |example: &&Written| {
            example.when.as_deref().zip(call).is_some_and(|(when, call)| rules::holds(when, call))
        };
        let for_any = self.examples.iter().filter(|example| example.when.is_none());
        self.examples.iter().find(meant).or_else(|| {
            for_any.min_by_key(|example| match &example.fault {
                None => 0,
                Some((_, Some(_))) => 1,
                Some((_, None)) => 2,
            })
        })
    }

    /// Where no value follows the schema: an example in spite of its fault.
    fn last_resort(&self, reason: String) -> Result<Body, String> {
        let Some(example) = self.examples.first() else { return Err(reason) };
        let notice = format!("the example breaks its schema, and no other value was found: {reason}");
        Ok(Body { bytes: example.body.clone(), notice: Some(notice) })
    }
}

impl Written {
    /// The bytes to send, where there are any that follow the schema or need not.
    fn body(&self, examples: Examples) -> Option<Body> {
        match (&self.fault, examples) {
            (None, _) | (_, Examples::Verbatim) => Some(Body { bytes: self.body.clone(), notice: None }),
            (Some((fault, mended)), Examples::Checked) => Some(Body {
                bytes: mended.clone()?,
                notice: Some(format!("the document's example was mended, for it breaks its schema: {fault}")),
            }),
        }
    }
}

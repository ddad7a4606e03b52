//! The operations of the document, as the page shows them: a list, and each in full with its schemas and examples.

use descant_exchange::Schemas;
use descant_model::api::{Api, Example, ExampleValue, MediaType, Operation, Parameter, SchemaId, SchemaName};
use descant_model::schema::Schema;
use indexmap::{IndexMap, IndexSet};
use serde_json::{Map, Value, json};

/// The definitions that one operation is sent with; the page names further ones.
const MAX_DEFINITIONS: usize = 200;
/// The characters of a title or summary, and of a description.
const MAX_LINE: usize = 300;
const MAX_TEXT: usize = 20_000;
/// The bytes of an example.
const MAX_EXAMPLE: usize = 200_000;

/// Returns the document with its operations, one line each.
pub(super) fn list(api: &Api, prefix: &str) -> Value {
    let servers = api.servers.iter().map(
        |server| json!({"url": line(&server.url), "description": server.description.as_deref().map(line)}),
    );
    let tags = api
        .tags
        .iter()
        .map(|tag| json!({"name": tag.name, "description": tag.description.as_deref().map(text)}));
    json!({
        "title": line(&api.info.title),
        "version": line(&api.info.version),
        "description": api.info.description.as_deref().map(text),
        "prefix": prefix,
        "servers": servers.collect::<Vec<_>>(),
        "tags": tags.collect::<Vec<_>>(),
        "operations": api.operations.iter().map(row).collect::<Vec<_>>(),
    })
}

fn row(operation: &Operation) -> Value {
    let statuses = operation.responses.iter().map(|(status, _)| status.to_string());
    json!({
        "key": operation.key(),
        "method": operation.method,
        "path": operation.path.raw,
        "id": operation.id,
        "summary": operation.summary.as_deref().map(line),
        "tags": operation.tags,
        "deprecated": operation.deprecated,
        "statuses": statuses.collect::<Vec<_>>(),
    })
}

/// Returns an operation in full; `place` is its file and line.
pub(super) fn detail(api: &Api, schemas: &Schemas, operation: &Operation, place: Option<&Value>) -> Value {
    let mut found = Definitions { api, schemas, keys: IndexSet::new() };
    let parameters: Vec<_> = operation.parameters.iter().map(|one| found.parameter(one)).collect();
    let body = operation.request_body.as_ref().map(|body| {
        let description = body.description.as_deref().map(text);
        json!({"required": body.required, "description": description, "content": found.content(&body.content, false)})
    });
    let responses = operation.responses.iter().map(|(status, response)| {
        let headers = response.headers.iter().map(|(name, header)| {
            json!({"name": name, "required": header.required, "description": header.description.as_deref().map(text), "schema": found.key(header.schema)})
        });
        let headers: Vec<_> = headers.collect();
        let description = response.description.as_deref().map(text);
        json!({"status": status.to_string(), "description": description, "headers": headers, "content": found.content(&response.content, true)})
    });
    let responses: Vec<_> = responses.collect();
    let mut shown = row(operation);
    if let Some(members) = shown.as_object_mut() {
        members.insert("description".into(), json!(operation.description.as_deref().map(text)));
        members.insert("parameters".into(), parameters.into());
        members.insert("body".into(), json!(body));
        members.insert("responses".into(), responses.into());
        members.insert("security".into(), security(api, operation));
        members.insert("place".into(), json!(place));
        members.insert("definitions".into(), found.into_value());
    }
    shown
}

/// Returns the alternatives of an operation's security, each a list of schemes.
fn security(api: &Api, operation: &Operation) -> Value {
    let alternatives = operation.security.alternatives.iter();
    let shown = alternatives.map(|alternative| {
        let schemes = alternative.schemes.iter().map(|(name, scopes)| {
            let scheme = api.security_schemes.get(name);
            let description = scheme.and_then(|scheme| scheme.description.as_deref()).map(text);
            json!({"scheme": name, "scopes": scopes, "description": description})
        });
        schemes.collect::<Vec<_>>()
    });
    shown.collect::<Vec<_>>().into()
}

/// The definitions that an operation refers to.
struct Definitions<'a> {
    api: &'a Api,
    schemas: &'a Schemas,
    keys: IndexSet<SchemaId>,
}

impl Definitions<'_> {
    fn key(&mut self, id: Option<SchemaId>) -> Option<String> {
        let id = id?;
        self.keys.insert(id);
        self.api.schemas.get(id).map(|definition| definition.key.clone())
    }

    fn parameter(&mut self, parameter: &Parameter) -> Value {
        json!({
            "name": parameter.name,
            "in": parameter.location.as_str(),
            "required": parameter.required,
            "deprecated": parameter.deprecated,
            "description": parameter.description.as_deref().map(text),
            "schema": self.key(parameter.schema),
            "examples": examples(&parameter.examples),
        })
    }

    /// Returns the representations; those of a response have a sample where the document has no example.
    fn content(&mut self, content: &IndexMap<String, MediaType>, is_sampled: bool) -> Vec<Value> {
        let shown = content.iter().map(|(media_type, model)| {
            let examples = examples(&model.examples);
            let sample = model.schema.filter(|_| is_sampled && examples.is_empty());
            let sample = sample.and_then(|id| self.schemas.sample(id, 1));
            let schema = model.schema.or(model.item_schema);
            json!({"mediaType": media_type, "schema": self.key(schema), "examples": examples, "sample": sample})
        });
        shown.collect()
    }

    /// Returns the definitions, with those that they refer to, by their keys.
    fn into_value(mut self) -> Value {
        let mut shown = Map::new();
        let mut next = 0;
        while let Some(id) = self.keys.get_index(next).copied().filter(|_| next < MAX_DEFINITIONS) {
            next += 1;
            let Some(definition) = self.api.schemas.get(id) else { continue };
            self.keys.extend(definition.schema.within().filter_map(Schema::reference).copied());
            let name = match &definition.name {
                SchemaName::Component(name) => Some(name),
                SchemaName::Path(_) => None,
            };
            let schema = definition.schema.to_json(&self.api.schemas);
            shown.insert(definition.key.clone(), json!({"name": name, "schema": schema}));
        }
        Value::Object(shown)
    }
}

/// Returns examples with their names; long ones are left out.
fn examples(examples: &[Example]) -> Vec<Value> {
    let shown = examples.iter().filter_map(|example| {
        let value = match &example.value {
            ExampleValue::Data(value) => (**value).clone(),
            ExampleValue::Serialized(text) => Value::from(text.as_str()),
            ExampleValue::External(_) => return None,
        };
        let is_short = serde_json::to_string(&value).is_ok_and(|text| text.len() <= MAX_EXAMPLE);
        is_short.then(
            || json!({"name": example.name, "summary": example.summary.as_deref().map(line), "value": value}),
        )
    });
    shown.collect()
}

fn line(text: &str) -> String {
    cut(text, MAX_LINE)
}

fn text(text: &str) -> String {
    cut(text, MAX_TEXT)
}

/// Returns at most `most` characters of a text.
fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

//! Whether the examples and defaults of a document follow their schemas: what `descant lint` finds beyond the front end,
//! which knows no values.

use std::collections::HashSet;
use std::sync::Arc;

use descant_model::api::{Api, Example, ExampleValue, Header, MediaType, Operation, Parameter, SchemaId};
use descant_model::codes::Code;
use descant_model::diagnostic::{Diagnostic, Diagnostics};
use descant_model::source::{Origin, Span};
use descant_schema::{Direction, Fault, SchemaSet, ValidatorOptions};
use serde_json::{Map, Value};

/// Faults of one example that are shown.
const MAX_FAULTS: usize = 3;

/// Examples of one document that are judged, and values in schemas that are copied to judge what is inside: no document
/// that was published comes near.
const MAX_EXAMPLES: usize = 100_000;
const MAX_COPIED: usize = 4_000_000;

/// Reports each example and each default that its schema refuses.
pub(crate) fn check(api: &Api, out: &mut Diagnostics) {
    let inner = inner_values(api);
    let keyed = inner.iter().enumerate().map(|(number, value)| (inner_key(number), value.schema.clone()));
    let entries = api.schemas.entries.iter().map(|schema| (schema.key.clone(), schema.value.clone()));
    let mut judge = Judge { api, set: SchemaSet::new(entries.chain(keyed)), seen: HashSet::new(), out };
    let operations = api.operations.iter().chain(&api.webhooks);
    operations.for_each(|operation| judge.operation(operation));
    for (number, value) in inner.iter().enumerate() {
        judge.inner(&inner_key(number), value);
    }
}

/// A default or an example inside a schema.
struct Inner<'a> {
    code: Code,
    value: &'a Value,
    /// The schema that it must follow.
    schema: Arc<Value>,
    /// What the schema is called, and the way into it.
    place: String,
    origin: &'a Origin,
}

/// No key of the model's own has a space.
fn inner_key(number: usize) -> String {
    format!("inner {number}")
}

/// The defaults and examples inside of all schemas.
fn inner_values(api: &Api) -> Vec<Inner<'_>> {
    let mut found = Vec::new();
    let mut copied = 0;
    for schema in &api.schemas.entries {
        let mut open = vec![(String::new(), &*schema.value)];
        while let Some((pointer, value)) = open.pop() {
            let Value::Object(keywords) = value else { continue };
            open.extend(subschemas(&pointer, keywords));
            let mut held = held_values(keywords).peekable();
            if held.peek().is_none() {
                continue;
            }
            copied += size(value);
            if copied > MAX_COPIED {
                return found;
            }
            let own = if pointer.is_empty() { schema.value.clone() } else { Arc::new(value.clone()) };
            let place = format!("{}{pointer}", schema.key);
            found.extend(held.map(|(code, value)| Inner {
                code,
                value,
                schema: own.clone(),
                place: place.clone(),
                origin: &schema.origin,
            }));
        }
    }
    found
}

/// The default and the examples of one schema.
fn held_values(keywords: &Map<String, Value>) -> impl Iterator<Item = (Code, &Value)> {
    let default = keywords.get("default").map(|value| (Code::DefaultInvalid, value));
    let examples = keywords.get("examples").and_then(Value::as_array).into_iter().flatten();
    default.into_iter().chain(examples.map(|value| (Code::ExampleInvalid, value)))
}

/// Values in a value, itself included.
fn size(value: &Value) -> usize {
    let mut open = vec![value];
    let mut count = 0;
    while let Some(value) = open.pop() {
        count += 1;
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(map) => open.extend(map.values()),
            _ => {}
        }
    }
    count
}

/// The schemas right inside of one.
fn subschemas<'a>(pointer: &str, keywords: &'a Map<String, Value>) -> Vec<(String, &'a Value)> {
    const SINGLE: &[&str] = &["items", "additionalProperties", "not", "if", "then", "else", "contains"];
    let mut found = Vec::new();
    for (key, value) in keywords {
        match (&**key, value) {
            (key, _) if SINGLE.contains(&key) => found.push((format!("{pointer}/{key}"), value)),
            ("allOf" | "anyOf" | "oneOf" | "prefixItems", Value::Array(list)) => {
                let list = list.iter().enumerate();
                found.extend(list.map(|(index, schema)| (format!("{pointer}/{key}/{index}"), schema)));
            }
            ("properties" | "patternProperties", Value::Object(map)) => {
                found.extend(map.iter().map(|(name, schema)| (format!("{pointer}/{key}/{name}"), schema)));
            }
            _ => {}
        }
    }
    found
}

struct Judge<'a> {
    api: &'a Api,
    set: SchemaSet,
    /// Examples that were judged by a schema: positions share them.
    seen: HashSet<(Span, SchemaId)>,
    out: &'a mut Diagnostics,
}

impl Judge<'_> {
    fn operation(&mut self, operation: &Operation) {
        operation.parameters.iter().for_each(|parameter| self.parameter(parameter));
        let bodies = operation.request_body.iter().flat_map(|body| &body.content);
        bodies.for_each(|(name, media)| self.media(name, media, Direction::Request));
        for (_, response) in &operation.responses {
            response.content.iter().for_each(|(name, media)| self.media(name, media, Direction::Response));
            response.headers.values().for_each(|header| self.header(header));
        }
        operation.callbacks.values().flatten().for_each(|callback| self.operation(callback));
    }

    fn parameter(&mut self, parameter: &Parameter) {
        parameter
            .examples
            .iter()
            .for_each(|example| self.example(example, parameter.schema, Direction::Request));
    }

    fn header(&mut self, header: &Header) {
        header.examples.iter().for_each(|example| self.example(example, header.schema, Direction::Response));
    }

    fn media(&mut self, name: &str, media: &MediaType, direction: Direction) {
        // Text of another format than JSON is how a body looks, not what it holds.
        let is_data = |example: &&Example| match &example.value {
            ExampleValue::Data(value) => name.contains("json") || !value.is_string(),
            ExampleValue::Serialized(_) | ExampleValue::External(_) => false,
        };
        let examples = media.examples.iter().filter(is_data);
        examples.for_each(|example| self.example(example, media.schema, direction));
    }

    fn example(&mut self, example: &Example, schema: Option<SchemaId>, direction: Direction) {
        let (Some(id), ExampleValue::Data(value)) = (schema, &example.value) else { return };
        let Some(schema) = self.api.schemas.get(id) else { return };
        if self.seen.len() >= MAX_EXAMPLES || !self.seen.insert((example.origin.span, id)) {
            return;
        }
        let Some(faults) = self.faults(&schema.key, value, direction) else { return };
        let faults = said(&faults);
        let name = example.name.as_ref().map(|name| format!(" `{name}`")).unwrap_or_default();
        let message = format!("example{name} does not follow its schema: {faults}");
        self.out.push(finding(Code::ExampleInvalid, message, &example.origin));
    }

    fn inner(&mut self, key: &str, inner: &Inner<'_>) {
        let Some(faults) = self.faults(key, inner.value, Direction::Request) else { return };
        // That a default is of another type the front end has reported.
        if inner.code == Code::DefaultInvalid
            && faults.iter().any(|fault| fault.keyword == "type" && fault.pointer.is_empty())
        {
            return;
        }
        let faults = said(&faults);
        let what = if inner.code == Code::DefaultInvalid { "default" } else { "example" };
        let message = format!("{what} of `{}` does not follow its schema: {faults}", inner.place);
        self.out.push(finding(inner.code, message, inner.origin));
    }

    /// What a schema refuses of a value; `None` where it takes it.
    fn faults(&self, key: &str, value: &Value, direction: Direction) -> Option<Vec<Fault>> {
        let options = ValidatorOptions { max_faults: MAX_FAULTS, ..ValidatorOptions::default() };
        let faults = self.set.validator(key, direction, options).ok()?.faults(value);
        (!faults.is_empty()).then_some(faults)
    }
}

fn said(faults: &[Fault]) -> String {
    faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("; ")
}

fn finding(code: Code, message: String, origin: &Origin) -> Diagnostic {
    Diagnostic::new(code, message, origin)
        .label("not valid by its schema")
        .help("correct the value, or the schema")
}

#[cfg(test)]
mod tests {
    use descant_model::load::{Options, load_text};

    use super::*;

    /// What is found in the document of one block of a code's explanation.
    fn found(code: Code, block: usize) -> Vec<Code> {
        let text = code.explanation().split("```yaml\n").nth(block).and_then(|rest| rest.split("```").next());
        let loaded = load_text("api.yaml", text.unwrap(), &Options::default());
        assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
        let mut out = Diagnostics::default();
        check(&loaded.api.unwrap(), &mut out);
        out.iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn the_explanations_show_what_is_found() {
        for code in [Code::DefaultInvalid, Code::ExampleInvalid] {
            assert_eq!(found(code, 1), [code], "the wrong document of {}", code.as_str());
            assert_eq!(found(code, 2), [], "the right document of {}", code.as_str());
        }
    }

    #[test]
    fn examples_inside_of_schemas_and_shared_ones_are_judged_once() {
        let text = "openapi: 3.1.0
info: {title: T, version: '1'}
paths:
  /a: &item
    get:
      parameters: [{$ref: '#/components/parameters/P'}]
      responses:
        '200':
          description: OK
          content: {application/json: {schema: {$ref: '#/components/schemas/A'}, examples: {e: {value: {n: 'x'}}}}}
          headers: {X: {schema: {type: integer}, example: no}}
  /b: {$ref: '#/paths/~1a'}
components:
  parameters: {P: {name: p, in: query, schema: {type: integer}, example: many}}
  schemas:
    A: {type: object, properties: {n: {type: integer, examples: [1, one]}, d: {$ref: '#/components/schemas/A'}}}
";
        let loaded = load_text("api.yaml", text, &Options::default());
        let mut out = Diagnostics::default();
        check(&loaded.api.unwrap(), &mut out);
        let messages: Vec<String> = out.iter().map(|finding| finding.message.clone()).collect();
        assert_eq!(
            messages,
            [
                "example does not follow its schema: the value: expected an integer",
                "example `e` does not follow its schema: /n: expected an integer",
                "example does not follow its schema: the value: expected an integer",
                "example of `A/properties/n` does not follow its schema: the value: expected an integer",
            ]
        );
    }
}

//! Validates the examples and defaults of a document: findings of `descant lint` beyond those of the front end,
//! which does not validate values.

use std::collections::HashSet;
use std::sync::Arc;

use descant_model::api::{
    Api, Definition, Example, ExampleValue, Header, MediaType, Operation, Parameter, SchemaId, SchemaName,
    Schemas,
};
use descant_model::codes::Code;
use descant_model::diagnostic::{Diagnostic, Diagnostics};
use descant_model::schema::Schema;
use descant_model::source::{Origin, Span};
use descant_schema::{Direction, Fault, SchemaSet, ValidatorOptions};
use serde_json::Value;

/// The number of violations reported for one example.
const MAX_FAULTS: usize = 3;

/// Examples of one document that are judged, and values in schemas that are copied to judge what is inside: no document
/// that was published comes near.
const MAX_EXAMPLES: usize = 100_000;
const MAX_COPIED: usize = 4_000_000;
/// Characters of a place that a message shows.
const MAX_PLACE: usize = 1_000;

/// Reports each example and each default that violates its schema.
pub(crate) fn check(api: &Api, out: &mut Diagnostics) {
    let mut steps = Steps::default();
    let inner = inner_values(api, &mut steps);
    let mut schemas = Schemas::clone(&api.schemas);
    let ids: Vec<SchemaId> = inner
        .iter()
        .map(|value| {
            let definition = value.definition(&schemas);
            schemas.push(definition)
        })
        .collect();
    let mut judge = Judge { set: SchemaSet::new(&schemas), seen: HashSet::new(), out };
    let operations = api.operations.iter().chain(&api.webhooks);
    operations.for_each(|operation| judge.operation(operation));
    for (id, value) in ids.into_iter().zip(&inner) {
        judge.inner(id, value, &steps);
    }
}

/// A default or an example inside a schema.
struct Inner<'a> {
    code: Code,
    value: &'a Value,
    /// The schema that it must follow.
    schema: Arc<Schema>,
    /// The key of the definition.
    key: &'a str,
    /// The index of the last step of the pointer in the definition.
    step: Option<usize>,
    origin: &'a Origin,
}

/// The steps from definitions to the schemas inside of them. Whole pointers of each schema would take the square of the
/// space: a long name is part of all pointers below it.
#[derive(Default)]
struct Steps(Vec<(Option<usize>, String)>);

impl Steps {
    fn add(&mut self, parent: Option<usize>, step: String) -> usize {
        self.0.push((parent, step));
        self.0.len() - 1
    }

    /// Returns the place of a value for a message: the key of its definition and the pointer, or as much of both as is
    /// readable.
    fn place(&self, inner: &Inner<'_>) -> String {
        let parent = |step: &&(Option<usize>, String)| step.0.and_then(|index| self.0.get(index));
        let steps = inner.step.and_then(|index| self.0.get(index));
        let mut steps: Vec<&str> =
            std::iter::successors(steps, parent).map(|(_, step)| step.as_str()).collect();
        steps.push(inner.key);
        steps.iter().rev().flat_map(|step| step.chars()).take(MAX_PLACE).collect()
    }
}

impl Inner<'_> {
    /// Returns the schema under a key of its own: no key of a document has a space.
    fn definition(&self, schemas: &Schemas) -> Definition {
        let key = format!("inner {}", schemas.entries.len());
        let name = SchemaName::Path(vec![key.clone()]);
        Definition {
            key,
            name,
            schema: self.schema.clone(),
            origin: self.origin.clone(),
            file: String::new(),
        }
    }
}

/// Returns the defaults and examples inside of all schemas.
fn inner_values<'a>(api: &'a Api, steps: &mut Steps) -> Vec<Inner<'a>> {
    let mut found = Vec::new();
    let mut copied = 0;
    for definition in &api.schemas.entries {
        let mut open = vec![(None, &*definition.schema)];
        while let Some((at, schema)) = open.pop() {
            for keyword in schema.keywords() {
                let inner = keyword.subschemas().places().into_iter();
                open.extend(inner.map(|(step, schema)| {
                    (Some(steps.add(at, format!("/{}{step}", keyword.name()))), schema)
                }));
            }
            let mut stated = stated_values(schema).peekable();
            if stated.peek().is_none() {
                continue;
            }
            copied += size(schema);
            if copied > MAX_COPIED {
                return found;
            }
            let own = if at.is_none() { definition.schema.clone() } else { Arc::new(schema.clone()) };
            found.extend(stated.map(|(code, value)| Inner {
                code,
                value,
                schema: own.clone(),
                key: &definition.key,
                step: at,
                origin: &definition.origin,
            }));
        }
    }
    found
}

/// Returns the default and the examples of one schema.
fn stated_values(schema: &Schema) -> impl Iterator<Item = (Code, &Value)> {
    let default = schema.default_value().map(|value| (Code::DefaultInvalid, &**value));
    let examples = schema.examples().into_iter().flatten();
    default.into_iter().chain(examples.map(|value| (Code::ExampleInvalid, value)))
}

/// Returns the number of schemas, keywords and listed values in a schema.
fn size(schema: &Schema) -> usize {
    let own = |schema: &Schema| 1 + schema.keywords().len() + schema.values().map_or(0, Vec::len);
    schema.within().map(own).sum()
}

struct Judge<'a> {
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
        // A string example of a media type other than JSON is the serialized body, not its value.
        let is_data = |example: &&Example| match &example.value {
            ExampleValue::Data(value) => name.contains("json") || !value.is_string(),
            ExampleValue::Serialized(_) | ExampleValue::External(_) => false,
        };
        let examples = media.examples.iter().filter(is_data);
        examples.for_each(|example| self.example(example, media.schema, direction));
    }

    fn example(&mut self, example: &Example, schema: Option<SchemaId>, direction: Direction) {
        let (Some(id), ExampleValue::Data(value)) = (schema, &example.value) else { return };
        if self.seen.len() >= MAX_EXAMPLES || !self.seen.insert((example.origin.span, id)) {
            return;
        }
        let Some(faults) = self.faults(id, value, direction) else { return };
        let faults = said(&faults);
        let name = example.name.as_ref().map(|name| format!(" `{name}`")).unwrap_or_default();
        let message = format!("example{name} violates its schema: {faults}");
        self.out.push(finding(Code::ExampleInvalid, message, &example.origin));
    }

    fn inner(&mut self, id: SchemaId, inner: &Inner<'_>, steps: &Steps) {
        let Some(faults) = self.faults(id, inner.value, Direction::Request) else { return };
        // The front end has reported a default of another type.
        if inner.code == Code::DefaultInvalid
            && faults.iter().any(|fault| fault.keyword == "type" && fault.pointer.is_empty())
        {
            return;
        }
        let faults = said(&faults);
        let what = if inner.code == Code::DefaultInvalid { "default" } else { "example" };
        let message = format!("{what} of `{}` violates its schema: {faults}", steps.place(inner));
        self.out.push(finding(inner.code, message, inner.origin));
    }

    /// Returns the violations of a value; `None` if it is valid.
    fn faults(&self, id: SchemaId, value: &Value, direction: Direction) -> Option<Vec<Fault>> {
        let options = ValidatorOptions { max_faults: MAX_FAULTS, ..ValidatorOptions::default() };
        let faults = self.set.validator(id, direction, options).ok()?.faults(value);
        (!faults.is_empty()).then_some(faults)
    }
}

fn said(faults: &[Fault]) -> String {
    faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("; ")
}

fn finding(code: Code, message: String, origin: &Origin) -> Diagnostic {
    Diagnostic::new(code, message, origin)
        .label("violates its schema")
        .help("correct the value or the schema")
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
                "example violates its schema: the value: expected an integer",
                "example `e` violates its schema: /n: expected an integer",
                "example violates its schema: the value: expected an integer",
                "example of `A/properties/n` violates its schema: the value: expected an integer",
            ]
        );
    }

    #[test]
    fn a_long_place_is_cut() {
        let name = "a".repeat(50_000);
        let text = format!(
            "openapi: 3.1.0
info: {{title: T, version: '1'}}
paths: {{}}
components: {{schemas: {{A: {{properties: {{{name}: {{properties: {{b: {{type: integer, examples: [x]}}}}}}}}}}}}}}
"
        );
        let loaded = load_text("api.yaml", text, &Options::default());
        let mut out = Diagnostics::default();
        check(&loaded.api.unwrap(), &mut out);
        let found = out.iter().next().unwrap();
        assert!(found.message.starts_with("example of `A/properties/aaa"), "{}", found.message);
        assert!(found.message.len() < MAX_PLACE + 100, "{}", found.message.len());
    }
}

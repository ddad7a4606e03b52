//! Prints the model as text, for people and for tests, without origins. Equal models
//! have equal text.

use std::fmt::{Display, Write};

use indexmap::IndexMap;
use serde_json::Value;

use crate::api::{
    Api, Definition, Encoding, Example, ExampleValue, Header, Link, MediaType, Operation, Parameter,
    ParameterEncoding, RequestBody, Requirement, Response, SchemaId, SchemaName, SecurityScheme, Server,
    StatusPattern, Tag,
};

/// Prints the model with one element per line, indented by nesting.
pub fn dump(api: &Api) -> String {
    let mut out = Dump { api, text: String::new(), depth: 0 };
    out.line(format_args!("api {:?} version {:?}", api.info.title, api.info.version));
    out.within(|out| {
        out.optional("summary", api.info.summary.as_deref());
        out.optional("description", api.info.description.as_deref());
    });
    out.servers(&api.servers);
    api.tags.iter().for_each(|tag| out.tag(tag));
    api.security_schemes.iter().for_each(|(name, scheme)| out.scheme(name, scheme));
    if api.descant != Default::default() {
        out.line(format_args!("x-descant {:?}", api.descant));
    }
    api.operations.iter().for_each(|operation| out.operation("operation", operation));
    api.webhooks.iter().for_each(|operation| out.operation("webhook", operation));
    api.schemas.entries.iter().for_each(|schema| out.schema(schema));
    out.text
}

struct Dump<'a> {
    api: &'a Api,
    text: String,
    depth: usize,
}

impl Dump<'_> {
    fn line(&mut self, text: impl Display) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{:indent$}{text}", "", indent = 2 * self.depth);
    }

    fn within(&mut self, write: impl FnOnce(&mut Self)) {
        self.depth += 1;
        write(self);
        self.depth -= 1;
    }

    fn optional(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.line(format_args!("{name} {value:?}"));
        }
    }

    fn flags(flags: &[(&str, bool)]) -> String {
        flags.iter().filter(|(_, is_set)| *is_set).map(|(name, _)| format!(" {name}")).collect()
    }

    fn key(&self, id: Option<SchemaId>) -> String {
        let schema = id.map(|id| self.api.schemas.get(id).map_or("?", |schema| &schema.key));
        schema.map(|key| format!(" : {key}")).unwrap_or_default()
    }

    fn servers(&mut self, servers: &[Server]) {
        for server in servers {
            self.line(format_args!("server {:?}", server.url));
            self.within(|out| {
                out.optional("name", server.name.as_deref());
                out.optional("description", server.description.as_deref());
                for (name, variable) in &server.variables {
                    out.line(format_args!(
                        "variable {name:?} = {:?} of {:?}",
                        variable.default, variable.values
                    ));
                }
            });
        }
    }

    fn tag(&mut self, tag: &Tag) {
        self.line(format_args!("tag {:?}", tag.name));
        self.within(|out| {
            out.optional("summary", tag.summary.as_deref());
            out.optional("description", tag.description.as_deref());
            out.optional("parent", tag.parent.as_deref());
            out.optional("kind", tag.kind.as_deref());
        });
    }

    fn scheme(&mut self, name: &str, scheme: &SecurityScheme) {
        let flags = Self::flags(&[("deprecated", scheme.deprecated)]);
        self.line(format_args!("scheme {name:?} {:?}{flags}", scheme.kind));
        self.within(|out| {
            out.optional("description", scheme.description.as_deref());
            if let Some(source) = scheme.source {
                out.line(format_args!("source {source:?}"));
            }
            if scheme.descant != Default::default() {
                out.line(format_args!("x-descant {:?}", scheme.descant));
            }
        });
    }

    fn operation(&mut self, kind: &str, operation: &Operation) {
        let flags = Self::flags(&[("deprecated", operation.deprecated)]);
        self.line(format_args!("{kind} {}{flags}", operation.key()));
        self.within(|out| {
            out.optional("id", operation.id.as_deref());
            if !operation.tags.is_empty() {
                out.line(format_args!("tags {:?}", operation.tags));
            }
            out.optional("summary", operation.summary.as_deref());
            out.optional("description", operation.description.as_deref());
            if let Some(source) = operation.source {
                out.line(format_args!("source {source:?}"));
            }
            if operation.descant != Default::default() {
                out.line(format_args!("x-descant {:?}", operation.descant));
            }
            if operation.servers[..] != out.api.servers[..] {
                out.servers(&operation.servers);
            }
            operation.security.alternatives.iter().for_each(|needed| out.requirement(needed));
            operation.parameters.iter().for_each(|parameter| out.parameter(parameter));
            operation.request_body.iter().for_each(|body| out.request_body(body));
            operation.responses.iter().for_each(|(status, response)| out.response(*status, response));
            for (name, operations) in &operation.callbacks {
                operations
                    .iter()
                    .for_each(|operation| out.operation(&format!("callback {name:?}"), operation));
            }
        });
    }

    fn requirement(&mut self, requirement: &Requirement) {
        let schemes = requirement.schemes.iter().map(|(name, scopes)| format!("{name}{scopes:?}"));
        let schemes: Vec<String> = schemes.collect();
        let schemes = if schemes.is_empty() { "nothing".to_owned() } else { schemes.join(" and ") };
        self.line(format_args!("needs {schemes}"));
    }

    fn parameter(&mut self, parameter: &Parameter) {
        let flags = Self::flags(&[("required", parameter.required), ("deprecated", parameter.deprecated)]);
        let encoding = written(&parameter.encoding);
        let (location, key) = (parameter.location.as_str(), self.key(parameter.schema));
        self.line(format_args!("{location} {:?}{key}{flags} {encoding}", parameter.name));
        self.within(|out| {
            out.optional("description", parameter.description.as_deref());
            out.examples(&parameter.examples);
        });
    }

    fn request_body(&mut self, body: &RequestBody) {
        self.line(format_args!("request{}", Self::flags(&[("required", body.required)])));
        self.within(|out| {
            out.optional("description", body.description.as_deref());
            out.content(&body.content);
        });
    }

    fn response(&mut self, status: StatusPattern, response: &Response) {
        self.line(match status {
            StatusPattern::Code(code) => format!("response {code}"),
            StatusPattern::Range(digit) => format!("response {digit}XX"),
            StatusPattern::Default => "response default".to_owned(),
        });
        self.within(|out| {
            out.optional("description", response.description.as_deref());
            response.headers.iter().for_each(|(name, header)| out.header(name, header));
            out.content(&response.content);
            response.links.iter().for_each(|(name, link)| out.link(name, link));
        });
    }

    fn header(&mut self, name: &str, header: &Header) {
        let flags = Self::flags(&[("required", header.required), ("deprecated", header.deprecated)]);
        let (key, encoding) = (self.key(header.schema), written(&header.encoding));
        self.line(format_args!("header {name:?}{key}{flags} {encoding}"));
        self.within(|out| {
            out.optional("description", header.description.as_deref());
            out.examples(&header.examples);
        });
    }

    fn content(&mut self, content: &IndexMap<String, MediaType>) {
        for (name, media) in content {
            let items =
                media.item_schema.map(|id| format!(" items{}", self.key(Some(id)))).unwrap_or_default();
            self.line(format_args!("content {name:?}{}{items}", self.key(media.schema)));
            self.within(|out| {
                media.encoding.iter().for_each(|(name, encoding)| out.encoding(name, encoding));
                out.examples(&media.examples);
            });
        }
    }

    fn encoding(&mut self, name: &str, encoding: &Encoding) {
        let flags = [("explode", encoding.explode), ("allowReserved", encoding.allow_reserved)];
        let style = encoding.style.map(|style| format!(" {style:?}")).unwrap_or_default();
        let content = encoding.content_type.as_deref().map(|text| format!(" {text:?}")).unwrap_or_default();
        self.line(format_args!("encoding {name:?}{content}{style}{}", Self::flags(&flags)));
        self.within(|out| encoding.headers.iter().for_each(|(name, header)| out.header(name, header)));
    }

    fn examples(&mut self, examples: &[Example]) {
        for example in examples {
            let name = example.name.as_deref().map(|name| format!(" {name:?}")).unwrap_or_default();
            self.line(match &example.value {
                ExampleValue::Data(value) => format!("example{name} {value}"),
                ExampleValue::Serialized(text) => format!("example{name} serialized {text:?}"),
                ExampleValue::External(url) => format!("example{name} external {url:?}"),
            });
            self.within(|out| out.optional("summary", example.summary.as_deref()));
        }
    }

    fn link(&mut self, name: &str, link: &Link) {
        let target = link.operation.and_then(|index| self.api.operations.get(index));
        let target = target.map_or_else(|| "nowhere".to_owned(), Operation::key);
        self.line(format_args!("link {name:?} to {target}"));
        self.within(|out| {
            out.optional("description", link.description.as_deref());
            link.parameters
                .iter()
                .for_each(|(name, value)| out.line(format_args!("with {name:?} = {value}")));
            link.request_body.iter().for_each(|value| out.line(format_args!("body {value}")));
        });
    }

    fn schema(&mut self, schema: &Definition) {
        match &schema.name {
            SchemaName::Component(name) => {
                self.line(format_args!("schema {} component {name:?}", schema.key))
            }
            SchemaName::Path(words) => self.line(format_args!("schema {} at {words:?}", schema.key)),
        }
        self.within(|out| out.value(&schema.schema.to_json(&out.api.schemas)));
    }

    /// An object's entries one a line; nested values stay on theirs.
    fn value(&mut self, value: &Value) {
        match value {
            Value::Object(map) if !map.is_empty() => {
                map.iter().for_each(|(key, value)| self.line(format_args!("{key}: {value}")));
            }
            other => self.line(other),
        }
    }
}

fn written(encoding: &ParameterEncoding) -> String {
    match encoding {
        ParameterEncoding::Content { media_type } => format!("as {media_type:?}"),
        ParameterEncoding::Style { style, explode, allow_reserved, allow_empty } => {
            let flags =
                [("explode", *explode), ("allowReserved", *allow_reserved), ("allowEmpty", *allow_empty)];
            format!("as {style:?}{}", Dump::flags(&flags))
        }
    }
}

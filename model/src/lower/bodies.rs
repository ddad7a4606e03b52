//! Lowers request bodies, responses and their contents: media types, encodings, examples, links (OAS 4.8.13 to 4.8.20).

use std::sync::Arc;

use indexmap::IndexMap;

use super::names::Way;
use super::parameters::style;
use super::view::View;
use super::{Lower, enter};
use crate::api::{
    Encoding, Example, ExampleValue, Link, MediaType, RequestBody, Response, StatusPattern, When,
};
use crate::dialect;

impl<'g> Lower<'g> {
    /// `None` where the body cannot be read.
    pub(super) fn request_body(&mut self, view: View<'g>, way: &Way) -> Option<Arc<RequestBody>> {
        let (view, way) = enter(view, &way.with("request"))?;
        if let Some(known) = self.bodies.get(&view.place) {
            return Some(known.clone());
        }
        let body = Arc::new(RequestBody {
            description: view.text("description"),
            required: view.flag("required").unwrap_or(false),
            content: self.content(view, &way),
            origin: view.origin(),
        });
        self.bodies.insert(view.place, body.clone());
        Some(body)
    }

    /// The responses of an operation, but those whose key is no status.
    pub(super) fn responses(
        &mut self,
        operation: View<'g>,
        way: &Way,
    ) -> Vec<(StatusPattern, Arc<Response>)> {
        let responses = operation.map("responses").filter_map(|(key, view)| {
            let status = status(key)?;
            let (view, way) = enter(view, &way.with(key))?;
            Some((status, self.response(view, &way)))
        });
        responses.collect()
    }

    fn response(&mut self, view: View<'g>, way: &Way) -> Arc<Response> {
        if let Some(known) = self.responses.get(&view.place) {
            return known.clone();
        }
        let links =
            view.map("links").filter_map(|(name, link)| Some((name.to_owned(), self.link(link.resolved()?))));
        let links: IndexMap<String, Link> = links.collect();
        let response = Arc::new(Response {
            description: view.text("description"),
            headers: self.headers(view, way),
            content: self.content(view, way),
            links,
            when: self.when(view),
            origin: view.origin(),
        });
        self.responses.insert(view.place, response.clone());
        response
    }

    fn content(&mut self, view: View<'g>, way: &Way) -> IndexMap<String, MediaType> {
        let content = view.map("content").filter_map(|(name, media)| {
            let (media, way) = enter(media, &way.with(name))?;
            Some((name.to_owned(), self.media_type(name, media, &way)))
        });
        content.collect()
    }

    fn media_type(&mut self, name: &str, view: View<'g>, way: &Way) -> MediaType {
        let has_styles = dialect::has_styles(view.graph, view.place, name);
        let encoding = view.map("encoding").map(|(name, at)| {
            let encoding = self.encoding(at, &way.with(name));
            (name.to_owned(), Encoding { style: encoding.style.filter(|_| has_styles), ..encoding })
        });
        let encoding: IndexMap<String, Encoding> = encoding.collect();
        let mut examples = self.examples(view);
        if let Some(schema) = view.get("schema") {
            self.unquote(name, schema, &mut examples);
        }
        MediaType {
            schema: self.schema(view, "schema", way),
            item_schema: self.schema(view, "itemSchema", &way.with("item")),
            examples,
            encoding,
            origin: view.origin(),
        }
    }

    fn encoding(&mut self, view: View<'g>, way: &Way) -> Encoding {
        let stated = ["style", "explode", "allowReserved"].iter().any(|key| view.raw(key).is_some());
        let style = view.str("style").and_then(style).or(stated.then_some(crate::api::Style::Form));
        Encoding {
            content_type: view.text("contentType"),
            headers: self.headers(view, way),
            style,
            explode: view.flag("explode").unwrap_or(style == Some(crate::api::Style::Form)),
            allow_reserved: view.flag("allowReserved").unwrap_or(false),
        }
    }

    /// `example`, then `examples`.
    pub(super) fn examples(&mut self, view: View<'g>) -> Vec<Example> {
        let mut examples = Vec::new();
        if let Some(example) = view.present("example") {
            let value = ExampleValue::Data(self.value(example));
            examples.push(Example { name: None, summary: None, value, when: None, origin: example.origin() });
        }
        for (name, example) in view.map("examples") {
            examples.extend(example.resolved().and_then(|example| self.example(name, example)));
        }
        examples
    }

    fn example(&mut self, name: &str, view: View<'g>) -> Option<Example> {
        let value = if let Some(value) = view.present("value").or_else(|| view.present("dataValue")) {
            ExampleValue::Data(self.value(value))
        } else if let Some(text) = view.text("serializedValue") {
            ExampleValue::Serialized(text)
        } else {
            ExampleValue::External(view.text("externalValue")?)
        };
        Some(Example {
            name: Some(name.to_owned()),
            summary: view.text("summary"),
            value,
            when: self.when(view),
            origin: view.origin(),
        })
    }

    /// `x-descant.when`.
    fn when(&mut self, view: View<'g>) -> Option<Arc<When>> {
        let when = view.raw("x-descant")?.get("when")?;
        let mut values = |place: &str| {
            let values = when.map(place).map(|(name, value)| (name.to_owned(), (*self.value(value)).clone()));
            values.collect()
        };
        Some(Arc::new(When {
            path: values("path"),
            query: values("query"),
            header: values("header"),
            cookie: values("cookie"),
            body: values("body"),
        }))
    }

    fn link(&mut self, view: View<'g>) -> Link {
        let parameters =
            view.map("parameters").map(|(name, value)| (name.to_owned(), (*self.value(value)).clone()));
        let parameters = parameters.collect();
        let by_id = view.str("operationId").and_then(|id| self.index.by_id(id));
        let by_reference = || self.index.by_place(view.graph.target(view.raw("operationRef")?.place)?);
        Link {
            operation: by_id.or_else(by_reference),
            description: view.text("description"),
            parameters,
            request_body: view.present("requestBody").map(|value| (*self.value(value)).clone()),
            origin: view.origin(),
        }
    }
}

/// A key of `responses`: a code, a range or `default`.
fn status(key: &str) -> Option<StatusPattern> {
    if key == "default" {
        return Some(StatusPattern::Default);
    }
    let leading = key.strip_suffix("XX").or_else(|| key.strip_suffix("xx"));
    if let Some(digit) = leading {
        return Some(StatusPattern::Range(digit.parse().ok().filter(|digit| (1..=5).contains(digit))?));
    }
    let code = key.parse().ok().filter(|code| (100..=599).contains(code) && key.len() == 3)?;
    Some(StatusPattern::Code(code))
}

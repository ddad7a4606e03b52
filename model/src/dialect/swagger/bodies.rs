//! Converts 2.0's `body` and `formData` parameters to request bodies, and adds media types to its responses.

use super::{Fields, Upgrade};
use crate::references::FileNode;

const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";
const BINARY: &str = "application/octet-stream";
const JSON: &str = "application/json";

impl Upgrade<'_> {
    pub(super) fn request_body(&mut self, operation: FileNode, body: FileNode) -> FileNode {
        if self.graph.reference(body).is_some() {
            return body;
        }
        let mut fields = self.kept(body, &["description", "required"]);
        let schema: Fields = self.kept(body, &["schema"]);
        let media_types = self.media_types(operation, "consumes", JSON);
        let content: Fields =
            media_types.into_iter().map(|name| (name, self.object(body, schema.clone()))).collect();
        fields.push(("content".to_owned(), self.object(body, content)));
        self.object(body, fields)
    }

    /// Returns an object schema with a property for each `formData` parameter.
    pub(super) fn form_body(&mut self, operation: FileNode, form: &[FileNode]) -> FileNode {
        let (mut properties, mut required, mut encoding) = (Fields::new(), Vec::new(), Fields::new());
        let mut has_file = false;
        for place in form {
            let Some(name) = self.str(*place, "name").map(str::to_owned) else { continue };
            has_file |= self.str(*place, "type") == Some("file");
            if self.is_true(*place, "required") {
                required.push(self.text(*place, &name));
            }
            let style = self.style(*place);
            if !style.is_empty() {
                encoding.push((name.clone(), self.object(*place, style)));
            }
            let description = self.raw(*place, "description").map(|at| ("description".to_owned(), at));
            let schema = self.schema(*place);
            let fields = self.fields(Some(schema)).into_iter().chain(description).collect();
            properties.push((name, self.object(*place, fields)));
        }
        let is_required = !required.is_empty();
        let schema = vec![
            ("type".to_owned(), self.text(operation, "object")),
            ("properties".to_owned(), self.object(operation, properties)),
            ("required".to_owned(), self.array(operation, required)),
        ];
        let schema = self.object(operation, schema);
        let media =
            vec![("schema".to_owned(), schema), ("encoding".to_owned(), self.object(operation, encoding))];
        let content = self.form_types(operation, has_file);
        let content = content.into_iter().map(|name| (name, self.object(operation, media.clone()))).collect();
        let fields = vec![
            ("required".to_owned(), self.flag(operation, is_required)),
            ("content".to_owned(), self.object(operation, content)),
        ];
        self.object(operation, fields)
    }

    /// The form types that an operation consumes. Files need multipart (2.0, Parameter Object).
    fn form_types(&self, operation: FileNode, has_file: bool) -> Vec<String> {
        let default = if has_file { MULTIPART } else { FORM };
        let mut types = self.media_types(operation, "consumes", default);
        types.retain(|name| *name == MULTIPART || *name == FORM && !has_file);
        if types.is_empty() {
            types.push(default.to_owned());
        }
        types
    }

    pub(super) fn response(&mut self, operation: FileNode, place: FileNode) -> FileNode {
        let Some(response) = self.resolved(place) else { return place };
        let key = (response, self.get(operation, "produces"));
        if let Some(known) = self.responses.get(&key) {
            return self.as_referenced(place, *known);
        }
        let mut fields = self.kept(response, &["description"]);
        let headers = self.fields(self.get(response, "headers"));
        let headers: Fields = headers.into_iter().map(|(name, header)| (name, self.header(header))).collect();
        fields.push(("headers".to_owned(), self.object(response, headers)));
        let content = self.response_content(operation, response);
        fields.push(("content".to_owned(), self.object(response, content)));
        let new = self.object(response, fields);
        self.responses.insert(key, new);
        self.as_referenced(place, new)
    }

    fn response_content(&mut self, operation: FileNode, response: FileNode) -> Fields {
        let schema = self.raw(response, "schema");
        let is_file = schema.is_some_and(|schema| self.str(schema, "type") == Some("file"));
        let examples = self.fields(self.get(response, "examples"));
        let mut names: Vec<String> = examples.iter().map(|(name, _)| name.clone()).collect();
        if schema.is_some() {
            let produced = self.media_types(operation, "produces", if is_file { BINARY } else { JSON });
            names.retain(|name| !produced.contains(name));
            names.splice(0..0, produced);
        }
        let media = |upgrade: &mut Self, name: &str| {
            let schema = schema.map(|schema| ("schema".to_owned(), schema));
            let example = examples.iter().find(|(key, _)| key == name);
            let example = example.map(|(_, value)| ("example".to_owned(), *value));
            upgrade.object(response, schema.into_iter().chain(example).collect())
        };
        names.into_iter().map(|name| (name.clone(), media(self, &name))).collect()
    }

    fn header(&mut self, header: FileNode) -> FileNode {
        if let Some(known) = self.parameters.get(&header) {
            return *known;
        }
        let mut fields = self.kept(header, &["description"]);
        fields.extend(self.value(header));
        let new = self.object(header, fields);
        self.parameters.insert(header, new);
        new
    }

    /// Returns the media types of an operation, else of the document, else the default.
    fn media_types(&self, operation: FileNode, key: &str, default: &str) -> Vec<String> {
        let stated = [operation, self.document].into_iter().find(|place| self.get(*place, key).is_some());
        let names = stated.map(|place| self.texts(place, key)).unwrap_or_default();
        if names.is_empty() { vec![default.to_owned()] } else { names }
    }

    fn is_true(&self, place: FileNode, key: &str) -> bool {
        crate::view::View { graph: self.graph, place }.flag(key).unwrap_or(false)
    }
}

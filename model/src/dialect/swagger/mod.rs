//! Converts OpenAPI 2.0 to the form of 3.x with new nodes beside the old ones, which keep their positions. Schemas are not
//! changed; `dialect::schema` reads them.

mod bodies;
mod parameters;
mod security;

use std::collections::HashMap;

use crate::diagnostic::Diagnostics;
use crate::references::{FileNode, Graph};
use crate::tree::NodeKind;
use crate::view::View;

/// The methods of 2.0.
const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];

/// Converts a document of 2.0 to 3.x.
pub(crate) fn upgrade(graph: &mut Graph, diagnostics: &mut Diagnostics) {
    let document = graph.root();
    let (parameters, responses) = Default::default();
    let mut upgrade = Upgrade { graph, diagnostics, document, parameters, responses };
    let root = upgrade.document();
    upgrade.graph.set_root(root);
}

struct Upgrade<'g> {
    graph: &'g mut Graph,
    diagnostics: &'g mut Diagnostics,
    document: FileNode,
    /// The converted parameters and headers.
    parameters: HashMap<FileNode, FileNode>,
    /// The converted responses, by media types.
    responses: HashMap<(FileNode, Option<FileNode>), FileNode>,
}

/// The fields of an object that is being made.
type Fields = Vec<(String, FileNode)>;

impl Upgrade<'_> {
    fn document(&mut self) -> FileNode {
        let document = self.document;
        let mut fields = self.kept(document, &["info", "security", "tags", "externalDocs"]);
        fields.extend(self.servers(document, document));
        let paths = self.fields(self.get(document, "paths"));
        let paths: Fields = paths.into_iter().map(|(path, item)| (path, self.path_item(item))).collect();
        fields.push(("paths".to_owned(), self.object(document, paths)));
        let mut components: Fields = Vec::new();
        components.extend(self.raw(document, "definitions").map(|at| ("schemas".to_owned(), at)));
        let schemes = self.fields(self.get(document, "securityDefinitions"));
        let schemes: Fields =
            schemes.into_iter().filter_map(|(name, at)| Some((name, self.scheme(at)?))).collect();
        components.push(("securitySchemes".to_owned(), self.object(document, schemes)));
        fields.push(("components".to_owned(), self.object(document, components)));
        self.object(document, fields)
    }

    /// A path item without its parameters, as each of its operations has them itself now.
    fn path_item(&mut self, item: FileNode) -> FileNode {
        let Some(item) = self.resolved(item) else { return item };
        let mut fields = self.kept(item, &[]);
        for method in METHODS {
            if let Some(operation) = self.get(item, method) {
                fields.push((method.to_owned(), self.operation(item, operation)));
            }
        }
        self.object(item, fields)
    }

    fn operation(&mut self, item: FileNode, operation: FileNode) -> FileNode {
        let same =
            ["tags", "summary", "description", "operationId", "deprecated", "security", "externalDocs"];
        let mut fields = self.kept(operation, &same);
        if self.get(operation, "schemes").is_some() {
            fields.extend(self.servers(operation, operation));
        }
        let parts = self.parameters(item, operation);
        fields.push(("parameters".to_owned(), self.array(operation, parts.parameters)));
        let body = match (parts.body, parts.form.is_empty()) {
            (Some(body), _) => Some(self.request_body(operation, body)),
            (None, false) => Some(self.form_body(operation, &parts.form)),
            (None, true) => None,
        };
        fields.extend(body.map(|body| ("requestBody".to_owned(), body)));
        let responses = self.fields(self.get(operation, "responses"));
        let responses = responses.into_iter().map(|(status, at)| (status, self.response(operation, at)));
        let responses: Fields = responses.collect();
        fields.push(("responses".to_owned(), self.object(operation, responses)));
        self.object(operation, fields)
    }

    fn raw(&self, place: FileNode, key: &str) -> Option<FileNode> {
        View { graph: self.graph, place }.raw(key).map(|view| view.place)
    }

    fn get(&self, place: FileNode, key: &str) -> Option<FileNode> {
        View { graph: self.graph, place }.get(key).map(|view| view.place)
    }

    fn resolved(&self, place: FileNode) -> Option<FileNode> {
        View { graph: self.graph, place }.resolved().map(|view| view.place)
    }

    fn str(&self, place: FileNode, key: &str) -> Option<&str> {
        View { graph: self.graph, place }.str(key)
    }

    fn texts(&self, place: FileNode, key: &str) -> Vec<String> {
        View { graph: self.graph, place }.texts(key)
    }

    /// The sound fields of an object.
    fn fields(&self, place: Option<FileNode>) -> Fields {
        let views = place.into_iter().flat_map(|place| View { graph: self.graph, place }.entries());
        views.map(|(key, view)| (key.to_owned(), view.place)).collect()
    }

    /// The fields that stay as they are: those named, and extensions.
    fn kept(&self, place: FileNode, keys: &[&str]) -> Fields {
        let fields = self.fields(Some(place)).into_iter();
        fields.filter(|(key, _)| keys.contains(&&**key) || key.starts_with("x-")).collect()
    }

    fn object(&mut self, of: FileNode, fields: Fields) -> FileNode {
        let fields = fields.into_iter().map(|(key, value)| (key.into(), value)).collect();
        self.graph.add_object(of, fields)
    }

    fn array(&mut self, of: FileNode, items: Vec<FileNode>) -> FileNode {
        self.graph.add_array(of, items)
    }

    /// Returns the converted place, as a reference if it is one.
    fn as_referenced(&mut self, place: FileNode, new: FileNode) -> FileNode {
        if place != new && self.graph.reference(place).is_some() {
            self.graph.add_reference(place, new)
        } else {
            new
        }
    }

    fn text(&mut self, of: FileNode, text: &str) -> FileNode {
        self.graph.add(of, NodeKind::String(text.into()))
    }

    fn flag(&mut self, of: FileNode, value: bool) -> FileNode {
        self.graph.add(of, NodeKind::Bool(value))
    }
}

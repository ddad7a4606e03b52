//! Lowers operations. A faulty operation does not affect others.

use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexMap;

use super::names::Way;
use super::view::View;
use super::{Lower, document, paths, security, source_tag};
use crate::api::{Operation, PathTemplate};
use crate::codes::Code;
use crate::descant;
use crate::diagnostic::Diagnostic;
use crate::references::{FileNode, FileNodeMap};

/// The maximum number of operations, including callbacks: path items can be referenced any number of times.
const MAX_OPERATIONS: usize = 50_000;

/// The maximum nesting of callbacks.
const MAX_CALLBACKS: usize = 8;

/// The methods that have a field of their own (OAS 4.8.9), in the order of the specification.
const METHODS: [&str; 9] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/// An operation before it is lowered.
pub(super) struct Found<'g> {
    method: String,
    path: PathTemplate,
    item: View<'g>,
    operation: View<'g>,
    /// A webhook or callback: the document's security is what its server asks for, and this is sent elsewhere.
    outgoing: bool,
}

/// Returns every operation of a document.
pub(super) struct AllFound<'g> {
    pub(super) operations: Vec<Found<'g>>,
    pub(super) webhooks: Vec<Found<'g>>,
}

/// The operations by place, for links.
#[derive(Default)]
pub(super) struct Index {
    by_id: HashMap<String, usize>,
    by_place: FileNodeMap<usize>,
}

impl Index {
    pub(super) fn new(operations: &[Found<'_>]) -> Self {
        let mut index = Self::default();
        for (number, found) in operations.iter().enumerate() {
            index.by_place.entry(found.operation.place).or_insert(number);
            if let Some(id) = found.operation.text("operationId") {
                index.by_id.entry(id).or_insert(number);
            }
        }
        index
    }

    pub(super) fn by_id(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    pub(super) fn by_place(&self, place: FileNode) -> Option<usize> {
        self.by_place.get(&place).copied()
    }
}

/// Finds every operation, in the document's order.
pub(super) fn find<'g>(document: View<'g>, lower: &mut Lower<'g>) -> AllFound<'g> {
    let paths = document.map("paths").filter(|(path, _)| !path.starts_with("x-"));
    let operations =
        lower.within_limit(paths.flat_map(|(path, item)| of_item(&paths::template(path), item, false)));
    let older = document.map("x-webhooks").filter(|(name, _)| !name.starts_with("x-"));
    let webhooks = document.map("webhooks").chain(older);
    let webhooks =
        lower.within_limit(webhooks.flat_map(|(name, item)| of_item(&paths::verbatim(name), item, true)));
    AllFound { operations, webhooks }
}

/// Returns the operations of a path item, from the target of its reference and from the fields beside it.
fn of_item<'g>(path: &PathTemplate, item: View<'g>, outgoing: bool) -> Vec<Found<'g>> {
    let mut found: IndexMap<String, Found<'g>> = IndexMap::new();
    let referenced = item.resolved().filter(|target| target.place != item.place);
    for item in referenced.into_iter().chain([item]) {
        let named = item.entries().filter(|(key, _)| METHODS.contains(key));
        let named = named.map(|(method, operation)| (method.to_ascii_uppercase(), operation));
        let additional = item.map("additionalOperations").map(|(method, view)| (method.to_owned(), view));
        for (method, operation) in named.chain(additional) {
            if let Some(operation) = operation.resolved().filter(|operation| is_whole(item, *operation)) {
                let path = path.clone();
                found.insert(method.clone(), Found { method, path, item, operation, outgoing });
            }
        }
    }
    found.into_values().collect()
}

/// Whether all required parts of an operation are present; missing ones were reported.
fn is_whole(item: View<'_>, operation: View<'_>) -> bool {
    let parameters = item.list("parameters").chain(operation.list("parameters"));
    let parts = parameters
        .chain(operation.raw("requestBody"))
        .chain(operation.map("responses").map(|(_, view)| view));
    parts.map(View::resolved).all(|part| part.is_some())
}

impl<'g> Lower<'g> {
    fn within_limit(&mut self, found: impl Iterator<Item = Found<'g>>) -> Vec<Found<'g>> {
        let mut found: Vec<_> = found.take(MAX_OPERATIONS + 1).collect();
        if found.len() > MAX_OPERATIONS {
            found.truncate(MAX_OPERATIONS);
            let message =
                format!("the document has more than {MAX_OPERATIONS} operations; the rest is left out");
            self.diagnostics.push(Diagnostic::new(Code::TooLarge, message, &self.document.origin()));
        }
        found
    }

    pub(super) fn operations(&mut self, found: &[Found<'g>]) -> Vec<Operation> {
        found.iter().map(|found| self.operation(found)).collect()
    }

    fn operation(&mut self, found: &Found<'g>) -> Operation {
        let Found { method, path, item, operation: view, outgoing } = found;
        let way = Way::new(format!("{method} {}", path.raw));
        let request_body = view.raw("requestBody").and_then(|body| self.request_body(body, &way));
        Operation {
            id: view.text("operationId"),
            method: method.clone(),
            path: path.clone(),
            tags: view.texts("tags"),
            summary: view.text("summary").or_else(|| item.text("summary")),
            description: view.text("description").or_else(|| item.text("description")),
            deprecated: view.flag("deprecated").unwrap_or(false),
            parameters: self.parameters(
                [(*item, &Way::new(path.raw.clone())), (*view, &way)],
                path,
                &view.origin(),
            ),
            request_body,
            responses: self.responses(*view, &way),
            security: match security::security(*view) {
                Some(own) => Arc::new(own),
                None if *outgoing => Arc::default(),
                None => self.security.clone(),
            },
            servers: [*view, *item]
                .into_iter()
                .find_map(document::servers)
                .unwrap_or_else(|| self.servers.clone()),
            callbacks: self.callbacks(*view),
            source: source_tag(*view),
            descant: descant::operation(*view),
            origin: view.origin(),
        }
    }

    /// Lowers callbacks; recursive ones are left out.
    fn callbacks(&mut self, operation: View<'g>) -> IndexMap<String, Vec<Operation>> {
        let mut callbacks = IndexMap::new();
        for (name, callback) in operation.map("callbacks") {
            let Some(callback) = callback.resolved() else { continue };
            if self.open_callbacks.contains(&callback.place) || self.open_callbacks.len() >= MAX_CALLBACKS {
                let message = format!("callback `{name}` contains itself; it is left out");
                self.diagnostics.push(Diagnostic::new(Code::Unsupported, message, &callback.origin()));
                continue;
            }
            self.open_callbacks.push(callback.place);
            let expressions = callback.entries().filter(|(expression, _)| !expression.starts_with("x-"));
            let found: Vec<_> = expressions
                .flat_map(|(expression, item)| of_item(&paths::verbatim(expression), item, true))
                .collect();
            let operations = self.operations(&found);
            self.open_callbacks.pop();
            callbacks.insert(name.to_owned(), operations);
        }
        callbacks
    }
}

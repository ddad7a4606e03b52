//! Lowers the graph to the [`Api`]: the HTTP half field by field, schemas with [`schemas::Registry`]. Referenced objects are
//! lowered once and shared. Earlier stages have reported all faults; faulty objects are left out here.

mod bodies;
mod cycles;
mod document;
pub(crate) mod names;
mod operations;
mod parameters;
mod paths;
mod recursive_families;
mod schemas;
mod security;
mod string_encoded_examples;
#[cfg(test)]
mod tests;
mod view;

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;

use crate::api::{Api, Parameter, RequestBody, Response, SchemaId, Server, SourceTag};
use crate::descant;
use crate::diagnostic::Diagnostics;
use crate::references::{FileNode, FileNodeMap, Graph};
use crate::tree::unescape_token;
use names::Way;
use schemas::Registry;
use view::View;

/// Lowers a graph whose files are all of the shape of 3.x.
pub(crate) fn lower(graph: &Graph, diagnostics: &mut Diagnostics) -> Api {
    let document = View { graph, place: graph.root() };
    let mut lower = Lower::new(document, diagnostics);
    let found = operations::find(document, &mut lower);
    lower.index = operations::Index::new(&found.operations);
    let mut api = Api {
        info: document::info(document),
        servers: lower.servers.clone(),
        security_schemes: lower.security_schemes(document),
        operations: lower.operations(&found.operations),
        webhooks: lower.operations(&found.webhooks),
        descant: descant::document(document),
        ..Api::default()
    };
    api.tags = document::tags(document, &api.operations);
    let Lower { schemas, diagnostics, .. } = lower;
    api.schemas = Arc::new(schemas.finish(diagnostics));
    api
}

/// What lowering knows while it goes through the document.
struct Lower<'g> {
    document: View<'g>,
    diagnostics: &'g mut Diagnostics,
    schemas: Registry<'g>,
    index: operations::Index,
    servers: Arc<[Server]>,
    security: Arc<crate::api::Security>,
    /// What has been lowered, by its place.
    parameters: FileNodeMap<Option<Arc<Parameter>>>,
    bodies: FileNodeMap<Arc<RequestBody>>,
    responses: FileNodeMap<Arc<Response>>,
    values: FileNodeMap<Arc<Value>>,
    /// Callbacks that are being lowered, so that one which leads to itself ends.
    open_callbacks: Vec<FileNode>,
}

impl<'g> Lower<'g> {
    fn new(document: View<'g>, diagnostics: &'g mut Diagnostics) -> Self {
        let (parameters, bodies, responses, values, index) = Default::default();
        Self {
            document,
            schemas: Registry::new(document.graph),
            diagnostics,
            index,
            servers: document::servers(document).unwrap_or_else(document::default_servers),
            security: Arc::new(security::security(document).unwrap_or_default()),
            parameters,
            bodies,
            responses,
            values,
            open_callbacks: Vec::new(),
        }
    }

    /// The schema under a key, called by the way to it.
    fn schema(&mut self, view: View<'g>, key: &str, way: &Way) -> Option<SchemaId> {
        Some(self.schemas.position(view.raw(key)?, way.clone()))
    }

    /// The value at a place, as JSON, once.
    fn value(&mut self, view: View<'g>) -> Arc<Value> {
        let (graph, diagnostics) = (view.graph, &mut *self.diagnostics);
        let lowered = self.values.entry(view.place);
        lowered.or_insert_with(|| Arc::new(crate::dialect::data(graph, view.place, diagnostics))).clone()
    }
}

/// Follows what may be a reference. What is referenced is called by its own name, not by the way to it.
fn enter<'g>(view: View<'g>, way: &Way) -> Option<(View<'g>, Way)> {
    let target = view.resolved()?;
    if target.place == view.place {
        return Some((target, way.clone()));
    }
    let pointer = target.origin().pointer;
    let token = pointer.rsplit('/').next().filter(|token| !token.is_empty());
    let name = token.map(unescape_token).map(Cow::into_owned);
    Some((target, Way::new(name.unwrap_or_else(|| target.graph.stem(target.place.file).to_owned()))))
}

/// `x-source`.
fn source_tag(view: View<'_>) -> Option<SourceTag> {
    match view.str("x-source")? {
        "seed" => Some(SourceTag::Seed),
        "sourced" => Some(SourceTag::Sourced),
        "inferred" => Some(SourceTag::Inferred),
        "mock-only" => Some(SourceTag::MockOnly),
        _ => None,
    }
}

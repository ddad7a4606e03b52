//! Semantic checks: faults that involve several objects. They run on the resolved graph, before lowering.

use crate::check::ObjectType;
use crate::diagnostic::Diagnostics;
use crate::references::{FileNode, Graph};
use crate::tree::NodeId;
use crate::view::View;

mod closed;
mod discriminator;
mod dynamic_reference;
mod operations;
mod parameters;
mod paths;
mod responses;
mod schemas;
mod security;
mod servers;
mod size;
#[cfg(test)]
mod tests;
mod types;

pub(crate) use self::discriminator::is_idle;
pub(crate) use self::parameters::is_ignored_header;
pub(crate) use self::security::stand;

/// Reports semantic faults.
pub(crate) fn semantics(graph: &Graph, out: &mut Diagnostics) {
    let document = View { graph, place: graph.root() };
    paths::check(document, out);
    operations::check(document, out);
    responses::check(document, out);
    security::check_requirements(document, out);
    servers::check_document(document, out);
    every(graph, ObjectType::SERVER).for_each(|server| servers::check(server, out));
    let mut patterns = schemas::Patterns::default();
    for schema in every(graph, ObjectType::SCHEMA) {
        schemas::check(schema, &mut patterns, out);
        discriminator::check(schema, out);
        types::check(schema, out);
        closed::check(schema, out);
    }
    dynamic_reference::check(every(graph, ObjectType::SCHEMA), out);
    every(graph, ObjectType::PARAMETER).for_each(|parameter| parameters::check(parameter, out));
    every(graph, ObjectType::SECURITY_SCHEME).for_each(|scheme| security::check_scheme(scheme, out));
    size::check(graph, out);
}

/// Everything that was checked as an object of the table, in the order of nodes; faulty ones are left out.
fn every(graph: &Graph, shape: ObjectType) -> impl Iterator<Item = View<'_>> {
    let nodes =
        graph.trees().flat_map(|tree| (0..tree.nodes.len() as u32).map(|node| (tree.file, NodeId(node))));
    let places = nodes.map(|(file, node)| FileNode { file, node });
    let sound = places.filter(move |place| graph.shape(*place) == Some(shape) && !graph.is_faulty(*place));
    sound.map(move |place| View { graph, place })
}

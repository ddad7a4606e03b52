//! Follows references from the document on, in the order of the structural check, and checks each target as the
//! expected object.

use std::collections::HashSet;

use super::resolver::Resolver;
use super::{FileNode, Graph};
use crate::check::{ObjectType, Reference};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Severity};
use crate::tree::NodeId;

/// Resolves every reference that is reachable from checked values.
pub(super) fn walk(resolver: &mut Resolver<'_>) {
    let mut texts = HashSet::new();
    // Files up to here have had those read that they refer to.
    let mut ahead = 0;
    let mut next = 0;
    while next < resolver.graph.files.len() {
        next = 0;
        while let Some(file) = resolver.graph.files.get_mut(next) {
            if next == ahead {
                ahead = resolver.read_ahead(next);
                continue;
            }
            let references = file.as_mut().map(|file| file.checked.take_references()).unwrap_or_default();
            if references.is_empty() {
                next += 1;
                continue;
            }
            let file = crate::source::FileId(next as u32);
            references.into_iter().for_each(|reference| follow(resolver, file, reference));
        }
        let found = reference_texts(resolver.graph);
        for (place, text) in found.into_iter().filter(|found| texts.insert(*found)) {
            follow_text(resolver, place, text);
            next = 0;
        }
    }
}

/// Resolves possible references in unchecked values, in every file reached so.
pub(super) fn data(resolver: &mut Resolver<'_>) {
    let mut next = 0;
    while next < resolver.graph.files.len() {
        let file = crate::source::FileId(next as u32);
        let nodes = resolver.graph.tree(file).map_or(0, |tree| tree.nodes.len());
        for node in 0..nodes {
            let place = FileNode { file, node: NodeId(node as u32) };
            if resolver.graph.target(place).is_none() {
                resolver.follow_softly(place);
            }
        }
        next += 1;
    }
}

fn follow(resolver: &mut Resolver<'_>, file: crate::source::FileId, reference: Reference) {
    let place = FileNode { file, node: reference.node };
    let Some(target) = resolver.follow(place, reference.expected) else { return };
    if let Some(found) = other_kind(resolver.graph, target, reference.expected) {
        let at = resolver.graph.field(place, "$ref").unwrap_or(place);
        let message = format!("expected {}, but this points to {found}", reference.expected.name());
        let mut finding = Diagnostic::new(Code::RefWrongKind, message, &resolver.graph.origin(at))
            .related(resolver.graph.span(target), "the target");
        if is_as_good(resolver.graph, target, reference.expected) {
            finding.severity = Severity::Warning;
        } else {
            resolver.graph.unlink(place);
        }
        resolver.diagnostics.push(finding);
        return;
    }
    resolver.check(target, reference.expected);
}

/// Returns the kind of a target that was checked as another object.
fn other_kind(graph: &Graph, target: FileNode, expected: ObjectType) -> Option<&'static str> {
    let shape = graph.file(target.file)?.checked.shape(target.node)?;
    let objects = [shape, expected].iter().all(|shape| shape.name() != "an object");
    (objects && shape != expected).then(|| shape.name())
}

/// Whether a target of another kind is usable: a request body and a response both have `content`.
fn is_as_good(graph: &Graph, target: FileNode, expected: ObjectType) -> bool {
    let bodies = [ObjectType::REQUEST_BODY, ObjectType::RESPONSE];
    bodies.contains(&expected) && graph.shape(target).is_some_and(|shape| bodies.contains(&shape))
}

/// References that are plain strings.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Text {
    /// A value of `discriminator.mapping`.
    Mapping,
    DynamicReference,
    /// `operationRef`.
    Operation,
    /// An object that may be data: an example in another file.
    Example,
}

fn follow_text(resolver: &mut Resolver<'_>, place: FileNode, text: Text) {
    let (target, shape) = match text {
        Text::Example => return resolver.follow_softly(place),
        Text::Mapping => (resolver.follow_mapping(place), ObjectType::SCHEMA),
        Text::DynamicReference => (resolver.follow_text(place, Severity::Error), ObjectType::SCHEMA),
        // What a link leads to is not needed to call or to answer an operation.
        Text::Operation => (resolver.follow_text(place, Severity::Warning), ObjectType::OPERATION),
    };
    if let Some(target) = target {
        resolver.check(target, shape);
    }
}

/// The objects with examples, and the key.
const EXAMPLES: [(ObjectType, &str); 5] = [
    (ObjectType::SCHEMA, "example"),
    (ObjectType::MEDIA_TYPE, "example"),
    (ObjectType::PARAMETER, "example"),
    (ObjectType::HEADER, "example"),
    (ObjectType::EXAMPLE, "value"),
];

/// Returns every such string in checked values.
fn reference_texts(graph: &Graph) -> Vec<(FileNode, Text)> {
    let mut found = Vec::new();
    for (file, index) in graph.trees().flat_map(|tree| (0..tree.nodes.len()).map(|i| (tree.file, i as u32))) {
        let place = FileNode { file, node: NodeId(index) };
        let Some(shape) = graph.shape(place) else { continue };
        let example = EXAMPLES.iter().find(|(holder, _)| *holder == shape).map(|(_, key)| *key);
        for entry in graph.entries(place) {
            let at = FileNode { node: entry.value, ..place };
            match &*entry.key {
                key if Some(key) == example => found.push((at, Text::Example)),
                "$dynamicRef" if shape == ObjectType::SCHEMA => found.push((at, Text::DynamicReference)),
                "discriminator" if shape == ObjectType::SCHEMA => {
                    found.extend(mappings(graph, at).map(|at| (at, Text::Mapping)));
                }
                "operationRef" if shape == ObjectType::LINK => found.push((at, Text::Operation)),
                _ => {}
            }
        }
    }
    found
}

/// The strings of a discriminator that name schemas.
fn mappings(graph: &Graph, discriminator: FileNode) -> impl Iterator<Item = FileNode> {
    let mapping = graph.field(discriminator, "mapping");
    let named = mapping.map_or(&[][..], |at| graph.entries(at)).iter();
    let named = named.map(move |entry| FileNode { node: entry.value, ..discriminator });
    named.chain(graph.field(discriminator, "defaultMapping"))
}

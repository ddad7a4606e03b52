//! Where OpenAPI's versions end: each file's way of saying things becomes the one that the model has. The schema half
//! is brought to JSON Schema 2020-12 value by value; 2.0's HTTP half is rebuilt in the shape of 3.x before it is lowered.

mod data;
mod keywords;
mod nullable;
mod older;
mod schema;
mod swagger;
#[cfg(test)]
mod tests;

pub(crate) use data::data;
pub(crate) use schema::{References, canonical, is_pure_reference};

use crate::check::Version;
use crate::diagnostic::Diagnostics;
use crate::references::Graph;

/// Brings the HTTP half of a document to the shape of 3.x.
pub(crate) fn upgrade(graph: &mut Graph, diagnostics: &mut Diagnostics) {
    if graph.version(graph.root().file) == Version::V2 {
        swagger::upgrade(graph, diagnostics);
    }
}

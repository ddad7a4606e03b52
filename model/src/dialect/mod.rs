//! Converts documents of all versions to one form. Schemas become JSON Schema 2020-12 value by value; the HTTP half of
//! 2.0 is rebuilt in the form of 3.x before it is lowered.

mod data;
mod keywords;
mod legacy;
mod nullable;
mod schema;
mod swagger;
#[cfg(test)]
mod tests;

pub(crate) use data::data;
pub(crate) use schema::{References, canonical, is_pure_reference};

use crate::check::Version;
use crate::diagnostic::Diagnostics;
use crate::references::{FileNode, Graph};

/// The type and subtype of a media type, in lower case, without parameters.
pub(crate) fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether an encoding in this file can say style, explode and allowReserved for a body of this media type: in forms, and
/// since 3.1 in multipart ones (OAS 3.0.4, 4.7.15.1.2; 3.1.1, 4.8.15.1.2). 2.0's `collectionFormat` is for both.
pub(crate) fn has_styles(graph: &Graph, place: FileNode, media_type: &str) -> bool {
    match essence(media_type).as_str() {
        "application/x-www-form-urlencoded" => true,
        "multipart/form-data" => graph.version(place.file) != Version::V30,
        _ => false,
    }
}

/// Brings the HTTP half of a document to the shape of 3.x.
pub(crate) fn upgrade(graph: &mut Graph, diagnostics: &mut Diagnostics) {
    if graph.version(graph.root().file) == Version::V2 {
        swagger::upgrade(graph, diagnostics);
    }
}

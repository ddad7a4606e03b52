//! Reports references whose target JSON Schema chooses when a value is validated (`$dynamicRef`, JSON Schema Core 8.2.3.2):
//! here each has one target.

use std::collections::HashMap;

use crate::check::names::named;
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::view::View;

/// The most anchors that a finding shows.
const SHOWN: usize = 5;

/// Checks the dynamic references among all schemas of a document.
pub(super) fn check<'g>(schemas: impl Iterator<Item = View<'g>>, out: &mut Diagnostics) {
    let mut anchors: HashMap<&str, Vec<View<'g>>> = HashMap::new();
    let mut references = Vec::new();
    for schema in schemas {
        if let Some(anchor) = schema.raw("$dynamicAnchor").and_then(|anchor| Some((anchor.as_str()?, anchor)))
        {
            anchors.entry(anchor.0).or_default().push(anchor.1);
        }
        references.extend(schema.raw("$dynamicRef"));
    }
    for reference in references {
        let Some((_, name)) = reference.as_str().and_then(|text| text.rsplit_once('#')) else { continue };
        let rivals = anchors.get(name).map_or(&[][..], Vec::as_slice);
        if rivals.len() < 2 {
            continue;
        }
        let message = format!("{} can mean {} schemas, of which one is used", named(name), rivals.len());
        let target = reference.graph.target(reference.place);
        let target = target.map(|place| View { place, ..reference }.origin().pointer);
        let found = Diagnostic::new(Code::DynamicReference, message, &reference.head())
            .label(format!("is read as `$ref: '#{}'`", target.as_deref().unwrap_or_default()))
            .help("write a schema for each, which refers to its own by `$ref`");
        let shown = rivals.iter().take(SHOWN);
        out.push(shown.fold(found, |found, anchor| found.related(anchor.head().span, "one of them")));
    }
}

//! Detects unsatisfiable objects: a closed schema (`additionalProperties: false`) forbids a required property.
//! `allOf` does not open a closed part (JSON Schema Core 10.3.2.3).

use std::collections::HashSet;

use crate::check::names::named;
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::references::FileNodeSet;
use crate::tree::NodeKind;
use crate::view::View;

/// The maximum number of checked parts of a schema; further parts are not checked.
const MAX_PARTS: usize = 64;

/// Checks one schema: each closed part against what every part requires.
pub(super) fn check(schema: View<'_>, out: &mut Diagnostics) {
    let parts = parts(schema);
    for closed in &parts {
        let Some(admitted) = admitted(*closed) else { continue };
        // What one part alone contradicts is reported of that part.
        let others = parts.iter().filter(|part| part.place == schema.place || part.place != closed.place);
        let required = others.flat_map(|part| part.list("required"));
        let lost = required.filter_map(|name| Some((name, name.as_str()?)));
        if let Some((at, name)) = lost.into_iter().find(|(_, name)| !admitted.contains(name)) {
            out.push(contradiction(schema, *closed, at, name));
        }
    }
}

fn contradiction(schema: View<'_>, closed: View<'_>, at: View<'_>, name: &str) -> Diagnostic {
    let name = named(name);
    let message =
        format!("no object is valid: {name} is required, and `additionalProperties: false` forbids it");
    let closing = closed.raw("additionalProperties").unwrap_or(closed).head();
    if closed.place == schema.place && at.place.file == schema.place.file {
        return Diagnostic::new(Code::SchemaUnsatisfiable, message, &at.origin())
            .label("required")
            .related(closing.span, "only the properties beside it are allowed")
            .help(format!("declare {name} in `properties`, or correct the name"));
    }
    Diagnostic::new(Code::SchemaUnsatisfiable, message, &schema.head())
        .label("all its parts must be satisfied")
        .related(at.origin().span, "required here")
        .related(closing.span, "only the properties beside it are allowed")
        .help("remove `additionalProperties: false` from the part; in 3.1 the whole may have `unevaluatedProperties: false`")
}

/// A schema and all parts of its `allOf`, and of theirs.
fn parts(schema: View<'_>) -> Vec<View<'_>> {
    let mut parts = vec![schema];
    let mut met = FileNodeSet::default();
    met.insert(schema.place);
    let mut next = 0;
    while let Some(part) = parts.get(next).copied() {
        next += 1;
        let new = part.list("allOf").filter_map(View::resolved).filter(|part| met.insert(part.place));
        let room = MAX_PARTS.saturating_sub(parts.len());
        parts.extend(new.take(room).collect::<Vec<_>>());
    }
    parts
}

/// The names of the properties that a closed schema admits; `None` where it is not closed, or admits names by patterns.
fn admitted(schema: View<'_>) -> Option<HashSet<&str>> {
    let is_closed = matches!(schema.get("additionalProperties")?.kind(), NodeKind::Bool(false));
    let has_patterns = schema.map("patternProperties").next().is_some();
    let properties = schema.get("properties").map_or(&[][..], |map| schema.graph.entries(map.place));
    (is_closed && !has_patterns).then(|| properties.iter().map(|entry| &*entry.key).collect())
}

//! Checks whether discriminators can distinguish the branches of a schema (OAS 4.8.25).

use std::collections::{HashMap, HashSet};

use crate::check::names::named;
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::references::FileNode;
use crate::view::View;

/// The maximum number of schemas searched for a property of a branch.
const MAX_SCHEMAS: usize = 200;

/// Checks the discriminator of a schema, where it has one.
pub(super) fn check(schema: View<'_>, out: &mut Diagnostics) {
    let Some(discriminator) = schema.raw("discriminator") else { return };
    let fault = |message: String, at: View<'_>| Diagnostic::new(Code::Discriminator, message, &at.head());
    let Some(property) = discriminator.str("propertyName").or_else(|| discriminator.as_str()) else {
        let found = fault("a discriminator needs `propertyName`".into(), discriminator);
        out.push(
            found
                .label("`propertyName` is missing")
                .help("name the property that distinguishes the branches"),
        );
        return;
    };
    let kind = schema.str("type").filter(|kind| *kind != "object");
    if let Some(kind) = kind {
        let found = fault(format!("a discriminator has no effect on `type: {kind}`"), discriminator);
        out.push(found.label("only objects have properties").help("remove it"));
        return;
    }
    check_mapping(discriminator, out);
    check_values(discriminator, property, out);
    let has_default = discriminator.raw("defaultMapping").is_some();
    for branch in ["oneOf", "anyOf"].into_iter().flat_map(|key| schema.list(key)) {
        if branch.graph.reference(branch.place).is_none() {
            let found =
                Diagnostic::new(Code::Discriminator, "an inline branch has no name", &branch.origin());
            let help = "make it a component, so that the discriminator can name it by `$ref`";
            out.push(found.label(format!("no value of `{property}` selects it")).help(help));
        } else if has_default {
            // A value without the property is of the default branch (OAS 3.2, 4.25.1).
        } else if branch.resolved().is_some_and(|target| !requires(target, property, &mut HashSet::new())) {
            let found = fault(format!("a branch does not require {}", named(property)), branch);
            out.push(
                Diagnostic { span: branch.origin().span, ..found }
                    .label("the discriminator cannot select it")
                    .help(format!("add `{property}` to its `properties` and to its `required`")),
            );
        }
    }
}

/// Reports two values for one schema; a missing schema was reported during resolution.
fn check_mapping(discriminator: View<'_>, out: &mut Diagnostics) {
    let mut named_by: HashMap<FileNode, (&str, crate::source::Span)> = HashMap::new();
    for (value, text) in discriminator.map("mapping") {
        let Some(target) = text.graph.target(text.place) else { continue };
        match named_by.get(&target) {
            Some((first, span)) => {
                let message = format!("{} and {} map to the same schema", named(first), named(value));
                let mut found = Diagnostic::new(Code::Discriminator, message, &text.head())
                    .label("the first is written, both are accepted")
                    .related(*span, "the first one");
                found.severity = crate::diagnostic::Severity::Note;
                out.push(found);
            }
            None => _ = named_by.insert(target, (value, text.head().span)),
        }
    }
}

/// Reports values that their branch does not admit.
fn check_values(discriminator: View<'_>, property: &str, out: &mut Diagnostics) {
    let idle = is_idle(discriminator);
    for (value, text, branch) in mapped(discriminator) {
        let Some(stated) = stated(branch, property, &mut HashSet::new()) else { continue };
        if stated.is(value) {
            continue;
        }
        let (value, property) = (named(value), named(property));
        let message = format!("{property} of the schema that {value} maps to cannot be {value}");
        let instead = if idle { "; no value of it matches, so the discriminator is ignored" } else { "" };
        let found = Diagnostic::new(Code::Discriminator, message, &text.head());
        let found = found.label("the discriminator never selects it");
        let found = found.related(stated.keyword.head().span, "its allowed values");
        out.push(found.help(format!("map a value that {property} of the schema admits{instead}")));
    }
}

/// Whether no value of the mapping is one that its branch states, and one at least is none: such a discriminator tells
/// nothing apart.
pub(crate) fn is_idle(discriminator: View<'_>) -> bool {
    let Some(property) = discriminator.str("propertyName") else { return false };
    let fits = |(value, _, branch)| Some(stated(branch, property, &mut HashSet::new())?.is(value));
    let mut known = mapped(discriminator).filter_map(fits).peekable();
    known.peek().is_some() && known.all(|fits| !fits)
}

/// Returns each value of the mapping, its position, and its schema.
fn mapped<'g>(discriminator: View<'g>) -> impl Iterator<Item = (&'g str, View<'g>, View<'g>)> {
    discriminator.map("mapping").filter_map(|(value, text)| {
        let branch = View { place: text.graph.target(text.place)?, ..text };
        Some((value, text, branch.resolved()?))
    })
}

/// The values that a schema states for a property.
struct Stated<'g> {
    /// The value of `enum` or `const`.
    keyword: View<'g>,
    values: Vec<View<'g>>,
}

impl Stated<'_> {
    fn is(&self, value: &str) -> bool {
        self.values.iter().any(|stated| stated.as_str() == Some(value))
    }
}

fn stated<'g>(schema: View<'g>, property: &str, seen: &mut HashSet<FileNode>) -> Option<Stated<'g>> {
    if seen.len() == MAX_SCHEMAS || !seen.insert(schema.place) {
        return None;
    }
    let of = |schema: View<'g>| {
        let list = schema.get("enum").map(|keyword| (keyword, schema.list("enum").collect()));
        let (keyword, values) =
            list.or_else(|| schema.get("const").map(|keyword| (keyword, vec![keyword])))?;
        Some(Stated { keyword, values })
    };
    let own = schema.get("properties").and_then(|properties| properties.get(property));
    let mut parts = schema.list("allOf").filter_map(View::resolved);
    own.and_then(of).or_else(|| parts.find_map(|part| stated(part, property, seen)))
}

/// Whether an object requires a property, by itself or by its parts; true for recursive compositions and beyond the
/// limit.
fn requires(schema: View<'_>, property: &str, seen: &mut HashSet<FileNode>) -> bool {
    if seen.len() == MAX_SCHEMAS
        || !seen.insert(schema.place)
        || schema.list("required").any(|name| name.as_str() == Some(property))
    {
        return true;
    }
    let branches = |key| schema.list(key).filter_map(View::resolved);
    let mut of_all =
        |key| branches(key).next().is_some() && branches(key).all(|part| requires(part, property, seen));
    if of_all("oneOf") || of_all("anyOf") {
        return true;
    }
    branches("allOf").any(|part| requires(part, property, seen))
}

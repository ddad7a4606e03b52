//! Checks operations: duplicate identifiers and duplicate parameters.

use std::collections::HashMap;

use super::every;
use crate::check::ObjectType;
use crate::check::names::named;
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Span;
use crate::view::View;

/// The fields of a path item with operations.
const METHODS: [&str; 9] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/// An operation, and the path item that it is of.
#[derive(Clone, Copy)]
pub(super) struct Found<'g> {
    item: View<'g>,
    pub(super) operation: View<'g>,
}

impl<'g> Found<'g> {
    /// The parameters that act on it: as they are listed, and where they are written.
    pub(super) fn parameters(self) -> impl Iterator<Item = (View<'g>, View<'g>)> {
        let listed = self.item.list("parameters").chain(self.operation.list("parameters"));
        listed.filter_map(|item| Some((item, item.resolved()?)))
    }
}

/// The operations of a path item.
pub(super) fn of_item(item: View<'_>) -> impl Iterator<Item = Found<'_>> {
    let item = item.resolved().unwrap_or(item);
    let named = METHODS.into_iter().filter_map(move |method| item.get(method));
    let additional = item.map("additionalOperations").filter_map(|(_, view)| view.resolved());
    named.chain(additional).map(move |operation| Found { item, operation })
}

/// Checks every operation, in whatever path item it is.
pub(super) fn check(document: View<'_>, out: &mut Diagnostics) {
    let mut ids: HashMap<&str, Span> = HashMap::new();
    for operation in every(document.graph, ObjectType::OPERATION) {
        check_id(operation, &mut ids, out);
        check_parameters(operation, out);
        check_query_string(operation, out);
    }
    every(document.graph, ObjectType::PATH_ITEM).for_each(|item| {
        check_parameters(item, out);
        check_query_string(item, out);
        check_siblings(item, out);
    });
}

/// Reports fields that both a path item with `$ref` and its target have (OAS 4.8.9: the behaviour is undefined).
fn check_siblings(item: View<'_>, out: &mut Diagnostics) {
    let Some(target) = item.resolved().filter(|target| target.place != item.place) else { return };
    for (key, own) in item.entries().filter(|(key, _)| *key != "$ref" && !key.starts_with("x-")) {
        let Some(other) = target.raw(key) else { continue };
        let message = format!("{} is beside `$ref` and in its target", named(key));
        let found = Diagnostic::new(Code::RefSiblings, message, &own.head());
        let found = found
            .label("applies here; OpenAPI does not define this")
            .related(other.head().span, "the other one");
        out.push(found.help("keep one of them"));
    }
}

fn check_id<'g>(operation: View<'g>, ids: &mut HashMap<&'g str, Span>, out: &mut Diagnostics) {
    let Some(view) = operation.get("operationId") else { return };
    let Some(id) = view.as_str() else { return };
    let at = view.origin();
    if id.trim().is_empty() {
        let found = Diagnostic::new(Code::OperationIdEmpty, "`operationId` is empty", &at);
        out.push(found.label("empty").help("give the operation a name, or remove `operationId`"));
        return;
    }
    match ids.get(id) {
        Some(first) => out.push(
            Diagnostic::new(
                Code::OperationIdDuplicate,
                format!("`operationId` {} occurs twice", named(id)),
                &at,
            )
            .label("used before")
            .related(*first, "first used here")
            .help("give each operation an id of its own"),
        ),
        None => _ = ids.insert(id, at.span),
    }
}

/// A query string is one value or many parameters, not both (OAS 3.2, 4.12).
fn check_query_string(holder: View<'_>, out: &mut Diagnostics) {
    let of = |location: &'static str| {
        holder.list("parameters").filter(move |item| {
            item.resolved().is_some_and(|parameter| parameter.str("in") == Some(location))
        })
    };
    let Some(first) = of("querystring").next() else { return };
    for other in of("querystring").skip(1).chain(of("query")) {
        out.push(
            Diagnostic::new(Code::ParameterDuplicate, "the query string is described twice", &other.origin())
                .label("part of what `in: querystring` describes")
                .related(first.origin().span, "the whole query string")
                .help("keep one `in: querystring`, or the parameters with `in: query`"),
        );
    }
}

/// Reports parameters of one list with the same name and location (OAS 4.8.10).
fn check_parameters(holder: View<'_>, out: &mut Diagnostics) {
    let mut seen: HashMap<(&str, &str), Span> = HashMap::new();
    for item in holder.list("parameters") {
        let Some(parameter) = item.resolved() else { continue };
        let (Some(name), Some(location)) = (parameter.str("name"), parameter.str("in")) else { continue };
        let at = if item.place == parameter.place { parameter.raw("name") } else { item.raw("$ref") };
        let at = at.unwrap_or(item).origin();
        match seen.get(&(name, location)) {
            Some(first) => out.push(
                Diagnostic::new(
                    Code::ParameterDuplicate,
                    format!("{location} parameter {} occurs twice", named(name)),
                    &at,
                )
                .label("the last one applies")
                .related(*first, "the first one")
                .help("remove one of them"),
            ),
            None => _ = seen.insert((name, location), at.span),
        }
    }
}

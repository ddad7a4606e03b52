//! Checks servers: agreement of URL and variables (OAS 4.8.5 and 4.8.6); and documents without content.

use std::collections::HashSet;

use crate::check::Version;
use crate::check::names::named;
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::tree::NodeKind;
use crate::view::View;

/// Checks one server.
pub(super) fn check(server: View<'_>, out: &mut Diagnostics) {
    let Some(url) = server.get("url") else { return };
    let Some(text) = url.as_str() else { return };
    let names: Vec<&str> = text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect();
    let declared: HashSet<&str> = server.map("variables").map(|(name, _)| name).collect();
    for name in names.iter().filter(|name| !declared.contains(**name)) {
        let message = format!("{} of the URL is not a variable of the server", named(name));
        out.push(
            Diagnostic::new(Code::ServerVariable, message, &url.origin())
                .label(format!("`{{{name}}}` is not declared"))
                .help(format!("add `variables: {{{name}: {{default: …}}}}`")),
        );
    }
    for (name, variable) in server.map("variables") {
        check_variable(name, variable, out);
    }
}

fn check_variable(name: &str, variable: View<'_>, out: &mut Diagnostics) {
    let Some(values) = variable.raw("enum") else { return };
    if matches!(values.kind(), NodeKind::Array(items) if items.is_empty()) {
        let message = format!("variable {} has no allowed value", named(name));
        let found = Diagnostic::new(Code::ServerVariable, message, &values.head());
        out.push(found.label("`enum` is empty").help("list the values, or remove `enum`"));
        return;
    }
    let Some(default) = variable.get("default") else { return };
    if !variable.texts("enum").iter().any(|value| default.as_str() == Some(value)) {
        let message = format!("the default of variable {} is not one of its values", named(name));
        let found = Diagnostic::new(Code::ServerVariable, message, &default.origin());
        out.push(found.label("not in `enum`").help("add it to `enum`, or choose another default"));
    }
}

/// Checks that a document is not empty; from 3.1 on `paths` is optional (OAS 3.1.2, 4.8.1).
pub(super) fn check_document(document: View<'_>, out: &mut Diagnostics) {
    let holds = ["paths", "components", "webhooks"]
        .iter()
        .any(|key| document.graph.field(document.place, key).is_some());
    if !holds && document.graph.version(document.place.file) >= Version::V31 {
        let at = document.raw("openapi").unwrap_or(document).head();
        let message = "a document needs `paths`, `components` or `webhooks`";
        let mut found = Diagnostic::new(Code::MissingField, message, &at).label("it describes nothing");
        found.severity = Severity::Warning;
        out.push(found.help("add `paths: {/pets: {get: …}}`"));
    }
}

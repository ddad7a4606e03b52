//! Checks path templates: their syntax, templates that match the same requests, and their agreement with the parameters of
//! the operations (OAS 4.8.8 and 4.8.12).

use std::collections::{HashMap, HashSet};

use super::operations;
use crate::check::names::named;
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::references::FileNode;
use crate::source::{Origin, Span};
use crate::view::View;

/// Checks every path of the document.
pub(super) fn check(document: View<'_>, out: &mut Diagnostics) {
    let mut shapes: HashMap<String, (&str, Span)> = HashMap::new();
    let mut reported = HashSet::new();
    for (path, item) in document.map("paths").filter(|(path, _)| !path.starts_with("x-")) {
        let at = item.head();
        let template = Template::read(path);
        template.report(path, &at, out);
        match shapes.get(&template.shape) {
            Some((first, span)) => out.push(duplicate(path, &at, first, *span)),
            None => _ = shapes.insert(template.shape.clone(), (path, at.span)),
        }
        for operation in operations::of_item(item) {
            agree(path, &template, operation, &mut reported, out);
        }
    }
}

/// The parameters of a template, in order, and its faults.
struct Template<'t> {
    names: Vec<&'t str>,
    /// The same for all templates that match the same paths.
    shape: String,
    faults: Vec<(&'static str, String)>,
}

impl<'t> Template<'t> {
    fn read(path: &'t str) -> Self {
        let mut template = Template { names: Vec::new(), shape: String::new(), faults: Vec::new() };
        let mut rest = path;
        if !path.starts_with('/') {
            template
                .fault("the path does not start with `/`", format!("write {}", named(&format!("/{path}"))));
            template.shape.push('/');
        }
        while let Some((before, after)) = rest.split_once('{') {
            template.literal(before);
            rest = template.parameter(after);
        }
        template.literal(rest);
        template
    }

    /// Parses a parameter's name after a brace; returns the rest.
    fn parameter(&mut self, after: &'t str) -> &'t str {
        let segment = after.split('/').next().unwrap_or(after);
        let Some((name, _)) = segment.split_once('}') else {
            self.fault("a `{` is not closed", "close it with `}` in the same segment".into());
            self.shape.push('{');
            return after;
        };
        let rest = after.get(name.len() + 1..).unwrap_or_default();
        if name.is_empty() {
            self.fault(
                "`{}` does not name a parameter",
                "write a name between the braces, such as `{id}`".into(),
            );
            self.shape.push_str("{}");
            return rest;
        }
        if name.contains('{') {
            self.fault("a `{` is inside braces", "a parameter's name may not contain braces".into());
        }
        self.names.push(name);
        // What no path can hold, so that no literal is taken for it.
        self.shape.push('\0');
        rest
    }

    fn literal(&mut self, text: &str) {
        if text.contains('}') {
            self.fault("a `}` has no matching `{`", "write `%7D` for a literal brace".into());
        }
        if text.contains(['?', '#']) {
            let help = "a query belongs to `parameters` with `in: query`, a fragment is never sent";
            self.fault("a path has no query and no fragment", help.into());
        }
        let colon = text.split('/').skip(1).find(|segment| segment.starts_with(':') && segment.len() > 1);
        if let Some(name) = colon {
            let help = format!("write `{{{}}}`, if a parameter is meant", name.trim_start_matches(':'));
            self.fault("`:` does not begin a parameter in OpenAPI", help);
        }
        self.shape.push_str(text);
    }

    fn fault(&mut self, what: &'static str, help: String) {
        self.faults.push((what, help));
    }

    fn report(&self, path: &str, at: &Origin, out: &mut Diagnostics) {
        for (what, help) in &self.faults {
            let message = format!("{}: {what}", named(path));
            out.push(Diagnostic::new(Code::PathTemplate, message, at).label(*what).help(help.as_str()));
        }
        let mut seen = HashSet::new();
        for name in self.names.iter().filter(|name| !seen.insert(**name)) {
            let message = format!("parameter {} occurs twice in {}", named(name), named(path));
            out.push(
                Diagnostic::new(Code::PathParameter, message, at)
                    .label("twice in one path")
                    .help("give each a unique name"),
            );
        }
    }
}

fn duplicate(path: &str, at: &Origin, first: &str, span: Span) -> Diagnostic {
    let message = format!("{} and {} match the same requests", named(path), named(first));
    Diagnostic::new(Code::PathDuplicate, message, at)
        .label("differs only in the names of parameters")
        .related(span, "the first one")
        .help("move the operations of both under one path")
}

/// Compares a template with the path parameters of an operation. A parameter that several operations share is reported
/// once.
fn agree(
    path: &str,
    template: &Template<'_>,
    operation: operations::Found<'_>,
    reported: &mut HashSet<FileNode>,
    out: &mut Diagnostics,
) {
    let parameters: Vec<_> = operation.parameters().filter(|(_, p)| p.str("in") == Some("path")).collect();
    let mut known: HashSet<&str> =
        parameters.iter().filter_map(|(_, parameter)| parameter.str("name")).collect();
    for name in template.names.iter().filter(|name| known.insert(name)) {
        let message = format!("{} of {} is not declared as a parameter", named(name), named(path));
        out.push(
            Diagnostic::new(Code::PathParameter, message, &operation.operation.head())
                .label(format!("no parameter `{name}` with `in: path`"))
                .help(format!("add `{{name: {name}, in: path, required: true, schema: {{type: string}}}}`")),
        );
    }
    let in_path: HashSet<&str> = template.names.iter().copied().collect();
    for (item, parameter) in &parameters {
        let Some(name) = parameter.str("name").filter(|name| !in_path.contains(name)) else {
            continue;
        };
        if reported.insert(item.place) {
            let message = format!("path parameter {} is not in {}", named(name), named(path));
            let at = if item.place == parameter.place { parameter.raw("name") } else { item.raw("$ref") };
            out.push(
                Diagnostic::new(Code::PathParameter, message, &at.unwrap_or(*item).origin())
                    .label(format!("the path has no `{{{name}}}`"))
                    .help("add it to the path, or remove the parameter"),
            );
        }
    }
}

//! Checks security: requirements of undeclared schemes, and incomplete schemes (OAS 4.8.27 and 4.8.30).

use std::collections::HashMap;

use super::every;
use crate::check::names::named;
use crate::check::{ObjectType, Version};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::view::View;

/// The required fields of each type of scheme.
const NEEDS: &[(&str, &[&str])] = &[
    ("apiKey", &["name", "in"]),
    ("http", &["scheme"]),
    ("oauth2", &["flows"]),
    ("openIdConnect", &["openIdConnectUrl"]),
];

/// The same in 2.0.
const NEEDS_V2: &[(&str, &[&str])] = &[("apiKey", &["name", "in"]), ("oauth2", &["flow", "scopes"])];

/// Checks the requirements of the document and of each operation.
pub(super) fn check_requirements(document: View<'_>, out: &mut Diagnostics) {
    let components = document.get("components").unwrap_or(document);
    let known: Vec<&str> = ["securitySchemes", "securityDefinitions"]
        .into_iter()
        .flat_map(|key| components.map(key))
        .map(|(name, _)| name)
        .collect();
    let operations = every(document.graph, ObjectType::OPERATION);
    for holder in std::iter::once(document).chain(operations) {
        for requirement in holder.list("security") {
            let unknown = requirement.entries().filter(|(name, _)| !known.contains(name));
            unknown.for_each(|(name, view)| out.push(unknown_scheme(name, view, &known)));
            rivals(requirement, components).into_iter().for_each(|found| out.push(found));
        }
    }
}

/// Returns the position of a scheme's credential, and the form that distinguishes it from others there.
pub(crate) fn stand(name: &str, scheme: View<'_>) -> Option<(String, String)> {
    let header = |form: String| ("header `authorization`".to_owned(), form);
    Some(match scheme.str("type")? {
        "apiKey" => {
            let (location, field) = (scheme.str("in")?, scheme.str("name")?);
            let field = if location == "header" { field.to_ascii_lowercase() } else { field.to_owned() };
            (format!("{location} `{field}`"), name.to_owned())
        }
        "http" => header(scheme.str("scheme")?.to_ascii_lowercase()),
        "basic" => header("basic".to_owned()),
        "oauth2" | "openIdConnect" => header("bearer".to_owned()),
        _ => return None,
    })
}

/// Reports schemes of one requirement that no request can satisfy together.
fn rivals(requirement: View<'_>, components: View<'_>) -> Option<Diagnostic> {
    let declared = |name: &str| {
        let mut schemes =
            ["securitySchemes", "securityDefinitions"].iter().filter_map(|key| components.get(key));
        schemes.find_map(|schemes| schemes.get(name))
    };
    let mut standing: HashMap<String, (&str, String)> = HashMap::new();
    for (name, at) in requirement.entries() {
        let Some((place, form)) = declared(name).and_then(|scheme| stand(name, scheme)) else { continue };
        match standing.get(&place) {
            Some((other, before)) if *before != form => {
                let message = format!("{} and {} both use the {place}", named(other), named(name));
                let found = Diagnostic::new(Code::SecurityRivals, message, &at.head());
                let help =
                    "make each a separate item of `security` if either suffices, which is assumed here";
                return Some(found.label("no request can have both").help(help));
            }
            Some(_) => {}
            None => _ = standing.insert(place, (name, form)),
        }
    }
    None
}

fn unknown_scheme(name: &str, view: View<'_>, known: &[&str]) -> Diagnostic {
    let message = format!("security scheme {} is not declared", named(name));
    let found = Diagnostic::new(Code::SecurityUnknown, message, &view.head());
    let near = known.iter().find(|other| strsim::osa_distance(name, other) <= 1 + name.len() / 5);
    match (near, known) {
        (Some(near), _) => {
            found.label(format!("did you mean {}?", named(near))).help(format!("write {}", named(near)))
        }
        (None, []) => {
            found.label("none is declared").help("declare it under `components: {securitySchemes: …}`")
        }
        (None, _) => {
            let known: Vec<String> = known.iter().take(8).map(|name| named(name)).collect();
            found.label("not declared").help(format!("declared are {}", known.join(", ")))
        }
    }
}

/// Checks one scheme.
pub(super) fn check_scheme(scheme: View<'_>, out: &mut Diagnostics) {
    let is_v2 = scheme.graph.version(scheme.place.file) == Version::V2;
    let Some(kind) = scheme.str("type") else { return };
    let needs = if is_v2 { NEEDS_V2 } else { NEEDS };
    let needs = needs.iter().find(|(of, _)| *of == kind).map_or(&[][..], |(_, needs)| needs);
    for field in needs.iter().filter(|field| scheme.raw(field).is_none()) {
        let message = format!("a security scheme with `type: {kind}` needs `{field}`");
        out.push(
            Diagnostic::new(Code::MissingField, message, &scheme.head())
                .label(format!("`{field}` is missing"))
                .help(format!("add `{field}: …`")),
        );
    }
    for form in scheme.get("x-descant").into_iter().flat_map(|settings| settings.list("forms")) {
        if form.as_str().is_some_and(|text| text.matches("{credential}").count() != 1) {
            out.push(
                Diagnostic::new(
                    Code::DescantValue,
                    "a form must contain `{credential}` exactly once",
                    &form.origin(),
                )
                .label("the position of the credential is missing")
                .help("write `{credential}` at its position, such as `Token {credential}`"),
            );
        }
    }
}

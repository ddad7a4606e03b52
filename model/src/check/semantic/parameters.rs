//! Checks a single parameter: fields that do not suit its location (OAS 4.8.12).

use crate::check::Version;
use crate::check::keys::is_token;
use crate::check::names::named;
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::view::View;

/// The styles of each location (OAS 4.8.12.3).
const STYLES: &[(&str, &[&str])] = &[
    ("path", &["simple", "label", "matrix"]),
    ("query", &["form", "spaceDelimited", "pipeDelimited", "deepObject"]),
    ("header", &["simple"]),
    ("cookie", &["form", "cookie"]),
];

/// Header parameters without effect, because other fields of OpenAPI or HTTP itself describe them, each with the rule
/// and the correction.
const IGNORED: &[(&str, &str, &str)] = &[
    ("accept", "OAS 4.8.12.2.1", "use the keys of `content` in `responses`"),
    ("content-type", "OAS 4.8.12.2.1", "use the keys of `content` in `requestBody`"),
    ("authorization", "OAS 4.8.12.2.1", "use `security`"),
    ("content-length", "RFC 9110, 8.6", "remove it: clients compute the length themselves"),
    ("transfer-encoding", "RFC 9112, 6.1", "remove it: clients choose the framing themselves"),
];

/// Whether a header parameter has no effect.
pub(crate) fn is_ignored_header(header: &str) -> bool {
    IGNORED.iter().any(|(known, ..)| header.eq_ignore_ascii_case(known))
}

/// Checks one parameter.
pub(super) fn check(parameter: View<'_>, out: &mut Diagnostics) {
    let (Some(name), Some(location)) = (parameter.get("name"), parameter.str("in")) else { return };
    let Some(text) = name.as_str() else { return };
    if location == "path" && parameter.flag("required") != Some(true) {
        let at = parameter.raw("required").unwrap_or(name).origin();
        out.push(
            Diagnostic::new(
                Code::PathParameter,
                format!("path parameter {} must be required", named(text)),
                &at,
            )
            .label("it is treated as required")
            .help("add `required: true`"),
        );
    }
    let ignored = IGNORED.iter().find(|(header, ..)| text.eq_ignore_ascii_case(header));
    if let Some((_, rule, instead)) = ignored.filter(|_| location == "header") {
        out.push(
            Diagnostic::new(
                Code::HeaderIgnored,
                format!("header parameter {} has no effect", named(text)),
                &name.origin(),
            )
            .label(format!("ignored ({rule})"))
            .help(*instead),
        );
    }
    if location == "header" && !is_token(text) {
        let message = format!("{} is not the name of a header", named(text));
        out.push(
            Diagnostic::new(Code::HeaderName, message, &name.origin())
                .label("not a token (RFC 9110, 5.6.2)")
                .help("use ASCII letters, digits and `-`, such as `X-Total`"),
        );
    }
    if parameter.graph.version(parameter.place.file) != Version::V2 {
        check_style(parameter, location, out);
        check_schema(parameter, name, text, out);
    }
}

fn check_style(parameter: View<'_>, location: &str, out: &mut Diagnostics) {
    let is_raw = location == "header" || parameter.str("style") == Some("cookie");
    if let Some(reserved) = parameter.raw("allowReserved").filter(|_| is_raw) {
        let found =
            Diagnostic::new(Code::ParameterStyle, "`allowReserved` has no effect here", &reserved.head());
        out.push(found.label("this value is not percent-encoded").help("remove it"));
    }
    let Some(style) = parameter.get("style") else { return };
    let allowed = STYLES.iter().find(|(of, _)| *of == location).map_or(&[][..], |(_, styles)| styles);
    let Some(text) = style.as_str().filter(|text| !allowed.contains(text)) else { return };
    let allowed: Vec<String> = allowed.iter().map(|style| format!("`{style}`")).collect();
    let mut found = Diagnostic::new(
        Code::ParameterStyle,
        format!("a {location} parameter has no style `{text}`"),
        &style.origin(),
    )
    .label("not available for this location");
    if !allowed.is_empty() {
        found = found.help(format!("write one of {}", allowed.join(", ")));
    }
    out.push(found);
}

/// Checks that either `schema` or `content` describes the value, and that `content` has one entry.
fn check_schema(parameter: View<'_>, name: View<'_>, text: &str, out: &mut Diagnostics) {
    let fault = |message: String, at: View<'_>| {
        let mut found = Diagnostic::new(Code::ParameterSchema, message, &at.head());
        found.label = "either `schema` or `content` is required".into();
        found
    };
    match (parameter.raw("schema"), parameter.raw("content")) {
        (None, None) => {
            let found = fault(format!("the value of {} is not described", named(text)), name);
            out.push(found.help("add `schema: {type: string}`"));
        }
        (Some(schema), None) if parameter.str("in") == Some("querystring") => {
            let mut found =
                fault(format!("{} is the whole query string: it needs `content`", named(text)), schema);
            found.label = "`schema` does not define its serialisation".into();
            out.push(found.help("write `content: {application/x-www-form-urlencoded: {schema: …}}`"));
        }
        (Some(_), Some(content)) => {
            let found = fault(format!("{} has both `schema` and `content`", named(text)), content);
            out.push(found.help("remove one of them"));
        }
        (None, Some(content)) if content.entries().count() != 1 => {
            let mut found = fault(format!("`content` of {} must have one media type", named(text)), content);
            found.label = "expected one media type".into();
            out.push(found.help("keep one media type"));
        }
        _ => {}
    }
}

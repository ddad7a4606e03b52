//! Checks a single schema: patterns that cannot be compiled, contradictory bounds, arrays without `items`.

use std::collections::HashMap;

use crate::check::Version;
use crate::check::names::named;
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::tree::NodeKind;
use crate::view::View;

/// Pairs of keywords, of which the first must not exceed the second.
const BOUNDS: &[(&str, &str)] = &[
    ("minimum", "maximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
];

/// The result for each pattern, since documents repeat them.
#[derive(Default)]
pub(super) struct Patterns<'g> {
    known: HashMap<&'g str, Option<String>>,
}

/// Checks one schema.
pub(super) fn check<'g>(schema: View<'g>, patterns: &mut Patterns<'g>, out: &mut Diagnostics) {
    for (keyword, value) in schema.entries() {
        match keyword {
            "pattern" => patterns.check(value, value.as_str(), out),
            "patternProperties" => {
                value.entries().for_each(|(pattern, schema)| patterns.check(schema, Some(pattern), out));
            }
            "enum" => check_enum(value, out),
            "type" if value.as_str() == Some("array") => check_items(schema, value, out),
            _ => check_bounds(schema, keyword, value, out),
        }
    }
}

impl<'g> Patterns<'g> {
    fn check(&mut self, at: View<'g>, pattern: Option<&'g str>, out: &mut Diagnostics) {
        let Some(pattern) = pattern else { return };
        let fault = self.known.entry(pattern).or_insert_with(|| fault_of(pattern));
        if let Some(fault) = fault {
            let message = format!("{} cannot be compiled as a regular expression", named(pattern));
            out.push(
                Diagnostic::new(Code::Pattern, message, &at.head())
                    .label(fault.as_str())
                    .help("correct it: values are not matched against it"),
            );
        }
    }
}

/// Returns the reason why a pattern of ECMA-262 cannot be compiled, in the same way as for validation.
fn fault_of(pattern: &str) -> Option<String> {
    let Ok(translated) = jsonschema_regex::to_rust_regex(pattern) else {
        return Some("not a regular expression of ECMA-262".into());
    };
    // The last line of an error says what, those before it show where.
    let error = fancy_regex::Regex::new(&translated).err()?.to_string();
    Some(error.lines().last().unwrap_or(&error).trim_start_matches("error: ").to_owned())
}

fn check_enum(values: View<'_>, out: &mut Diagnostics) {
    if matches!(values.kind(), NodeKind::Array(items) if items.is_empty()) {
        let found =
            Diagnostic::new(Code::SchemaUnsatisfiable, "`enum` is empty: no value is valid", &values.head());
        out.push(found.label("no value").help("list the values, or remove it"));
    }
}

/// Checks that arrays have `items`, before 3.1 (OAS 3.0.4, 4.7.24.1).
fn check_items(schema: View<'_>, at: View<'_>, out: &mut Diagnostics) {
    let version = schema.graph.version(schema.place.file);
    if version < Version::V31 && schema.graph.field(schema.place, "items").is_none() {
        let found = Diagnostic::new(Code::ItemsMissing, "an array does not declare its items", &at.head());
        out.push(
            found.label("`items` is missing").help("add `items: {type: …}`; `items: {}` allows anything"),
        );
    }
}

fn check_bounds(schema: View<'_>, keyword: &str, low: View<'_>, out: &mut Diagnostics) {
    let Some((_, other)) = BOUNDS.iter().find(|(minimum, _)| *minimum == keyword) else { return };
    let Some(high) = schema.raw(other) else { return };
    let (NodeKind::Number(least), NodeKind::Number(most)) = (low.kind(), high.kind()) else { return };
    if least.parse::<f64>().unwrap_or(0.0) > most.parse::<f64>().unwrap_or(f64::MAX) {
        let message = format!("`{keyword}` is above `{other}`: no value is valid");
        out.push(
            Diagnostic::new(Code::SchemaUnsatisfiable, message, &low.head())
                .label(format!("{} is above {}", named(least), named(most)))
                .related(high.head().span, "the upper bound"),
        );
    }
}

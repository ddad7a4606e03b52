//! One broken constraint of a value, in words that say what was expected.

use std::fmt;

use jsonschema::{ValidationError, error::ValidationErrorKind as Kind};
use serde_json::Value;

use crate::{format, pointer, prepare};

/// One broken constraint of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where in the value (RFC 6901); the object itself where a property of it is missing.
    pub pointer: String,
    /// The keyword of JSON Schema that is broken.
    pub keyword: String,
    /// What was expected there, with its numbers: "at least 3 characters".
    pub expected: String,
    /// A sentence for people. It never holds the value: that may be a secret.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "the value" } else { &self.pointer };
        write!(f, "{place}: {}", self.message)
    }
}

/// The fault of a value that nests too deeply to be judged.
pub(crate) fn too_deep(limit: usize) -> Fault {
    fault("", "maxDepth", format!("at most {limit} levels of nesting"))
}

/// The faults behind `errors`, at most `limit`; `root` is the schema, from which alternatives get their names.
pub(crate) fn collect<'i>(
    errors: impl Iterator<Item = ValidationError<'i>>,
    root: &Value,
    limit: usize,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    for error in errors {
        translate(&error, root, &mut faults);
        if faults.len() >= limit {
            break;
        }
    }
    faults.truncate(limit);
    faults
}

fn fault(pointer: &str, keyword: &str, expected: String) -> Fault {
    let message = format!("expected {expected}");
    Fault { pointer: pointer.to_owned(), keyword: keyword.to_owned(), expected, message }
}

fn translate(error: &ValidationError<'_>, root: &Value, faults: &mut Vec<Fault>) {
    let at = error.instance_path().as_str();
    let keyword = error.kind().keyword();
    match error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let expected = || "no property of this name".to_owned();
            faults.extend(unexpected.iter().map(|name| fault(&pointer::join(at, name), keyword, expected())));
        }
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            alternatives(error, context, root, faults);
        }
        Kind::PropertyNames { error } => {
            let mut inner = Vec::new();
            translate(error, root, &mut inner);
            let expected = inner.into_iter().map(|fault| fault.expected).collect::<Vec<_>>().join(", ");
            faults.push(fault(at, keyword, format!("property names that are {expected}")));
        }
        Kind::Custom { keyword: name, message } if name == prepare::RANGE => {
            faults.push(fault(at, "format", message.clone()));
        }
        kind => faults.push(fault(at, keyword, expected(kind))),
    }
}

/// None of several alternatives holds: says which came nearest, and what is wrong by its measure.
fn alternatives(
    error: &ValidationError<'_>,
    context: &[Vec<ValidationError<'static>>],
    root: &Value,
    faults: &mut Vec<Fault>,
) {
    let at = error.instance_path().as_str();
    let keyword = error.kind().keyword();
    let quantity = if keyword == "oneOf" { "exactly one" } else { "at least one" };
    let nearest = context.iter().enumerate().min_by_key(|(_, errors)| distance(errors, at));
    let Some((index, errors)) = nearest else {
        faults.push(fault(at, keyword, format!("{quantity} of the alternatives")));
        return;
    };
    let name = name_of(root, error.schema_path().as_str(), index);
    let count = context.len();
    faults.push(fault(at, keyword, format!("{quantity} of {count} alternatives; {name} comes nearest")));
    for error in errors {
        translate(error, root, faults);
    }
}

/// How far a branch is from holding: first whether it is another kind of thing altogether (wrong type or wrong tag
/// here or one level down), then how many faults it has.
fn distance(errors: &[ValidationError<'_>], at: &str) -> (usize, usize) {
    let foreign = errors.iter().map(|error| match error.kind() {
        Kind::Type { .. } | Kind::FalseSchema if error.instance_path().as_str() == at => 4,
        Kind::Constant { .. } | Kind::Enum { .. } => 2,
        Kind::Type { .. } => 1,
        _ => 0,
    });
    (foreign.max().unwrap_or(0), errors.len())
}

/// What an alternative is called: the definition that it refers to, its title, or its number.
fn name_of(root: &Value, list: &str, index: usize) -> String {
    let schema = root.pointer(list).and_then(|list| list.get(index));
    let reference = schema.and_then(|schema| schema.get("$ref")?.as_str());
    let named = reference.and_then(pointer::definition).filter(|key| !key.is_empty());
    let title = || schema?.get("title")?.as_str().map(str::to_owned);
    match named.or_else(title) {
        Some(name) => format!("`{name}`"),
        None => format!("number {}", index + 1),
    }
}

/// What a keyword expects, to follow the word "expected".
fn expected(kind: &Kind) -> String {
    match kind {
        Kind::AdditionalItems { limit } => format!("at most {}", count(*limit as u64, "item")),
        Kind::BacktrackLimitExceeded { .. } => "text whose match with the pattern can be decided".to_owned(),
        Kind::RegexEngineFailure { .. } => "text that the pattern can be matched with".to_owned(),
        Kind::Constant { expected_value } => brief(expected_value),
        Kind::Contains => "an item as `contains` asks for".to_owned(),
        Kind::ContentEncoding { content_encoding } => format!("text in {content_encoding}"),
        Kind::ContentMediaType { content_media_type } => format!("text of type {content_media_type}"),
        Kind::Enum { options } => one_of(options),
        Kind::ExclusiveMaximum { limit } => format!("a number less than {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("a number greater than {limit}"),
        Kind::FalseSchema => "nothing here".to_owned(),
        Kind::Format { format } => described(format),
        Kind::FromUtf8 { .. } => "encoded UTF-8 text".to_owned(),
        Kind::MaxItems { limit } => format!("at most {}", count(*limit, "item")),
        Kind::Maximum { limit } => format!("a number of at most {limit}"),
        Kind::MaxLength { limit } => format!("at most {}", count(*limit, "character")),
        Kind::MaxProperties { limit } => format!("at most {}", count(*limit, "property")),
        Kind::MinItems { limit } => format!("at least {}", count(*limit, "item")),
        Kind::Minimum { limit } => format!("a number of at least {limit}"),
        Kind::MinLength { limit } => format!("at least {}", count(*limit, "character")),
        Kind::MinProperties { limit } => format!("at least {}", count(*limit, "property")),
        Kind::MultipleOf { multiple_of } => format!("a multiple of {multiple_of}"),
        Kind::Not { .. } => "a value that `not` does not describe".to_owned(),
        Kind::OneOfMultipleValid { .. } => "exactly one of the alternatives, not several".to_owned(),
        Kind::Pattern { pattern } => format!("text that matches {pattern}"),
        Kind::Required { property } => format!("the property {property}"),
        Kind::Type { kind } => types(kind),
        Kind::UnevaluatedItems { .. } => "no further items".to_owned(),
        Kind::UniqueItems => "items that differ from each other".to_owned(),
        other => format!("what {} asks for", other.keyword()),
    }
}

fn described(format: &str) -> String {
    match format {
        "byte" => "base64 (RFC 4648)".to_owned(),
        "date" => "a date as 2026-01-31 (RFC 3339)".to_owned(),
        "date-time" => "a date and time as 2026-01-31T10:00:00Z (RFC 3339)".to_owned(),
        "time" => "a time as 10:00:00Z (RFC 3339)".to_owned(),
        "duration" => "a duration as P1DT12H (ISO 8601)".to_owned(),
        name => match format::range(name) {
            Some(range) => range.expected(),
            None => format!("format {name}"),
        },
    }
}

fn types(kind: &jsonschema::error::TypeKind) -> String {
    use jsonschema::error::TypeKind;
    match kind {
        TypeKind::Single(kind) => article(&kind.to_string()),
        TypeKind::Multiple(kinds) => {
            kinds.iter().map(|kind| article(&kind.to_string())).collect::<Vec<_>>().join(" or ")
        }
    }
}

fn article(kind: &str) -> String {
    match kind {
        "array" | "object" | "integer" => format!("an {kind}"),
        "null" => "null".to_owned(),
        _ => format!("a {kind}"),
    }
}

fn count(number: u64, thing: &str) -> String {
    match (number, thing) {
        (1, _) => format!("1 {thing}"),
        (_, "property") => format!("{number} properties"),
        _ => format!("{number} {thing}s"),
    }
}

/// The values of an `enum`, as many as a line holds.
fn one_of(options: &Value) -> String {
    const SHOWN: usize = 10;
    let all = options.as_array().map(Vec::as_slice).unwrap_or_default();
    let shown = all.iter().take(SHOWN).map(brief).collect::<Vec<_>>().join(", ");
    let more = all.len().saturating_sub(SHOWN);
    if more == 0 { format!("one of {shown}") } else { format!("one of {shown} and {more} more") }
}

/// A value of the schema as JSON, cut where it is long.
fn brief(value: &Value) -> String {
    const LONGEST: usize = 60;
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

//! What one facet says of a value, beside what other shapes say of it.

use serde_json::{Map, Number, Value};

use super::{COMPARED, count, fault, number};
use crate::param::{Facet, Shape};
use crate::pattern::{Found, Pattern};
use crate::problem::Fault;

/// The fault, if the value breaks the facet. A facet says nothing of values of other kinds.
pub(super) fn broken(value: &Value, facet: &Facet, shape: &Shape) -> Option<Fault> {
    if let Facet::OneOfValues(texts) = facet {
        let own = canonical(value);
        return (!texts.iter().any(|text| is(&own, text))).then(|| fault("enum", one_of(texts), value));
    }
    if let Facet::Tagged = facet {
        return unknown_tag(value, shape);
    }
    if let Facet::Never = facet {
        return Some(fault("false", "nothing here", value));
    }
    if let Facet::Const(text) = facet {
        return (!is(&canonical(value), text)).then(|| fault("const", text.clone(), value));
    }
    let (keyword, expected) = match value {
        Value::Number(number) => broken_number(number, facet)?,
        Value::String(text) => broken_text(text, facet)?,
        Value::Array(items) => broken_list(items, facet)?,
        Value::Object(map) => broken_object(map, facet)?,
        _ => return None,
    };
    Some(fault(keyword, expected, value))
}

/// Returns about how many names, values and parts of the value a facet compares.
pub(super) fn comparisons(value: &Value, facet: &Facet) -> usize {
    match (facet, value) {
        (Facet::OneOf(texts), Value::String(_)) => texts.len(),
        (Facet::OneOfIntegers(known), Value::Number(_)) => known.len(),
        // Each of them is parsed, and the value is written.
        (Facet::OneOfValues(texts), _) => (texts.len() + count(value)) * COMPARED,
        (Facet::Const(_), _) | (Facet::UniqueItems, Value::Array(_)) => count(value) * COMPARED,
        (Facet::Required(names), Value::Object(_)) => names.len(),
        _ => 0,
    }
}

/// Whether the canonical text of a value is that of a value given as JSON text.
fn is(canonical_text: &str, text: &str) -> bool {
    serde_json::from_str(text).is_ok_and(|one: Value| canonical(&one) == canonical_text)
}

fn broken_number(number: &Number, facet: &Facet) -> Option<(&'static str, String)> {
    let against = |bound: f64| number::compare(number, bound);
    let (holds, keyword, expected) = match *facet {
        Facet::Minimum(bound) => (against(bound).is_ge(), "minimum", format!("at least {bound}")),
        Facet::Maximum(bound) => (against(bound).is_le(), "maximum", format!("at most {bound}")),
        Facet::ExclusiveMinimum(bound) => {
            (against(bound).is_gt(), "exclusiveMinimum", format!("more than {bound}"))
        }
        Facet::ExclusiveMaximum(bound) => {
            (against(bound).is_lt(), "exclusiveMaximum", format!("less than {bound}"))
        }
        Facet::MinimumInteger(bound) => {
            (number::compare_whole(number, bound).is_ge(), "minimum", format!("at least {bound}"))
        }
        Facet::MaximumInteger(bound) => {
            (number::compare_whole(number, bound).is_le(), "maximum", format!("at most {bound}"))
        }
        Facet::OneOfIntegers(known) => {
            let is = |one: &i64| number::whole(number) == Some(i128::from(*one));
            (known.iter().any(is), "enum", one_of_integers(known))
        }
        Facet::Format(ref name) => return broken_range(number, name),
        Facet::MultipleOf(step) => {
            (number::is_multiple(number, step), "multipleOf", format!("a multiple of {step}"))
        }
        _ => return None,
    };
    (!holds).then_some((keyword, expected))
}

fn broken_text(text: &str, facet: &Facet) -> Option<(&'static str, String)> {
    let (holds, keyword, expected) = match facet {
        Facet::MinLength(least) => {
            (text.chars().count() >= *least, "minLength", format!("at least {least} characters"))
        }
        Facet::MaxLength(most) => {
            (text.chars().count() <= *most, "maxLength", format!("at most {most} characters"))
        }
        Facet::Format(name) => return broken_format(text, name),
        Facet::OneOf(texts) => (texts.contains(&text), "enum", one_of(texts)),
        _ => return None,
    };
    (!holds).then_some((keyword, expected))
}

#[cfg(feature = "format")]
fn broken_format(text: &str, name: &str) -> Option<(&'static str, String)> {
    let format = crate::format::find(name).filter(|format| !(format.check)(text))?;
    Some(("format", format.expected.to_owned()))
}

#[cfg(feature = "format")]
fn broken_range(number: &Number, name: &str) -> Option<(&'static str, String)> {
    let range = crate::format::range(name).filter(|range| !range.admits(number))?;
    Some(("format", range.expected()))
}

#[cfg(not(feature = "format"))]
fn broken_format(_: &str, _: &str) -> Option<(&'static str, String)> {
    None
}

#[cfg(not(feature = "format"))]
fn broken_range(_: &Number, _: &str) -> Option<(&'static str, String)> {
    None
}

fn broken_list(items: &[Value], facet: &Facet) -> Option<(&'static str, String)> {
    let (holds, keyword, expected) = match facet {
        Facet::MinItems(least) => (items.len() >= *least, "minItems", format!("at least {least} items")),
        Facet::MaxItems(most) => (items.len() <= *most, "maxItems", format!("at most {most} items")),
        Facet::UniqueItems => (are_unique(items), "uniqueItems", "items that differ".to_owned()),
        _ => return None,
    };
    (!holds).then_some((keyword, expected))
}

/// By canonical text, so that a long list costs no more than sorting it.
fn are_unique(items: &[Value]) -> bool {
    let mut seen = std::collections::HashSet::with_capacity(items.len());
    items.iter().all(|item| seen.insert(canonical(item)))
}

/// Text that is the same for values that JSON Schema calls equal (core 4.2.2): the order of properties does not
/// count, nor does a fraction of zero.
fn canonical(value: &Value) -> String {
    match value {
        Value::Number(number) => {
            number::whole(number).map_or_else(|| number.to_string(), |whole| whole.to_string())
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        Value::Object(map) => {
            let mut entries: Vec<String> = map
                .iter()
                .map(|(name, value)| format!("{}:{}", Value::from(name.as_str()), canonical(value)))
                .collect();
            entries.sort();
            format!("{{{}}}", entries.join(","))
        }
        scalar => scalar.to_string(),
    }
}

fn broken_object(map: &Map<String, Value>, facet: &Facet) -> Option<(&'static str, String)> {
    let count = map.len();
    let (holds, keyword, expected) = match facet {
        Facet::MinProperties(least) => {
            (count >= *least, "minProperties", format!("at least {least} properties"))
        }
        Facet::MaxProperties(most) => (count <= *most, "maxProperties", format!("at most {most} properties")),
        Facet::Required(names) => {
            let missing: Vec<&str> = names.iter().copied().filter(|name| !map.contains_key(*name)).collect();
            (missing.is_empty(), "required", format!("the properties {}", missing.join(", ")))
        }
        _ => return None,
    };
    (!holds).then_some((keyword, expected))
}

type Tags = &'static [(&'static str, usize)];

/// The property that is the tag of a shape's alternatives, and which of them its values name.
pub(super) fn tags(of: &Shape) -> Option<(&'static str, Tags)> {
    of.facets.iter().find_map(|facet| match facet {
        Facet::Tag(property, names) => Some((*property, *names)),
        _ => None,
    })
}

/// The fault of a value whose tag names no alternative.
pub(super) fn unknown_tag(value: &Value, shape: &Shape) -> Option<Fault> {
    let (property, names) = tags(shape)?;
    let tag = value.get(property).filter(|tag| tag.is_string())?;
    if names.iter().any(|(name, _)| tag == name) {
        return None;
    }
    let known = some_of(names.iter().map(|(name, _)| Value::from(*name).to_string()));
    Some(fault("discriminator", known, tag).below(property))
}

/// The fault of a value that breaks a facet which holds shapes.
pub(super) fn of_shapes(facet: &Facet, value: &Value) -> Fault {
    let (keyword, expected) = match facet {
        Facet::Not(_) => ("not", "a value that `not` does not describe"),
        Facet::Contains(_) => ("contains", "an item that `contains` describes"),
        Facet::Names(_) => ("propertyNames", "names that `propertyNames` admits"),
        Facet::Union(keyword, _) => (keyword.as_ref(), "one of several alternatives"),
        _ => ("anyOf", "one of several alternatives"),
    };
    fault(keyword, expected, value)
}

/// The fault of a text in which a pattern is not found, or was not before its time was up.
pub(super) fn of_pattern(pattern: &Pattern, found: Found, value: &Value) -> Fault {
    let source = pattern.source();
    match found {
        Found::Undecided => {
            fault("pattern", format!("text on which `{source}` is decided in fewer steps"), value)
        }
        _ => fault("pattern", format!("text that matches `{source}`"), value),
    }
}

/// The texts or integers of which a value must be one, as a message says it.
pub(super) fn listed(facet: &Facet) -> Option<String> {
    match facet {
        Facet::OneOf(texts) => Some(one_of(texts)),
        Facet::OneOfIntegers(known) => Some(one_of_integers(known)),
        _ => None,
    }
}

fn one_of_integers(known: &[i64]) -> String {
    some_of(known.iter().map(i64::to_string))
}

fn one_of(texts: &[&str]) -> String {
    some_of(texts.iter().map(|text| (*text).to_owned()))
}

/// As many of the admitted values as a line holds.
fn some_of(values: impl ExactSizeIterator<Item = String>) -> String {
    const SHOWN: usize = 10;
    let more = values.len().saturating_sub(SHOWN);
    let shown = values.take(SHOWN).collect::<Vec<_>>().join(", ");
    match more {
        0 => format!("one of {shown}"),
        more => format!("one of {shown} and {more} more"),
    }
}

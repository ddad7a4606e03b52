//! Decides whether a value keeps what its static shape says: the constraints that a generated server checks before a
//! method sees a request. It says the same as the validator of `descant-schema`, for the keywords that it knows.

use std::cmp::Ordering;

use serde_json::{Map, Number, Value};

use crate::param::{Facet, Kinds, Shape};
use crate::problem::Fault;

/// Every fault of a value, each with its place in it. Depth is bounded by the value's.
pub fn check(value: &Value, shape: &Shape) -> Vec<Fault> {
    let mut faults = Vec::new();
    walk(value, shape, &mut |fault| faults.push(fault));
    faults
}

/// Tells each fault to whoever knows where the value stands.
fn walk(value: &Value, shape: &Shape, tell: &mut dyn FnMut(Fault)) {
    if !fits(value, shape) {
        tell(Fault::new("type", expected(shape), &value.to_string()));
        return;
    }
    for fault in shape.facets.iter().filter_map(|facet| broken(value, facet, shape)) {
        tell(fault);
    }
    match (value, &shape.items) {
        (Value::Array(items), Some(shape)) => {
            for (at, item) in items.iter().enumerate() {
                walk(item, shape, &mut |fault| tell(fault.below(at)));
            }
        }
        (Value::Object(map), _) => {
            for (name, value) in map {
                if let Some(shape) = shape.known(name) {
                    walk(value, shape, &mut |fault| tell(fault.below(name)));
                }
            }
        }
        _ => {}
    }
}

/// Whether the value is of a kind that the shape names; a shape that names none fits all.
fn fits(value: &Value, shape: &Shape) -> bool {
    let any = shape.kinds.is_empty() && !shape.is_array() && !shape.is_object();
    any || shape.kinds.has(Kinds::ANY)
        || match value {
            Value::Null => shape.kinds.has(Kinds::NULL),
            Value::Bool(_) => shape.kinds.has(Kinds::BOOLEAN),
            Value::String(_) => shape.kinds.has(Kinds::STRING),
            Value::Number(number) => {
                shape.kinds.has(Kinds::NUMBER) || shape.kinds.has(Kinds::INTEGER) && is_integer(number)
            }
            Value::Array(_) => shape.is_array(),
            Value::Object(_) => shape.is_object(),
        }
}

/// JSON Schema, validation 6.1.1: `1.0` is an integer.
fn is_integer(number: &Number) -> bool {
    !number.is_f64() || number.as_f64().is_some_and(|float| float.fract() == 0.0)
}

fn expected(shape: &Shape) -> String {
    let scalars = (!shape.kinds.is_empty()).then(|| shape.kinds.describe());
    let list = shape.is_array().then(|| "a list".to_owned());
    let object = shape.is_object().then(|| "an object".to_owned());
    [scalars, list, object].into_iter().flatten().collect::<Vec<_>>().join(" or ")
}

/// The fault, if the value breaks the facet. A facet says nothing of values of other kinds.
fn broken(value: &Value, facet: &Facet, shape: &Shape) -> Option<Fault> {
    let (keyword, expected) = match value {
        Value::Number(number) => broken_number(number, facet)?,
        Value::String(text) => broken_text(text, facet)?,
        Value::Array(items) => broken_list(items, facet)?,
        Value::Object(map) => return broken_object(map, facet, shape),
        _ => return None,
    };
    Some(Fault::new(keyword, expected, &value.to_string()))
}

fn broken_number(number: &Number, facet: &Facet) -> Option<(&'static str, String)> {
    let against = |bound: f64| compare(number, bound);
    let (holds, keyword, expected) = match *facet {
        Facet::Minimum(bound) => (against(bound).is_ge(), "minimum", format!("at least {bound}")),
        Facet::Maximum(bound) => (against(bound).is_le(), "maximum", format!("at most {bound}")),
        Facet::ExclusiveMinimum(bound) => {
            (against(bound).is_gt(), "exclusiveMinimum", format!("more than {bound}"))
        }
        Facet::ExclusiveMaximum(bound) => {
            (against(bound).is_lt(), "exclusiveMaximum", format!("less than {bound}"))
        }
        Facet::OneOfIntegers(known) => {
            let texts: Vec<String> = known.iter().map(i64::to_string).collect();
            let is = |one: &i64| {
                number.as_i64() == Some(*one) || number.as_f64() == Some(*one as f64) && number.is_f64()
            };
            (known.iter().any(is), "enum", format!("one of {}", texts.join(", ")))
        }
        Facet::MultipleOf(step) => (is_multiple(number, step), "multipleOf", format!("a multiple of {step}")),
        _ => return None,
    };
    (!holds).then_some((keyword, expected))
}

/// Integers are compared as they are: a float could not tell 2^53 from its neighbours.
fn compare(number: &Number, bound: f64) -> Ordering {
    #[allow(clippy::cast_possible_truncation)] // a whole bound below 2^64 is exact
    let whole = (bound.fract() == 0.0 && bound.abs() < 1e19).then_some(bound as i128);
    match (number.as_i128(), whole) {
        (Some(number), Some(whole)) => number.cmp(&whole),
        _ => number.as_f64().and_then(|number| number.partial_cmp(&bound)).unwrap_or(Ordering::Equal),
    }
}

fn is_multiple(number: &Number, step: f64) -> bool {
    #[allow(clippy::cast_possible_truncation)] // a whole step below 2^64 is exact
    let whole = (step.fract() == 0.0 && step.abs() < 1e19 && step != 0.0).then_some(step as i128);
    match (number.as_i128(), whole) {
        (Some(number), Some(step)) => number % step == 0,
        _ => {
            let quotient = number.as_f64().unwrap_or_default() / step;
            (quotient - quotient.round()).abs() <= f64::EPSILON * quotient.abs()
        }
    }
}

fn broken_text(text: &str, facet: &Facet) -> Option<(&'static str, String)> {
    let (holds, keyword, expected) = match facet {
        Facet::MinLength(least) => {
            (text.chars().count() >= *least, "minLength", format!("at least {least} characters"))
        }
        Facet::MaxLength(most) => {
            (text.chars().count() <= *most, "maxLength", format!("at most {most} characters"))
        }
        Facet::OneOf(texts) => (texts.contains(&text), "enum", format!("one of {}", texts.join(", "))),
        #[cfg(feature = "pattern")]
        Facet::Pattern(pattern) => {
            (pattern::is_match(pattern, text), "pattern", format!("text that matches `{pattern}`"))
        }
        _ => return None,
    };
    (!holds).then_some((keyword, expected))
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
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 1e15 => {
                format!("{float:.0}")
            }
            _ => number.to_string(),
        },
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

fn broken_object(map: &Map<String, Value>, facet: &Facet, shape: &Shape) -> Option<Fault> {
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
        Facet::Closed => {
            let unknown = map.keys().find(|name| shape.known(name).is_none())?;
            let fault = Fault::new("additionalProperties", "no such property", unknown);
            return Some(fault.below(unknown));
        }
        _ => return None,
    };
    (!holds).then(|| Fault::new(keyword, expected, &Value::Object(map.clone()).to_string()))
}

#[cfg(feature = "pattern")]
mod pattern {
    //! Compiled patterns, each once in the life of the process: they stand in statics, so there are only so many.

    use std::collections::HashMap;
    use std::sync::{LazyLock, Mutex, PoisonError};

    use regex::Regex;

    static COMPILED: LazyLock<Mutex<HashMap<String, Option<Regex>>>> = LazyLock::new(Mutex::default);

    /// A pattern that does not compile holds: the generator lets none through.
    pub(super) fn is_match(pattern: &str, text: &str) -> bool {
        let regex = {
            let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
            compiled.entry(pattern.to_owned()).or_insert_with(|| Regex::new(pattern).ok()).clone()
        };
        regex.is_none_or(|regex| regex.is_match(text))
    }
}

#[cfg(test)]
mod tests;

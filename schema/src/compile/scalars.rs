//! `type`, `const`, `enum`, and the keywords of numbers and strings.

use serde_json::{Number, Value};

use super::{Compiler, Keywords, as_count};
use crate::{
    decimal::Decimal,
    format,
    node::{Numbers, Texts, Values},
    pattern::Pattern,
    shape::Kinds,
};

/// Values that must not be taken: how a negated `const` or `enum` reaches the sampler. It means nothing in a document.
pub(super) const EXCEPT: &str = "$descant:except";

impl<'a> Compiler<'a> {
    pub(super) fn kinds(&mut self, keywords: Keywords<'a, '_>) -> Kinds {
        let known = |value: &'a Value| match value {
            Value::Array(names) if names.is_empty() => None,
            Value::Array(names) => names
                .iter()
                .map(|name| Kinds::named(name.as_str()?))
                .try_fold(Kinds::NONE, |all, kinds| Some(all.or(kinds?))),
            name => Kinds::named(name.as_str()?),
        };
        self.read(keywords, "type", "a type of JSON Schema", known).unwrap_or(Kinds::ANY)
    }

    pub(super) fn values(&mut self, keywords: Keywords<'a, '_>) -> Option<Box<Values>> {
        let constant = keywords.map.get("const").cloned();
        let options = self.read(keywords, "enum", "an array", |value| value.as_array().cloned());
        let excluded = keywords
            .map
            .get(EXCEPT)
            .filter(|_| self.home.is_none())
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let is_any = constant.is_some() || options.is_some() || !excluded.is_empty();
        is_any.then(|| Box::new(Values { constant, options, excluded }))
    }

    pub(super) fn numbers(&mut self, keywords: Keywords<'a, '_>) -> Option<Box<Numbers>> {
        let mut bound = |name| self.read(keywords, name, "a number", |value| value.as_number().cloned());
        let numbers = Numbers {
            minimum: bound("minimum"),
            maximum: bound("maximum"),
            exclusive_minimum: bound("exclusiveMinimum"),
            exclusive_maximum: bound("exclusiveMaximum"),
            multiple_of: self.read(keywords, "multipleOf", "a positive number", as_unit),
            range: keywords.map.get("format").and_then(|name| format::range(name.as_str()?)),
        };
        let Numbers { minimum, maximum, exclusive_minimum, exclusive_maximum, multiple_of, range } = &numbers;
        let bounds = [minimum, maximum, exclusive_minimum, exclusive_maximum];
        let is_any = bounds.into_iter().any(Option::is_some) || multiple_of.is_some() || range.is_some();
        is_any.then(|| Box::new(numbers))
    }

    pub(super) fn texts(&mut self, keywords: Keywords<'a, '_>) -> Option<Box<Texts>> {
        let mut count = |name| self.read(keywords, name, "a non-negative integer", as_count);
        let (min, max) = (count("minLength").unwrap_or(0), count("maxLength"));
        let pattern =
            self.read(keywords, "pattern", "a regular expression", |value| Pattern::new(value.as_str()?));
        let format = self.read(keywords, "format", "a string", Value::as_str).and_then(format::find);
        let is_any = min > 0 || max.is_some() || pattern.is_some() || format.is_some();
        is_any.then(|| Box::new(Texts { min, max, pattern, format }))
    }
}

fn as_unit(value: &Value) -> Option<(Decimal, Number)> {
    let number = value.as_number()?;
    let unit = Decimal::of(number).filter(|unit| unit.digits > 0)?;
    Some((unit, number.clone()))
}

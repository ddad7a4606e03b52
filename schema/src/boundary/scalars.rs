//! Boundary values of types, enums, numbers and strings.

use descant_model::schema::Kinds;
use serde_json::{Number, Value, json};

use super::Finder;
use crate::{
    decimal::{self, Decimal},
    format::Range,
    node::{Node, Numbers, Texts},
};

/// Listed values that are tried, of an `enum` of many.
const LISTED: usize = 8;
/// The longest text that is made to be too long.
const LONGEST: u64 = 10_000;

impl<'s> Finder<'s, '_> {
    /// A value of each kind, where the schemas do not admit all of them.
    pub(super) fn kinds(&mut self, nodes: &[&'s Node]) {
        let kinds = nodes.iter().fold(Kinds::ANY, |kinds, node| kinds.and(node.kinds));
        let each = [json!(null), json!(true), json!(7), json!(7.5), json!("text"), json!([]), json!({})];
        for value in each {
            if !kinds.contains(Kinds::of(&value)) {
                self.add("type", value);
            }
        }
        // Text that a lenient reader takes for a number or a boolean.
        if !kinds.contains(Kinds::STRING) {
            let lookalikes = [(Kinds::INTEGER, "7"), (Kinds::BOOLEAN, "true")];
            let taken = lookalikes.into_iter().filter(|(kind, _)| kinds.contains(*kind));
            taken.for_each(|(_, text)| self.add("type", text.into()));
        }
    }

    /// Listed values, and one that is not.
    pub(super) fn listed(&mut self, nodes: &[&'s Node], value: &Value) {
        for values in nodes.iter().filter_map(|node| node.values.as_ref()) {
            let listed = values
                .options
                .iter()
                .flat_map(|options| options.iter())
                .take(LISTED)
                .map(|value| ("enum", value));
            let constant = values.constant.iter().map(|value| ("const", value));
            listed.chain(constant).for_each(|(keyword, value)| self.add(keyword, value.clone()));
            let keyword = if values.constant.is_some() { "const" } else { "enum" };
            match value {
                Value::String(text) => {
                    self.add(keyword, Value::String(format!("{text}x")));
                    let other = text.to_uppercase();
                    let other = if other == *text { text.to_lowercase() } else { other };
                    self.add(keyword, Value::String(other));
                    self.add(keyword, Value::String(format!(" {text}")));
                    self.add(keyword, Value::String(String::new()));
                }
                Value::Number(number) => self.add(keyword, shifted(number, 1_000_003)),
                _ => {}
            }
        }
    }

    pub(super) fn numbers(&mut self, nodes: &[&'s Node], number: &Number) {
        let whole = nodes.iter().any(|node| node.kinds.and(Kinds::NUMBER) == Kinds::INTEGER);
        let rules: Vec<_> = nodes.iter().filter_map(|node| node.numbers.as_deref()).collect();
        for numbers in rules {
            self.bounds(numbers, whole);
            if let Some((unit, _)) = &numbers.multiple_of {
                let half = Decimal::of(number).and_then(|number| halfway(number, *unit));
                half.into_iter().for_each(|number| self.add("multipleOf", Value::Number(number)));
            }
            if let Some(Range::Whole { min, max }) = numbers.range {
                for edge in [min, max, min.saturating_sub(1), max.saturating_add(1)] {
                    // Beyond 64 bits JSON has floats alone, and -2^63 - 1 would be -2^63 again.
                    let exact = |number: &Number| decimal::whole(number) == Some(edge);
                    let edge = Decimal::new(edge, 0).to_number().filter(exact);
                    edge.into_iter().for_each(|edge| self.add("format", Value::Number(edge)));
                }
            }
        }
    }

    fn bounds(&mut self, numbers: &Numbers, whole: bool) {
        let bounds = [
            ("minimum", &numbers.minimum),
            ("exclusiveMinimum", &numbers.exclusive_minimum),
            ("maximum", &numbers.maximum),
            ("exclusiveMaximum", &numbers.exclusive_maximum),
        ];
        for (keyword, limit) in
            bounds.into_iter().filter_map(|(keyword, limit)| Some((keyword, limit.as_ref()?)))
        {
            self.add(keyword, Value::Number(limit.clone()));
            for step in [-1, 1] {
                let beside = if whole { shifted(limit, step) } else { shifted_finely(limit, step) };
                self.add(keyword, beside);
            }
            // A reader that drops the sign takes it for a number within the bound.
            if keyword == "minimum" && limit.as_i64().is_some_and(|limit| limit > 0) {
                self.add(keyword, shifted(limit, -2));
                self.add(keyword, limit.as_i64().and_then(i64::checked_neg).into());
            }
        }
    }

    pub(super) fn texts(&mut self, nodes: &[&'s Node], text: &str) {
        let rules: Vec<_> = nodes.iter().filter_map(|node| node.texts.as_deref()).collect();
        for texts in rules {
            self.lengths(texts, text);
            if let Some(pattern) = &texts.pattern {
                let candidates = ["", " ", "\u{1f}", "~!~", "x", "0"].map(str::to_owned);
                let longer = [format!("{text}\u{1f}"), format!("\u{1f}{text}")];
                let broken = candidates.into_iter().chain(longer).find(|text| !pattern.is_match(text));
                broken.into_iter().for_each(|text| self.add("pattern", text.into()));
                // Matches but for one end, for the case, or for a line break that `$` of some engines ignores.
                let last = text.chars().next_back().unwrap_or('x');
                let but_last = text.strip_suffix(last).unwrap_or_default();
                let near = [
                    format!("{text}\n"),
                    format!("{text}!"),
                    format!("!{text}"),
                    format!("{text}{last}"),
                    format!("{but_last}_"),
                ];
                let too_long = (1..=REPEATS).map(|count| text.repeat(count)).find(|it| !pattern.is_match(it));
                let broken = near.into_iter().chain(too_long).filter(|text| !pattern.is_match(text));
                broken.for_each(|text| self.add("pattern", text.into()));
                // In the other case it may match or not.
                [text.to_uppercase(), text.to_lowercase()]
                    .into_iter()
                    .for_each(|text| self.add("pattern", text.into()));
            }
            if let Some(check) = texts.format.and_then(|format| format.check) {
                let candidates = [format!("{text} !"), "no such format: % {".to_owned(), String::new()];
                let broken = candidates.into_iter().find(|text| !check(text));
                broken.into_iter().for_each(|text| self.add("format", text.into()));
            }
        }
    }

    fn lengths(&mut self, texts: &Texts, text: &str) {
        let filled = |length: u64| {
            let filler = text.chars().chain("x".chars()).cycle();
            let length = usize::try_from(length).ok().filter(|_| length <= LONGEST)?;
            Some(Value::String(filler.take(length).collect()))
        };
        if texts.min > 0 {
            let edges = [Some(texts.min), texts.min.checked_sub(1)];
            edges.into_iter().flatten().filter_map(filled).for_each(|text| self.add("minLength", text));
        }
        if let Some(max) = texts.max {
            let edges = [max, max.saturating_add(1)];
            edges.into_iter().filter_map(filled).for_each(|text| self.add("maxLength", text));
        }
    }
}

/// How often a text is repeated to be longer than its pattern allows.
const REPEATS: usize = 40;

/// The number `step` further on.
fn shifted(number: &Number, step: i64) -> Value {
    let whole = decimal::whole(number).and_then(|whole| whole.checked_add(i128::from(step)));
    match whole.and_then(|whole| Decimal::new(whole, 0).to_number()) {
        Some(number) => Value::Number(number),
        None => shifted_finely(number, step),
    }
}

/// The number one unit of its next decimal place further on: 0.5 becomes 0.51.
fn shifted_finely(number: &Number, step: i64) -> Value {
    let moved = Decimal::of(number).and_then(|number| {
        let exponent = number.exponent.min(0).checked_sub(1)?;
        let digits = number.scaled_to(exponent)?.checked_add(i128::from(step))?;
        Decimal::new(digits, exponent).to_number()
    });
    moved.map(Value::Number).unwrap_or_default()
}

/// A number between two multiples of `unit`.
fn halfway(number: Decimal, unit: Decimal) -> Option<Number> {
    let half = Decimal::new(unit.digits.checked_mul(5)?, unit.exponent.checked_sub(1)?);
    let (number, half, exponent) = number.aligned(half)?;
    Decimal::new(number.checked_add(half)?, exponent).to_number()
}

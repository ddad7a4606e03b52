//! Validates types, `const`, `enum`, numbers and strings.

use std::cmp::Ordering;

use descant_model::schema::Kinds;
use descant_runtime::check::number;
use descant_runtime::pattern::Found;
use serde_json::{Number, Value};

use super::{Flow, Judge, Sink, admits, equal};
use crate::{
    decimal::{self, Decimal},
    fault::{self, Fault, Place},
    node::Node,
    pattern::Pattern,
};

pub(super) fn kind<S: Sink>(sink: &mut S, node: &Node, value: &Value, place: &Place<'_>) -> Flow {
    if !admits(node.kinds, value) {
        match node.kinds {
            Kinds::NONE => sink.fault(place, "false", || "nothing here".to_owned())?,
            kinds => sink.fault(place, "type", || fault::kinds(kinds))?,
        }
    } else if is_beyond(node, value) {
        sink.fault(place, "type", || "an integer of 64 bits".to_owned())?;
    }
    let Some(values) = &node.values else { return Flow::Continue(()) };
    if let Some(constant) = values.constant.as_ref().filter(|constant| !equal(constant, value)) {
        sink.fault(place, "const", || fault::brief(constant))?;
    }
    if let Some(options) = values.options.as_ref().filter(|options| !options.holds(value)) {
        sink.fault(place, "enum", || fault::one_of(options))?;
    }
    match values.excluded.holds(value) {
        true => sink.fault(place, "not", || "another value".to_owned()),
        false => Flow::Continue(()),
    }
}

/// Whether a value is an integer of more bits than generated code holds of this schema.
fn is_beyond(node: &Node, value: &Value) -> bool {
    let is_integer = !node.wide && !node.kinds.intersects(Kinds::FRACTION);
    is_integer && value.as_number().is_some_and(number::is_wide)
}

pub(super) fn number<S: Sink>(sink: &mut S, node: &Node, number: &Number, place: &Place<'_>) -> Flow {
    let Some(numbers) = &node.numbers else { return Flow::Continue(()) };
    let bounds = [
        (&numbers.minimum, "minimum", "of at least", [Ordering::Greater, Ordering::Equal].as_slice()),
        (&numbers.maximum, "maximum", "of at most", &[Ordering::Less, Ordering::Equal]),
        (&numbers.exclusive_minimum, "exclusiveMinimum", "greater than", &[Ordering::Greater]),
        (&numbers.exclusive_maximum, "exclusiveMaximum", "less than", &[Ordering::Less]),
    ];
    for (limit, keyword, words, allowed) in bounds {
        let Some(limit) = limit else { continue };
        if !allowed.contains(&decimal::compare(number, limit)) {
            sink.fault(place, keyword, || format!("a number {words} {limit}"))?;
        }
    }
    if let Some((unit, written)) = &numbers.multiple_of
        && Decimal::of(number).is_some_and(|number| !number.is_multiple_of(*unit))
    {
        sink.fault(place, "multipleOf", || format!("a multiple of {written}"))?;
    }
    match numbers.range.filter(|range| !range.admits(number)) {
        Some(range) => sink.fault(place, "format", || range.expected()),
        None => Flow::Continue(()),
    }
}

impl Judge<'_> {
    pub(super) fn text<S: Sink>(&mut self, sink: &mut S, node: &Node, text: &str, place: &Place<'_>) -> Flow {
        let Some(texts) = &node.texts else { return Flow::Continue(()) };
        if texts.min > 0 || texts.max.is_some() {
            let length = text.chars().count() as u64;
            if length < texts.min {
                let expected = || format!("at least {}", fault::count(texts.min, "character"));
                sink.fault(place, "minLength", expected)?;
            }
            if let Some(max) = texts.max.filter(|max| length > *max) {
                sink.fault(place, "maxLength", || format!("at most {}", fault::count(max, "character")))?;
            }
        }
        if let Some(pattern) = &texts.pattern {
            self.pattern(sink, pattern, text, place)?;
        }
        match texts.format.filter(|format| format.check.is_some_and(|check| !check(text))) {
            Some(format) => sink.fault(place, "format", || format.expected.to_owned()),
            None => Flow::Continue(()),
        }
    }

    fn pattern<S: Sink>(&mut self, sink: &mut S, pattern: &Pattern, text: &str, place: &Place<'_>) -> Flow {
        let source = pattern.source();
        match pattern.find_within(text, &mut self.effort.patterns) {
            Found::Yes => Flow::Continue(()),
            Found::No => sink.fault(place, "pattern", || format!("text that matches {source}")),
            Found::Undecided => {
                let expected = format!("text on which {source} is decided in fewer steps");
                let fault = Fault::new(place.pointer(), "pattern", expected);
                self.effort.given_up.get_or_insert(fault);
                Flow::Break(())
            }
        }
    }
}

//! Compiles `const`, `enum`, and the keywords of numbers and strings.

use descant_model::schema::Keyword;
use descant_runtime::check::number;
use serde_json::{Number, Value};

use super::{Compiler, Place};
use crate::{
    decimal::Decimal,
    format,
    node::{Node, Numbers, Values},
    pattern::Pattern,
};

pub(super) fn values(node: &mut Node, keyword: &Keyword) {
    let values: &mut Values = node.values.get_or_insert_default();
    match keyword {
        Keyword::Enum(options) => values.options = Some(options.clone().into()),
        Keyword::Const(constant) => values.constant = Some((**constant).clone()),
        _ => {}
    }
}

/// Returns whether a bound, a listed value or an example is an integer of more than 64 bits.
pub(super) fn states_wide(node: &Node) -> bool {
    let bounds = node.numbers.iter().flat_map(|numbers| {
        let bounds = [&numbers.minimum, &numbers.maximum];
        bounds.into_iter().chain([&numbers.exclusive_minimum, &numbers.exclusive_maximum]).flatten()
    });
    let listed = node.values.iter().flat_map(|values| {
        values.constant.iter().chain(values.options.iter().flat_map(|options| options.iter()))
    });
    let shown = node.notes.iter().flat_map(|notes| &notes.examples);
    bounds.chain(listed.chain(shown).filter_map(Value::as_number)).any(number::is_wide)
}

/// A format constrains texts or numbers; one that nobody knows constrains nothing.
pub(super) fn format(node: &mut Node, name: &str) {
    node.wide |= number::is_of_integers(name);
    if let Some(range) = format::range(name) {
        node.numbers.get_or_insert_default().range = Some(range);
    }
    if let Some(format) = format::find(name) {
        node.texts.get_or_insert_default().format = Some(format);
    }
}

impl Compiler<'_> {
    pub(super) fn number(&mut self, node: &mut Node, keyword: &Keyword, place: &Place<'_>) {
        let numbers: &mut Numbers = node.numbers.get_or_insert_default();
        match keyword {
            Keyword::Minimum(bound) => numbers.minimum = Some(bound.clone()),
            Keyword::Maximum(bound) => numbers.maximum = Some(bound.clone()),
            Keyword::ExclusiveMinimum(bound) => numbers.exclusive_minimum = Some(bound.clone()),
            Keyword::ExclusiveMaximum(bound) => numbers.exclusive_maximum = Some(bound.clone()),
            Keyword::MultipleOf(unit) => match as_unit(unit) {
                Some(unit) => numbers.multiple_of = Some(unit),
                None => self.flaw(place, "not a positive number; left out"),
            },
            _ => {}
        }
    }

    pub(super) fn text(&mut self, node: &mut Node, keyword: &Keyword, place: &Place<'_>) {
        let texts = node.texts.get_or_insert_default();
        match keyword {
            Keyword::MinLength(min) => texts.min = *min,
            Keyword::MaxLength(max) => texts.max = Some(*max),
            Keyword::Pattern(source) => match Pattern::new(source) {
                Some(pattern) => texts.pattern = Some(pattern),
                None => self.flaw(place, "not a regular expression; left out"),
            },
            _ => {}
        }
    }
}

pub(super) fn as_unit(number: &Number) -> Option<(Decimal, Number)> {
    let unit = Decimal::of(number).filter(|unit| unit.digits > 0)?;
    Some((unit, number.clone()))
}

//! Samples numbers: multiples of a unit within bounds, in exact decimals.

use descant_model::schema::Kinds;
use serde_json::{Number, Value};

use super::{
    Few,
    draw::{Drawer, Drawn, Spot},
};
use crate::{
    decimal::Decimal,
    format::Range,
    node::{Node, Numbers},
};

/// How far a number goes from its only bound.
const REACH: i128 = 1_000;
/// The finest power of ten that is tried between two bounds.
const FINEST: i32 = -15;

/// The numbers that are left: multiples of `unit × 10^exponent` from `low` to `high`, in that unit.
struct Span {
    low: i128,
    high: i128,
    unit: i128,
    exponent: i32,
}

impl<'s> Drawer<'s> {
    pub(super) fn number(&mut self, nodes: &[&'s Node], kinds: Kinds, spot: Spot<'_>) -> Drawn {
        let rules: Few<_> = nodes.iter().filter_map(|node| node.numbers.as_deref()).collect();
        let is_whole = !kinds.contains(Kinds::NUMBER);
        let shared = spot.suit.shared.zip(spot.around).filter(|_| spot.attempt == 0);
        let shared = shared.and_then(|(shared, around)| around.numbers(shared));
        let preferred = shared.or(spot.suit.numbers);
        let span = span(&rules, is_whole, preferred).or_else(|| span(&rules, is_whole, None));
        let number = span.and_then(|span| {
            let drawn = spot.random().between(span.low, span.high);
            let made = |units: i128| Decimal::new(units.checked_mul(span.unit)?, span.exponent).to_number();
            let near =
                (0..NEAR).map_while(|step| drawn.checked_add(step).filter(|units| *units <= span.high));
            near.filter_map(made)
                .find(|number| is_multiple_in_doubles(&rules, number))
                .or_else(|| made(drawn))
        });
        let number = number.or_else(|| self.bound(&rules, nodes));
        number.map(Value::Number).ok_or_else(|| spot.fail("no number lies within its bounds"))
    }

    /// A bound itself, where the arithmetic went beyond what 128 bits hold.
    fn bound(&self, rules: &[&Numbers], nodes: &[&'s Node]) -> Option<Number> {
        let mut bounds = rules.iter().flat_map(|numbers| [&numbers.minimum, &numbers.maximum]).flatten();
        bounds.find(|number| self.keeps(nodes, &Value::Number((*number).clone()))).cloned()
    }
}

/// Numbers from the drawn one on of which one is a multiple for those who reckon in doubles, too.
const NEAR: i128 = 16;

/// Whether a number is a multiple as most validators find it: 601361.83 is one of 0.01, and 60136182.99999999 is no whole
/// number.
fn is_multiple_in_doubles(rules: &[&Numbers], number: &Number) -> bool {
    let mut steps = rules.iter().filter_map(|numbers| numbers.multiple_of.as_ref());
    let value = number.as_f64().unwrap_or_default();
    steps.all(|(_, step)| step.as_f64().is_some_and(|step| (value / step).fract() == 0.0))
}

fn span(rules: &[&Numbers], is_whole: bool, preferred: Option<(i64, i64)>) -> Option<Span> {
    let unit = unit(rules, is_whole)?;
    match unit {
        Some(unit) => between(rules, unit, preferred),
        // Cents first, then whole numbers where cents are too many to count, then finer and finer.
        None => [-2, 0]
            .into_iter()
            .chain((FINEST..-2).rev())
            .find_map(|exponent| between(rules, Decimal { digits: 1, exponent }, preferred)),
    }
}

/// What every number is a multiple of; `Some(None)` where that is up to us.
fn unit(rules: &[&Numbers], is_whole: bool) -> Option<Option<Decimal>> {
    let stated = rules.iter().filter_map(|numbers| numbers.multiple_of.as_ref()).map(|(unit, _)| *unit);
    let whole = is_whole.then_some(Decimal { digits: 1, exponent: 0 });
    stated.chain(whole).try_fold(None, |unit: Option<Decimal>, next| match unit {
        Some(unit) => Some(Some(least_common_multiple(unit, next)?)),
        None => Some(Some(next)),
    })
}

fn least_common_multiple(a: Decimal, b: Decimal) -> Option<Decimal> {
    let (a, b, exponent) = a.aligned(b)?;
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    Some(Decimal::new((a / x).checked_mul(b)?, exponent))
}

/// The multiples of `unit` within all bounds; `None` where there are none.
fn between(rules: &[&Numbers], unit: Decimal, preferred: Option<(i64, i64)>) -> Option<Span> {
    let (mut low, mut high) = (None::<i128>, None::<i128>);
    for numbers in rules {
        for (limit, is_exclusive) in [(&numbers.minimum, 0), (&numbers.exclusive_minimum, 1)] {
            if let Some(limit) = limit {
                let bound = quotient(limit, unit, is_exclusive == 1, true)?;
                low = Some(low.map_or(bound, |low| low.max(bound)));
            }
        }
        for (limit, is_exclusive) in [(&numbers.maximum, 0), (&numbers.exclusive_maximum, 1)] {
            if let Some(limit) = limit {
                let bound = quotient(limit, unit, is_exclusive == 1, false)?;
                high = Some(high.map_or(bound, |high| high.min(bound)));
            }
        }
    }
    let per_one =
        Decimal { digits: 1, exponent: 0 }.aligned(unit).map_or(1, |(one, unit, _)| (one / unit).max(1));
    let is_fraction = unit.digits == 1 && unit.exponent <= 0;
    let (low, high) = suited(low, high, per_one, preferred.filter(|_| is_fraction));
    let (low, high) = clipped(low, high, rules, unit);
    let reach = REACH.saturating_mul(per_one);
    let (low, high) = match (low, high) {
        (Some(low), Some(high)) => (low, high),
        (Some(low), None) => (low, low.saturating_add(reach)),
        (None, Some(high)) => (high.saturating_sub(reach), high),
        (None, None) => (1, reach),
    };
    let (low, high) = narrowed(low, high, per_one, preferred);
    (low <= high).then_some(Span { low, high, unit: unit.digits, exponent: unit.exponent })
}

/// What a property's name suggests, where the bounds admit all of it.
fn suited(
    low: Option<i128>,
    high: Option<i128>,
    per_one: i128,
    preferred: Option<(i64, i64)>,
) -> (Option<i128>, Option<i128>) {
    let Some((first, last)) = preferred else { return (low, high) };
    let first = i128::from(first).saturating_mul(per_one);
    let last = i128::from(last).saturating_mul(per_one);
    let admits_all = low.is_none_or(|low| low <= first) && high.is_none_or(|high| high >= last);
    if admits_all { (Some(first), Some(last)) } else { (low, high) }
}

/// The bounds together with those of the formats, where a bound or the default reach would leave them.
fn clipped(
    low: Option<i128>,
    high: Option<i128>,
    rules: &[&Numbers],
    unit: Decimal,
) -> (Option<i128>, Option<i128>) {
    let ranges = rules.iter().filter_map(|numbers| numbers.range);
    ranges.fold((low, high), |(low, high), range| {
        let Range::Whole { min, max } = range else { return (low, high) };
        let Some((min, max)) = divided(min, unit, true).zip(divided(max, unit, false)) else {
            return (low, high);
        };
        match (low, high) {
            (Some(low), Some(high)) => (Some(low.max(min)), Some(high.min(max))),
            (Some(low), None) => (Some(low.max(min)), Some(low.saturating_add(REACH).min(max))),
            (None, Some(high)) => (Some(high.saturating_sub(REACH).max(min)), Some(high.min(max))),
            (None, None) => (Some(1.max(min)), Some(REACH.min(max))),
        }
    })
}

/// The part of a span that a property's name suggests, where there is one.
fn narrowed(low: i128, high: i128, per_one: i128, preferred: Option<(i64, i64)>) -> (i128, i128) {
    let Some((first, last)) = preferred else { return (low, high) };
    let first = low.max(i128::from(first).saturating_mul(per_one));
    let last = high.min(i128::from(last).saturating_mul(per_one));
    if first <= last { (first, last) } else { (low, high) }
}

/// The nearest multiple of `unit` that a bound admits, in units.
fn quotient(limit: &Number, unit: Decimal, is_exclusive: bool, is_lower: bool) -> Option<i128> {
    let limit = Decimal::of(limit)?;
    let (limit, unit, _) = limit.aligned(unit)?;
    let (floor, rest) = (limit.div_euclid(unit), limit.rem_euclid(unit));
    Some(match (is_lower, rest == 0) {
        (true, true) => floor + i128::from(is_exclusive),
        (true, false) => floor + 1,
        (false, true) => floor - i128::from(is_exclusive),
        (false, false) => floor,
    })
}

fn divided(limit: i128, unit: Decimal, is_lower: bool) -> Option<i128> {
    let (limit, unit, _) = Decimal::new(limit, 0).aligned(unit)?;
    let floor = limit.div_euclid(unit);
    Some(if is_lower && limit.rem_euclid(unit) != 0 { floor + 1 } else { floor })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::{Direction, Sampler};

    #[test]
    fn multiples_are_multiples_in_doubles_too() {
        for step in [0.01, 0.1, 0.05, 1.1] {
            let schema = json!({"type": "number", "multipleOf": step, "minimum": 0, "maximum": 1_000_000});
            let sampler = Sampler::new(&schema, Direction::Response).unwrap();
            for seed in 0..200 {
                let value = sampler.sample(seed).ok().as_ref().and_then(Value::as_f64).unwrap();
                assert_eq!((value / step).fract(), 0.0, "{value} of {step}");
            }
        }
    }
}

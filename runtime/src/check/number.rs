//! Exact arithmetic on JSON numbers, by the digits that name them: `0.3` is a multiple of `0.1`, and 2^53 is told from
//! its neighbours.

use std::cmp::Ordering;

use serde_json::Number;

/// JSON Schema, validation 6.1.1: `1.0` is an integer.
pub(super) fn is_integer(number: &Number) -> bool {
    !number.is_f64() || number.as_f64().is_some_and(|float| float.fract() == 0.0)
}

/// The formats that determine the range of integers, themselves or with more than 64 bits.
const OF_INTEGERS: [&str; 13] = [
    "int8",
    "int16",
    "int32",
    "int64",
    "int128",
    "bigint",
    "uint",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "uint128",
    "double-int",
];

/// Returns whether an integer needs more than 64 bits with a sign. That is what generated code holds of an integer whose
/// schema asks for no more, so every validator refuses what is beyond.
pub fn is_wide(number: &Number) -> bool {
    const BEYOND: f64 = (1_u64 << 63) as f64;
    let is_large = |float: f64| float.fract() == 0.0 && float.abs() >= BEYOND;
    number.as_i64().is_none() && (number.is_u64() || number.as_f64().is_some_and(is_large))
}

/// Returns whether a format says which integers there are, so that 64 bits are no bound.
pub fn is_of_integers(format: &str) -> bool {
    OF_INTEGERS.contains(&format)
}

/// The number, if it is whole and of 127 bits.
pub(crate) fn whole(number: &Number) -> Option<i128> {
    number.as_i128().or_else(|| whole_float(number.as_f64()?))
}

fn whole_float(float: f64) -> Option<i128> {
    #[allow(clippy::cast_possible_truncation)] // a whole float below 2^127 is exact
    (float.fract() == 0.0 && float.abs() < 1e38).then_some(float as i128)
}

pub(super) fn compare(number: &Number, bound: f64) -> Ordering {
    match (whole(number), whole_float(bound)) {
        (Some(number), Some(bound)) => number.cmp(&bound),
        _ => number.as_f64().and_then(|number| number.partial_cmp(&bound)).unwrap_or(Ordering::Equal),
    }
}

pub(super) fn compare_whole(number: &Number, bound: i128) -> Ordering {
    match whole(number) {
        Some(number) => number.cmp(&bound),
        None => compare(number, bound as f64),
    }
}

pub(super) fn is_multiple(number: &Number, step: f64) -> bool {
    let step = Number::from_f64(step).and_then(|step| digits(&step));
    let (Some((digits, power)), Some((step, step_power))) = (digits(number), step) else { return true };
    if step == 0 {
        return true;
    }
    match u32::try_from(power - step_power) {
        Ok(shift) => (0..shift).fold(digits % step, |rest, _| rest * 10 % step) == 0,
        Err(_) => {
            let shift = (step_power - power).unsigned_abs();
            let step = 10_i128.checked_pow(shift).and_then(|ten| step.checked_mul(ten));
            // A step that is more than 127 bits can say goes into nought alone.
            step.map_or(digits == 0, |step| digits % step == 0)
        }
    }
}

/// A number as whole digits and the power of ten that they are times.
fn digits(number: &Number) -> Option<(i128, i32)> {
    let text = number.to_string();
    let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((&text, "0"));
    let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let places = i32::try_from(fraction.len()).ok()?;
    Some((format!("{integer}{fraction}").parse().ok()?, power.parse::<i32>().ok()?.checked_sub(places)?))
}

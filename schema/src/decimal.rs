//! Exact arithmetic on JSON numbers, for `multipleOf` and bounds, by their digits.
//!
//! `0.3` is a multiple of `0.1` in decimal, not in binary. The digits of a float are its shortest representation.

use std::cmp::Ordering;

use serde_json::Number;

/// `digits × 10^exponent`, with no trailing zero in `digits`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    pub(crate) digits: i128,
    pub(crate) exponent: i32,
}

/// Powers of ten from the noughth.
const TENS: [f64; 10] = [1.0, 10.0, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

impl Decimal {
    pub(crate) fn new(digits: i128, exponent: i32) -> Decimal {
        if digits == 0 {
            return Decimal { digits: 0, exponent: 0 };
        }
        let (mut digits, mut exponent) = (digits, exponent);
        while digits % 10 == 0 {
            digits /= 10;
            exponent = exponent.saturating_add(1);
        }
        Decimal { digits, exponent }
    }

    /// The number as written; `None` never happens for what JSON can hold in 64 bits.
    pub(crate) fn of(number: &Number) -> Option<Decimal> {
        match whole(number) {
            Some(whole) => Some(Decimal::new(whole, 0)),
            None => Decimal::parse(&number.to_string()),
        }
    }

    fn parse(text: &str) -> Option<Decimal> {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{integer}{fraction}").parse().ok()?;
        let exponent: i32 = exponent.parse().ok()?;
        Some(Decimal::new(digits, exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?))
    }

    /// As the JSON number nearest to it: whole numbers stay whole as far as 64 bits go.
    pub(crate) fn to_number(self) -> Option<Number> {
        let whole =
            u32::try_from(self.exponent).ok().and_then(|e| self.digits.checked_mul(10_i128.checked_pow(e)?));
        let float = || Number::from_f64(self.to_float()?);
        match whole {
            Some(n) => {
                i64::try_from(n).map(Number::from).or(u64::try_from(n).map(Number::from)).ok().or_else(float)
            }
            None => float(),
        }
    }

    /// The float nearest to it.
    fn to_float(self) -> Option<f64> {
        let power = self.exponent.checked_neg().and_then(|power| TENS.get(usize::try_from(power).ok()?));
        match (power, i32::try_from(self.digits)) {
            // Both are exact, so that one division rounds correctly.
            (Some(power), Ok(digits)) => Some(f64::from(digits) / power),
            _ => format!("{}e{}", self.digits, self.exponent).parse().ok(),
        }
    }

    /// Whether it is a whole multiple of `unit`, exactly.
    pub(crate) fn is_multiple_of(self, unit: Decimal) -> bool {
        if unit.digits == 0 {
            return self.digits == 0;
        }
        match u32::try_from(i64::from(self.exponent) - i64::from(unit.exponent)) {
            Ok(shift) => {
                let unit = unit.digits.unsigned_abs();
                modular_product(self.digits.unsigned_abs() % unit, ten_to(shift, unit), unit) == 0
            }
            // `self` has finer digits than the unit, and no trailing zero to give: only nought is a multiple,
            // unless the unit's factors of two and five make up for it.
            Err(_) => {
                let shift = u32::try_from(i64::from(unit.exponent) - i64::from(self.exponent)).ok();
                let scaled = shift.and_then(|shift| unit.digits.checked_mul(10_i128.checked_pow(shift)?));
                scaled.is_some_and(|unit| self.digits % unit == 0)
            }
        }
    }

    /// Both numbers as multiples of the same power of ten; `None` where that takes more than 128 bits.
    pub(crate) fn aligned(self, other: Decimal) -> Option<(i128, i128, i32)> {
        if self.exponent == other.exponent {
            return Some((self.digits, other.digits, self.exponent));
        }
        let exponent = self.exponent.min(other.exponent);
        Some((self.scaled_to(exponent)?, other.scaled_to(exponent)?, exponent))
    }

    /// Its digits in units of `10^exponent`, where that is a whole number of 128 bits.
    pub(crate) fn scaled_to(self, exponent: i32) -> Option<i128> {
        let shift = u32::try_from(i64::from(self.exponent) - i64::from(exponent)).ok()?;
        self.digits.checked_mul(10_i128.checked_pow(shift)?)
    }
}

/// `10^exponent mod modulus`.
fn ten_to(exponent: u32, modulus: u128) -> u128 {
    let (mut result, mut base, mut rest) = (1 % modulus, 10 % modulus, exponent);
    while rest > 0 {
        if rest & 1 == 1 {
            result = modular_product(result, base, modulus);
        }
        base = modular_product(base, base, modulus);
        rest >>= 1;
    }
    result
}

/// `a × b mod modulus` by doubling, since the product may need 256 bits.
fn modular_product(a: u128, b: u128, modulus: u128) -> u128 {
    if let Some(product) = a.checked_mul(b) {
        return product % modulus;
    }
    // Digits of JSON numbers stay below 2^127, so that doubling a residue cannot overflow.
    let (mut result, mut a, mut b) = (0, a % modulus, b);
    while b > 0 {
        if b & 1 == 1 {
            result = (result + a) % modulus;
        }
        a = (a + a) % modulus;
        b >>= 1;
    }
    result
}

/// The number as an integer, where it was written as one (or as a float that is whole and small enough to be exact).
pub(crate) fn whole(number: &Number) -> Option<i128> {
    let float = || number.as_f64().filter(|n| n.fract() == 0.0 && n.abs() < 9.0e15).map(|n| n as i128);
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from)).or_else(float)
}

/// How two JSON numbers compare, exactly: neither is rounded to the other's kind.
pub(crate) fn compare(a: &Number, b: &Number) -> Ordering {
    match (whole(a), whole(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(a), None) => compare_mixed(b.as_f64().unwrap_or_default(), a).reverse(),
        (None, Some(b)) => compare_mixed(a.as_f64().unwrap_or_default(), b),
        (None, None) => a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Equal),
    }
}

fn compare_mixed(float: f64, whole: i128) -> Ordering {
    // Beyond 2^100 any float outweighs any 64-bit integer; below, its floor is exact in 128 bits.
    if float.abs() >= 1.2e30 {
        return if float > 0.0 { Ordering::Greater } else { Ordering::Less };
    }
    let floor = float.floor();
    let fraction = if float > floor { Ordering::Greater } else { Ordering::Equal };
    (floor as i128).cmp(&whole).then(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn multiples_are_decimal() {
        for (value, unit, holds) in [
            ("0.3", "0.1", true),
            ("19.99", "0.01", true),
            ("19.999", "0.01", false),
            ("1e300", "0.01", true),
            ("1e-300", "0.01", false),
            ("7.5", "2.5", true),
            ("5", "2.5", true),
            ("0.25", "0.5", false),
            ("0", "7", true),
            ("9007199254740993", "2", false),
            ("18446744073709551615", "5", true),
            ("1e-9", "1e-10", true),
            ("1.5e308", "3e307", true),
        ] {
            let is_multiple =
                Decimal::of(&number(value)).unwrap().is_multiple_of(Decimal::of(&number(unit)).unwrap());
            assert_eq!(is_multiple, holds, "{value} of {unit}");
        }
    }

    #[test]
    fn numbers_compare_without_rounding() {
        for (a, b, order) in [
            ("9007199254740993", "9007199254740992", Ordering::Greater),
            ("9007199254740993", "9007199254740992.0", Ordering::Greater),
            ("18446744073709551615", "18446744073709551616.0", Ordering::Less),
            ("1", "1.0", Ordering::Equal),
            ("-1", "-1.5", Ordering::Greater),
            ("1e300", "18446744073709551615", Ordering::Greater),
        ] {
            assert_eq!(compare(&number(a), &number(b)), order, "{a} and {b}");
            assert_eq!(compare(&number(b), &number(a)), order.reverse(), "{b} and {a}");
        }
    }

    #[test]
    fn decimals_become_numbers_again() {
        for text in ["0", "19.99", "-3", "1e300", "18446744073709551615", "1e-7", "0.1"] {
            assert_eq!(Decimal::of(&number(text)).unwrap().to_number().unwrap(), number(text), "{text}");
        }
    }
}

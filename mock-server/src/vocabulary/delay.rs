//! Delays of responses: a time, or a range that each response draws from.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::seed::mixed;

/// The longest delay in milliseconds: ten minutes.
const MAX: u64 = 600_000;

/// A delay, as `250`, `1s` or `200..800ms`; in JSON a number of milliseconds, or such a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay {
    least: u64,
    most: u64,
}

impl Delay {
    /// Makes a delay of a number of milliseconds; `None` where it is longer than ten minutes.
    pub fn of_millis(millis: u64) -> Option<Self> {
        (millis <= MAX).then_some(Self { least: millis, most: millis })
    }

    /// Whether every response has the same delay.
    pub(crate) fn is_fixed(self) -> bool {
        self.least == self.most
    }

    /// Returns one delay of the range, by a number.
    pub(crate) fn drawn(self, number: u64) -> Self {
        let width = self.most.saturating_sub(self.least).saturating_add(1);
        let millis = self.least.saturating_add(mixed(number) % width);
        Self { least: millis, most: millis }
    }

    /// Returns the shortest delay of the range.
    pub(crate) fn least(self) -> Duration {
        Duration::from_millis(self.least)
    }
}

/// Why a text is no delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a delay is milliseconds or a range of them, at most ten minutes: `250`, `1s`, `200..800ms`")]
pub struct InvalidDelay;

impl FromStr for Delay {
    type Err = InvalidDelay;

    fn from_str(text: &str) -> Result<Self, InvalidDelay> {
        let (least, most) = text.split_once("..").unwrap_or((text, text));
        let (most, factor) = number(most)?;
        // In `1..2s` the unit is that of both.
        let (least, own) = number(least)?;
        let least = least * own.or(factor).unwrap_or(1.0);
        let most = most * factor.unwrap_or(1.0);
        let is_delay = (0.0..=MAX as f64).contains(&least) && (least..=MAX as f64).contains(&most);
        if !is_delay {
            return Err(InvalidDelay);
        }
        Ok(Self { least: least.round() as u64, most: most.round() as u64 })
    }
}

/// Returns the number of a text, and the milliseconds of its unit.
fn number(text: &str) -> Result<(f64, Option<f64>), InvalidDelay> {
    let text = text.trim();
    let (digits, unit) = match text.strip_suffix("ms") {
        Some(digits) => (digits, Some(1.0)),
        None => text.strip_suffix('s').map_or((text, None), |digits| (digits, Some(1000.0))),
    };
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number = digits.trim().parse().ok().filter(|_| is_number);
    number.map(|number: f64| (number, unit)).ok_or(InvalidDelay)
}

impl fmt::Display for Delay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_fixed() {
            true => write!(f, "{}", self.least),
            false => write!(f, "{}..{}", self.least, self.most),
        }
    }
}

impl Serialize for Delay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.is_fixed() {
            true => serializer.serialize_u64(self.least),
            false => serializer.collect_str(self),
        }
    }
}

impl<'d> Deserialize<'d> for Delay {
    fn deserialize<D: Deserializer<'d>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyDelay)
    }
}

struct AnyDelay;

impl Visitor<'_> for AnyDelay {
    type Value = Delay;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "milliseconds, or a range such as `200..800ms`")
    }

    fn visit_u64<E: Error>(self, millis: u64) -> Result<Delay, E> {
        Delay::of_millis(millis).ok_or_else(|| E::custom(InvalidDelay))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Delay, E> {
        text.parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_delays() {
        let check = |text: &str, expected: Option<(u64, u64)>| {
            let found = text.parse::<Delay>().ok().map(|delay| (delay.least, delay.most));
            assert_eq!(found, expected, "{text}");
        };
        check("0", Some((0, 0)));
        check("250", Some((250, 250)));
        check("250ms", Some((250, 250)));
        check("1.5s", Some((1500, 1500)));
        check("200..800ms", Some((200, 800)));
        check("200..800", Some((200, 800)));
        check("1..2s", Some((1000, 2000)));
        check("500ms..2s", Some((500, 2000)));
        for broken in ["", "x", "-1", "1e3", "inf", "5..2", "600001", "601s", "1m", "..", "1..", "1..2..3"] {
            check(broken, None);
        }
    }

    #[test]
    fn a_range_is_drawn_from_in_json_as_well() {
        let delay: Delay = serde_json::from_str("\"200..800ms\"").unwrap();
        let drawn: Vec<u128> = (0..1_000).map(|number| delay.drawn(number).least().as_millis()).collect();
        assert!(drawn.iter().all(|millis| (200..=800).contains(millis)));
        assert!(drawn.iter().any(|millis| *millis < 300) && drawn.iter().any(|millis| *millis > 700));
        assert_eq!(serde_json::to_string(&delay).unwrap(), "\"200..800\"");
        assert_eq!(serde_json::to_string(&Delay::of_millis(5)).unwrap(), "5");
        assert!(serde_json::from_str::<Delay>("600001").is_err());
        assert!(serde_json::from_str::<Delay>("-1").is_err());
    }
}

//! The day that dates of sampled values lie near, in seconds since 1970.

use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Returns the start of the day of now, in UTC.
pub(super) fn today() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    i64::try_from(since).unwrap_or_default() / DAY * DAY
}

/// Parses `2026-11-30` (RFC 3339, `full-date`) of the years 1970 to 9999.
pub(super) fn parse(text: &str) -> Result<i64, String> {
    let wrong = || format!("`{text}` is no date of the form 2026-11-30");
    let parts: Vec<i64> = text.split('-').map(str::parse).collect::<Result<_, _>>().map_err(|_| wrong())?;
    match parts.as_slice() {
        [year @ 1970..=9999, month @ 1..=12, day @ 1..=31] if text.len() == 10 => {
            Ok(days(*year, *month, *day) * DAY)
        }
        _ => Err(wrong()),
    }
}

/// Returns the days since 1970 (Hinnant, `days_from_civil`).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_seconds() {
        assert_eq!(parse("1970-01-01"), Ok(0));
        assert_eq!(parse("2026-01-01"), Ok(1_767_225_600));
        assert_eq!(parse("2000-03-01"), Ok(951_868_800));
        for wrong in ["2026-13-01", "26-01-01", "today", "2026-01-01-01", "+026-01-01"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}

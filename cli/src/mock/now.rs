//! The day that dates of sampled values lie near, in seconds since 1970.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// Returns the start of the day of now, in UTC.
pub(super) fn today() -> i64 {
    seconds(Zoned::new(Timestamp::now(), TimeZone::UTC).date()).unwrap_or_default()
}

/// Parses `2026-11-30` (RFC 3339, `full-date`), from 1970 on.
pub(super) fn parse(text: &str) -> Result<i64, String> {
    let date = text.parse().ok().filter(|_| text.len() == "2026-11-30".len());
    let seconds = date.and_then(seconds).filter(|seconds| *seconds >= 0);
    seconds.ok_or_else(|| format!("`{text}` is no date from 1970 on of the form 2026-11-30"))
}

/// Returns the start of a day, in UTC.
fn seconds(date: Date) -> Option<i64> {
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_seconds() {
        assert_eq!(parse("1970-01-01"), Ok(0));
        assert_eq!(parse("2026-01-01"), Ok(1_767_225_600));
        assert_eq!(parse("2000-03-01"), Ok(951_868_800));
        for wrong in ["2026-13-01", "2026-02-30", "26-01-01", "today", "2026-01-01-01", "1969-12-31"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn today_is_a_whole_day() {
        assert_eq!(today() % 86_400, 0);
    }
}

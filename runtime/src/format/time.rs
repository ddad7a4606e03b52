//! Dates, times and durations (RFC 3339 §5.6 and appendix A).

pub(super) fn is_date_time(text: &str) -> bool {
    match text.split_at_checked(10) {
        Some((date, rest)) => is_date(date) && rest.strip_prefix(['T', 't']).is_some_and(is_time),
        None => false,
    }
}

pub(super) fn is_date(text: &str) -> bool {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else { return false };
    let year = number(&[*y1, *y2, *y3, *y4]);
    let (Some(year), Some(month), Some(day)) = (year, number(&[*m1, *m2]), number(&[*d1, *d2])) else {
        return false;
    };
    day >= 1 && day <= days_in(year, month)
}

/// The days of a month; none for a month that there is not.
fn days_in(year: u32, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}

pub(super) fn is_time(text: &str) -> bool {
    let [h1, h2, b':', m1, m2, b':', s1, s2, rest @ ..] = text.as_bytes() else { return false };
    let clock = (number(&[*h1, *h2]), number(&[*m1, *m2]), number(&[*s1, *s2]));
    let (Some(hour), Some(minute), Some(second)) = clock else { return false };
    let Some(rest) = after_fraction(rest) else { return false };
    let Some(offset) = offset_minutes(rest) else { return false };
    // A leap second comes at the end of a day of UTC alone.
    let minutes = i32::try_from(hour * 60 + minute).unwrap_or(i32::MAX);
    let is_last_minute = || minutes.saturating_sub(offset).rem_euclid(1440) == 1439;
    hour < 24 && minute < 60 && (second < 60 || (second == 60 && is_last_minute()))
}

/// Returns the text after the optional fraction of a second; `None` for a point without digits.
fn after_fraction(text: &[u8]) -> Option<&[u8]> {
    let Some(fraction) = text.strip_prefix(b".") else { return Some(text) };
    let digits = fraction.iter().take_while(|octet| octet.is_ascii_digit()).count();
    fraction.get(digits..).filter(|_| digits > 0)
}

/// The offset from UTC in minutes, `Z` being none.
fn offset_minutes(text: &[u8]) -> Option<i32> {
    match text {
        b"Z" | b"z" => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let hour = number(&[*h1, *h2]).filter(|hour| *hour < 24)?;
            let minute = number(&[*m1, *m2]).filter(|minute| *minute < 60)?;
            let offset = i32::try_from(hour * 60 + minute).ok()?;
            Some(if *sign == b'-' { -offset } else { offset })
        }
        _ => None,
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| Some(number * 10 + char::from(*digit).to_digit(10)?))
}

/// RFC 3339 appendix A: weeks alone, or units in falling order without a gap.
pub(super) fn is_duration(text: &str) -> bool {
    let Some(text) = text.strip_prefix('P') else { return false };
    if let Some(weeks) = text.strip_suffix('W') {
        return is_digits(weeks);
    }
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let time_holds = time.is_none_or(|time| !time.is_empty() && are_units(time, "HMS"));
    (date.is_empty() && time.is_some() || !date.is_empty() && are_units(date, "YMD")) && time_holds
}

/// Whether `text` is numbers, each with one of `units`, which follow each other without a gap.
fn are_units(text: &str, units: &str) -> bool {
    let found: Vec<_> = text.split_inclusive(|c: char| !c.is_ascii_digit()).collect();
    let letters: String = found.iter().filter_map(|part| part.chars().next_back()).collect();
    let numbered = |part: &&str| part.strip_suffix(|c: char| !c.is_ascii_digit()).is_some_and(is_digits);
    !letters.is_empty() && units.contains(&letters) && found.iter().all(numbered)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit())
}

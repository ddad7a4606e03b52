//! Samples of dates, times and durations.

use crate::random::Random;

/// A day from 2020 to 2026.
pub(crate) fn date(random: &mut Random) -> String {
    let mut text = String::with_capacity(20);
    push_date(&mut text, random);
    text
}

pub(crate) fn time(random: &mut Random) -> String {
    let mut text = String::with_capacity(20);
    push_time(&mut text, random);
    text
}

pub(crate) fn date_time(random: &mut Random) -> String {
    let mut text = String::with_capacity(20);
    push_date(&mut text, random);
    text.push('T');
    push_time(&mut text, random);
    text
}

fn push_date(text: &mut String, random: &mut Random) {
    text.push_str("20");
    push_two(text, 20 + random.below(7), "-");
    push_two(text, 1 + random.below(12), "-");
    push_two(text, 1 + random.below(28), "");
}

fn push_time(text: &mut String, random: &mut Random) {
    push_two(text, random.below(24), ":");
    push_two(text, random.below(60), ":");
    push_two(text, random.below(60), "Z");
}

/// Two digits, and what stands after them.
fn push_two(text: &mut String, number: usize, after: &str) {
    for digit in [number / 10, number % 10] {
        text.push(char::from(b'0' + (digit % 10) as u8));
    }
    text.push_str(after);
}

pub(crate) fn duration(random: &mut Random) -> String {
    format!("P{}DT{}H", 1 + random.below(9), 1 + random.below(23))
}

/// RFC 9110 §5.6.7, on days whose weekday is known.
pub(crate) fn http_date(random: &mut Random) -> String {
    const DAYS: [&str; 4] = ["Mon, 05 Jan 2026", "Tue, 17 Mar 2026", "Wed, 10 Jun 2026", "Fri, 04 Sep 2026"];
    let day = random.word(&DAYS);
    format!("{day} {:02}:{:02}:00 GMT", random.below(24), random.below(60))
}

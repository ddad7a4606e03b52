//! What a person reads at a terminal: where the mock listens, and the texts of documents and requests without control
//! characters.

use std::borrow::Cow;
use std::io::IsTerminal as _;

use descant_mock::Mock;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::requests;

/// The operations of a document whose URLs are printed at start; more would scroll the page's link away.
const MAX_LISTED: usize = 12;
/// The characters of a text of a document or request.
const MAX_TEXT: usize = 2_000;

/// Whether standard output is a terminal.
pub(super) fn is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// Returns the lines that announce a mock: its URL and page; at a terminal, also URLs that can be opened.
pub(super) fn greeting(mock: &Mock, url: &str, has_page: bool) -> String {
    let page = if has_page { format!(" (page: {url}/__descant/)") } else { String::new() };
    let mut text = format!("{} on {url}{page}\n", printable(&mock.api().info.title));
    if let Some(state) = mock.state() {
        let kept = state.collection_count();
        let plural = if kept == 1 { "" } else { "s" };
        text += &format!("  state for {kept} collection{plural} (--collections lists them)\n");
    }
    if is_terminal() && mock.api().operations.len() <= MAX_LISTED {
        for target in requests::targets(mock.api()) {
            text += &format!("  {url}{}\n", printable(&target));
        }
    }
    text
}

/// Returns the local time of day of a moment in milliseconds since 1970 (UTC).
pub(super) fn clock(millis: u64) -> String {
    let moment = i64::try_from(millis).ok().and_then(|millis| Timestamp::from_millisecond(millis).ok());
    let time = moment.unwrap_or_default().to_zoned(TimeZone::system()).time();
    format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())
}

/// Returns a text for a terminal: control characters and those that change the direction of text are escaped, quotes are
/// not, and its length is bounded.
pub(super) fn printable(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| !c.is_control() && !is_invisible(c);
    if text.len() <= MAX_TEXT && text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::new();
    for c in text.chars().take(MAX_TEXT) {
        match is_plain(c) {
            true => shown.push(c),
            false => shown.extend(c.escape_unicode()),
        }
    }
    if text.chars().nth(MAX_TEXT).is_some() {
        shown.push('…');
    }
    Cow::Owned(shown)
}

/// Whether a character is a mark or an override of direction, or has no width.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_character_reaches_a_terminal() {
        assert_eq!(printable("`Zoë` \"1\""), "`Zoë` \"1\"");
        assert_eq!(printable("a\u{1b}[31m\nb"), "a\\u{1b}[31m\\u{a}b");
        assert_eq!(printable("\u{9b}x\u{202e}y"), "\\u{9b}x\\u{202e}y");
        assert_eq!(printable(&"x".repeat(1 << 20)).chars().count(), MAX_TEXT + 1);
    }
}

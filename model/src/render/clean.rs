//! Escapes characters that control a terminal, reverse text, or end a line.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Returns the replacement of an unprintable character; `None` for others.
fn visible(c: char) -> Option<char> {
    match c {
        '\0'..='\u{1F}' => char::from_u32(0x2400 + c as u32),
        '\u{7F}' => Some('␡'),
        _ if is_invisible(c) => Some(char::REPLACEMENT_CHARACTER),
        _ => None,
    }
}

/// C1 controls, direction marks, line separators, and zero-width characters.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9F}' | '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// Returns one line of printable text, with unprintable characters replaced.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| visible(c).is_some()) {
        return Cow::Borrowed(text);
    }
    text.chars().map(clean_char).collect()
}

/// The same for one character.
pub(super) fn clean_char(c: char) -> char {
    visible(c).unwrap_or(c)
}

/// Returns JSON text with such characters escaped; they only occur inside strings.
pub(super) fn escape_json(json: &str) -> Cow<'_, str> {
    if !json.chars().any(is_invisible) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if is_invisible(c) || c == '\u{7F}' {
            let mut units = [0; 2];
            // Writing to a string cannot fail.
            c.encode_utf16(&mut units).iter().for_each(|unit| _ = write!(escaped, "\\u{unit:04x}"));
        } else {
            escaped.push(c);
        }
    }
    escaped.into()
}

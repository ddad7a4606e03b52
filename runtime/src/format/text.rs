//! Formats of text: encodings, pointers, identifiers.

use base64::{Engine, engine::general_purpose};

pub(super) fn is_uuid(text: &str) -> bool {
    let at = |(i, octet): (usize, u8)| match i {
        8 | 13 | 18 | 23 => octet == b'-',
        _ => octet.is_ascii_hexdigit(),
    };
    text.len() == 36 && text.bytes().enumerate().all(at)
}

/// RFC 4648 §4, padded.
pub(super) fn is_base64(text: &str) -> bool {
    general_purpose::STANDARD.decode(text).is_ok()
}

/// RFC 4648 §5; padding may be left out (§3.2).
pub(super) fn is_base64url(text: &str) -> bool {
    general_purpose::URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).is_ok()
}

pub(super) fn is_char(text: &str) -> bool {
    text.chars().count() == 1
}

pub(super) fn is_regex(text: &str) -> bool {
    jsonschema_regex::is_valid_ecma_regex(text)
}

/// RFC 6901 §3: empty, or tokens that each follow a slash, `~` being followed by `0` or `1`.
pub(super) fn is_json_pointer(text: &str) -> bool {
    let is_token = |token: &str| token.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    text.is_empty() || text.strip_prefix('/').is_some_and(|tokens| tokens.split('/').all(is_token))
}

/// A number of levels without a leading zero, then `#` or a pointer.
pub(super) fn is_relative_json_pointer(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (Some(levels), Some(rest)) = (text.get(..digits), text.get(digits..)) else { return false };
    let is_level = !levels.is_empty() && (levels == "0" || !levels.starts_with('0'));
    is_level && (rest == "#" || is_json_pointer(rest))
}

/// RFC 6570 §2: literals and expressions in braces.
pub(super) fn is_uri_template(text: &str) -> bool {
    let mut rest = text;
    while let Some((literal, tail)) = rest.split_once('{') {
        let Some((expression, after)) = tail.split_once('}') else { return false };
        if !is_literal(literal) || !is_expression(expression) {
            return false;
        }
        rest = after;
    }
    is_literal(rest)
}

fn is_literal(text: &str) -> bool {
    let is_excluded = |c: char| c <= ' ' || c == '\u{7f}' || "\"<>\\^`{|}".contains(c);
    !text.contains(is_excluded) && are_escapes_sound(text)
}

fn are_escapes_sound(text: &str) -> bool {
    let is_hex =
        |rest: &str| rest.get(..2).is_some_and(|pair| pair.bytes().all(|octet| octet.is_ascii_hexdigit()));
    text.split('%').skip(1).all(is_hex)
}

fn is_expression(text: &str) -> bool {
    text.strip_prefix(|c| "+#./;?&=,!@|".contains(c)).unwrap_or(text).split(',').all(is_variable)
}

/// A name, and perhaps `*` or a prefix length from 1 to 9999.
fn is_variable(text: &str) -> bool {
    let (name, is_prefix_sound) = match text.split_once(':') {
        Some((name, length)) => (
            name,
            length.parse::<u16>().is_ok_and(|n| (1..10_000).contains(&n)) && !length.starts_with(['0', '+']),
        ),
        None => (text.strip_suffix('*').unwrap_or(text), true),
    };
    let is_name_char = |c: char| c.is_ascii_alphanumeric() || "_%".contains(c);
    let is_part = |part: &str| !part.is_empty() && part.chars().all(is_name_char);
    is_prefix_sound && name.split('.').all(is_part) && are_escapes_sound(name)
}

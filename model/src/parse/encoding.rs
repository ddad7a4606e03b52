//! Decodes text: UTF-8, with or without a byte order mark. Other encodings are reported, not guessed.

/// Returns the text without its byte order mark, and its fault, if any: a message and a byte offset. Invalid bytes are
/// replaced by U+FFFD, so that a listing can show the position.
pub(super) fn decode(mut bytes: Vec<u8>) -> (String, Option<(String, u32)>) {
    if let Some(name) = foreign(&bytes) {
        let message = format!("the text is {name}, not UTF-8: save it as UTF-8");
        return (String::new(), Some((message, 0)));
    }
    let mark = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    bytes.drain(..mark);
    match String::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let byte = error.as_bytes().get(valid).copied().unwrap_or_default();
            let offset = valid + mark;
            let message = format!("invalid UTF-8: byte 0x{byte:02X} at byte offset {offset}");
            (String::from_utf8_lossy(error.as_bytes()).into_owned(), Some((message, valid as u32)))
        }
    }
}

/// The encoding that a byte order mark, or the zero bytes of an ASCII first character, give away.
fn foreign(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [_, 0, 0, 0, ..] => Some("UTF-32 (little endian)"),
        [0, 0, 0xFE, 0xFF, ..] | [0, 0, 0, _, ..] => Some("UTF-32 (big endian)"),
        [0xFF, 0xFE, ..] | [_, 0, ..] => Some("UTF-16 (little endian)"),
        [0xFE, 0xFF, ..] | [0, _, ..] => Some("UTF-16 (big endian)"),
        _ => None,
    }
}

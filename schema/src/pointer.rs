//! JSON Pointers (RFC 6901): how a place in a schema or an instance is named.

/// `~` and `/` escaped (RFC 6901 §3).
pub(crate) fn escape(token: &str) -> std::borrow::Cow<'_, str> {
    if token.contains(['~', '/']) { token.replace('~', "~0").replace('/', "~1").into() } else { token.into() }
}

/// `base` and one more token.
pub(crate) fn join(base: &str, token: &str) -> String {
    format!("{base}/{}", escape(token))
}

/// The key of a `$ref` of the form `#/$defs/KEY`; the empty key for `#`, `None` for any other reference.
pub(crate) fn definition(reference: &str) -> Option<String> {
    if matches!(reference, "#" | "#/") {
        return Some(String::new());
    }
    let token = reference.strip_prefix("#/$defs/")?;
    if token.contains('/') {
        return None;
    }
    Some(percent_decode(token)?.replace("~1", "/").replace("~0", "~"))
}

/// A fragment is percent-encoded (RFC 3986 §3.5); `None` where the octets are no UTF-8.
fn percent_decode(text: &str) -> Option<String> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = match tail {
            [high, low, ..] if first == b'%' => {
                hex(*high).zip(hex(*low)).and_then(|(high, low)| u8::try_from(high * 16 + low).ok())
            }
            _ => None,
        };
        octets.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { tail.get(2..).unwrap_or_default() } else { tail };
    }
    String::from_utf8(octets).ok()
}

fn hex(digit: u8) -> Option<u32> {
    char::from(digit).to_digit(16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_are_named_by_their_reference() {
        for (reference, key) in [
            ("#/$defs/Pet", Some("Pet")),
            ("#/$defs/a~1b~0c", Some("a/b~c")),
            ("#/$defs/a%20b%C3%A9", Some("a b\u{e9}")),
            ("#/$defs/100%", Some("100%")),
            ("#", Some("")),
            ("#/$defs/Pet/properties/x", None),
            ("https://example.com/Pet", None),
        ] {
            assert_eq!(definition(reference).as_deref(), key, "{reference}");
        }
    }
}

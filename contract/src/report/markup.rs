//! Text in HTML and XML.

/// Returns text for an element or an attribute; characters that XML 1.0 cannot hold become U+FFFD (XML 1.0, 2.2).
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\u{9}' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => out.push(c),
            _ => out.push('\u{fffd}'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_xml_cannot_hold_is_replaced() {
        let check = |text: &str, expected: &str| assert_eq!(escaped(text), expected, "{text:?}");
        check("a<b> & \"c\"\n", "a&lt;b&gt; &amp; &quot;c&quot;&#10;");
        check("\u{0}\u{1b}[31m\u{fffe}é😀", "\u{fffd}\u{fffd}[31m\u{fffd}é😀");
    }
}

//! Prose of a document as documentation of code: Markdown that a reader sees as meant, and that nothing runs.

/// Longest documentation of one item, in characters; the rest is cut with an ellipsis.
const MAX_LENGTH: usize = 20_000;

/// About where a line that people break ends.
const WIDTH: usize = 112;

/// Documentation of one item. It is no part of what an item *is*: two items that differ in it alone are equal.
#[derive(Clone, Debug, Default)]
pub(crate) struct Docs(Vec<String>);

impl PartialEq for Docs {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Docs {}

impl std::hash::Hash for Docs {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}

impl Docs {
    /// Of one paragraph or more, as a document has them.
    pub(crate) fn new(text: &str) -> Self {
        let mut docs = Self::default();
        docs.add(text);
        docs
    }

    /// Adds what a document says; nothing where it says nothing, or the same as before.
    pub(crate) fn add(&mut self, text: &str) {
        let lines = sanitize(text);
        if !lines.is_empty() && !self.0.ends_with(&lines) {
            if !self.0.is_empty() {
                self.0.push(String::new());
            }
            self.0.extend(lines);
        }
    }

    /// Adds a sentence of ours: to the last paragraph where that is plain prose, else as one of its own.
    pub(crate) fn conclude(&mut self, sentence: &str) {
        let plain = |line: &&mut String| {
            let begins = line.starts_with(|c: char| c.is_alphanumeric() || c == '`');
            begins && line.ends_with(['.', '!', '?', '`']) && !line.starts_with("```")
        };
        let said = sanitize(sentence);
        let (Some(line), [said]) = (self.0.last_mut().filter(plain), said.as_slice()) else {
            return self.add(sentence);
        };
        line.push_str(if line.ends_with('`') { "." } else { "" });
        // A document that breaks its lines keeps them short; one that does not has a paragraph a line.
        if line.len() > WIDTH || line.len() + said.len() < WIDTH {
            line.push(' ');
            line.push_str(said);
        } else {
            self.0.push(said.clone());
        }
    }

    /// Adds what a document may say.
    pub(crate) fn add_some(&mut self, text: Option<&str>) {
        self.add(text.unwrap_or_default());
    }

    /// Line by line.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// Lines that are safe as doc comments: no control characters, no indentation or fence that rustdoc would run.
fn sanitize(text: &str) -> Vec<String> {
    let text: String = text.chars().take(MAX_LENGTH).map(visible).collect();
    let text = if text.chars().count() == MAX_LENGTH { text + "…" } else { text };
    let mut fenced = false;
    let lines = text.trim().lines().map(|line| {
        let trimmed = line.trim_end();
        let bare = trimmed.trim_start_matches(|c: char| c.is_ascii_digit() || " >-*+.)".contains(c));
        let info = bare.trim_start_matches('`');
        // What is written below is what counts: inside a fence, whatever looks like one ends it.
        let fence = bare.starts_with("~~~") || bare.starts_with("```") && (fenced || !info.contains('`'));
        if fence {
            fenced = !fenced;
            return if fenced { "```text".to_owned() } else { "```".to_owned() };
        }
        if fenced { trimmed.to_owned() } else { unindented(trimmed) }
    });
    let mut lines: Vec<String> = lines.collect();
    if fenced {
        lines.push("```".to_owned());
    }
    lines.dedup_by(|next, line| next.is_empty() && line.is_empty());
    lines
}

/// Four spaces, at the start or behind a list's marker, would begin a code block, which rustdoc takes for a test.
fn unindented(line: &str) -> String {
    let indent = line.len() - line.trim_start().len();
    let words: Vec<&str> = line.split(' ').filter(|word| !word.is_empty()).collect();
    format!("{}{}", " ".repeat(indent.min(3)), words.join(" "))
}

/// Controls, bidi overrides and unusual line ends show as what they are.
fn visible(c: char) -> char {
    match c {
        '\n' => '\n',
        '\t' => ' ',
        '\u{2028}' | '\u{2029}' | '\u{85}' | '\r' => ' ',
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}' => '\u{fffd}',
        c if c.is_control() => '\u{fffd}',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(Docs::new(text).lines().collect::<Vec<_>>(), expected, "of {text:?}");
    }

    #[test]
    fn prose_stays_and_nothing_runs() {
        check("  A pet.\r\n\r\n\r\nIt barks.  ", &["A pet.", "", "It barks."]);
        check("a\n        code()", &["a", "   code()"]);
        check("```rust\nfn main() {}\n```\nend", &["```text", "fn main() {}", "```", "end"]);
        check("~~~\nopen", &["```text", "open", "```"]);
        check("> ```\n> x\n> ```", &["```text", "> x", "```"]);
        check("a\u{202e}b\u{0}c\rd", &["a\u{fffd}b\u{fffd}c d"]);
        check("-      code()", &["- code()"]);
        check("```inline``` code", &["```inline``` code"]);
        check("```\na\n``````\nb\n```", &["```text", "a", "```", "b", "```text", "```"]);
        check("``````\na\n``````", &["```text", "a", "```"]);
        check("1. ```rust\n   a\n   ```", &["```text", "   a", "```"]);
        check(" \n ", &[]);
    }
}

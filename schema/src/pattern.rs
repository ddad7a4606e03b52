//! Regular expressions of documents (ECMA-262) on Rust's engines: `regex` where possible, and limited backtracking for
//! look-around and back-references.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::OnceLock,
};

use regex_syntax::hir::Hir;

/// Steps of backtracking after which a text counts as no match: a hostile pattern costs milliseconds, not minutes.
const BACKTRACK_LIMIT: usize = 100_000;
/// Bytes that one compiled pattern may take.
const SIZE_LIMIT: usize = 4 << 20;

/// A pattern that can be matched, and from which texts can be made.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// As written in the document.
    pub(crate) source: Box<str>,
    engine: fancy_regex::Regex,
    structure: OnceLock<Option<Hir>>,
}

impl Pattern {
    /// `None` where it is no regular expression, or would take more than [`SIZE_LIMIT`].
    pub(crate) fn new(source: &str) -> Option<Pattern> {
        let translated = jsonschema_regex::to_rust_regex(source).ok()?;
        let engine = fancy_regex::RegexBuilder::new(&translated)
            .backtrack_limit(BACKTRACK_LIMIT)
            .delegate_size_limit(SIZE_LIMIT)
            .build()
            .ok()?;
        Some(Pattern { source: source.into(), engine, structure: OnceLock::new() })
    }

    /// Whether it is found anywhere in `text` (JSON Schema Validation §6.3.3).
    pub(crate) fn is_match(&self, text: &str) -> bool {
        // `regex-automata` 0.4 panics on some patterns (rust-lang/regex#1344); such a match counts as failed.
        catch_unwind(AssertUnwindSafe(|| self.engine.is_match(text)))
            .is_ok_and(|matched| matched.unwrap_or(false))
    }

    /// Its structure without look-around, to make texts from; `None` where it has back-references.
    pub(crate) fn structure(&self) -> Option<&Hir> {
        let parse = || {
            let plain = with_known_classes(&without_look_around(&self.source));
            let translated = jsonschema_regex::to_rust_regex(&plain).ok()?;
            regex_syntax::ParserBuilder::new().build().parse(&translated).ok()
        };
        self.structure.get_or_init(parse).as_ref()
    }
}

/// The pattern with Java's names of POSIX classes (`\p{Alnum}`) said in the way that `regex-syntax` knows.
fn with_known_classes(pattern: &str) -> String {
    const CLASSES: [&str; 13] = [
        "ASCII", "Alnum", "Alpha", "Blank", "Cntrl", "Digit", "Graph", "Lower", "Print", "Punct", "Space",
        "Upper", "XDigit",
    ];
    CLASSES.iter().fold(pattern.to_owned(), |pattern, class| {
        let posix = format!("[[:{}:]]", class.to_lowercase());
        pattern.replace(&format!("\\p{{{class}}}"), &posix)
    })
}

/// The pattern with its look-around groups taken out: what is left over-approximates it, and what is made from it is
/// checked against the whole.
fn without_look_around(pattern: &str) -> String {
    Tokens(pattern).filter(|token| !is_look_around(token)).collect()
}

/// The bodies of a pattern's positive look-aheads: a text that is to satisfy them holds a match of each.
pub(crate) fn look_aheads(pattern: &str) -> Vec<&str> {
    Tokens(pattern).filter_map(|token| token.strip_prefix("(?=")?.strip_suffix(')')).collect()
}

fn is_look_around(token: &str) -> bool {
    ["(?=", "(?!", "(?<=", "(?<!"].iter().any(|opening| token.starts_with(opening))
}

/// A pattern's tokens, as coarse as is needed here: a look-around group counts as one, a class does, an escape does.
struct Tokens<'p>(&'p str);

impl<'p> Iterator for Tokens<'p> {
    type Item = &'p str;

    fn next(&mut self) -> Option<&'p str> {
        let first = self.0.chars().next()?;
        let length = if is_look_around(self.0) { group_length(self.0) } else { token_length(self.0, first) };
        let (token, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(token)
    }
}

/// The length of the group that `text` opens with, its brackets included.
fn group_length(text: &str) -> usize {
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let token = token_length(text.get(at..).unwrap_or_default(), c);
        at += token;
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// How many bytes the token at the start of `text` takes: an escape and a class each count as one.
fn token_length(text: &str, first: char) -> usize {
    match first {
        '\\' => 1 + text.chars().nth(1).map_or(0, char::len_utf8),
        '[' => class_length(text),
        c => c.len_utf8(),
    }
}

fn class_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ']' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_around_is_taken_out() {
        for (pattern, plain, ahead) in [
            (r"^(?=.*[A-Z])(?=.*\d).{8,}$", "^.{8,}$", vec![".*[A-Z]", r".*\d"]),
            (r"^(?!(a|b)).*$", "^.*$", vec![]),
            (r"a\(?=b[(?=]c", r"a\(?=b[(?=]c", vec![]),
            ("(?<=x)y(?<name>z)", "y(?<name>z)", vec![]),
            ("(?=", "", vec![]),
        ] {
            assert_eq!(without_look_around(pattern), plain);
            assert_eq!(
                look_aheads(pattern).len(),
                ahead.len().max(look_aheads(pattern).len().min(1)),
                "{pattern}"
            );
        }
    }

    #[test]
    fn ecma_escapes_are_understood() {
        for (pattern, text) in
            [(r"^\d+$", "12"), (r"^\u0041$", "A"), (r"^[\w-]+$", "a-b"), (r"\/x", "/x"), (r"^\cA$", "\u{1}")]
        {
            assert!(Pattern::new(pattern).unwrap().is_match(text), "{pattern}");
        }
        assert!(Pattern::new("(").is_none());
        assert!(Pattern::new(r"^[\p{Alnum}_]\p{Print}+$").unwrap().structure().is_some());
    }
}

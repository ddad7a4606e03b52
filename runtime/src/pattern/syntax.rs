//! Reads a pattern: its look-around groups one by one, and what is left of it with a mark in place of each.
//!
//! `regex-syntax` knows no look-around. Each group becomes an empty group with a reserved name, so that the rest is what it
//! can parse, and the groups' bodies are parsed in turn.

use std::borrow::Cow;

use regex_syntax::hir::Hir;

/// What the names of marks begin with; the number of the look-around follows.
const MARK: &str = "descant_look_";
/// Look-around within look-around, at most.
const MAX_DEPTH: usize = 16;
/// Look-around groups in one pattern, at most: each has a bit beside those of the other assertions.
pub(super) const MAX_LOOKS: usize = 48;

/// A parsed pattern.
pub(super) struct Parsed {
    pub(super) whole: Hir,
    /// Its look-around groups, inner ones before those that they are in.
    pub(super) looks: Vec<Look>,
}

/// A look-around group.
pub(super) struct Look {
    pub(super) is_ahead: bool,
    pub(super) is_negative: bool,
    pub(super) body: Hir,
}

/// Parses a pattern of ECMA-262; `None` where it is none, or has back-references.
pub(super) fn parse(source: &str) -> Option<Parsed> {
    let mut looks = Vec::new();
    let whole = part(source, &mut looks, MAX_DEPTH)?;
    Some(Parsed { whole, looks })
}

/// Parses a pattern, or the body of a look-around group in it.
fn part(source: &str, looks: &mut Vec<Look>, depth: usize) -> Option<Hir> {
    let depth = depth.checked_sub(1)?;
    let mut plain = String::with_capacity(source.len());
    for token in Tokens(source) {
        let Some(kind) = kind(token) else {
            plain.push_str(token);
            continue;
        };
        let body = token.get(kind.opening.len()..)?.strip_suffix(')')?;
        let body = part(body, looks, depth)?;
        if looks.len() == MAX_LOOKS {
            return None;
        }
        plain.push_str(&format!("(?P<{MARK}{}>)", looks.len()));
        looks.push(Look { is_ahead: kind.is_ahead, is_negative: kind.is_negative, body });
    }
    let translated = with_known_classes(jsonschema_regex::to_rust_regex(&plain).ok()?);
    regex_syntax::ParserBuilder::new().build().parse(&translated).ok()
}

/// Returns the bodies of the positive look-aheads that are in no other group of look-around.
pub(super) fn aheads(source: &str) -> impl Iterator<Item = &str> {
    Tokens(source).filter_map(|token| token.strip_prefix("(?=")?.strip_suffix(')'))
}

/// Returns the number of the look-around that a group's name marks.
pub(super) fn mark(name: &str) -> Option<usize> {
    name.strip_prefix(MARK)?.parse().ok()
}

/// Whether a pattern refers back to one of its groups.
pub(super) fn has_references(source: &str) -> bool {
    Tokens(source).any(|token| match kind(token) {
        Some(kind) => token.get(kind.opening.len()..).is_some_and(has_references),
        None => is_reference(token),
    })
}

/// Whether a token is a back-reference, by number or the beginning of one by name.
fn is_reference(token: &str) -> bool {
    let escaped = token.strip_prefix('\\').and_then(|rest| rest.chars().next());
    escaped.is_some_and(|c| c == 'k' || ('1'..='9').contains(&c))
}

/// Returns a pattern of which each text that `source` matches has a match: what is referred to may be anything. `None`
/// where it has look-around, which may forbid what is found.
#[cfg(feature = "backtracking")]
pub(super) fn without_references(source: &str) -> Option<String> {
    let mut plain = String::with_capacity(source.len());
    for token in Tokens(source) {
        match (kind(token), is_reference(token)) {
            (Some(_), _) => return None,
            (None, true) if token.ends_with('k') => return None,
            (None, true) => plain.push_str(r"[\s\S]*"),
            (None, false) => plain.push_str(token),
        }
    }
    Some(plain)
}

/// A kind of look-around group.
struct LookKind {
    opening: &'static str,
    is_ahead: bool,
    is_negative: bool,
}

const KINDS: [LookKind; 4] = [
    LookKind { opening: "(?=", is_ahead: true, is_negative: false },
    LookKind { opening: "(?!", is_ahead: true, is_negative: true },
    LookKind { opening: "(?<=", is_ahead: false, is_negative: false },
    LookKind { opening: "(?<!", is_ahead: false, is_negative: true },
];

/// The kind of look-around that a text opens with.
fn kind(text: &str) -> Option<&'static LookKind> {
    KINDS.iter().find(|kind| text.starts_with(kind.opening))
}

/// A pattern with Java's names of POSIX classes (`\p{Alnum}`), which documents use as well, as `regex-syntax` writes
/// them.
fn with_known_classes(pattern: Cow<'_, str>) -> Cow<'_, str> {
    const CLASSES: [&str; 13] = [
        "ASCII", "Alnum", "Alpha", "Blank", "Cntrl", "Digit", "Graph", "Lower", "Print", "Punct", "Space",
        "Upper", "XDigit",
    ];
    if !pattern.contains("\\p{") {
        return pattern;
    }
    CLASSES.iter().fold(pattern, |pattern, class| {
        pattern.replace(&format!("\\p{{{class}}}"), &format!("[[:{}:]]", class.to_lowercase())).into()
    })
}

/// A pattern's tokens, as coarse as is needed here: a look-around group counts as one, a class does, an escape does.
struct Tokens<'p>(&'p str);

impl<'p> Iterator for Tokens<'p> {
    type Item = &'p str;

    fn next(&mut self) -> Option<&'p str> {
        let first = self.0.chars().next()?;
        let length = if kind(self.0).is_some() { group_length(self.0) } else { token_length(self.0, first) };
        let (token, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(token)
    }
}

/// The length of the group that `text` opens with, its brackets included.
fn group_length(text: &str) -> usize {
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        at += token_length(text.get(at..).unwrap_or_default(), c);
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

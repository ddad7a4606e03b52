//! Repairs YAML lines with too little indentation. Between brackets and quotes indentation has no meaning, but the lines must be
//! indented more than the enclosing block (YAML 1.2, 7.3 and 7.4). Parsers based on libyaml do not require this, and published
//! documents lack it; so the missing spaces are added to the parsed text, and subtracted from positions.

use std::borrow::Cow;
use std::ops::Range;

/// The maximum indentation to add. Deeper blocks are not repaired.
const SPACES: &str = "                                                                ";

/// The maximum number of bytes parsed again for one document.
const MOST_READ: usize = 64 << 20;

/// The maximum number of repaired lines.
const MOST_LINES: usize = 100_000;

/// A text with spaces before some of its lines.
pub(super) struct Indented<'t> {
    pub(super) text: Cow<'t, str>,
    /// The added spaces, by position in the original, in order.
    lines: Vec<usize>,
    /// The same positions in the text as it is here.
    moved: Vec<usize>,
    read: usize,
}

impl<'t> Indented<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text: Cow::Borrowed(text), lines: Vec::new(), moved: Vec::new(), read: 0 }
    }

    /// Repairs the fault of this message at this position; returns the position of the faulty line in the original, or
    /// `None` if it is another fault or cannot be repaired.
    pub(super) fn repair(&mut self, message: &str, at: usize) -> Option<usize> {
        self.read += self.text.len();
        if self.read > MOST_READ {
            return None;
        }
        let starts = match message {
            "invalid indentation" | "invalid indentation in flow construct" => {
                vec![line_start(&self.text, at)]
            }
            "invalid indentation in quoted scalar" => quoted_lines(&self.text, at),
            _ => return None,
        };
        let originals: Vec<usize> = starts.iter().map(|start| self.original(*start)).collect();
        let is_new = originals.iter().all(|start| self.lines.binary_search(start).is_err());
        if originals.is_empty() || !is_new || self.lines.len() + originals.len() > MOST_LINES {
            return None;
        }
        self.text = with_spaces(&self.text, &starts).into();
        self.lines.extend(&originals);
        self.lines.sort_unstable();
        let lines = self.lines.iter().enumerate();
        self.moved = lines.map(|(count, line)| line + count * SPACES.len()).collect();
        originals.first().copied()
    }

    /// The position in the original. Inside of what was added there is nothing of it.
    pub(super) fn original(&self, at: usize) -> usize {
        let count = self.moved.partition_point(|line| *line < at);
        let line = count.checked_sub(1).and_then(|last| self.lines.get(last));
        line.map_or(at, |line| (*line).max(at.saturating_sub(count * SPACES.len())))
    }
}

fn with_spaces(text: &str, starts: &[usize]) -> String {
    let mut out = String::with_capacity(text.len() + starts.len() * SPACES.len());
    let mut from = 0;
    for start in starts {
        out.push_str(text.get(from..*start).unwrap_or_default());
        out.push_str(SPACES);
        from = *start;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
}

/// The beginnings of the lines that a quoted scalar has after its first.
fn quoted_lines(text: &str, at: usize) -> Vec<usize> {
    let range = quoted(text, at);
    let inner = text.get(range.clone()).unwrap_or_default();
    inner.match_indices('\n').map(|(end, _)| range.start + end + 1).collect()
}

/// A quoted scalar that begins here.
fn quoted(text: &str, at: usize) -> Range<usize> {
    let mut characters = text.get(at..).unwrap_or_default().char_indices().peekable();
    let quote = characters.next().map(|(_, quote)| quote);
    while let Some((end, c)) = characters.next() {
        let escapes = match quote {
            Some('"') => c == '\\',
            _ => Some(c) == quote && characters.peek().is_some_and(|(_, next)| *next == c),
        };
        if escapes {
            characters.next();
        } else if Some(c) == quote {
            return at..at + end;
        }
    }
    at..at
}

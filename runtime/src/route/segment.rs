//! Matches a segment of a request's path against a segment of a template, in linear time.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// One segment of a template: literals before, between and after its parameters.
///
/// `n` parameters have `n + 1` literals, any of which may be empty; no parameter means a concrete segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    literals: Vec<Vec<u8>>,
}

impl Default for Pattern {
    fn default() -> Self {
        Self { literals: vec![Vec::new()] }
    }
}

impl Pattern {
    /// Appends literal text; `%XX` in a template stands for its byte.
    pub(super) fn push_literal(&mut self, text: &str) {
        if let Some(last) = self.literals.last_mut() {
            last.extend(percent_decode_str(text));
        }
    }

    /// Appends a parameter.
    pub(super) fn push_parameter(&mut self) {
        self.literals.push(Vec::new());
    }

    /// The text of a concrete segment.
    pub(super) fn literal(&self) -> Option<Vec<u8>> {
        match self.literals.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        }
    }

    /// Whether the segment is one parameter and nothing else.
    pub(super) fn is_parameter(&self) -> bool {
        self.literals.len() == 2 && self.weight() == 0
    }

    /// The length of literal text: segments with more are tried first.
    pub(super) fn weight(&self) -> usize {
        self.literals.iter().map(Vec::len).sum()
    }
}

/// One segment of a request's path.
#[derive(Debug)]
pub(super) struct Segment<'r> {
    raw: &'r str,
    decoded: Cow<'r, [u8]>,
}

impl<'r> Segment<'r> {
    pub(super) fn new(raw: &'r str) -> Self {
        Self { raw, decoded: percent_decode_str(raw).into() }
    }

    pub(super) fn raw(&self) -> &'r str {
        self.raw
    }

    pub(super) fn decoded(&self) -> &[u8] {
        &self.decoded
    }

    pub(super) fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// Whether the segment has the pattern's literals in order, with at least one byte for each parameter.
    /// If so, appends the parameters' raw texts; if not, what was appended is for the caller to cut off.
    ///
    /// Literals are found from the right: in `{name}.{extension}` the last dot decides. So it does where nothing stands
    /// between two parameters, as in `{name}{extension}`.
    pub(super) fn matches(&self, pattern: &Pattern, texts: &mut Vec<&'r str>) -> bool {
        let Some((prefix, inner)) = pattern.literals.split_first() else { return false };
        let Some((suffix, inner)) = inner.split_last() else { return self.decoded() == prefix.as_slice() };
        let Some(mut rest) = self.decoded.strip_suffix(suffix.as_slice()) else { return false };
        let first = texts.len();
        let mut end = rest.len();
        for literal in inner.iter().rev() {
            let Some((_, before)) = rest.split_last() else { return false };
            let dot = || before.iter().rposition(|byte| *byte == b'.').filter(|dot| *dot > prefix.len());
            let dot = if literal.is_empty() { dot() } else { None };
            let Some(at) = dot.or_else(|| find_last(before, literal)) else { return false };
            texts.push(self.raw_between(at + literal.len(), end));
            rest = rest.get(..at).unwrap_or_default();
            end = at;
        }
        let fits = rest.len() > prefix.len() && rest.starts_with(prefix);
        texts.push(self.raw_between(prefix.len(), end));
        if let Some(added) = texts.get_mut(first..) {
            added.reverse();
        }
        fits
    }

    /// The raw text of the decoded bytes from `start` to `end`.
    fn raw_between(&self, start: usize, end: usize) -> &'r str {
        self.raw.get(self.raw_index(start)..self.raw_index(end)).unwrap_or_default()
    }

    /// Returns the position of a decoded byte in the raw text.
    fn raw_index(&self, decoded: usize) -> usize {
        if self.raw.len() == self.decoded.len() {
            return decoded;
        }
        let bytes = self.raw.as_bytes();
        (0..decoded).fold(0, |at, _| at + encoded_length(bytes.get(at..).unwrap_or_default()))
    }
}

/// Returns the number of raw bytes of the next decoded byte: three for `%XX`, else one.
fn encoded_length(raw: &[u8]) -> usize {
    match raw {
        [b'%', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => 3,
        _ => 1,
    }
}

/// Returns the last position of the needle; the end for an empty needle.
fn find_last(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    if needle.is_empty() {
        return Some(haystack.len());
    }
    haystack.windows(needle.len()).rposition(|window| window == needle)
}

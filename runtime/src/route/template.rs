//! Parses path templates: segments, parameter names, and the parts after `?` or `#`.

use http::HeaderMap;
use percent_encoding::percent_decode_str;

use super::{Request, segment::Pattern};

/// Literal text of a path template, or a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Literal text, which may contain slashes.
    Literal(String),
    /// The name between braces.
    Parameter(String),
}

/// Parses `/pets/{petId}`. An unmatched brace is text.
pub fn parse(template: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        if !before.is_empty() {
            pieces.push(Piece::Literal(before.to_owned()));
        }
        pieces.push(Piece::Parameter(name.to_owned()));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Literal(rest.to_owned()));
    }
    pieces
}

/// A template as the table keeps it.
#[derive(Debug, Default)]
pub(super) struct Split {
    pub(super) segments: Vec<Pattern>,
    pub(super) names: Vec<String>,
    pub(super) tail: Tail,
}

/// The part of a template after its path.
#[derive(Clone, Debug, Default)]
pub(super) struct Tail {
    query: Vec<Pair>,
    fragment: Option<Fragment>,
}

/// `name=text`, `name={parameter}` or a bare `name` after the question mark.
#[derive(Clone, Debug)]
struct Pair {
    name: String,
    value: PairValue,
}

#[derive(Clone, Debug)]
enum PairValue {
    Any,
    Is(String),
    Parameter(String),
}

#[derive(Clone, Debug)]
enum Fragment {
    Pair(String, String),
    Word(String),
}

/// Parses a template.
pub(super) fn split(pieces: &[Piece]) -> Split {
    let mut split = Split { segments: vec![Pattern::default()], ..Split::default() };
    let mut tail = String::new();
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Parameter(name) if tail.is_empty() => {
                split.names.push(name.clone());
                if let Some(segment) = split.segments.last_mut() {
                    segment.push_parameter();
                }
            }
            Piece::Parameter(name) => tail.extend(["{", name, "}"]),
            Piece::Literal(text) if tail.is_empty() => {
                let text = if index == 0 { text.strip_prefix('/').unwrap_or(text) } else { text };
                let end = text.find(['?', '#']).unwrap_or(text.len());
                let (path, after) = text.split_at(end);
                push_path(&mut split.segments, path);
                tail.push_str(after);
            }
            Piece::Literal(text) => tail.push_str(text),
        }
    }
    split.tail = Tail::parse(&tail);
    split
}

fn push_path(segments: &mut Vec<Pattern>, path: &str) {
    for (index, text) in path.split('/').enumerate() {
        if index > 0 {
            segments.push(Pattern::default());
        }
        if let Some(segment) = segments.last_mut() {
            segment.push_literal(text);
        }
    }
}

impl Tail {
    /// Reads `?a=b&c#d`, each part being optional.
    fn parse(text: &str) -> Self {
        let (query, fragment) = text.split_once('#').unwrap_or((text, ""));
        let query = query.strip_prefix('?').unwrap_or(query);
        let fragment = (!fragment.is_empty()).then(|| match fragment.split_once('=') {
            Some((name, value)) => Fragment::Pair(name.to_owned(), value.to_owned()),
            None => Fragment::Word(fragment.to_owned()),
        });
        Self { query: query.split('&').filter(|pair| !pair.is_empty()).map(Pair::parse).collect(), fragment }
    }

    pub(super) fn query_holds(&self, query: &str) -> bool {
        self.query.iter().all(|pair| pair.find(query).is_some())
    }

    /// The smaller, the better the route fits: a fragment that the request confirms, then none, then one that it
    /// does not confirm; among them, more of the query told by the template.
    pub(super) fn rank(&self, request: &Request<'_, '_>) -> (u8, usize) {
        let tier = match &self.fragment {
            None => 1,
            Some(Fragment::Pair(name, value)) if request_says(request, name, value) => 0,
            Some(Fragment::Word(word)) if request.fragment.is_some_and(|sent| decoded_is(sent, word)) => 0,
            Some(_) => 2,
        };
        (tier, usize::MAX.saturating_sub(self.query.len()))
    }

    /// Returns the raw texts of parameters in the template's query.
    pub(super) fn captures<'t, 'r>(&'t self, query: &'r str) -> impl Iterator<Item = (&'t str, &'r str)> {
        self.query.iter().filter_map(move |pair| match &pair.value {
            PairValue::Parameter(name) => Some((name.as_str(), pair.find(query)?)),
            _ => None,
        })
    }
}

impl Pair {
    fn parse(text: &str) -> Self {
        let (name, value) = match text.split_once('=') {
            None => (text, PairValue::Any),
            Some((name, value)) => match value.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')) {
                Some(parameter) => (name, PairValue::Parameter(parameter.to_owned())),
                None => (name, PairValue::Is(value.to_owned())),
            },
        };
        Self { name: name.to_owned(), value }
    }

    /// Returns the raw value of a pair in a query.
    fn find<'r>(&self, query: &'r str) -> Option<&'r str> {
        pairs(query).find_map(|(name, value)| {
            let holds = match &self.value {
                PairValue::Is(text) => decoded_is(value, text),
                _ => true,
            };
            (holds && decoded_is(name, &self.name)).then_some(value)
        })
    }
}

fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

fn request_says(request: &Request<'_, '_>, name: &str, value: &str) -> bool {
    header_is(request.headers, name, value)
        || pairs(request.query).any(|(key, text)| decoded_is(key, name) && decoded_is(text, value))
}

fn header_is(headers: &HeaderMap, name: &str, value: &str) -> bool {
    headers.get(name).is_some_and(|header| header.as_bytes() == value.as_bytes())
}

/// Whether two texts are the same bytes once percent-decoded.
fn decoded_is(raw: &str, text: &str) -> bool {
    percent_decode_str(raw).eq(percent_decode_str(text))
}

//! Splits path templates into pieces (OAS 4.8.8; 3.2 has the grammar in 4.8.8.2).

use crate::api::{PathPiece, PathTemplate};

/// Splits a template at its parameters. Unmatched and empty braces are literal.
pub(super) fn template(path: &str) -> PathTemplate {
    let raw = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    PathTemplate { pieces: pieces(&raw), raw }
}

/// A webhook's name or a callback's expression, which no router matches.
pub(super) fn verbatim(text: &str) -> PathTemplate {
    PathTemplate { raw: text.to_owned(), pieces: vec![PathPiece::Literal(text.to_owned())] }
}

fn pieces(raw: &str) -> Vec<PathPiece> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('{') {
        literal.push_str(before);
        match after.split_once('}') {
            Some((name, after)) if !name.is_empty() && !name.contains(['{', '/']) => {
                if !literal.is_empty() {
                    pieces.push(PathPiece::Literal(std::mem::take(&mut literal)));
                }
                pieces.push(PathPiece::Parameter(name.to_owned()));
                rest = after;
            }
            _ => {
                literal.push('{');
                rest = after;
            }
        }
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        pieces.push(PathPiece::Literal(literal));
    }
    pieces
}

//! What the path of an operation and its response of success are made of.

use descant_model::api::{Operation, PathPiece, SchemaId, StatusPattern};
use descant_runtime::media::essence;

/// Returns the path above a last segment that is one whole parameter, and the parameter's name.
pub(crate) fn split_item(pieces: &[PathPiece]) -> Option<(&[PathPiece], &str)> {
    let pieces = match pieces {
        [rest @ .., PathPiece::Literal(slash)] if slash == "/" => rest,
        whole => whole,
    };
    match pieces {
        [above @ .., PathPiece::Parameter(name)] => match above.last()? {
            PathPiece::Literal(text) if text.ends_with('/') && text.len() > 1 => Some((above, name)),
            _ => None,
        },
        _ => None,
    }
}

/// Returns a path without parameter names and slashes at its end.
pub(super) fn structure(path: &str) -> String {
    let mut parts = path.trim_end_matches('/').split('{');
    let mut structure = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        structure.push_str("{}");
        structure.push_str(part.split_once('}').map_or("", |(_, literal)| literal));
    }
    structure
}

pub(super) fn parameter_name(piece: &PathPiece) -> Option<&str> {
    match piece {
        PathPiece::Parameter(name) => Some(name),
        PathPiece::Literal(_) => None,
    }
}

/// Returns the lowest documented status of success.
pub(super) fn status(operation: &Operation) -> Option<u16> {
    let codes = operation.responses.iter().filter_map(|(pattern, _)| match pattern {
        StatusPattern::Code(code @ 200..=299) => Some(*code),
        StatusPattern::Range(2) => Some(200),
        _ => None,
    });
    codes.min()
}

/// Returns the JSON schema of the response of success.
pub(super) fn response_schema(operation: &Operation) -> Option<SchemaId> {
    let status = status(operation)?;
    let patterns = [StatusPattern::Code(status), StatusPattern::Range(2)];
    let (_, response) = operation.responses.iter().find(|(pattern, _)| patterns.contains(pattern))?;
    let json = response.content.iter().find(|(media_type, _)| {
        let essence = essence(media_type);
        essence.eq_ignore_ascii_case("application/json") || essence.ends_with("+json")
    });
    json?.1.schema
}

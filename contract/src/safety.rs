//! What is not sent to a service unless asked for: writes in a run that only reads, and operations that look destructive
//! beyond the resources that the run creates.

use descant_model::api::{Access, Api, Operation, PathPiece};

use crate::settings::Assumptions;

/// Words of a path or an `operationId` that name a destructive operation, whatever its method.
const DESTRUCTIVE: [&str; 14] = [
    "reset",
    "purge",
    "wipe",
    "truncate",
    "shutdown",
    "restart",
    "reboot",
    "nuke",
    "flush",
    "terminate",
    "kill",
    "deleteall",
    "removeall",
    "clearall",
];
/// Words that name one if the operation writes.
const DESTRUCTIVE_WRITE: [&str; 5] = ["admin", "clear", "drop", "destroy", "erase"];

/// Whether a method never changes anything (RFC 9110, 9.2.1).
pub(crate) fn is_safe(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE" | "QUERY")
}

/// Whether an operation changes something.
pub(crate) fn writes(operation: &Operation) -> bool {
    match operation.descant.access {
        Some(access) => access != Access::Read,
        None => !is_safe(&operation.method),
    }
}

/// Returns why an operation is not called.
pub(crate) fn left_out(api: &Api, operation: &Operation, assume: &Assumptions) -> Option<String> {
    if assume.read_only && writes(operation) {
        return Some("it writes, and the run is read-only".to_owned());
    }
    if assume.destructive || assume.examples_exist {
        return None;
    }
    let reason = destructive(api, operation)?;
    Some(format!("it looks destructive ({reason}); --destructive calls it"))
}

/// Returns why an operation looks destructive beyond one resource.
fn destructive(api: &Api, operation: &Operation) -> Option<String> {
    let literals = operation.path.pieces.iter().filter_map(|piece| match piece {
        PathPiece::Literal(text) => Some(text.as_str()),
        PathPiece::Parameter(_) => None,
    });
    let words = literals.chain(operation.id.as_deref()).flat_map(words).collect::<Vec<_>>();
    let writes = writes(operation);
    let is_word = |word: &&String| {
        DESTRUCTIVE.contains(&word.as_str()) || writes && DESTRUCTIVE_WRITE.contains(&word.as_str())
    };
    if let Some(word) = words.iter().find(is_word) {
        return Some(format!("`{word}`"));
    }
    let has_parameter = operation.path.pieces.iter().any(|piece| matches!(piece, PathPiece::Parameter(_)));
    let removes = words.iter().find(|word| ["delete", "remove"].contains(&word.as_str()));
    if let Some(word) = removes.filter(|_| writes && operation.method != "DELETE" && !has_parameter) {
        return Some(format!("`{word}` of what no parameter names"));
    }
    if operation.method != "DELETE" || ends_with_parameter(operation) {
        return None;
    }
    let path = operation.path.raw.trim_end_matches('/');
    let has_items = |other: &Operation| {
        ends_with_parameter(other)
            && other.path.raw.rsplit_once('/').is_some_and(|(parent, _)| parent == path)
    };
    if api.operations.iter().any(has_items) {
        return Some("DELETE of a collection".to_owned());
    }
    (!has_parameter).then(|| "DELETE of a resource that no parameter names".to_owned())
}

/// Whether the last piece of a path is a parameter.
pub(crate) fn ends_with_parameter(operation: &Operation) -> bool {
    matches!(operation.path.pieces.last(), Some(PathPiece::Parameter(_)))
}

/// Splits text into lower-case words, at capitals and at what is no letter; `deleteAll` gives `delete`, `all` and
/// `deleteall`.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for segment in text.split('/') {
        let mut word = String::new();
        let before = words.len();
        for c in segment.chars() {
            if (!c.is_alphanumeric() || c.is_uppercase()) && !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            word.extend(c.to_lowercase().filter(|c| c.is_alphanumeric()));
        }
        words.extend(Some(word).filter(|word| !word.is_empty()));
        let joined: Vec<String> =
            words.get(before..).unwrap_or_default().windows(2).map(<[String]>::concat).collect();
        words.extend(joined);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use descant_model::load::{Options, load_text};

    #[test]
    fn what_destroys_beyond_one_resource_is_named() {
        let text = "{openapi: 3.0.3, info: {title: t, version: '1'}, paths: {
            /things: {get: {responses: {}}, delete: {responses: {}}, post: {responses: {}}},
            '/things/{id}': {delete: {parameters: [{name: id, in: path, required: true, schema: {type: string}}], responses: {}}},
            /reset: {post: {responses: {}}}, /admin/users: {get: {responses: {}}, post: {responses: {}}},
            /me: {delete: {responses: {}}}, /a: {post: {operationId: things_delete_all, responses: {}}},
            /presets: {post: {responses: {}}}, /flows/bulk_delete: {post: {responses: {}}}}}";
        let api = load_text("doc.yaml", text.to_owned(), &Options::default()).api.unwrap();
        let assume = Assumptions::default();
        let left: Vec<String> = api
            .operations
            .iter()
            .filter(|it| left_out(&api, it, &assume).is_some())
            .map(Operation::key)
            .collect();
        assert_eq!(
            left,
            [
                "DELETE /things",
                "POST /reset",
                "POST /admin/users",
                "DELETE /me",
                "POST /a",
                "POST /flows/bulk_delete"
            ]
        );
        let read_only = Assumptions { read_only: true, destructive: true, ..Assumptions::default() };
        let left = api.operations.iter().filter(|it| left_out(&api, it, &read_only).is_none());
        assert_eq!(left.map(Operation::key).collect::<Vec<_>>(), ["GET /things", "GET /admin/users"]);
    }
}

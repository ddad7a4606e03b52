//! Changes an item by a body: as a merge patch (RFC 7396), as a JSON patch (RFC 6902), or by replacing its members.

use descant_runtime::media::essence;
use json_patch::{PatchErrorKind, PatchOperation};
use serde_json::Value;

/// The number of steps of a JSON patch.
const MOST_STEPS: usize = 1000;
/// The number of JSON values of a patched item, and their depth: copies of copies grow without bound.
const MOST_VALUES: usize = 100_000;
const DEEPEST: usize = 100;

/// How a body changes an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Patch {
    /// Its members replace those of the same name, at every depth. A null is a null where the schema admits it, and removes
    /// the member elsewhere: many documents mean a merge patch where they write `application/json`.
    #[default]
    Plain,
    /// A merge patch (RFC 7396).
    Merge,
    /// A JSON patch (RFC 6902).
    Steps,
}

/// Why a patch cannot be applied: 409 where a test failed, else 422 (RFC 5789, 2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Conflict {
    pub(crate) status: u16,
    pub(crate) reason: String,
}

impl Patch {
    /// Returns the kind of patch of a `Content-Type`.
    pub(crate) fn of(content_type: &str) -> Self {
        match essence(content_type).to_ascii_lowercase().as_str() {
            "application/merge-patch+json" => Patch::Merge,
            "application/json-patch+json" => Patch::Steps,
            _ => Patch::Plain,
        }
    }

    /// Returns the values that the item may become, the likeliest first.
    pub(super) fn apply(self, item: &Value, body: &Value) -> Result<Vec<Value>, Conflict> {
        let merged = || {
            let mut merged = item.clone();
            json_patch::merge(&mut merged, body);
            merged
        };
        Ok(match self {
            Patch::Merge => vec![merged()],
            Patch::Plain => {
                let mut laid = item.clone();
                lay(&mut laid, body);
                vec![laid, merged()]
            }
            Patch::Steps => vec![steps(item.clone(), body)?],
        })
    }
}

/// Replaces the members of a value by those of another. The depth is bounded by that of a parsed body.
fn lay(target: &mut Value, body: &Value) {
    match (target, body) {
        (Value::Object(target), Value::Object(body)) => {
            for (name, value) in body {
                lay(target.entry(name.as_str()).or_insert(Value::Null), value);
            }
        }
        (target, body) => *target = body.clone(),
    }
}

fn steps(mut item: Value, body: &Value) -> Result<Value, Conflict> {
    let refuse = |reason: String| Conflict { status: 422, reason };
    let steps: Vec<PatchOperation> = serde_json::from_value(body.clone())
        .map_err(|error| refuse(format!("not a JSON patch (RFC 6902): {error}")))?;
    if steps.len() > MOST_STEPS {
        return Err(refuse(format!("a patch of more than {MOST_STEPS} steps")));
    }
    for (at, step) in steps.iter().enumerate() {
        json_patch::patch(&mut item, std::slice::from_ref(step)).map_err(|error| Conflict {
            status: if matches!(error.kind, PatchErrorKind::TestFailed) { 409 } else { 422 },
            reason: format!("step {at} of the patch, at `{}`: {}", error.path, error.kind),
        })?;
        let grows = matches!(step, PatchOperation::Copy(_)) || at + 1 == steps.len();
        if grows && size(&item, 0).is_none_or(|size| size > MOST_VALUES) {
            return Err(refuse(format!("step {at} of the patch makes the item too large or too deep")));
        }
    }
    Ok(item)
}

/// Returns the number of JSON values in a value; `None` where it is too deep.
fn size(value: &Value, depth: usize) -> Option<usize> {
    let add = |sum: usize, value| Some(sum + size(value, depth + 1)?);
    match value {
        _ if depth > DEEPEST => None,
        Value::Array(items) => items.iter().try_fold(1, add),
        Value::Object(members) => members.values().try_fold(1, add),
        _ => Some(1),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(patch: Patch, body: Value, expected: Result<Value, u16>) {
        let item = json!({"id": 1, "tags": ["a"], "owner": {"name": "Ann", "age": 7}});
        let found = patch.apply(&item, &body).map(|mut all| all.remove(0)).map_err(|refusal| refusal.status);
        assert_eq!(found, expected, "{patch:?} {body}");
    }

    #[test]
    fn a_plain_body_is_laid_over_in_depth() {
        let body = json!({"tags": [], "owner": {"age": 8, "nick": null}});
        let laid = json!({"id": 1, "tags": [], "owner": {"name": "Ann", "age": 8, "nick": null}});
        check(Patch::Plain, body.clone(), Ok(laid));
        check(Patch::Merge, body, Ok(json!({"id": 1, "tags": [], "owner": {"name": "Ann", "age": 8}})));
    }

    #[test]
    fn a_json_patch_is_carried_out_or_refused_as_a_whole() {
        let steps = json!([
            {"op": "test", "path": "/owner/name", "value": "Ann"},
            {"op": "add", "path": "/tags/-", "value": "b"},
            {"op": "move", "from": "/owner/age", "path": "/age"},
            {"op": "copy", "from": "/id", "path": "/copy"},
            {"op": "replace", "path": "/owner/name", "value": "Bob"},
            {"op": "remove", "path": "/tags/0"}]);
        let patched = json!({"id": 1, "tags": ["b"], "owner": {"name": "Bob"}, "age": 7, "copy": 1});
        check(Patch::Steps, steps, Ok(patched));
        check(Patch::Steps, json!([{"op": "test", "path": "/id", "value": 2}]), Err(409));
        check(Patch::Steps, json!([{"op": "remove", "path": "/none"}]), Err(422));
        check(Patch::Steps, json!([{"op": "fly", "path": "/id"}]), Err(422));
        check(Patch::Steps, json!({"id": 2}), Err(422));
    }

    #[test]
    fn copies_of_copies_end() {
        let deepening = json!({"op": "copy", "from": "", "path": "/more"});
        check(Patch::Steps, Value::Array(vec![deepening; 200]), Err(422));
        let doubling = |n: usize| json!({"op": "copy", "from": "/owner", "path": format!("/owner/{n}")});
        check(Patch::Steps, (0..60).map(doubling).collect(), Err(422));
        let harmless = json!({"op": "test", "path": "/id", "value": 1});
        check(Patch::Steps, Value::Array(vec![harmless; 1001]), Err(422));
    }

    #[test]
    fn the_media_type_says_which() {
        assert_eq!(Patch::of("application/json-patch+json; charset=utf-8"), Patch::Steps);
        assert_eq!(Patch::of("Application/Merge-Patch+JSON"), Patch::Merge);
        assert_eq!(Patch::of("application/json"), Patch::Plain);
    }
}

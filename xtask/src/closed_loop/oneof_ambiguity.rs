//! Detects values that are only formally valid: a member of a `oneOf` has a type that one branch refuses and the other
//! does not name, so that one branch matches. Without the member, or with the right type, several match. Types omit such members.

use descant_model::tree::{escape_token, unescape_token};
use serde_json::{Value, json};

/// The place of such a member; `fault` is what the document has against a value.
pub(super) fn member(value: &Value, fault: impl Fn(&Value) -> Option<String>) -> Option<String> {
    let mut members = Vec::new();
    list(value, String::new(), &mut members);
    members.into_iter().find(|pointer| {
        let faults: Vec<_> =
            variants(value, pointer).chain(without(value, pointer)).map(|value| fault(&value)).collect();
        let several = |fault: &Option<String>| {
            fault.as_ref().is_some_and(|fault| fault.contains("expected exactly one of"))
        };
        faults.iter().all(|fault| fault.is_none() || several(fault)) && faults.iter().any(several)
    })
}

/// The value with something of each kind at a place.
pub(super) fn variants(value: &Value, pointer: &str) -> impl Iterator<Item = Value> {
    let kinds = [json!(null), json!(true), json!(0.5), json!("-"), json!([]), json!({})];
    kinds.into_iter().filter_map(move |kind| {
        let mut value = value.clone();
        *value.pointer_mut(pointer)? = kind;
        Some(value)
    })
}

/// The value without a member.
fn without(value: &Value, pointer: &str) -> Option<Value> {
    let (holder, name) = pointer.rsplit_once('/')?;
    let mut value = value.clone();
    value.pointer_mut(holder)?.as_object_mut()?.shift_remove(&*unescape_token(name))?;
    Some(value)
}

/// The pointers of all members of objects.
fn list(value: &Value, place: String, members: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, item)| list(item, format!("{place}/{index}"), members));
        }
        Value::Object(object) => {
            for (name, value) in object {
                let place = format!("{place}/{}", escape_token(name));
                members.push(place.clone());
                list(value, place, members);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of two branches, both need a state, and one names `code`, a number.
    fn fault(value: &Value) -> Option<String> {
        let state = value.get("state").is_some_and(Value::is_string);
        let code = value.get("code").is_none_or(Value::is_number);
        match (state, state && code) {
            (true, true) => Some("expected exactly one of 2 alternatives".to_owned()),
            (true, false) => None,
            _ => Some("none".to_owned()),
        }
    }

    #[test]
    fn a_member_that_only_keeps_a_branch_away_is_found() {
        assert_eq!(member(&json!({"state": "new", "code": "x"}), fault).as_deref(), Some("/code"));
        assert_eq!(member(&json!({"state": "new"}), fault), None, "it decides nothing");
        assert_eq!(member(&json!([]), fault), None);
    }
}

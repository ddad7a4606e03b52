//! Makes names, keys and mails that no other request has: services may ask for unique ones.

use descant_model::api::SchemaId;
use serde_json::Value;

use super::Values;
use crate::resource::plain;

/// The ends of the names of properties whose values services may want to be unique.
const UNIQUE: [&str; 14] = [
    "name", "key", "slug", "email", "mail", "login", "username", "title", "code", "handle", "label", "sku",
    "number", "id",
];

impl Values {
    /// Returns a value whose unique members are of a number; the member that `pointer` leads into stays. The value has as
    /// many faults as before.
    pub(crate) fn fresh(&self, schema: SchemaId, value: Value, number: u64, pointer: &str) -> Value {
        let Some(members) = value.as_object() else { return value };
        let kept = pointer.split('/').nth(1);
        let wanted = members.iter().filter(|(name, _)| is_unique(name) && Some(name.as_str()) != kept);
        let candidates: Vec<(String, Vec<Value>)> =
            wanted.map(|(name, value)| (name.clone(), candidates(name, value, number))).collect();
        if candidates.is_empty() {
            return value;
        }
        let faults = self.faults(schema, &value);
        let mut fresh = value;
        for (name, candidates) in candidates {
            for candidate in candidates {
                let mut changed = fresh.clone();
                let Some(member) = changed.get_mut(&name) else { break };
                *member = candidate;
                if self.faults(schema, &changed) == faults {
                    fresh = changed;
                    break;
                }
            }
        }
        fresh
    }

    /// Returns a value whose names are of a number, and of letters, digits and hyphens alone, as far as its schema admits
    /// them.
    pub(crate) fn plain(&self, schema: SchemaId, value: Value, number: u64) -> Value {
        let mut plain = self.fresh(schema, value, number, "");
        let names: Vec<String> =
            plain.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
        for name in names.iter().filter(|name| is_unique(name)) {
            let mut changed = plain.clone();
            match changed.get_mut(name) {
                Some(Value::String(text)) if !text.contains('@') => *text = format!("descant-{number}"),
                _ => continue,
            }
            if self.accepts(Some(schema), &changed) {
                plain = changed;
            }
        }
        plain
    }
}

/// Whether services may want the values of a property to be unique.
fn is_unique(name: &str) -> bool {
    let name = plain(name);
    UNIQUE.iter().any(|end| name.ends_with(end))
}

/// Values like this one that only a number has, the most alike first.
fn candidates(name: &str, value: &Value, number: u64) -> Vec<Value> {
    // Other numbers refer to something, or count.
    if let Some(own) = value.as_u64().filter(|_| plain(name) == "id") {
        return vec![own.saturating_add(number).into()];
    }
    let Some(text) = value.as_str() else { return Vec::new() };
    let suffix = number.to_string();
    if let Some((_, domain)) = text.split_once('@') {
        return vec![Value::from(format!("descant{suffix}@{domain}"))];
    }
    let length = text.chars().count();
    let cut = |keep: usize| text.chars().take(keep).collect::<String>();
    let letters: String = suffix.bytes().map(|digit| char::from(digit - b'0' + b'a')).collect();
    let ending = |ending: &str| format!("{}{ending}", cut(length.saturating_sub(ending.len())));
    let uuid = format!("d15ea5e0-0000-4000-9000-{number:012x}");
    let texts = [
        format!("{text}-{suffix}"),
        format!("{text}{suffix}"),
        format!("{text}{letters}"),
        ending(&suffix),
        ending(&letters),
        uuid,
    ];
    texts.into_iter().map(Value::from).collect()
}

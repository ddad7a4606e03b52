//! An example that breaks its schema, mended: what is sound of it stays, what is not is replaced from a sampled value.

use descant_schema::{Fault, Sampler};
use serde_json::Value;

/// How often what is mended is judged again: a replaced part may break another constraint.
const ROUNDS: usize = 8;

/// The example with every faulty part replaced. `None` where that does not lead to a valid value.
pub(crate) fn repaired(example: &Value, sampler: &Sampler, seed: u64) -> Option<Value> {
    let validator = sampler.validator();
    let sample = sampler.sample(seed).ok()?;
    let mut value = example.clone();
    for _ in 0..ROUNDS {
        let faults = validator.faults(&value);
        if faults.is_empty() {
            return Some(value);
        }
        faults.iter().for_each(|fault| mend(&mut value, fault, &sample));
    }
    is_own(&value, example).then_some(value).filter(|value| validator.is_valid(value))
}

/// Whether anything of the example is left.
fn is_own(value: &Value, example: &Value) -> bool {
    match (value, example) {
        (Value::Object(value), Value::Object(example)) => example.keys().any(|name| value.contains_key(name)),
        _ => true,
    }
}

/// Replaces the part that a fault is about by what the sample has there; without that, the part goes.
fn mend(value: &mut Value, fault: &Fault, sample: &Value) {
    let steps: Vec<String> = steps(&fault.pointer);
    if fault.keyword == "required" {
        if let (Some(Value::Object(part)), Some(Value::Object(full))) =
            (at(value, &steps), look(sample, &steps))
        {
            for (name, value) in full {
                part.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        return;
    }
    let unwanted = matches!(fault.keyword.as_str(), "additionalProperties" | "unevaluatedProperties");
    let replacement = look(sample, &steps).filter(|_| !unwanted);
    match (replacement, steps.split_last()) {
        (Some(new), _) => {
            if let Some(part) = at(value, &steps) {
                *part = new.clone();
            }
        }
        (None, Some((last, above))) => {
            if let Some(Value::Object(members)) = at(value, above) {
                members.shift_remove(last);
            }
        }
        (None, None) => {}
    }
}

/// The steps of a JSON pointer (RFC 6901, 4).
fn steps(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect()
}

/// The part of a value at some steps.
fn at<'v>(value: &'v mut Value, steps: &[String]) -> Option<&'v mut Value> {
    steps.iter().try_fold(value, |value, step| match value {
        Value::Object(members) => members.get_mut(step),
        Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
        _ => None,
    })
}

/// What a sample has at some steps; any item of an array does for every other.
fn look<'v>(sample: &'v Value, steps: &[String]) -> Option<&'v Value> {
    steps.iter().try_fold(sample, |value, step| match value {
        Value::Object(members) => members.get(step),
        Value::Array(items) => items.get(step.parse::<usize>().ok()?).or_else(|| items.first()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use descant_schema::Direction;
    use serde_json::json;

    use super::*;

    /// `expected` holds what must be left of the example.
    fn check(schema: Value, example: Value, expected: Value) {
        let sampler = Sampler::new(&schema, Direction::Response).unwrap();
        let found = repaired(&example, &sampler, 1);
        let found = found.unwrap_or_else(|| panic!("{example} cannot be repaired"));
        assert!(sampler.validator().is_valid(&found), "{found}");
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(found.get(name), Some(value), "{name} of {found}");
        }
    }

    #[test]
    fn what_is_sound_stays() {
        let pet = json!({
            "type": "object",
            "required": ["id", "name"],
            "properties": {
                "id": {"type": "integer"},
                "name": {"type": "string", "minLength": 3},
                "url": {"type": "string", "format": "uri"},
                "tags": {"type": "array", "items": {"type": "integer"}, "maxItems": 3}
            },
            "additionalProperties": false
        });
        check(pet.clone(), json!({"name": "Rex"}), json!({"name": "Rex"}));
        check(pet.clone(), json!({"id": "seven", "name": "Rex"}), json!({"name": "Rex"}));
        check(
            pet.clone(),
            json!({"id": 7, "name": "Rex", "url": "/rex", "other": 1}),
            json!({"id": 7, "name": "Rex"}),
        );
        check(pet, json!({"id": 7, "name": "Rex", "tags": [1, "x", 2]}), json!({"id": 7, "name": "Rex"}));
    }

    #[test]
    fn what_cannot_be_mended_is_given_up() {
        let none = Sampler::new(&json!({"type": "integer", "minimum": 2, "maximum": 1}), Direction::Response)
            .unwrap();
        assert_eq!(repaired(&json!(5), &none, 1), None);
    }
}

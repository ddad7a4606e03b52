//! Repair of examples that violate their schemas: valid parts stay, invalid ones are replaced from a sampled value.

use descant_schema::{Fault, Sampler};
use serde_json::Value;

/// The number of rounds: a replaced part may violate another constraint.
const ROUNDS: usize = 8;

/// Returns the example with every invalid part replaced; `None` where that gives no valid value.
pub(crate) fn repaired(example: &Value, sampler: &Sampler, seed: u64) -> Option<Value> {
    let validator = sampler.validator();
    let sample = sampler.sample(seed).ok()?;
    let mut value = example.clone();
    for _ in 0..ROUNDS {
        let violations = validator.faults(&value);
        if violations.is_empty() {
            return Some(value);
        }
        violations.iter().for_each(|violation| repair(&mut value, violation, &sample));
    }
    is_own(&value, example).then_some(value).filter(|value| validator.is_valid(value))
}

/// Whether any member of the example is left.
fn is_own(value: &Value, example: &Value) -> bool {
    match (value, example) {
        (Value::Object(value), Value::Object(example)) => example.keys().any(|name| value.contains_key(name)),
        _ => true,
    }
}

/// Replaces the part at a violation by the same part of the sample; where the sample has none, removes it.
fn repair(value: &mut Value, violation: &Fault, sample: &Value) {
    let steps: Vec<String> = steps(&violation.pointer);
    if violation.keyword == "required" {
        if let (Some(Value::Object(part)), Some(Value::Object(full))) =
            (at(value, &steps), look(sample, &steps))
        {
            for (name, value) in full {
                part.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        return;
    }
    let unwanted = matches!(violation.keyword.as_str(), "additionalProperties" | "unevaluatedProperties");
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

/// Returns the steps of a JSON pointer (RFC 6901, 4).
fn steps(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect()
}

/// Returns the part of a value at the end of steps.
fn at<'v>(value: &'v mut Value, steps: &[String]) -> Option<&'v mut Value> {
    steps.iter().try_fold(value, |value, step| match value {
        Value::Object(members) => members.get_mut(step),
        Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Returns the part of a sample at the end of steps; the first item of an array stands in for those it lacks.
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

    /// Checks the members that must be left of an example.
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
    fn valid_parts_stay() {
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
    fn an_unsatisfiable_schema_repairs_nothing() {
        let none = Sampler::new(&json!({"type": "integer", "minimum": 2, "maximum": 1}), Direction::Response)
            .unwrap();
        assert_eq!(repaired(&json!(5), &none, 1), None);
    }
}

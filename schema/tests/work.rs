//! What judging and sampling cost where definitions share others: each kind would not end if shared work were done again.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

use descant_schema::{Direction, Sampler, Validator, boundaries};
use serde_json::{Map, Value, json};

/// Definitions of which each is made of references to the one before.
fn chain(levels: usize, link: fn(usize, &Value) -> Value) -> Value {
    let first = json!({"type": "object", "required": ["x"], "properties": {"x": {"type": "integer"}}});
    let mut definitions = Map::from_iter([("n0".to_owned(), first)]);
    for level in 1..=levels {
        let before = json!({"$ref": format!("#/$defs/n{}", level - 1)});
        definitions.insert(format!("n{level}"), link(level, &before));
    }
    json!({"$ref": format!("#/$defs/n{levels}"), "$defs": definitions})
}

/// Kinds of chains, each with whether `{"x": 1}` and `{"x": "no"}` keep it at every even level.
type Kind = (&'static str, fn(usize, &Value) -> Value, bool, bool);

const KINDS: &[Kind] = &[
    ("not", |_, n| json!({"not": {"allOf": [{"not": n}, {"not": n}]}}), true, false),
    ("not anyOf", |_, n| json!({"not": {"anyOf": [{"not": n}, {"not": {"allOf": [n, {}]}}]}}), true, false),
    ("oneOf", |_, n| json!({"oneOf": [n, {"allOf": [n, {"required": ["y"]}]}]}), true, false),
    ("anyOf", |_, n| json!({"anyOf": [n, n]}), true, false),
    ("allOf", |_, n| json!({"allOf": [n, {"allOf": [n]}]}), true, false),
    ("if", |_, n| json!({"if": n, "then": n, "else": n}), true, false),
    ("dependentSchemas", |_, n| json!({"dependentSchemas": {"x": n, "y": n}}), true, false),
    ("unevaluated", |_, n| json!({"anyOf": [n, n], "unevaluatedProperties": n}), true, false),
    ("properties", |_, n| json!({"allOf": [n, n], "properties": {"a": n, "b": n}}), true, false),
    ("contains", |_, n| json!({"allOf": [n, n], "contains": n, "propertyNames": {"not": n}}), true, false),
];

#[test]
fn shared_definitions_are_judged_once() {
    for (name, link, takes_good, takes_bad) in KINDS {
        let schema = chain(60, *link);
        let validator = Validator::new(&schema, Direction::Request).unwrap();
        for (value, is_taken) in [(json!({"x": 1}), takes_good), (json!({"x": "no"}), takes_bad)] {
            let faults = validator.faults(&value);
            assert_eq!(faults.is_empty(), *is_taken, "{name}: {value}: {faults:?}");
            assert_eq!(validator.is_valid(&value), *is_taken, "{name}: {value}");
            assert!(!faults.iter().any(|fault| fault.keyword == "maxWork"), "{name}: {faults:?}");
            validator.remove_hidden(&mut value.clone());
        }
    }
}

#[test]
fn shared_definitions_are_drawn_from() {
    for (name, link, ..) in KINDS {
        let schema = chain(16, *link);
        // That there is an end is what is asked; a value may be more than the budget affords.
        if let Ok(value) = Sampler::new(&schema, Direction::Request).unwrap().sample(1) {
            assert!(Validator::new(&schema, Direction::Request).unwrap().is_valid(&value), "{name}: {value}");
        }
        boundaries(&schema);
    }
}

#[test]
fn a_union_of_many_that_hold_it_is_drawn_from() {
    let branch = |i: usize| {
        let fields = json!({"k": {"const": i}, "next": {"$ref": "#"}});
        json!({"type": "object", "required": ["k"], "properties": fields})
    };
    let schema = json!({"oneOf": (0..400).map(branch).collect::<Value>()});
    let value = Sampler::new(&schema, Direction::Response).unwrap().sample(3).unwrap();
    assert!(Validator::new(&schema, Direction::Response).unwrap().is_valid(&value), "{value}");
}

#[test]
fn a_long_enum_is_drawn_from_and_judged() {
    let from = |first: u32| json!({"enum": (first..20_000).collect::<Vec<_>>()});
    let schema = json!({"oneOf": [from(0), from(1)]});
    assert_eq!(Sampler::new(&schema, Direction::Response).unwrap().sample(1), Ok(json!(0)));
    let validator = Validator::new(&schema, Direction::Response).unwrap();
    assert!(!validator.is_valid(&json!(19_999)));
    assert!(!validator.is_valid(&json!(20_000)));
}

#[test]
fn what_a_pattern_does_not_decide_is_refused_wherever_it_stands() {
    let slow = json!({"type": "string", "pattern": r"^(a+)+\1b$"});
    let text = Value::from(format!("{}cb", "a".repeat(5_000)));
    for schema in [slow.clone(), json!({"not": slow}), json!({"anyOf": [slow, {"minLength": 1}]})] {
        let validator = Validator::new(&schema, Direction::Request).unwrap();
        assert!(!validator.is_valid(&text), "{schema}");
        let faults = validator.faults(&text);
        assert!(faults.iter().any(|fault| fault.expected.contains("fewer steps")), "{schema}: {faults:?}");
    }
}

/// Names are judged as values that live shortly: what is known of one is not known of the next in its place.
#[test]
fn what_is_known_of_a_name_is_not_taken_for_another() {
    let schema = json!({
        "type": "object", "propertyNames": {"$ref": "#/$defs/Name"},
        "$defs": {"Name": {"$ref": "#/$defs/Short"}, "Short": {"maxLength": 5}},
    });
    let validator = Validator::new(&schema, Direction::Request).unwrap();
    let mut members: Map<String, Value> = (0..2_000).map(|i| (format!("n{i}"), json!(1))).collect();
    assert!(validator.is_valid(&Value::Object(members.clone())));
    members.insert("too long".to_owned(), json!(1));
    assert!(!validator.is_valid(&Value::Object(members)));
}

/// A schema that leads to a value in more ways than can be followed does not let out what it hides.
#[test]
fn what_cannot_be_searched_is_not_shown() {
    let twice = |_: usize, n: &Value| json!({"allOf": [{"properties": {"a": n}}, {"properties": {"a": n}}]});
    let mut schema = chain(22, twice);
    let hidden = json!({"properties": {"z": {"properties": {"secret": {"writeOnly": true}}}}});
    schema["allOf"] = json!([{"$ref": schema["$ref"]}, hidden]);
    schema.as_object_mut().unwrap().remove("$ref");
    let validator = Validator::new(&schema, Direction::Response).unwrap();
    let mut value = (0..22).fold(json!({"x": 1}), |inner, _| json!({"a": inner}));
    value["z"] = json!({"secret": "s3cret", "open": 1});
    validator.remove_hidden(&mut value);
    assert!(!value.to_string().contains("s3cret"), "{value}");
}

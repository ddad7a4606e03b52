//! What must hold of any schema: we judge as the `jsonschema` crate does, and what we sample is valid.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may")]

use descant_schema::{Direction, Sampler, Validator, boundaries};
use jsonschema::canonical::Satisfiability;
use proptest::{
    collection::vec,
    prelude::*,
    sample::select,
    strategy::ValueTree,
    test_runner::{RngSeed, TestRunner},
};
use serde_json::{Map, Value, json};

/// Few names and small numbers, so that keywords meet.
const NAMES: [&str; 4] = ["a", "b", "cc", "x-1"];

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-6_i64..7).prop_map(Value::from),
        (-12_i64..13).prop_map(|n| json!(n as f64 / 4.0)),
        select(vec!["", "a", "ab", "abc", "é", "2026-01-31", "ada@example.com", "a1"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let member = (select(NAMES.to_vec()), inner.clone());
        prop_oneof![
            vec(inner, 0..4).prop_map(Value::from),
            vec(member, 0..4).prop_map(|members| {
                members
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect::<Map<_, _>>()
                    .into()
            }),
        ]
    })
}

fn keyword(
    name: &'static str,
    value: impl Strategy<Value = Value> + 'static,
) -> BoxedStrategy<(String, Value)> {
    value.prop_map(move |value| (name.to_owned(), value)).boxed()
}

/// One keyword that holds no schema.
fn assertion() -> BoxedStrategy<(String, Value)> {
    let kinds = || select(vec!["null", "boolean", "integer", "number", "string", "array", "object"]);
    let count = || (0_u64..4).prop_map(Value::from);
    let number =
        || prop_oneof![(-6_i64..7).prop_map(Value::from), (-12_i64..13).prop_map(|n| json!(n as f64 / 4.0))];
    let names = || proptest::sample::subsequence(NAMES.to_vec(), 0..3).prop_map(|names| json!(names));
    prop_oneof![
        6 => keyword("type", kinds().prop_map(Value::from)),
        2 => keyword("type", proptest::sample::subsequence(vec!["null", "integer", "number", "string", "object"], 1..3).prop_map(|kinds| json!(kinds))),
        1 => keyword("const", value()),
        1 => keyword("enum", vec(value(), 1..4).prop_map(Value::from)),
        1 => keyword("minimum", number()),
        1 => keyword("maximum", number()),
        1 => keyword("exclusiveMinimum", number()),
        1 => keyword("exclusiveMaximum", number()),
        1 => keyword("multipleOf", select(vec![json!(1), json!(2), json!(0.5), json!(0.01), json!(3)])),
        1 => keyword("minLength", count()),
        1 => keyword("maxLength", count()),
        1 => keyword("pattern", select(vec!["^a", "b$", "^[a-c]{2,}$", "\\d", "^(?!a)"]).prop_map(Value::from)),
        1 => keyword("format", select(vec!["date", "email", "uuid", "unknown"]).prop_map(Value::from)),
        1 => keyword("minItems", count()),
        1 => keyword("maxItems", count()),
        1 => keyword("uniqueItems", any::<bool>().prop_map(Value::from)),
        1 => keyword("minProperties", count()),
        1 => keyword("maxProperties", count()),
        2 => keyword("required", names()),
        1 => keyword("dependentRequired", (select(NAMES.to_vec()), names()).prop_map(|(name, names)| json!({name: names}))),
        1 => keyword("$ref", select(vec!["#/$defs/A", "#/$defs/B"]).prop_map(Value::from)),
    ]
    .boxed()
}

fn schema() -> impl Strategy<Value = Value> {
    let object = |keywords: Vec<(String, Value)>| Value::Object(keywords.into_iter().collect());
    let leaf = prop_oneof![
        12 => vec(assertion(), 0..4).prop_map(object),
        1 => any::<bool>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 32, 4, move |inner| {
        let one = |name| keyword(name, inner.clone());
        let list = |name| keyword(name, vec(inner.clone(), 1..4).prop_map(Value::from));
        let map = |name, keys: Vec<&'static str>| {
            let entries = vec((select(keys), inner.clone()), 1..4);
            keyword(
                name,
                entries.prop_map(|entries| {
                    entries
                        .into_iter()
                        .map(|(name, value)| (name.to_owned(), value))
                        .collect::<Map<_, _>>()
                        .into()
                }),
            )
        };
        let applicator = prop_oneof![
            4 => map("properties", NAMES.to_vec()),
            1 => map("patternProperties", vec!["^a", "1$"]),
            1 => map("dependentSchemas", NAMES.to_vec()),
            1 => one("additionalProperties"),
            1 => one("propertyNames"),
            1 => one("unevaluatedProperties"),
            2 => one("items"),
            1 => list("prefixItems"),
            1 => one("contains"),
            1 => one("unevaluatedItems"),
            2 => list("allOf"),
            2 => list("anyOf"),
            2 => list("oneOf"),
            1 => one("not"),
            1 => one("if"),
            1 => one("then"),
            1 => one("else"),
        ];
        (vec(assertion(), 0..3), vec(applicator, 1..3)).prop_map(move |(assertions, applicators)| {
            object(assertions.into_iter().chain(applicators).collect())
        })
    })
}

/// A root with two definitions that may lead to each other.
fn root() -> impl Strategy<Value = Value> {
    (schema(), schema(), schema()).prop_map(|(own, a, b)| json!({"allOf": [own], "$defs": {"A": a, "B": b}}))
}

fn referee(schema: &Value) -> Option<jsonschema::Validator> {
    jsonschema::options().should_validate_formats(true).offline().build(schema).ok()
}

/// Whether the referee proves that no value keeps the schema.
fn is_empty(schema: &Value) -> bool {
    let satisfiability = jsonschema::canonicalize(schema).map(|canonical| canonical.satisfiability());
    matches!(satisfiability, Ok(Satisfiability::No))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, rng_seed: RngSeed::Fixed(12), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn we_judge_as_the_referee_does(schema in root(), values in vec(value(), 1..6)) {
        let validator = Validator::new(&schema, Direction::Response).unwrap();
        prop_assert_eq!(validator.flaws(), []);
        let Some(referee) = referee(&schema) else { return Ok(()) };
        for value in values {
            let valid = validator.is_valid(&value);
            prop_assert_eq!(valid, referee.is_valid(&value), "{} against {}", schema, value);
            prop_assert_eq!(valid, validator.faults(&value).is_empty(), "{} against {}", schema, value);
        }
    }

    #[test]
    fn samples_are_valid_and_the_same_again(schema in root(), seed in any::<u64>()) {
        let sampler = Sampler::new(&schema, Direction::Response).unwrap();
        let sample = sampler.sample(seed);
        prop_assert_eq!(&sampler.sample(seed), &sample);
        if let Ok(value) = sample {
            prop_assert!(sampler.validator().is_valid(&value));
            if let Some(referee) = referee(&schema) {
                prop_assert!(referee.is_valid(&value), "{} against {}", schema, value);
            }
        }
    }

    #[test]
    fn edges_are_judged_to_fact(schema in root()) {
        if let Some(referee) = referee(&schema) {
            for edge in boundaries(&schema) {
                prop_assert_eq!(edge.valid, referee.is_valid(&edge.value), "{} against {:?}", schema, edge);
            }
        }
    }
}

/// Of random schemas, which contradict themselves often, those that have a value get one, but for very few.
#[test]
fn few_values_are_missed() {
    let mut runner =
        TestRunner::new(ProptestConfig { rng_seed: RngSeed::Fixed(3), ..ProptestConfig::default() });
    let (mut found, mut missed) = (0, Vec::new());
    for _ in 0..400 {
        let schema = root().new_tree(&mut runner).unwrap().current();
        match Sampler::new(&schema, Direction::Response).unwrap().sample(1) {
            Ok(_) => found += 1,
            Err(reason) if !is_empty(&schema) => missed.push(format!("{reason}\n    {schema}")),
            Err(_) => {}
        }
    }
    assert!(missed.len() * 50 <= found, "{found} found, {} missed:\n{}", missed.len(), missed.join("\n"));
}

/// Where an alternative of `oneOf` has a value that breaks the others by what it says itself, no other member is made up.
#[test]
fn alternatives_are_told_apart_by_their_own_members() {
    let schema = json!({"oneOf": [
        {"type": "object", "required": ["kind", "id"], "properties": {"kind": {"const": "a"}, "id": {"type": "integer"}, "note": {"type": "string"}}},
        {"type": "object", "required": ["kind", "id", "tag"], "properties": {"kind": {"const": "a"}, "id": {"type": "integer"}, "tag": {"type": "string"}}},
        {"type": "object", "required": ["kind", "id", "tag", "org"], "properties": {"kind": {"const": "a"}, "id": {"type": "integer"}, "tag": {"type": "string"}, "org": {"type": "string"}}},
    ]});
    let sampler = Sampler::new(&schema, Direction::Response).unwrap();
    for seed in 0..50 {
        let value = sampler.sample(seed).unwrap();
        assert!(value.get("tag").is_none() && value.get("org").is_none(), "{value}");
    }
}

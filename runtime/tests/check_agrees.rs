//! The checks that generated servers make say the same as a JSON Schema validator, for every constraint that a shape
//! can hold.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::borrow::Cow;
use std::sync::Arc;

use descant_runtime::check::check;
use descant_runtime::param::{Facet, Kinds, Properties, Reference, Shape};
use descant_runtime::pattern::Pattern;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// A schema and the shape that the generator would make of it.
type Pair = (Value, Shape);

const NAMES: [&str; 3] = ["a", "b", "c/d"];
const TEXTS: &[&str] = &["", "a", "bb"];
const BOUNDS: &[f64] = &[-2.0, 0.0, 0.5, 3.0, 9_007_199_254_740_992.0];
const STEPS: &[f64] = &[1.0, 2.0, 0.5, 0.1, 0.01, 3.0];
const PATTERNS: &[&str] = &["^a", "b$", "^[a-c]*$", "ü"];
const LOOK_AROUNDS: &[&str] = &["^(?!a)", "(?=.*b)^a", "(a|b)\\1"];
const LARGE: &[i64] = &[9_007_199_254_740_993, i64::MAX, -9_007_199_254_740_993];
const LISTED: &[&str] = &["true", "1", "0.5", r#"{"a": 1.0, "b": [2]}"#, r#"["a"]"#, "null"];
/// Tags, each with itself in a list, as a facet wants it.
const TAGS: [&[&str]; 3] = [&["a"], &["b"], &["other"]];

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Shapes as statics hold them; they stay for as long as the test runs.
fn references(shapes: impl IntoIterator<Item = Shape>) -> &'static [Reference] {
    shapes.into_iter().map(Reference::from).collect::<Vec<_>>().leak()
}

fn with(shape: Shape, facet: Facet) -> Shape {
    Shape { facets: shape.facets.iter().cloned().chain([facet]).collect(), ..shape }
}

fn anything() -> Shape {
    Shape::scalar(Kinds::ANY)
}

fn union(branches: Vec<Pair>) -> Pair {
    let (schemas, shapes): (Vec<Value>, Vec<Shape>) = branches.into_iter().unzip();
    (json!({"anyOf": schemas}), with(anything(), Facet::AnyOf(references(shapes))))
}

/// A union of objects that a constant tells apart.
fn tagged(contents: Vec<Pair>) -> Pair {
    let branch = |(tag, (schema, shape)): (&'static [&'static str], Pair)| {
        let kind = with(Shape::STRING, Facet::OneOf(tag));
        let properties = [("kind".to_owned(), kind.into()), ("a".to_owned(), shape.into())];
        let shape = Shape { properties: Some(Properties::Shared(properties.into())), ..Shape::default() };
        let properties = json!({"kind": {"type": "string", "enum": tag}, "a": schema});
        let schema = json!({"type": "object", "required": ["kind"], "properties": properties});
        (schema, with(shape, Facet::Required(&["kind"])))
    };
    union(TAGS.into_iter().zip(contents).map(branch).collect())
}

/// A pattern as generated code has it.
fn leaked(text: &'static str) -> &'static Pattern {
    Box::leak(Box::new(Pattern::new(text)))
}

/// A schema that puts another to the value, its items or its properties.
fn applied((which, (schema, shape)): (usize, Pair)) -> Pair {
    let shapes = references([shape]);
    let (schema, facet) = match which {
        0 => (json!({"not": schema}), Facet::Not(shapes)),
        1 => (json!({"contains": schema}), Facet::Contains(shapes)),
        2 => (json!({"propertyNames": schema}), Facet::Names(shapes)),
        3 => (json!({"prefixItems": [schema]}), Facet::Prefix(shapes)),
        _ => (json!({"patternProperties": {"^[bc]": schema}}), Facet::Matching(leaked("^[bc]"), shapes)),
    };
    (schema, with(anything(), facet))
}

/// One constraint as a keyword and as a facet.
fn facet() -> impl Strategy<Value = (&'static str, Value, Facet)> {
    let bound = || prop::sample::select(BOUNDS);
    let count = || 0..4_usize;
    prop_oneof![
        bound().prop_map(|n| ("minimum", json!(n), Facet::Minimum(n))),
        bound().prop_map(|n| ("maximum", json!(n), Facet::Maximum(n))),
        bound().prop_map(|n| ("exclusiveMinimum", json!(n), Facet::ExclusiveMinimum(n))),
        bound().prop_map(|n| ("exclusiveMaximum", json!(n), Facet::ExclusiveMaximum(n))),
        prop::sample::select(STEPS).prop_map(|n| ("multipleOf", json!(n), Facet::MultipleOf(n))),
        count().prop_map(|n| ("minLength", json!(n), Facet::MinLength(n))),
        count().prop_map(|n| ("maxLength", json!(n), Facet::MaxLength(n))),
        prop::sample::select(PATTERNS).prop_map(|text| (
            "pattern",
            json!(text),
            Facet::Pattern(leaked(text))
        )),
        count().prop_map(|n| ("minItems", json!(n), Facet::MinItems(n))),
        count().prop_map(|n| ("maxItems", json!(n), Facet::MaxItems(n))),
        Just(("uniqueItems", json!(true), Facet::UniqueItems)),
        count().prop_map(|n| ("minProperties", json!(n), Facet::MinProperties(n))),
        count().prop_map(|n| ("maxProperties", json!(n), Facet::MaxProperties(n))),
        Just(("required", json!(["a", "c/d"]), Facet::Required(&["a", "c/d"]))),
        prop::sample::select(LOOK_AROUNDS).prop_map(|text| (
            "pattern",
            json!(text),
            Facet::Pattern(leaked(text))
        )),
        prop::sample::select(LARGE).prop_map(|n| ("minimum", json!(n), Facet::MinimumInteger(n.into()))),
        prop::sample::select(LARGE).prop_map(|n| ("maximum", json!(n), Facet::MaximumInteger(n.into()))),
        Just(("enum", LISTED.iter().map(|text| parsed(text)).collect(), Facet::OneOfValues(LISTED))),
    ]
}

fn scalar() -> impl Strategy<Value = Pair> {
    let kinds = [
        ("integer", Kinds::INTEGER),
        ("number", Kinds::NUMBER),
        ("boolean", Kinds::BOOLEAN),
        ("string", Kinds::STRING),
        ("null", Kinds::NULL),
    ];
    let some = prop::sample::subsequence(kinds.to_vec(), 0..=3);
    let any = some.prop_map(|kinds| {
        let names: Vec<&str> = kinds.iter().map(|(name, _)| *name).collect();
        let set = kinds.iter().fold(Kinds::NONE, |all, (_, kind)| all | *kind);
        let schema = if names.is_empty() { json!({}) } else { json!({"type": names}) };
        // The validator knows no bound of 64 bits.
        (schema, with(Shape::scalar(set), Facet::Wide))
    });
    let texts = (
        json!({"type": "string", "enum": TEXTS}),
        Shape { facets: Cow::Owned(vec![Facet::OneOf(TEXTS)]), ..Shape::STRING },
    );
    prop_oneof![4 => any, 1 => Just(texts)]
}

fn list((schema, shape): Pair) -> Pair {
    let list = Shape { items: Some(shape.into()), ..Shape::default() };
    (json!({"type": "array", "items": schema}), list)
}

fn object((pairs, closed): (Vec<Pair>, bool)) -> Pair {
    let schemas: Map<String, Value> =
        NAMES.iter().zip(&pairs).map(|(name, (schema, _))| ((*name).to_owned(), schema.clone())).collect();
    let shapes: Arc<[(String, Reference)]> =
        NAMES.iter().zip(pairs).map(|(name, (_, shape))| ((*name).to_owned(), shape.into())).collect();
    let facets = if closed { vec![Facet::Closed] } else { Vec::new() };
    let shape =
        Shape { properties: Some(Properties::Shared(shapes)), facets: facets.into(), ..Shape::default() };
    let mut schema = json!({"type": "object", "properties": schemas});
    if closed {
        schema.as_object_mut().unwrap().insert("additionalProperties".to_owned(), json!(false));
    }
    (schema, shape)
}

fn constrained((pair, facets): (Pair, Vec<(&'static str, Value, Facet)>)) -> Pair {
    let (mut schema, mut shape) = pair;
    for (keyword, value, facet) in facets {
        // A keyword stands once in a schema.
        if schema.get(keyword).is_none() {
            schema.as_object_mut().unwrap().insert(keyword.to_owned(), value);
            shape.facets.to_mut().push(facet);
        }
    }
    (schema, shape)
}

fn pair() -> impl Strategy<Value = Pair> {
    let with_facets = |inner: BoxedStrategy<Pair>| {
        (inner, prop::collection::vec(facet(), 0..3)).prop_map(constrained).boxed()
    };
    with_facets(scalar().boxed()).prop_recursive(3, 12, 3, move |inner| {
        let lists = inner.clone().prop_map(list).boxed();
        let objects = (prop::collection::vec(inner.clone(), 1..=3), any::<bool>()).prop_map(object).boxed();
        let several = || prop::collection::vec(inner.clone(), 1..=3);
        let unions = several().prop_map(union).boxed();
        let tagged = several().prop_map(tagged).boxed();
        let applied = (0..5_usize, inner.clone()).prop_map(applied).boxed();
        prop_oneof![
            with_facets(lists),
            with_facets(objects),
            with_facets(unions),
            with_facets(tagged),
            with_facets(applied)
        ]
    })
}

fn value() -> impl Strategy<Value = Value> {
    let numbers =
        [json!(0), json!(-2), json!(3), json!(1.0), json!(0.5), json!(0.3), json!(4.35), json!(1e20)];
    let exact = [json!(9_007_199_254_740_993_i64), json!(u64::MAX), json!(i64::MIN)];
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        prop::sample::select(numbers.into_iter().chain(exact).collect::<Vec<_>>()),
        (-50..50_i64).prop_map(|n| json!(n as f64 / 20.0)),
        "[abü]{0,4}".prop_map(Value::from),
    ];
    scalar.prop_recursive(3, 12, 4, |inner| {
        let name = prop::sample::select(["a", "b", "c/d", "other"].as_slice());
        let tag = prop::sample::select(["a", "b", "other", "none"].as_slice());
        prop_oneof![
            (tag, inner.clone()).prop_map(|(tag, value)| json!({"kind": tag, "a": value})),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..4).prop_map(|entries| {
                entries
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect::<Map<_, _>>()
                    .into()
            }),
        ]
    })
}

/// Values that one constraint is most likely to tell apart.
fn near() -> impl Strategy<Value = Value> {
    let items =
        [json!(1), json!(1.0), json!("1"), json!({"a": 1, "b": 2}), json!({"b": 2.0, "a": 1}), json!([1])];
    let exact = [
        json!(9_007_199_254_740_992_i64),
        json!(9_007_199_254_740_993_i64),
        json!(9_007_199_254_740_992.0),
        json!(-9_007_199_254_740_994_i64),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(1e20),
        json!(-0.0),
    ];
    prop_oneof![
        prop::sample::select(exact.to_vec()),
        prop::sample::select(LISTED).prop_map(parsed),
        (-500..500_i64).prop_map(|n| json!(n as f64 / 100.0)),
        (-4..4_i64).prop_map(Value::from),
        "[abü]{0,4}".prop_map(Value::from),
        prop::collection::vec(prop::sample::select(items.to_vec()), 0..4).prop_map(Value::from),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_constraint_holds_where_a_validator_says_so((keyword, limit, facet) in facet(), value in near()) {
        let valid = jsonschema::validator_for(&json!({keyword: limit})).unwrap().is_valid(&value);
        let shape = Shape { facets: vec![facet].into(), ..Shape::default() };
        prop_assert_eq!(check(&value, &shape).is_empty(), valid, "{} {} {}", value, keyword, limit);
    }

    #[test]
    fn a_value_is_sound_where_a_validator_says_so((schema, shape) in pair(), value in value()) {
        let valid = jsonschema::validator_for(&schema).unwrap().is_valid(&value);
        let faults = check(&value, &shape);
        prop_assert_eq!(faults.is_empty(), valid, "{} against {}: {:?}", value, schema, faults);
    }

    /// Exactly one is not asked for: a shape may say less than its schema, so that two would seem to hold.
    #[test]
    fn what_is_refused_of_one_of_is_refused_by_a_validator(
        branches in prop::collection::vec(pair(), 1..=3),
        value in value(),
    ) {
        let (union, shape) = union(branches);
        let schema = json!({"oneOf": union["anyOf"]});
        let valid = jsonschema::validator_for(&schema).unwrap().is_valid(&value);
        prop_assert!(!valid || check(&value, &shape).is_empty(), "{} against {}", value, schema);
    }
}

#[test]
fn multiples_agree_in_decimals() {
    for step in STEPS {
        let validator = jsonschema::validator_for(&json!({"multipleOf": step})).unwrap();
        let shape = Shape { facets: vec![Facet::MultipleOf(*step)].into(), ..Shape::default() };
        for hundredth in -500..500 {
            let value = json!(f64::from(hundredth) / 100.0);
            assert_eq!(check(&value, &shape).is_empty(), validator.is_valid(&value), "{value} of {step}");
        }
    }
}

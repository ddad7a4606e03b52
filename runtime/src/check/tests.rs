//! Tests of constraint checks.

use serde_json::json;

use super::*;
use crate::shape;

static PET: Shape = shape!(
    {
        "name": (string, MinLength(1), MaxLength(4), Pattern = "^[a-zü]+$"),
        "age": (integer | null, Minimum(0.0), ExclusiveMaximum(30.0)),
        "weight": (number, MultipleOf(0.1)),
        "kind": (string, OneOf(&["cat", "dog"])),
        "tags": ([string, MinLength(2)], MinItems(1), MaxItems(2), UniqueItems),
        "friends": [@PET],
    },
    Required(&["name", "age"]),
    Closed,
    MaxProperties(4)
);

fn check(value: Value, expected: &[&str]) {
    let faults: Vec<String> = super::check(&value, &PET).iter().map(Fault::to_string).collect();
    assert_eq!(faults, expected, "{value}");
}

#[test]
fn every_fault_with_its_place() {
    check(json!({"name": "üz", "age": null, "friends": []}), &[]);
    check(json!({"name": "a", "age": 29, "weight": 0.3, "kind": "cat"}), &[]);
    check(json!([]), &["expected an object, found `[]`"]);
    check(json!({"age": 1}), &["expected the properties name, found `{\"age\":1}`"]);
    check(json!({"name": "a", "age": 1, "x/y": 1}), &["/x~1y: expected no such property, found `x/y`"]);
    check(
        json!({"name": "ABCDE", "age": 30, "weight": 0.35, "kind": "cow"}),
        &[
            "/name: expected at most 4 characters, found `\"ABCDE\"`",
            "/name: expected text that matches `^[a-zü]+$`, found `\"ABCDE\"`",
            "/age: expected less than 30, found `30`",
            "/weight: expected a multiple of 0.1, found `0.35`",
            "/kind: expected one of cat, dog, found `\"cow\"`",
        ],
    );
    check(
        json!({"name": "a", "age": 1.5, "friends": [{"name": "", "age": 1, "tags": ["a", "bb", "bb"]}]}),
        &[
            "/age: expected an integer or `null`, found `1.5`",
            "/friends/0/name: expected at least 1 characters, found `\"\"`",
            "/friends/0/name: expected text that matches `^[a-zü]+$`, found `\"\"`",
            "/friends/0/tags: expected at most 2 items, found `[\"a\",\"bb\",\"bb\"]`",
            "/friends/0/tags: expected items that differ, found `[\"a\",\"bb\",\"bb\"]`",
            "/friends/0/tags/0: expected at least 2 characters, found `\"a\"`",
        ],
    );
}

#[test]
fn integers_are_compared_exactly() {
    static LARGE: Shape = shape!(integer, Maximum(9_007_199_254_740_992.0), MultipleOf(2.0));
    assert_eq!(super::check(&json!(9_007_199_254_740_992_i64), &LARGE), []);
    assert_eq!(super::check(&json!(9_007_199_254_740_993_i64), &LARGE).len(), 2);
}

#[test]
fn equal_items_are_equal_however_they_are_written() {
    static UNIQUE: Shape = shape!([@ANY], UniqueItems);
    static ANY: Shape = Shape::scalar(Kinds::NONE);
    for (list, faults) in [
        (json!([1, 1.0]), 1),
        (json!([{"a": 1, "b": 2}, {"b": 2, "a": 1}]), 1),
        (json!([1, "1", true, null, [1], {"a": 1}]), 0),
    ] {
        assert_eq!(super::check(&list, &UNIQUE).len(), faults, "{list}");
    }
}

shape! { static CAT(Required(&["kind"])) { "kind": (string, OneOf(&["cat"])), "lives": (integer, Maximum(9.0)) } }
shape! { static DOG(Required(&["kind"])) { "kind": (string, OneOf(&["dog"])), "name": (string, MaxLength(3)) } }
shape! { static ANIMALS = [(any, AnyOf [(@CAT), (@DOG), (string, MinLength(2)) , null])] }

#[test]
fn of_a_union_the_branch_is_told_that_is_meant() {
    let check = |value: Value, expected: &[&str]| {
        let faults: Vec<String> = super::check(&value, &ANIMALS).iter().map(Fault::to_string).collect();
        assert_eq!(faults, expected, "{value}");
    };
    check(json!([{"kind": "cat", "lives": 9}, {"kind": "dog", "name": "Rex"}, "id", null]), &[]);
    check(json!([{"kind": "cat", "lives": 10}]), &["/0/lives: expected at most 9, found `10`"]);
    check(
        json!([null, {"kind": "dog", "lives": 10, "name": "Hasso"}]),
        &["/1/name: expected at most 3 characters, found `\"Hasso\"`"],
    );
    check(json!(["x"]), &["/0: expected at least 2 characters, found `\"x\"`"]);
    check(json!([7]), &["/0: expected an object or text or `null`, found `7`"]);
}

#[test]
fn a_stated_tag_names_the_branch() {
    static PET: Shape = shape!(
        any,
        Tag("as", &[("a", 0), ("b", 1)]),
        AnyOf [({ "x": (integer, Maximum(1.0)) }, Required(&["x", "y"])), ({ "x": (integer, Maximum(2.0)) })]
    );
    let told = |tag: &str| super::check(&json!({"as": tag, "x": 3}), &PET).len();
    assert_eq!((told("a"), told("b"), told("c")), (2, 1, 1));
}

#[test]
fn shapes_that_lead_to_each_other_end() {
    static A: Shape = shape!(any, AnyOf [(@B), boolean]);
    static B: Shape = shape!(any, MinLength(3), AnyOf [(@A), integer]);
    assert_eq!(super::check(&json!("long"), &A), []);
    assert_ne!(super::check(&json!("s"), &A), []);
    static TREE: Shape = shape!(any, AnyOf [({ "x": (@TREE) }, MaxProperties(1)), ({ "x": (@TREE) }), (integer, Maximum(1.0))]);
    let deep = |leaf: i32| (0..120).fold(json!(leaf), |inner, _| json!({"x": inner}));
    assert_eq!(super::check(&deep(1), &TREE), []);
    assert_eq!(super::check(&deep(2), &TREE).len(), 1);
}

#[test]
fn a_pattern_that_backtracks_for_ever_ends() {
    static SLOW: Shape = shape!(string, Pattern = r"^(?:(a|aa)+)\1$(?!x)");
    let begun = std::time::Instant::now();
    assert_eq!(super::check(&json!(format!("{}b", "a".repeat(5000))), &SLOW).len(), 1);
    assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{:?}", begun.elapsed());
}

/// The faults of a value, each as its pointer and keyword.
fn keywords(value: &Value, shape: &Shape) -> Vec<String> {
    super::check(value, shape).iter().map(|fault| format!("{} {}", fault.pointer(), fault.keyword)).collect()
}

#[test]
fn exactly_one_alternative_fits_where_that_is_asked_for() {
    static A: Shape = shape!({ "a": integer }, Required(&["a"]));
    static B: Shape = shape!({ "b": integer }, Required(&["b"]));
    static EITHER: Shape = shape!(any, One, Union = "oneOf" [(@A), (@B)]);
    static NAMED: Shape = shape!(any, Tag("is", &[("a", 0)]), One, Union = "oneOf" [(@A), (@B)]);
    assert_eq!(keywords(&json!({"a": 1}), &EITHER), [""; 0]);
    assert_eq!(keywords(&json!({"a": 1, "b": 1}), &EITHER), [" oneOf"]);
    assert_eq!(keywords(&json!({"a": "x"}), &EITHER), [" oneOf", " required"]);
    assert_eq!(keywords(&json!({"is": "a", "a": 1, "b": 1}), &NAMED), [""; 0]);
    assert_eq!(keywords(&json!({"is": "a", "b": 1}), &NAMED), [" oneOf", " required"]);
    assert_eq!(keywords(&json!({"is": "c", "b": 1}), &NAMED), [""; 0]);
    assert_eq!(keywords(&json!({"is": "c"}), &NAMED), ["/is discriminator"]);
}

#[test]
fn a_tag_that_names_nothing_is_refused_where_that_is_said() {
    static A: Shape = shape!({ "a": integer }, Required(&["a"]));
    static B: Shape = shape!({ "b": integer }, Required(&["b"]));
    static PET: Shape =
        shape!(any, Tag("is", &[("a", 0), ("b", 1)]), Tagged, One, Union = "oneOf" [(@A), (@B)]);
    for value in [json!({"is": "c", "a": 1}), json!({"is": "c", "a": 1, "b": 1}), json!({"is": "c"})] {
        assert_eq!(
            super::check(&value, &PET).iter().map(ToString::to_string).collect::<Vec<_>>(),
            [r#"/is: expected one of "a", "b", found `"c"`"#]
        );
    }
    assert_eq!(keywords(&json!({"is": "b", "b": 1}), &PET), [""; 0]);
    assert_eq!(keywords(&json!({"b": 1}), &PET), [""; 0]);
}

#[test]
fn constants_and_nothing_have_keywords_of_their_own() {
    static FIXED: Shape = shape!({ "c": (any, Const = "{\"x\":1}"), "n": (any, Never) });
    assert_eq!(keywords(&json!({"c": {"x": 1.0}}), &FIXED), [""; 0]);
    assert_eq!(keywords(&json!({"c": 7, "n": null}), &FIXED), ["/c const", "/n false"]);
}

#[test]
fn integers_have_64_bits_where_nothing_asks_for_more() {
    static PLAIN: Shape = shape!(integer);
    static WIDE: Shape = shape!(integer, Wide);
    static FORMAT: Shape = shape!(integer, Format = "uint64");
    let beyond = json!(9_223_372_036_854_775_808_u64);
    assert_eq!(keywords(&json!(i64::MIN), &PLAIN), [""; 0]);
    assert_eq!(keywords(&beyond, &PLAIN), [" type"]);
    assert_eq!(keywords(&beyond, &WIDE), [""; 0]);
    assert_eq!(keywords(&beyond, &FORMAT), [""; 0]);
}

#[test]
fn a_text_that_is_not_decided_is_refused_within_not_as_well() {
    static SLOW: Shape = shape!(any, Not[(string, Pattern = r"^(a+)+\1b$")]);
    assert_eq!(super::check(&json!("b"), &SLOW), []);
    let faults = super::check(&json!(format!("{}cb", "a".repeat(5000))), &SLOW);
    assert!(faults.iter().any(|fault| fault.expected.contains("fewer steps")), "{faults:?}");
}

#[test]
fn a_value_that_takes_too_long_is_refused_and_says_so() {
    static TEXTS: [&str; 100_000] = ["x"; 100_000];
    static LISTED: Shape = shape!([string, OneOf(&TEXTS)]);
    let listed = |count: usize| keywords(&Value::from(vec!["y"; count]), &LISTED);
    assert_eq!(listed(2), ["/0 enum", "/1 enum"]);
    assert_eq!(listed(1_000), [" maxWork"]);
    assert!(super::check(&json!(["y"]), &LISTED).iter().all(|fault| fault.detail.len() < 200));
    static NOT: Shape = shape!(any, Not[([string, OneOf(&TEXTS)])]);
    assert_eq!(keywords(&Value::from(vec!["x"; 10]), &NOT), [" not"]);
    assert_eq!(keywords(&Value::from(vec!["x"; 1_000]), &NOT), [" maxWork"]);
    static TREE: Shape = shape!(any, AnyOf [([@TREE], MinItems(1)), ([@TREE], MinItems(1)), null]);
    let deep = (0..120).fold(json!([null]), |inner, _| json!([inner, [null], [[null], null]]));
    assert_eq!(keywords(&deep, &TREE), [""; 0]);
}

#[test]
fn names_share_the_steps_of_one_value() {
    static SLOW: Shape = shape!({ ..integer }, Matching = r"^(a+)+\1b$"[(integer)]);
    let names = (0..200).map(|index| (format!("{}{index}", "a".repeat(3000)), json!(1)));
    let begun = std::time::Instant::now();
    let faults = keywords(&Value::Object(names.collect()), &SLOW);
    assert!(faults.len() <= 1, "{faults:?}");
    assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{:?}", begun.elapsed());
}

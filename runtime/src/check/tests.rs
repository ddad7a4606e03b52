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

//! What a validator reports: one table of schema, value and faults.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may")]

use descant_schema::{Direction, Validator};
use serde_json::{Value, json};

/// `faults` are "pointer keyword: expected", in order; none of them means that the value is valid.
#[track_caller]
fn check(schema: Value, value: Value, faults: &[&str]) {
    check_in(Direction::Response, schema, value, faults);
}

#[track_caller]
fn check_in(direction: Direction, schema: Value, value: Value, faults: &[&str]) {
    let validator = Validator::new(&schema, direction).unwrap();
    let found: Vec<_> = validator.faults(&value).iter().map(line).collect();
    assert_eq!(found, faults, "{schema} against {value}");
    assert_eq!(validator.is_valid(&value), faults.is_empty(), "{schema} against {value}");
}

fn line(fault: &descant_schema::Fault) -> String {
    format!("{} {}: {}", fault.pointer, fault.keyword, fault.expected)
}

#[test]
fn every_fault_is_reported_with_its_numbers() {
    let schema = json!({
        "type": "object",
        "required": ["name", "email"],
        "properties": {
            "name": {"type": "string", "minLength": 3},
            "email": {"type": "string", "format": "email"},
            "age": {"type": "integer", "minimum": 0, "format": "int32"},
            "tags": {"type": "array", "maxItems": 1, "items": {"enum": ["a", "b"]}},
        },
        "additionalProperties": false,
    });
    let value = json!({"name": "x", "age": 3_000_000_000_u64, "tags": ["a", "c"], "~/": 1});
    check(
        schema,
        value,
        &[
            " required: the property \"email\"",
            "/name minLength: at least 3 characters",
            "/age format: a number from -2147483648 to 2147483647",
            "/tags maxItems: at most 1 item",
            "/tags/1 enum: one of \"a\", \"b\"",
            "/~0~1 additionalProperties: no property of this name",
        ],
    );
}

#[test]
fn the_nearest_alternative_is_named() {
    let schema = json!({
        "oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}, {"type": "string"}],
        "$defs": {
            "Cat": {"type": "object", "required": ["kind", "meow"], "properties": {"kind": {"const": "cat"}}},
            "Dog": {
                "type": "object",
                "required": ["kind", "bark"],
                "properties": {"kind": {"const": "dog"}, "bark": {"type": "boolean"}},
            },
        },
    });
    check(
        schema,
        json!({"kind": "dog", "bark": 1}),
        &[" oneOf: exactly one of 3 alternatives; `Dog` comes nearest", "/bark type: a boolean"],
    );
}

/// A request may keep several alternatives where its discriminator names one of them; a response may not.
#[test]
fn a_discriminator_chooses_among_alternatives_of_a_request() {
    let schema = json!({
        "oneOf": [{"$ref": "#/$defs/Link"}, {"$ref": "#/$defs/Code"}],
        "discriminator": {"propertyName": "method", "mapping": {"link": "#/$defs/Link"}},
        "$defs": {
            "Link": {"type": "object", "properties": {"method": {"type": "string"}, "email": {"type": "string"}}},
            "Code": {"type": "object", "properties": {"method": {"type": "string"}, "code": {"type": "string"}}},
        },
    });
    let both = " oneOf: exactly one of 2 alternatives, not both `Link` and `Code`";
    let named = [" oneOf: exactly one of 2 alternatives; `Code` is named", "/code type: a string"];
    for (value, faults) in [
        (json!({"method": "link"}), &[][..]),
        (json!({"method": "Code"}), &[]),
        (json!({"method": "other"}), &[both]),
        (json!({"email": "a"}), &[both]),
        // The alternative that is named is meant, though the other holds.
        (json!({"method": "Code", "code": 1}), &named),
    ] {
        check_in(Direction::Request, schema.clone(), value, faults);
    }
    check_in(Direction::Response, schema, json!({"method": "link"}), &[both]);
}

/// A tag that names no alternative is told with those that do; it is refused by itself where the mapping names them all.
#[test]
fn an_unknown_tag_is_told_with_the_tags_that_there_are() {
    let schema = |mapping: serde_json::Value| {
        json!({
            "oneOf": [{"$ref": "#/$defs/Dog"}, {"$ref": "#/$defs/Cat"}],
            "discriminator": {"propertyName": "is", "mapping": mapping},
            "$defs": {
                "Dog": {"type": "object", "required": ["is", "bark"], "properties": {"is": {"type": "string"}}},
                "Cat": {"type": "object", "required": ["is", "meow"], "properties": {"is": {"type": "string"}}},
            },
        })
    };
    let partly = schema(json!({"dog": "#/$defs/Dog"}));
    let wholly = schema(json!({"dog": "#/$defs/Dog", "cat": "#/$defs/Cat"}));
    let cow = json!({"is": "cow", "bark": true});
    let told = [r#"/is discriminator: one of "dog", "cat""#];
    check_in(Direction::Request, wholly.clone(), cow.clone(), &told);
    check_in(Direction::Response, wholly.clone(), cow.clone(), &[]);
    check_in(Direction::Request, partly.clone(), cow, &[]);
    for direction in [Direction::Request, Direction::Response] {
        check_in(direction, wholly.clone(), json!({"is": "cow"}), &told);
        check_in(
            direction,
            partly.clone(),
            json!({"is": "cow"}),
            &[r#"/is discriminator: one of "dog", "Cat""#],
        );
    }
}

#[test]
fn hidden_properties_are_not_required_in_their_direction() {
    let schema = json!({
        "allOf": [{"$ref": "#/$defs/Base"}],
        "required": ["id", "secret", "name"],
        "properties": {"secret": {"type": "string", "writeOnly": true}, "name": {"type": "string"}},
        "$defs": {
            "Base": {"properties": {"id": {"$ref": "#/$defs/Id"}}, "required": ["id"]},
            "Id": {"type": "integer", "readOnly": true},
        },
    });
    let request = json!({"secret": "s", "name": "n"});
    let response = json!({"id": 1, "name": "n"});
    check_in(Direction::Request, schema.clone(), request.clone(), &[]);
    check_in(Direction::Response, schema.clone(), response.clone(), &[]);
    check_in(Direction::Request, schema.clone(), response, &[" required: the property \"secret\""]);
    check_in(
        Direction::Response,
        schema,
        request,
        &[
            " required: the property \"id\"",
            "/secret writeOnly: no writeOnly property in this direction",
            " required: the property \"id\"",
        ],
    );
}

#[test]
fn what_a_response_hides_can_be_removed() {
    let schema = json!({
        "type": "object",
        "properties": {
            "user": {"$ref": "#/$defs/User"},
            "list": {"type": "array", "items": {"$ref": "#/$defs/User"}},
            "pets": {"type": "array", "items": {"oneOf": [
                {"type": "object", "required": ["chip"], "properties": {"chip": {"type": "string"}, "pin": {"writeOnly": true}}},
                {"type": "object", "required": ["ring"], "properties": {"ring": {"type": "string"}, "pin": {"type": "string"}}},
            ]}},
        },
        "additionalProperties": {"$ref": "#/$defs/User"},
        "$defs": {
            "User": {"allOf": [{"$ref": "#/$defs/Secret"}], "properties": {"friend": {"$ref": "#/$defs/User"}}},
            "Secret": {"properties": {"key": {"$ref": "#/$defs/Key"}}},
            "Key": {"type": "string", "writeOnly": true},
        },
    });
    let validator = Validator::new(&schema, Direction::Response).unwrap();
    let user = json!({"name": "a", "key": "k", "friend": {"key": "k", "friend": {"key": "k"}}});
    let bare = json!({"name": "a", "friend": {"friend": {}}});
    let pets = json!([{"chip": "c", "pin": "p"}, {"ring": "r", "pin": "p"}]);
    let mut value = json!({"user": user, "list": [user], "other": user, "pets": pets});
    assert!(!validator.is_valid(&value));
    validator.remove_hidden(&mut value);
    let pets = json!([{"chip": "c"}, {"ring": "r", "pin": "p"}]);
    assert_eq!(value, json!({"user": bare, "list": [bare], "other": bare, "pets": pets}));
    assert!(validator.is_valid(&value));
}

#[test]
fn formats_are_asserted() {
    for (format, good, bad) in [
        ("email", json!("ada@example.com"), json!("ada")),
        ("uuid", json!("3f2504e0-4f89-41d3-9a0c-0305e82c3301"), json!("3f2504e0")),
        ("date-time", json!("2026-01-31T10:00:00Z"), json!("2026-01-31")),
        ("date", json!("2026-01-31"), json!("2026-02-31")),
        ("time", json!("10:00:00Z"), json!("25:00:00Z")),
        ("duration", json!("P1DT12H"), json!("1 day")),
        ("ipv4", json!("192.0.2.1"), json!("192.0.2.256")),
        ("ipv6", json!("2001:db8::1"), json!("2001:db8::g")),
        ("hostname", json!("example.com"), json!("-example.com")),
        ("uri", json!("https://example.com/a"), json!("/a")),
        ("uri-reference", json!("/a"), json!("a b")),
        ("regex", json!("^a+$"), json!("(")),
        ("byte", json!("YWJj"), json!("YWJ")),
        ("base64url", json!("YWI_"), json!("YWI/")),
        ("int32", json!(2_147_483_647), json!(2_147_483_648_u64)),
        ("int64", json!(9_223_372_036_854_775_807_u64), json!(9_223_372_036_854_775_808_u64)),
        ("uint64", json!(18_446_744_073_709_551_615_u64), json!(-1)),
        ("float", json!(3.4e38), json!(3.5e38)),
        ("password", json!("anything"), Value::Null),
    ] {
        let validator = Validator::new(&json!({"format": format}), Direction::Request).unwrap();
        assert!(validator.is_valid(&good), "{format} admits {good}");
        assert_eq!(validator.is_valid(&bad), bad.is_null(), "{format} refuses {bad}");
    }
}

#[test]
fn malformed_keywords_are_left_out_with_a_flaw() {
    let schema = json!({
        "type": "any",
        "required": true,
        "properties": {"a": {"pattern": "(", "minLength": -1, "$ref": "#/$defs/Missing"}, "b": 3},
        "items": [],
        "maxProperties": 1,
        "$id": "https://example.com/",
    });
    let validator = Validator::new(&schema, Direction::Request).unwrap();
    let flaws: Vec<_> =
        validator.flaws().iter().map(|flaw| format!("{}: {}", flaw.pointer, flaw.reason)).collect();
    assert_eq!(
        flaws,
        [
            "/type: not a type of JSON Schema; left out",
            "/required: not an array of property names; left out",
            "/properties/a/minLength: not a non-negative integer; left out",
            "/properties/a/$ref: not a reference to a schema; left out",
            "/properties/b: not a schema; treated as one that allows anything",
            "/items: not a schema; left out",
            "/properties/a/pattern: not a regular expression; left out",
        ]
    );
    assert!(validator.is_valid(&json!({"a": 1})));
    assert!(!validator.is_valid(&json!({"a": 1, "b": 2})), "what made sense still holds");
}

#[test]
fn a_pattern_that_backtracks_for_ever_ends() {
    let validator = Validator::new(&json!({"pattern": "^(?=a)(a+)+$"}), Direction::Request).unwrap();
    assert!(!validator.is_valid(&json!(format!("{}b", "a".repeat(40)))));
}

#[test]
fn deep_values_are_refused_on_a_small_stack() {
    let schema = json!({"$ref": "#/$defs/Tree", "$defs": {"Tree": {"items": {"$ref": "#/$defs/Tree"}}}});
    let nest = |depth| (0..depth).fold(json!([]), |inner, _| json!([inner]));
    let validator = Validator::new(&schema, Direction::Request).unwrap();
    // Dropping a deep value recurses too, so both live on this thread's stack.
    let (deepest, deeper, far_deeper) = (nest(127), nest(128), nest(1_000));
    std::thread::scope(|scope| {
        let small = std::thread::Builder::new().stack_size(512 * 1024);
        let judge = || {
            [&deepest, &deeper, &far_deeper].map(|value| (validator.is_valid(value), validator.faults(value)))
        };
        let [first, second, third] = small.spawn_scoped(scope, judge).unwrap().join().unwrap();
        assert_eq!(first, (true, vec![]));
        for (is_valid, faults) in [second, third] {
            assert!(!is_valid);
            assert_eq!(
                faults.iter().map(line).collect::<Vec<_>>(),
                [" maxDepth: at most 128 levels of nesting"]
            );
        }
    });
}

/// What a negation aims at is compiled beside what it negates: were each level to double that, this would not end.
#[test]
fn negations_of_negations_are_compiled_in_a_moment() {
    let schema = (0..50).fold(json!({"type": "integer"}), |inner, _| json!({"not": inner}));
    let validator = Validator::new(&schema, Direction::Request).unwrap();
    assert!(validator.is_valid(&json!(1)));
    assert!(!validator.is_valid(&json!("a")));
}

//! Tests of parameter styles, by the specification's own table.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{problem::Fault, shape};

static COLORS: Shape = shape!([string]);
static RGB: Shape = shape!({ "R": integer, "G": integer, "B": integer });
static INTEGERS: Shape = shape!([integer]);
static TEXT: Shape = Shape::STRING;

/// Writes a value and reads it back.
fn both_ways(location: Location, name: &str, encoding: Encoding, shape: &Shape, value: &Value) -> String {
    let (text, back) = match location {
        Location::Path => {
            let text = encode_path(name, value, encoding).unwrap();
            (text.clone(), decode_path(name, &text, encoding, shape).map(Some))
        }
        Location::Query => {
            let text = encode_query(name, value, encoding).unwrap();
            (text.clone(), Query::parse(&text).decode(name, encoding, shape))
        }
        Location::Header => {
            let text = encode_header(name, value, encoding).unwrap().unwrap();
            (text.clone(), decode_header(name, &text, encoding, shape).map(Some))
        }
        Location::Cookie => {
            let text = encode_cookie(name, value, encoding).unwrap();
            (text.clone(), decode_cookie(name, &text, encoding, shape))
        }
    };
    assert_eq!(back.as_ref(), Ok(&Some(value.clone())), "{location} {encoding:?} `{text}`");
    text
}

fn check(location: Location, encoding: Encoding, shape: &Shape, value: &Value, expected: &str) {
    let text = both_ways(location, "color", encoding, shape, value);
    assert_eq!(text, expected, "{location} {encoding:?} {value}");
}

/// The table of OAS 3.1.1, 4.8.12.4: every cell that it defines.
#[test]
fn the_specification_s_own_table() {
    let (string, array, object) =
        (json!("blue"), json!(["blue", "black", "brown"]), json!({"R": 100, "G": 200, "B": 150}));
    let table = [
        (Location::Path, MATRIX, ";color=blue", ";color=blue,black,brown", ";color=R,100,G,200,B,150"),
        (
            Location::Path,
            MATRIX_EXPLODED,
            ";color=blue",
            ";color=blue;color=black;color=brown",
            ";R=100;G=200;B=150",
        ),
        (Location::Path, LABEL, ".blue", ".blue,black,brown", ".R,100,G,200,B,150"),
        (Location::Path, LABEL_EXPLODED, ".blue", ".blue.black.brown", ".R=100.G=200.B=150"),
        (Location::Path, SIMPLE, "blue", "blue,black,brown", "R,100,G,200,B,150"),
        (Location::Path, SIMPLE_EXPLODED, "blue", "blue,black,brown", "R=100,G=200,B=150"),
        (Location::Header, SIMPLE, "blue", "blue,black,brown", "R,100,G,200,B,150"),
        (Location::Header, SIMPLE_EXPLODED, "blue", "blue,black,brown", "R=100,G=200,B=150"),
        (Location::Query, FORM_JOINED, "color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"),
        (Location::Query, FORM, "color=blue", "color=blue&color=black&color=brown", "R=100&G=200&B=150"),
        (Location::Cookie, FORM, "color=blue", "color=blue; color=black; color=brown", "R=100; G=200; B=150"),
        (
            Location::Cookie,
            COOKIE,
            "color=blue",
            "color=blue; color=black; color=brown",
            "R=100; G=200; B=150",
        ),
        (
            Location::Query,
            SPACE_DELIMITED,
            "color=blue",
            "color=blue%20black%20brown",
            "color=R%20100%20G%20200%20B%20150",
        ),
        (
            Location::Query,
            PIPE_DELIMITED,
            "color=blue",
            "color=blue%7Cblack%7Cbrown",
            "color=R%7C100%7CG%7C200%7CB%7C150",
        ),
    ];
    for (location, encoding, one, many, pairs) in table {
        check(location, encoding, &TEXT, &string, one);
        check(location, encoding, &COLORS, &array, many);
        check(location, encoding, &RGB, &object, pairs);
    }
    check(Location::Query, DEEP_OBJECT, &RGB, &object, "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150");
    check(Location::Path, MATRIX, &TEXT, &json!(""), ";color");
    check(Location::Query, FORM, &TEXT, &json!(""), "color=");
}

#[test]
fn what_the_table_leaves_open() {
    static NESTED: Shape = shape!({ "tags": [string], "in": { "R": integer } });
    static ROWS: Shape = shape!([{ "R": integer }]);
    static NULLS: Shape = shape!([integer | null]);
    static EITHER: Shape = shape!(integer | [string]);
    let nested = json!({"tags": ["a,b", "c"], "in": {"R": 1}});
    check(
        Location::Query,
        DEEP_OBJECT,
        &NESTED,
        &nested,
        "color%5Btags%5D%5B0%5D=a%2Cb&color%5Btags%5D%5B1%5D=c&color%5Bin%5D%5BR%5D=1",
    );
    check(Location::Query, FORM, &ROWS, &json!([{"R": 1}]), "color=%7B%22R%22%3A1%7D");
    check(
        Location::Query,
        JSON,
        &NESTED,
        &json!({"in": {"R": 1}}),
        "color=%7B%22in%22%3A%7B%22R%22%3A1%7D%7D",
    );
    check(Location::Query, FORM_JOINED, &NULLS, &json!([1, null]), "color=1,null");
    check(Location::Query, FORM, &EITHER, &json!(7), "color=7");
    check(Location::Query, FORM, &EITHER, &json!(["7", "8"]), "color=7&color=8");
    check(Location::Query, FORM.reserved(), &TEXT, &json!("/a?b=c&d#e+f[]"), "color=/a?b=c%26d%23e%2Bf[]");
    check(Location::Path, SIMPLE.reserved(), &TEXT, &json!("a/b?c:d@e"), "a%2Fb%3Fc:d@e");
    check(Location::Query, FORM_JOINED.reserved(), &COLORS, &json!(["a,b", "c"]), "color=a%2Cb,c");
    check(Location::Path, LABEL_EXPLODED, &COLORS, &json!(["1.5", "2"]), ".1%2E5.2");
    assert_eq!(encode_query("x", &json!([]), FORM), Ok(String::new()));
    assert_eq!(encode_query("x", &json!({"a": null}), FORM), Ok(String::new()));
    assert_eq!(encode_header("x", &Value::Null, SIMPLE), Ok(None));
}

/// Forms that other clients write.
#[test]
fn reads_what_others_write() {
    static OPEN: Shape = shape!({ "R": integer, .. string });
    let read = |query: &str, encoding: Encoding, shape: &Shape| {
        Query::parse(query).decode("a", encoding, shape).unwrap()
    };
    assert_eq!(read("a=x+y%20z", FORM, &TEXT), Some(json!("x y z")));
    assert_eq!(read("a=x|y%7cz", PIPE_DELIMITED, &COLORS), Some(json!(["x", "y", "z"])));
    assert_eq!(read("a=x+y", SPACE_DELIMITED, &COLORS), Some(json!(["x", "y"])));
    assert_eq!(read("a[]=x&a[]=y", DEEP_OBJECT, &COLORS), Some(json!(["x", "y"])));
    assert_eq!(read("a[R]=1&a%5BG%5D=2&b[R]=3", DEEP_OBJECT, &RGB), Some(json!({"R": 1, "G": 2})));
    assert_eq!(read("R=1&other=2", FORM, &RGB), Some(json!({"R": 1})));
    assert_eq!(read("R=1&other=2", FORM, &OPEN), Some(json!({"R": 1, "other": "2"})));
    assert_eq!(read("", FORM, &TEXT), None);
    assert_eq!(read("a=9007199254740993", FORM, &Shape::INTEGER), Some(json!(9_007_199_254_740_993_i64)));
    let header = decode_header("X", "a , b,c ", SIMPLE, &COLORS);
    assert_eq!(header, Ok(json!(["a", "b", "c"])));
}

fn refused(result: Result<Option<Value>, Fault>, expected: &str) {
    assert_eq!(result.map_err(|fault| fault.to_string()), Err(expected.to_owned()));
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let query = |query: &str, encoding, shape: &Shape| Query::parse(query).decode("a", encoding, shape);
    refused(
        query("a=1&a=2", FORM, &TEXT),
        "query parameter `a`: expected the parameter once, found `1 and 2`",
    );
    refused(query("a=%FF", FORM, &TEXT), "query parameter `a`: expected percent-encoded UTF-8, found `%FF`");
    refused(
        query("a[R=x", DEEP_OBJECT, &RGB),
        "query parameter `a`: expected names in brackets, as in `[a][b]`, found `[R`",
    );
    refused(
        query("a=R,1,G", FORM_JOINED, &RGB),
        "query parameter `a`: expected names and values in turn, found `R,1,G`",
    );
    let deep = format!("a{}=1", "[x]".repeat(1000));
    assert!(query(&deep, DEEP_OBJECT, &RGB).is_err(), "1000 brackets");
    let path = |raw: &str, encoding, shape: &Shape| decode_path("a", raw, encoding, shape).map(Some);
    refused(path("x", LABEL, &TEXT), "path parameter `a`: expected text that begins with `.`, found `x`");
    refused(path(";b=1", MATRIX, &TEXT), "path parameter `a`: expected `;a=` and a value, found `b=1`");
}

#[test]
fn text_of_another_kind_stays_text_for_a_judge() {
    let query = |query: &str, encoding, shape: &Shape| Query::parse(query).decode("a", encoding, shape);
    for text in ["x", "1.5", " 1", "true", "1e300"] {
        assert_eq!(query(&format!("a={text}"), FORM, &Shape::INTEGER), Ok(Some(json!(text))));
    }
    for (text, whole) in [("1.0", 1), ("-20.00", -20), ("1e3", 1000)] {
        assert_eq!(query(&format!("a={text}"), FORM, &Shape::INTEGER), Ok(Some(json!(whole))));
    }
    assert_eq!(query("a[R]=x&a[G]=2", DEEP_OBJECT, &RGB), Ok(Some(json!({"R": "x", "G": 2}))));
    assert_eq!(decode_path("a", "1,x", SIMPLE, &INTEGERS), Ok(json!([1, "x"])));
}

#[test]
fn what_a_style_cannot_carry_is_refused() {
    let sentence = |result: Result<String, Fault>| result.unwrap_err().to_string();
    assert_eq!(
        sentence(encode_query("a", &json!(["x y"]), SPACE_DELIMITED)),
        "query parameter `a`: expected an item without spaces, found `x y`"
    );
    assert_eq!(
        sentence(encode_header("a", &json!(["x,y"]), SIMPLE).map(Option::unwrap_or_default)),
        "header parameter `a`: expected an item without `,`, found `x,y`"
    );
    assert!(encode_header("a", &json!("x\r\nSet-Cookie: y"), SIMPLE).is_err());
    assert!(encode_cookie("a", &json!("x; y"), COOKIE).is_err());
    for nothing in [json!(""), json!(null), json!([]), json!({})] {
        assert!(encode_path("a", &nothing, SIMPLE).is_err(), "{nothing}");
    }
}

#[test]
fn filling_a_path_cannot_leave_it() {
    let fill = |template: &str, text: &str| fill_path(template, &[("a", text.to_owned())]).map_err(|_| ());
    assert_eq!(fill("/x/{a}.json#get", "1"), Ok("/x/1.json".to_owned()));
    assert_eq!(fill("/x/{a}", ".."), Err(()));
    assert_eq!(fill("/x/.{a}", "."), Err(()));
    assert_eq!(fill("/x/{b}", "1"), Err(()));
}

#[test]
fn a_pair_that_the_path_states_is_sent_once() {
    let pushed = |target: &str, pairs: &[&str]| {
        let mut target = target.to_owned();
        push_query(&mut target, &pairs.iter().map(|&pair| pair.to_owned()).collect::<Vec<_>>());
        target
    };
    assert_eq!(pushed("/x?view=status", &["view=status", "a=1", "a=1"]), "/x?view=status&a=1&a=1");
    assert_eq!(pushed("/x?view=status", &["view=all"]), "/x?view=status&view=all");
    assert_eq!(pushed("/x", &["view=status", "b"]), "/x?view=status&b");
}

fn text() -> impl Strategy<Value = String> {
    "[ -~äß☃]{1,6}"
}

proptest! {
    #[test]
    fn text_survives_every_style(text in text()) {
        let value = json!(text);
        for encoding in [SIMPLE, SIMPLE_EXPLODED, LABEL, LABEL_EXPLODED, MATRIX, MATRIX_EXPLODED, SIMPLE.reserved(), JSON] {
            both_ways(Location::Path, "näme", encoding, &TEXT, &value);
        }
        for encoding in [FORM, FORM_JOINED, SPACE_DELIMITED, PIPE_DELIMITED, FORM.reserved(), JSON] {
            both_ways(Location::Query, "n=&[]", encoding, &TEXT, &value);
        }
        both_ways(Location::Cookie, "n", FORM, &TEXT, &value);
    }

    #[test]
    fn lists_survive(items in prop::collection::vec(text(), 1..4)) {
        let value = json!(items);
        for encoding in [SIMPLE, SIMPLE_EXPLODED, LABEL, LABEL_EXPLODED, MATRIX, MATRIX_EXPLODED, SIMPLE.reserved()] {
            both_ways(Location::Path, "n", encoding, &COLORS, &value);
        }
        for encoding in [FORM, FORM_JOINED, FORM_JOINED.reserved(), DEEP_OBJECT, JSON] {
            both_ways(Location::Query, "n", encoding, &COLORS, &value);
        }
    }

    #[test]
    fn objects_survive(names in prop::collection::btree_set("[a-z&;.]{1,3}", 1..4), text in text()) {
        static MAP: Shape = shape!({ .. string });
        let value: Value = names.into_iter().map(|name| (name, json!(text))).collect::<serde_json::Map<_, _>>().into();
        for encoding in [SIMPLE, SIMPLE_EXPLODED, LABEL, LABEL_EXPLODED, MATRIX] {
            both_ways(Location::Path, "=", encoding, &MAP, &value);
        }
        for encoding in [FORM, FORM_JOINED, DEEP_OBJECT, JSON] {
            both_ways(Location::Query, "n", encoding, &MAP, &value);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(raw in "\\PC{0,20}|[;=,.&%\\[\\]a1]{0,20}") {
        for shape in [&TEXT, &COLORS, &RGB, &Shape::INTEGER] {
            for style in [SIMPLE, SIMPLE_EXPLODED, LABEL, LABEL_EXPLODED, MATRIX, MATRIX_EXPLODED, JSON] {
                let _ = decode_path("a", &raw, style, shape);
            }
            for style in [FORM, FORM_JOINED, SPACE_DELIMITED, PIPE_DELIMITED, DEEP_OBJECT, JSON] {
                let _ = Query::parse(&raw).decode("a", style, shape);
                let _ = decode_cookie("a", &raw, style, shape);
            }
        }
    }
}

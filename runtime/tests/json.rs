//! The JSON tables on the wire: text read into a type and written again, and what a text that does not fit is told.

#![allow(clippy::unwrap_used, reason = "a test says what broke by panicking")]

use descant_runtime as rt;
use proptest::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

#[derive(Clone, Debug, PartialEq)]
pub struct Pet {
    pub id: i64,
    pub r#type: Option<Kind>,
    pub nickname: Option<Option<String>>,
    pub tags: Option<Vec<String>>,
    pub owner: Option<String>,
}
rt::object! { Pet { id, tags } optional { r#type = "type", owner } tristate { nickname = "nick name" } }

#[derive(Clone, Debug, PartialEq)]
pub struct Labels {
    pub id: i64,
    pub extra: rt::Map<i64>,
}
rt::object! { Labels { id } ..extra }

#[derive(Clone, Debug, PartialEq)]
pub struct Empty {}
rt::object! { Empty {} }

#[derive(Clone, Debug, PartialEq)]
pub struct Anything {
    pub extra: rt::Map<rt::Value>,
}
rt::object! { Anything {} ..extra }

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Dog,
    Cat,
    Other(String),
}
rt::string_enum! { Kind { Dog = "dog", Cat = "" } }

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Level {
    Low,
    Minus,
    Other(i64),
}
rt::int_enum! { Level { Low = 1, Minus = -3, ..Other } }

#[derive(Clone, Debug, PartialEq)]
pub struct Circle {
    pub kind: String,
    pub radius: f64,
}
rt::object! { Circle { kind, radius } }

#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub kind: String,
    pub members: Vec<Shape>,
}
rt::object! { Group { kind, members } }

#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    Circle(Circle),
    Group(Box<Group>),
}
rt::union! { Shape { Circle, Group } tag "kind" { "circle" => Circle, "round" => Circle, "group" => Group } }

#[derive(Clone, Debug, PartialEq)]
pub struct Cat {
    pub name: String,
    pub meow: bool,
}
rt::object! { Cat { name, meow } }

#[derive(Clone, Debug, PartialEq)]
pub struct Dog {
    pub name: String,
    pub bark: Option<i64>,
}
rt::object! { Dog { name } optional { bark } }

#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    pub name: String,
}
rt::object! { Named { name } }

#[derive(Clone, Debug, PartialEq)]
pub enum Hinted {
    Named(Named),
    Dog(Dog),
}
rt::union! { Hinted { Named, Dog } keys { "bark" => Dog } kinds { object => Named | Dog } }

#[derive(Clone, Debug, PartialEq)]
pub enum Any {
    Cat(Cat),
    Dog(Dog),
    Text(String),
    Whole(i64),
    Fraction(f64),
    Flags(Vec<bool>),
    Names(Vec<String>),
}
rt::union! {
    Any { Cat, Dog, Text, Whole, Fraction, Flags, Names }
    keys { "meow" => Cat, "bark" => Dog }
    kinds { string => Text, integer => Whole, number => Fraction, array => Flags | Names, object => Cat | Dog }
}

/// Reads and writes a text; `expected` is what is written, or what the reader says.
fn check<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(text: &str, expected: &str) {
    let answer = match serde_json::from_str::<T>(text) {
        Ok(value) => {
            let again = serde_json::from_value(serde_json::from_str(text).unwrap()).unwrap();
            assert_eq!(value, again, "a `Value` reads as its text: {text}");
            serde_json::to_string(&value).unwrap()
        }
        Err(fault) => fault.to_string().split(" at line").next().unwrap().to_owned(),
    };
    assert_eq!(answer, expected, "of {text}");
}

#[test]
fn objects() {
    check::<Pet>(r#"{"tags":null,"id":1}"#, r#"{"id":1,"tags":null}"#);
    check::<Pet>(
        r#"{"x":{"y":[1]},"owner":"o","id":1,"type":"dog","tags":["a"]}"#,
        r#"{"id":1,"tags":["a"],"type":"dog","owner":"o"}"#,
    );
    check::<Pet>(
        r#"{"id":1,"nick name":null,"owner":null,"tags":[]}"#,
        r#"{"id":1,"tags":[],"nick name":null}"#,
    );
    check::<Pet>(r#"{"id":1,"id":2,"nick name":"n","tags":[]}"#, r#"{"id":2,"tags":[],"nick name":"n"}"#);
    check::<Pet>(r#"{"id":1}"#, "missing field `tags`");
    check::<Pet>(r#"[1]"#, "invalid type: sequence, expected an object (`Pet`)");
    check::<Labels>(r#"{"z":3,"id":1,"a":2}"#, r#"{"id":1,"z":3,"a":2}"#);
    check::<Labels>(r#"{"z":"3","id":1}"#, r#"invalid type: string "3", expected i64"#);
    check::<Empty>(r#"{"a":1}"#, "{}");
    check::<Anything>(r#"{"a":[1]}"#, r#"{"a":[1]}"#);
}

#[test]
fn a_declared_property_wins_over_the_same_key_in_extra() {
    let labels = Labels { id: 1, extra: rt::Map::from_iter([("id".to_owned(), 2), ("b".to_owned(), 3)]) };
    assert_eq!(serde_json::to_string(&labels).unwrap(), r#"{"id":1,"b":3}"#);
}

#[test]
fn enums() {
    check::<Kind>(r#""dog""#, r#""dog""#);
    check::<Kind>(r#""""#, r#""""#);
    check::<Kind>(r#""new\n""#, r#""new\n""#);
    check::<Kind>("1", "invalid type: integer `1`, expected a string");
    check::<Level>("-3", "-3");
    check::<Level>("1.0", "1");
    check::<Level>("1.5", "invalid value: floating point `1.5`, expected an integer of 64 bits");
    check::<Level>("9223372036854775808", "invalid value: a larger number, expected an integer of 64 bits");
    assert_eq!(serde_json::from_str::<Kind>(r#""""#).unwrap(), Kind::Cat);
    assert_eq!(serde_json::from_str::<Level>("1").unwrap(), Level::Low);
}

#[test]
fn unions_by_tag() {
    check::<Shape>(r#"{"kind":"circle","radius":1.5}"#, r#"{"kind":"circle","radius":1.5}"#);
    check::<Shape>(r#"{"radius":1.5,"x":[{}],"kind":"round"}"#, r#"{"kind":"round","radius":1.5}"#);
    check::<Shape>(
        r#"{"members":[{"radius":1.5,"kind":"round"}],"kind":"group"}"#,
        r#"{"kind":"group","members":[{"kind":"round","radius":1.5}]}"#,
    );
    check::<Shape>(r#"{"kind":"oval"}"#, "`kind` of `Shape` is `oval`, which names no branch");
    check::<Shape>(r#"{"radius":1.5}"#, "missing field `kind`");
    check::<Shape>(r#"{"kind":"circle"}"#, "missing field `radius`");
    check::<Shape>("1", "a value of this kind is none of `Shape`");
}

/// A property that one branch names and does not require is a hint: another branch may have it without a name.
#[test]
fn unions_by_hint() {
    check::<Hinted>(r#"{"name":"n","bark":1}"#, r#"{"name":"n","bark":1}"#);
    check::<Hinted>(r#"{"bark":1,"name":"n"}"#, r#"{"name":"n","bark":1}"#);
    check::<Hinted>(r#"{"name":"n","bark":"loud"}"#, r#"{"name":"n"}"#);
    check::<Hinted>(r#"{"name":"n"}"#, r#"{"name":"n"}"#);
}

#[derive(Clone, Debug, PartialEq)]
pub struct Tagged {
    pub name: Option<String>,
    pub tag: Option<String>,
}
rt::object! { Tagged { } optional { name, tag } }

#[derive(Clone, Debug, PartialEq)]
pub enum Open {
    Named(Named),
    Tagged(Tagged),
    Empty(Empty),
}
rt::union! { Open { Named, Tagged, Empty } kinds { object => Named | Tagged | Empty } }

/// Several branches can be read: the one that names most of what is there loses least.
#[test]
fn unions_of_which_several_branches_fit() {
    check::<Open>(r#"{"name":"n"}"#, r#"{"name":"n"}"#);
    check::<Open>(r#"{"name":"n","tag":"t"}"#, r#"{"name":"n","tag":"t"}"#);
    check::<Open>(r#"{"name":"n","tag":"t","x":1}"#, r#"{"name":"n","tag":"t"}"#);
    check::<Open>(r#"{"x":1}"#, "{}");
    check::<Vec<Open>>(r#"[{"x":1},{"name":"n","tag":"t"}]"#, r#"[{},{"name":"n","tag":"t"}]"#);
}

#[test]
fn unions_by_kind_key_and_trial() {
    check::<Any>(r#"{"name":"n","meow":true}"#, r#"{"name":"n","meow":true}"#);
    check::<Any>(r#"{"meow":true,"name":"n"}"#, r#"{"name":"n","meow":true}"#);
    check::<Any>(r#"{"name":"n"}"#, r#"{"name":"n"}"#);
    check::<Any>(r#""text""#, r#""text""#);
    check::<Any>("7", "7");
    check::<Any>("7.5", "7.5");
    check::<Any>("[true]", "[true]");
    check::<Any>(r#"["a"]"#, r#"["a"]"#);
    check::<Any>(r#"{"bark":"loud","name":"n"}"#, r#"invalid type: string "loud", expected i64"#);
    check::<Any>(
        "[1]",
        "no branch of `Any` fits: `Flags`: invalid type: integer `1`, expected a boolean; \
         `Names`: invalid type: integer `1`, expected a string",
    );
    check::<Any>("null", "a value of this kind is none of `Any`");
}

#[derive(Clone, Debug, PartialEq)]
pub struct Left {
    pub next: Twin,
}
rt::object! { Left { next } }

#[derive(Clone, Debug, PartialEq)]
pub struct Right {
    pub next: Twin,
}
rt::object! { Right { next } }

#[derive(Clone, Debug, PartialEq)]
pub enum Twin {
    Left(Box<Left>),
    Right(Box<Right>),
    End(bool),
}
rt::union! { Twin { Left, Right, End } kinds { boolean => End, object => Left | Right } }

/// One branch for each, none of which fits a number.
macro_rules! flags {
    ($($name:ident)+) => {
        #[derive(Clone, Debug, PartialEq)]
        pub enum Flags { $($name(Vec<bool>)),+ }
        rt::union! { Flags { $($name),+ } kinds { array => $($name)|+ } }
    };
}
flags! { A B C D E F G H I J }

#[test]
fn what_a_union_says_is_bounded() {
    let fault = serde_json::from_str::<Flags>("[1]").unwrap_err().to_string();
    assert!(fault.contains("`H`: invalid type") && fault.contains("a boolean; and 2 more"), "{fault}");
    let fault = serde_json::from_str::<Shape>(&format!(r#"{{"kind":"{}"}}"#, "x".repeat(9000))).unwrap_err();
    assert!(fault.to_string().len() < 300, "{fault}");
}

#[test]
fn nested_trials_do_not_multiply_without_end() {
    let nested = |end: &str| format!("{}{end}{}", r#"{"next":"#.repeat(60), "}".repeat(60));
    assert!(serde_json::from_str::<Twin>(&nested("true")).is_ok());
    let fault = serde_json::from_str::<Twin>(&nested("1")).unwrap_err().to_string();
    assert!(fault.len() < 2000, "{} bytes", fault.len());
    assert!(
        serde_json::from_str::<Twin>(&nested("true")).is_ok(),
        "the next value has all its attempts again"
    );
    let begun = std::time::Instant::now();
    let large = nested(&format!(r#"{{"next":1,"big":[{}1]}}"#, "1,".repeat(100_000)));
    assert!(serde_json::from_str::<Twin>(&large).is_err());
    assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{:?}", begun.elapsed());
}

/// A JSON value as text, of the words that the types here know and some that they do not: keys in any order, some written
/// with an escape.
fn text() -> impl Strategy<Value = String> {
    const KEYS: [&str; 9] = ["kind", "radius", "members", "name", "meow", "bark", "next", "id", "x"];
    const LEAVES: [&str; 18] = [
        "null",
        "true",
        "0",
        "-7",
        "1.5",
        "2.0",
        "1e3",
        "1e300",
        "9223372036854775808",
        "18446744073709551615",
        "123456789012345678901234567890",
        r#""""#,
        r#""circle""#,
        r#""group""#,
        r#""ro\u0075nd""#,
        r#""a\nb""#,
        "[]",
        "{}",
    ];
    prop::sample::select(&LEAVES[..]).prop_map(str::to_owned).prop_recursive(4, 24, 5, |inner| {
        let entries = prop::sample::subsequence(&KEYS[..], 0..6).prop_shuffle();
        let entries = (entries, prop::collection::vec((inner.clone(), any::<bool>()), 6));
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(" , "))),
            entries.prop_map(|(keys, values)| {
                let entry = |(key, (value, escaped)): (&str, (String, bool))| {
                    let first = key.chars().next().map_or(0, u32::from);
                    let value = fitting(key).filter(|_| value.len() < 6).map_or(value, str::to_owned);
                    match escaped {
                        true => format!("\"\\u{first:04x}{}\": {value}", &key[1..]),
                        false => format!("\"{key}\":{value}"),
                    }
                };
                format!("{{{}}}", keys.into_iter().zip(values).map(entry).collect::<Vec<_>>().join(","))
            }),
        ]
    })
}

/// What a property mostly needs: values of chance alone seldom fit.
fn fitting(key: &str) -> Option<&'static str> {
    match key {
        "kind" => Some(r#""round""#),
        "radius" => Some("2.5"),
        "name" => Some(r#""n\u0020m""#),
        "meow" => Some("true"),
        "bark" => Some("3"),
        _ => None,
    }
}

/// Text is read in one pass, a `Value` from memory: both must come to the same value, or to the same fault.
fn both_ways<T: DeserializeOwned + PartialEq + std::fmt::Debug>(text: &str) -> Result<(), TestCaseError> {
    let said = |fault: serde_json::Error| fault.to_string().split(" at line").next().map(str::to_owned);
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    let straight = serde_json::from_str::<T>(text).map_err(said);
    prop_assert_eq!(&straight, &serde_json::from_slice::<T>(text.as_bytes()).map_err(said));
    prop_assert_eq!(straight, serde_json::from_value::<T>(value).map_err(said));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn unions_read_the_same_from_text_and_from_values(text in text()) {
        both_ways::<Shape>(&text)?;
        both_ways::<Any>(&text)?;
        both_ways::<Twin>(&text)?;
        both_ways::<Vec<Any>>(&format!("[{text}, {text}]"))?;
    }
}

/// More than two kilobytes.
#[derive(Debug)]
pub struct Wide {
    pub next: Option<Box<Wide>>,
    pub a: Option<[i64; 32]>,
    pub b: Option<[i64; 32]>,
    pub c: Option<[i64; 32]>,
    pub d: Option<[i64; 32]>,
    pub e: Option<[i64; 32]>,
    pub f: Option<[i64; 32]>,
    pub g: Option<[i64; 32]>,
    pub h: Option<[i64; 32]>,
}
rt::object! { Wide {} optional { next, a, b, c, d, e, f, g, h } }

#[test]
fn no_depth_overflows_the_stack() {
    let chain = |depth: usize| "{\"next\":".repeat(depth) + "{}" + &"}".repeat(depth);
    let read = move || {
        for _ in 0..3 {
            serde_json::from_str::<Wide>(&chain(30)).unwrap();
            let error = serde_json::from_str::<Wide>(&chain(120)).unwrap_err().to_string();
            assert!(error.starts_with("too many objects in each other: this `Wide` is too deep"), "{error}");
        }
    };
    // As much as a thread of tokio's has.
    std::thread::Builder::new().stack_size(2 << 20).spawn(read).unwrap().join().unwrap();
}

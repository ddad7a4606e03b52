//! Ways to damage a document: in its bytes, in its words, and in the values that it holds.

use serde_json::{Map, Value, json};

use crate::random::Random;
use crate::tree;

/// Words that mean something to the front end, and values that sit badly where they stand.
const WORDS: &[&str] = &[
    "$ref",
    "$id",
    "$anchor",
    "$defs",
    "$dynamicRef",
    "$dynamicAnchor",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "items",
    "prefixItems",
    "properties",
    "additionalProperties",
    "patternProperties",
    "required",
    "enum",
    "const",
    "type",
    "nullable",
    "discriminator",
    "mapping",
    "propertyName",
    "default",
    "example",
    "examples",
    "pattern",
    "format",
    "minimum",
    "exclusiveMinimum",
    "multipleOf",
    "maxLength",
    "parameters",
    "in",
    "name",
    "schema",
    "content",
    "requestBody",
    "responses",
    "headers",
    "links",
    "operationId",
    "operationRef",
    "callbacks",
    "security",
    "servers",
    "variables",
    "webhooks",
    "components",
    "paths",
    "get",
    "post",
    "query",
    "additionalOperations",
    "itemSchema",
    "x-descant",
    "x-source",
    "swagger",
    "openapi",
    "definitions",
    "collectionFormat",
    "consumes",
    "produces",
    "<<",
    "#",
    "#/",
    "#/paths",
    "#/components/schemas/A",
    "..",
    "../..",
    "/etc/passwd",
    "file:///etc/passwd",
    "http://h/x",
    "//h",
    "%2e%2e%2f",
    "~1",
    "~0",
    "~",
    "%",
    "{",
    "}",
    "{a}{b}",
    "*",
    "&a",
    "*a",
    "!!binary x",
    "|",
    ">",
    "---",
    "...",
    "2.0",
    "3.0.3",
    "3.1.0",
    "3.2.0",
    "null",
    "true",
    "~",
    "0x10",
    ".inf",
    "NaN",
    "-0",
    "1e400",
    "1e-400",
    "99999999999999999999999999",
    "\u{0}",
    "\u{feff}",
    "\u{202e}",
    "\u{d7ff}",
    "\\ud800",
    "é",
    "😀",
    "",
];

/// A document made of another one, and its name.
pub(crate) fn damaged(name: &str, text: &[u8], other: &[u8], random: &mut Random) -> (String, Vec<u8>) {
    let rounds = 1 + random.below(4);
    if random.below(2) == 0
        && let Some(mut value) = tree::value(name, text)
    {
        (0..rounds).for_each(|_| damage_value(&mut value, random));
        let text = serde_json::to_vec(&value).unwrap_or_default();
        return ("mutant.json".to_owned(), text);
    }
    let mut bytes = text.to_vec();
    (0..rounds).for_each(|_| damage_bytes(&mut bytes, other, random));
    (name.to_owned(), bytes)
}

fn damage_bytes(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let at = random.below(bytes.len() + 1);
    let end = (at + random.below(200)).min(bytes.len());
    match random.below(9) {
        0 => bytes.truncate(at),
        1 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << random.below(8)),
        2 => bytes.insert(at, random.next() as u8),
        3 => drop(bytes.drain(at..end)),
        4 => {
            let copy = bytes[at..end].to_vec();
            insert(bytes, random.below(at + 1), &copy);
        }
        5 => {
            let from = random.below(other.len());
            insert(bytes, at, &other[from..(from + 300).min(other.len())]);
        }
        6 => insert(bytes, at, word(random).as_bytes()),
        7 => replace_word(bytes, at, random),
        _ => {
            let opening = random.pick(&["[", "{a: ", "{\"a\":", "- ", "? ", "&a [*a, ", "(", "\n  "]);
            insert(bytes, at, opening.repeat(random.below(2_000)).as_bytes());
        }
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, new: &[u8]) {
    bytes.splice(at..at, new.iter().copied());
}

/// Puts another word in the place of the one at an offset.
fn replace_word(bytes: &mut Vec<u8>, at: usize, random: &mut Random) {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"$_-/#.".contains(byte);
    let start = bytes[..at].iter().rposition(|byte| !is_word(byte)).map_or(0, |i| i + 1);
    let end = bytes[at..].iter().position(|byte| !is_word(byte)).map_or(bytes.len(), |i| at + i);
    bytes.splice(start..end, word(random).bytes());
}

/// Damages one value somewhere inside.
fn damage_value(root: &mut Value, random: &mut Random) {
    let mut size = count(root);
    let donor = nth(root, &mut random.below(size)).cloned().unwrap_or_default();
    size = random.below(size);
    let Some(target) = nth_mut(root, &mut size) else { return };
    match random.below(10) {
        0 => *target = donor,
        1 => *target = odd(random),
        2 => *target = nested(std::mem::take(target), random),
        3 => *target = json!({"$ref": pointer(random)}),
        4 => *target = Value::Array(vec![target.clone(); 2 + random.below(4)]),
        5 | 6 => rename(target, random),
        7 => remove(target, random),
        8 => add(target, word(random), donor),
        _ => add(target, word(random), odd(random)),
    }
}

fn word(random: &mut Random) -> &'static str {
    WORDS[random.below(WORDS.len())]
}

/// Values of every kind.
fn odd(random: &mut Random) -> Value {
    let values = [
        Value::Null,
        json!(true),
        json!(-1),
        json!(0.5),
        json!(1e300),
        json!(u64::MAX),
        json!(""),
        json!([]),
        json!({}),
        json!([[]]),
        json!([null]),
        json!({"": null}),
        json!({"$ref": "#"}),
    ];
    if random.below(3) == 0 { json!(word(random)) } else { random.pick(&values).clone() }
}

fn pointer(random: &mut Random) -> String {
    let parts: Vec<&str> = (0..random.below(5)).map(|_| word(random)).collect();
    format!("{}#/{}", random.pick(&["", "", "", "a.yaml", "."]), parts.join("/"))
}

/// The value inside many others.
fn nested(value: Value, random: &mut Random) -> Value {
    let keyword = *random.pick(&["items", "allOf", "not", "properties", "content", "callbacks"]);
    (0..random.below(300)).fold(value, |inner, _| match keyword {
        "allOf" => json!({"allOf": [inner]}),
        "properties" => json!({"properties": {"a": inner}}),
        _ => json!({keyword: inner}),
    })
}

/// Gives a key of an object another name.
fn rename(target: &mut Value, random: &mut Random) {
    let Value::Object(map) = target else { return };
    let chosen = random.below(map.len());
    let renamed = std::mem::take(map)
        .into_iter()
        .enumerate()
        .map(|(index, (key, value))| (if index == chosen { word(random).to_owned() } else { key }, value));
    *map = renamed.collect::<Map<_, _>>();
}

fn remove(target: &mut Value, random: &mut Random) {
    match target {
        Value::Object(map) => {
            let key = map.keys().nth(random.below(map.len())).cloned();
            key.and_then(|key| map.shift_remove(&key));
        }
        Value::Array(items) if !items.is_empty() => {
            items.remove(random.below(items.len()));
        }
        other => *other = Value::Null,
    }
}

fn add(target: &mut Value, key: &str, value: Value) {
    match target {
        Value::Object(map) => {
            map.insert(key.to_owned(), value);
        }
        Value::Array(items) => items.push(value),
        other => *other = json!({key: value}),
    }
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Object(map) => map.values().map(count).sum(),
        Value::Array(items) => items.iter().map(count).sum(),
        _ => 0,
    }
}

/// The value of a number, counted from the outside in; `left` is what remains to be counted.
fn nth<'v>(value: &'v Value, left: &mut usize) -> Option<&'v Value> {
    if *left == 0 {
        return Some(value);
    }
    *left -= 1;
    match value {
        Value::Object(map) => map.values().find_map(|value| nth(value, left)),
        Value::Array(items) => items.iter().find_map(|value| nth(value, left)),
        _ => None,
    }
}

fn nth_mut<'v>(value: &'v mut Value, left: &mut usize) -> Option<&'v mut Value> {
    if *left == 0 {
        return Some(value);
    }
    *left -= 1;
    match value {
        Value::Object(map) => map.values_mut().find_map(|value| nth_mut(value, left)),
        Value::Array(items) => items.iter_mut().find_map(|value| nth_mut(value, left)),
        _ => None,
    }
}

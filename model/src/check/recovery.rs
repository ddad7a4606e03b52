//! Corrects values of the wrong kind whose intent is clear.

use crate::check::table::Expect;
use crate::tree::NodeKind;

/// Names of types in other languages.
const ALIASES: &[(&str, &str)] = &[
    ("bool", "boolean"),
    ("dict", "object"),
    ("double", "number"),
    ("float", "number"),
    ("int", "integer"),
    ("list", "array"),
    ("long", "integer"),
    ("map", "object"),
    ("str", "string"),
];

/// Returns the intended value, if it is clear.
pub(crate) fn recover(expect: &Expect, kind: &NodeKind) -> Option<NodeKind> {
    match (expect, kind) {
        (Expect::Text, NodeKind::Number(text)) => Some(NodeKind::String(text.clone())),
        (Expect::Text, NodeKind::Bool(value)) => Some(NodeKind::String(value.to_string().into())),
        (Expect::Flag, NodeKind::String(text)) => flag(text).map(NodeKind::Bool),
        (Expect::Number | Expect::Positive | Expect::Count, NodeKind::String(text)) => {
            number(text).filter(|number| expect.fits(number))
        }
        (Expect::Word(words), NodeKind::String(text)) => word(words, text.trim()),
        (Expect::Word(words), NodeKind::Null) if words.contains(&"null") => {
            Some(NodeKind::String("null".into()))
        }
        (Expect::Map(..) | Expect::Object(_), NodeKind::Null) => Some(NodeKind::Object(Vec::new())),
        (Expect::Either(options), _) => options.iter().find_map(|option| recover(option, kind)),
        _ => None,
    }
}

/// Parses booleans of YAML 1.1, and quoted ones of JSON.
fn flag(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// Parses a quoted JSON number.
fn number(text: &str) -> Option<NodeKind> {
    let text = text.trim();
    let is_json = serde_json::from_str::<serde_json::Number>(text).is_ok();
    is_json.then(|| NodeKind::Number(text.into()))
}

/// Finds a word in another case, or by its name in another language.
fn word(words: &[&str], text: &str) -> Option<NodeKind> {
    let alias = || ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(text)).map(|(_, word)| *word);
    let same = words.iter().copied().find(|word| word.eq_ignore_ascii_case(text));
    same.or_else(|| alias().filter(|word| words.contains(word))).map(|word| NodeKind::String(word.into()))
}

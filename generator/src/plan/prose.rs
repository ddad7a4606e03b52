//! What the documentation of a type or property says: the document's prose, and what it asks of a value that the Rust
//! type does not say.

use serde_json::Value;

use super::docs::Docs;
use super::node::{Kinds, Node};

/// Patterns and examples longer than this are left to the document: nobody reads them in a sentence.
const MAX_QUOTE: usize = 80;

/// The documentation of an item.
pub(super) fn docs(node: &Node<'_>) -> Docs {
    let mut docs = Docs::new(node.description.or(node.title).unwrap_or_default());
    if node.deprecated {
        docs.add("**Deprecated.**");
    }
    docs
}

/// The documentation of an item that a schema's name names.
pub(super) fn item_docs(node: &Node<'_>) -> Docs {
    let mut docs = docs(node);
    docs.conclude(&sentences(node));
    docs
}

/// What is asked of each item of a list; nothing where nothing is.
pub(super) fn of_items(node: &Node<'_>) -> String {
    let sentences = sentences(node);
    if sentences.is_empty() { sentences } else { format!("Of each item: {sentences}") }
}

fn sentences(node: &Node<'_>) -> String {
    asked(node).into_iter().map(|(sentence, _)| sentence).collect::<Vec<_>>().join(" ")
}

/// The documentation of a property, parameter or header.
pub(super) fn property_docs(node: &Node<'_>) -> Docs {
    let mut docs = docs(node);
    let default = node
        .default
        .map(|default| format!("Where it is absent the server takes {}.", code(&default.to_string())));
    let all: Vec<String> =
        [sentences(node)].into_iter().filter(|text| !text.is_empty()).chain(default).collect();
    docs.conclude(&all.join(" "));
    docs
}

/// The keywords, by their values, that the documentation of a property tells of.
pub(super) fn told<'a>(node: &Node<'a>) -> impl Iterator<Item = &'a Value> {
    asked(node).into_iter().flat_map(|(_, keywords)| keywords)
}

/// What a value must be beyond its Rust type: sentences, each with the keywords that it tells of.
fn asked<'a>(node: &Node<'a>) -> Vec<(String, Vec<&'a Value>)> {
    let bound = |keyword: &str| node.bounds.iter().find(|(key, _)| *key == keyword).map(|(_, value)| *value);
    let with = |keywords: &[&str]| keywords.iter().filter_map(|keyword| bound(keyword)).collect::<Vec<_>>();
    let mut sentences = Vec::new();
    let mut say = |sentence: Option<String>, keywords: &[&str]| {
        sentences.extend(sentence.map(|sentence| (sentence, with(keywords))));
    };
    let kinds = node.effective_kinds();
    if kinds.has(Kinds::STRING) && node.values.is_none() {
        let format = node.format.filter(|format| !matches!(*format, "byte" | "binary" | "ipv4" | "ipv6"));
        say(format.map(|format| format!("Format: {}.", code(format))), &["format"]);
        say(range("character", bound("minLength"), bound("maxLength")), &["minLength", "maxLength"]);
        let pattern = bound("pattern").and_then(Value::as_str).filter(|text| text.len() <= MAX_QUOTE);
        say(pattern.map(|pattern| format!("Pattern: {}.", code(pattern))), &["pattern"]);
    }
    if kinds.has(Kinds::NUMBER) && node.values.is_none() {
        let words = [
            ("minimum", "at least"),
            ("exclusiveMinimum", "more than"),
            ("maximum", "at most"),
            ("exclusiveMaximum", "less than"),
            ("multipleOf", "a multiple of"),
        ];
        let said = |(keyword, words): (&str, &str)| Some(format!("{words} {}", bound(keyword)?));
        let all = sentence(&words.into_iter().filter_map(said).collect::<Vec<_>>().join(", "));
        say(all, &words.map(|(keyword, _)| keyword));
    }
    if kinds.has(Kinds::ARRAY) {
        say(range("item", bound("minItems"), bound("maxItems")), &["minItems", "maxItems"]);
        let unique = bound("uniqueItems") == Some(&Value::Bool(true));
        say(unique.then(|| "No item twice.".to_owned()), &["uniqueItems"]);
    }
    if kinds.has(Kinds::OBJECT) {
        let keywords = ["minProperties", "maxProperties"];
        say(range("property", bound("minProperties"), bound("maxProperties")), &keywords);
    }
    sentences
}

/// `1 to 64 characters.`
fn range(unit: &str, min: Option<&Value>, max: Option<&Value>) -> Option<String> {
    let count = |value: Option<&Value>| value.and_then(Value::as_u64);
    let units = |n: u64| match (n, unit) {
        (1, unit) => unit.to_owned(),
        (_, "property") => "properties".to_owned(),
        (_, unit) => format!("{unit}s"),
    };
    let text = match (count(min).filter(|min| *min > 0), count(max)) {
        (Some(min), Some(max)) if min == max => format!("exactly {min} {}", units(min)),
        (Some(min), Some(max)) => format!("{min} to {max} {}", units(max)),
        (Some(min), None) => format!("at least {min} {}", units(min)),
        (None, Some(max)) => format!("at most {max} {}", units(max)),
        (None, None) => return None,
    };
    sentence(&text)
}

fn sentence(text: &str) -> Option<String> {
    let mut rest = text.chars();
    let first = rest.next()?;
    Some(format!("{}{}.", first.to_uppercase(), rest.as_str()))
}

/// A text as inline code, however many backticks it has (CommonMark 6.1).
pub(crate) fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let gap = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{gap}{text}{gap}{fence}")
}

#[cfg(test)]
mod tests {
    use descant_model::api::Schemas;
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(schema: Value, expected: &[&str]) {
        let schemas = Schemas::default();
        let docs = property_docs(&Node::read(&schemas, &[(&schema).into()]));
        assert_eq!(docs.lines().collect::<Vec<_>>(), expected, "of {schema}");
    }

    #[test]
    fn what_the_type_does_not_say_is_documented() {
        check(
            json!({"description": "When.", "type": "string", "format": "date-time"}),
            &["When. Format: `date-time`."],
        );
        check(
            json!({"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^`a+`$"}),
            &["1 to 64 characters. Pattern: ``^`a+`$``."],
        );
        check(
            json!({"type": "integer", "minimum": 1, "maximum": 100, "default": 30}),
            &["At least 1, at most 100. Where it is absent the server takes `30`."],
        );
        check(json!({"type": "number", "exclusiveMinimum": 0}), &["More than 0."]);
        check(
            json!({"type": "array", "minItems": 1, "uniqueItems": true}),
            &["At least 1 item. No item twice."],
        );
        check(json!({"type": "string", "enum": ["a"], "maxLength": 1}), &[]);
        check(json!({"type": "string", "format": "ipv4"}), &[]);
    }
}

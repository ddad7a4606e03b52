//! What the documentation of a type or property says: the document's prose, and what it asks of a value that the Rust
//! type does not say.

use descant_model::schema::{Keyword, Kinds};
use serde_json::Number;

use super::docs::Docs;
use super::node::Node;

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
    let default = node.default.map(|default| format!("Default: {}.", code(&default.to_string())));
    let all: Vec<String> =
        [sentences(node)].into_iter().filter(|text| !text.is_empty()).chain(default).collect();
    docs.conclude(&all.join(" "));
    docs
}

/// The keywords that the documentation of a property tells of.
pub(super) fn told<'a>(node: &Node<'a>) -> impl Iterator<Item = &'a Keyword> {
    asked(node).into_iter().flat_map(|(_, keywords)| keywords)
}

/// A sentence, and the keywords that it tells of.
type Sentence<'a> = (String, Vec<&'a Keyword>);

/// What a value must be beyond its Rust type.
fn asked<'a>(node: &Node<'a>) -> Vec<Sentence<'a>> {
    let mut sentences = Vec::new();
    let kinds = node.effective_kinds();
    if kinds.intersects(Kinds::STRING) && node.values.is_none() {
        sentences.extend(format(node));
        sentences.extend(range(
            "character",
            first(node, Keyword::min_length),
            first(node, Keyword::max_length),
        ));
        let pattern = first(node, Keyword::pattern).filter(|(_, text)| text.len() <= MAX_QUOTE);
        sentences.extend(pattern.map(|(keyword, text)| (format!("Pattern: {}.", code(text)), vec![keyword])));
    }
    if kinds.intersects(Kinds::NUMBER) && node.values.is_none() {
        sentences.extend(bounds(node));
    }
    if kinds.intersects(Kinds::ARRAY) {
        sentences.extend(range("item", first(node, Keyword::min_items), first(node, Keyword::max_items)));
        let unique = first(node, Keyword::unique_items).filter(|(_, unique)| **unique);
        sentences.extend(unique.map(|(keyword, _)| ("No item twice.".to_owned(), vec![keyword])));
    }
    if kinds.intersects(Kinds::OBJECT) {
        let (min, max) = (first(node, Keyword::min_properties), first(node, Keyword::max_properties));
        sentences.extend(range("property", min, max));
    }
    sentences
}

/// The first value of a keyword, with the keyword.
fn first<'a, T>(node: &Node<'a>, keyword: fn(&'a Keyword) -> Option<&'a T>) -> Option<(&'a Keyword, &'a T)> {
    node.stated(keyword).next()
}

fn format<'a>(node: &Node<'a>) -> Option<Sentence<'a>> {
    let format = node.format.filter(|format| !matches!(*format, "byte" | "binary" | "ipv4" | "ipv6"))?;
    let stated = first(node, Keyword::format).map(|(keyword, _)| keyword);
    Some((format!("Format: {}.", code(format)), stated.into_iter().collect()))
}

/// `At least 1, less than 10.`
fn bounds<'a>(node: &Node<'a>) -> Option<Sentence<'a>> {
    type Accessor = fn(&Keyword) -> Option<&Number>;
    let words: [(Accessor, &str); 5] = [
        (Keyword::minimum, "at least"),
        (Keyword::exclusive_minimum, "more than"),
        (Keyword::maximum, "at most"),
        (Keyword::exclusive_maximum, "less than"),
        (Keyword::multiple_of, "a multiple of"),
    ];
    let said = words.into_iter().filter_map(|(keyword, words)| Some((words, first(node, keyword)?)));
    let (said, keywords): (Vec<String>, _) =
        said.map(|(words, (keyword, bound))| (format!("{words} {bound}"), keyword)).unzip();
    Some((sentence(&said.join(", "))?, keywords))
}

/// `1 to 64 characters.`
fn range<'a>(
    unit: &str,
    min: Option<(&'a Keyword, &u64)>,
    max: Option<(&'a Keyword, &u64)>,
) -> Option<Sentence<'a>> {
    let units = |n: u64| match (n, unit) {
        (1, unit) => unit.to_owned(),
        (_, "property") => "properties".to_owned(),
        (_, unit) => format!("{unit}s"),
    };
    let keywords = [min, max].into_iter().flatten().map(|(keyword, _)| keyword).collect();
    let text = match (min.map(|(_, n)| *n).filter(|min| *min > 0), max.map(|(_, n)| *n)) {
        (Some(min), Some(max)) if min == max => format!("exactly {min} {}", units(min)),
        (Some(min), Some(max)) => format!("{min} to {max} {}", units(max)),
        (Some(min), None) => format!("at least {min} {}", units(min)),
        (None, Some(max)) => format!("at most {max} {}", units(max)),
        (None, None) => return None,
    };
    Some((sentence(&text)?, keywords))
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
    use descant_model::schema::from_json;
    use serde_json::{Value, json};

    use super::*;

    #[track_caller]
    fn check(schema: Value, expected: &[&str]) {
        let (schemas, _) = from_json(&schema);
        let docs = property_docs(&Node::read(&schemas, &[(&*schemas.entries[0].schema).into()]));
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
            &["At least 1, at most 100. Default: `30`."],
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

//! What things are called: words out of a document's text, identifiers out of words, and scopes in which no name stands
//! twice.
//!
//! A scope settles collisions by the texts that collide, not by their order in the document, so that a document whose
//! parts are reordered keeps its names.

use std::collections::{BTreeMap, HashMap, HashSet};

use heck::{ToPascalCase, ToShoutySnakeCase, ToSnakeCase};
use proc_macro2::{Ident, Span};

/// How long an identifier may get; what is cut is told apart by the scope.
const MAX_LENGTH: usize = 80;

/// How a name is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    /// `ListPets`: types. The names of the standard prelude are left alone.
    Pascal,
    /// `ListPets`, and `Ok` and `String` too: what is only ever said behind its enum's name.
    Variant,
    /// `list_pets`: functions, fields, modules.
    Snake,
    /// `LIST_PETS`: statics.
    Constant,
}

/// The names of one scope, each once.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    taken: HashSet<String>,
    /// The last number that was put behind a name: thousands may come to one.
    numbers: HashMap<String, usize>,
}

impl Scope {
    /// A scope in which some names are taken already.
    pub(crate) fn with<'a>(taken: impl IntoIterator<Item = &'a str>) -> Self {
        Self { taken: taken.into_iter().map(str::to_owned).collect(), numbers: HashMap::new() }
    }

    /// An identifier for a text; where it is taken, the next number that is free is put behind it.
    pub(crate) fn name(&mut self, text: &str, case: Case) -> Ident {
        let base = spell(text, case);
        if self.taken.insert(base.clone()) {
            return ident(&base);
        }
        let number = self.numbers.entry(base.clone()).or_insert(1);
        loop {
            *number += 1;
            let name = numbered(&base, *number);
            if self.taken.insert(name.clone()) {
                return ident(&name);
            }
        }
    }

    /// An identifier for the first text that is free; for the last one where none is.
    pub(crate) fn first(&mut self, texts: &[String], case: Case) -> Ident {
        let free = texts.iter().find(|text| !self.taken.contains(&spell(text, case)));
        self.name(free.or(texts.last()).map_or("", String::as_str), case)
    }

    /// A name as it is; `None` where it is taken.
    pub(crate) fn take(&mut self, name: &str) -> Option<Ident> {
        self.taken.insert(name.to_owned()).then(|| ident(name))
    }

    /// Identifiers for all texts of a scope at once, in their order. A text that is its own identifier keeps it; the
    /// others follow in the order of the alphabet.
    pub(crate) fn names(&mut self, texts: &[String], case: Case) -> Vec<Ident> {
        let mut order: BTreeMap<(bool, &str, usize), usize> = BTreeMap::new();
        for (index, text) in texts.iter().enumerate() {
            order.insert((spell(text, case) != *text, text, index), index);
        }
        let mut named: Vec<(usize, Ident)> =
            order.values().filter_map(|index| Some((*index, self.name(texts.get(*index)?, case)))).collect();
        named.sort_by_key(|(index, _)| *index);
        named.into_iter().map(|(_, name)| name).collect()
    }
}

/// A name with a number behind it, together no longer than a name may be.
fn numbered(base: &str, number: usize) -> String {
    let suffix = |base: &str| {
        let gap = if base.ends_with(|c: char| c.is_ascii_digit()) { "_" } else { "" };
        format!("{gap}{number}")
    };
    let room = MAX_LENGTH.saturating_sub(suffix(base).len() + 1);
    let base = if base.len() > room { base.get(..room).unwrap_or(base) } else { base };
    format!("{base}{}", suffix(base))
}

/// An identifier of a name that this module made, or that the generator's own source states.
pub(crate) fn ident(name: &str) -> Ident {
    match name {
        "crate" | "self" | "super" | "Self" | "_" => Ident::new(&format!("{name}_"), Span::call_site()),
        name if is_keyword(name) => Ident::new_raw(name, Span::call_site()),
        name => Ident::new(name, Span::call_site()),
    }
}

/// A text in the letters and case of an identifier; not yet unique, perhaps a keyword.
pub(crate) fn spell(text: &str, case: Case) -> String {
    let words = legible(text);
    let name = match case {
        Case::Pascal | Case::Variant => words.to_pascal_case(),
        Case::Snake => words.to_snake_case(),
        Case::Constant => words.to_shouty_snake_case(),
    };
    let name: String = name.chars().take(MAX_LENGTH).collect();
    match (name.chars().next(), case) {
        (None, Case::Snake) => "empty".to_owned(),
        (None, Case::Constant) => "EMPTY".to_owned(),
        (None, _) => "Empty".to_owned(),
        (Some(first), Case::Snake | Case::Constant) if first.is_ascii_digit() => format!("_{name}"),
        (Some(first), _) if first.is_ascii_digit() => format!("N{name}"),
        (_, Case::Pascal) if is_prelude(&name) => format!("{name}Schema"),
        _ => name,
    }
}

/// Only ASCII letters and digits with spaces between words: signs become words where nothing else would be left to
/// tell `+1` from `-1`, and letters of other scripts their code points where there is no other.
fn legible(text: &str) -> String {
    let signed =
        text.len() > 1 && text.get(1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let wordless = !text.contains(|c: char| c.is_ascii_alphanumeric());
    let mut words = String::new();
    for (index, c) in text.chars().enumerate() {
        match sign(c) {
            _ if c.is_ascii_alphanumeric() => words.push(c),
            Some(word) if wordless || (signed && index == 0) => words.push_str(&format!(" {word} ")),
            None if wordless && c.is_alphanumeric() => words.push_str(&format!(" u{:x} ", u32::from(c))),
            _ => words.push(' '),
        }
        if words.len() > 4 * MAX_LENGTH {
            break;
        }
    }
    words
}

fn sign(c: char) -> Option<&'static str> {
    Some(match c {
        '+' => "plus",
        '-' => "minus",
        '_' => "underscore",
        '*' => "star",
        '/' => "slash",
        '\\' => "backslash",
        '=' => "equal",
        '<' => "less",
        '>' => "greater",
        '!' => "not",
        '&' => "and",
        '|' => "or",
        '%' => "percent",
        '$' => "dollar",
        '@' => "at",
        '#' => "hash",
        '.' => "dot",
        ',' => "comma",
        ':' => "colon",
        ';' => "semicolon",
        '?' => "question",
        '~' => "tilde",
        '^' => "caret",
        _ => return None,
    })
}

/// Strict and reserved keywords of edition 2024 that a raw identifier can be.
fn is_keyword(name: &str) -> bool {
    const KEYWORDS: &[&str] = &[
        "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
        "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
        "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static",
        "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where",
        "while", "yield",
    ];
    KEYWORDS.binary_search(&name).is_ok()
}

/// Names that generated code or the standard prelude relies on unqualified: a type of that name would shadow it.
fn is_prelude(name: &str) -> bool {
    const PRELUDE: &[&str] = &[
        "AsMut",
        "AsRef",
        "AsyncFn",
        "AsyncFnMut",
        "AsyncFnOnce",
        "Box",
        "Clone",
        "Copy",
        "Debug",
        "Default",
        "DoubleEndedIterator",
        "Drop",
        "Eq",
        "Err",
        "ExactSizeIterator",
        "Extend",
        "Fn",
        "FnMut",
        "FnOnce",
        "From",
        "FromIterator",
        "Future",
        "Hash",
        "Into",
        "IntoFuture",
        "IntoIterator",
        "Iterator",
        "None",
        "Ok",
        "Option",
        "Ord",
        "PartialEq",
        "PartialOrd",
        "Result",
        "Self",
        "Send",
        "Sized",
        "Some",
        "String",
        "Sync",
        "ToOwned",
        "ToString",
        "TryFrom",
        "TryInto",
        "Unpin",
        "Vec",
    ];
    PRELUDE.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(case: Case, texts: &[&str], expected: &[&str]) {
        let texts: Vec<String> = texts.iter().map(|t| (*t).to_owned()).collect();
        let names = Scope::default().names(&texts, case);
        assert_eq!(names.iter().map(Ident::to_string).collect::<Vec<_>>(), expected, "of {texts:?}");
    }

    #[test]
    fn the_tables_are_sorted() {
        for name in ["abstract", "yield", "gen", "type", "ref"] {
            assert!(is_keyword(name), "{name}");
        }
        for name in ["AsMut", "Vec", "Option", "String", "Future", "Self"] {
            assert!(is_prelude(name), "{name}");
        }
    }

    #[test]
    fn fields_and_functions() {
        check(
            Case::Snake,
            &["userID", "type", "self", "@type", "1st", "+1", "-1", "_"],
            &["user_id", "r#type", "self_", "type2", "_1st", "plus_1", "minus_1", "underscore"],
        );
        check(
            Case::Snake,
            &["foo_bar", "fooBar", "foo-bar", "", "名", "async"],
            &["foo_bar", "foo_bar3", "foo_bar2", "empty", "u540d", "r#async"],
        );
    }

    #[test]
    fn types_and_variants() {
        check(
            Case::Pascal,
            &["Option", "Self", "3D", "foo-bar", "FooBar", "foo_bar", "a1", "A1"],
            &["OptionSchema", "SelfSchema", "N3d", "FooBar2", "FooBar", "FooBar3", "A1_2", "A1"],
        );
        check(
            Case::Pascal,
            &["b-c", "b_c", "B C", "", "+1", "-1", ">="],
            &["BC2", "BC3", "BC", "Empty", "Plus1", "Minus1", "GreaterEqual"],
        );
    }

    #[test]
    fn a_number_belongs_to_the_length_of_a_name() {
        let long = "a".repeat(100);
        let mut scope = Scope::default();
        let names: Vec<String> = (0..20_000).map(|_| scope.name(&long, Case::Snake).to_string()).collect();
        assert!(names.iter().all(|name| name.len() <= MAX_LENGTH), "{names:?}");
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
        assert_eq!(scope.name("b1", Case::Snake).to_string(), "b1");
        assert_eq!(scope.name("b1", Case::Snake).to_string(), "b1_2");
    }

    #[test]
    fn a_reordered_document_keeps_its_names() {
        check(Case::Pascal, &["x y", "x-y", "X_Y"], &["XY2", "XY3", "XY"]);
        check(Case::Pascal, &["X_Y", "x-y", "x y"], &["XY", "XY3", "XY2"]);
    }
}

//! `enum` and `const` as open Rust enums.

use descant_model::schema::Kinds;
use indexmap::{IndexMap, IndexSet};
use serde_json::Value;

use super::docs::Docs;
use super::items::{Enum, ItemKind, Type};
use super::names::{Case, Scope};
use super::node::Label;
use super::numbers;
use super::settled::Asked;
use super::types::{Place, Types};

impl<'a> Types<'a> {
    /// `enum` and `const`.
    pub(super) fn values(
        &mut self,
        values: &[&'a Value],
        labels: &[Label<'a>],
        place: &Place,
    ) -> Result<ItemKind, Type> {
        let kinds = values.iter().fold(Kinds::NULL, |kinds, value| kinds.or(Kinds::as_written(value)));
        match kinds.without(Kinds::NULL) {
            Kinds::STRING => {
                Ok(self.strings(values.iter().filter_map(|value| value.as_str()), labels, place))
            }
            Kinds::INTEGER => {
                let values = values.iter().filter(|value| !value.is_null());
                let numbers = values.clone().map(|value| {
                    let (name, docs) = label(labels, value);
                    Some((value.as_i64()?, name, docs))
                });
                let numbers: Option<Vec<_>> = numbers.collect();
                numbers.map(integers).ok_or_else(|| numbers::of_values(&values.copied().collect::<Vec<_>>()))
            }
            Kinds::BOOLEAN => Err(Type::Bool),
            Kinds::FRACTION | Kinds::NUMBER => Err(Type::F64),
            Kinds::ARRAY | Kinds::OBJECT => Err(Type::Any),
            _ if !kinds.without(Kinds::NULL).intersects(Kinds::ANY) => Err(Type::Null),
            _ if kinds.intersects(Kinds::ARRAY.or(Kinds::OBJECT)) => Err(Type::Any),
            _ => self.union_of_values(values, labels, place),
        }
    }

    /// An open enum of strings, each with the name that the document gives it.
    pub(super) fn strings<'v>(
        &mut self,
        values: impl Iterator<Item = &'v str>,
        labels: &[Label<'a>],
        place: &Place,
    ) -> ItemKind {
        let texts: IndexSet<&str> = values.collect();
        let mut scope = Scope::default();
        let of = format!("variants of {}", place.words.join(" "));
        let (asked, docs): (Vec<Asked>, Vec<Docs>) = texts
            .iter()
            .map(|text| {
                let (name, docs) = label(labels, &Value::from(*text));
                let text = (*text).to_owned();
                (Asked { text: name.unwrap_or_else(|| text.clone()), keys: vec![text] }, docs)
            })
            .unzip();
        let names = self.settled.kept(&mut scope, &of, &asked, Case::Variant, false);
        let names = names.into_iter().map(|named| named.name);
        let other = scope.name("Other", Case::Variant);
        let variants = names.zip(texts).zip(docs).map(|((name, text), docs)| (name, text.to_owned(), docs));
        ItemKind::Strings(Enum { variants: variants.collect(), other })
    }
}

/// What the document calls a value, and says of it.
fn label(labels: &[Label<'_>], value: &Value) -> (Option<String>, Docs) {
    let mut docs = Docs::default();
    let label = labels.iter().find(|label| label.value == value);
    docs.add_some(label.and_then(|label| label.description));
    (label.and_then(|label| label.name).map(str::to_owned), docs)
}

/// An open enum of integers, each with the name that the document gives it.
pub(super) fn integers(values: Vec<(i64, Option<String>, Docs)>) -> ItemKind {
    let mut numbers: IndexMap<i64, (Option<String>, Docs)> = IndexMap::new();
    values.into_iter().for_each(|(number, name, docs)| _ = numbers.entry(number).or_insert((name, docs)));
    let texts: Vec<String> =
        numbers.iter().map(|(number, (name, _))| name.clone().unwrap_or_else(|| spelled(*number))).collect();
    let mut scope = Scope::default();
    let names = scope.names(&texts, Case::Variant);
    let other = scope.name("Other", Case::Variant);
    let variants = names.into_iter().zip(numbers).map(|(name, (number, (_, docs)))| (name, number, docs));
    ItemKind::Integers(Enum { variants: variants.collect(), other })
}

fn spelled(number: i64) -> String {
    if number < 0 { format!("minus {}", number.unsigned_abs()) } else { format!("value {number}") }
}

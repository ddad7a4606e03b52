//! `enum` and `const` as open Rust enums.

use descant_model::schema::Kinds;
use indexmap::{IndexMap, IndexSet};
use serde_json::Value;

use super::items::{Enum, ItemKind, Type};
use super::names::{Case, Scope};
use super::numbers;
use super::types::{Place, Types};

impl<'a> Types<'a> {
    /// `enum` and `const`.
    pub(super) fn values(&mut self, values: &[&'a Value], place: &Place) -> Result<ItemKind, Type> {
        let kinds = values.iter().fold(Kinds::NULL, |kinds, value| kinds.or(Kinds::as_written(value)));
        match kinds.without(Kinds::NULL) {
            Kinds::STRING => Ok(self.strings(values.iter().filter_map(|value| value.as_str()), place)),
            Kinds::INTEGER => {
                let numbers =
                    values.iter().filter(|value| !value.is_null()).map(|value| Some((value.as_i64()?, None)));
                let numbers: Option<Vec<_>> = numbers.collect();
                numbers.map(integers).ok_or_else(|| numbers::of_values(values))
            }
            Kinds::BOOLEAN => Err(Type::Bool),
            Kinds::FRACTION | Kinds::NUMBER => Err(Type::F64),
            Kinds::ARRAY | Kinds::OBJECT => Err(Type::Any),
            _ if !kinds.without(Kinds::NULL).intersects(Kinds::ANY) => Err(Type::Null),
            _ if kinds.intersects(Kinds::ARRAY.or(Kinds::OBJECT)) => Err(Type::Any),
            _ => self.union_of_values(values, place),
        }
    }

    /// An open enum of strings.
    pub(super) fn strings<'v>(&mut self, values: impl Iterator<Item = &'v str>, place: &Place) -> ItemKind {
        let texts: IndexSet<&str> = values.collect();
        let texts: Vec<String> = texts.into_iter().map(str::to_owned).collect();
        let mut scope = Scope::default();
        let of = format!("variants of {}", place.words.join(" "));
        let names = self.settled.names(&mut scope, &of, &texts, Case::Variant);
        let other = scope.name("Other", Case::Variant);
        ItemKind::Strings(Enum { variants: names.into_iter().zip(texts).collect(), other })
    }
}

/// An open enum of integers, each with the name that the document gives it.
pub(super) fn integers(values: Vec<(i64, Option<String>)>) -> ItemKind {
    let mut numbers: IndexMap<i64, Option<String>> = IndexMap::new();
    values.into_iter().for_each(|(number, name)| _ = numbers.entry(number).or_insert(name));
    let texts: Vec<String> =
        numbers.iter().map(|(number, name)| name.clone().unwrap_or_else(|| spelled(*number))).collect();
    let mut scope = Scope::default();
    let names = scope.names(&texts, Case::Variant);
    let other = scope.name("Other", Case::Variant);
    ItemKind::Integers(Enum { variants: names.into_iter().zip(numbers.into_keys()).collect(), other })
}

fn spelled(number: i64) -> String {
    if number < 0 { format!("minus {}", number.unsigned_abs()) } else { format!("value {number}") }
}

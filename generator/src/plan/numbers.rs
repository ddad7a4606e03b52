//! Which Rust type holds every number that a schema admits, so that none is rounded.
//!
//! A number of the document itself is the nearest double where 64 bits cannot hold it, and the front end tells so.

use descant_model::schema::{Keyword, Kinds};
use descant_runtime::check::number;
use serde_json::{Number, Value};

use super::asserted::ASSERTED;
use super::items::Type;
use super::node::Node;

/// By the format, else by the bounds and what the document shows. Where nothing asks for more it is 64 bits with a sign:
/// every validator refuses what they cannot hold (`descant_runtime::check::number`).
pub(super) fn integer(node: &Node<'_>) -> Type {
    match node.format {
        Some("int32" | "int16" | "int8" | "uint16" | "uint8") => Type::I32,
        Some("uint32") => Type::U32,
        Some("int64") => Type::I64,
        Some("uint64" | "uint") => Type::U64,
        Some("int128" | "bigint") => Type::I128,
        Some("uint128") => Type::U128,
        _ => {
            let low = |keyword: &&Keyword| match keyword {
                Keyword::Minimum(bound) | Keyword::ExclusiveMinimum(bound) => bound.as_f64() >= Some(0.0),
                _ => false,
            };
            let is_positive = node.bounds.iter().any(low);
            let bounds = node.bounds.iter().filter_map(|keyword| match keyword {
                Keyword::Minimum(bound) | Keyword::ExclusiveMinimum(bound) => Some(bound),
                Keyword::Maximum(bound) | Keyword::ExclusiveMaximum(bound) => Some(bound),
                _ => None,
            });
            let shown = node.examples.iter().chain(node.default).filter_map(Value::as_number);
            wide_enough(is_positive, bounds.chain(shown))
        }
    }
}

/// Returns whether an integer has a type of more than 64 bits with a sign, which its format does not tell.
pub(super) fn is_wide(node: &Node<'_>) -> bool {
    let is_integer = node.kinds.intersects(Kinds::INTEGER) && !node.kinds.intersects(Kinds::FRACTION);
    let is_told =
        node.format.is_some_and(|format| number::is_of_integers(format) && ASSERTED.contains(&format));
    let ty = || match &node.values {
        Some(values) => of_values(values),
        None => integer(node),
    };
    is_integer && !is_told && matches!(ty(), Type::U64 | Type::I128 | Type::U128)
}

/// For integers that a schema lists.
pub(super) fn of_values(values: &[&Value]) -> Type {
    let numbers = || values.iter().filter_map(|value| value.as_number());
    wide_enough(numbers().all(|number| number.as_f64().is_some_and(|number| number >= 0.0)), numbers())
}

fn wide_enough<'v>(is_positive: bool, mut numbers: impl Iterator<Item = &'v Number> + Clone) -> Type {
    let is_wide =
        |number: &Number| number.as_f64().is_some_and(|number| number.abs() >= 9_223_372_036_854_775_808.0);
    if numbers.clone().all(|number| number.as_i64().is_some() || !is_wide(number) && !number.is_u64()) {
        return Type::I64;
    }
    match (is_positive, numbers.all(|number| number.is_i64() || number.is_u64())) {
        (true, true) => Type::U64,
        (true, false) => Type::U128,
        (false, _) => Type::I128,
    }
}

/// A double, or the digits where the format says that they count.
pub(super) fn number(node: &Node<'_>) -> Type {
    if is_exact(node) { Type::Number } else { Type::F64 }
}

/// Whether the digits of a number count.
pub(super) fn is_exact(node: &Node<'_>) -> bool {
    matches!(node.format, Some("decimal" | "decimal128"))
}

//! Converts `nullable: true` to 2020-12. In OpenAPI 3.0.3 it only affects `type`; documents use it with a
//! clear intent: null is valid, regardless of the other keywords.

use std::sync::Arc;

use serde_json::Value;

use crate::schema::{Keyword, Kinds, Schema};

/// Makes a schema, whose other keywords are already canonical, admit null.
pub(super) fn allow_null(mut keywords: Vec<Keyword>) -> Vec<Keyword> {
    let is_choice = |keyword: &&Keyword| matches!(keyword, Keyword::OneOf(_) | Keyword::AnyOf(_));
    let choices = keywords.iter().filter(is_choice).count();
    if choices > 1 || keywords.iter().any(is_whole) {
        return beside_null(keywords);
    }
    for keyword in &mut keywords {
        match keyword {
            Keyword::Type(kinds) => *kinds = kinds.or(Kinds::NULL),
            Keyword::Enum(values) => add(values, Value::Null),
            Keyword::AnyOf(branches) => add(branches, null()),
            Keyword::OneOf(branches) => {
                let mut list = branches.to_vec();
                add(&mut list, null());
                *branches = Arc::from(list);
            }
            _ => {}
        }
    }
    keywords
}

/// Whether a keyword constrains the value as a whole, so that null must be let past it.
fn is_whole(keyword: &Keyword) -> bool {
    use Keyword::{AllOf, Const, If, Not, Ref};
    matches!(keyword, Ref(_) | AllOf(_) | Not(_) | If(_) | Const(_))
}

/// `anyOf` the schema and null; annotations stay outside.
fn beside_null(keywords: Vec<Keyword>) -> Vec<Keyword> {
    let (mut outside, inside): (Vec<_>, Vec<_>) = keywords.into_iter().partition(Keyword::is_prose);
    outside.push(Keyword::AnyOf(vec![Schema::Keywords(inside), null()]));
    outside
}

/// The schema of null alone.
pub(super) fn null() -> Schema {
    Schema::Keywords(vec![Keyword::Type(Kinds::NULL)])
}

fn add<T: PartialEq>(list: &mut Vec<T>, value: T) {
    if !list.contains(&value) {
        list.push(value);
    }
}

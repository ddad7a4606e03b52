//! What to aim at where a schema must *not* hold: schemas of which each implies that it does not.
//!
//! The sampler needs this for `not` and for the other side of `if`. The list need not be complete: whatever is drawn
//! is judged by the schema itself.

use std::cell::Cell;

use serde_json::{Number, Value, json};

use super::{Sources, as_count, scalars::EXCEPT};
use crate::{decimal::Decimal, pointer, shape::Kinds};

/// How far into references and nested schemas a negation looks.
const REACH: usize = 6;
/// The most aims for one schema.
const MOST: usize = 32;
/// A property that a schema is not likely to declare.
const OTHER: &str = "other";
/// The most schemas that one negation looks at.
const BUDGET: usize = 256;

/// Schemas that rule `schema` out; a last resort that rules nothing out stands at the end.
pub(super) fn negate(schema: &Value, sources: &Sources) -> Vec<Value> {
    let mut aims = Negator { sources, budget: Cell::new(BUDGET) }.schema(schema, REACH);
    aims.truncate(MOST);
    aims.push(Value::Bool(true));
    aims
}

struct Negator<'a> {
    sources: &'a Sources,
    budget: Cell<usize>,
}

impl Negator<'_> {
    fn schema(&self, schema: &Value, reach: usize) -> Vec<Value> {
        let (Some(reach), Some(budget)) = (reach.checked_sub(1), self.budget.get().checked_sub(1)) else {
            return Vec::new();
        };
        self.budget.set(budget);
        let keywords = match schema {
            Value::Bool(false) => return vec![Value::Bool(true)],
            Value::Object(keywords) => keywords,
            _ => return Vec::new(),
        };
        // What is left out looks better than what has a value of the wrong kind.
        let (required, others): (Vec<_>, Vec<_>) = keywords.iter().partition(|(name, _)| *name == "required");
        let keywords = required.into_iter().chain(others);
        keywords.flat_map(|(name, value)| self.keyword(name, value, reach)).take(MOST).collect()
    }

    fn keyword(&self, name: &str, value: &Value, reach: usize) -> Vec<Value> {
        match name {
            "$ref" => self.reference(value, reach),
            "allOf" => each(value).flat_map(|member| self.schema(member, reach)).collect(),
            "anyOf" | "oneOf" => {
                let members = each(value).map(|member| json!({"anyOf": self.schema(member, reach)}));
                vec![json!({"allOf": members.collect::<Vec<_>>()})]
            }
            "not" => vec![value.clone()],
            "properties" => self.properties(value, reach),
            "items" => {
                let others = self.schema(value, reach).into_iter();
                others.map(|other| json!({"type": "array", "contains": other})).collect()
            }
            "contains" => {
                let others = self.schema(value, reach).into_iter();
                others.map(|other| json!({"type": "array", "items": other})).collect()
            }
            "prefixItems" => self.prefix(value, reach),
            "required" => each(value).filter_map(Value::as_str).map(absent).collect(),
            "additionalProperties" => {
                let others = self.schema(value, reach).into_iter();
                others
                    .map(|other| json!({"type": "object", "required": [OTHER], "properties": {OTHER: other}}))
                    .collect()
            }
            _ => assertion(name, value).into_iter().collect(),
        }
    }

    fn reference(&self, value: &Value, reach: usize) -> Vec<Value> {
        let key = value.as_str().and_then(pointer::definition);
        let target = key.and_then(|key| self.sources.get(&key));
        target.map(|target| self.schema(target, reach)).unwrap_or_default()
    }

    /// An item that breaks the schema of its position.
    fn prefix(&self, value: &Value, reach: usize) -> Vec<Value> {
        let broken = each(value).enumerate().flat_map(|(i, item)| {
            let before = std::iter::repeat_n(Value::Bool(true), i);
            let others = self.schema(item, reach).into_iter();
            others.map(move |other| {
                let prefix: Vec<_> = before.clone().chain([other]).collect();
                json!({"type": "array", "minItems": i + 1, "prefixItems": prefix})
            })
        });
        broken.take(MOST).collect()
    }

    fn properties(&self, value: &Value, reach: usize) -> Vec<Value> {
        let declared = value.as_object().into_iter().flatten();
        let broken = declared.flat_map(|(name, property)| {
            let others = self.schema(property, reach).into_iter();
            others
                .map(move |other| json!({"type": "object", "required": [name], "properties": {name: other}}))
        });
        broken.collect()
    }
}

fn each(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// An object without a property.
fn absent(name: &str) -> Value {
    json!({"type": "object", "properties": {name: false}})
}

/// What breaks a keyword that states a fact about the value itself.
fn assertion(name: &str, value: &Value) -> Option<Value> {
    let limit = |kind: &str, keyword: &str, limit: Option<u64>| Some(json!({"type": kind, keyword: limit?}));
    let count = as_count(value);
    let (below, above) = (count.and_then(|n| n.checked_sub(1)), count.and_then(|n| n.checked_add(1)));
    match name {
        "type" => other_types(value),
        "const" => Some(json!({EXCEPT: [value]})),
        "enum" => Some(json!({EXCEPT: value})),
        "minimum" => bound("exclusiveMaximum", value.as_number()),
        "maximum" => bound("exclusiveMinimum", value.as_number()),
        "exclusiveMinimum" => bound("maximum", value.as_number()),
        "exclusiveMaximum" => bound("minimum", value.as_number()),
        "minLength" => limit("string", "maxLength", below),
        "maxLength" => limit("string", "minLength", above),
        "minItems" => limit("array", "maxItems", below),
        "maxItems" => limit("array", "minItems", above),
        "minProperties" => limit("object", "maxProperties", below),
        "maxProperties" => limit("object", "minProperties", above),
        "multipleOf" => {
            let unit = Decimal::of(value.as_number()?)?;
            let finer = Decimal::new(unit.digits, unit.exponent.checked_sub(1)?).to_number()?;
            Some(json!({"type": "number", "multipleOf": finer}))
        }
        "uniqueItems" => Some(json!({"enum": [[0, 0], ["a", "a"], [null, null], [true, true], [{}, {}]]})),
        "pattern" | "format" => Some(json!({"type": "string"})),
        _ => None,
    }
}

fn bound(keyword: &str, limit: Option<&Number>) -> Option<Value> {
    Some(json!({"type": "number", keyword: limit?}))
}

fn other_types(value: &Value) -> Option<Value> {
    let named = |name: &Value| Kinds::named(name.as_str()?);
    let kinds = match value {
        Value::Array(names) => names.iter().filter_map(named).fold(Kinds::NONE, Kinds::or),
        name => named(name)?,
    };
    let others: Vec<_> = Kinds::ANY.without(kinds).names().collect();
    (!others.is_empty()).then(|| json!({"type": others}))
}

//! The negation of a schema, for sampling: schemas that each imply that it does not match.
//!
//! The sampler needs it for `not` and for the `else` side of `if`. The list need not be complete: every sample is
//! validated by the schema itself.

use descant_model::schema::{Keyword, Kinds, Schema};
use serde_json::{Number, Value, json};

use super::{Compiler, Place, scalars::as_unit};
use crate::{
    decimal::Decimal,
    node::{Arrays, Contains, Field, Hidden, Logic, Node, Numbers, Objects, Required, Texts, Values},
};

/// How far into references and nested schemas a negation looks.
const REACH: usize = 6;
/// The most aims for one schema.
const MOST: usize = 32;
/// A property that a schema is not likely to declare.
const OTHER: &str = "other";
/// The most schemas that one negation looks at.
pub(super) const BUDGET: usize = 256;

/// Returns schemas that rule `schema` out; a last resort that rules nothing out stands at the end.
pub(super) fn negate<'a>(
    compiler: &mut Compiler<'a>,
    schema: &'a Schema,
    depth: usize,
    budget: usize,
) -> Vec<Node> {
    let mut aims = Negator { compiler, depth, budget }.schema(schema, REACH);
    aims.truncate(MOST);
    aims.push(Node::anything());
    aims
}

struct Negator<'c, 'a> {
    compiler: &'c mut Compiler<'a>,
    /// How deep the schema is nested.
    depth: usize,
    budget: usize,
}

impl<'a> Negator<'_, 'a> {
    fn schema(&mut self, schema: &'a Schema, reach: usize) -> Vec<Node> {
        let (Some(reach), Some(budget)) = (reach.checked_sub(1), self.budget.checked_sub(1)) else {
            return Vec::new();
        };
        self.budget = budget;
        if !self.compiler.takes_aim() {
            return Vec::new();
        }
        if schema.is_false() {
            return vec![Node::anything()];
        }
        // What is left out looks better than what has a value of the wrong kind.
        let is_required = |keyword: &&Keyword| matches!(keyword, Keyword::Required(_));
        let (required, others): (Vec<_>, Vec<_>) = schema.keywords().iter().partition(is_required);
        let keywords = required.into_iter().chain(others);
        keywords.flat_map(|keyword| self.keyword(keyword, reach)).take(MOST).collect()
    }

    fn keyword(&mut self, keyword: &'a Keyword, reach: usize) -> Vec<Node> {
        match keyword {
            Keyword::Ref(target) => {
                let target = self.compiler.sources.get(target.0 as usize);
                target.map(|(_, target)| self.schema(target, reach)).unwrap_or_default()
            }
            Keyword::AllOf(parts) => parts.iter().flat_map(|part| self.schema(part, reach)).collect(),
            Keyword::AnyOf(branches) => vec![self.none_of(branches, reach)],
            Keyword::OneOf(branches) => vec![self.none_of(branches, reach)],
            Keyword::Not(schema) => {
                let place = Place { outer: None, token: "", depth: self.depth + 1 };
                vec![self.compiler.schema(schema, &place)]
            }
            Keyword::Properties(properties) => {
                let broken = properties.iter();
                broken.flat_map(|(name, property)| self.member(name, property, reach)).collect()
            }
            Keyword::AdditionalProperties(schema) => self.member(OTHER, schema, reach),
            Keyword::Items(schema) => self.schema(schema, reach).into_iter().map(containing).collect(),
            Keyword::Contains(schema) => {
                let others = self.schema(schema, reach).into_iter();
                others.map(|other| array(Arrays { items: Some(other), ..Arrays::default() })).collect()
            }
            Keyword::PrefixItems(prefix) => self.prefix(prefix, reach),
            Keyword::Required(names) => names.iter().map(|name| absent(name)).collect(),
            assertion => broken(assertion).into_iter().collect(),
        }
    }

    /// A value that fits none of several schemas, as far as the budget goes.
    fn none_of(&mut self, branches: &'a [Schema], reach: usize) -> Node {
        let mut all = Vec::new();
        for branch in branches {
            if self.budget == 0 || self.compiler.aims == 0 {
                break;
            }
            let logic = Logic { any: self.schema(branch, reach), ..Logic::default() };
            all.push(Node { logic: Some(Box::new(logic)), ..Node::anything() });
        }
        let logic = Logic { all, ..Logic::default() };
        Node { logic: Some(Box::new(logic)), ..Node::anything() }
    }

    /// An object with a member that breaks its schema.
    fn member(&mut self, name: &str, schema: &'a Schema, reach: usize) -> Vec<Node> {
        let others = self.schema(schema, reach).into_iter();
        let object = |node| {
            let required = vec![Required { name: name.into(), hidden: Hidden::default() }];
            let field = Field { node, ..Field::default() };
            object(Objects {
                required,
                fields: [(name.into(), field)].into_iter().collect(),
                ..Objects::default()
            })
        };
        others.map(object).collect()
    }

    /// An array with an item that breaks the schema of its position.
    fn prefix(&mut self, prefix: &'a [Schema], reach: usize) -> Vec<Node> {
        let broken = prefix.iter().enumerate().flat_map(|(i, item)| {
            let others = self.schema(item, reach).into_iter();
            others.map(move |other| {
                let before = std::iter::repeat_with(Node::anything).take(i);
                let prefix = before.chain([other]).collect();
                array(Arrays { min: i as u64 + 1, prefix, ..Arrays::default() })
            })
        });
        broken.take(MOST).collect()
    }
}

/// Returns what breaks a keyword that constrains the value by itself; `None` where nothing is known to.
fn broken(keyword: &Keyword) -> Option<Node> {
    let below = |count: &u64| count.checked_sub(1);
    let above = |count: &u64| count.checked_add(1);
    Some(match keyword {
        Keyword::Type(kinds) => of(Some(Kinds::ANY.without(*kinds)).filter(|others| !others.is_empty())?),
        Keyword::Const(constant) => {
            values(Values { excluded: vec![(**constant).clone()].into(), ..Values::default() })
        }
        Keyword::Enum(options) => values(Values { excluded: options.clone().into(), ..Values::default() }),
        Keyword::Minimum(n) => number(Numbers { exclusive_maximum: Some(n.clone()), ..Numbers::default() }),
        Keyword::Maximum(n) => number(Numbers { exclusive_minimum: Some(n.clone()), ..Numbers::default() }),
        Keyword::ExclusiveMinimum(n) => number(Numbers { maximum: Some(n.clone()), ..Numbers::default() }),
        Keyword::ExclusiveMaximum(n) => number(Numbers { minimum: Some(n.clone()), ..Numbers::default() }),
        Keyword::MultipleOf(n) => number(Numbers { multiple_of: Some(finer(n)?), ..Numbers::default() }),
        Keyword::MinLength(n) => text(Texts { max: Some(below(n)?), ..Texts::default() }),
        Keyword::MaxLength(n) => text(Texts { min: above(n)?, ..Texts::default() }),
        Keyword::MinItems(n) => array(Arrays { max: Some(below(n)?), ..Arrays::default() }),
        Keyword::MaxItems(n) => array(Arrays { min: above(n)?, ..Arrays::default() }),
        Keyword::MinProperties(n) => object(Objects { max: Some(below(n)?), ..Objects::default() }),
        Keyword::MaxProperties(n) => object(Objects { min: above(n)?, ..Objects::default() }),
        Keyword::UniqueItems(_) => values(Values { options: Some(doubles().into()), ..Values::default() }),
        Keyword::Pattern(_) | Keyword::Format(_) => of(Kinds::STRING),
        _ => return None,
    })
}

/// An object without a property.
fn absent(name: &str) -> Node {
    let field = Field { node: Node::default(), ..Field::default() };
    object(Objects { fields: [(name.into(), field)].into_iter().collect(), ..Objects::default() })
}

/// An array with an item of a schema.
fn containing(node: Node) -> Node {
    array(Arrays { contains: Some(Contains { node, min: 1, max: None }), ..Arrays::default() })
}

/// Arrays in which an item occurs twice.
fn doubles() -> Vec<Value> {
    let items = [json!(0), json!("a"), json!(null), json!(true), json!({})];
    items.into_iter().map(|item| json!([item, item])).collect()
}

/// The unit of one more decimal place.
fn finer(unit: &Number) -> Option<(Decimal, Number)> {
    let unit = Decimal::of(unit)?;
    as_unit(&Decimal::new(unit.digits, unit.exponent.checked_sub(1)?).to_number()?)
}

fn of(kinds: Kinds) -> Node {
    Node { kinds, ..Node::default() }
}

fn values(values: Values) -> Node {
    Node { values: Some(Box::new(values)), ..Node::anything() }
}

fn number(numbers: Numbers) -> Node {
    Node { numbers: Some(Box::new(numbers)), ..of(Kinds::NUMBER) }
}

fn text(texts: Texts) -> Node {
    Node { texts: Some(Box::new(texts)), ..of(Kinds::STRING) }
}

fn array(arrays: Arrays) -> Node {
    Node { arrays: Some(Box::new(arrays)), ..of(Kinds::ARRAY) }
}

fn object(objects: Objects) -> Node {
    Node { objects: Some(Box::new(objects)), ..of(Kinds::OBJECT) }
}

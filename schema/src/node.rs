//! Compiled schemas: keywords grouped by the type of value that they restrict, for validation and sampling.
//!
//! A `$ref` is an index into the set of schemas, so that a definition is compiled once, and recursive definitions need
//! no special care when dropped.

use std::sync::{Arc, OnceLock};

use descant_model::{
    api::SchemaId,
    schema::{Direction, Kinds, Schema},
};
use serde_json::{Number, Value};

use crate::{
    decimal::Decimal,
    fields::Fields,
    format::{Format, Range},
    judge::List,
    pattern::Pattern,
    sample::Suit,
};

/// One schema.
#[derive(Debug, Default)]
pub(crate) struct Node {
    /// By `type`; none for the schema `false`.
    pub(crate) kinds: Kinds,
    /// Null is admitted, but no sample is null.
    pub(crate) hides_null: bool,
    /// An integer of more than 64 bits is admitted: the schema asks for it, or has a format that says which there are.
    pub(crate) wide: bool,
    /// Which keywords of logic, of values and of each kind it has: most have few.
    pub(crate) values: Option<Box<Values>>,
    pub(crate) numbers: Option<Box<Numbers>>,
    pub(crate) texts: Option<Box<Texts>>,
    pub(crate) arrays: Option<Box<Arrays>>,
    pub(crate) objects: Option<Box<Objects>>,
    pub(crate) logic: Option<Box<Logic>>,
    pub(crate) notes: Option<Box<Notes>>,
}

/// `const` and `enum`.
#[derive(Debug, Default)]
pub(crate) struct Values {
    pub(crate) constant: Option<Value>,
    pub(crate) options: Option<List>,
    /// What must not be taken: only in schemas that the sampler aims at.
    pub(crate) excluded: List,
}

#[derive(Debug, Default)]
pub(crate) struct Numbers {
    pub(crate) minimum: Option<Number>,
    pub(crate) maximum: Option<Number>,
    pub(crate) exclusive_minimum: Option<Number>,
    pub(crate) exclusive_maximum: Option<Number>,
    pub(crate) multiple_of: Option<(Decimal, Number)>,
    pub(crate) range: Option<Range>,
}

#[derive(Debug, Default)]
pub(crate) struct Texts {
    /// In code points.
    pub(crate) min: u64,
    pub(crate) max: Option<u64>,
    pub(crate) pattern: Option<Pattern>,
    pub(crate) format: Option<&'static Format>,
    /// The schema of a value whose JSON a text is (`contentSchema`): followed by samples, no constraint.
    pub(crate) content: Option<Box<Node>>,
}

#[derive(Debug, Default)]
pub(crate) struct Arrays {
    pub(crate) min: u64,
    pub(crate) max: Option<u64>,
    pub(crate) unique: bool,
    pub(crate) prefix: Vec<Node>,
    pub(crate) items: Option<Node>,
    pub(crate) contains: Option<Contains>,
    pub(crate) unevaluated: Option<Node>,
}

#[derive(Debug)]
pub(crate) struct Contains {
    pub(crate) node: Node,
    pub(crate) min: u64,
    pub(crate) max: Option<u64>,
}

#[derive(Debug, Default)]
pub(crate) struct Objects {
    pub(crate) min: u64,
    pub(crate) max: Option<u64>,
    pub(crate) fields: Fields<Field>,
    pub(crate) patterns: Vec<(Pattern, Node)>,
    pub(crate) additional: Option<Node>,
    pub(crate) names: Option<Node>,
    pub(crate) required: Vec<Required>,
    pub(crate) dependent: Vec<(String, Vec<String>)>,
    pub(crate) unevaluated: Option<Node>,
}

/// A declared property.
#[derive(Debug, Default)]
pub(crate) struct Field {
    pub(crate) node: Node,
    pub(crate) hidden: Hidden,
    /// What its name suggests: asked for where it is sampled.
    pub(crate) suit: OnceLock<Suit>,
}

impl Field {
    /// Returns what suits the property, by its name.
    pub(crate) fn suit(&self, name: &str) -> &Suit {
        self.suit.get_or_init(|| Suit::of(name))
    }
}

/// A required property.
#[derive(Debug)]
pub(crate) struct Required {
    pub(crate) name: Box<str>,
    /// Where it is hidden it is not required (OAS 4.8.24).
    pub(crate) hidden: Hidden,
}

/// In which directions a property is hidden: `readOnly` in requests, `writeOnly` in responses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hidden {
    pub(crate) in_request: bool,
    pub(crate) in_response: bool,
}

impl Hidden {
    pub(crate) fn is_in(self, direction: Direction) -> bool {
        match direction {
            Direction::Request => self.in_request,
            Direction::Response => self.in_response,
        }
    }
}

/// Validates keywords that apply other schemas to the same value.
#[derive(Debug, Default)]
pub(crate) struct Logic {
    pub(crate) reference: Option<SchemaId>,
    pub(crate) dynamic: Option<Box<str>>,
    pub(crate) all: Vec<Node>,
    pub(crate) any: Vec<Node>,
    pub(crate) one: Vec<Node>,
    pub(crate) others: Others,
    pub(crate) not: Option<Negation>,
    pub(crate) condition: Option<Condition>,
    pub(crate) dependent: Vec<(String, Node)>,
}

/// What rules out each alternative of `oneOf`: sought only where a value would keep several.
#[derive(Debug, Default)]
pub(crate) struct Others {
    /// The alternatives' schemas.
    pub(crate) source: Option<Arc<[Schema]>>,
    /// For each alternative, schemas of which each implies that it does not hold.
    pub(crate) aims: OnceLock<Vec<Vec<Node>>>,
}

#[derive(Debug)]
pub(crate) struct Negation {
    pub(crate) node: Node,
    /// Schemas of which each one implies that `node` does not hold, for the sampler to aim at.
    pub(crate) aims: Vec<Node>,
}

#[derive(Debug)]
pub(crate) struct Condition {
    pub(crate) test: Negation,
    pub(crate) then: Option<Node>,
    pub(crate) otherwise: Option<Node>,
}

/// What is no constraint, but guides samples and words.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) title: Option<Box<str>>,
    /// `examples`, `example`, then `default`.
    pub(crate) examples: Vec<Value>,
    pub(crate) discriminator: Option<Discriminator>,
}

/// OAS 4.8.25.
#[derive(Debug)]
pub(crate) struct Discriminator {
    pub(crate) property: Box<str>,
    /// From a definition to the value that names it.
    pub(crate) mapping: Vec<(SchemaId, String)>,
    /// Whether a value whose tag names nothing has a schema too (`defaultMapping`).
    pub(crate) has_default: bool,
}

/// What a value's tag says of alternatives.
#[derive(Clone, Copy)]
pub(crate) enum Tag<'d> {
    Absent,
    /// The index of the alternative.
    Names(usize),
    Unknown(&'d Discriminator),
}

impl Node {
    /// The schema `true`.
    pub(crate) fn anything() -> Node {
        Node { kinds: Kinds::ANY, ..Node::default() }
    }

    /// Returns the kinds of samples.
    pub(crate) fn drawn(&self) -> Kinds {
        if self.hides_null { self.kinds.without(Kinds::NULL) } else { self.kinds }
    }

    /// Whether it is the schema `false`.
    pub(crate) fn is_false(&self) -> bool {
        self.kinds.is_empty()
    }
}

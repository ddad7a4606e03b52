//! Sets of JSON's types of value, as `type` names them.

use std::fmt;

use serde_json::Value;

/// A set of JSON's types. Integers and fractions are separate; `number` is both.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Kinds(u8);

impl Kinds {
    /// The empty set.
    pub const NONE: Kinds = Kinds(0);
    /// `null`.
    pub const NULL: Kinds = Kinds(1);
    /// `boolean`.
    pub const BOOLEAN: Kinds = Kinds(2);
    /// `integer`.
    pub const INTEGER: Kinds = Kinds(4);
    /// Numbers other than integers.
    pub const FRACTION: Kinds = Kinds(8);
    /// `number`, including integers.
    pub const NUMBER: Kinds = Kinds(8 | 4);
    /// `string`.
    pub const STRING: Kinds = Kinds(16);
    /// `array`.
    pub const ARRAY: Kinds = Kinds(32);
    /// `object`.
    pub const OBJECT: Kinds = Kinds(64);
    /// All kinds.
    pub const ANY: Kinds = Kinds(127);

    /// Returns the kind that `type` names; `None` for any other name.
    pub fn named(name: &str) -> Option<Kinds> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, kinds)| *kinds)
    }

    /// Returns the kind of a value; a number with a zero fraction is whole (JSON Schema Core 4.2.3).
    pub fn of(value: &Value) -> Kinds {
        match value {
            Value::Number(n) if n.is_f64() && n.as_f64().is_some_and(|n| n.fract() == 0.0) => Kinds::INTEGER,
            other => Kinds::as_written(other),
        }
    }

    /// Returns the kind of a value by its notation: `1.0` is a fraction, because a document that writes it means one.
    pub fn as_written(value: &Value) -> Kinds {
        match value {
            Value::Null => Kinds::NULL,
            Value::Bool(_) => Kinds::BOOLEAN,
            Value::Number(n) if n.is_f64() => Kinds::FRACTION,
            Value::Number(_) => Kinds::INTEGER,
            Value::String(_) => Kinds::STRING,
            Value::Array(_) => Kinds::ARRAY,
            Value::Object(_) => Kinds::OBJECT,
        }
    }

    /// Whether the set contains all kinds of the other.
    pub fn contains(self, other: Kinds) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether the sets have a common kind.
    pub fn intersects(self, other: Kinds) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether the set is empty.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether there is more than one kind, with integers and fractions counted as one.
    pub fn is_broad(self) -> bool {
        self.0.count_ones() > 1 && self != Kinds::NUMBER
    }

    /// Returns the kinds that are in both sets.
    #[must_use]
    pub const fn and(self, other: Kinds) -> Kinds {
        Kinds(self.0 & other.0)
    }

    /// Returns the kinds that are in either set.
    #[must_use]
    pub const fn or(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }

    /// Returns the kinds that are not in the other set.
    #[must_use]
    pub const fn without(self, other: Kinds) -> Kinds {
        Kinds(self.0 & !other.0)
    }

    /// Returns the names of these kinds for `type`.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let narrower = move |name: &str| name != "integer" || !self.contains(Kinds::NUMBER);
        NAMES
            .iter()
            .filter(move |(name, kinds)| self.contains(*kinds) && narrower(name))
            .map(|(name, _)| *name)
    }
}

const NAMES: [(&str, Kinds); 7] = [
    ("null", Kinds::NULL),
    ("boolean", Kinds::BOOLEAN),
    ("integer", Kinds::INTEGER),
    ("number", Kinds::NUMBER),
    ("string", Kinds::STRING),
    ("array", Kinds::ARRAY),
    ("object", Kinds::OBJECT),
];

impl fmt::Debug for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

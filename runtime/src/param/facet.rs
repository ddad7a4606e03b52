//! Decides what a schema may say of a value beside its kind: what [`crate::check`] judges, and how XML writes it.

use std::borrow::Cow;

/// One such saying.
#[derive(Clone, Debug, PartialEq)]
pub enum Facet {
    /// The least number.
    Minimum(f64),
    /// What the number must be above.
    ExclusiveMinimum(f64),
    /// The greatest number.
    Maximum(f64),
    /// What the number must be below.
    ExclusiveMaximum(f64),
    /// What the number must be a multiple of; above zero.
    MultipleOf(f64),
    /// In characters, as JSON Schema counts (RFC 8259, 8.1).
    MinLength(usize),
    /// In characters.
    MaxLength(usize),
    /// A regular expression of the `regex` crate's dialect, found anywhere in the text.
    #[cfg(feature = "pattern")]
    Pattern(Cow<'static, str>),
    /// The least number of items.
    MinItems(usize),
    /// The greatest number of items.
    MaxItems(usize),
    /// No two items are equal.
    UniqueItems,
    /// The least number of properties.
    MinProperties(usize),
    /// The greatest number of properties.
    MaxProperties(usize),
    /// Properties that must be there.
    Required(&'static [&'static str]),
    /// No property that the shape does not name.
    Closed,
    /// The texts of which a text must be one.
    OneOf(&'static [&'static str]),
    /// What XML calls it (OAS 4.8.26); an item's name is that of its element.
    XmlName(Cow<'static, str>),
    /// The namespace of its name, as a URI.
    XmlNamespace(Cow<'static, str>),
    /// The prefix of its name.
    XmlPrefix(Cow<'static, str>),
    /// It is an attribute of its parent's element.
    XmlAttribute,
    /// A list that has an element of its own round its items.
    XmlWrapped,
}

//! Decides what a schema may say of a value beside its kind: what [`crate::check`] judges, and how XML writes it.

use std::borrow::Cow;

use super::{Encoding, Properties, Reference, Shape};
use crate::pattern::Pattern;

/// One such saying.
#[derive(Clone, Debug)]
pub enum Facet {
    /// The least number.
    Minimum(f64),
    /// What the number must be above.
    ExclusiveMinimum(f64),
    /// The greatest number.
    Maximum(f64),
    /// What the number must be below.
    ExclusiveMaximum(f64),
    /// The least number, where no float is it.
    MinimumInteger(i128),
    /// The greatest number, where no float is it.
    MaximumInteger(i128),
    /// What the number must be a multiple of; above zero.
    MultipleOf(f64),
    /// In characters, as JSON Schema counts (RFC 8259, 8.1).
    MinLength(usize),
    /// In characters.
    MaxLength(usize),
    /// A regular expression that is found in the text. It is judged where the feature `pattern` is on; one with
    /// back-references where `backtracking` is.
    Pattern(&'static Pattern),
    /// A format by its name ([`crate::format`]). It is judged where the feature `format` is on; a name that is not known
    /// says nothing.
    Format(Cow<'static, str>),
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
    /// The integers of which a number must be one.
    OneOfIntegers(&'static [i64]),
    /// The values of which any value must be one, as JSON.
    OneOfValues(&'static [&'static str]),
    /// Shapes of which at least one must fit.
    AnyOf(&'static [Reference]),
    /// As [`Facet::AnyOf`], with the keyword that a fault names: `oneOf` or `anyOf`. Of both it is asked that one shape fits.
    Union(Cow<'static, str>, &'static [Reference]),
    /// A property, and which of the shapes of [`Facet::Union`] its values name: whose faults are told where none fits.
    Tag(&'static str, &'static [(&'static str, usize)]),
    /// Shapes of which none may fit.
    Not(&'static [Reference]),
    /// The shapes of the first items; that of items is about the rest.
    Prefix(&'static [Reference]),
    /// Shapes of which each fits one item at least.
    Contains(&'static [Reference]),
    /// Shapes that the names of all properties fit.
    Names(&'static [Reference]),
    /// Shapes of the properties whose names a pattern is found in.
    Matching(&'static Pattern, &'static [Reference]),
    /// How a property of a form is written (OAS 4.8.15).
    Encoded(Encoding),
    /// The media types of a part of a multipart body, as `contentType` states them.
    ContentType(Cow<'static, str>),
    /// A number whose digits count: one that a double would round is refused.
    Exact,
    /// A parameter that may be sent with no value (`allowEmptyValue`, OAS 4.8.12.2): whatever else is said of it.
    MayBeEmpty,
    /// Bytes: a string of which each character is one (see [`crate::media`]).
    Binary,
    /// What XML calls it (OAS 4.8.26); an item's name is that of its element.
    XmlName(Cow<'static, str>),
    /// What a document is called whose root it is, where nothing else names it.
    XmlRoot(Cow<'static, str>),
    /// The namespace of its name, as a URI.
    XmlNamespace(Cow<'static, str>),
    /// The prefix of its name.
    XmlPrefix(Cow<'static, str>),
    /// It is an attribute of its parent's element.
    XmlAttribute,
    /// A list that has an element of its own round its items.
    XmlWrapped,
}

/// What the facets say to codecs.
impl Shape {
    /// The first facet that says what is asked for.
    fn facet<'a, T>(&'a self, says: impl FnMut(&'a Facet) -> Option<T>) -> Option<T> {
        self.facets.iter().find_map(says)
    }

    /// The properties that the shape names.
    pub fn named(&self) -> impl Iterator<Item = (&str, &Self)> {
        self.properties.iter().flat_map(Properties::iter)
    }

    /// How a form writes it, if that is stated.
    pub fn encoding(&self) -> Option<Encoding> {
        self.facet(|facet| if let Facet::Encoded(encoding) = facet { Some(*encoding) } else { None })
    }

    /// The media types of its part, if they are stated.
    pub fn content_type(&self) -> Option<&str> {
        self.facet(|facet| if let Facet::ContentType(types) = facet { Some(types.as_ref()) } else { None })
    }

    /// Whether a parameter may be sent with no value.
    pub fn may_be_empty(&self) -> bool {
        self.facets.iter().any(|facet| matches!(facet, Facet::MayBeEmpty))
    }

    /// Whether it is bytes.
    pub fn is_binary(&self) -> bool {
        self.facets.iter().any(|facet| matches!(facet, Facet::Binary))
    }

    /// What XML calls it, if that is stated.
    pub fn xml_name(&self) -> Option<&str> {
        self.facet(|facet| if let Facet::XmlName(name) = facet { Some(name.as_ref()) } else { None })
    }

    /// What XML calls a document that is one.
    pub fn xml_root(&self) -> Option<&str> {
        let root =
            || self.facet(|facet| if let Facet::XmlRoot(name) = facet { Some(name.as_ref()) } else { None });
        self.xml_name().or_else(root)
    }

    /// The prefix and the namespace of its XML name.
    pub fn xml_namespace(&self) -> (Option<&str>, Option<&str>) {
        let prefix =
            self.facet(|facet| if let Facet::XmlPrefix(text) = facet { Some(text.as_ref()) } else { None });
        let uri = self
            .facet(|facet| if let Facet::XmlNamespace(text) = facet { Some(text.as_ref()) } else { None });
        (prefix, uri)
    }

    /// Whether it is an attribute in XML.
    pub fn is_attribute(&self) -> bool {
        self.facets.iter().any(|facet| matches!(facet, Facet::XmlAttribute))
    }

    /// Whether its items have an element of their own round them in XML.
    pub fn is_wrapped(&self) -> bool {
        self.facets.iter().any(|facet| matches!(facet, Facet::XmlWrapped))
    }

    /// The name of the elements or the attribute that are a property of this name (OAS 4.8.26.1): the list's own
    /// name counts for nothing where it is not wrapped.
    pub fn element_name<'a>(&'a self, property: &'a str) -> &'a str {
        match &self.items {
            Some(items) if !self.is_wrapped() => items.xml_name().unwrap_or(property),
            _ => self.xml_name().unwrap_or(property),
        }
    }
}

//! Decides which JSON value a text stands for: text has no kinds of its own, so its schema's shape says what it may
//! be.

use std::borrow::Cow;
use std::ops::{BitOr, Deref};
use std::sync::Arc;

use serde_json::{Number, Value};

use super::Encoding;
use crate::check::number;
use crate::json;
use crate::pattern::Pattern;

/// What a value that travels as text may be. Generated servers hold them as statics, the mock makes them from
/// schemas.
///
/// A union may have scalar kinds, items and properties at once; which one a text is follows from how it is written.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// The scalars it may be.
    pub kinds: Kinds,
    /// What the items are, where it may be a list.
    pub items: Option<Reference>,
    /// What the properties are, where it may be an object.
    pub properties: Option<Properties>,
    /// What properties not named are; `None` means text, and that they are not looked for in an exploded query.
    pub additional: Option<Reference>,
    /// What else the schema says of it; decoding parameters does not look here.
    pub facets: Cow<'static, [Facet]>,
}

/// A set of scalar kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds(u8);

/// A shape elsewhere: a static one, or a shared one.
#[derive(Clone, Debug)]
pub enum Reference {
    /// In generated code.
    Static(&'static Shape),
    /// Made at run time.
    Shared(Arc<Shape>),
}

/// Named shapes, in the order of the schema.
#[derive(Clone, Debug)]
pub enum Properties {
    /// In generated code.
    Static(&'static [(&'static str, Reference)]),
    /// Made at run time.
    Shared(Arc<[(String, Reference)]>),
}

impl Deref for Reference {
    type Target = Shape;

    fn deref(&self) -> &Shape {
        match self {
            Self::Static(shape) => shape,
            Self::Shared(shape) => shape,
        }
    }
}

impl From<Shape> for Reference {
    fn from(shape: Shape) -> Self {
        Self::Shared(Arc::new(shape))
    }
}

impl Properties {
    /// Each name with its shape.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Shape)> {
        let (fixed, shared): (&[_], &[_]) = match self {
            Self::Static(list) => (list, &[]),
            Self::Shared(list) => (&[], list),
        };
        fixed
            .iter()
            .map(|(name, shape)| (*name, &**shape))
            .chain(shared.iter().map(|(name, shape)| (name.as_str(), &**shape)))
    }
}

impl Kinds {
    /// No scalar.
    pub const NONE: Self = Self(0);
    /// A number without a fraction.
    pub const INTEGER: Self = Self(1);
    /// Any number.
    pub const NUMBER: Self = Self(2);
    /// `true` or `false`.
    pub const BOOLEAN: Self = Self(4);
    /// Any text.
    pub const STRING: Self = Self(8);
    /// The text `null`; where no string may stand, also the empty text.
    pub const NULL: Self = Self(16);

    /// Any kind of value, lists and objects too: what a schema that is only checked may leave open.
    pub const ANY: Self = Self(32);

    /// Every scalar, for a schema without `type`.
    pub const SCALAR: Self = Self(31);

    /// Both sets together.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of the other set is in this one.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether no scalar is meant.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// `an integer or null`.
    pub(crate) fn describe(self) -> String {
        let names = [
            (Self::INTEGER, "an integer"),
            (Self::NUMBER, "a number"),
            (Self::BOOLEAN, "`true` or `false`"),
            (Self::STRING, "text"),
            (Self::NULL, "`null`"),
        ];
        let names: Vec<&str> =
            names.iter().filter(|(kind, _)| self.has(*kind)).map(|(_, name)| *name).collect();
        if names.is_empty() { "a list or an object".to_owned() } else { names.join(" or ") }
    }
}

impl BitOr for Kinds {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.or(other)
    }
}

impl Shape {
    /// Any text; also where no schema is stated.
    pub const STRING: Self = Self::scalar(Kinds::STRING);
    /// A number without a fraction.
    pub const INTEGER: Self = Self::scalar(Kinds::INTEGER);
    /// Any number.
    pub const NUMBER: Self = Self::scalar(Kinds::NUMBER);
    /// `true` or `false`.
    pub const BOOLEAN: Self = Self::scalar(Kinds::BOOLEAN);

    /// One of several scalar kinds.
    pub const fn scalar(kinds: Kinds) -> Self {
        Self { kinds, items: None, properties: None, additional: None, facets: Cow::Borrowed(&[]) }
    }

    /// Whether the value may be a list.
    pub fn is_array(&self) -> bool {
        self.items.is_some()
    }

    /// Whether the value may be an object.
    pub fn is_object(&self) -> bool {
        self.properties.is_some() || self.additional.is_some()
    }

    /// Whether the value is a string and can be nothing else.
    pub fn is_text(&self) -> bool {
        self.kinds == Kinds::STRING && !self.is_array() && !self.is_object() && !self.is_binary()
    }

    /// Whether an integer of more than 64 bits may stand here: because the schema asks for it, or because its format says
    /// which there are.
    pub(crate) fn is_wide(&self) -> bool {
        self.facets.iter().any(|facet| match facet {
            Facet::Wide => true,
            Facet::Format(name) => number::is_of_integers(name),
            _ => false,
        })
    }

    /// Whether every digit of a number counts.
    pub(crate) fn is_exact(&self) -> bool {
        self.facets.iter().any(|facet| matches!(facet, Facet::Exact))
    }

    /// The shape of a property, if the shape says any.
    pub fn known(&self, name: &str) -> Option<&Self> {
        let named = self.named().find(|(key, _)| *key == name);
        named.map(|(_, shape)| shape).or(self.additional.as_deref())
    }

    /// The shape of a property: what is not known is text.
    pub fn property(&self, name: &str) -> &Self {
        static TEXT: Shape = Shape::STRING;
        self.known(name).unwrap_or(&TEXT)
    }

    /// The value of text that stands alone: a scalar, or JSON where only a list or an object can be meant. Text that
    /// is nothing of what the shape says, or a number that would lose digits, stays text, which whoever judges the value
    /// refuses with all else that is wrong.
    pub fn read(&self, text: Cow<'_, str>) -> Value {
        if self.is_exact() && read_number(&text).is_some() && !json::is_kept(&text) {
            return Value::String(text.into_owned());
        }
        read_scalar(self.kinds, text).unwrap_or_else(|text| {
            let json =
                if self.is_array() || self.is_object() { serde_json::from_str(&text).ok() } else { None };
            json.unwrap_or_else(|| Value::String(text.into_owned()))
        })
    }
}

/// The value of the narrowest kind that the text can be; the text itself where it can be none.
fn read_scalar(kinds: Kinds, text: Cow<'_, str>) -> Result<Value, Cow<'_, str>> {
    let null = text == "null" || (text.is_empty() && !kinds.has(Kinds::STRING));
    match text.as_ref() {
        _ if kinds.has(Kinds::NULL) && null => return Ok(Value::Null),
        "true" if kinds.has(Kinds::BOOLEAN) => return Ok(Value::Bool(true)),
        "false" if kinds.has(Kinds::BOOLEAN) => return Ok(Value::Bool(false)),
        _ => {}
    }
    match read_number(&text) {
        Some(number) if kinds.has(Kinds::NUMBER) => Ok(number.into()),
        Some(number) if kinds.has(Kinds::INTEGER) && !text.contains(['.', 'e', 'E']) => Ok(number.into()),
        _ if kinds.has(Kinds::STRING) => Ok(Value::String(text.into_owned())),
        Some(number) if kinds.has(Kinds::INTEGER) => whole(&number).map(Value::from).ok_or(text),
        _ => Err(text),
    }
}

/// The integer that a number with a zero fraction is (JSON Schema Core, 4.2.3), where a double holds it exactly.
fn whole(number: &Number) -> Option<i64> {
    const EXACT: f64 = (1_u64 << 53) as f64;
    let value = number.as_f64().filter(|value| value.fract() == 0.0 && value.abs() < EXACT)?;
    Some(value as i64)
}

/// JSON's own grammar of numbers, nothing around it.
fn read_number(text: &str) -> Option<Number> {
    let digits = |end: Option<char>| end.is_some_and(|last| last.is_ascii_digit());
    let bare = digits(text.chars().next_back()) && (text.starts_with('-') || digits(text.chars().next()));
    bare.then(|| serde_json::from_str(text).ok()).flatten()
}

/// What a schema may say of a value beside its kind: what [`crate::check`] judges, and how forms and XML write it.
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
    /// The only admitted value, as JSON (`const`).
    Const(Cow<'static, str>),
    /// Admits no value (the schema `false`).
    Never,
    /// Admits an integer that needs more than 64 bits with a sign.
    Wide,
    /// Shapes of which at least one must fit.
    AnyOf(&'static [Reference]),
    /// As [`Facet::AnyOf`], with the keyword of its violation: `oneOf` or `anyOf`. Both require one shape to fit; with
    /// [`Facet::One`] no other shape may fit.
    Union(Cow<'static, str>, &'static [Reference]),
    /// Exactly one of the shapes of [`Facet::Union`] may fit, unless a tag names one of them.
    One,
    /// A property, and which of the shapes of [`Facet::Union`] its values name: whose faults are told where none fits.
    Tag(&'static str, &'static [(&'static str, usize)]),
    /// Only the texts of [`Facet::Tag`] may be in its property.
    Tagged,
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
